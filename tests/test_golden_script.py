"""A golden of any TensorFlow 1 script: what is read from a record, measured tolerances, the command line."""

import copy
import hashlib
import json
import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.__main__ import main as call
from ref.common.errors import BadInputError
from ref.fidelity.golden import cli as golden_cli
from ref.fidelity.golden import script_record
from ref.fidelity.golden.script_golden import list_script_values, read_values
from ref.fidelity.record.store import Store
from ref.originals.listing import find_scripts
from ref.originals.run import Outcome

SCRIPT = """import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 3])
w = tf.Variable(tf.random_normal([3, 2]), name="w")
fixed = tf.Variable(tf.ones([2]), name="fixed", trainable=False)
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + fixed))
step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(10):
        sess.run(step, {x: np.random.rand(5, 3)})
    print("loss", sess.run(loss, {x: np.ones((1, 3))}))
"""
W = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)


@pytest.fixture
def record(tmp_path):
    """A record as ref/fidelity/record/watch.py writes one: a training op of two steps that moves w and not b."""
    store = Store(str(tmp_path / "arrays"))
    b, feeds = store.add(np.zeros(2, np.float32)), [store.add(np.full((1, 2), i, np.float32)) for i in range(2)]
    states = [{"w": store.add(W * np.float32(0.5**i)), "b": b} for i in range(3)]
    steps = [
        {"kind": "step", "op": "0|train", "step": i + 1, "graph": 0, "feeds": {"x:0": feeds[i]}, "draws": {}}
        | {"before": states[i], "after": states[i + 1], "results": {}, "fetches": ["train"]}
        for i in range(2)
    ]
    evaluation = {"kind": "evaluation", "count": 1, "graph": 0, "results": {"loss:0": store.add(np.float32(0.25))}}
    again = {**evaluation, "count": 2, "results": {"loss:0": store.add(np.float32(9.0))}}
    ops = [{"name": "normal", "type": "RandomStandardNormal", "seeds": [42, 5]}, {"name": "w", "type": "VariableV2"}]
    content = {
        "graphs": [{"ops": ops}],
        "events": [{"kind": "op", "ops": ["init"], "graph": 0, "after": states[0]}, *steps, evaluation, again],
        "step_losses": {"0|train": {"loss:0": [4.0, float("nan")]}},
    }
    (tmp_path / "record.json").write_text(json.dumps(content))
    return tmp_path


def test_a_golden_holds_what_the_record_says(record):
    values = read_values(record, ["epoch 3 MSE: 1.5e-2 of 7", "done"])
    assert values["random_ops"] == {"0": [["normal", "RandomStandardNormal", 42, 5]]}
    assert values["variables"]["w"]["norm"] == pytest.approx(30**0.5)
    assert values["variables"]["w"]["sha256"] == hashlib.sha256(W.tobytes()).hexdigest()
    assert values["moved"] == {"train": ["w"]}
    assert values["losses"] == {"train": {"loss": [4.0, "nan"]}}
    assert {step: state["w"]["sum"] for step, state in values["after"]["train"].items()} == {"1": 5.0, "2": 2.5}
    assert [one["loss:0"]["first"] for one in values["evaluations"]] == [0.25]
    assert json.loads(json.dumps(values, allow_nan=False)) == values


def test_every_value_has_its_tier_and_scale(record):
    listed = list_script_values(read_values(record, ["epoch 3 MSE: 1.5e-2 of -7", "done"]))
    assert listed["step 1 of train: loss"] == (4.0, "step", 4.0)
    assert listed["step 2 of train: loss"] == ("nan", "exact", None)
    assert listed["moved by train"] == (["w"], "exact", None)
    assert listed["w at the start: sum"] == (10.0, "initial", pytest.approx(30**0.5 * 2))
    assert listed["printed line 1: words"] == ("epoch # MSE: # of #", "exact", None)
    assert [listed[f"printed line 1: number {i}"][0] for i in (1, 2, 3)] == [3.0, 0.015, -7.0]
    assert listed["x:0 fed to train: sha256"][1] == "exact"


def test_what_is_fed_later_counts_too(record):
    before = read_values(record, [])["fed"]["train"]["x:0"]["sha256"]
    content = json.loads((record / "record.json").read_text())
    steps = [event for event in content["events"] if event["kind"] == "step"]
    steps[1]["feeds"] = steps[0]["feeds"]
    (record / "record.json").write_text(json.dumps(content))
    assert read_values(record, [])["fed"]["train"]["x:0"]["sha256"] != before


