"""Run the book's notebook under TensorFlow 1.15.5, in .venv-tf1 (make tf1); Python 3.7, without our packages.

    .venv-tf1/bin/python scripts/tf1/run_notebook.py NOTEBOOK --data DIR --out DIR [--max-epochs N] [--threads N]
        [--ops-of-2017]

All code cells are executed in their order, in one process, as they are: but for lines that begin with %, and, with
--max-epochs, for a larger ``n_epochs``. The reader reads DIR (the four gzipped IDX files), checkpoints go to --out,
percentages are not printed, pictures are neither shown nor written; --ops-of-2017 does as ops_of_2017.py says.

OUT/cells.json holds, for each cell that trains, where the reader and NumPy's generator stood when it began, and the
lines that it printed.
"""

import argparse
import hashlib
import json
import os
import re
import sys

import ops_of_2017
from run_listing import Printer, redirect  # beside this file; it quiets TensorFlow, too


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("notebook")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--max-epochs", type=int)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--ops-of-2017", action="store_true")
    parser.add_argument("--validation-size", type=int, default=5000)
    return parser.parse_args()


def describe_state(train, np):
    """Return the sha256 of the training set in its order and of NumPy's global generator, and the reader's position."""
    name, keys, position, has_gauss, gauss = np.random.get_state()
    generator = hashlib.sha256(keys.tobytes() + repr((position, has_gauss, gauss)).encode())
    return {
        "images_sha256": hashlib.sha256(train.images.tobytes()).hexdigest(),
        "labels_sha256": hashlib.sha256(train.labels.tobytes()).hexdigest(),
        "position": train._index_in_epoch,
        "generator_sha256": generator.hexdigest(),
    }


def limit_epochs(source, n_max):
    """Return ``source`` with every number of epochs, in ``n_epochs = 5``, ``= [4, 4]``, ``=4``, ``n_max`` at most."""

    def limit(found):
        return re.sub("[0-9]+", lambda number: str(min(int(number[0]), n_max)), found[0])

    return re.sub(r"n_epochs ?= ?\[?[0-9, ]+\]?", limit, source) if n_max else source


def main():
    args = parse_arguments()
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    import tensorflow as tf

    if tf.__version__ != "1.15.5":
        sys.exit(f"error: TensorFlow {tf.__version__} found, expected 1.15.5; run this with .venv-tf1/bin/python")
    tf.get_logger().setLevel("ERROR")
    plt.savefig = lambda *_, **__: None
    os.makedirs(args.out, exist_ok=True)
    redirect(tf, args)
    if args.ops_of_2017:
        ops_of_2017.use_in_tf1(tf)
    with open(args.notebook, encoding="utf-8") as file:
        cells = json.load(file)["cells"]
    names, results = {"__name__": "__main__"}, []
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        source = "".join(line for line in cell["source"] if not line.startswith("%"))
        # A call that trains, in the cell after its function's, has n_epochs= as a keyword.
        trains = re.search(r"^n_epochs = |train_autoencoder\(mnist", source, re.M)
        state = describe_state(names["mnist"].train, np) if trains else None
        printer = names["print"] = Printer()
        exec(compile(limit_epochs(source, args.max_epochs), f"cell {number}", "exec"), names)
        plt.close("all")
        if trains:
            results.append({"cell": number, "state": state, "lines": printer.text.splitlines()})
            print(f"cell {number}: {results[-1]['lines'][-1]}", file=sys.stderr, flush=True)
            with open(os.path.join(args.out, "cells.json"), "w", encoding="utf-8") as file:
                versions = {"python": sys.version.split()[0], "tensorflow": tf.__version__, "numpy": np.__version__}
                threads = args.threads or os.cpu_count()
                json.dump({"versions": versions, "threads": threads, "cells": results}, file)


if __name__ == "__main__":
    main()
