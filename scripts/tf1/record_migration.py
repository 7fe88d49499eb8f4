"""Evaluate the expressions of ref/originals/migration.py, and write what they are: record_migration.py OUT.json.

Under TensorFlow 1.15.5 (.venv-tf1/bin/python) those of ``old``: what is recorded. Under today's Python all of them, in
the process that a script is given: what tests hold against that. Each is evaluated in a graph of its own, seed 42, on
the embedded digits; numbers of one expression are kept whole where they are few, else by hash, moments and head.
"""

import hashlib
import json
import os
import sys
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[0] = ROOT
warnings.filterwarnings("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"


def main(out):
    from ref.originals import migration, tensorflow1

    is_tf1 = sys.version_info < (3, 8)
    tensorflow1.install(os.path.join(ROOT, "data", "digits"), 1000)
    import tensorflow as tf

    tf.logging.set_verbosity(tf.logging.ERROR)
    results = {}
    for row in migration.ROWS:
        near = [other.code for other in row.near]
        for code in [row.old] if is_tf1 else [row.old, *row.exact, *near]:
            results[row.wrap.format(code)] = describe(evaluate(tf, row.wrap.format(code), is_tf1))
    with open(out, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


def evaluate(tf, code, is_tf1):
    """Return what ``code`` is, an array."""
    import numpy as np
    from tensorflow.examples.tutorials.mnist import input_data

    rnd = np.random.RandomState(1)
    tf.reset_default_graph()
    tf.set_random_seed(42)
    names = {"tf": tf, "input_data": input_data}
    shapes = {"x": (32, 6), "image": (2, 8, 8, 3), "w": (6, 3), "logits": (4, 5), "series": (2, 5, 3)}
    for name, shape in shapes.items():
        names[name] = tf.constant(rnd.standard_normal(shape).astype(np.float32))
    names["onehot"] = tf.constant(np.eye(5, dtype=np.float32)[[0, 2, 1, 4]])
    names["ids"] = tf.constant(np.array([0, 2, 1, 4], np.int32))
    names["training"] = tf.placeholder_with_default(True, [])
    names.update(l2=tf.contrib.layers.l2_regularizer(0.1), ones=tf.ones_initializer())
    names.update(penalty=lambda _: sum_penalties(tf, names["l2"]), moving_mean=lambda _: update_mean(tf))
    if not is_tf1:
        names.update(import_successors())
    result = eval(code, names)
    if isinstance(result, np.ndarray):
        return result
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        return sess.run(result)


def sum_penalties(tf, l2):
    """Return what the graph has of penalties; where it has none, ``l2`` of all that is trained."""
    penalties = tf.losses.get_regularization_losses() or [l2(variable) for variable in tf.trainable_variables()]
    return tf.add_n(penalties)


def update_mean(tf):
    """Return the moving mean of a batch norm after one batch."""
    mean = next(variable for variable in tf.global_variables() if "moving_mean" in variable.name)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return tf.identity(mean)


def import_successors():
    import tf_slim

    from ref.common import layers
    from ref.data import data_sets, sources

    arrays = sources.load("digits")
    return {"slim": tf_slim, "layers": layers, "read_data_sets": data_sets.read_data_sets, "arrays": arrays}


def describe(values):
    import numpy as np

    values = np.asarray(values)
    flat = values.astype(np.float64).ravel()
    moments = {"deviation": float(flat.std()), "kurtosis": kurtosis(flat)}
    result = {"shape": list(values.shape), "dtype": values.dtype.name, **moments}
    result["sha256"] = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    result["values"] = [float(value) for value in flat[:60]]
    return result


def kurtosis(flat):
    centred = flat - flat.mean()
    return float((centred**4).mean() / max((centred**2).mean() ** 2, 1e-300))


if __name__ == "__main__":
    main(sys.argv[1])
