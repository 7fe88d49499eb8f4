"""The scripts that record: help is help, half a record is refused before it is made, a kept run is what was asked."""

import json
import os
import sys

import pytest

from ref.common.errors import BadInputError
from ref.fidelity.golden import small_data
from scripts import (
    golden,
    prove_tf1,
    record_book,
    record_crossing,
    record_runs,
    record_tf1,
    record_tf1_chapter,
    render_book,
    run_book,
    tf1_inputs,
)
from scripts.tf1 import find_python

RECORDERS = [prove_tf1, record_book, record_crossing, record_runs, record_tf1, record_tf1_chapter, run_book]
HELPFUL = [*RECORDERS, render_book, find_python]
FROM_TF1 = {  # what its help says that it needs, and what it writes
    prove_tf1: ("tests/golden/tf1", "ref/recorded/proof.json", "minutes"),
    record_book: ("make tf1", "make mnist", "ref/recorded/book.json", "minutes"),
    record_crossing: ("make tf1", "notes' Markdown", "tests/golden/tf1/crossing.json", "minutes"),
    record_tf1: ("make tf1", "make mnist", "notes' Markdown", "tests/golden/tf1/autoencoder_NN.json", "minutes"),
    record_tf1_chapter: ("make tf1", "make mnist", "notes' Markdown", "ref/recorded/tf1.json", "minutes"),
}


@pytest.mark.parametrize("script", HELPFUL, ids=lambda script: script.__name__)
def test_help_is_help(script, capsys):
    with pytest.raises(SystemExit) as ended:
        script.main(["--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m {script.__name__}")


def test_a_record_without_runs_is_refused():
    with pytest.raises(BadInputError, match="DIR"):
        record_runs.main([])


@pytest.mark.parametrize(
    ("script", "argv"), [(prove_tf1, []), (record_tf1, ["--notes", "unread"]), (golden, ["--write"])]
)
def test_half_a_record_is_refused(script, argv, monkeypatch):
    monkeypatch.setattr(small_data, "find_sets", lambda: ["digits"])
    with pytest.raises(BadInputError, match="no MNIST there"):
        script.main(argv)


@pytest.mark.parametrize("script", FROM_TF1, ids=lambda script: script.__name__)
def test_help_says_what_is_needed_how_long_it_takes_and_what_it_writes(script, capsys):
    with pytest.raises(SystemExit):
        script.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for words in FROM_TF1[script]:
        assert words in text


@pytest.mark.parametrize("script", [render_book, find_python], ids=lambda script: script.__name__)
def test_what_is_not_asked_for_is_refused(script):
    with pytest.raises(BadInputError, match="ANYTHING: a value too many"):
        script.main(["PATH", "ANYTHING"] if script is find_python else ["ANYTHING"])


@pytest.mark.parametrize(
    ("script", "argv", "message"),
    [
        (record_tf1, ["--notes", "unread", "--scripts", "99"], "99"),
        (record_tf1, ["--notes", "unread", "--scripts", "0"], "0"),
        (record_tf1_chapter, ["--notes", "unread", "--data", "unread", "--seeds", "-1"], "'-1' found"),
        (record_book, ["--notebook", "unread", "--data", "unread", "--max-epochs", "0"], "'0' found"),
        (record_book, ["--notebook", "unread", "--data", "unread", "--max-epochs", "-1"], "'-1' found"),
    ],
)
def test_numbers_that_there_are_none_of_are_refused(script, argv, message):
    with pytest.raises(BadInputError, match=message):
        script.main(argv)


def write_executable(path, lines):
    path.write_text("#!/bin/sh\n" + lines)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (None, "No such file or directory"),
        ("exit 0", "no TensorFlow"),
        ("echo \"ModuleNotFoundError: No module named 'tensorflow'\" >&2; exit 1", "No module named 'tensorflow'"),
        ("echo TensorFlow 2.21.0", "TensorFlow 2.21.0"),
    ],
)
def test_a_python_without_tensorflow_1_is_refused(lines, message, tmp_path):
    path = tmp_path / "python" if lines is None else write_executable(tmp_path / "python", lines)
    with pytest.raises(
        BadInputError, match=f"--python {path}: .*{message}, expected a Python that has TensorFlow 1.15.5"
    ):
        tf1_inputs.check_python(str(path))


def test_a_file_that_cannot_be_run_is_no_python(tmp_path):
    (tmp_path / "python").write_text("")
    with pytest.raises(BadInputError, match="Permission denied"):
        tf1_inputs.check_python(str(tmp_path / "python"))


def test_a_python_with_tensorflow_1_will_do(tmp_path):
    tf1_inputs.check_python(str(write_executable(tmp_path / "python", "echo TensorFlow 1.15.5")))


