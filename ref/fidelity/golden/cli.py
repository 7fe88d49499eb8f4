"""python -m ref golden record FILE -o GOLDEN.json | check FILE GOLDEN.json: a golden of a TensorFlow 1 script."""

import argparse
import sys
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import MAX_SEED, Parser
from ref.common.suggest import did_you_mean
from ref.fidelity.golden import report

USAGE = """usage: python -m ref golden record FILE -o GOLDEN.json [--steps N] [--seed N]
           [--data mnist|digits|DIR] [--on tf1|tf2] [--set NAME=VALUE]
       python -m ref golden check FILE GOLDEN.json [--data DIR] [--on tf1|tf2]
           [--all]

FILE is a TensorFlow 1 script, or a listing of a Markdown file:
notes.md:autoencoder_7.py. It is your own code, and runs with your rights.
record runs it three times, for its numbers and what rounding makes of them;
check runs it once, and ends with 0 where all values are within their
tolerance, 1 where some are not, 2 where it cannot be run.
"""
MAX_STEPS = 25  # as many as are recorded: ref/fidelity/record/watch.py
MAX_LOOSE = 0.05


def main(flags: list[str]) -> None:
    """Record or check, and exit with ``check``'s code.

    Raises:
      BadInputError: a flag, the script or the golden is not what it must be.
    """
    match flags:
        case [] | ["-h" | "--help" | "help", *_]:
            print(USAGE, end="")
        case ["record", *rest]:
            record(rest)
        case ["check", *rest]:
            sys.exit(check(rest))
        case [word, *_]:
            hint = did_you_mean(word, ("record", "check"))
            raise BadInputError(f"golden {word}: expected record or check; {hint}see python -m ref golden --help")


def record(flags: list[str]) -> None:
    parser = Parser(prog="python -m ref golden record", description="Record what a script's first steps are.")
    parser.add_argument("file", metavar="FILE", help="a TensorFlow 1 script, or NOTES.md:NAME.py")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="GOLDEN.json", help="where it is kept")
    says = f"of each training op, 1 to {MAX_STEPS}; default: %(default)s"
    parser.add_argument("--steps", type=_number(1, MAX_STEPS), default=20, metavar="N", help=says)
    parser.add_argument("--seed", type=_number(0, MAX_SEED), default=42, metavar="N", help="default: %(default)s")
    parser.add_argument("--data", metavar="mnist|digits|DIR", help="of a script that reads MNIST")
    parser.add_argument("--on", choices=("tf1", "tf2"), default="tf2", help="TensorFlow 1.15.5 or 2; default: tf2")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a top-level assignment")
    args = parser.parse_args(flags)
    from ref.fidelity.golden import script_record
    from ref.fidelity.golden.json_text import dump

    listing = find_script(args.file)
    if args.out.is_dir():
        raise BadInputError(f"-o {args.out}: a directory, expected a file's name; -o {args.out / 'golden.json'} say")
    job = script_record.Job(args.on, args.seed, args.steps, args.data, tuple(args.set))
    golden = script_record.record(listing, job)
    with open_atomically(args.out) as file:
        file.write(dump(golden).encode())
    print(describe(golden, args.out))


def describe(golden: dict, path: Path) -> str:
    """Return what was recorded, how far its values spread, and what cannot be held."""
    from ref.fidelity.golden.script_golden import list_script_values
    from ref.fidelity.golden.spread import get_tolerance

    values = {k: v for k, v in list_script_values(golden["values"]).items() if k not in golden["not_held"]}
    tolerances = {name: get_tolerance(name, tier, golden["spread"]) for name, (_, tier, _) in values.items()}
    loose = [name for name in values if tolerances[name] > MAX_LOOSE]
    n_exact = sum(tolerance == 0 for tolerance in tolerances.values())
    lines = [f"{path}: {len(values):,} values of {golden['script']}, {n_exact:,} of them exact"]
    lines.append(
        f"tolerance: {golden['provenance']['margin']:g} times what differed with {', or '.join(golden['measured'])}"
    )
    if loose:
        lines.append(f"{len(loose):,} values are held no closer than {MAX_LOOSE:.0%}, the first: {loose[0]}")
    if golden["not_held"]:
        lines.append(
            f"{len(golden['not_held']):,} are not held: they changed with that, the first: {golden['not_held'][0]}"
        )
    return "\n".join(lines)


def check(flags: list[str]) -> int:
    parser = Parser(prog="python -m ref golden check", description="Hold a script against its golden.")
    parser.add_argument("file", metavar="FILE", help="a TensorFlow 1 script, or NOTES.md:NAME.py")
    parser.add_argument("golden", type=Path, metavar="GOLDEN.json", help="what record made")
    parser.add_argument("--data", metavar="mnist|digits|DIR", help="default: where it was recorded")
    parser.add_argument("--on", choices=("tf1", "tf2"), help="TensorFlow 1.15.5 or 2; default: as it was recorded")
    parser.add_argument("--all", action="store_true", help="a line for every value")
    args = parser.parse_args(flags)
    from ref.fidelity.golden import script_record

    golden = script_record.read_golden(args.golden)
    listing = find_script(args.file)
    data = args.data or (golden["run"]["data"] or {}).get("name")
    compared = script_record.check(listing, golden, args.on or golden["run"]["on"], data)
    if args.all:
        print("\n".join([f"{'':8}{report.COLUMNS}; {report.UNITS}", *report.list_all(listing.name, compared)]))
    elif failures := report.describe_failures(listing.name, compared, "--all"):
        print("\n".join(failures.splitlines()[1:]))  # how many they are is said below
    changed = script_record.hash_text(listing.text) != golden["script_sha256"]
    rest = "; the script's text is another than was recorded" if changed else ""
    print(report.count(compared) + rest + ("" if args.all else "; --all lists every value"))
    return int(any(one.is_outside for one in compared))


def find_script(spec: str):
    """Return the one script that ``spec`` names.

    Raises:
      BadInputError: there is none, or more than one.
    """
    from ref.originals.listing import find_scripts

    listings = find_scripts(spec)
    if len(listings) != 1:
        raise BadInputError(
            f"{spec}: {len(listings)} listings, expected one; name it, {spec}:{listings[0].name}.py say"
        )
    return listings[0]


def _number(lowest: int, highest: int):
    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and lowest <= int(text) <= highest:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text!r} found, expected a whole number from {lowest} to {highest}")

    return parse
