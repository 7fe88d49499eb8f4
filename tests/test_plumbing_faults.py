"""The list of planted faults is in order, and what plants them leaves the checkout alone; make faults plants them."""

import collections
import re
import subprocess
import sys
from pathlib import Path

import pytest
from plumbing_faults import FAULTS

from scripts import mutants
from scripts.mutation.plant import ROOT
from scripts.mutation.selection import TESTS

SIGNALS = Path("ref/common/signals.py")


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.kind}-{fault.name}" for fault in FAULTS])
def test_a_fault_can_be_planted(fault):
    text = (ROOT / fault.module).read_text(encoding="utf-8")
    assert text.count(fault.old) == 1
    planted = text.replace(fault.old, fault.new)
    assert planted != text
    if fault.module.endswith(".py"):
        compile(planted, fault.module, "exec")
    assert not find_missing(fault.tests)


def find_missing(tests):
    """Return which of ``tests``, files or what pytest calls a test, are not there."""
    missing = []
    for test in tests:
        file, _, name = test.partition("::")
        path = ROOT / "tests" / file
        function = re.escape(name.partition("[")[0])
        if not path.is_file() or (name and not re.search(rf"^def {function}\(", path.read_text("utf-8"), re.MULTILINE)):
            missing.append(test)
    return missing


def test_each_kind_has_three():
    n_faults = collections.Counter(fault.kind for fault in FAULTS)
    assert min(n_faults.values()) >= 3
    assert max(collections.Counter((fault.kind, fault.name) for fault in FAULTS).values()) == 1


def test_every_module_around_the_ports_has_tests_for_its_mutants():
    modules = [path for room in ("common", "data", "engines") for path in (ROOT / "ref" / room).glob("*.py")]
    left_out = {"__init__.py", "errors.py", "layers.py"}  # nothing to mutate; with the ports
    expected = {path.relative_to(ROOT).as_posix() for path in modules if path.name not in left_out}
    assert TESTS.keys() == expected
    assert not find_missing(test for tests in TESTS.values() for test in tests)


PLANT = """
from pathlib import Path
from scripts.mutation.plant import ROOT, Trial, run_trials

module = Path("ref/common/signals.py")
right = (ROOT / module).read_text(encoding="utf-8")
wrong = right.replace("held.append(number)", "None")
for trial, code, _, _ in run_trials([Trial(module, text, ["tests/test_signals.py"]) for text in (right, wrong)], 1):
    print(trial.text == wrong, code)
"""


def test_what_is_planted_is_seen_and_the_checkout_is_left_alone():
    """In a process of its own: it forks, which one that has run sessions should not."""
    before = (ROOT / SIGNALS).read_text(encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", PLANT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "0", "True", "1"]
    assert (ROOT / SIGNALS).read_text(encoding="utf-8") == before


@pytest.mark.parametrize(("n_killed", "n", "in_sample", "in_all"), [
    (9, 9, False, False), (8, 9, False, True), (5, 9, True, True), (970, 1000, False, False), (969, 1000, False, True),
    (900, 1000, True, True),
])  # fmt: skip
def test_a_sample_misses_its_target_where_that_is_no_chance(n_killed, n, in_sample, in_all):
    assert mutants.is_missed(n_killed, n, 0.97, is_sample=True) == in_sample
    assert mutants.is_missed(n_killed, n, 0.97, is_sample=False) == in_all
