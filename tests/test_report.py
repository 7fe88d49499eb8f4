"""python -m ref report: what is in the page of a directory of runs, held against what lies there."""

import base64
import re
import shutil
from html.parser import HTMLParser

import pytest
from report_runs import ORIGINAL, copy_recorded, interrupt, read_result, write_result

from ref.chapter import SCRIPTS
from ref.fidelity.golden import held, printed
from ref.fidelity.golden.result import compare_result
from ref.report.cli import main
from ref.report.verdicts import give_verdict

pytest.importorskip("jinja2", reason="Jinja2 is not installed: make .venv/pages")
PRINTING = [script.name for script in SCRIPTS if printed.read_recorded(script.name, 42)[0]]
VOID = {"meta", "link", "img", "br"}
MARKS = {held.EQUAL: "=", held.AS_MACHINES: "≈", held.IN_CODE: "≠", held.ON_GPU: "?", held.REFUSED: "–"}


class Reader(HTMLParser):
    """Elements with their attributes, the text, and whether every element is closed where it has to be."""

    def __init__(self, content: str):
        super().__init__()
        self.elements, self.words, self._open = [], [], []
        self.feed(content)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if not self._open or self._open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def find(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def report(tmp_path, capsys):
    """A function that makes the report of ``out``, and returns the page, read."""

    def make(out, *flags):
        file = tmp_path / "page" / "report.html"
        main(["--out", str(out), "-o", str(file), *flags])
        said = capsys.readouterr()
        assert said.out == ""
        assert str(file) in said.err.splitlines()[-1]
        reader = Reader(file.read_text(encoding="utf-8"))
        reader.said, reader.file = said.err, file
        return reader

    return make


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_sixteen(report, tmp_path, language):
    out = copy_recorded(tmp_path / "runs")
    page = report(out, "--language", language)
    assert page.find("html")[0]["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert re.search("[一-鿿]", page.text) if language == "zh" else not re.search("[一-鿿]", page.text)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for script in SCRIPTS:
        title = script.title if language == "en" else script.title_zh
        assert f"{script.name} · {title}" in page.text
        for row in read_result(script.name)["printed"][-1:]:
            assert all(str(value) in page.text for label, value in row.items() if label != "line")
    n_equal = page.text.count("= Equal to the digit" if language == "en" else "= 逐位相等：")
    assert n_equal == len(PRINTING)


def test_at_a_glance_is_the_number_that_the_book_published(report, tmp_path):
    text = report(copy_recorded(tmp_path / "runs", 4, 6, 15)).text
    for number, label in ((4, "Test accuracy"), (6, "Train MSE"), (15, "Train total loss")):
        value = read_result(f"autoencoder_{number}")["printed"][-1][label]
        assert f"autoencoder_{number} {SCRIPTS[number - 1].title} {label} {value} {value} " in text


def test_the_page_is_one_file_and_fetches_nothing(report, tmp_path):
    out = copy_recorded(tmp_path / "runs")
    page = report(out)
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert not page.find("script")
    for tag, attributes in page.elements:
        for key in ("href", "xlink:href", "src", "srcset", "data", "action"):
            if key in attributes:
                value = attributes[key]
                assert value in ("data:,",) or value.startswith("data:image/png;base64,") or value[1:] in ids, (
                    tag,
                    value,
                )
    assert not re.search(r"@import|url\((?!#)", page.file.read_text(encoding="utf-8"))
    shown = {base64.b64decode(one["src"].partition(",")[2]) for one in page.find("img")}
    assert shown == {path.read_bytes() for path in out.rglob("*.png")}
    assert all(one["alt"] for one in page.find("img"))
    assert all(one["aria-label"] for one in page.find("svg"))


def test_each_series_of_a_run_is_a_curve_beside_the_recorded_one(report, tmp_path):
    page = report(copy_recorded(tmp_path / "runs", 8, 13))
    assert [one["aria-label"] for one in page.find("svg")] == [
        "Train MSE, phase 1",
        "Train MSE, phase 2",
        "Train MSE",
        "Sparsity loss",
        "Total loss",
    ]
    assert page.text.count("recorded here") == 5


def test_the_same_bytes_for_the_same_runs(report, tmp_path):
    out = copy_recorded(tmp_path / "runs", 3, 7, 13)
    before = report(out).file.read_bytes()
    shutil.copytree(out, tmp_path / "again", copy_function=shutil.copyfile)
    assert report(tmp_path / "again").file.read_bytes() == before


@pytest.mark.parametrize("name", PRINTING)
def test_the_verdict_is_compares(name, tmp_path, capsys):
    """Of runs that are equal, that rounding moved, of another seed, data or setting: as ``ref compare`` has it."""
    other = {"name": "digits", "sha256": {}}
    results = [
        read_result(name),
        read_result(name, 7),
        *(read_result(name, one.seed, one.lines) for one in printed.read_measured(name)),
        read_result(name, 42, printed.read_recorded(name, 7)[0]),
        read_result(name, 42, printed.read_recorded(name, 7)[0]) | {"device": "gpu"},
        read_result(name, 42, ["0 something else: 1.0"]),
        read_result(name) | {"data": other},
        read_result(name) | {"seed": 1},
        read_result(name) | {"hyper_parameters": {"n_epochs": 1}},
    ]
    for result in results:
        code = compare_result(write_result(tmp_path / "run", result))
        said = capsys.readouterr().out.partition("\nverdict")[2].strip()
        kind = next(kind for kind in MARKS if said.startswith(kind))
        found = give_verdict(result, held.hold(result))
        assert found.mark == MARKS[kind]
        assert (code == 0, code == 2) == (kind == held.EQUAL, kind == held.REFUSED)
        assert all(re.search("[一-鿿]", one.zh) and not re.search("[一-鿿]", one.en) for one in found[1:])


def test_what_cannot_be_compared_is_shown_and_not_judged(report, tmp_path):
    result = read_result("autoencoder_7", 42, ["0 Train MSE: 0.5", "1 Train MSE: 0.25", "Test MSE: 0.125"])
    result["data"] = {"name": "fashion", "sha256": {"train-images-idx3-ubyte": "ab" * 32}}
    result["hyper_parameters"]["n_epochs"] = [2, 2]
    result["hyper_parameters"]["learning_rate"] = 0.02
    write_result(tmp_path / "runs" / "autoencoder_7", result)
    page = report(tmp_path / "runs")
    assert "Not comparable, so the numbers are not judged. Other data: fashion; recorded is MNIST" in page.text
    assert "The recorded curve is of other data, MNIST" in page.text
    assert "n_epochs 2 2 4 4" in page.text
    assert "learning_rate 0.02 0.01" in page.text
    assert "ab" * 32 in page.text
    assert not {"inside", "outside", "equal"} & {*page.text.split()}


def test_a_run_that_has_not_ended_says_how_far_it_is_and_how_it_goes_on(report, tmp_path):
    out = tmp_path / "my runs"
    interrupt(out / "autoencoder_7", 2, 1, ["0 Train MSE: 0.5", "1 Train MSE: 0.25"])
    (out / "autoencoder_3").mkdir()
    page = report(out)
    assert "Saved last: phase 2, epoch 1 (counted from 0; of 4 4); data digits, seed 42" in page.text
    assert f"python -m ref run autoencoder_7 --resume --out '{out}'" in page.text
    assert f"python -m ref run autoencoder_3 --out '{out}'" in page.text
    assert [one["aria-label"] for one in page.find("svg")] == ["Train MSE, phase 1"]


def test_a_script_of_ones_own(report, tmp_path):
    out = tmp_path / "runs"
    write_result(out / "train", ORIGINAL)
    (out / "train" / "model").mkdir()
    (out / "train" / "model" / "x.ckpt").write_bytes(b"12345")
    shutil.copy(printed.RECORDED / "autoencoder_1" / "codings.png", out / "train" / "figure-1.png")
    write_result(out / "fails", ORIGINAL | {"script": "fails", "code": 2, "reason": "fails.py: line 3: no such thing"})
    page = report(out)
    for words in ("train.py", "training_op 40", "n_epochs=2", "--width 9", "model/x.ckpt , 5 bytes", "0 loss: 0.5"):
        assert words in page.text
    assert "It ended with an error: fails.py: line 3: no such thing" in page.text
    assert [one["aria-label"] for one in page.find("svg")] == ["loss", "loss"]
    assert len(page.find("img")) == 1
    assert "figure-1.png : missing" in page.text


def test_thousands_of_epochs(report, tmp_path):
    lines = [f"{epoch} Train MSE: {1 / (epoch + 1):.8g}" for epoch in range(5000)]
    write_result(tmp_path / "runs" / "autoencoder_3", read_result("autoencoder_3", 42, lines))
    page = report(tmp_path / "runs")
    assert "In the middle, rows are left out: 4600" in page.text
    assert page.file.stat().st_size < 500_000


def test_a_run_as_it_was_before_times_and_numbering_were_kept(report, tmp_path):
    old = read_result("autoencoder_7")
    for key in ("seeds", "cpu", "threads", "wall_time_s", "checkpoint", "figures"):
        old.pop(key)
    write_result(tmp_path / "runs" / "autoencoder_7", old)
    assert (
        "Not comparable, so the numbers are not judged. Other numbering of random ops" in report(tmp_path / "runs").text
    )


def test_the_directory_of_one_run_is_a_directory_of_runs(report, tmp_path):
    out = copy_recorded(tmp_path / "runs", 3, 7)
    page = report(out / "autoencoder_7")
    assert "autoencoder_7 · " in page.text
    assert "autoencoder_3 · " not in page.text
