"""Write what TensorFlow 1.15.5's tutorial reader gives, image by image; Python 3.7, in .venv-tf1 (make tf1).

    .venv-tf1/bin/python scripts/tf1/record_reader.py [--out tests/golden/tf1/reader.json]

The data set is made by a formula, each image's first two pixels are its index. A walk takes batches from the three sets
in turn for more than two epochs of training images, looks at a whole set and draws from NumPy's global generator in
between, as the listings do. tests/test_reader_tf1.py takes the same walk with ref/data by these very lines.
"""

import argparse
import contextlib
import gzip
import hashlib
import io
import json
import os
import struct
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "..", "tests", "golden", "tf1", "reader.json")
N_TRAIN, N_TEST = 180, 60
N_VALIDATION = N_TRAIN // 12  # 15; 165 are left, which no batch but 1 and 165 divides
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
SEEDS = (42, 7, 2019)
SIZES = {"1": [1], "7": [7], "37": [37], "150": [150], "165": [165], "1, 150, 7, 37": [1, 150, 7, 37]}


def make_data():
    """Return the four arrays of FILES: image i of n holds i // 256, i % 256 and a pattern of its own."""
    arrays = []
    for n, offset in ((N_TRAIN, 0), (N_TEST, 100)):
        index = np.arange(n)
        images = (index[:, None] * 7 + np.arange(784) * 3 + offset) % 256
        images[:, 0], images[:, 1] = index // 256, index % 256
        arrays += [images.astype(np.uint8).reshape(n, 28, 28), ((index * 7 + offset) % 10).astype(np.uint8)]
    return arrays


def write_data(directory):
    """Write the data set to ``directory`` as the reader wants it, gzipped."""
    for name, array in zip(FILES, make_data()):
        header = struct.pack(">BBBB{}I".format(array.ndim), 0, 0, 8, array.ndim, *array.shape)
        with gzip.open(os.path.join(directory, name + ".gz"), "wb") as file:
            file.write(header + array.tobytes())


def identify(images):
    """Return the index of each image in its file."""
    pixels = np.rint(images[:, :2].astype(np.float64) * 255).astype(int)
    return (pixels[:, 0] * 256 + pixels[:, 1]).tolist()


def hash_state(rnd):
    """Return the sha256 of where a generator stands; ``numpy.random`` is the global one."""
    _, key, position = rnd.get_state()[:3]
    return hashlib.sha256(key.tobytes() + str(position).encode()).hexdigest()


def walk(data_sets, rnd, sizes):
    """Return the indices, and labels as one row of digits, of all that was given; ``sizes`` of batches take turns."""
    seen = {"train": [], "test": [], "validation": [], "permutations": [], "looks": []}
    labels, pixels, step = [], hashlib.sha256(), 0
    n_wanted = 2.2 * data_sets.train.num_examples

    def take(name, size):
        data_set = getattr(data_sets, name)
        image_batch, label_batch = data_set.next_batch(min(size, data_set.num_examples))
        seen[name].extend(identify(image_batch))
        labels.extend(label_batch.tolist())
        pixels.update(np.ascontiguousarray(image_batch))

    while len(seen["train"]) < n_wanted:
        size = sizes[step % len(sizes)]
        take("train", size)
        if step % 3 == 0:
            take("test", size)
        if step % 5 == 0:
            take("validation", size)
        if step % 4 == 0:
            seen["permutations"].extend(rnd.permutation(5).tolist())
        if step % 30 == 1:  # a whole set, in the order that its last shuffle left
            seen["looks"].extend(identify(data_sets.train.images[:9]) + identify(data_sets.test.images[-9:]))
            labels.extend(data_sets.train.labels[-9:].tolist())
        step += 1
    seen["labels"] = "".join(map(str, labels))
    return dict(seen, pixels_sha256=pixels.hexdigest(), state_sha256=hash_state(rnd))


def record_seeding(tf, read):
    """Return, for each way to seed, what get_seed gives a reader and where NumPy's global generator stands after it.

    Where neither seed is set the state is null: it is another one at each call.
    """
    largest = 2**31 - 1
    cases = {
        "graph seed 42": (42, None, 0),
        "graph seed 42, ops before it": (42, None, 3),
        "graph seed 0": (0, None, 0),
        "graph seed 2**31 - 1": (largest, None, 0),
        "graph seed 42, seed=5": (42, 5, 0),
        "no graph seed, seed=5": (None, 5, 0),
        "no graph seed": (None, None, 0),
    }
    found = {}
    for name, (graph_seed, op_seed, n_ops) in cases.items():
        with tf.Graph().as_default():
            if graph_seed is not None:
                tf.set_random_seed(graph_seed)
            for _ in range(n_ops):
                tf.no_op()
            states = []
            for _ in range(2):
                np.random.seed(42)  # which the reader overrules, even where it has no seed
                read(seed=op_seed)
                states.append(hash_state(np.random))
            seeds = [seed if seed is None else int(seed) for seed in tf.get_seed(op_seed)]
        found[name] = {"get_seed": seeds, "state_sha256": states[0] if states[0] == states[1] else None}
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=GOLDEN)
    args = parser.parse_args()
    from run_listing import import_tf1  # beside this file; tests, which run the walk's lines, do without

    tf = import_tf1()
    from tensorflow.examples.tutorials.mnist import input_data

    with tempfile.TemporaryDirectory() as directory:
        write_data(directory)

        def read(**keywords):
            with contextlib.redirect_stdout(io.StringIO()):  # "Extracting …"
                return input_data.read_data_sets(directory, validation_size=N_VALIDATION, **keywords)

        walks = {}
        for seed in SEEDS:
            for name, sizes in SIZES.items():
                with tf.Graph().as_default():
                    tf.set_random_seed(seed)
                    walks["seed {}, batches of {}".format(seed, name)] = walk(read(), np.random, sizes)
        with tf.Graph().as_default():
            tf.set_random_seed(SEEDS[0])
            train = read().train
            unshuffled = [index for _ in range(5) for index in identify(train.next_batch(37, shuffle=False)[0])]
            oversized = [
                len(read().validation.next_batch(size)[0]) for size in (N_VALIDATION + 1, 2 * N_VALIDATION + 1)
            ]
        content = {
            "provenance": {"tensorflow": tf.__version__, "numpy": np.__version__, "python": sys.version.split()[0]},
            "seeding": record_seeding(tf, read),
            "unshuffled": unshuffled,
            "batches_larger_than_the_set": oversized,
        }
    lines = ["{}: {}".format(json.dumps(key), json.dumps(value)) for key, value in content.items()]
    rows = ["{}: {}".format(json.dumps(key), json.dumps(value)) for key, value in walks.items()]
    with open(args.out, "w", encoding="utf-8") as file:
        file.write("{\n " + ",\n ".join(lines) + ',\n "walks": {\n  ' + ",\n  ".join(rows) + "\n }\n}\n")


if __name__ == "__main__":
    main()
