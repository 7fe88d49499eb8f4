"""A run that writes event files for TensorBoard while it trains: --logdir."""

import collections
import sys
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common import resume
from ref.common.lines import read_epochs
from ref.common.logdir import EventFiles
from ref.common.progress import count_epochs
from ref.common.session import Session
from ref.common.terminal import is_watched
from ref.common.watched_run import WatchedRun


class LoggedRun(WatchedRun):
    """A Run of the same digits that keeps in event files what TensorBoard shows.

    In them are each graph with the settings; every ``log_every`` steps the loss that the training op minimizes, before
    the step, by the steps of the phase; of each epoch what was printed and how the trained variables are distributed;
    and when the run has ended, what was printed then, and its figures. A run that is gone on with goes on in its files.

    Raises:
      BadInputError: as Run; or the event files cannot be written.
    """

    def __init__(self, *args, logdir: Path, log_every: int = 10, recorded: resume.Recorded | None = None, **keywords):
        super().__init__(*args, recorded=recorded, **keywords)
        state = recorded.state if recorded else {}
        logged = state.get("events")
        self._logdir, self._log_every = logdir, log_every
        loops = state["times"]["loops"] if recorded else []
        self._n_steps = collections.Counter({phase: sum(n for n, *_ in taken) for phase, taken in loops})
        self._n_epochs, self._n_logged = state.get("n_done", 0), logged["n_printed"] if logged else 0
        self._without_loss: set[int] = set()  # phases
        try:
            self._files = EventFiles(logdir, self.name, logged)
        except BaseException:
            self.close()
            raise
        self._open.callback(self._files.close)

    def open_session(self, graph: tf.Graph | None = None) -> tf.Session:
        sess = super().open_session(graph)
        settings = {"data": self.data, "seed": self.seed, **self.hyper_parameters}
        rows = ["| setting | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in settings.items())]
        self._file = self._files.open(sess.graph, "\n".join(rows))
        return sess

    def finish(self) -> None:
        super().finish()
        self._log_printed()
        for figure in self.result["figures"]:
            self._file.add_picture(f"figures/{Path(figure).stem}", (self.directory / figure).read_bytes())
        print(f"{self.name}: event files in {self._files.directory}; make tensorboard shows them", file=sys.stderr)

    def _wants_loss(self, training_op: tf.Operation, feed_dict: dict | None) -> bool:
        phase = self.times.phase
        self._step = self._n_steps[phase]
        self._n_steps[phase] += 1
        if self._step % self._log_every:
            return is_watched() and super()._wants_loss(training_op, feed_dict)
        is_known = self._losses.draws(training_op, feed_dict) is not None
        if not is_known and phase not in self._without_loss:
            self._without_loss.add(phase)
            print(
                f"{self.name}: no loss by the step in phase {phase}: its training op is not of minimize, or takes many "
                "steps in one call, as some engines do",
                file=sys.stderr,
            )
        return is_known

    def _note_loss(self, loss: float | None) -> None:
        super()._note_loss(loss)
        if loss is not None and self._step % self._log_every == 0:
            self._file.add_scalars({f"{self._name_phase(self.times.phase)}steps/loss": loss}, self._step)

    def _read_variables(self, sess: Session) -> dict[str, np.ndarray]:
        values = super()._read_variables(sess)
        trained = [variable.op.name for variable in sess.graph.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)]
        self._file.add_histograms({name: values[name] for name in trained}, self._n_epochs)
        self._n_epochs += 1
        return values

    def _describe_state(self) -> dict:
        self._log_printed()
        state = super()._describe_state()
        state["arguments"] |= {"logdir": str(self._logdir), "log_every": self._log_every}
        return state | {"events": {"n_printed": self._n_logged, **self._files.get_state()}}

    def _log_printed(self) -> None:
        rows = list(read_epochs(self._lines.printed))
        for phase, epoch, numbers in rows[self._n_logged :]:
            where = "end" if epoch is None else f"{self._name_phase(phase)}epochs"
            last = max(self._n_epochs - 1, 0)
            self._file.add_scalars(
                {f"{where}/{label}": value for label, value in numbers.items()}, last if epoch is None else epoch
            )
        self._n_logged = len(rows)

    def _name_phase(self, phase: int) -> str:
        return f"phase {phase} " if len(count_epochs(self.hyper_parameters)) > 1 else ""
