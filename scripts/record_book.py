"""Record what the book's notebook printed, and what it prints today, in ref/recorded/book.json (after make tf1).

    python -m scripts.record_book --notebook FILE --data DIR [--earlier FILE …] [--out runs/book] [--max-epochs N]

FILE is 15_autoencoders.ipynb of github.com/ageron/handson-ml, as its authors last ran it: commit ef0cfb3; later ones
cropped what it printed. --earlier are older ones of the same cells, for what they printed otherwise: 95e75cb, 632a14f.
Files are named after their commits. DIR holds MNIST's four gzipped files.

The notebook runs under TensorFlow 1.15.5, with 2017's ops (scripts/tf1/ops_of_2017.py), and on one thread; the ports
run as scripts.run_book says, as they are and with 2017's ops. Each of the five takes about 10 minutes on 2 cores; one
that is finished in --out is kept. Only numbers are recorded, none of the notebook's text or code.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

from ref.common import machine
from ref.common.cli import Parser, exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from scripts import golden, record_tf1, run_book
from scripts.render_book import BOOK

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
      BadInputError: it cannot be read, or is no notebook.
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
    return {number: read_numbers(re.split(r"[\r\n]+", text)) for number, text in enumerate(texts)}


def run_once(command: list, out: Path) -> dict:
    """Return OUT/cells.json, made by ``command`` unless it is complete."""
    path = out / "cells.json"
    if not path.exists() or len(json.loads(path.read_text())["cells"]) < len(run_book.CELLS):
        done = subprocess.run([*map(str, command), "--out", str(out)], stderr=subprocess.PIPE, text=True)
        if done.returncode:
            last = (done.stderr.strip() or "nothing on standard error").splitlines()[-1]
            raise BadInputError(f"{out.name}: ended with {done.returncode} ({last}), expected all cells to be trained")
    return json.loads(path.read_text())


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
    parser = Parser(prog="python -m scripts.record_book")
    parser.add_argument("--notebook", type=Path, required=True)
    parser.add_argument("--earlier", type=Path, nargs="*", default=[])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/book"))
    parser.add_argument("--max-epochs", type=int, help="a quick look: nothing is recorded")
    parser.add_argument("--python", default=str(record_tf1.PYTHON))
    args = parser.parse_args(argv)
    published = {path.stem: read_notebook(path) for path in (args.notebook, *args.earlier)}
    script = record_tf1.ROOT / "scripts" / "tf1" / "run_notebook.py"
    common = ["--data", args.data, *(["--max-epochs", args.max_epochs] if args.max_epochs else [])]
    commands = {
        **{name: [args.python, script, args.notebook, *common, *flags] for name, flags in TF1_RUNS.items()},
        **{name: [sys.executable, "-m", "scripts.run_book", *common, *flags] for name, flags in OUR_RUNS.items()},
    }
    runs = {name: run_once(command, args.out / name) for name, command in commands.items()}
    check_states(runs)
    cells = []
    for index, cell in enumerate(run_book.CELLS):
        number = runs["tf1"]["cells"][index]["cell"]
        then = published[args.notebook.stem][number]
        earlier = {name: published[name][number] for name in published if published[name][number] != then}
        lines = {name: read_numbers(run["cells"][index]["lines"]) for name, run in runs.items()}
        state = runs["tf1"]["cells"][index]["state"]
        cells.append({"script": cell.script, "cell": number, "state": state, "then": then, "earlier": earlier, **lines})
    if args.max_epochs:
        print(golden.dump({"cells": cells}))
        return
    provenance = {
        "notebooks": {
            path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in (args.notebook, *args.earlier)
        },
        "cpu": machine.describe_cpu(),
        "runs": {name: {**run["versions"], "threads": run["threads"]} for name, run in runs.items()},
    }
    with open_atomically(BOOK) as file:
        file.write(golden.dump({"provenance": provenance, "cells": cells}).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
