"""What a process is like that the project is a guest in, and what its owner does there: for test_guest.py."""

import os
import random
import signal
import sys
import threading
import warnings

import matplotlib as mpl
import numpy as np
import sklearn.preprocessing  # noqa: F401, as it adds to the environment, as TensorFlow does
import tensorflow as tf
from tensorflow.python import tf2
from tensorflow.python.data.ops import dataset_ops
from tensorflow.python.eager import context
from tensorflow.python.framework import ops, tensor, tensor_shape
from tensorflow.python.ops import control_flow_util, resource_variables_toggle


def snapshot() -> dict:
    """Return the state that a whole process, or this thread, shares."""
    umask = os.umask(0)
    os.umask(umask)
    logger = tf.get_logger()
    return {
        "eager": tf.executing_eagerly(),
        "eager in new threads": context.default_execution_mode,
        "tf2 enabled": (tf2.enabled(), tf2._pywrap_tf2),
        "resource variables": resource_variables_toggle._DEFAULT_USE_RESOURCE,
        "control flow": control_flow_util.ENABLE_CONTROL_FLOW_V2,
        "shapes": tensor_shape._TENSORSHAPE_V2_OVERRIDE,
        "equality": tensor.Tensor._USE_EQUALITY,
        "tf.data's own": dataset_ops.Dataset,
        "eager seed": context.global_seed(),
        "default graphs": (list(ops._default_graph_stack.stack), ops._default_graph_stack._global_default_graph),
        "default session": tf.compat.v1.get_default_session(),
        "logger": (logger.level, list(logger.filters), list(logger.handlers)),
        **{f"${name}": value for name, value in os.environ.items()},
        "signal handlers": [signal.getsignal(number) for number in sorted(signal.valid_signals())],
        "NumPy's generator": str(np.random.get_state()),
        "Python's generator": random.getstate(),
        "NumPy's errors": np.geterr(),
        "NumPy's printing": str(np.get_printoptions()),
        "warnings": list(warnings.filters),
        "Matplotlib": (dict(mpl.rcParams), mpl.get_backend(auto_select=False)),
        "directory": os.getcwd(),
        "umask": umask,
        "threads": threading.enumerate(),
        "arguments": list(sys.argv),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "files 1 and 2": [(os.fstat(number).st_dev, os.fstat(number).st_ino) for number in (1, 2)],
        "excepthooks": (sys.excepthook, threading.excepthook),
    }


def work_as_tensorflow_2_does() -> None:
    """Use what TensorFlow 1 mode breaks: eager code, shapes, variables, a tf.function, GradientTape, tf.data."""
    x = tf.Variable([[3.0, 4.0]])
    assert tf.executing_eagerly()
    assert tf2.enabled()
    assert x.shape[1] == 2
    assert isinstance(x.shape[1], int)
    assert (x == 3.0).numpy().tolist() == [[True, False]]
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(x * x)
    assert tape.gradient(y, x).numpy().tolist() == [[6.0, 8.0]]

    @tf.function
    def count(n):
        while n < 10:
            n += 3
        return n if n % 2 == 0 else -n

    assert [count(tf.constant(n)).numpy() for n in (0, 1)] == [12, 10]
    traced = count.get_concrete_function(tf.TensorSpec([], tf.int32)).graph
    assert {"StatelessWhile", "StatelessIf"} <= {op.type for op in traced.get_operations()}
    batches = tf.data.Dataset.range(6).map(lambda n: n * n).shuffle(6, seed=1).batch(4)
    assert sorted(np.concatenate(list(batches.as_numpy_iterator()))) == [0, 1, 4, 9, 16, 25]
    with tf.Graph().as_default():
        assert type(tf.compat.v1.get_variable("v", [2])).__name__ == "ResourceVariable"


def fit_with_keras() -> None:
    """Train a model of tf.keras until it has learnt a line."""
    X = np.linspace(-1, 1, 64, dtype=np.float32).reshape(64, 1)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizer=tf.keras.optimizers.SGD(0.3), loss="mse")
    model.fit(X, 2 * X + 1, epochs=20, verbose=0)
    np.testing.assert_allclose(np.concatenate(model.get_weights(), axis=None), [2, 1], atol=0.1)


def compare(before: dict, after: dict) -> dict:
    """Return what differs between two snapshots, as (before, after)."""
    whats = sorted(before.keys() | after.keys())
    return {what: (before.get(what), after.get(what)) for what in whats if before.get(what) != after.get(what)}
