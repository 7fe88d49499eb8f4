"""Graphs and sessions: the one place where the state of TensorFlow that a whole process shares is changed."""

import contextlib
import os
import platform
from collections.abc import Iterator

import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError


@contextlib.contextmanager
def new_graph(seed: int) -> Iterator[tf.Graph]:
    """Make a fresh default graph with graph seed ``seed``, in TensorFlow 1 mode.

    Seeding comes before the first op: TensorFlow numbers the random ops of a graph in their order of creation, and
    that number and the graph seed are what each op's generator starts from.
    """
    tf.get_logger().setLevel("ERROR")  # its warnings that TensorFlow 1 is deprecated
    tf.disable_v2_behavior()
    graph = tf.Graph()
    with graph.as_default():
        tf.set_random_seed(seed)
        yield graph


def open_session(device: str = "auto", graph: tf.Graph | None = None) -> tf.Session:
    """Finalize ``graph`` (the default graph, unless given) and open a session on it.

    ``device`` is ``auto`` (TensorFlow's own placement), ``cpu`` or ``gpu``. A GPU's memory is taken as it is needed.

    Raises:
      BadInputError: ``gpu`` is asked for and TensorFlow sees none.
    """
    check_device(device)
    graph = graph or tf.get_default_graph()
    graph.finalize()
    config = tf.ConfigProto()
    config.gpu_options.allow_growth = True
    if device == "cpu":
        config.device_count["GPU"] = 0
    return tf.Session(graph=graph, config=config)


def check_device(device: str) -> None:
    """Raise BadInputError where ``gpu`` is asked for and TensorFlow sees none."""
    if device == "gpu" and not tf.config.list_physical_devices("GPU"):
        raise BadInputError(
            f"--device gpu: TensorFlow {tf.__version__} sees no GPU on this machine, expected at least one; "
            "use --device cpu, or install the GPU libraries (pip install 'tensorflow[and-cuda]')"
        )


def describe_device(device: str) -> str:
    """Return ``gpu`` where a session opened for ``device`` computes on one, else ``cpu``."""
    return "gpu" if device != "cpu" and tf.config.list_physical_devices("GPU") else "cpu"


def describe_cpu() -> str:
    """Return the CPU's model name, as far as the system tells."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def count_threads() -> int:
    """Return how many threads TensorFlow computes with: one per core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
