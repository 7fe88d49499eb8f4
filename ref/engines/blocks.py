"""An engine for a cache that is larger than memory: rows in an order that a disk can follow, in blocks, read ahead.

A disk gives single rows in random order by the ten thousand a second, blocks of them by the hundred thousand. So
blocks are shuffled, and rows within a buffer of several blocks: less than a shuffle of all, see ``draw_by_blocks``.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError
from ref.engines.fed import EpochShuffle

BLOCK_ROWS = 512  # 0.6 MB of 300 float32 values each
BUFFER_BLOCKS = 64


def draw_by_blocks(
    rnd: np.random.RandomState,
    num_examples: int,
    batch_size: int,
    block_rows: int = BLOCK_ROWS,
    buffer_blocks: int = BUFFER_BLOCKS,
) -> np.ndarray:
    """Return an epoch of batches, int32 (num_examples // batch_size, batch_size), each row at most once.

    Blocks of ``block_rows`` neighbours are shuffled, and the rows of every ``buffer_blocks`` blocks, one buffer after
    the other. Where all blocks fit in a buffer that is a shuffle of all rows. Else a batch is drawn from the rows of
    ``buffer_blocks`` random places of the set: where neighbours are alike, the shares of the kinds of rows in a batch
    spread by sqrt(1 / batch_size + 1 / buffer_blocks) in place of sqrt(1 / batch_size).
    """
    blocks = rnd.permutation(-(-num_examples // block_rows))
    buffers = []
    for first in range(0, len(blocks), buffer_blocks):
        starts = blocks[first : first + buffer_blocks, np.newaxis] * block_rows
        rows = (starts + np.arange(block_rows)).ravel()
        buffers.append(rnd.permutation(rows[rows < num_examples]).astype(np.int32))
    n_batches = num_examples // batch_size
    return np.concatenate(buffers)[: n_batches * batch_size].reshape(n_batches, batch_size)


class _Plan:
    """Which blocks an epoch of ``batches`` reads, in which order, and when each is needed first and last."""

    def __init__(self, batches: np.ndarray, block_rows: int):
        n_batches, batch_size = batches.shape
        blocks = batches.ravel() // block_rows
        batch = np.repeat(np.arange(n_batches), batch_size)
        n_blocks = blocks.max(initial=-1) + 1
        first, last = np.full(n_blocks, n_batches), np.full(n_blocks, -1)
        np.minimum.at(first, blocks, batch)
        np.maximum.at(last, blocks, batch)
        self.order = np.argsort(first, kind="stable")[: np.count_nonzero(last >= 0)]
        # Of each batch: how many blocks of the order it and those before it need, and which no later batch does.
        self.n_needed = np.searchsorted(first[self.order], np.arange(n_batches), side="right")
        done = np.argsort(last, kind="stable")[np.count_nonzero(last < 0) :]
        ends = np.searchsorted(last[done], np.arange(n_batches), side="right")
        self.done = np.split(done, ends[:-1])
        n_kept = self.n_needed - np.concatenate([[0], ends[:-1]])
        self.n_at_once = int(n_kept.max(initial=0))


@contextlib.contextmanager
def read_ahead(
    cache: np.memmap, batches: np.ndarray, block_rows: int = BLOCK_ROWS, blocks_ahead: int = BUFFER_BLOCKS
) -> Iterator[Iterator[np.ndarray]]:
    """Give an iterator over ``cache[indices]`` for each ``indices`` of ``batches``, (n_batches, batch_size).

    A thread reads the blocks that hold them, each once, ``blocks_ahead`` of them before they are needed; it ends with
    the block. In memory are the blocks that have begun and not ended, and those ahead.

    Raises:
      BadInputError: the file cannot be read to its end.
    """
    plan = _Plan(batches, block_rows)
    slots = np.empty((plan.n_at_once + blocks_ahead, block_rows, *cache.shape[1:]), cache.dtype)
    free, loaded, is_over = queue.SimpleQueue(), queue.SimpleQueue(), threading.Event()
    for slot in range(len(slots)):
        free.put(slot)

    def read() -> None:
        try:
            with open(cache.filename, "rb", buffering=0) as file:
                for block in plan.order.tolist():
                    slot = free.get()
                    if is_over.is_set():
                        return
                    n_rows = min(block_rows, len(cache) - block * block_rows)
                    file.seek(cache.offset + block * slots[0].nbytes)
                    _read_into(file, slots[slot, :n_rows])
                    loaded.put((block, slot))
        except BaseException as error:  # whatever it is, the thread that waits has to know
            loaded.put(error)

    def take() -> Iterator[np.ndarray]:
        slot_of = np.empty(len(plan.order) and plan.order.max() + 1, np.intp)
        rows, n_loaded = slots.reshape(-1, *cache.shape[1:]), 0
        for indices, n_needed, done in zip(batches, plan.n_needed, plan.done):
            while n_loaded < n_needed:
                found = loaded.get()
                if isinstance(found, BaseException):
                    raise BadInputError(
                        f"{cache.filename}: cannot be read ({found}), expected the cache that was written; run it again"
                    ) from found
                block, slot = found
                slot_of[block], n_loaded = slot, n_loaded + 1
            blocks, offsets = np.divmod(indices, block_rows)
            yield rows[slot_of[blocks] * block_rows + offsets]
            for block in done:
                free.put(int(slot_of[block]))

    reader = threading.Thread(target=read, name="read-ahead")
    reader.start()
    try:
        yield take()
    finally:
        is_over.set()
        free.put(0)  # it may wait for one
        reader.join()


def _read_into(file, rows: np.ndarray) -> None:
    left = memoryview(rows).cast("B")
    while left:
        n_read = file.readinto(left)
        if not n_read:
            raise OSError(f"{left.nbytes} bytes short")
        left = left[n_read:]


class BlockShuffle(EpochShuffle, name="block-shuffle"):
    """Blocks of rows are shuffled, and the rows of each buffer of blocks; a feed for every batch."""

    draw_batches = staticmethod(draw_by_blocks)

    def train(
        self, sess: tf.Session, batches: np.ndarray, progress: Callable[[Iterable], Iterable] = iter
    ) -> np.ndarray:
        if not isinstance(self._table, np.memmap):
            return super().train(sess, batches, progress)
        with read_ahead(self._table, batches) as all_rows:
            for indices, rows in zip(progress(batches), all_rows):
                sess.run(self._g.phase2_training_op, {self.fed: rows})
        return indices
