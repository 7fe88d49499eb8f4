"""What a script is given, measured: record_modules.py OUT.json, under TensorFlow 1.15.5 or on today's.

Under TensorFlow 1.15.5 (.venv-tf1/bin/python) it writes what is recorded (ref/recorded/modules.json); under today's
Python, in the process that a script is given, what tests hold against that. ``migration``: the expressions of
ref/originals/migration.py (of TensorFlow 1 those of ``old``), each in a graph of seed 42; numbers are kept by hash,
moments and head. ``seeds``: those of all random ops of each line of snippets.txt. ``reader``: what the tutorial's
reader gives in all its ways, on the embedded digits. ``statements``, today's only: what becomes of statements.txt.
"""

import argparse
import hashlib
import itertools
import json
import os
import sys
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = ROOT
warnings.filterwarnings("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"


def main(out):
    from ref.originals import tensorflow1

    tensorflow1.install(os.path.join(ROOT, "data", "digits"), 1000)
    import tensorflow as tf

    tf.logging.set_verbosity(tf.logging.ERROR)
    is_tf1 = sys.version_info < (3, 8)
    results = {"migration": record_migration(tf, is_tf1), "seeds": record_seeds(tf), "reader": record_reader(tf)}
    if not is_tf1:
        results["statements"] = {line: execute(line.partition("\t")[0]) for line in read_lines("statements.txt")}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=0)
        file.write("\n")


def record_migration(tf, is_tf1):
    from ref.originals import migration

    results = {}
    for row in migration.ROWS:
        near = [other.code for other in row.near]
        for code in [row.old] if is_tf1 else [row.old, *row.exact, *near]:
            results[row.wrap.format(code)] = describe(evaluate(tf, row.wrap.format(code), is_tf1))
    return results


def record_seeds(tf):
    """Return of each snippet its random ops: [type, seed, seed2]."""
    import numpy as np

    names = {
        "tf": tf,
        "np": np,
        "L": tf.contrib.layers,
        "X": lambda *shape: tf.placeholder(tf.float32, shape),
        "Z": lambda: tf.placeholder(tf.float32, [None, 784]),
        "I": lambda: tf.placeholder(tf.float32, [None, 28, 28, 1]),
    }
    results = {}
    for code in read_lines("snippets.txt"):
        tf.reset_default_graph()
        tf.set_random_seed(42)
        eval(code, dict(names))
        tf.random_normal([1])
        ops = [op for op in tf.get_default_graph().get_operations() if "seed2" in op.node_def.attr]
        results[code] = [[op.type, op.get_attr("seed"), op.get_attr("seed2")] for op in ops]
    return results


def read_lines(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if not line.startswith("#")]


def execute(statement):
    """Return what becomes of a script of one line: None, or the error and what it says."""
    try:
        exec(statement, {"__name__": "__main__"})
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def record_reader(tf):
    """Return hashes of the batches of the reader in all its ways: seeds of its own, of the graph, of none."""
    import numpy as np
    from tensorflow.examples.tutorials.mnist import input_data

    iris = tf.contrib.learn.datasets.load_dataset("iris")
    results = {"iris": [describe(iris.data)["sha256"], describe(iris.target)["sha256"]]}
    for options in READ:
        for graph_seed, is_late in itertools.product((None, 7, 2**31 + 5), (False, True)):
            if graph_seed is None and "seed" not in options and not options.get("fake_data"):
                continue  # the system's own seed
            tf.reset_default_graph()
            if graph_seed is not None:
                tf.set_random_seed(graph_seed)
            if is_late:
                tf.constant(1.0)
            np.random.seed(3)
            dtype = {"dtype": getattr(tf, options["dtype"])} if "dtype" in options else {}
            data = input_data.read_data_sets("MNIST_data/", **dict(options, **dtype))
            name = json.dumps([options, graph_seed, is_late], sort_keys=True)
            results[name] = [read_batches(part, bool(options.get("fake_data"))) for part in data]
    return results


READ = (
    {},
    {"one_hot": True},
    {"reshape": False},
    {"dtype": "uint8"},
    {"validation_size": 0},
    {"validation_size": 4000, "seed": 5},
    {"seed": 0},
    {"fake_data": True, "one_hot": True},
)


def read_batches(part, is_fake):
    """Return what a part gives: one hash over some epochs of batches, how many epochs, how many examples."""
    import numpy as np

    seen = hashlib.sha256()
    if is_fake:
        return [repr(part.next_batch(2, True)), part.num_examples]
    if part.num_examples == 0:
        return [0, part.images.shape[1:], part.labels.dtype.name]
    big = part.num_examples // 2 - 1
    for size, shuffles in ((3, True), (big, True), (big, True), (7, True), (big, False), (big, False), (5, True)):
        for array in part.next_batch(size, shuffle=shuffles):
            seen.update(f"{array.dtype.name} {array.shape}".encode())
            seen.update(np.ascontiguousarray(array).tobytes())
    for array in (part.images, part.labels):
        seen.update(np.ascontiguousarray(array).tobytes())
    return [seen.hexdigest(), part.epochs_completed, part.num_examples, int(np.random.randint(10**6))]


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", metavar="OUT.json")
    main(parser.parse_args().out)
