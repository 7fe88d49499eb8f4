"""The process that a script is run in: TensorFlow, seeds, what ``__main__`` is. Python 3.7; imports nothing of ours."""

import contextlib
import ctypes
import os
import random
import signal
import sys
import types
import warnings

import numpy as np


def die_with_parent():
    """Have the system end this process when the one that started it is killed, where it can (Linux)."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(Exception):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def import_tensorflow():
    """Return TensorFlow 1's module, 1.15.5's own or compat.v1 in graph mode, without the chatter of its start."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("default", RuntimeWarning)
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ["MPLBACKEND"] = "Agg"
    os.environ.pop("TF2_BEHAVIOR", None)  # TensorFlow 2 leaves it to its children, and TensorFlow 1 would turn eager
    with _silence_descriptor(2):
        import tensorflow
    tensorflow.get_logger().setLevel("ERROR")
    if tensorflow.__version__.startswith("1."):
        return tensorflow
    tf = tensorflow.compat.v1
    tf.disable_v2_behavior()
    if tf.config.experimental.list_physical_devices("GPU"):  # TensorFloat-32, which TensorFlow 1 did not know
        tf.config.experimental.enable_tensor_float_32_execution(False)
    return tf


@contextlib.contextmanager
def _silence_descriptor(descriptor):
    kept, nowhere = os.dup(descriptor), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
        os.close(nowhere)


def seed_everything(tf, seed):
    """Seed NumPy, Python, and every graph that does not seed itself."""
    make_graph = tf.Graph.__init__

    def make_seeded(graph, *args, **keywords):
        make_graph(graph, *args, **keywords)
        graph.seed = seed

    tf.Graph.__init__ = make_seeded
    tf.reset_default_graph()
    tf.set_random_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


def prepare_main(file, argv):
    """Make the script's module, ``__main__``, and what it sees of how it was called; return the module."""
    module = types.ModuleType("__main__")
    module.__file__ = file
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    sys.argv = [file, *argv]
    sys.path[0] = os.path.dirname(file)
    return module


def describe_process(tf):
    """Return versions, threads and device, for the record."""
    import matplotlib

    versions = {"python": sys.version.split()[0], "tensorflow": tf.__version__}
    versions.update(numpy=np.__version__, matplotlib=matplotlib.__version__)
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    set_threads = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return {
        "versions": versions,
        "threads": int(set_threads) if set_threads.isdigit() and int(set_threads) else threads,
        "device": "gpu" if tf.config.experimental.list_physical_devices("GPU") else "cpu",
        "tf32": False,  # as import_tensorflow has it
    }


def get_exit_code(code):
    """Return the exit code that ``sys.exit(code)`` gives; a text is printed, as Python does."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
