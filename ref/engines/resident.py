"""An engine whose rows are a tensor of the graph: only a batch's indices are fed."""

from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf

from ref.engines.cache import Rows
from ref.engines.phase2 import Phase2


class KeepsRows(Phase2):
    """What an engine needs that keeps its rows in the graph, as ``resident_rows``, (n, 300) or (n, 784)."""

    def __init__(self, g: SimpleNamespace, rows: Rows):
        super().__init__(g, rows)
        shape = rows.tensor.shape
        self._rows_placeholder = tf.placeholder(tf.float32, shape, name="rows")
        # No variable of the model: the saver, made before, does not know it, and global_variables() neither.
        variable = tf.Variable(
            self._rows_placeholder,
            trainable=False,
            collections=[tf.GraphKeys.LOCAL_VARIABLES],
            validate_shape=False,
            name="resident_rows",
        )
        self._put_rows = variable.initializer
        self._resident_rows = tf.ensure_shape(variable, shape)

    def keep(self, sess: tf.Session, rows: np.ndarray) -> None:
        sess.run(self._put_rows, {self._rows_placeholder: rows})


class Resident(KeepsRows, name="resident"):
    """One permutation an epoch; a ``Session.run`` for every batch, which is fed its indices."""

    def __init__(self, g: SimpleNamespace, rows: Rows):
        super().__init__(g, rows)
        self.fed = tf.placeholder(tf.int32, [None], name="indices")  # (batch,)
        hidden1 = self._compute_hidden1(tf.gather(self._resident_rows, self.fed), rows.layers)
        loss = self._compute_loss(hidden1, *g.train_vars)
        self._train = g.optimizer.minimize(loss, var_list=g.train_vars)

    def train(
        self, sess: tf.Session, batches: Iterable[np.ndarray], progress: Callable[[Iterable], Iterable] = iter
    ) -> np.ndarray:
        for indices in progress(batches):
            sess.run(self._train, {self.fed: indices})
        return indices

    def make_feeds(self, batches: np.ndarray) -> Iterator[np.ndarray]:
        yield from batches
