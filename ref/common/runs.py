"""One run of a port: its data, session, printed numbers, checkpoint and figures, all under ``OUT/NAME/``."""

import contextlib
import json
import math
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure
from tqdm import tqdm

from ref.chapter import BY_NAME
from ref.common import checkpoints, machine, session
from ref.common.errors import BadInputError
from ref.common.files import make_directory, open_atomically
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

    Raises:
      BadInputError: the directory cannot be written, or there is no such device.
    """

    def __init__(
        self,
        name: str,
        data: str | None,
        seed: int,
        out: str | Path,
        device: str,
        hyper_parameters: dict,
    ):
        self.name, self.data, self.seed, self.out, self.device = name, data, seed, Path(out), device
        self.hyper_parameters = hyper_parameters
        self.directory = self.out / name
        session.check_device(device)
        if any(character in "*?[]\\" or "\ud800" <= character <= "\udfff" for character in str(self.directory)):
            raise BadInputError(
                f"{str(self.directory)!r}: TensorFlow cannot find checkpoints there, expected a path in UTF-8 without "
                "* ? [ ] and \\; choose another (--out)"
            )
        make_directory(self.directory)
        self._start_s = time.perf_counter()
        self._has_written = False
        self._line = ""
        self._numbers: dict[str, float] = {}
        self._drawn: dict[str, np.ndarray] = {}
        self.result: dict = {
            "script": name,
            "hyper_parameters": self.hyper_parameters,
            "seed": seed,
            "data": None,
            "printed": [],
            "figures": [],
            "checkpoint": None,
        }

    def read_data_sets(self) -> data_sets.DataSets:
        """Read the data where the listing calls ``read_data_sets``; the run's one ``RandomState`` starts here."""
        arrays = sources.load(self.data, BY_NAME[self.name].uses_labels)
        sets = data_sets.read_data_sets(arrays, self.seed)
        available = min(sets.train.num_examples, self.hyper_parameters.get("n_labeled_instances", math.inf))
        for name in ("batch_size", "batch_sizes"):
            batch_size = np.max(self.hyper_parameters.get(name, 0))
            if batch_size > available:
                raise BadInputError(
                    f"--{name.replace('_', '-')} {batch_size}: larger than the {available} training examples of "
                    f"{arrays.name}, expected no more; use a smaller batch"
                )
        self.result["data"] = {"name": arrays.name, "sha256": arrays.sha256}
        return sets

    def open_session(self, graph: tf.Graph | None = None) -> tf.Session:
        """Finalize the graph and open a session on the run's device."""
        return session.open_session(self.device, graph)

    def progress(self, iterations: int | Iterable, epoch: int | None = None) -> Iterable:
        """Return ``range(iterations)``, or ``iterations`` itself, with a bar on standard error if a terminal."""
        desc = None if epoch is None else f"epoch {epoch}"
        iterable = range(iterations) if isinstance(iterations, int) else iterations
        return tqdm(iterable, desc=desc, leave=False, disable=None)

    def print(self, *values, end: str = "\n") -> None:
        """Print as the listing does, and keep each number for ``result.json`` under the label printed before it."""
        print(*values, end=end, flush=True)
        self._line += " ".join(map(str, values)) + end
        for label, value in pairwise(values):
            if isinstance(label, str) and isinstance(value, np.floating):
                self._numbers[label.strip("\t :")] = _to_json(value)
        if end == "\n":
            self.result["printed"].append({"line": self._line.rstrip("\n"), **self._numbers})
            self._line, self._numbers = "", {}

    def _discard_old_result(self) -> None:
        """Remove an earlier run's ``result.json``, just before this run first writes: it would not fit what follows."""
        if not self._has_written:
            (self.directory / "result.json").unlink(missing_ok=True)
            self._has_written = True

    def save(self, saver: tf.train.Saver, sess: tf.Session, name: str) -> None:
        """Write the checkpoint ``name`` to the run's directory."""
        self._discard_old_result()
        checkpoints.save(saver, sess, self.directory / name)
        self.result["checkpoint"] = name

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
        directory = self.out / (made_by or self.name)
        variables = tf.global_variables() if variables is None else variables
        make = f"make {directory.name}" + ("" if str(self.out) == "runs" else f" OUT={self.out}")
        checkpoints.restore(saver, sess, directory / name, variables, make)
        if made_by is None:
            return
        origin = f"of a run that was interrupted, or made elsewhere: no result.json beside it; '{make}' makes it anew"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            made = json.loads((directory / "result.json").read_text(encoding="utf-8"))
            n_epochs = made["hyper_parameters"]["n_epochs"]
            origin = f"data {made['data']['name']}, seed {made['seed']}, n_epochs {n_epochs}"
        self.result["restored"] = {"checkpoint": f"{directory.name}/{name}", "origin": origin}
        print(f"{self.name}: restored {directory / name} ({origin})", file=sys.stderr)

    def save_figure(self, name: str, fig: Figure, **drawn: np.ndarray) -> None:
        """Write ``name.png``, and keep the arrays that were ``drawn`` for ``figures.npz``."""
        self._discard_old_result()
        with open_atomically(self.directory / f"{name}.png") as file:
            fig.savefig(file, format="png")
        self.result["figures"].append(f"{name}.png")
        self._drawn.update(drawn)

    def finish(self) -> None:
        """Write ``figures.npz`` and ``result.json``, and say on standard error where and how long it took."""
        wall_time_s = time.perf_counter() - self._start_s
        if self._drawn:
            with open_atomically(self.directory / "figures.npz") as file:
                np.savez(file, **self._drawn)
        self.result |= {
            "versions": {"tensorflow": tf.__version__, "numpy": np.__version__, "python": platform.python_version()},
            "device": session.describe_device(self.device),
            "cpu": machine.describe_cpu(),
            "threads": machine.count_threads(),
            "wall_time_s": round(wall_time_s, 2),
        }
        with open_atomically(self.directory / "result.json") as file:
            file.write(
                json.dumps(self.result, indent=1, ensure_ascii=False, allow_nan=False).encode(errors="replace") + b"\n"
            )
        print(f"{self.name}: {wall_time_s:.1f} s, results in {self.directory}", file=sys.stderr)


def _to_json(value: np.floating) -> float | str:
    """Return the number whose digits were printed; JSON has no NaN and no infinity, so those stay words."""
    return float(str(value)) if np.isfinite(value) else str(value)
