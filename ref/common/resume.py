"""What a run needs to go on to the same bits, as it lies in a generation, and how a run catches up with it.

A run that goes on runs its listing from the start, but leaves the training steps out: one iteration of each epoch that
is done already goes through the loop, and takes no step. The variables are put in before the first of these, so that
what the listing computes on the way, as autoencoder_8 its cache, comes out as it did. At the last epoch that is done,
all else is put back: the generator, the order and position of each set, how often each random op was run, the lines.

Nothing else decides digits. Another TensorFlow, CPU or number of threads rounds otherwise; it is said.
"""

import json
import platform
import sys
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common import machine, session
from ref.common.draws import Draws
from ref.common.errors import BadInputError
from ref.common.generations import Generation, find_generations
from ref.common.reasons import explain
from ref.data.data_sets import DataSets

STATE = "state.npz"
NOT_GIVEN = "not given"
NEEDED = {"arguments", "data", "environment", "checkpoint", "restored", "phase", "epoch", "n_done", "draws", "times"}


class Journal:
    """What a run keeps of a session: its draws, and, while it catches up, the variables that steps would have made.

    ``take_step``, where there is one, takes the training steps. ``around`` gives a context for each call that fetches
    a value.
    """

    def __init__(
        self,
        sess: session.Session,
        variables: dict[str, np.ndarray] | None,
        take_step: Callable[[session.Session, tf.Operation, dict | None], None] | None = None,
        around: Callable[..., AbstractContextManager] = lambda *_: nullcontext(),
    ):
        self._take_step, self.around = take_step, around
        self.draws = Draws(sess.graph)
        self._training_ops = set(sess.graph.get_collection(tf.GraphKeys.TRAIN_OP))
        self._variables = variables  # None: it trains
        self._is_loaded = False

    def replaces(self, sess: session.Session, fetches, feed_dict: dict | None) -> bool:
        """Note what is to be run, and return whether it need not be: a step that was taken before, or is taken here."""
        is_step = isinstance(fetches, tf.Operation) and fetches in self._training_ops
        if is_step and self._variables is not None:
            if not self._is_loaded:
                self._is_loaded = True
                self._load(sess)
            return True
        self.draws.note(fetches, feed_dict)
        if is_step and self._take_step:
            self._take_step(sess, fetches, feed_dict)
            return True
        return False

    def go_on(self, sess: session.Session, counts: list) -> None:
        """Take steps from now on; ``counts`` is how often each random op was run, as ``describe_draws`` gave it."""
        self._variables = None
        calls = {
            (tuple(names), tuple((name, tuple(shape), value) for name, shape, value in fed)): count
            for names, fed, count in counts
        }
        self.draws.fast_forward(sess, calls)

    def describe_draws(self) -> list:
        """Return how often each random op was run, of JSON's types."""
        return [[names, fed, count] for (names, fed), count in self.draws.counts.items()]

    def _load(self, sess):
        with sess.graph.as_default():
            for variable in tf.global_variables():
                variable.load(self._variables[variable.op.name], sess)


def find_unfinished(directory: Path) -> Generation | None:
    """Return the newest generation that a run of ``directory`` can go on from, or None where it ended well or there is
    none."""
    if (directory / "result.json").is_file():
        return None
    return next((generation for generation in find_generations(directory) if generation.state.keys() >= NEEDED), None)


def describe_environment(device: str, checks_numerics: bool = False) -> dict:
    """Return what rounding depends on, besides the code."""
    return {
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "cpu": machine.describe_cpu(),
        "architecture": platform.machine(),
        "threads": machine.count_threads(),
        "settings": machine.describe_settings(),
        "device": session.describe_device(device),
        "--check-numerics": "given" if checks_numerics else NOT_GIVEN,
    }


def warn_of_other_rounding(name: str, state: dict, device: str, checks_numerics: bool = False) -> None:
    """Say on standard error where the run goes on in another environment than it was interrupted in."""
    found, before = (
        describe_environment(device, checks_numerics),
        {"--check-numerics": NOT_GIVEN} | state["environment"],
    )
    changed = [f"{key} {before.get(key)} → {value}" for key, value in found.items() if before.get(key) != value]
    if changed:
        print(f"{name}: not bit-exact here: {'; '.join(changed)}", file=sys.stderr)


def write_arrays(directory: Path, sets: DataSets | None, variables: list[dict[str, np.ndarray]]) -> None:
    """Write what is no JSON: the generator, each set's order, and the variables of each session, where not empty."""
    arrays = {}
    if sets is not None:
        _, arrays["rnd/keys"], *rest = sets.rnd.get_state()
        arrays["rnd/rest"] = np.array(rest, np.float64)  # position, has_gauss, cached_gaussian: exact as they are
        for name in ("train", "validation", "test"):
            order, position = getattr(sets, name).get_state()
            arrays |= {f"{name}/order": order, f"{name}/position": np.array(position)}
    for index, values in enumerate(variables):
        arrays |= {f"variables/{index}/{name}": value for name, value in values.items()}
    with open(directory / STATE, "wb") as file:
        np.savez(file, **arrays)


class Recorded:
    """A generation, read: what a run that goes on from it is given.

    Raises:
      BadInputError: it cannot be read.
    """

    def __init__(self, generation: Generation):
        self.path, self.state = generation.path, generation.state
        try:
            with np.load(self.path / STATE, allow_pickle=False) as arrays:
                self._arrays = dict(arrays)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise BadInputError(
                f"{self.path / STATE}: cannot be read ({explain(error)}), expected the state of an interrupted run; "
                "run it again without --resume"
            ) from error

    def check_images(self, data: str, sha256: dict[str, str]) -> None:
        """Raise BadInputError where ``data``, whose files have these hashes, is not what the run has read."""
        if self.state["data"]["sha256"] != sha256:
            raise BadInputError(
                f"--data {data}: not the images that the interrupted run has read ({self.state['data']['name']}), "
                "expected the same files; name them with --data, or run it again without --resume"
            )

    def put_back(self, sets: DataSets) -> None:
        """Bring the generator and the three sets to where they were."""
        position, has_gauss, cached = self._arrays["rnd/rest"]
        sets.rnd.set_state(("MT19937", self._arrays["rnd/keys"], int(position), int(has_gauss), float(cached)))
        for name in ("train", "validation", "test"):
            start, is_shuffled = self._arrays[f"{name}/position"]
            getattr(sets, name).set_state(self._arrays[f"{name}/order"], (int(start), bool(is_shuffled)))

    def get_variables(self, index: int, names: list[str]) -> dict[str, np.ndarray]:
        """Return the variables ``names`` as session ``index`` of the run left them, from wherever they were kept.

        Raises:
          BadInputError: the generation does not hold them.
        """
        prefix = f"variables/{index}/"
        values = {key.removeprefix(prefix): value for key, value in self._arrays.items() if key.startswith(prefix)}
        if self.state["checkpoint"] and not values:
            reader = tf.train.load_checkpoint(str(self.path / self.state["checkpoint"]))
            values = {name: reader.get_tensor(name) for name in names if reader.has_tensor(name)}
        if missing := sorted(set(names) - values.keys()):
            raise BadInputError(
                f"{self.path}: has no {missing[0]}, which the graph of today has; the script has changed since the run "
                "was interrupted; run it again without --resume"
            )
        return values


def make_state(**what) -> dict:
    """Return the state of a run as JSON has it, so that what is read back is equal to it."""
    return json.loads(json.dumps(what))
