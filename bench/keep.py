"""Publish results of one's own: python -m bench.keep [FILE …], make bench-keep.

Copies data/bench/MACHINE/*.json of this machine, or the files that are named, to bench/results, where Git sees them;
``make bench-report`` then has them in the tables. The rows of the peers go to summary.json, too.
"""

import sys
from pathlib import Path

from bench import store
from bench import work as bench_work
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser

SUMMARY_KEYS = ("who", "engine", "form", "engine_form", "cached", "device", "batch", "ms_per_step", "examples_per_s")


def keep(path: Path) -> Path:
    """Copy one result, which must lie in data/bench under its machine's name; return the copy's path.

    Raises:
      BadInputError: it lies elsewhere, is no result, or is of another machine or other work than its name says.
    """
    result = store.read(path)
    if path.resolve().parent.parent != store.OWN.resolve():
        raise BadInputError(f"{path}: not one of yours, expected a file of {store.OWN}/MACHINE; name one of those")
    named = (
        Path(bench_work.name_machine(result["machine"])) / f"{store.name_result(result['kind'], result['work'])}.json"
    )
    if path.resolve().relative_to(store.OWN.resolve()) != named:
        raise BadInputError(f"{path}: holds {named.with_suffix('')}, expected what its name says; move it there")
    kept = store.KEPT / path.resolve().relative_to(store.OWN.resolve())
    store.write(kept, result)
    if path.stem == store.name_result("peers", result["work"] | store.LISTING | {"device": "cpu"}):
        rows = [{key: row[key] for key in SUMMARY_KEYS if key in row} for row in result["rows"]]
        store.write(store.KEPT / store.SUMMARY, rows)
    return kept


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.keep", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="default: all of this machine's")
    args = parser.parse_args(argv)
    own = store.OWN / bench_work.name_machine()
    paths = args.files or [path for path in store.list_results(store.OWN) if path.parent == own]
    if not paths:
        raise BadInputError(f"{own}: no results, expected those of a run on this machine; run make bench first")
    for path in paths:
        print(f"kept: {keep(path).relative_to(store.ROOT)}")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
