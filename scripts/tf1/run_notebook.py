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
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # its neighbours, as a module, too

import ops_of_2017
from reader_state import describe_state
from run_listing import Printer, describe_process, import_tf1, redirect


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


def limit_epochs(source, n_max):
    """Return ``source`` with every number of epochs, in ``n_epochs = 5``, ``= [4, 4]``, ``=4``, ``n_max`` at most."""

    def limit(found):
        return re.sub("[0-9]+", lambda number: str(min(int(number[0]), n_max)), found[0])

    return re.sub(r"n_epochs ?= ?\[?[0-9, ]+\]?", limit, source) if n_max else source


def main():
    args = parse_arguments()
    tf = import_tf1()
    import matplotlib.pyplot as plt
    import numpy as np

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
        train = names["mnist"].train if trains else None
        state = describe_state(train, train._index_in_epoch, np.random) if trains else None
        printer = names["print"] = Printer()
        exec(compile(limit_epochs(source, args.max_epochs), f"cell {number}", "exec"), names)
        plt.close("all")
        if trains:
            results.append({"cell": number, "state": state, "lines": printer.text.splitlines()})
            print(f"cell {number}: {results[-1]['lines'][-1]}", file=sys.stderr, flush=True)
            with open(os.path.join(args.out, "cells.json"), "w", encoding="utf-8") as file:
                json.dump(dict(describe_process(tf, args.threads), cells=results), file)


if __name__ == "__main__":
    main()
