"""TensorFlow 1.15.5 in .venv-tf1, for the benchmarks: its versions, and the original scripts' times under it."""

import json
import subprocess
from pathlib import Path

from ref.common import machine
from ref.common.errors import BadInputError
from ref.data import data_sets, idx, sources
from scripts import record_tf1
from scripts.tf1_inputs import PYTHON

VERSIONS = """
import json
from scripts.tf1.run_listing import describe_process, import_tf1
print(json.dumps(describe_process(import_tf1(), 0)["versions"]))
"""


def find_versions() -> dict[str, str]:
    """Return the versions of Python, TensorFlow and NumPy in .venv-tf1.

    Raises:
      BadInputError: TensorFlow 1.15.5 is not installed there.
    """
    command = [PYTHON, "-W", "ignore", "-c", VERSIONS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=record_tf1.ROOT)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadInputError(
            f"TensorFlow 1.15.5 is not installed in {PYTHON.parents[1].name}, expected it there; run make tf1"
        ) from error
    return json.loads(done.stdout)


class Originals:
    """The original scripts, out of the notes' Markdown, to be run under TensorFlow 1.15.5 in ``directory``.

    Raises:
      BadInputError: TensorFlow 1.15.5 is not installed, or the notes have not all of them.
    """

    def __init__(self, notes: Path, data: str | None, directory: Path):
        self.versions = find_versions()
        self._listings, self._directory = record_tf1.read_listings(notes), directory
        arrays = sources.load(data)
        self._n_validation = len(data_sets.read_data_sets(arrays, 0).validation.images)
        self._data = directory / "data"
        idx.write_gzipped(
            self._data, (arrays.train_images, arrays.train_labels, arrays.test_images, arrays.test_labels)
        )
        self._n_train = len(arrays.train_images) - self._n_validation

    def time(self, number: int) -> list[list[float]]:
        """Run a script for an epoch of each phase, in a process of its own, with all of this process's CPUs.

        Returns:
          For each training op, [seconds from the first step's call to the last one's end, steps].
        """
        settings = {**record_tf1.make_settings(1, min(20000, self._n_train)), 1: ["n_iterations=1000"]}
        listing = self._directory / f"autoencoder_{number}.py"
        listing.write_text(self._listings[number], encoding="utf-8")
        flags = ("--validation-size", str(self._n_validation), "--watch", "times")
        result = record_tf1.run_listing(
            str(PYTHON), listing, self._data, self._directory / "out", settings[number], *flags
        )
        found, expected = result["threads"], machine.count_threads()
        if found != expected:
            raise BadInputError(
                f"TensorFlow 1 took {found} threads, expected {expected}, as ours; leave it the same CPUs"
            )
        return result["watched"]


def sum_up(rounds: list[list[list[float]]]) -> dict[str, list]:
    """Return steps, steps/s and ms/step of each phase, the best of the ``rounds``' [seconds, steps] a phase.

    Raises:
      BadInputError: the rounds took other steps.
    """
    n_steps = [[n for _, n in one] for one in rounds]
    if any(other != n_steps[0] for other in n_steps):
        raise BadInputError(f"steps {n_steps}: differ between rounds, expected the same steps in each; measure anew")
    best_s = [min(times) for times in zip(*([s for s, _ in one] for one in rounds))]
    return {
        "steps": n_steps[0],
        "steps_per_s": [round(n / s, 1) for n, s in zip(n_steps[0], best_s)],
        "ms_per_step": [round(s / n * 1e3, 3) for n, s in zip(n_steps[0], best_s)],
    }
