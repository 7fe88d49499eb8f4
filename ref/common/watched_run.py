"""A run whose loss is looked at while it takes steps: what a terminal's bar shows."""

import contextlib
import time
from collections.abc import Callable

import tensorflow.compat.v1 as tf

from ref.common.runs import Run
from ref.common.session import Session
from ref.common.step_losses import StepLosses

LOOKS_S = 0.5  # between two looks


class WatchedRun(Run):
    """A Run of the same digits whose bar has a running loss, that of the step it was last looked at before.

    A loss that draws is not looked at: two runs are to make the same calls. There the last that was printed is shown.
    """

    def __init__(self, *args, clock: Callable[[], float] = time.perf_counter, **keywords):
        super().__init__(*args, **keywords)
        self._clock, self._looked_s = clock, clock()
        self._losses, self._loss = StepLosses(), None
        self._take, self._take_step = self._take_step, self._take_watched_step
        self._open = contextlib.ExitStack()
        self._open.callback(super().close)
        self._open.enter_context(self._losses.noting())

    def start_epoch(self, epoch: int) -> None:
        super().start_epoch(epoch)
        if epoch == 0:
            self._loss = None

    def close(self) -> None:
        self._open.close()

    def _take_watched_step(self, sess: Session, training_op: tf.Operation, feed_dict: dict | None) -> None:
        if self._wants_loss(training_op, feed_dict):
            self._note_loss(self._losses.take_step(sess, training_op, feed_dict, self._take))
        else:
            (self._take or Session.run_prepared)(sess, training_op, feed_dict)

    def _wants_loss(self, training_op: tf.Operation, feed_dict: dict | None) -> bool:
        is_time = self._clock() - self._looked_s > LOOKS_S
        return is_time and self._losses.draws(training_op, feed_dict) is False

    def _note_loss(self, loss: float | None) -> None:
        self._loss, self._looked_s = loss, self._clock()

    def _say_loss(self) -> str:
        return super()._say_loss() if self._loss is None else f"loss {self._loss:.4g}"
