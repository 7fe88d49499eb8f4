"""The proof that the README shows: how it counts, that it counts everything, and what its tables say of it."""

import copy
import json

import pytest
from test_tf1 import list_failures

from ref.chapter import SCRIPTS
from scripts import prove_tf1, tf1_tables
from scripts.tf1_distance import measure_line

PROOF = json.loads(prove_tf1.PROOF.read_text(encoding="utf-8"))["proof"]
LINES = json.loads(tf1_tables.TF1_RECORDED.read_text(encoding="utf-8"))["lines"]
# Where one last bit grows beyond this in 25 losses of TensorFlow 1.15.5 itself, it has grown in ours, too.
CHAOS = 1e-4
EXPECTED = {
    "random_ops": [[["a", "RandomUniform", 42, 3], ["b", "RandomUniform", 42, 9]], [["c", "RandomUniform", 42, 3]]],
    "initial_sha256": [{"weights": "1", "biases": "2"}, {"weights": "3"}],
    "draws": {"noise:0": ["4", "5", "6"], "mask:0": ["7"]},
}
FOUND = {
    "random_ops": EXPECTED["random_ops"],
    "initial": [{name: {"sha256": sha256} for name, sha256 in one.items()} for one in EXPECTED["initial_sha256"]],
    "draws": {**EXPECTED["draws"], "noise:0": ["4", "5", "6", "of a picture"]},
}
ALL = {"random_ops": [3, 3], "initial": [3, 3], "draws": [4, 4]}


def move(kind, *place):
    """Return a change of one value, a seed or a hash, at a place in what was found."""

    def change(found):
        one = found[kind]
        for step in place[:-1]:
            one = one[step]
        one[place[-1]] = "moved"

    return change


@pytest.mark.parametrize(
    ("change", "kind", "equal", "line"),
    [
        (lambda found: None, "draws", [4, 4], None),
        (move("random_ops", 0, 1, 2), "random_ops", [2, 3], "graph 0, random op 1: other bits"),
        (move("random_ops", 0, 1, 3), "random_ops", [2, 3], "graph 0, random op 1: other bits"),
        (lambda found: found["random_ops"][0].pop(), "random_ops", [2, 3], "graph 0, random op 1: missing"),
        (lambda found: found["random_ops"].pop(), "random_ops", [2, 3], "graph 1, random op 0: missing"),
        (
            lambda found: found["random_ops"][1].append(["d", "RandomUniform", 42, 5]),
            "random_ops",
            [3, 4],
            "graph 1, random op 1: TensorFlow 1.15.5 has none",
        ),
        (move("initial", 0, "biases", "sha256"), "initial", [2, 3], "graph 0, biases: other bits"),
        (lambda found: found["initial"][0].pop("weights"), "initial", [2, 3], "graph 0, weights: missing"),
        (lambda found: found["initial"].pop(), "initial", [2, 3], "graph 1, weights: missing"),
        (
            lambda found: found["initial"][1].update(more={"sha256": "8"}),
            "initial",
            [3, 4],
            "graph 1, more: TensorFlow 1.15.5 has none",
        ),
        (move("draws", "noise:0", 1), "draws", [3, 4], "noise:0, run 2: other bits"),
        (lambda found: found["draws"].update({"noise:0": ["4", "5"]}), "draws", [3, 4], "noise:0, run 3: missing"),
        (lambda found: found["draws"].pop("mask:0"), "draws", [3, 4], "mask:0, run 1: missing"),
        (
            lambda found: found["draws"].update({"more:0": ["8"]}),
            "draws",
            [4, 5],
            "more:0, run 1: TensorFlow 1.15.5 has none",
        ),
    ],
)
def test_what_is_not_equal_is_counted_and_named(change, kind, equal, line):
    found = copy.deepcopy(FOUND)
    change(found)
    assert prove_tf1.count_equal(EXPECTED, found) == {**ALL, kind: equal}
    assert prove_tf1.describe_unequal(EXPECTED, found, kind) == ([line] if line else [])


