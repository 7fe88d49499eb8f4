"""Train the ports as the book's notebook trains its cells: python -m scripts.run_book --data DIR --out DIR.

The notebook reads MNIST once: each cell goes on with the batches where the one before it stopped. It seeds graph and
NumPy with 42 before each section, which is each of its training cells but two: 8's runs on 7's graph, 5's on 4's. So do
the ports here, in the notebook's order, with its hyper-parameters, on one reader and one generator. A graph that is
built again instead of used again draws the same: what a session draws depends on the graph's seeds alone.

OUT/cells.json is as of scripts/tf1/run_notebook.py; so are --max-epochs and --ops-of-2017.
"""

import contextlib
import importlib
import io
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.chapter import SCRIPTS
from ref.common import layers, machine, session
from ref.common.cli import exit_codes
from ref.common.files import make_directory
from ref.common.flags import Parser
from ref.common.runs import Run
from ref.data.data_sets import DataSets, read_data_sets
from ref.data.sources import load
from scripts.tf1 import ops_of_2017
from scripts.tf1.reader_state import describe_state

SEED = 42


@dataclass(frozen=True)
class Cell:
    """A training cell of the notebook: the script it is, whether its section began anew, what it trains otherwise."""

    script: int
    resets: bool = True
    hyper_parameters: dict = field(default_factory=dict)


CELLS = (  # in the notebook's order
    Cell(2, hyper_parameters=dict(n_epochs=5, learning_rate=0.01, l2_reg=0.0001)),
    Cell(3, hyper_parameters=dict(l2_reg=0.0005)),
    Cell(6, hyper_parameters=dict(fix_output=True)),
    Cell(7),
    Cell(8, resets=False),
    Cell(4),
    Cell(5, resets=False),
    Cell(11),
    Cell(12),
    Cell(13),
    Cell(15),
    Cell(16),
)


class BookRun(Run):
    """A run whose reader is the notebook's one, wherever that now stands."""

    def __init__(self, script: int, data_sets: DataSets, out: Path, hyper_parameters: dict):
        super().__init__(f"autoencoder_{script}", None, SEED, out, "cpu", hyper_parameters)
        self._data_sets = data_sets

    def read_data_sets(self) -> DataSets:
        return self._data_sets


def use_ops_of_2017() -> None:
    """Make the ports' layers and sessions do as the TensorFlow of 2017, in this process from here on."""
    tf.zeros_initializer = lambda: ops_of_2017.make_zeros_initializer(tf)
    layers._drop = ops_of_2017.make_drop(tf)
    ops_of_2017.sum_as_then(session.Session)


def train(cell: Cell, data_sets: DataSets, out: Path, n_max: int | None) -> dict:
    """Return the script, the state before its first batch and the lines it prints."""
    module = importlib.import_module(next(script.module for script in SCRIPTS if script.number == cell.script))
    hyper_parameters = dict(cell.hyper_parameters)
    if n_max:
        hyper_parameters["n_epochs"] = (n_max, n_max) if cell.script in (6, 7, 8) else n_max
    if cell.resets:
        data_sets.rnd.seed(SEED)
    state = describe_state(data_sets.train, data_sets.train._start, data_sets.rnd)
    run = BookRun(cell.script, data_sets, out, hyper_parameters)
    with session.new_graph(SEED), contextlib.redirect_stdout(io.StringIO()):
        module.train(run, **hyper_parameters)
    return {"script": cell.script, "state": state, "lines": [row["line"] for row in run.result["printed"]]}


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.run_book", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--max-epochs", type=int)
    parser.add_argument("--ops-of-2017", action="store_true")
    args = parser.parse_args(argv)
    make_directory(args.out)
    data_sets = read_data_sets(load(args.data), SEED)
    if args.ops_of_2017:
        use_ops_of_2017()
    cells = []
    for cell in CELLS:
        cells.append(train(cell, data_sets, args.out, args.max_epochs))
        print(f"autoencoder_{cell.script}: {cells[-1]['lines'][-1]}", file=sys.stderr, flush=True)
        versions = {"python": sys.version.split()[0], "tensorflow": tf.__version__, "numpy": np.__version__}
        result = {"versions": versions, "threads": machine.count_threads(), "cells": cells}
        (args.out / "cells.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
