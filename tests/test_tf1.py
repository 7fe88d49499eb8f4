"""Every port beside TensorFlow 1.15.5 itself: tests/golden/tf1, written by scripts/record_tf1.py from the originals."""

import platform
import re

import numpy as np
import pytest

from ref.fidelity.golden import small_data
from scripts import prove_tf1, record_tf1
from scripts.tf1_distance import list_distances, measure_line, measure_summary, measure_variables

# Where the steps of TensorFlow 1.15.5 itself do not spread, another library of products still rounds its own way.
MARGIN = 20.0
FLOOR = {"losses": 1e-6, "after": 1e-5, "evaluations": 1e-5, "lines": 1e-5}
CEILING = 0.5  # of losses; from its third step on, 15 differs from itself by up to a quarter, near its loss's pole
# These are fed what the products of the first half came to, in each its own rounding.
FED_OWN_PRODUCTS = {6: "1|Adam", 8: "0|phase2/Adam"}
BY_FEWER_BITS = platform.machine() != "x86_64"  # sine, cosine and logarithm, which normal draws are made by, are libm's


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    return {name: small_data.write_small_data(name, tmp_path_factory.mktemp(name)) for name in small_data.find_sets()}


@pytest.mark.parametrize("seed", record_tf1.SEEDS)
@pytest.mark.parametrize("number", prove_tf1.NUMBERS)
def test_seeds_initial_values_draws_and_batches_are_tensorflow_1s(number, seed, small, tmp_path):
    expected = prove_tf1.read(number)["digits"]["seeds"][str(seed)]
    found = prove_tf1.watch(number, seed, small["digits"], tmp_path, losses=False, draws=True)
    assert len(found["random_ops"]) == len(expected["random_ops"]), "graphs"
    for moved in map(prove_tf1.describe_moved, expected["random_ops"], found["random_ops"], found["ops_before"]):
        assert not moved, "\n".join(moved)
    assert other_batches(expected["fed_sha256"], found["fed_sha256"]) - {FED_OWN_PRODUCTS.get(number)} == set()
    if BY_FEWER_BITS:
        pytest.skip("bits are held on x86-64, where TensorFlow 1.15.5 runs")
    for kind in ("initial", "draws"):
        unequal = prove_tf1.describe_unequal(expected, found, kind)
        assert not unequal, "\n".join([f"autoencoder_{number}, seed {seed}, {kind}:", *unequal])


def other_batches(expected, found):
    """Return the training ops that are fed otherwise, or that only one side has."""
    return {op for op in {**expected, **found} if expected.get(op) != found.get(op)}


@pytest.mark.parametrize("name", ["digits", "mnist"])
@pytest.mark.parametrize("number", prove_tf1.NUMBERS)
def test_losses_variables_evaluations_and_lines_are_tensorflow_1s(number, name, small, tmp_path):
    if name not in small:
        pytest.skip("no MNIST here")
    expected = prove_tf1.read(number)[name]
    found = prove_tf1.cut(prove_tf1.watch(number, 42, small[name], tmp_path), expected)
    failures = list_failures(list_distances(expected, found), expected["spread"])
    assert not failures, "\n".join(failures)


def list_failures(apart, spreads):
    """Return a line for each distance that is wider than TensorFlow 1.15.5's own spread allows."""
    assert apart.keys() == spreads.keys()
    failures = []
    for kind, distances in apart.items():
        for i, (distance, spread) in enumerate(zip(distances, spreads[kind], strict=True), 1):
            what = kind.split("|")[0]
            tolerance = max(FLOOR[what], MARGIN * spread)
            tolerance = min(tolerance, CEILING) if what == "losses" else tolerance
            if not distance <= tolerance:
                failures.append(f"{kind}, number {i}: {distance:.1e} apart, tolerance {tolerance:.1e}")
    return failures


@pytest.mark.parametrize("number", prove_tf1.NUMBERS)
def test_the_golden_says_where_it_comes_from(number):
    content = prove_tf1.read(number)
    assert content["provenance"]["tensorflow"] == "1.15.5"
    for name in ("digits", "mnist"):
        assert set(content[name]["seeds"]) == {str(seed) for seed in record_tf1.SEEDS}
        assert all(np.isfinite(losses).all() for losses in content[name]["losses"].values())
        assert set(content[name]["spread"]) == set(list_distances(content[name], content[name]))


ARRAY = {"shape": [2, 2], "first": 1.0, "last": 2.0, "sum": 4.0, "norm": 4.0}


@pytest.mark.parametrize(
    ("number", "found", "distance"),  # 0.5, 0.5, 1 and 1, by 4 / 2, 4 / 2, 4 * 2 and 4
    [("first", 1.5, 0.25), ("last", 1.5, 0.25), ("sum", 5.0, 0.125), ("norm", 3.0, 0.25)],
)
def test_each_number_of_an_array_is_compared_in_units_of_its_size(number, found, distance):
    assert measure_summary(ARRAY, ARRAY) == 0
    assert measure_summary(ARRAY, {**ARRAY, number: found}) == pytest.approx(distance)
    variables = {"weights": ARRAY, "biases": {**ARRAY, number: found}}
    assert measure_variables({"weights": ARRAY, "biases": ARRAY}, variables, "after") == pytest.approx(distance)


def test_distances_of_lines_are_relative_and_what_is_no_number_must_be_equal():
    assert measure_line("0 Train MSE: 0.02\tTest MSE: 0.1", "0 Train MSE: 0.021\tTest MSE: 0.1") == pytest.approx(0.05)
    with pytest.raises(ValueError, match="Training phase #2"):
        measure_line("Training phase #1", "Training phase #2")
    with pytest.raises(ValueError, match="1 Train"):
        measure_line("0 Train MSE: 0.02", "1 Train MSE: 0.02")
    with pytest.raises(ValueError, match="shape"):
        measure_summary(ARRAY, {**ARRAY, "shape": [4]})


def make_run():
    return {
        "losses": {"0|Adam": [1.0, 2.0]},
        "after": {"0|Adam": {"1": {"weights": ARRAY}, "2": {"weights": ARRAY}}},
        "evaluations": [[ARRAY], [ARRAY]],
        "lines": ["0 Train MSE: 0.1"],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda run: run.update(losses={"0|adam": [1.0, 2.0]}), "trained by: missing ['0|Adam'], unexpected ['0|a"),
        (lambda run: run["losses"]["0|Adam"].pop(), "losses of 0|Adam: 1 found, expected 2"),
        (lambda run: run["after"]["0|Adam"].pop("2"), "of 0|Adam, kept after the steps: missing ['2'], unexpected []"),
        (
            lambda run: run["after"]["0|Adam"]["2"].update(noise=ARRAY),
            "variables after step 2 of 0|Adam: missing [], unexpected ['noise']",
        ),
        (lambda run: run["after"]["0|Adam"].update({"1": {}}), "after step 1 of 0|Adam: missing ['weights']"),
        (lambda run: run["evaluations"].pop(), "evaluations: 1 found, expected 2"),
        (lambda run: run["evaluations"][1].append(ARRAY), "values of evaluation 2: 2 found, expected 1"),
        (lambda run: run["lines"].append(""), "lines: 2 found, expected 1"),
    ],
)
def test_what_only_one_run_did_is_named(change, message):
    other = make_run()
    assert set(list_distances(make_run(), other)) == {"losses|0|Adam", "after|0|Adam", "evaluations", "lines"}
    change(other)
    with pytest.raises(ValueError, match=re.escape(message)):
        list_distances(make_run(), other)
