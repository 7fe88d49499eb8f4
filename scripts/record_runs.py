"""Keep finished chapters as the recorded ones: python -m scripts.record_runs DIR [DIR …].

A DIR is the ``--out`` of ``python -m ref chapter --data mnist``. Of seed 42 its sixteen ``result.json`` and figures are
copied to ref/recorded, where the tables and the picture of the README come from; of another seed what was printed is
kept in ref/recorded/seed-N.json.
"""

import json
import shutil
import sys
from pathlib import Path

from ref.chapter import SCRIPTS, Script
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from ref.data.download import MNIST_SHA256
from ref.fidelity.golden.json_text import dump

RECORDED = Path(__file__).resolve().parents[1] / "ref" / "recorded"


def record(directory: Path) -> None:
    results = {}
    for script in SCRIPTS:
        path = directory / script.name / "result.json"
        if not path.exists():
            raise BadInputError(f"{path}: missing, expected all sixteen; run 'make chapter DATA=mnist OUT={directory}'")
        results[script] = result = json.loads(path.read_text(encoding="utf-8"))
        data = result["data"]["sha256"] if result["data"] else None
        if script.reads_data and data != MNIST_SHA256:
            raise BadInputError(f"{path}: recorded on {result['data']['name']}, expected the real MNIST")
    seeds = {result["seed"] for result in results.values()}
    if seeds != {42}:
        record_lines(directory, seeds, results)
        return
    for script in SCRIPTS:
        target = RECORDED / script.name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file in ("result.json", *(f"{name}.png" for name in script.figures)):
            shutil.copyfile(directory / script.name / file, target / file)


def record_lines(directory: Path, seeds: set[int], results: dict[Script, dict]) -> None:
    if len(seeds) > 1:
        raise BadInputError(f"{directory}: seeds {sorted(seeds)} found, expected one; run the chapter with one seed")
    some = results[SCRIPTS[-1]]
    content = {
        "provenance": {"device": some["device"], "threads": some["threads"], **some["versions"]},
        "lines": {script.name: [row["line"] for row in result["printed"]] for script, result in results.items()},
    }
    with open_atomically(RECORDED / f"seed-{seeds.pop()}.json") as file:
        file.write(dump(content).encode())


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.record_runs", description=__doc__.splitlines()[0])
    parser.add_argument("directories", type=Path, nargs="+", metavar="DIR")
    for directory in parser.parse_args(argv).directories:
        record(directory)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
