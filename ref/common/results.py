"""What a run leaves beside its checkpoint: pictures, the arrays that were drawn, ``result.json``."""

import io
import json
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure

from ref.common import machine, session
from ref.common.files import open_atomically


class Results:
    """The results of one run, in ``directory``.

    Args:
      figures: names of the figures that an earlier run may have left there.
      waits: whether pictures are to wait for the run's first checkpoint. Until then an earlier run's results stay.
    """

    def __init__(self, directory: Path, figures: Sequence[str], waits: bool):
        self.directory, self._figures, self._waits = directory, figures, waits
        self.drawn: dict[str, np.ndarray] = {}
        self._pictures: dict[str, bytes] = {}  # not yet written

    def discard_old(self) -> None:
        """Remove what an earlier run drew and summed up: it would not fit what this one is about to write."""
        if self._waits:
            for name in ("result.json", "figures.npz", *(f"{figure}.png" for figure in self._figures)):
                (self.directory / name).unlink(missing_ok=True)
            self._waits = False

    def add_figure(self, name: str, fig: Figure, drawn: dict[str, np.ndarray]) -> None:
        """Write ``name.png``, and keep the arrays that were ``drawn``."""
        picture = io.BytesIO()
        fig.savefig(picture, format="png")
        self._pictures[name] = picture.getvalue()
        self.drawn |= drawn
        if not self._waits:
            self.write_pictures()

    def write_pictures(self) -> None:
        """Write the pictures that have waited."""
        for name in list(self._pictures):
            with open_atomically(self.directory / f"{name}.png") as file:
                file.write(self._pictures.pop(name))

    def finish(self, result: dict) -> None:
        """Write ``figures.npz`` and ``result.json``, the sign that the run ended well, last."""
        self.discard_old()
        self.write_pictures()
        if self.drawn:
            with open_atomically(self.directory / "figures.npz") as file:
                np.savez(file, **self.drawn)
        text = json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False)
        with open_atomically(self.directory / "result.json") as file:
            file.write(text.encode(errors="replace") + b"\n")


def describe_process(device: str) -> dict:
    """Return what computed a run whose device was to be ``device``."""
    return {
        "versions": {"tensorflow": tf.__version__, "numpy": np.__version__, "python": platform.python_version()},
        "device": session.describe_device(device),
        "cpu": machine.describe_cpu(),
        "threads": machine.count_threads(),
        "settings": machine.describe_settings(),
    }
