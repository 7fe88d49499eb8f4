"""The tutorial reader's split and batches."""

import gzip

import numpy as np
import pytest
from conftest import TINY_TEST, TINY_TRAIN, make_tiny_arrays

from ref.common.errors import BadInputError
from ref.data import data_sets, idx, sources

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def test_images_are_flat_and_scaled_and_split(tiny_data):
    sets = data_sets.read_data_sets(sources.load(str(tiny_data)), seed=42)
    arrays = make_tiny_arrays()
    n_validation = TINY_TRAIN // 12
    assert sets.train.num_examples == TINY_TRAIN - n_validation
    assert (sets.validation.num_examples, sets.test.num_examples) == (n_validation, TINY_TEST)
    assert sets.train.images.dtype == np.float32
    expected = arrays[IMAGES][n_validation:].reshape(-1, 784).astype(np.float32) * np.float32(1 / 255)
    np.testing.assert_array_equal(sets.train.images, expected)
    expected = arrays[IMAGES][:n_validation].reshape(-1, 784).astype(np.float32) * np.float32(1 / 255)
    np.testing.assert_array_equal(sets.validation.images, expected)
    np.testing.assert_array_equal(sets.validation.labels, arrays[LABELS][:n_validation])


@pytest.mark.parametrize(("n", "n_validation"), [(60_000, 5_000), (59_999, 4_999), (60_012, 5_000), (100_000, 5_000)])
def test_mnists_own_split_is_5000_and_no_set_has_a_larger_one(n, n_validation):
    arrays = data_sets.Arrays("x", np.zeros((n, 1, 1), np.uint8), np.zeros(n), *[np.zeros((1, 1, 1))] * 2, {})
    sets = data_sets.read_data_sets(arrays, seed=0)
    assert (sets.train.num_examples, sets.validation.num_examples) == (n - n_validation, n_validation)


def draw_as_the_tutorial_did(n, batch_size, n_batches, seed):
    """TensorFlow 1.15's DataSet.next_batch, written out over a row of indices and NumPy's global generator.

    Gives, for each batch, its indices and the order in which it leaves the whole set.
    """
    state = np.random.get_state()
    np.random.seed(seed)
    index, epochs_completed, at, drawn = np.arange(n), 0, 0, []
    for _ in range(n_batches):
        start = at
        if epochs_completed == 0 and start == 0:
            perm0 = np.arange(n)
            np.random.shuffle(perm0)
            index = index[perm0]
        if start + batch_size > n:
            epochs_completed += 1
            rest = index[start:]
            perm = np.arange(n)
            np.random.shuffle(perm)
            index = index[perm]
            at = batch_size - len(rest)
            drawn.append((np.concatenate([rest, index[:at]]), index))
        else:
            at += batch_size
            drawn.append((index[start:at], index))
    np.random.set_state(state)
    return drawn


@pytest.mark.parametrize(("n", "batch_size"), [(20, 6), (20, 5), (20, 20), (7, 3)])
@pytest.mark.parametrize("look_every", [1, 3, 17])
def test_next_batch_is_the_tutorials(n, batch_size, look_every):
    """And so is the order of the whole set, which a look at it between two batches does not change."""
    images = np.arange(n, dtype=np.uint8).reshape(n, 1, 1)
    train = data_sets.DataSet(images, np.arange(n), np.random.RandomState(5))
    for i, (expected, order) in enumerate(draw_as_the_tutorial_did(n, batch_size, 17, seed=5), 1):
        image_batch, label_batch = train.next_batch(batch_size)
        np.testing.assert_array_equal(label_batch, expected)
        np.testing.assert_array_equal(image_batch[:, 0], expected.astype(np.float32) * np.float32(1 / 255))
        if i % look_every == 0:
            np.testing.assert_array_equal(train.images[:, 0], order.astype(np.float32) * np.float32(1 / 255))
            np.testing.assert_array_equal(train.labels, order)


def test_a_batch_larger_than_the_set_is_refused():
    train = data_sets.DataSet(np.zeros((4, 1, 1), np.uint8), np.arange(4), np.random.RandomState(0))
    with pytest.raises(BadInputError, match="a batch of 5 was asked of 4"):
        train.next_batch(5)


@pytest.mark.parametrize("n", [1, 11])
def test_very_small_sets_are_read(n, tiny_data):
    for file, array in make_tiny_arrays().items():
        (tiny_data / f"{file}.gz").write_bytes(gzip.compress(idx.encode_idx(array[:n])))
    sets = data_sets.read_data_sets(sources.load(str(tiny_data)), seed=0)
    assert (sets.train.num_examples, sets.validation.images.shape) == (n, (0, 784))
