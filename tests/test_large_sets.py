"""Sets larger than what 8, 16 and 31 bits count: the same rows, in NumPy's own order."""

import struct

import numpy as np
import pytest

from ref.chapter import BY_NAME
from ref.common import checks, generations, resume
from ref.common.errors import BadInputError
from ref.data.data_sets import DataSet, DataSets
from ref.data.idx import MAX_IMAGES, read_idx
from ref.engines.draws import draw_per_batch, draw_per_epoch

N = 2**16 + 300


def make_set(seed=3):
    rnd = np.random.RandomState(seed)
    return DataSet(np.zeros((N, 1, 1), np.uint8), np.arange(N), rnd), rnd


def test_batches_are_of_numpys_shuffle():
    train, _ = make_set()
    order, rnd = np.arange(N), np.random.RandomState(3)
    for _ in range(2):
        shuffle = np.arange(N)
        rnd.shuffle(shuffle)
        order = order[shuffle]
        found = np.concatenate([train.next_batch(N // 4)[1] for _ in range(4)])
        np.testing.assert_array_equal(found, order)


def test_order_and_place_are_kept(tmp_path):
    train, rnd = make_set()
    train.next_batch(N - 200)
    resume.write_arrays(tmp_path, DataSets(train, train, train, rnd), [])
    other, rnd = make_set(seed=9)
    resume.Recorded(generations.Generation(tmp_path, {})).put_back(DataSets(other, other, other, rnd))
    for size in (150, 100, N):
        np.testing.assert_array_equal(other.next_batch(size)[1], train.next_batch(size)[1])


def test_samplers_draw_every_row_once():
    expected = np.random.RandomState(3).permutation(N)
    np.testing.assert_array_equal(draw_per_epoch(np.random.RandomState(3), N, 100).ravel(), expected[: N // 100 * 100])
    np.testing.assert_array_equal(next(draw_per_batch(np.random.RandomState(3), N, N)), expected)


def test_as_many_labels_as_are_allowed_are_read_and_no_more(tmp_path):
    path = tmp_path / "train-labels-idx1-ubyte"
    labels = np.resize(np.arange(10, dtype=np.uint8), MAX_IMAGES + 1)
    for n in (MAX_IMAGES, MAX_IMAGES + 1):
        path.write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, n) + labels[:n].tobytes())
        if n == MAX_IMAGES:
            np.testing.assert_array_equal(read_idx(path), labels[:n])
        else:
            with pytest.raises(BadInputError, match="announces 1000001 of them, more than 1000000"):
                read_idx(path)


@pytest.mark.parametrize("n", [2**31, 2**31 + 2**20, 2**32 - 1])
def test_a_header_announces_what_it_says(n, tmp_path):
    path = tmp_path / "train-labels-idx1-ubyte"
    path.write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, n) + bytes(100))
    with pytest.raises(BadInputError, match=f"announces {n} of them, more than"):
        read_idx(path)


def test_bytes_of_a_cache_are_counted_exactly():
    script = BY_NAME["autoencoder_8"]
    sizes = {"n_hidden1": 3000, "n_hidden2": 10, "memmap": False}
    without = checks.count_bytes(script, sizes, 1_000_000)
    assert checks.count_bytes(script, sizes | {"memmap": True}, 1_000_000) - without == 12_000_000_000


@pytest.mark.parametrize("n_dims", [0, 2, 5, 200])
def test_dimensions_are_those_of_the_header(n_dims, tmp_path):
    path = tmp_path / "train-labels-idx1-ubyte"
    path.write_bytes(struct.pack(">BBBBI", 0, 0, 8, n_dims, 2**24 + 7) + bytes(100))
    with pytest.raises(BadInputError, match=f"holds {n_dims} dimensions|holds labels of {n_dims} dimensions"):
        read_idx(path)
