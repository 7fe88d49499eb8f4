"""Checkpoints cross between TensorFlow 1.15.5 and here: tests/golden/tf1/crossing.json and …/checkpoint."""

import importlib
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.chapter import SCRIPTS
from ref.common.session import new_graph
from ref.fidelity.golden import small_data
from scripts import prove_tf1
from scripts import record_crossing as crossing
from scripts.record_tf1 import LISTINGS, TF1

FOUND = json.loads((TF1 / "crossing.json").read_text(encoding="utf-8"))
KEPT = json.loads((crossing.CHECKPOINT / "expected.json").read_text(encoding="utf-8"))
SEVEN = SCRIPTS[7 - 1]
# Of the largest magnitude. Every product is summed in another order: TensorFlow 1.15.5 is apart by 1.2e-6 at the most.
WIDEST = 5e-6
NARROW = {5: {"n_hidden1": 4, "n_hidden2": 3}, 16: {"n_hidden1": 4, "n_hidden2": 3, "n_hidden3": 2}}
needs_tf1 = pytest.mark.skipif(not crossing.PYTHON.exists(), reason="needs TensorFlow 1.15.5 (make tf1)")


@pytest.fixture(scope="module")
def small_digits(tmp_path_factory):
    return small_data.write_small_data("digits", tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    listings = {number: (LISTINGS / f"autoencoder_{number}.py").read_text(encoding="utf-8") for number in NARROW}
    return crossing.make_place(tmp_path_factory.mktemp("place"), listings)


def assert_close(found, expected):
    found = np.array(crossing.thin(found))
    assert np.abs(found - expected).max() <= WIDEST * np.abs(expected).max()


def count_what_crosses(number):
    """Return how many variables, and how many tensors of a name that are no initial values, our port's graph has."""
    session = SimpleNamespace(run=lambda fetches, feed_dict: fetches)  # which says what it was asked for
    with new_graph(42):
        g = importlib.import_module(SCRIPTS[number - 1].module).build()
        return len(tf.global_variables()), len(crossing.shared["evaluate"](tf, session, vars(g), None, None))


@pytest.mark.parametrize("number", crossing.SAVING)
def test_every_variable_crossed_in_both_directions(number):
    n_variables, n_tensors = count_what_crosses(number)
    (initial,) = prove_tf1.read(number)["digits"]["seeds"]["42"]["initial_sha256"]
    assert n_variables == len(initial), "TensorFlow 1.15.5 has others"
    both = FOUND[f"autoencoder_{number}"]
    assert set(both) == {"saved here", "saved by TensorFlow 1.15.5"}
    for found in both.values():
        assert (found["variables"], found["variables_equal"], found["tensors"]) == (n_variables, n_variables, n_tensors)
        assert found["tensors_equal"] < n_tensors, "every product of another library, equal to the bit"
        assert 0 < found["widest"] <= WIDEST


def test_what_5_restores_of_8s_crossed_in_both_directions():
    with new_graph(42):
        n_variables = len(importlib.import_module(SCRIPTS[5 - 1].module).build().pretrained_vars)
    expected = {"variables": n_variables, "variables_equal": n_variables, "tensors": 0, "tensors_equal": 0, "widest": 0}
    assert FOUND["5 from 8"] == {"8 saved here": expected, "8 saved by TensorFlow 1.15.5": expected}


def test_what_9_and_10_draw_is_the_same_on_both_sides():
    assert len(FOUND["9 and 10 from 7"]) == 2
    for found in FOUND["9 and 10 from 7"].values():
        assert found["9's images"] == found["10's features"] == 0
        assert found["9's outputs"] <= WIDEST


def test_a_checkpoint_of_tensorflow_1s_restores_bit_for_bit(small_digits):
    found = crossing.restore_ours(crossing.CHECKPOINT / SEVEN.checkpoint, 7, crossing.NARROW, small_digits)
    assert found.keys() == KEPT["sha256"].keys() | KEPT["numbers"].keys()
    for name, sha256 in KEPT["sha256"].items():
        assert crossing.hash_array(found[name]) == sha256, name
    for name, numbers in KEPT["numbers"].items():
        assert_close(found[name], numbers)


def test_9_draws_from_a_checkpoint_of_tensorflow_1s(small_digits, tmp_path):
    shutil.copytree(crossing.CHECKPOINT, tmp_path / SEVEN.name)
    assert KEPT["provenance"]["sizes"] == {"n_hidden1": 2, "n_hidden2": 3} == crossing.NARROW
    argv = ["--data", str(small_digits), "--out", str(tmp_path), "--n-hidden1", "2", "--n-hidden2", "3"]
    importlib.import_module(SCRIPTS[9 - 1].module).main(argv)
    assert_close(np.load(tmp_path / "autoencoder_9" / "figures.npz")["outputs_val"], KEPT["drawn by 9"])


@needs_tf1
@pytest.mark.parametrize("number", NARROW)
def test_tensorflow_1_restores_ours(number, place):
    if number == 5:
        crossing.train_ours(place, 8, NARROW[5], place.ours)
    found = crossing.cross_from_ours(place, number, NARROW[number])
    assert found["variables_equal"] == found["variables"]
    assert found["widest"] <= WIDEST


@needs_tf1
def test_ours_restores_tensorflow_1s(place):
    found = crossing.cross_from_theirs(place, 16, NARROW[16])
    assert found["variables_equal"] == found["variables"]
    assert found["widest"] <= WIDEST
