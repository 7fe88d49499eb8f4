"""The ladder on planted divergences: the rung and the name that it says are those of the first thing that differs."""

import re
from pathlib import Path

import pytest
from compare.divergences import ACROSS_GRAPHS, DIVERGENCES, HARMLESS, HINTS

from ref.common.errors import BadInputError
from ref.fidelity.ladder import screen
from ref.fidelity.ladder.both import run_both
from ref.fidelity.ladder.climb import climb
from ref.fidelity.ladder.sides import Setting, run_listing
from ref.fidelity.ladder.warm import Warm
from ref.originals.listing import Listing
from ref.originals.run import TF1_PYTHON

SCRIPT = Path(__file__).parent / "compare" / "two_phases.py"
GRAPHS = SCRIPT.with_name("two_graphs.py")
SETTING = Setting(seed=42, data="digits", steps=5)


@pytest.fixture(scope="module")
def warm():
    with Warm() as warm:
        yield warm


@pytest.fixture(scope="module")
def other():
    with Warm() as warm:
        yield warm


@pytest.fixture(scope="module")
def original(warm, tmp_path_factory):
    """The script itself, recorded."""
    home = tmp_path_factory.mktemp("original")
    return run(SCRIPT.read_text(), home, warm)


def run(text: str, home: Path, warm: Warm, against: Path | None = None, script: Path = SCRIPT, **record):
    record |= {"directory": str(home / "record"), "steps": SETTING.looked_at}
    if against:
        record["against"] = str(against)
    listing = Listing(script.stem, script, text)
    return run_listing(listing, SETTING, home / "out", record, "tf2", "script", warm)


def climb_to(original, text: str, home: Path, warm: Warm, script: Path = SCRIPT) -> list:
    other = run(text, home, warm, original.directory, script)

    def run_nudged():
        return run(script.read_text(), home / "nudged", warm, script=script, nudge=True)

    return list(climb(original, other, {}, run_nudged, False))


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_first_cause_is_named(name, original, warm, tmp_path):
    old, new, rung, what = DIVERGENCES[name]
    text = SCRIPT.read_text()
    assert text.count(old) >= 1
    rungs = climb_to(original, text.replace(old, new), tmp_path, warm)
    first = screen.find_first(rungs)
    assert first is not None
    assert first.is_code
    found = next(one.name for one in rungs if one.finding is first)
    assert re.fullmatch(rung, found), (found, first)
    assert what is None or re.search(what, first.what), (found, first)
    assert HINTS.get(name, "") in first.usually
    assert screen.judge(rungs)[1] == 1


@pytest.fixture(scope="module")
def graphs(warm, tmp_path_factory):
    return run(GRAPHS.read_text(), tmp_path_factory.mktemp("graphs"), warm, script=GRAPHS)


@pytest.mark.parametrize("name", ACROSS_GRAPHS)
def test_what_follows_in_a_later_graph_is_no_cause(name, graphs, warm, tmp_path):
    old, new, rung, what = ACROSS_GRAPHS[name]
    assert old in GRAPHS.read_text()
    rungs = climb_to(graphs, GRAPHS.read_text().replace(old, new), tmp_path, warm, GRAPHS)
    first = screen.find_first(rungs)
    assert first is not None
    assert (next(one.name for one in rungs if one.finding is first), first.what) == (rung, what)


def test_a_graph_that_only_restores_needs_no_slots(graphs, warm, tmp_path):
    old, new = (
        "    saver = tf.train.Saver()\n    saver.restore",
        ("    tf.train.AdamOptimizer(0.01).minimize(total)\n    saver = tf.train.Saver()\n    saver.restore"),
    )
    text = GRAPHS.read_text().replace(old, new)
    assert text != GRAPHS.read_text()
    assert screen.judge(climb_to(graphs, text, tmp_path, warm, GRAPHS)) == (screen.EQUAL, 0)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_written_otherwise_is_equal_to_the_digit(name, original, warm, tmp_path):
    old, new = HARMLESS[name]
    text = SCRIPT.read_text()
    assert old in text
    assert screen.judge(climb_to(original, text.replace(old, new), tmp_path, warm)) == (screen.EQUAL, 0)


def test_what_is_rounded_otherwise_is_the_machine(original, warm, tmp_path):
    text = SCRIPT.read_text().replace(
        "tf.reduce_mean(tf.square(bypass - X))", "tf.reduce_mean(tf.square(bypass) - 2.0 * bypass * X + tf.square(X))"
    )
    rungs = climb_to(original, text, tmp_path, warm)
    assert screen.judge(rungs) == (screen.MACHINE, 1), [(rung.name, rung.finding) for rung in rungs]


@pytest.mark.parametrize(
    "environment",
    [{"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "1"}, {"TF_XLA_FLAGS": "--tf_xla_auto_jit=2"}],
)
def test_another_numeric_environment_is_not_the_code(environment, original, tmp_path):
    with Warm(environment) as elsewhere:
        rungs = climb_to(original, SCRIPT.read_text(), tmp_path, elsewhere)
    assert screen.judge(rungs)[0] in (screen.EQUAL, screen.MACHINE), [(rung.name, rung.finding) for rung in rungs]


@pytest.mark.skipif(not TF1_PYTHON.exists(), reason="TensorFlow 1.15.5 is not installed (make tf1)")
def test_tensorflow_1_itself_differs_as_a_machine_does(warm, other):
    listing = Listing("two_phases", SCRIPT, SCRIPT.read_text())
    setting = Setting(seed=42, data="digits", steps=5, judge="tf1")
    with run_both(listing, listing, setting, (warm, other)) as (a, b, run_nudged):
        rungs = list(climb(a, b, {}, run_nudged, True))
    assert screen.judge(rungs)[0] in (screen.EQUAL, screen.MACHINE), [(rung.name, rung.finding) for rung in rungs]
    assert next(rung for rung in rungs if rung.name == "random ops").n >= 2 * 5


@pytest.mark.parametrize(
    ("text", "says", "is_first"),
    [
        ("import sys\nimport tensorflow as tf\nsys.exit(3)\n", "sys.exit(3)", True),
        ("import tensorflow as tf\nname = input('name? ')\n", "line 2: ", False),
        ("import numpy as np\nprint(np.zeros(3))\n", "no session computed anything", True),
    ],
)
def test_a_script_that_does_not_run_is_said_in_one_line(text, says, is_first, warm, other):
    listings = Listing("two_phases", SCRIPT, SCRIPT.read_text()), Listing("wrong", SCRIPT, text)
    with (
        pytest.raises(BadInputError, match=re.escape(says)) as error,
        run_both(*listings[:: -1 if is_first else 1], SETTING, (warm, other)),
    ):
        pass
    assert "\n" not in str(error.value)


def test_constants_that_another_graph_learned_are_rounded_otherwise_too(graphs, warm, tmp_path):
    text = GRAPHS.read_text().replace("tf.matmul(X, weights1)", "tf.matmul(X, np.nextafter(weights1, np.float32(9)))")
    assert screen.judge(climb_to(graphs, text, tmp_path, warm, GRAPHS)) == (screen.MACHINE, 1)
