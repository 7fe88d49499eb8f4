"""Graphs and sessions: TensorFlow 1's, in a process that keeps TensorFlow 2."""

import contextlib
import numbers
import threading
import weakref
from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.core.protobuf.config_pb2 import CallableOptions
from tensorflow.python.framework import random_seed

from ref.common.errors import BadInputError
from ref.common.graph_mode import graph_mode

Numbering = Literal["tf1", "tf2"]
_numbering = threading.local()  # .name: how the random ops of the graphs that this thread now builds are numbered
_numbered_as_in_tf1: weakref.WeakSet[tf.Graph] = weakref.WeakSet()
_get_seed_of_tf2 = random_seed.get_seed


def _get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """Do as TensorFlow's ``get_seed``, but in our graphs number a random op of no seed of its own as TensorFlow 1 did.

    TensorFlow 1 took the number of ops that the graph held before it, TensorFlow 2 takes that of the random ops alone.
    """
    if op_seed is not None or tf.executing_eagerly():
        return _get_seed_of_tf2(op_seed)
    graph = tf.get_default_graph()
    if getattr(_numbering, "name", "tf2") == "tf1":
        _numbered_as_in_tf1.add(graph)  # of a second graph, as in autoencoder_6, this is the first that is seen
    if graph.seed is None or graph not in _numbered_as_in_tf1:
        return _get_seed_of_tf2(None)
    return _get_seed_of_tf2(len(graph.get_operations()))


@contextlib.contextmanager
def new_graph(seed: int, seeds: Numbering = "tf1") -> Iterator[tf.Graph]:
    """Make a fresh default graph with graph seed ``seed``, in TensorFlow 1 mode, which ends with the block.

    Seeding comes before the first op: the graph seed and each random op's own number are what its generator starts
    from. ``seeds`` says whose numbers those are, in this graph and in every seeded graph that this thread builds
    within: those of TensorFlow 1, which counted the ops that the graph held, or those of TensorFlow 2.

    TensorFlow 1's are the numbers of the graph as it is here. The values drawn are TensorFlow 1.15.5's, bit for bit,
    where its Python would have built as many ops before each random op: in the ports, and wherever ref.common.layers
    and ops like theirs are used. TensorFlow 2's Python builds other ops for ``tf.random_uniform`` without bounds,
    ``tf.random_gamma``, ``tf.nn.dropout``, regularizers of ``get_variable`` and of scopes, and gradients; there
    ``seed=`` gives a random op the number that it had. README.md has a table.

    Blocks may be nested, and be entered in many threads at once; a thread that is in none is not disturbed.

    Raises:
      BadInputError: ``seed`` is no whole number, ``seeds`` neither tf1 nor tf2, or this TensorFlow does not let its
        random ops be numbered.
    """
    if not isinstance(seed, numbers.Integral):
        raise BadInputError(f"new_graph: seed={seed!r} found, expected a whole number, as nothing is unseeded here")
    if seeds not in get_args(Numbering):
        raise BadInputError(f"new_graph: seeds={seeds!r} found, expected 'tf1' or 'tf2'")
    before = getattr(_numbering, "name", "tf2")
    with graph_mode():
        graph = tf.Graph()
        _numbering.name = seeds
        try:
            if seeds == "tf1":
                random_seed.get_seed = _get_seed  # for good, as a graph may be added to later; others get TensorFlow's
                _numbered_as_in_tf1.add(graph)
                _check_numbering()
            with graph.as_default():
                tf.set_random_seed(seed)
                yield graph
        finally:
            _numbering.name = before


def _check_numbering() -> None:
    """Raise BadInputError where a random op is not given the number of ops before it."""
    with tf.Graph().as_default():
        tf.set_random_seed(7)
        tf.no_op()
        drawn = tf.random_uniform([2])  # its shape comes before it, too
        draw = next(op for op in drawn.graph.get_operations() if op.type == "RandomUniform")
        found = draw.get_attr("seed"), draw.get_attr("seed2")
        expected = 7, drawn.graph.get_operations().index(draw)
    if found != expected:
        raise BadInputError(
            f"TensorFlow {tf.__version__}: a random op has the seeds {found}, expected {expected}, TensorFlow 1's; "
            "install the pinned packages (requirements.txt), or take TensorFlow 2's with --seeds tf2"
        )


