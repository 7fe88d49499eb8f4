"""The loss at a training step, taken so that the step computes and draws what it would without."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.draws import find_random_ops
from ref.common.session import Session

TakeStep = Callable[[Session, tf.Operation, dict | None], None]


class StepLosses:
    """What each training op minimizes, as far as ``Optimizer.minimize`` was called for it while it was noted.

    A loss that draws nothing is evaluated by itself, before its step, which stays the call that it is. One that draws,
    as with noise or dropout, would draw anew: it is fetched with its step, of which it is a part.
    """

    def __init__(self):
        self._losses: dict[tf.Operation, tf.Tensor] = {}
        self._draws: dict[tuple, bool | None] = {}

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note what training ops that are made in the block minimize; nothing is added to a graph."""
        minimize = tf.train.Optimizer.minimize

        def noting_minimize(optimizer, loss, *args, **keywords):
            training_op = minimize(optimizer, loss, *args, **keywords)
            self._losses[training_op] = loss
            return training_op

        tf.train.Optimizer.minimize = noting_minimize
        try:
            yield
        finally:
            tf.train.Optimizer.minimize = minimize

    def draws(self, training_op: tf.Operation, feed_dict: dict | None) -> bool | None:
        """Return whether the loss of ``training_op`` draws; None where it is not known, or draws more than its step."""
        key = (training_op, *(feed_dict or ()))
        if key not in self._draws:
            loss, fed = self._losses.get(training_op), tuple(feed_dict or ())
            drawn = set(find_random_ops([loss.op], fed)) if loss is not None else set()
            is_known = loss is not None and drawn <= set(find_random_ops([training_op], fed))
            self._draws[key] = bool(drawn) if is_known else None
        return self._draws[key]

    def take_step(
        self, sess: Session, training_op: tf.Operation, feed_dict: dict | None, take: TakeStep | None = None
    ) -> float | None:
        """Take a step, by ``take`` where there is one, and return the loss before it, or None where it cannot be had.

        A loss that is a vector, as in autoencoder_4, is summed, as ``minimize`` does.
        """
        draws = self.draws(training_op, feed_dict)
        loss, value = self._losses.get(training_op), None
        if draws and take is None:
            value, _ = tf.Session.run(sess, [loss, training_op], feed_dict)
        else:
            if draws is False:
                value = sess.run_prepared(loss, feed_dict)
            (take or Session.run_prepared)(sess, training_op, feed_dict)
        return None if value is None else float(np.sum(value))
