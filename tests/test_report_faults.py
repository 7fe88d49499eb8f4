"""The report of what is broken, foreign, hostile or not there: a line that says so, and never a traceback."""

import json
import math
import shutil
import zlib

import matplotlib
import numpy as np
import pytest
from PIL import Image
from report_runs import ORIGINAL, copy_recorded, interrupt, read_result, write_result
from test_report import Reader

from ref.chapter import SCRIPTS
from ref.common.errors import BadInputError
from ref.fidelity.golden import printed
from ref.pages.series import read_series
from ref.report import page, pictures
from ref.report.cli import main
from ref.report.curves import draw_curves
from ref.report.pictures import measure_png, read_pictures

STRANGE = [
    None,
    True,
    -1,
    10**400,
    math.nan,
    math.inf,
    1e300,
    "x",
    "",
    [],
    {},
    [[[]]],
    [None],
    {"a": {"b": []}},
    "é\0\ud800",
]
HOSTILE = (
    "</p></style><script>alert(1)</script><img src=x onerror='alert(1)'>\" onload=\"f() \u202e \0 \ud800 {{ 7 * 7 }}"
)


@pytest.fixture
def without_curves(monkeypatch):
    """For many pages: what is drawn is tested by itself."""
    monkeypatch.setattr(page, "draw_curves", lambda *_: [])


def make(out, file):
    main(["--out", str(out), "-o", str(file)])
    return Reader(file.read_bytes().decode())


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"script": 3}', b"[" * 100_000, b'{"script": "autoencoder_99"}'],
    ids=lambda content: repr(content[:12]),
)
def test_one_that_is_broken_is_named_and_the_others_are_there(content, tmp_path, capsys):
    out = copy_recorded(tmp_path / "runs", 3, 10)
    path = out / "autoencoder_7" / "result.json"
    path.parent.mkdir()
    path.write_bytes(content)
    found = make(out, tmp_path / "page.html")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"report: left out: {path}: ")
    assert "run it again: python -m ref run autoencoder_7" in lines[0]
    assert str(path) in found.text
    assert "autoencoder_3 · " in found.text
    shutil.rmtree(out / "autoencoder_3")
    shutil.rmtree(out / "autoencoder_10")
    (tmp_path / "page.html").unlink()
    with pytest.raises(BadInputError, match=r"result\.json: ") as caught:
        make(out, tmp_path / "page.html")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "page.html").exists()


def test_no_runs(tmp_path):
    for out in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(BadInputError, match=r"make (one|a run): python -m ref run autoencoder_3"):
            make(out, tmp_path / "page.html")
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="cannot be read"):
        make(tmp_path / "file", tmp_path / "page.html")
    copy_recorded(tmp_path / "deeper", 10)
    with pytest.raises(BadInputError, match=f"did you mean --out {tmp_path / 'deeper'}"):
        make(tmp_path, tmp_path / "page.html")


def test_no_result_is_written_over(tmp_path):
    out = copy_recorded(tmp_path / "runs", 10)
    before = (out / "autoencoder_10" / "result.json").read_bytes()
    with pytest.raises(BadInputError, match=r"expected a name that ends in \.html"):
        make(out, out / "autoencoder_10" / "result.json")
    assert (out / "autoencoder_10" / "result.json").read_bytes() == before
    (tmp_path / "is.html").mkdir()
    with pytest.raises(BadInputError, match="cannot be written"):
        make(out, tmp_path / "is.html")


def lay_strange(out, *results, key):
    """Lay a good run into ``out``, and one for each strange value: ``results`` with it under ``key``."""
    copy_recorded(out, 10)
    for i, value in enumerate(STRANGE):
        for j, result in enumerate(results):
            write_result(out / f"{i}-{j}", result | {key: value})


@pytest.mark.parametrize("key", [*read_result("autoencoder_9"), "times"])
def test_a_field_may_be_anything(key, tmp_path, capsys, without_curves):
    """Whatever stands in a field's place, the page is there; runs without what makes them runs are named."""
    lay_strange(tmp_path / "runs", read_result("autoencoder_9"), read_result("autoencoder_4"), key=key)
    make(tmp_path / "runs", tmp_path / "page.html")
    if "left out" in capsys.readouterr().err:
        assert key in ("script", "hyper_parameters", "seed", "printed", "versions", "device", "data")


@pytest.mark.parametrize("key", ORIGINAL)
def test_a_field_of_ones_own_scripts_result_may_be_anything(key, tmp_path, capsys, without_curves):
    lay_strange(tmp_path / "runs", ORIGINAL, key=key)
    make(tmp_path / "runs", tmp_path / "page.html")
    if "left out" in capsys.readouterr().err:
        assert key in ("script", "file", "on", "lines", "code")


def test_times_may_be_anything(tmp_path, capsys, without_curves):
    for i, value in enumerate(STRANGE):
        phase = {"steps": 3, "steps_s": value, "ms_per_step": value, "cache_fill_s": value}
        for j, times in enumerate(
            (
                {"phases": value, "attempts": value},
                {"imports_s": value, "start_up_s": value, "phases": []},
                {"phases": [value, phase]},
            )
        ):
            write_result(tmp_path / "runs" / f"{i}-{j}", read_result("autoencoder_9") | {"times": times})
    make(tmp_path / "runs", tmp_path / "page.html")
    assert "left out" not in capsys.readouterr().err


