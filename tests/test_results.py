"""What a run leaves: lines and their numbers, pictures, arrays, result.json; each run's own, and in which order."""

import contextlib
import io
import json
import os
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from ref.common import generations
from ref.common.errors import BadInputError
from ref.common.flags import Parser
from ref.common.lines import Lines
from ref.common.results import Results
from ref.common.settings import find_finished, take_over

THIRD = np.float32(1 / 3)  # printed as 0.33333334, which is another number in float64


def read_arrays(directory):
    with np.load(directory / "figures.npz") as arrays:
        return {name: array.tolist() for name, array in arrays.items()}


def test_a_number_is_what_was_printed_and_belongs_to_its_line(capsys):
    lines = Lines()
    lines.print("Training phase #1")
    lines.print(0, "Train MSE:", THIRD, end=" ")
    lines.print("\tTotal loss:", np.float32(0.1))
    lines.print("Test MSE:", np.float64(0.25))
    lines.print("nothing")
    printed = capsys.readouterr().out
    assert [line["line"] for line in lines.printed] == printed.splitlines()
    numbers = [{label: value for label, value in line.items() if label != "line"} for line in lines.printed]
    assert numbers == [{}, {"Train MSE": 0.33333334, "Total loss": 0.1}, {"Test MSE": 0.25}, {}]


def test_a_line_is_seen_when_it_is_printed(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, write_through=False))
    Lines().print("0", end="")
    assert raw.getvalue() == b"0"


def test_lines_go_on_in_the_middle_of_one(capsys):
    before, after = Lines(), Lines()
    before.print("0 Train", "accuracy:", THIRD, end=" ")
    capsys.readouterr()
    after.set_state(json.loads(json.dumps(before.get_state())))
    after.print("Test accuracy:", np.float32(0.5))
    assert capsys.readouterr().out == "0 Train accuracy: 0.33333334 Test accuracy: 0.5\n"
    (line,) = after.printed
    assert {**line, "line": ""} == {"line": "", "accuracy": 0.33333334, "Test accuracy": 0.5}


def test_each_run_has_its_own_arrays(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        results = Results(tmp_path / name, ["sheet"], waits=True)
        results.add_figure("sheet", Figure(), {name: np.arange(3)})
        results.finish({})
        assert read_arrays(tmp_path / name) == {name: [0, 1, 2]}


def test_result_json_is_the_last_that_is_written(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    results = Results(tmp_path, ["sheet"], waits=True)
    results.add_figure("sheet", Figure(), {"a": np.arange(3)})
    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(BadInputError, match=r"figures\.npz: cannot be written"):
        results.finish({})
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_result_json_is_json(value, tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        Results(tmp_path, [], waits=False).finish({"wall_time_s": value})
    assert not list(tmp_path.iterdir())


def test_names_stay_readable_in_result_json(tmp_path):
    Results(tmp_path, [], waits=False).finish({"data": "数字 é"})
    text = (tmp_path / "result.json").read_text(encoding="utf-8")
    assert "数字 é" in text
    assert json.loads(text) == {"data": "数字 é"}


def test_an_earlier_runs_results_go_before_a_generation_of_this_one_is_there(tmp_path):
    old = ("result.json", "figures.npz", "sheet.png")
    for name in old:
        (tmp_path / name).write_text("old")
    results, seen = Results(tmp_path, ["sheet"], waits=True), []
    results.add_figure("sheet", Figure(), {"a": np.arange(3)})
    assert (tmp_path / "sheet.png").read_text() == "old"

    def make_way():
        seen.append((list(generations.find_generations(tmp_path)), all((tmp_path / name).exists() for name in old)))
        results.discard_old()

    generations.commit(tmp_path, lambda _: {}, [], make_way)
    assert seen == [([], True)]
    assert not any((tmp_path / name).exists() for name in old)
    results.write_pictures()
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null", b"123", b"{}", b'{"seed": 0}', b"[" * 100_000])
def test_a_result_that_cannot_be_read_is_one_line(content, tmp_path):
    assert find_finished(tmp_path) is None
    (tmp_path / "result.json").write_bytes(content)
    with pytest.raises(BadInputError, match=r"/result\.json: cannot be read \(.*expected a result or none; remove it"):
        find_finished(tmp_path)
    (tmp_path / "result.json").unlink()
    os.mkfifo(tmp_path / "result.json")
    with pytest.raises(BadInputError, match="not a regular file"):
        find_finished(tmp_path)
    (tmp_path / "result.json").unlink()
    result = {"seed": 0, "hyper_parameters": {}}
    (tmp_path / "result.json").write_text(json.dumps(result))
    assert find_finished(tmp_path) == result


@pytest.mark.parametrize(("epochs", "is_same"), [("4", True), ("3", False)])
def test_epochs_of_a_run_to_go_on_with_are_of_every_phase(epochs, is_same):
    parser = Parser(prog="a script")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--n-epochs", type=int, nargs=2)
    argv = ["--epochs", epochs]
    with contextlib.nullcontext() if is_same else pytest.raises(BadInputError, match="--epochs is not what"):
        assert take_over(parser, argv, "autoencoder_7", {"n_epochs": [4, 4]})["n_epochs"] == (4, 4)
