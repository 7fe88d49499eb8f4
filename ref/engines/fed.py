"""Engines that feed every batch: the listing's own, and one that shuffles once an epoch."""

from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf

from ref.engines.cache import Rows
from ref.engines.draws import draw_per_batch
from ref.engines.phase2 import Phase2


class EpochShuffle(Phase2, name="epoch-shuffle"):
    """One permutation an epoch; a lookup, a feed and a ``Session.run`` for every batch."""

    reads_file = True

    def __init__(self, g: SimpleNamespace, rows: Rows):
        super().__init__(g, rows)
        self.fed = rows.tensor  # (batch, 300) or (batch, 784)

    def keep(self, sess: tf.Session, rows: np.ndarray) -> None:
        self._table = rows

    def train(
        self, sess: tf.Session, batches: Iterable[np.ndarray], progress: Callable[[Iterable], Iterable] = iter
    ) -> np.ndarray:
        for indices in progress(batches):
            sess.run(self._g.phase2_training_op, {self.fed: self._table[indices]})
        return indices

    def make_feeds(self, batches: np.ndarray) -> Iterator[np.ndarray]:
        for indices in batches:
            yield self._table[indices]


class Book(EpochShuffle, name="book"):
    """The listing's own: a permutation of the whole set for every batch."""

    draw_batches = staticmethod(draw_per_batch)
