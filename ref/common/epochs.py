"""Where a run is, epoch by epoch: what it commits at an epoch's end, and how it catches up with an interrupted run."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common import generations, resume, session
from ref.common.errors import BadInputError
from ref.common.times import EVALUATION, Times
from ref.data.data_sets import DataSets


class Epochs:
    """The epochs of one run.

    Args:
      name: the script's.
      directory: the run's, whose generations are written.
      is_saved: whether the listing saves a checkpoint, which then holds the variables.
      recorded: what an interrupted run left, to go on from there.

    Attributes:
      catching_up: ``recorded`` until the last of its epochs has gone through the loop again, then None.
      sets: the data, once it is read.
      times: where the run's time goes.
    """

    def __init__(self, name: str, directory: Path, is_saved: bool, recorded: resume.Recorded | None):
        self.name, self.directory, self.catching_up = name, directory, recorded
        self.sets: DataSets | None = None
        self._is_saved = is_saved
        self._variables: list[dict[str, np.ndarray]] = []  # of each session, where the listing saves none
        self._own: list[Path] = [recorded.path] if recorded else []
        self._phase, self._n_done = 0, 0
        self.epoch: int | None = None
        self.times = Times()
        self.times.is_catching_up = recorded is not None

    @property
    def has_saved(self) -> bool:
        return bool(self._own)

    def describe(self) -> str:
        """Return the name, phase and epoch, as far as there are any."""
        return self.name if self.epoch is None else f"{self.name}, phase {self._phase}, epoch {self.epoch}"

    def start(self, epoch: int) -> None:
        """Note that training is at ``epoch``; with 0 another phase begins."""
        self._phase += epoch == 0
        self.epoch = epoch
        self.times.phase = self._phase
        if self.catching_up:
            self.times.enter(EVALUATION)

    def add_session(self, sess: session.Session, take_step: Callable | None) -> None:
        """Watch a session that was just opened; while catching up, it is given the variables that it had.

        ``take_step`` is what takes its steps, where that is not the session itself: see ref.common.resume.Journal.
        """
        variables = None
        if self.catching_up:
            names = [variable.op.name for variable in sess.graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES)]
            variables = self.catching_up.get_variables(len(self._variables), names)
        sess.journal = resume.Journal(sess, variables, take_step, self._time_call)
        self._variables.append({} if self._is_saved else variables or {})

    def _time_call(self, fetches, feed_dict: dict | None) -> contextlib.AbstractContextManager:
        """Take a layer's outputs for the whole training set for the fill of a cache, as in autoencoder_6 and 8."""
        fed = [value for value in (feed_dict or {}).values() if np.ndim(value)]
        is_whole = self.sets is not None and any(len(value) == self.sets.train.num_examples for value in fed)
        is_layer = isinstance(fetches, tf.Tensor) and fetches.shape.rank == 2
        return self.times.filling_cache() if is_whole and is_layer else contextlib.nullcontext()

    def put_back(self) -> None:
        """Undo what an epoch that is only gone through has drawn."""
        if self.catching_up and self.sets:
            self.catching_up.put_back(self.sets)

    def end(
        self, sess: session.Session, values: dict, save: Callable[[Path], None] | None, state: dict, make_way: Callable
    ) -> None:
        """Commit an epoch of training: ``values`` of its variables by ``save``, or where that is None in our own file.

        ``state`` is what of the run's is to be kept with it; ``make_way`` is called just before it is the newest.

        Raises:
          OSError: it cannot be written; what was committed before is as it was.
        """
        self._n_done += 1
        if not self._is_saved:
            self._variables[-1] = values

        def write(directory: Path) -> dict:
            if save:
                save(directory)
            resume.write_arrays(directory, self.sets, self._variables)
            return resume.make_state(
                phase=self._phase,
                epoch=self.epoch,
                n_done=self._n_done,
                draws=sess.journal.describe_draws(),
                times=self.times.get_state(),
                **state,
            )

        self._own.append(generations.commit(self.directory, write, self._own, make_way))

    def end_again(self, sess: session.Session) -> dict | None:
        """While catching up, end an epoch; with the last, put everything back and return the state that was kept."""
        self._n_done += 1
        state = self.catching_up.state
        if self._n_done < state["n_done"]:
            return None
        self.put_back()
        sess.journal.go_on(sess, state["draws"])
        self.catching_up = None
        self.times.go_on_from(state["times"])
        print(f"{self.name}: goes on after phase {self._phase}, epoch {self.epoch}", file=sys.stderr)
        return state

    def check_caught_up(self) -> None:
        """Raise BadInputError where the listing has ended before the interrupted run's last epoch."""
        if self.catching_up:
            raise BadInputError(
                f"{self.name}: ended after {self._n_done} epochs, the interrupted run had "
                f"{self.catching_up.state['n_done']} behind it; run it again without --resume"
            )
