"""The work that every engine and every library is given: weights, rows, batches; and what it must come to.

Phase 2 of autoencoder_8: 300 inputs (the frozen layer's outputs), 150 units, 300 outputs, ELU, mean of squares, L2 on
both weight matrices, Adam. It starts where one epoch of phase 1 has led, with Adam at rest.
"""

import dataclasses
import functools
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ref.common import machine
from ref.common.cli import import_port
from ref.common.errors import BadInputError
from ref.data import data_sets, sources

TRAINED = ("weights2", "biases2", "weights3", "biases3")
LEARNING_RATE, L2_REG = 0.01, 0.0001
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
SEED = 42
N_CHECKED_STEPS = 20
N_COMPARED_ROWS = 5000
# Of the loss, relative to float64 NumPy. On the digits Keras is the farthest after the steps, by 2e-4.
TOLERANCE = {"steps": 1e-3, "epoch": 5e-3}


@dataclass(frozen=True)
class Work:
    """Float32 arrays: ``images`` (n, 784), ``cache`` (n, 300), ``initial`` weights1 … biases3; int32 ``batches``.

    ``batches`` has the shape (n_batches, batch): one epoch.
    """

    images: np.ndarray
    cache: np.ndarray
    initial: dict[str, np.ndarray]
    batches: np.ndarray
    data: str

    @functools.cached_property
    def expected_losses(self) -> dict[str, float]:
        """The loss after the first steps and after the epoch, in float64 NumPy with gradients by hand."""
        phase2_from, adam = import_reference()
        weights = {name: self.initial[name].astype(np.float64) for name in TRAINED}
        losses = {}
        for step, indices in enumerate(self.batches, 1):
            _, gradients = phase2_from(weights, self.cache[indices].astype(np.float64))
            adam.apply(weights, gradients)
            if step == min(N_CHECKED_STEPS, len(self.batches)):
                losses["steps"] = compute_loss(self, weights)
        return losses | {"epoch": compute_loss(self, weights)}

    def draw(self, batch_size: int) -> "Work":
        """Return the same work in batches of another size."""
        from ref.engines.draws import draw_per_epoch

        batches = draw_per_epoch(np.random.RandomState(SEED), len(self.images), batch_size)
        return dataclasses.replace(self, batches=batches)

    def save(self, directory: Path) -> None:
        """Write the work to ``directory``, for other processes."""
        np.save(directory / "images.npy", self.images)
        np.save(directory / "cache.npy", self.cache)
        np.save(directory / "batches.npy", self.batches)
        np.savez(directory / "initial.npz", **self.initial)
        (directory / "data.json").write_text(json.dumps(self.data))


def read_work(directory: Path) -> Work:
    """Read what ``Work.save`` wrote; who reads shares the images and the cache with all others in memory."""
    with np.load(directory / "initial.npz") as initial:
        return Work(
            np.load(directory / "images.npy", mmap_mode="c"),
            np.load(directory / "cache.npy", mmap_mode="c"),
            dict(initial),
            np.load(directory / "batches.npy"),
            json.loads((directory / "data.json").read_text()),
        )


