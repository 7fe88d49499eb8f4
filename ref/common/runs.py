"""One run of a port: its data, session, printed numbers, checkpoint and figures, all under ``OUT/NAME/``."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure

from ref.chapter import BY_NAME
from ref.common import captions, checkpoints, checks, generations, resume, run_directory, session
from ref.common.epochs import Epochs
from ref.common.errors import BadInputError
from ref.common.finite import advise, describe_not_finite
from ref.common.lines import Lines
from ref.common.numerics import NumericsChecker
from ref.common.origins import describe_checkpoint
from ref.common.progress import Bar
from ref.common.results import Results, describe_process
from ref.common.times import DATA, EVALUATION, SAVING, describe
from ref.data import data_sets, sources


class Run:
    """What a port's session loop reads from and writes to.

    Args:
      name: the script's, ``autoencoder_8``; results go to ``out/name/``.
      data: ``mnist``, ``digits``, a directory of IDX files, or None for the first that is there.
      seed: of the graph, the shuffles and the permutations.
      out: directory for the results of all scripts.
      device: ``auto``, ``cpu`` or ``gpu``.
      hyper_parameters: what the port was called with, for the record and for checking batch sizes.
      recorded: what an interrupted run left, to go on from there.
      checks_numerics: whether each step is looked through for what is not finite.

    Raises:
      BadInputError: the directory cannot be written, another run writes to it, or there is no such device.
    """

    def __init__(
        self,
        name: str,
        data: str | None,
        seed: int,
        out: str | Path,
        device: str,
        hyper_parameters: dict,
        recorded: resume.Recorded | None = None,
        checks_numerics: bool = False,
    ):
        self.name, self.data, self.seed, self.out, self.device = name, data, seed, Path(out), device
        self.hyper_parameters, self.checks_numerics = hyper_parameters, checks_numerics
        self.directory = self.out / name
        session.check_device(device)
        self._lock = run_directory.take(self.directory)
        script = BY_NAME.get(name)
        self._saves = bool(getattr(script, "checkpoint", True))
        self._arrays: data_sets.Arrays | None = None
        self._epochs = Epochs(name, self.directory, self._saves, recorded)
        self.times = self._epochs.times
        self._lines = Lines()
        self._numerics = NumericsChecker()
        self._sess: session.Session | None = None
        self._results = Results(self.directory, getattr(script, "figures", ()), waits=recorded is None)
        self.result: dict = {
            "script": name,
            "hyper_parameters": self.hyper_parameters,
            "seed": seed,
            "data": None,
            "printed": self._lines.printed,
            "figures": [],
            "checkpoint": None,
        }
        run_directory.say_what_is_anothers(name, self.directory, getattr(script, "checkpoint", ""))
        if recorded is None:
            run_directory.say_what_is_there(name, self.directory)
        else:
            resume.warn_of_other_rounding(name, recorded.state, device, checks_numerics)

    def load(self) -> data_sets.Arrays:
        """Read the data's files, once: ``read_data_sets`` goes on from there.

        Raises:
          BadInputError: they are not what they must be, or hold less than a batch.
        """
        if self._arrays is None:
            self.data = self.data or sources.choose_data()
            with self.times.during(DATA):
                self._arrays = sources.load(self.data, BY_NAME[self.name].uses_labels)
            n_train, n_test = data_sets.count_examples(self._arrays)
            checks.check_batches(BY_NAME[self.name], self.hyper_parameters, n_train, n_test, self._arrays.name)
        return self._arrays

    def read_data_sets(self) -> data_sets.DataSets:
        """Read the data where the listing calls ``read_data_sets``; the run's one ``RandomState`` starts here."""
        arrays, self._arrays = self.load(), None
        with self.times.during(DATA):
            sets = data_sets.read_data_sets(arrays, self.seed)
        self.result["data"] = {"name": arrays.name, "sha256": arrays.sha256}
        if self._epochs.catching_up:
            self._epochs.catching_up.check_images(self.data, arrays.sha256)
        self._epochs.sets = sets
        return sets

    def open_session(self, graph: tf.Graph | None = None) -> tf.Session:
        """Finalize the graph and open a session on the run's device."""
        self._sess = session.open_session(self.device, graph)
        if session.describe_device(self.device) == "gpu":
            self.result["tf32"] = tf.config.experimental.tensor_float_32_execution_enabled()
        self._epochs.add_session(self._sess, self._take_checked_step if self.checks_numerics else None)
        return self._sess

    def _take_checked_step(self, sess: session.Session, training_op: tf.Operation, feed_dict: dict | None) -> None:
        self._refuse(self._numerics.take_step(sess, training_op, feed_dict))

    def progress(self, iterations: int | Iterable, epoch: int | None = None) -> Iterator:
        """Yield ``range(iterations)``, or ``iterations`` itself, with a bar on standard error if a terminal.

        Of an epoch that an interrupted run has behind it, it is the first alone, and steps are not taken.
        """
        if epoch is not None:
            self.start_epoch(epoch)
        iterable = range(iterations) if isinstance(iterations, int) else iterations
        if self._epochs.catching_up:
            yield from islice(iterable, 1)
            self._epochs.put_back()
            return
        desc = None if self._epochs.epoch is None else f"epoch {self._epochs.epoch}"
        with self.times.taking_steps(iterations) if isinstance(iterations, int) else nullcontext():
            yield from Bar(iterable, desc=desc, leave=False, disable=None)

    def start_epoch(self, epoch: int) -> None:
        """Note which epoch it is; ``progress`` does that for who has an iteration a step."""
        self._epochs.start(epoch)

    def print(self, *values, end: str = "\n") -> None:
        """Print as the listing does, and keep each number for ``result.json`` under the label printed before it.

        Raises:
          BadInputError: a number is not finite.
        """
        if not self._epochs.catching_up:
            self._refuse(self._lines.print(*values, end=end))
        if not self._saves and end == "\n" and self._epochs.epoch is not None:
            self._end_epoch(self._sess, None)

    def save(self, saver: tf.train.Saver, sess: tf.Session, name: str) -> None:
        """Write the checkpoint ``name`` to the run's directory, in a generation with what a resume needs.

        Raises:
          BadInputError: a variable is not finite.
          OSError: it cannot be written; what was saved before is as it was.
        """
        self.result["checkpoint"] = name
        self._end_epoch(sess, lambda directory: checkpoints.save(saver, sess, directory / name))

    def _end_epoch(self, sess: session.Session, save: Callable[[Path], None] | None) -> None:
        if self._epochs.catching_up:
            if state := self._epochs.end_again(sess):
                self._lines.set_state(state)
                self.result |= {"printed": self._lines.printed, **state["restored"]}
            return
        with self.times.during(SAVING):
            self._commit(sess, save)

    def _commit(self, sess: session.Session, save: Callable[[Path], None] | None) -> None:
        values = session.read_variables(sess)
        self._refuse(describe_not_finite(values))
        arguments = {"data": self.data, "seed": self.seed, "seeds": self.result.get("seeds"), "device": self.device}
        state = {
            "arguments": arguments | self.hyper_parameters,
            "data": self.result["data"],
            "environment": resume.describe_environment(self.device, self.checks_numerics),
            "checkpoint": self.result["checkpoint"],
            "restored": {key: self.result[key] for key in ("restored",) if key in self.result},
            **self._lines.get_state(),
        }
        self._epochs.end(sess, values, save, state, self._results.discard_old)
        self._results.write_pictures()

    def _refuse(self, problem: str | None) -> None:
        """Raise BadInputError where there is a ``problem`` with a number."""
        if problem is None:
            return
        advice = advise(self.hyper_parameters, self.checks_numerics)
        kept = f"; what was saved before is kept in {self.directory}" if self._epochs.has_saved else ""
        raise BadInputError(f"{self._epochs.describe()}: {problem}, expected finite numbers; {advice}{kept}")

    def restore(
        self,
        saver: tf.train.Saver,
        sess: tf.Session,
        name: str,
        made_by: str | None = None,
        variables: Sequence[tf.Variable] | None = None,
    ) -> None:
        """Restore ``variables`` (all, unless given; they are the saver's) from the checkpoint ``name``.

        ``made_by`` is the script that wrote it, this one unless given. Another script's is noted, with what is known of
        its making, in ``result.json`` and on standard error: it may come from other data, another seed, fewer epochs.
        """
        if self._epochs.catching_up:  # its values come from the generation
            return
        directory = self.out / (made_by or self.name)
        variables = tf.global_variables() if variables is None else variables
        make = checks.name_target(directory.name, self.out)
        found = checkpoints.restore(saver, sess, directory / name, variables, make)
        self.times.enter(EVALUATION)
        if made_by is None:
            return
        origin = describe_checkpoint(directory, found, make)
        self.result["restored"] = {"checkpoint": f"{directory.name}/{name}", "origin": origin}
        print(f"{self.name}: restored {directory / name} ({origin})", file=sys.stderr)

    def save_figure(self, name: str, fig: Figure, **drawn: np.ndarray) -> None:
        """Write ``name.png``, with captions, and keep the arrays that were ``drawn`` for ``figures.npz``."""
        self._refuse(describe_not_finite(drawn))
        captions.add_captions(fig, self.name, name)
        self.result["figures"].append(f"{name}.png")
        self._results.add_figure(name, fig, drawn)

    @property
    def drawn(self) -> dict[str, np.ndarray]:
        """The arrays that were drawn, by the names of save_figure's arguments."""
        return self._results.drawn

    def finish(self) -> None:
        """Write ``figures.npz`` and ``result.json``, and say on standard error where and how long it took."""
        self._epochs.check_caught_up()
        wall_time_s = self.times.measure_s()
        self.result |= describe_process(self.device)
        self.result |= {"wall_time_s": round(wall_time_s, 2), "times": self.times.summarize()}
        self._results.finish(self.result)
        if not self._saves:
            generations.remove_all(self.directory)
        for line in (f"{wall_time_s:.1f} s, results in {self.directory}", *describe(self.result["times"])):
            print(f"{self.name}: {line}", file=sys.stderr)

    def say_how_to_go_on(self) -> None:
        """Say, of a run that is interrupted, which flag goes on with it."""
        if self._epochs.has_saved:
            print(
                f"{self.name}: --resume (make: RESUME=1) goes on after the last epoch that was saved", file=sys.stderr
            )

    def close(self) -> None:
        """Let others write to the directory."""
        self._lock.close()
