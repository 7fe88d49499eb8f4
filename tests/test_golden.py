"""Leg 3: every port against its recorded golden, on embedded digits, and on MNIST where that is."""

import contextlib
import copy
import re

import pytest

from ref.chapter import SCRIPTS
from ref.common.errors import BadInputError
from ref.data import sources
from ref.fidelity.golden import observe, report, small_data, spread
from ref.fidelity.golden.ports import record
from scripts import golden

NUMBERS = [script.number for script in SCRIPTS]


@pytest.fixture(scope="session")
def small_set(tmp_path_factory):
    """A function that gives the directory of the small part of a data set."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = small_data.write_small_data(name, tmp_path_factory.mktemp(name))
        return made[name]

    return get


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_golden(number, name, small_set, tmp_path):
    if name not in small_data.find_sets():
        pytest.skip(f"no MNIST in {sources.mnist_dir()}")
    found = record(number, small_set(name), tmp_path)
    compared = spread.compare_goldens(golden.read_golden(number)[name], found, golden.read_spread(number))
    failures = report.describe_failures(f"autoencoder_{number} on {name}", compared, f"make golden PORT={number} ALL=1")
    assert not failures, failures


@pytest.mark.parametrize("number", NUMBERS)
def test_golden_has_its_provenance_and_both_sets(number):
    content = golden.read_golden(number)
    provenance = {"tensorflow", "numpy", "cpu", "cpu_flags", "onednn", "threads", "commit", "date"}
    assert set(content["provenance"]) == provenance
    assert set(content) == {"provenance", "digits", "mnist"}
    values = spread.list_values(content["digits"])
    spreading = {spread.get_group(name) for name, (_, tier, _) in values.items() if tier != "exact"}
    unmeasured = spreading - set(golden.read_spread(number))
    assert all(" fed to " in group for group in unmeasured)  # NumPy's own float64: the floor holds it


def test_what_is_fed_is_no_looser_than_the_floor():
    expected = golden.read_golden(1)["digits"]
    found = copy.deepcopy(expected)
    found["own_data"]["evaluation 1"]["Placeholder"]["norm"] *= 1 + 3e-6
    (outside,) = find_outside(1, expected, found)
    assert outside.place == "Placeholder fed to evaluation 1: norm"
    assert (outside.tolerance, outside.tier) == (1e-6, "initial")


def find_outside(number, expected, found):
    compared = spread.compare_goldens(expected, found, golden.read_spread(number))
    return [one for one in compared if one.is_outside]


def test_every_wide_tolerance_is_named_in_the_readme():
    page = (golden.GOLDEN / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (`.*?) \| ", page, re.M)
    named = {(int(number), name) for number, names in rows for name in re.findall("`(.*?)`", names)}
    wide = set()
    for number in NUMBERS:
        groups = [group for group, widest in golden.read_spread(number).items() if spread.MARGIN * widest > 0.05]
        first_steps = {}
        for group in groups:
            if found := re.fullmatch(r"step (\d+) of (.*)", group):
                first_steps[found[2]] = min(int(found[1]), first_steps.get(found[2], observe.N_STEPS))
            else:
                wide.add((number, group))
        wide |= {(number, f"{op} from step {step} on") for op, step in first_steps.items()}
    assert wide <= named


def test_a_failure_says_where_and_what():
    expected = golden.read_golden(7)["digits"]
    found = copy.deepcopy(expected)
    found["losses"]["phase2_training_op"]["phase2_loss"][4] *= 1.5
    found["lines"][0] = "another"
    del found["moved"]["phase1_training_op"]
    compared = spread.compare_goldens(expected, found, golden.read_spread(7))
    head, *lines = report.describe_failures("autoencoder_7 on digits", compared, "make golden PORT=7 ALL=1").split("\n")
    assert head.startswith(f"autoencoder_7 on digits: 3 of {len(compared):,} outside tolerance; 0 differ within it; ")
    assert head.endswith("make golden PORT=7 ALL=1")
    assert ["(exact)" in line for line in lines] == [True, True, False]  # what is exact comes first
    assert "autoencoder_7 on digits: moved of phase1_training_op | [" in lines[0]
    assert " | missing | inf apart | tolerance 0.0e+00 (exact)" in lines[0]
    old, new = (side["losses"]["phase2_training_op"]["phase2_loss"][4] for side in (expected, found))
    assert f"step 5 of phase2_training_op: phase2_loss | {old} | {new} | 5.0e-01 apart | tolerance " in lines[2]


def test_what_is_many_is_cut():
    compared = [spread.Compared(str(i), 1.0, 2.0, 1.0, 0.5, "step") for i in range(20)]
    lines = report.describe_failures("it", compared, "so").split("\n")
    assert len(lines) == 14
    assert lines[-1] == "… and 8 more"
    assert report.describe_failures("it", [one._replace(difference=0.5) for one in compared], "so") == ""


def test_write_is_refused_while_the_oracle_is_red(monkeypatch, capsys):
    class Red:
        returncode = 1

    monkeypatch.setattr(golden.subprocess, "run", lambda *_, **__: Red())
    monkeypatch.setattr(small_data, "find_sets", lambda: ["digits", "mnist"])
    before = {number: golden.read_golden(number) for number in NUMBERS}
    with contextlib.suppress(BadInputError):
        golden.main(["--write"])
        pytest.fail("it wrote")
    assert before == {number: golden.read_golden(number) for number in NUMBERS}