def make_work(data: str | None, batch_size: int) -> Work:
    """Train an epoch of phase 1 on ``data`` (MNIST where it is there, else the digits), and fill the cache."""
    build = import_port("ref.autoencoder_08_frozen_cache").build
    from ref.common.session import new_graph, open_session

    arrays = sources.load(data, uses_labels=False)
    train = data_sets.read_data_sets(arrays, SEED).train
    with new_graph(SEED):
        g = build()
        with open_session("cpu") as sess:
            g.init.run()
            for _ in range(train.num_examples // 150):
                sess.run(g.phase1_training_op, {g.X: train.next_batch(150)[0]})
            names = ("weights1", "biases1", *TRAINED)
            initial = dict(zip(names, sess.run([getattr(g, name) for name in names])))
            images = train.images
            cache = g.hidden1.eval({g.X: images})
    return Work(images, cache, initial, np.empty((0, batch_size), np.int32), arrays.name).draw(batch_size)


def compute_loss(work: Work, weights: dict[str, np.ndarray]) -> float:
    """Return phase 2's reconstruction loss under ``weights`` on the first rows of the cache."""
    phase2_from, _ = import_reference()
    weights = {name: np.asarray(value, np.float64) for name, value in weights.items()}
    return float(phase2_from(weights, work.cache[:N_COMPARED_ROWS].astype(np.float64))[0]["phase2_reconstruction_loss"])


def measure_recomputed(work: Work) -> float:
    """Return how far the cache, filled at once, is at most from the same rows recomputed in batches, absolute."""
    build = import_port("ref.autoencoder_08_frozen_cache").build
    from ref.common.session import new_graph, open_session

    batch_size, farthest = work.batches.shape[1], 0.0
    with new_graph(0):
        g = build()
        with open_session("cpu") as sess:
            for name in ("weights1", "biases1"):
                getattr(g, name).load(work.initial[name], sess)
            for start in range(0, min(N_COMPARED_ROWS, len(work.images)), batch_size):
                rows = slice(start, start + batch_size)
                difference = work.cache[rows] - g.hidden1.eval({g.X: work.images[rows]})
                farthest = max(farthest, float(np.abs(difference).max()))
    return farthest


def check_work(work: Work, name: str, train_anew: Callable[[int], dict[str, np.ndarray]]) -> dict[str, float]:
    """Return how far ``name`` is from the expected losses, as shares of them.

    ``train_anew`` gives the weights after so many of the work's steps from its initial weights; none, where ``name``
    trains nothing.

    Raises:
      BadInputError: it comes to another loss, after the first steps or after the epoch: it does other work.
    """
    deviations = {}
    n_steps = {"steps": min(N_CHECKED_STEPS, len(work.batches)), "epoch": len(work.batches)}
    for when, tolerance in TOLERANCE.items():
        weights = train_anew(n_steps[when])
        if not weights:
            break
        loss, expected = compute_loss(work, weights), work.expected_losses[when]
        deviations[when] = loss / expected - 1.0
        if not abs(deviations[when]) <= tolerance:
            raise BadInputError(
                f"{name}: loss {loss:.6g} after {n_steps[when]} steps, expected {expected:.6g} within {tolerance:.0e} "
                "of it; it does not do the same work"
            )
    return deviations


def import_reference() -> tuple:
    """Return phase 2's gradients and Adam of the tests' NumPy reference, which pytest alone has on its path."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
    try:
        from numpy_reference.autoencoder_07 import phase2_from
        from numpy_reference.primitives import Adam
    finally:
        sys.path.pop()
    return phase2_from, Adam(LEARNING_RATE, BETA1, BETA2, EPSILON)


def describe_machine() -> dict[str, str | int]:
    """Return what stands beside every number: the machine, its threads, the versions, the settings."""
    tf = import_port("ref.common.session").tf
    gpus = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    return {
        "cpu": machine.describe_cpu(),
        "threads": machine.count_threads(),
        "gpu": ", ".join(gpu.get("device_name", "?") for gpu in gpus),
        "system": os.uname().sysname,
        "python": ".".join(map(str, sys.version_info[:3])),
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "settings": machine.describe_settings(),
    }


def name_machine(described: dict | None = None) -> str:
    """Return a machine's name for files: its CPU model and the number of threads; this one's, or a described one's."""
    cpu, n_threads = (described["cpu"], described["threads"]) if described else (None, None)
    model = re.sub(r"\((R|TM)\)|CPU|Processor|@ \S+", "", cpu or machine.describe_cpu())
    return f"{re.sub(r'[^a-z0-9]+', '-', model.lower()).strip('-')}-{n_threads or machine.count_threads()}-threads"