def count_values(seeds):
    """Return how many random ops, initial values and draws TensorFlow 1.15.5 had, all seeds together."""
    totals = {
        "random_ops": sum(len(ops) for one in seeds.values() for ops in one["random_ops"]),
        "initial": sum(len(digests) for one in seeds.values() for digests in one["initial_sha256"]),
        "draws": sum(len(digests) for one in seeds.values() for digests in one["draws"].values()),
    }
    return {kind: [total, total] for kind, total in totals.items()}


def list_too_near(apart, spread):
    """Return a line for each kind of value that is said to be nearer to TensorFlow 1.15.5 than can be."""
    losses = [kind for kind in apart if kind.startswith("losses")]
    lines = [f"{kind}: 0 at every step, by another library of products" for kind in losses if not any(apart[kind])]
    if max((max(spread[kind]) for kind in losses), default=0.0) > CHAOS:
        for kind, distances in apart.items():
            if max(distances) < max(spread[kind]) / 100:
                spread_itself = f"{max(spread[kind]):.1e}"
                lines.append(f"{kind}: {max(distances):.1e} apart, TensorFlow 1.15.5 from itself {spread_itself}")
    return lines


@pytest.mark.parametrize("name", ["digits", "mnist"])
@pytest.mark.parametrize("number", prove_tf1.NUMBERS)
def test_the_proof_counts_every_value_and_says_how_far_the_others_are(number, name):
    one, expected = PROOF[str(number)][name], prove_tf1.read(number)[name]
    assert one["equal"] == count_values(expected["seeds"])
    failures = list_failures(one["apart"], expected["spread"]) + list_too_near(one["apart"], expected["spread"])
    assert not failures, "\n".join(failures)


def test_the_proof_is_of_every_script_on_both_data_sets():
    assert {number: set(sets) for number, sets in PROOF.items()} == {
        str(number): {"digits", "mnist"} for number in prove_tf1.NUMBERS
    }


@pytest.mark.parametrize("seed", LINES)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.number))
def test_what_tensorflow_1_printed_is_not_what_we_printed(script, seed):
    """The lines are the same but for their numbers, whose last digits are each program's own; accuracies are coarse."""
    theirs, ours = LINES[seed][script.name], tf1_tables.read_ours(script, int(seed))
    assert len(theirs) == len(ours)
    for pair in zip(theirs, ours):
        measure_line(*pair)
    losses = [pair for pair in zip(theirs, ours) if tf1_tables.read_number(pair[0]) and "accuracy" not in pair[0]]
    n_equal = sum(a == b for a, b in losses)
    assert n_equal <= len(losses) / 2, f"{n_equal} of {len(losses)} lines are equal to the last digit"


def test_a_row_of_the_proof_says_the_widest_of_step_1_and_the_last_step_and_of_all_seeds(tmp_path, monkeypatch):
    nudged = {"losses|0|Adam": [1e-9, 2e-9, 7e-5], "losses|1|Adam": [1e-9, 2e-9, 8e-6], "lines": [0.5]}
    (tmp_path / "autoencoder_02.json").write_text(json.dumps({"mnist": {"after_a_nudge": nudged}}), encoding="utf-8")
    monkeypatch.setattr(tf1_tables, "TF1_GOLDEN", tmp_path)
    printed = {42: ("Train MSE", "1.0", "1.001", "2.0", "2.2"), 7: ("Train MSE", "1.0", "0.97", "2.0", "2.0")}
    monkeypatch.setattr(tf1_tables, "list_printed", lambda script: printed)
    one = {
        "equal": {"random_ops": [11, 12], "initial": [78, 78], "draws": [0, 0]},
        "apart": {
            "losses|0|Adam": [1e-7, 3e-3, 4e-6],
            "losses|1|Adam": [2e-7, 3e-3, 5e-6],
            "after|0|Adam": [0.5, 0.5, 0.5],
        },
    }
    row = tf1_tables.render_row(SCRIPTS[2 - 1], {"mnist": one})
    assert row == ("2", "11 / 12", "78 / 78", "–", "2e-07", "5e-06", "7e-05", "3e-02", "1e-01")
    assert len(row) == len(tf1_tables.PROOF_HEADERS["README.md"]) == len(tf1_tables.PROOF_HEADERS["README.zh-CN.md"])