def make_values():
    """Return the values of a golden by name, as list_script_values gives them."""
    return {
        "w at the start: sum": (1.0, "initial", 1.0),
        "w at the start: sha256": ("0", "exact", None),
        "step 1 of train: loss": (1.0, "step", 1.0),
        "step 2 of train: loss": (1.0, "steps", 1.0),
        "step 3 of train: loss": (1.0, "steps", 1.0),
        "printed line 1: words": ("at #", "exact", None),
    }


def change(name, value):
    values = make_values()
    return values | {name: (value, *values[name][1:])}


@pytest.mark.parametrize(
    ("runs", "spread", "not_held"),
    [
        ({}, {}, []),
        # rounding of a step is the widest of the steps before it
        ({"nudge": change("step 2 of train: loss", 1.5)}, {"step 2 of train": 0.5, "step 3 of train": 0.5}, []),
        # the nudge is no spread of what was nudged
        ({"nudge": change("w at the start: sum", 1.1) | change("w at the start: sha256", "1")}, {}, []),
        ({"one_thread": change("w at the start: sha256", "1")}, {}, ["w at the start: sha256"]),
        ({"nudge": change("printed line 1: words", "on #")}, {}, ["printed line 1: words"]),
        ({"one_thread": {}}, {}, list(make_values())),
        ({"one_thread": change("step 3 of train: loss", float("inf"))}, {"step 3 of train": 1e9}, []),
    ],
)
def test_the_spread_is_measured(runs, spread, not_held):
    found = script_record.measure({"plain": make_values(), **runs})
    assert found == (pytest.approx(spread), not_held)
    json.dumps(found, allow_nan=False)


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SCRIPT)
    return path