@pytest.mark.parametrize(
    ("script", "argv"),
    [
        (record_tf1, ["--notes", "unread"]),
        (record_tf1_chapter, ["--notes", "unread", "--data", "unread"]),
        (record_crossing, ["--notes", "unread"]),
        (record_book, ["--notebook", "unread", "--data", "unread"]),
    ],
)
def test_each_recorder_looks_at_its_python_first(script, argv, monkeypatch, tmp_path):
    monkeypatch.setattr(small_data, "check_sets", lambda: None)
    for module in (record_tf1, record_crossing):
        monkeypatch.setattr(module, "read_listings", lambda _: {})
    for module in (record_tf1_chapter, record_book):
        monkeypatch.setattr(module, "check_mnist", lambda _: {})
    for function in ("read_notebook", "hash_file"):
        monkeypatch.setattr(record_book, function, lambda _: {})
    out = tmp_path / "out"
    argv = [*argv, "--out", str(out)] if "--data" in argv else argv
    with pytest.raises(BadInputError, match=r"expected a Python that has TensorFlow 1\.15\.5"):
        script.main([*argv, "--python", str(tmp_path / "nowhere")])
    assert not out.exists()


def test_data_that_tensorflow_1_would_download_is_refused(tmp_path, tiny_data):
    with pytest.raises(BadInputError, match=r"no train-images-idx3-ubyte\.gz there"):
        tf1_inputs.check_mnist(tmp_path / "nowhere")
    with pytest.raises(BadInputError, match="expected the real MNIST"):
        tf1_inputs.check_mnist(tiny_data)
    os.unlink(tiny_data / "t10k-labels-idx1-ubyte.gz")
    with pytest.raises(BadInputError, match=r"no t10k-labels-idx1-ubyte\.gz there"):
        tf1_inputs.check_mnist(tiny_data)


@pytest.mark.parametrize("text", [None, "", '{"cells": ['])
def test_what_is_missing_or_cut_short_is_not_kept(text, tmp_path):
    if text is not None:
        (tmp_path / "kept.json").write_text(text)
    assert tf1_inputs.read_kept(tmp_path / "kept.json") == {}


def test_a_kept_notebook_is_of_what_was_asked(tmp_path):
    """Each run of this stand-in for the notebook trains all cells, and writes which run it was."""
    out, counter = tmp_path / "tf1", tmp_path / "counter"
    counter.write_text("0")
    program = (
        "import json, pathlib, sys\n"
        f"counter = pathlib.Path({str(counter)!r})\n"
        "counter.write_text(str(int(counter.read_text()) + 1))\n"
        f"cells = [counter.read_text()] * {len(run_book.CELLS)}\n"
        f"pathlib.Path({str(out)!r}, 'cells.json').write_text(json.dumps({{'cells': cells}}))\n"
    )

    def run(**made_of):
        return record_book.run_once([sys.executable, "-c", program], out, made_of)["cells"][0]

    assert [run(max_epochs=None, data="a"), run(max_epochs=None, data="a")] == ["1", "1"]
    assert run(max_epochs=1, data="a") == "2"
    assert run(max_epochs=None, data="a") == "3"
    assert run(max_epochs=None, data="b") == "4"
    (out / "cells.json").write_text(json.dumps({"cells": []}))
    assert run(max_epochs=None, data="b") == "5"
    (out / "made_of.json").unlink()
    assert run(max_epochs=None, data="b") == "6"


def test_a_notebook_that_trains_too_few_cells_is_no_record(tmp_path):
    with pytest.raises(BadInputError, match=r"tf1: ended with 0 .*, expected all 12 cells to be trained"):
        record_book.run_once([sys.executable, "-c", ""], tmp_path / "tf1", {})


def test_a_kept_listing_is_of_these_notes_and_data(tmp_path, monkeypatch):
    texts, data, trained = {number: "" for number in range(1, 17)}, {"images": "a"}, []

    def run_listing(python, listing, data, out, settings, *flags):
        trained.append(listing.stem)
        return {"lines": [f"run {len(trained)}"], "threads": 2, "versions": {}}

    def run():
        trained.clear()
        record_tf1_chapter.main(["--notes", "n", "--data", "d", "--seeds", "7", "--out", str(tmp_path / "out")])
        return len(trained)

    monkeypatch.setattr(record_tf1, "read_listings", lambda notes: texts)
    monkeypatch.setattr(record_tf1, "run_listing", run_listing)
    monkeypatch.setattr(record_tf1_chapter, "check_mnist", lambda _: data)
    monkeypatch.setattr(record_tf1_chapter, "check_python", lambda _: None)
    monkeypatch.setattr(record_tf1_chapter, "TF1_RECORDED", tmp_path / "tf1.json")
    assert [run(), run()] == [16, 0]
    texts[3] += "n_epochs = 1"
    assert [run(), run()] == [16, 0]
    data["images"] = "b"
    assert [run(), run()] == [16, 0]
    (tmp_path / "out" / "seed-7" / "autoencoder_3.json").write_text('{"lines": [')
    assert run() == 1
    assert json.loads((tmp_path / "tf1.json").read_text())["lines"]["7"]["autoencoder_3"] == ["run 1"]
