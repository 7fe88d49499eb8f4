"""Rows in blocks: each epoch a permutation that a disk can follow; what is read ahead is what lies in the file."""

import itertools
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from ref.common.errors import BadInputError
from ref.engines.blocks import draw_by_blocks, read_ahead

WIDTH = 3
SHAPES = [(100, 7, 10, 3), (97, 10, 8, 2), (5, 5, 10, 3), (64, 16, 16, 1), (50, 7, 1, 4), (1, 1, 512, 64)]
EACH_SHAPE = pytest.mark.parametrize(("n", "batch", "block", "buffer"), SHAPES)


@pytest.fixture
def make_cache(tmp_path):
    """A function that makes a cache's file of ``n`` rows, and maps it."""

    def make(n):
        np.save(tmp_path / "cache.npy", np.random.RandomState(0).normal(size=(n, WIDTH)).astype(np.float32))
        return np.load(tmp_path / "cache.npy", mmap_mode="r")

    return make


@EACH_SHAPE
def test_an_epoch_is_a_permutation(n, batch, block, buffer):
    rnd = np.random.RandomState(1)
    epochs = [draw_by_blocks(rnd, n, batch, block, buffer) for _ in range(3)]
    for drawn in epochs:
        assert drawn.shape == (n // batch, batch)
        assert drawn.dtype == np.int32
        assert len(np.unique(drawn)) == drawn.size
        assert drawn.min() >= 0
        assert drawn.max() < n
    again = draw_by_blocks(np.random.RandomState(1), n, batch, block, buffer)
    np.testing.assert_array_equal(again, epochs[0])
    if n > batch:
        assert (epochs[0] != epochs[1]).any()


def test_over_many_epochs_each_row_is_drawn_equally_often():
    rnd = np.random.RandomState(2)
    counts = np.bincount(np.concatenate([draw_by_blocks(rnd, 56, 10, 8, 2).ravel() for _ in range(4000)]), minlength=56)
    # Of 56 rows six are left out in each epoch, of one buffer: a count deviates by some sqrt(4000 · 50/56 · 6/56).
    np.testing.assert_allclose(counts, 4000 * 50 / 56, atol=5 * 20)


def test_a_buffer_of_all_blocks_shuffles_all_rows():
    """In which place a row is drawn is as with a permutation: any, equally often, whatever its block."""
    rnd = np.random.RandomState(3)
    places = [int(np.flatnonzero(draw_by_blocks(rnd, 12, 1, 3, 4).ravel() == 5)[0]) for _ in range(6000)]
    np.testing.assert_allclose(np.bincount(places, minlength=12), 500, atol=110)  # 5 deviations


def test_rows_stay_within_their_buffer():
    for first in range(0, 120, 24):
        drawn = draw_by_blocks(np.random.RandomState(4), 120, 24, 6, 4)
        assert len(np.unique(drawn.ravel()[first : first + 24] // 6)) == 4


@EACH_SHAPE
@pytest.mark.parametrize("ahead", [1, 4])
def test_what_is_read_is_what_lies_there(n, batch, block, buffer, ahead, make_cache):
    cache = make_cache(n)
    batches = draw_by_blocks(np.random.RandomState(1), n, batch, block, buffer)
    with read_ahead(cache, batches, block, ahead) as all_rows:
        for indices, rows in zip(batches, all_rows, strict=True):
            np.testing.assert_array_equal(rows, cache[indices])
    assert_nobody_reads(cache)


@pytest.mark.parametrize("order", ["shuffled", "again and again", "a part"])
def test_any_order_is_read(order, make_cache):
    cache, rnd = make_cache(60), np.random.RandomState(0)
    batches = {"shuffled": rnd.permutation(60), "again and again": rnd.randint(60, size=90), "a part": np.arange(9, 21)}
    batches = batches[order].reshape(-1, 6)
    with read_ahead(cache, batches, 7, 2) as all_rows:
        np.testing.assert_array_equal(np.array(list(all_rows)), cache[batches])


@pytest.mark.parametrize("n_taken", [0, 1, 5])
def test_the_reader_ends_with_who_asked(n_taken, make_cache):
    cache = make_cache(200)
    batches = draw_by_blocks(np.random.RandomState(1), 200, 10, 4, 2)
    with read_ahead(cache, batches, 4, 1) as all_rows:
        list(itertools.islice(all_rows, n_taken))
    assert_nobody_reads(cache)


def test_an_epoch_without_a_batch_is_read(make_cache):
    cache = make_cache(3)
    with read_ahead(cache, np.empty((0, 5), np.int32)) as all_rows:
        assert list(all_rows) == []
    assert_nobody_reads(cache)


@pytest.mark.parametrize("what", ["cut short", "gone"])
def test_what_the_reader_meets_is_the_trainings_one_line(what, make_cache, tmp_path):
    cache = make_cache(200)
    if what == "gone":
        (tmp_path / "cache.npy").unlink()
    else:
        with open(tmp_path / "cache.npy", "r+b") as file:
            file.truncate(1000)
    batches = draw_by_blocks(np.random.RandomState(1), 200, 10, 4, 2)
    with (
        read_ahead(cache, batches, 4) as rows,
        pytest.raises(BadInputError, match=r"cache\.npy: cannot be read") as caught,
    ):
        list(rows)
    assert "\n" not in str(caught.value)
    assert_nobody_reads(cache)


def assert_nobody_reads(cache):
    assert "read-ahead" not in {thread.name for thread in threading.enumerate()}
    names = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert sum(str(cache.filename) in name for name in names) == 1  # the mapping's own