def run_command(*argv):
    """Call ``python -m ref golden`` in this process; return its exit code."""
    try:
        call(["golden", *map(str, argv)])
    except SystemExit as ended:
        return ended.code or 0
    return 0


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A script and its golden, recorded once."""
    directory = tmp_path_factory.mktemp("golden")
    (directory / "mine.py").write_text(SCRIPT)
    before = dict(os.environ)
    assert run_command("record", directory / "mine.py", "-o", directory / "golden.json", "--steps", 3) == 0
    assert dict(os.environ) == before
    assert sorted(path.name for path in directory.iterdir()) == ["golden.json", "mine.py"]
    return directory


def test_a_recorded_script_is_within_its_tolerances_where_rounding_is_another(made, capsys, monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    assert run_command("check", made / "mine.py", made / "golden.json") == 0
    assert capsys.readouterr().out.startswith("0 of ")


def test_the_steps_are_numpys(made):
    """Gradient descent in float64: the losses, where the variable goes, what is fed and printed."""
    values = json.loads((made / "golden.json").read_text())["values"]
    ((_, kind, graph_seed, op_seed),) = values["random_ops"]["0"]
    assert (kind, graph_seed) == ("RandomStandardNormal", 42)
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(graph_seed)
        w = sess.run(tf.random_normal([3, 2], seed=op_seed))
    assert values["variables"]["w"]["sha256"] == hashlib.sha256(w.tobytes()).hexdigest()
    assert set(values["variables"]) == {"w", "fixed"}
    assert values["moved"] == {"GradientDescent": ["w"]}
    rnd, w = np.random.RandomState(42), w.astype(np.float64)  # --seed seeds the script's np.random, too
    (losses,) = values["losses"]["GradientDescent"].values()
    (fed,) = values["fed"]["GradientDescent"].values()
    for i in range(3):
        x = rnd.rand(5, 3)
        out = x @ w + 1
        assert i > 0 or fed["sum"] == pytest.approx(x.sum(), rel=1e-6)
        assert losses[i] == pytest.approx(np.mean(out**2), rel=1e-5)
        w = w - 0.1 * 2 / out.size * x.T @ out
        assert values["after"]["GradientDescent"][str(i + 1)]["w"]["norm"] == pytest.approx(np.linalg.norm(w), rel=1e-5)
    assert len(losses) == 3
    word, printed = values["lines"][0].split()
    assert word == "loss"
    assert float(printed) == pytest.approx(np.mean((w.sum(0) + 1) ** 2), rel=1e-5)


def test_a_changed_script_is_not(made, tmp_path, capsys):
    (tmp_path / "changed.py").write_text(SCRIPT.replace("minimize(loss)", "minimize(2 * loss)"))
    assert run_command("check", tmp_path / "changed.py", made / "golden.json") == 1
    *lines, more, last = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert more.startswith("… and ")
    assert "changed: step 1 of GradientDescent: loss | " in lines[0]
    assert "changed: w after step 1 of GradientDescent: first | " in lines[1]
    assert " outside tolerance; 0 differ within it; the script's text is another than was recorded; --all" in last


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["make"], "make: expected record or check"),
        (["recrod"], "did you mean record?"),
        (["record", "FILE"], "required: -o/--out"),
        (["record", "FILE", "-o", "DIR"], "DIR: a directory"),
        (["record", "none.py", "-o", "OUT"], "none.py"),
        (["record", "FILE", "-o", "OUT", "--steps", "26"], "'26' found, expected a whole number from 1 to 25"),
        (["record", "FILE", "-o", "OUT", "--seed", "-1"], "'-1' found"),
        (["record", "FILE", "-o", "OUT", "--on", "tf3"], "'tf3'"),
        (["check", "FILE"], "required: GOLDEN.json"),
        (["check", "FILE", "none.json"], "none.json: no such file"),
        (["check", "FILE", "FILE"], "cannot be read (no JSON"),
        (["check", "FILE", "DIR"], "cannot be read (not a regular file"),
    ],
)
def test_bad_input_is_one_line(argv, reason, script, tmp_path, capsys):
    names = {"FILE": str(script), "DIR": str(tmp_path), "OUT": str(tmp_path / "golden.json")}
    assert run_command(*[names.get(word, word) for word in argv]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert reason.replace("DIR", names["DIR"]) in output.err
    assert output.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [script]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "no 'values' in it"),
        ({"values": {}, "format": 2}, "of format 2, expected 1"),
        (None, "holds a list, expected an object"),
    ],
)
def test_another_file_is_no_golden(change, reason, made, tmp_path):
    golden = json.loads((made / "golden.json").read_text())
    del golden["values"]
    path = tmp_path / "golden.json"
    path.write_text(json.dumps([] if change is None else golden | change))
    with pytest.raises(BadInputError, match=reason):
        script_record.read_golden(path)


def test_a_script_that_trains_nothing_has_no_golden(script):
    script.write_text("print(1)\n")
    with pytest.raises(BadInputError, match="nothing in it trains, expected "):
        script_record.run(find_scripts(script)[0], script_record.Job(n_steps=2))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome(2, "mine.py line 3: no such thing"), "line 3: no such thing"), (Outcome(3), "mine.py: ended with 3")],
)
def test_a_script_that_fails_has_no_golden(outcome, reason, script, monkeypatch):
    monkeypatch.setattr("ref.originals.run.run_original", lambda *_, **__: outcome)
    with pytest.raises(BadInputError, match=reason):
        script_record.run(find_scripts(script)[0], script_record.Job())


def test_other_data_is_said(made):
    with pytest.raises(BadInputError, match="--data: mnist found, expected what the golden was recorded on"):
        script_record.check_data({"name": "digits", "sha256": {"a": "0"}}, {"name": "mnist", "sha256": {"a": "1"}})
    script_record.check_data(None, None)


def test_another_processor_makes_other_last_bits(made, monkeypatch, script):
    golden = json.loads((made / "golden.json").read_text())
    values = copy.deepcopy(golden["values"])
    values["variables"]["w"]["sha256"] = "another"
    monkeypatch.setattr(script_record, "run", lambda *_, **__: (values, {"data": None}))
    listing = find_scripts(script)[0]
    (outside,) = [one for one in script_record.check(listing, golden, "tf2", None) if one.is_outside]
    assert outside.place == "w at the start: sha256"
    golden["provenance"]["machine"] = "another"
    assert not any(one.is_outside for one in script_record.check(listing, golden, "tf2", None))


def test_what_is_loose_or_not_held_is_said(made, tmp_path):
    golden = json.loads((made / "golden.json").read_text())
    assert "held no closer" not in golden_cli.describe(golden, tmp_path)
    golden["spread"]["step 3 of GradientDescent"] = 0.01
    golden["not_held"] = ["printed line 1: words"]
    text = golden_cli.describe(golden, tmp_path)
    assert "values are held no closer than 5%, the first: step 3 of GradientDescent: " in text
    assert "1 are not held: they changed with that, the first: printed line 1: words" in text
