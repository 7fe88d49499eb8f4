"""Our reader beside TensorFlow 1.15.5's: tests/golden/tf1/reader.json, written by scripts/tf1/record_reader.py."""

import collections
import json
import runpy

import numpy as np
import pytest

from ref.common.errors import BadInputError
from ref.common.flags import MAX_SEED
from ref.data import data_sets, sources
from scripts.record_tf1 import ROOT, TF1

RECORDER = runpy.run_path(str(ROOT / "scripts" / "tf1" / "record_reader.py"))
GOLDEN = json.loads((TF1 / "reader.json").read_text(encoding="utf-8"))


@pytest.fixture
def arrays(tmp_path):
    RECORDER["write_data"](tmp_path)
    return sources.load(str(tmp_path))


def note_batches(sets):
    """Return a list to which each batch that the sets give adds its set's name, its first image's number and the end's.

    The walk keeps what each set gave by itself, and all shuffles are drawn from one generator: in which set a
    difference began is told by the order of the batches alone.
    """
    given, n_given = [], collections.Counter()

    def note(name, data_set):
        next_batch = data_set.next_batch

        def noting(size):
            batch = next_batch(size)
            given.append((name, n_given[name], n_given[name] + size))
            n_given[name] += size
            return batch

        data_set.next_batch = noting

    for name in ("train", "validation", "test"):
        note(name, getattr(sets, name))
    return given


@pytest.mark.parametrize("seed", RECORDER["SEEDS"])
@pytest.mark.parametrize("sizes", RECORDER["SIZES"])
def test_every_batch_is_tensorflow_1s(seed, sizes, arrays):
    """Image by image, over more than two epochs, the three sets in turn, with draws and looks in between."""
    sets = data_sets.read_data_sets(arrays, seed)
    given = note_batches(sets)
    found = RECORDER["walk"](sets, sets.rnd, RECORDER["SIZES"][sizes])
    expected = GOLDEN["walks"][f"seed {seed}, batches of {sizes}"]
    assert len(found["train"]) > 2 * sets.train.num_examples
    assert found.keys() == expected.keys()
    for name, start, end in given:
        assert found[name][start:end] == expected[name][start:end], f"images {start} to {end - 1} of {name}"
    for name, value in expected.items():
        assert found[name] == value, name


@pytest.mark.parametrize("seed", [1, 2**16 - 1, 2**16, 2**16 + 42, 2**24 + 1, 2**31 - 3, MAX_SEED])
def test_every_seed_seeds_numpy_as_it_is(seed, arrays):
    """TensorFlow 1.15.5's reader calls ``numpy.random.seed`` with the graph's seed, below 2**31 - 1 unchanged."""
    sets = data_sets.read_data_sets(arrays, seed)
    assert RECORDER["hash_state"](sets.rnd) == RECORDER["hash_state"](np.random.RandomState(seed))


def test_numpy_stands_where_tensorflow_1s_reader_leaves_it(arrays):
    for name, seed in (
        ("graph seed 42", 42),
        ("graph seed 42, ops before it", 42),
        ("graph seed 0", 0),
        ("graph seed 2**31 - 1", 0),  # TensorFlow takes seeds modulo 2**31 - 1, and our command line none above
        ("graph seed 42, seed=5", 5),
        ("no graph seed, seed=5", 5),
    ):
        found = RECORDER["hash_state"](data_sets.read_data_sets(arrays, seed).rnd)
        assert found == GOLDEN["seeding"][name]["state_sha256"], name
    assert MAX_SEED < 2**31 - 1
    # Without any seed it takes one from the system at each call, whatever NumPy was seeded with before.
    assert GOLDEN["seeding"]["no graph seed"] == {"get_seed": [None, None], "state_sha256": None}


def test_before_the_first_batch_images_are_in_the_files_order(arrays):
    """Which is what ``next_batch(…, shuffle=False)`` gave: no listing asks for it, and ours has no such switch."""
    order = RECORDER["identify"](data_sets.read_data_sets(arrays, 42).train.images)
    expected = GOLDEN["unshuffled"]
    assert [order[i % len(order)] for i in range(len(expected))] == expected


def test_a_batch_larger_than_the_set_is_refused_where_tensorflow_1_gave_what_there_was(arrays):
    validation = data_sets.read_data_sets(arrays, 42).validation
    n = validation.num_examples
    assert GOLDEN["batches_larger_than_the_set"] == [n + 1, 2 * n]  # of n + 1, and of 2 n + 1 that were asked for
    for size in (n + 1, 2 * n + 1):
        with pytest.raises(BadInputError, match=f"a batch of {size} was asked of {n}"):
            validation.next_batch(size)


def test_the_golden_says_where_it_comes_from():
    assert GOLDEN["provenance"]["tensorflow"] == "1.15.5"
    assert len(GOLDEN["walks"]) == len(RECORDER["SEEDS"]) * len(RECORDER["SIZES"])
    assert np.unique(GOLDEN["walks"]["seed 7, batches of 37"]["train"]).size == 165
