"""A port's training steps, watched from its own session loop: what each is fed, what it moves, the losses before it."""

import contextlib
import hashlib
import inspect
import io
from types import ModuleType, SimpleNamespace
from unittest import mock

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure

from ref.chapter import BY_NAME
from ref.common import session
from ref.fidelity.golden.summaries import shorten, summarize

N_STEPS = 20
LOSSES = {  # of each step, before it; a vector's mean
    1: ("reconstruction_loss",),
    **{n: ("reconstruction_loss", "loss") for n in (2, 6)},
    3: ("reconstruction_loss", "reg_loss", "loss"),
    **{n: ("cross_entropy", "reg_loss", "loss", "accuracy") for n in (4, 5)},
    **{n: ("phase{}_reconstruction_loss", "phase{}_reg_loss", "phase{}_loss") for n in (7, 8)},
    **{n: ("reconstruction_loss",) for n in (11, 12)},
    **{n: ("reconstruction_loss", "sparsity_loss", "loss") for n in (13, 14)},
    **{n: ("reconstruction_loss", "latent_loss", "loss") for n in (15, 16)},
}


def observe(number: int, port: ModuleType, argv: list[str]) -> dict:
    """Run the port and watch each training step: initial values, feeds, losses before it, what it moved."""
    seen = SimpleNamespace(
        variables={}, batches={}, losses={}, moved={}, final={}, fed={}, evaluations=[], data={}, g=None
    )

    def keep_own_data(where, feed_dict):  # of a script that reads none; the first step's is every step's
        if not BY_NAME[f"autoencoder_{number}"].reads_data and where not in seen.data:
            seen.data[where] = {tensor.op.name: summarize(value) for tensor, value in feed_dict.items()}

    class WatchedSession(session.Session):
        def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
            if not feed_dict or not all(isinstance(key, tf.Tensor) for key in feed_dict):  # a saver feeds by name
                return super().run(fetches, feed_dict, options, run_metadata)
            if not isinstance(fetches, tf.Operation):
                digest = hashlib.sha256()
                _add_fed(digest, feed_dict)
                seen.evaluations.append({"fed": _name_fed(feed_dict), "sha256": digest.hexdigest()})
                keep_own_data(f"evaluation {len(seen.evaluations)}", feed_dict)
                return super().run(fetches, feed_dict, options, run_metadata)
            op = _name_op(fetches, seen)
            with self.graph.as_default():
                variables = tf.global_variables()
            before = super().run({v.op.name: v for v in variables})
            if op not in seen.losses:
                seen.variables[op] = {v.op.name: summarize(before[v.op.name]) for v in _trainable(self.graph)}
                seen.losses[op] = {name: [] for name in _loss_names(number, op)}
                seen.batches[op], seen.moved[op], seen.fed[op] = hashlib.sha256(), set(), set()
            seen.fed[op].add(tuple(_name_fed(feed_dict)))
            keep_own_data(op, feed_dict)
            if len(next(iter(seen.losses[op].values()))) < N_STEPS:
                for name, value in seen.losses[op].items():
                    value.append(shorten(np.mean(super().run(getattr(seen.g, name), feed_dict))))
                _add_fed(seen.batches[op], feed_dict)
            result = super().run(fetches, feed_dict, options, run_metadata)
            after = super().run({v.op.name: v for v in variables})
            seen.final[op] = {v.op.name: summarize(after[v.op.name]) for v in _trainable(self.graph)}
            seen.moved[op] |= {name for name, value in after.items() if not np.array_equal(value, before[name])}
            return result

    with mock.patch.object(session, "Session", WatchedSession), quiet(), no_drawing(), catch_graphs(port, seen):
        port.main(argv)
    own_data = {"own_data": seen.data} if seen.data else {}
    return own_data | {
        "variables": seen.variables,
        "losses": seen.losses,
        "batches_sha256": {op: digest.hexdigest() for op, digest in seen.batches.items()},  # of images and labels fed
        "fed": {op: sorted(map(list, names)) for op, names in seen.fed.items()},
        "evaluations": seen.evaluations,
        "final": seen.final,
        "moved": {op: sorted(names) for op, names in seen.moved.items()},
    }


def _name_fed(feed_dict: dict) -> list[str]:
    return sorted(tensor.op.name for tensor in feed_dict)


def _add_fed(digest, feed_dict: dict) -> None:
    """Add the images and labels that are fed to the ``digest``; other feeds are results of floating-point sums."""
    for tensor, value in feed_dict.items():
        if tensor.shape.as_list()[1:] in ([784], []) and tensor.dtype != tf.bool:
            digest.update(np.ascontiguousarray(value).tobytes())


def _name_op(fetched: tf.Operation, seen) -> str:
    """Return the book's name of a training op, numbered where the port has several graphs."""
    names = ("training_op", "phase1_training_op", "phase2_training_op")
    name = next((name for name in names if getattr(seen.g, name, None) is fetched), fetched.name)
    return name if seen.n_graphs == 1 else f"{name}_{seen.n_graphs}"


def _loss_names(number: int, op: str) -> list[str]:
    return [name.format(op.removeprefix("phase")[0]) for name in LOSSES[number]]


def _trainable(graph: tf.Graph) -> list[tf.Variable]:
    with graph.as_default():
        return tf.trainable_variables()


@contextlib.contextmanager
def catch_graphs(port: ModuleType, seen):
    """Keep what the port's ``build`` returns in ``seen.g``, and count the graphs."""
    build, seen.n_graphs = port.build, 0

    def watched(*args, **keywords):
        seen.g = build(*args, **keywords)
        seen.n_graphs += 1
        return seen.g

    # Its signature is where the command line finds the hyper-parameters.
    watched.__signature__ = inspect.signature(build)
    with mock.patch.object(port, "build", watched):
        yield


def no_drawing():
    """Leave the pictures empty: a golden holds the arrays that are drawn, and 16's 90 axes take half of its time."""
    return mock.patch.multiple(Figure, add_subplot=mock.DEFAULT, savefig=mock.DEFAULT)


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
