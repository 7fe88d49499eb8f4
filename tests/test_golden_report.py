"""What `make golden` says: how many values are outside their tolerance, which, and its exit code."""

import copy
import json
import shutil
from types import SimpleNamespace

import pytest

from ref.common.errors import BadInputError
from ref.fidelity.golden import small_data
from ref.fidelity.golden.spread import compare, list_values
from scripts import golden

N_VALUES = len(list_values(golden.read_golden(2)["digits"]))


@pytest.fixture
def call(monkeypatch, tmp_path, capsys):
    """A function that calls the page on port 2, on goldens of its own, with a port that does what it is told."""
    shutil.copytree(golden.GOLDEN, tmp_path / "golden", ignore=shutil.ignore_patterns("tf1"))
    monkeypatch.setattr(golden, "GOLDEN", tmp_path / "golden")
    monkeypatch.setattr(small_data, "find_sets", lambda: ["digits"])
    monkeypatch.setattr(small_data, "write_small_data", lambda _, directory: directory)

    def run(found, *argv):
        monkeypatch.setattr(golden, "import_port", lambda _: SimpleNamespace(record=lambda *_: found))
        code = golden.main(["--port", "2", *argv])
        return code, capsys.readouterr()

    return run


@pytest.fixture
def found():
    return copy.deepcopy(golden.read_golden(2)["digits"])


def test_nothing_differs(call, found):
    code, output = call(found)
    assert code == 0
    assert output.out.startswith(f"0 of {N_VALUES:,} outside tolerance; 0 differ within it; ")
    assert output.err == ""  # a pipe


def test_what_differs_within_its_tolerance_is_counted_and_not_listed(call, found):
    for losses in found["losses"].values():
        for steps in losses.values():
            steps[:] = [step * (1 + 1e-7) for step in steps]
    code, output = call(found)
    assert code == 0
    assert output.out.startswith(f"0 of {N_VALUES:,} outside tolerance; 40 differ within it; ")
    assert output.out.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda g: g["losses"]["training_op"]["loss"].__setitem__(6, 9.0), "step 7 of training_op: loss | "),
        (lambda g: g["batches_sha256"].update(training_op="0"), "batches_sha256 of training_op | "),
        (lambda g: g["printed"][0].update({"Train MSE": float("nan")}), "printed line 1: Train MSE | "),
        (lambda g: g["held_out"].clear(), "held-out reconstruction_loss | "),
        (
            lambda g: g["losses"]["training_op"].update(another=[1.0]),
            "step 1 of training_op: another | missing | 1.0 | ",
        ),
    ],
)
def test_what_is_outside_is_listed_and_is_an_exit_code(call, found, change, place):
    change(found)
    code, output = call(found)
    assert code == 1
    line, last = output.out.splitlines()
    assert line.startswith(f"autoencoder_2 on digits: {place}")
    assert " apart | tolerance " in line
    assert last.startswith("1 of ")
    assert " outside tolerance; 0 differ within it; " in last


@pytest.mark.parametrize(("old", "new"), [(float("nan"), 1.0), (1.0, float("nan")), (1.0, float("inf"))])
def test_what_is_not_finite_is_outside(old, new):
    (one,) = compare({"it": (old, "epoch", abs(old))}, {"it": (new, "epoch", abs(new))}, lambda *_: 1e9)
    assert one.is_outside


def test_what_one_side_lacks_is_outside():
    found = compare({"a": (1.0, "epoch", 1.0)}, {"b": (1.0, "step", 1.0)}, lambda *_: 1e9)
    assert [(one.place, one.old, one.new, one.is_outside) for one in found] == [
        ("b", "missing", 1.0, True),
        ("a", 1.0, "missing", True),
    ]


def test_all_are_listed_on_request(call, found):
    found["losses"]["training_op"]["loss"][6] *= 2
    found["losses"]["training_op"]["loss"][7] *= 1 + 1e-7
    code, output = call(found, "--all")
    lines = output.out.splitlines()
    assert code == 1
    assert len(lines) == N_VALUES + 2
    words = [line.split()[0] for line in lines[1:-1]]
    assert {word: words.count(word) for word in words} == {"equal": N_VALUES - 2, "inside": 1, "outside": 1}
    assert "recorded | here | apart" in lines[0]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("autoencoder_02.json", None, "missing"),
        ("autoencoder_02.json", "{", "cannot be read"),
        ("spread.json", "\0", "cannot be read"),
    ],
)
def test_a_golden_that_cannot_be_read_is_bad_input(call, found, name, content, reason):
    path = golden.GOLDEN / name
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadInputError, match=f"{name}: {reason}.*expected .*make "):
        call(found)


def test_writing_is_no_failure(call, found, monkeypatch):
    found["losses"]["training_op"]["loss"][6] = 9.0
    monkeypatch.setattr(small_data, "check_sets", lambda: None)
    monkeypatch.setattr(golden.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0))
    written = {}
    monkeypatch.setattr(golden, "write", lambda number, new: written.update({number: json.loads(json.dumps(new))}))
    assert call(found, "--write")[0] == 0
    assert written == {2: {"digits": found}}