class Session(tf.Session):
    """A TensorFlow session that prepares each kind of step once: the same results, with less Python in every call.

    ``tf.Session.run`` parses its fetches and feeds anew in every call. Where one op or tensor is run with arrays fed to
    tensors, as in every loop of the chapter, what was parsed is kept, and TensorFlow is called directly: about 50 µs
    less a step. Everything else goes to ``tf.Session.run``.
    """

    def __init__(self, *args, **keywords):
        super().__init__(*args, **keywords)
        self._prepared = {}
        self.journal = None  # of a run, which may have steps to leave out: ref/common/resume.py

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Do as ``tf.Session.run`` does."""
        if self.journal is None:
            return self.run_prepared(fetches, feed_dict, options, run_metadata)
        if self.journal.replaces(self, fetches, feed_dict):
            return None
        if isinstance(fetches, tf.Operation):  # a step, mostly: nothing more is to be in its time
            return self.run_prepared(fetches, feed_dict, options, run_metadata)
        with self.journal.around(fetches, feed_dict):
            return self.run_prepared(fetches, feed_dict, options, run_metadata)

    def close(self):
        """Do as ``tf.Session.close`` does."""
        self._prepared.clear()
        super().close()

    def run_prepared(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Do as ``run`` does, without a word to the journal."""
        is_plain = isinstance(fetches, (tf.Operation, tf.Tensor)) and options is None and run_metadata is None
        is_plain = is_plain and feed_dict and all(isinstance(tensor, tf.Tensor) for tensor in feed_dict)
        if not is_plain or fetches in feed_dict:
            return super().run(fetches, feed_dict, options, run_metadata)
        values = [np.asarray(value, tensor.dtype.as_numpy_dtype) for tensor, value in feed_dict.items()]
        key = (fetches, *feed_dict, *(value.shape for value in values))
        if key not in self._prepared:
            result = super().run(fetches, feed_dict)  # with all its checks, and their messages
            self._prepared[key] = self._prepare(fetches, feed_dict)
            return result
        fetched = self._prepared[key](*values)
        return fetched[0] if isinstance(fetches, tf.Tensor) else None

    def _prepare(self, fetches, feeds):
        options = CallableOptions(feed=[tensor.name for tensor in feeds])
        (options.fetch if isinstance(fetches, tf.Tensor) else options.target).append(fetches.name)
        # Public make_callable goes the long way where something is fed; Keras' graph mode calls this, too.
        return self._make_callable_from_options(options)


def open_session(device: str = "auto", graph: tf.Graph | None = None, finalize: bool = True) -> tf.Session:
    """Finalize ``graph`` (the default graph, unless given) and open a session on it.

    ``device`` is ``auto`` (TensorFlow's own placement), ``cpu`` or ``gpu``. A GPU's memory is taken as it is needed.
    A finalized graph takes no more ops, so that no loop can grow it; where ops are still to come, of an export or a
    summary, say, ``finalize`` is False.

    Raises:
      BadInputError: ``gpu`` is asked for and TensorFlow sees none.
    """
    check_device(device)
    graph = graph or tf.get_default_graph()
    if finalize:
        graph.finalize()
    config = tf.ConfigProto()
    config.gpu_options.allow_growth = True
    if device == "cpu":
        config.device_count["GPU"] = 0
    return Session(graph=graph, config=config)


def read_variables(sess: tf.Session) -> dict[str, np.ndarray]:
    """Return the values of all global variables by name."""
    variables = sess.graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES)
    return dict(zip((variable.op.name for variable in variables), tf.Session.run(sess, variables)))


def check_device(device: str) -> None:
    """Raise BadInputError where ``gpu`` is asked for and TensorFlow sees none."""
    if device == "gpu" and not tf.config.list_physical_devices("GPU"):
        raise BadInputError(
            f"--device gpu: TensorFlow {tf.__version__} sees no GPU on this machine, expected at least one; "
            "'make doctor' says why; --device cpu does without"
        )


@contextlib.contextmanager
def tf32(enabled: bool, device: str = "auto") -> Iterator[None]:
    """Have a GPU, where ``device`` is one, multiply float32 in TensorFloat-32, or not; then the process does as before.

    TensorFlow's default on NVIDIA's GPUs since Ampere is TensorFloat-32: 10 of the 23 bits after the point, far outside
    of what goldens, published numbers and comparisons are held to.
    """
    if describe_device(device) == "cpu":  # XLA reads that setting there, too: what it compiles stays as it is
        yield
        return
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(enabled)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def describe_device(device: str) -> str:
    """Return ``gpu`` where a session opened for ``device`` computes on one, else ``cpu``."""
    return "gpu" if device != "cpu" and tf.config.list_physical_devices("GPU") else "cpu"
