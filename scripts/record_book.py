"""Record what the book's notebook printed, and what it prints today, in ref/recorded/book.json.

It needs TensorFlow 1.15.5 (make tf1), MNIST's four gzipped files (make mnist), and 15_autoencoders.ipynb of
github.com/ageron/handson-ml, as its authors last ran it: commit ef0cfb3; later ones cropped what it printed. Earlier
ones of the same cells are read for what they printed otherwise: 95e75cb, 632a14f. Files are named after their commits.

The notebook runs under TensorFlow 1.15.5, with 2017's ops (scripts/tf1/ops_of_2017.py), and on one thread; the ports
run as scripts.run_book says, as they are and with 2017's ops. Each of the five takes about 10 minutes on 2 cores; one
that is finished in --out, from the same notebook and data, is kept: empty --out after a change of the code. Only
numbers are recorded, none of the notebook's text or code.

A quick look, with --max-epochs, prints what would be recorded, and records nothing.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from ref.common import machine
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import hash_file, open_atomically
from ref.fidelity.golden.json_text import dump
from scripts import record_tf1, run_book
from scripts.render_book import BOOK
from scripts.tf1_inputs import add_python, check_mnist, check_python, make_parser, read_kept, whole_number

TF1_RUNS = {"tf1": [], "tf1_2017": ["--ops-of-2017"], "tf1_one_thread": ["--threads", "1"]}
OUR_RUNS = {"ours": [], "ours_2017": ["--ops-of-2017"]}
NUMBER = re.compile(r"([A-Z][A-Za-z ]*): (-?[0-9][0-9.e+-]*)(?=\s|$)")


def read_numbers(lines: list[str]) -> list[dict[str, str]]:
    """Return label and digits of each number in the lines, for each line that has one.

    The notebook's file keeps of a line what a terminal would show after its carriage returns: ``19% Train MSE: 0.5``
    is epoch 1's, before the last digit of its percentage.
    """
    return [numbers for line in lines if (numbers := dict(NUMBER.findall(line)))]


def read_notebook(path: Path) -> dict[int, list[dict[str, str]]]:
    """Return the numbers that each cell of a notebook printed when it was stored, by the cell's number.

    Raises:
      BadInputError: it cannot be read, is no notebook, or not one whose cells printed what is looked for.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = [
            "".join("".join(output.get("text", "")) for output in cell.get("outputs", ()) if "text" in output)
            for cell in cells
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(
            f"{path}: cannot be read as a notebook ({error!r}), expected the book's 15_autoencoders.ipynb; see "
            "python -m scripts.record_book --help"
        ) from error
    numbers = {number: read_numbers(re.split(r"[\r\n]+", text)) for number, text in enumerate(texts)}
    if (n_printing := sum(map(bool, numbers.values()))) < len(run_book.CELLS):
        raise BadInputError(
            f"{path}: {n_printing} cells printed numbers, expected {len(run_book.CELLS)} that trained; see "
            "python -m scripts.record_book --help"
        )
    return numbers


def run_once(command: list, out: Path, made_of: dict) -> dict:
    """Return OUT/cells.json, made by ``command`` unless it is complete, and ``made_of`` what an earlier call's was.

    Raises:
      BadInputError: the command ended with an error, whose last line is told, or before all cells were trained.
    """
    path, note = out / "cells.json", out / "made_of.json"
    if read_kept(note) != made_of:
        path.unlink(missing_ok=True)
        with open_atomically(note) as file:
            file.write(dump(made_of).encode())
    if not is_complete(run := read_kept(path)):
        done = subprocess.run([*map(str, command), "--out", str(out)], stderr=subprocess.PIPE, text=True)
        run = read_kept(path)
        if done.returncode or not is_complete(run):
            last = (done.stderr.strip() or "nothing on standard error").splitlines()[-1]
            raise BadInputError(
                f"{out.name}: ended with {done.returncode} ({last}), expected all {len(run_book.CELLS)} cells to be "
                "trained; is it the book's notebook?"
            )
    return run


def is_complete(run: dict) -> bool:
    """Return whether all cells were trained."""
    return len(run.get("cells", ())) == len(run_book.CELLS)


def check_states(runs: dict[str, dict]) -> None:
    """Raise BadInputError where a cell did not begin with the same batches and generator in every run."""
    for index, cell in enumerate(run_book.CELLS):
        states = {name: run["cells"][index]["state"] for name, run in runs.items()}
        if odd := [name for name, state in states.items() if state != states["tf1"]]:
            raise BadInputError(
                f"autoencoder_{cell.script}: {odd[0]} began with another reader or generator than tf1, expected the "
                "same; give all runs the same data and epochs, and remove --out's files"
            )


def main(argv: list[str]) -> None:
    parser = make_parser("scripts.record_book", __doc__)
    parser.add_argument("--notebook", type=Path, required=True, metavar="FILE", help="the notebook")
    parser.add_argument("--earlier", type=Path, nargs="*", default=[], metavar="FILE", help="earlier ones")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="holds MNIST, gzipped")
    parser.add_argument("--out", type=Path, default=Path("runs/book"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--max-epochs", type=whole_number(1), metavar="N", help="a quick look: nothing is recorded")
    add_python(parser)
    args = parser.parse_args(argv)
    published = {path.stem: read_notebook(path) for path in (args.notebook, *args.earlier)}
    made_of = {
        "notebook_sha256": hash_file(args.notebook),
        "data_sha256": check_mnist(args.data),
        "max_epochs": args.max_epochs,
    }
    check_python(args.python)
    # Of its own, so that a quick look does not take the place of an hour's runs.
    out = args.out / f"max-epochs-{args.max_epochs}" if args.max_epochs else args.out
    script = record_tf1.ROOT / "scripts" / "tf1" / "run_notebook.py"
    common = ["--data", args.data, *(["--max-epochs", args.max_epochs] if args.max_epochs else [])]
    commands = {
        **{name: [args.python, script, args.notebook, *common, *flags] for name, flags in TF1_RUNS.items()},
        **{name: [sys.executable, "-m", "scripts.run_book", *common, *flags] for name, flags in OUR_RUNS.items()},
    }
    runs = {name: run_once(command, out / name, made_of) for name, command in commands.items()}
    check_states(runs)
    cells = []
    for index, cell in enumerate(run_book.CELLS):
        number = runs["tf1"]["cells"][index]["cell"]
        then = published[args.notebook.stem][number]
        earlier = {name: cells_of[number] for name, cells_of in published.items() if cells_of.get(number, then) != then}
        lines = {name: read_numbers(run["cells"][index]["lines"]) for name, run in runs.items()}
        state = runs["tf1"]["cells"][index]["state"]
        cells.append({"script": cell.script, "cell": number, "state": state, "then": then, "earlier": earlier, **lines})
    if args.max_epochs:
        print(dump({"cells": cells}))
        return
    provenance = {
        "notebooks": {path.stem: hash_file(path) for path in (args.notebook, *args.earlier)},
        "cpu": machine.describe_cpu(),
        "runs": {name: {**run["versions"], "threads": run["threads"]} for name, run in runs.items()},
    }
    with open_atomically(BOOK) as file:
        file.write(dump({"provenance": provenance, "cells": cells}).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
