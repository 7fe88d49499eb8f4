"""Every port beside TensorFlow 1.15.5 itself: tests/golden/tf1, written by scripts/record_tf1.py from the originals."""

import json
import platform

import numpy as np
import pytest

from scripts import golden, prove_tf1, record_tf1
from scripts.tf1_distance import list_distances, measure_line, measure_summary

# Where the steps of TensorFlow 1.15.5 itself do not spread, another library of products still rounds its own way.
MARGIN = 20.0
FLOOR = {"losses": 1e-6, "after": 1e-5, "evaluations": 1e-5, "lines": 1e-5}
CEILING = 0.5  # of losses; from its third step on, 15 differs from itself by up to a quarter, near its loss's pole
# These are fed what the products of the first half came to, in each its own rounding.
FED_OWN_PRODUCTS = {6: "1|Adam", 8: "0|phase2/Adam"}
BY_FEWER_BITS = platform.machine() != "x86_64"  # sine, cosine and logarithm, which normal draws are made by, are libm's


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    return {name: golden.write_small_data(name, tmp_path_factory.mktemp(name)) for name in golden.find_sets()}


@pytest.mark.parametrize("seed", record_tf1.SEEDS)
@pytest.mark.parametrize("number", prove_tf1.NUMBERS)
def test_seeds_initial_values_draws_and_batches_are_tensorflow_1s(number, seed, small, tmp_path):
    expected = prove_tf1.read(number)["digits"]["seeds"][str(seed)]
    found = prove_tf1.watch(number, seed, small["digits"], tmp_path, losses=False, draws=True)
    for theirs, ours in zip(expected["random_ops"], found["random_ops"], strict=True):  # of each graph
        assert prove_tf1.describe_moved(theirs, ours) == []
    for op, digest in expected["fed_sha256"].items():
        if op != FED_OWN_PRODUCTS.get(number):
            assert found["fed_sha256"][op] == digest, f"autoencoder_{number}, seed {seed}: batches of {op}"
    if BY_FEWER_BITS:
        pytest.skip("bits are held on x86-64, where TensorFlow 1.15.5 runs")
    hashed = [{name: value["sha256"] for name, value in one.items()} for one in found["initial"]]
    assert hashed == expected["initial_sha256"]
    assert found["draws"].keys() == expected["draws"].keys()
    for name, draws in expected["draws"].items():  # of every run; the port may draw pictures after that
        assert found["draws"][name][: len(draws)] == draws


@pytest.mark.parametrize("name", ["digits", "mnist"])
@pytest.mark.parametrize("number", prove_tf1.NUMBERS)
def test_losses_variables_evaluations_and_lines_are_tensorflow_1s(number, name, small, tmp_path):
    if name not in small:
        pytest.skip("no MNIST here")
    expected = prove_tf1.read(number)[name]
    found = prove_tf1.cut(prove_tf1.watch(number, 42, small[name], tmp_path), expected)
    assert list_failures(list_distances(expected, found), expected["spread"]) == []


def list_failures(apart, spreads):
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


def test_distances_are_relative_and_what_is_no_number_must_be_equal():
    assert measure_line("0 Train MSE: 0.02\tTest MSE: 0.1", "0 Train MSE: 0.021\tTest MSE: 0.1") == pytest.approx(0.05)
    with pytest.raises(ValueError, match="Training phase #2"):
        measure_line("Training phase #1", "Training phase #2")
    with pytest.raises(ValueError, match="1 Train"):
        measure_line("0 Train MSE: 0.02", "1 Train MSE: 0.02")
    one = {"shape": [2, 2], "first": 1.0, "last": 2.0, "sum": 4.0, "norm": 4.0}
    assert measure_summary(one, {**one, "first": 1.5}) == pytest.approx(0.25)
    assert measure_summary(one, {**one, "sum": 5.0}) == pytest.approx(0.125)
    with pytest.raises(ValueError, match="shape"):
        measure_summary(one, {**one, "shape": [4]})


def test_the_proof_is_of_these_values():
    proof = json.loads(prove_tf1.PROOF.read_text(encoding="utf-8"))["proof"]
    assert set(proof) == set(map(str, prove_tf1.NUMBERS))
    for number, sets in proof.items():
        for name, one in sets.items():
            expected = prove_tf1.read(int(number))[name]
            assert all(equal == total for equal, total in one["equal"].values())
            assert list_failures(one["apart"], expected["spread"]) == []
