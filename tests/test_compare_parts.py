"""What the ladder stands on: rounding, hints, names and pairs, against mathematics and by hand."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from ref.fidelity.ladder import usually
from ref.fidelity.ladder.drift import find_allowed
from ref.fidelity.ladder.loaded import name_assigned, read_settings
from ref.fidelity.ladder.pairing import pair_tensors, pair_variables
from ref.fidelity.ladder.rounding import is_rounding, measure
from ref.fidelity.ladder.rungs_end import are_near
from ref.fidelity.ladder.sides import OWN_SEED
from ref.fidelity.record.nudge import UP, nudge

FIDELITY = Path(__file__).resolve().parents[1] / "ref" / "fidelity" / "record"
RND = np.random.RandomState(0)
ONES = np.ones((40, 30), np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nudged_numbers_are_their_neighbours(dtype):
    values = np.append(RND.randn(1000), 0.0).astype(dtype)
    nudged = nudge(values, 1)
    assert nudged.dtype == dtype
    assert nudged[-1] == 0.0
    is_above = nudged[:-1] == np.nextafter(values[:-1], dtype(np.inf))
    is_below = nudged[:-1] == np.nextafter(values[:-1], dtype(-np.inf))
    assert np.all(is_above | is_below)
    assert 400 < is_above.sum() < 600
    np.testing.assert_array_equal(
        np.abs(nudge(values, UP)), np.nextafter(np.abs(values), dtype(np.inf)) * (values != 0)
    )


def test_a_product_in_another_order_is_rounding_and_a_weight_more_is_not():
    x, w = RND.randn(150, 300).astype(np.float32), RND.randn(300, 150).astype(np.float32)
    one = x @ w
    other = sum(x[:, i : i + 10] @ w[i : i + 10] for i in range(0, 300, 10))
    assert not np.array_equal(one, other)

    def compute_nudged(seed, extra=0.0):
        return nudge(x, seed) @ nudge(w, 2 * seed) + extra * x[:, :1]

    assert is_rounding(measure(one, other, compute_nudged))
    assert not is_rounding(measure(one, other + 1e-3 * x[:, :1], lambda seed: compute_nudged(seed, 1e-3)))
    assert measure(one, one.copy()).is_equal


def test_a_sum_in_another_order_is_rounding_and_a_term_more_is_not():
    terms = np.square(RND.randn(784 * 300)).astype(np.float32)
    one, other = terms.sum(), np.add.accumulate(terms)[-1]  # in pairs, and one by one
    assert one != other
    assert is_rounding(measure(np.asarray(one), np.asarray(other), n_terms=terms.size))
    assert not is_rounding(measure(np.asarray(one), np.asarray(other)))
    assert not is_rounding(measure(np.asarray(one), np.asarray(one * np.float32(1.0002)), n_terms=terms.size))


def test_runs_of_other_machines_are_apart_at_least_as_every_unit_is_rounded():
    assert find_allowed(0.0) > 10 * np.finfo(np.float32).eps
    assert find_allowed(1e-4) == pytest.approx(1.6e-3)


def test_what_counts_of_a_step_is_how_far_it_went():
    before, step = 100 * ONES, 1e-3 * ONES
    assert measure(before + step, before + 2 * step, before=before).apart == pytest.approx(1.0, rel=1e-2)
    assert measure(before + step, before + 2 * step).apart < 1e-4


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (RND.randn(300, 100), RND.randn(300, 100), "other draws"),
        (RND.randn(300, 100), RND.randn(300, 100) / math.sqrt(2), "√2"),
        (RND.randn(300, 100), RND.randn(300, 100) * math.sqrt(1.3), "contrib's He"),
        (RND.randn(300, 100), RND.randn(300, 100) * 5, "another initializer: σ differs by"),
        (RND.randn(300, 100), RND.uniform(-math.sqrt(3), math.sqrt(3), (300, 100)), "uniform on one side"),
        (np.zeros(10), RND.randn(10), "zeros or a constant on one side"),
        (np.zeros(10), np.ones(10), "another constant"),
    ],
)
def test_initial_values_that_differ_are_explained(one, other, words):
    assert words in usually.explain_initial_values(one, other)
    assert words in usually.explain_initial_values(other, one)


def test_feeds_that_differ_are_explained():
    images = RND.rand(20, 8).astype(np.float32)
    assert "another order" in usually.explain_feeds(images, images[::-1])
    assert "another scale of the images: 255" in usually.explain_feeds(images * 255, images)
    assert "other rows" in usually.explain_feeds(images, RND.rand(20, 8).astype(np.float32))
    assert "a switch" in usually.explain_feeds(np.array(True), np.array(False))


def test_rows_whose_numbers_are_changed_are_the_same_rows():
    images = RND.rand(30, 64).astype(np.float32)
    assert usually.explain_feeds(images, images.round()).startswith("the same rows, their numbers changed")
    assert usually.explain_feeds(images, RND.rand(30, 64).astype(np.float32)).startswith("other rows")


def test_settings_are_the_literals_of_a_script():
    text = "n = 28 * 28\nrate = 1e-3\nepochs = [1, 2]\nname = 'x'\ntotal = n // 2\nf = open\nm = n - 84\na, b = 1, 2\n"
    expected = {"n": 784, "rate": 1e-3, "epochs": [1, 2], "name": "x", "m": 700}
    assert read_settings(text) == expected


@pytest.mark.parametrize(
    ("line", "name"), [(1, "a"), (3, "b"), (4, "b"), (6, "double"), (7, None), (9, "c"), (12, "d"), (99, None)]
)
def test_a_line_computes_what_its_statement_assigns(line, name):
    text = "a = f(x)\n\nb = g(\n    x\n)\ndef double(y): return 2 * y\nrun(b)\nwith f:\n    c = h(\n\n    )\nd = [\n]\n"
    assert name_assigned(text, line) == name


def test_variables_are_paired_as_told_by_name_and_by_shape():
    def make(*described):
        return {"variables": [{"name": n, "shape": list(s), "trainable": t} for n, s, t in described]}

    a = make(("w1", (3, 2), True), ("w2", (2, 3), True), ("b", (3,), True), ("w1/Adam", (3, 2), False))
    b = make(("slot", (3, 2), False), ("decoder", (2, 3), True), ("b", (3,), True), ("encoder", (3, 2), True))
    by_shape = {"b": "b", "w1": "encoder", "w2": "decoder", "w1/Adam": "slot"}
    assert pair_variables(a, b) == by_shape
    assert pair_variables(a, b, {"w1/Adam": "nothing"}) == by_shape
    other = make(("v", (3, 2), True), ("u", (3, 2), True))
    assert pair_variables(make(("w", (3, 2), True)), other) == {"w": "v"}
    assert pair_variables(make(("w", (3, 2), True)), other, {"w": "u"}) == {"w": "u"}


def test_feeds_are_paired_by_their_values_first():
    outputs = {"X:0": [None, 8], "y:0": [None], "t:0": []}
    pairs = pair_tensors({"X:0": "1", "y:0": "2"}, {"b:0": "2", "a:0": "1"}, outputs, {"a:0": [None, 8], "b:0": [None]})
    assert pairs == {"X:0": "a:0", "y:0": "b:0"}
    assert pair_tensors({"X:0": "1"}, {"X:0": "3", "b:0": "4"}, outputs, {"b:0": [None], "X:0": [None]}) == {
        "X:0": "X:0"
    }


@pytest.mark.parametrize(
    ("other", "nudged", "is_near"),
    [
        ("0 Train MSE: 0.50000012", "0 Train MSE: 0.5", True),
        ("0 Train MSE: 0.51", "0 Train MSE: 0.5", False),
        ("0 Train MSE: 0.51", "0 Train MSE: 0.501", True),
        ("1 Train MSE: 0.5", "0 Train MSE: 0.5", False),
        ("0 Test MSE: 0.5", "0 Train MSE: 0.5", False),
    ],
)
def test_lines_are_near_as_far_as_a_nudged_run_says(other, nudged, is_near):
    assert are_near("0 Train MSE: 0.5", other, nudged) == is_near


@pytest.mark.parametrize(
    "name", ["watch", "recording", "probe", "graphs", "kinds", "store", "nudge", "recorder", "times"]
)
def test_what_runs_under_tensorflow_1_is_python_3_7(name):
    ast.parse((FIDELITY / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(
    ("text", "is_own"),
    [
        ("def train(X, n=3, seed=42):\n    g = tf.Graph()\n    tf.set_random_seed(seed)\n", True),
        ("def train(X, seed=42):\n    np.random.seed(seed)\n", False),
        ("tf.set_random_seed(42)\nnoise = tf.random_normal([3], seed=1)\n", False),
    ],
)
def test_a_seed_that_a_function_gives_its_graph_is_known(text, is_own):
    """It is replaced by the seed that both sides are run with; an op's own seed is not."""
    assert bool(OWN_SEED.search(text)) == is_own
