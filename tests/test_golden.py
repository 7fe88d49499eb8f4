"""Leg 3: every port against its recorded golden, on embedded digits, and on MNIST where that is."""

import contextlib
import copy

import pytest

from ref.chapter import SCRIPTS
from ref.common import mnist
from scripts import golden

NUMBERS = [script.number for script in SCRIPTS]


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """A function that gives the directory of the small part of a data set."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = golden.write_small_data(name, tmp_path_factory.mktemp(name))
        return made[name]

    return get


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_golden(number, name, small_data, tmp_path):
    if name not in golden.find_sets():
        pytest.skip(f"no MNIST in {mnist.mnist_dir()}")
    found = golden.record(number, small_data(name), tmp_path)
    failures = golden.find_failures(number, golden.read_golden(number)[name], found, golden.read_spread(number))
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("number", NUMBERS)
def test_golden_has_its_provenance_and_both_sets(number):
    content = golden.read_golden(number)
    provenance = {"tensorflow", "numpy", "cpu", "cpu_flags", "onednn", "threads", "commit", "date"}
    assert set(content["provenance"]) == provenance
    assert set(content) == {"provenance", "digits", "mnist"}
    values = golden.list_values(content["digits"])
    spreading = {golden.get_group(name) for name, (_, tier, _) in values.items() if tier != "exact"}
    assert spreading <= set(golden.read_spread(number))


def test_a_failure_says_where_and_what():
    expected = golden.read_golden(7)["digits"]
    found = copy.deepcopy(expected)
    found["losses"]["phase2_training_op"]["phase2_loss"][4] *= 1.5
    (line,) = golden.find_failures(7, expected, found, golden.read_spread(7))
    where = ("autoencoder_7", "step 5 of phase2_training_op: phase2_loss")
    for part in (*where, "expected", "got", "tolerance", "python -m scripts.golden --port 7"):
        assert part in line


def test_write_is_refused_while_the_oracle_is_red(monkeypatch, capsys):
    class Red:
        returncode = 1

    monkeypatch.setattr(golden.subprocess, "run", lambda *_, **__: Red())
    monkeypatch.setattr(golden, "find_sets", lambda: ["digits", "mnist"])
    before = {number: golden.read_golden(number) for number in NUMBERS}
    with contextlib.suppress(golden.BadInputError):
        golden.main(["--write"])
        pytest.fail("it wrote")
    assert before == {number: golden.read_golden(number) for number in NUMBERS}