def poison(value):
    """Return ``value`` with every text in it, and every key that is not the form's, hostile."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, list):
        return [poison(one) for one in value]
    return {HOSTILE: HOSTILE} if isinstance(value, dict) else value


def test_what_a_result_says_is_text(tmp_path):
    out = tmp_path / "runs"
    for number, script in (("7", "autoencoder_7"), ("9", "autoencoder_9")):
        result = read_result(script)
        kept = {"script": script, "data": {"name": HOSTILE, "sha256": {HOSTILE: HOSTILE}}}
        kept["printed"] = [{"line": f"{HOSTILE}: 0.5"}, {"line": "0 a: 1"}]
        write_result(out / number, {key: poison(value) for key, value in result.items()} | kept)
    write_result(out / "own", {key: poison(value) for key, value in ORIGINAL.items()})
    (out / "own" / "<script>alert(1)<").write_bytes(b"")
    interrupt(out / "autoencoder_3", 1, 1, [HOSTILE, "0 x: 0.5"], n_epochs="<script>")
    found = make(out, tmp_path / "page.html")
    assert not found.find("script")
    assert not found.find("img")
    assert not any(key.startswith("on") for _, attributes in found.elements for key in attributes)
    assert found.text.count("<script>alert(1)</script>") > 10
    assert "{{ 7 * 7 }}" in found.text
    assert "\u202e" not in found.text


def test_numbers_that_are_none_have_no_point(tmp_path):
    lines = ["0 Train MSE: nan", "1 Train MSE: inf", "2 Train MSE: 1e+38", "3 Train MSE: -inf"]
    write_result(tmp_path / "runs" / "autoencoder_3", read_result("autoencoder_3", 42, lines))
    found = make(tmp_path / "runs", tmp_path / "page.html")
    assert "Differs in the code or the data" in found.text
    assert [one["aria-label"] for one in found.find("svg")] == ["Train MSE"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_series_are_what_was_printed(script):
    """Each phase has its epochs once, and each label the numbers that the run itself kept under it."""
    result = json.loads((printed.RECORDED / script.name / "result.json").read_text())
    series = read_series([row["line"] for row in result["printed"]])
    n_epochs = result["hyper_parameters"].get("n_epochs", [])
    n_epochs = n_epochs if isinstance(n_epochs, list) else [n_epochs]
    for one in series:
        assert one.epochs == list(range(n_epochs[one.phase - 1]))
    kept = [row for row in result["printed"] if row["line"][:1].isdigit()]
    labels = {label for row in kept for label in row if label != "line"}
    assert {one.label for one in series} == labels
    for label in labels:
        values = [value for one in series if one.label == label for value in one.values]
        assert values == [row[label] for row in kept]


def test_matplotlib_is_left_as_it_was():
    before = dict(matplotlib.rcParams)
    list(draw_curves(read_series(["0 a: 1", "1 a: 30"]), [], "x", "zh"))
    assert dict(matplotlib.rcParams) == before


def test_pictures_are_measured_as_others_measure_them():
    for path in printed.RECORDED.rglob("*.png"):
        with Image.open(path) as image:
            assert measure_png(path.read_bytes()) == image.size


def test_a_picture_that_is_not_whole_is_none():
    content = (printed.RECORDED / "autoencoder_10" / "features.png").read_bytes()
    rnd = np.random.RandomState(1)
    for place in rnd.randint(0, len(content), 200):
        changed = bytearray(content)
        changed[place] ^= 1 << rnd.randint(8)
        assert measure_png(bytes(changed)) is None
        assert measure_png(content[:place]) is None
    assert measure_png(b"") is None


def test_no_picture_from_elsewhere_too_large_or_missing_is_shown(tmp_path, monkeypatch):
    directory = tmp_path / "runs" / "autoencoder_10"
    directory.mkdir(parents=True)
    png = (printed.RECORDED / "autoencoder_10" / "features.png").read_bytes()
    (tmp_path / "outside.png").write_bytes(png)
    (directory / "own.png").write_bytes(png)
    (directory / "link.png").symlink_to(tmp_path / "outside.png")
    header = (1 << 20).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    huge = pictures.SIGNATURE
    for kind, body in ((b"IHDR", header), (b"IEND", b"")):
        huge += len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
    (directory / "huge.png").write_bytes(huge)
    (directory / "text.png").write_text("no picture")
    (directory / "folder.png").mkdir()
    names = ["own.png", "link.png", "../../outside.png", str(tmp_path / "outside.png"), "huge.png", "text.png"]
    names += ["folder.png", "missing.png", "..", ".", "", "a\0b.png"]
    found = read_pictures(directory, names)
    assert [one.name for one in found if one.uri] == ["own.png"]
    assert all(one.problem.en and one.problem.zh for one in found[1:])
    monkeypatch.setattr(pictures, "MAX_BYTES", 100)
    assert not read_pictures(directory, ["own.png"])[0].uri
    many = read_pictures(directory, ["missing.png"] * 500)
    assert len(many) < 50
    assert "476 more" in many[-1].problem.en
    assert read_pictures(directory, "own.png") == []
