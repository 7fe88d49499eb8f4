"""Where a run's event files lie: DIR/autoencoder_7/run_3, and for a second graph, as in autoencoder_6, graph_2 in it.

A run has a directory of its own, so that TensorBoard shows runs beside each other; it shows one graph a directory.
"""

import itertools
import os
from pathlib import Path

import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError
from ref.common.events import PREFIX, EventFile
from ref.common.files import make_directory


class EventFiles:
    """The event files of one run.

    Args:
      logdir: the directory of all runs of all scripts.
      name: the script's.
      state: ``get_state`` when the run to go on with had saved last, or None: the files are cut to what they were then,
        as what follows comes again.

    Raises:
      BadInputError: they cannot be written.
    """

    def __init__(self, logdir: Path, name: str, state: dict | None):
        try:
            str(logdir).encode()
        except UnicodeEncodeError as error:
            raise BadInputError(
                f"{str(logdir)!r}: no UTF-8, which TensorFlow takes every path for; choose another (--logdir)"
            ) from error
        make_directory(logdir)
        self._files: dict[tf.Graph, EventFile] = {}
        self._known: set[Path] = set()
        directory = Path(state["directory"]) if state else None
        try:
            if directory and directory.is_dir() and directory.absolute().parent == (logdir / name).absolute():
                self.directory = directory
                self._cut(state["sizes"])
            else:
                self.directory = _make_next(logdir / name)
        except OSError as error:
            raise BadInputError(
                f"{error.filename or logdir}: cannot be written ({error.strerror}), expected a directory for event "
                "files; choose another (--logdir)"
            ) from error

    def open(self, graph: tf.Graph, settings: str) -> EventFile:
        """Return the file that has the events of ``graph``; it begins with the graph and the run's ``settings``."""
        if graph not in self._files:
            number = len(self._files) + 1
            directory = self.directory / f"graph_{number}" if number > 1 else self.directory
            is_new = directory not in self._known
            directory.mkdir(exist_ok=True)
            n_before = len(list(directory.glob(f"{PREFIX}*")))
            file = self._files[graph] = EventFile(directory / f"{PREFIX}{n_before + 1:06d}")
            if is_new:
                file.add_graph(graph)
                file.add_text("settings", settings)
        return self._files[graph]

    def get_state(self) -> dict:
        """Return where the files are and how far they are written, of JSON's types."""
        found = sorted(self.directory.rglob(f"{PREFIX}*"))
        sizes = {str(path.relative_to(self.directory)): path.stat().st_size for path in found}
        return {"directory": str(self.directory), "sizes": sizes}

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def _cut(self, sizes: dict[str, int]) -> None:
        for path in self.directory.rglob(f"{PREFIX}*"):
            size = sizes.get(str(path.relative_to(self.directory)))
            if size is None:
                path.unlink()
                continue
            self._known.add(path.parent)
            if path.stat().st_size > size:
                os.truncate(path, size)


def _make_next(parent: Path) -> Path:
    """Make and return the first of run_1, run_2, … that is not there."""
    parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        try:
            (parent / f"run_{number}").mkdir()
        except FileExistsError:
            continue
        return parent / f"run_{number}"
