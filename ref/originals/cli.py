"""python -m ref original FILE: run a TensorFlow 1 script unmodified."""

import argparse
import sys

from ref.common.errors import BadInputError
from ref.common.flags import Parser, parse_count, parse_path, parse_seed
from ref.originals.listing import Listing, find_scripts
from ref.originals.run import Outcome, run_original

DESCRIPTION = """Run a single-file TensorFlow 1 script unmodified, in a process of its own, or
the listings of a text.

The script is your own code and runs with your rights: it may read, write and
delete what you may. What it writes under absolute, Windows or missing paths
goes to OUT/NAME/, with its figures and result.json."""
STOPPED = (130, 141, 143)  # by who runs it, not by the script
EPILOG = """Arguments after -- are the script's own:
python -m ref original train.py --seed 7 -- --batch_size 100"""


def make_parser() -> Parser:
    parser = Parser(
        prog="python -m ref original",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=parse_path, metavar="FILE", help="script.py, notes.md or notes.md:listing.py")
    parser.add_argument("--on", choices=("tf2", "tf1"), default="tf2", help="TensorFlow 2, or 1.15.5; default: tf2")
    parser.add_argument(
        "--seed", type=parse_seed, metavar="N", help="of graph and NumPy; default: the script's own, if any"
    )
    parser.add_argument(
        "--seeds", choices=("tf1", "tf2"), default="tf1", help="whose numbers random ops have; default: %(default)s"
    )
    parser.add_argument(
        "--data", type=parse_path, metavar="mnist|digits|DIR", help="default: mnist if there, else digits"
    )
    parser.add_argument("--out", type=parse_path, default="runs", metavar="DIR", help="default: %(default)s")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="settings",
        help="a value that the script assigns, a flag or a keyword's; may be repeated",
    )
    parser.add_argument("--stop-after", type=parse_count, metavar="N", help="steps of each training op")
    parser.add_argument("--traceback", action="store_true", help="show where in the script an error came from, in full")
    return parser


def main(flags: list[str]) -> None:
    """Run what ``flags`` name; exit with the script's code, 2 where one could not run."""
    own = flags.index("--") if "--" in flags else len(flags)
    argv = flags[own + 1 :]
    args = make_parser().parse_args(flags[:own])
    if args.seeds == "tf2" and args.on == "tf1":
        raise BadInputError("--seeds tf2: TensorFlow 1.15.5 has its own numbers, expected --seeds tf1 with --on tf1")
    listings = find_scripts(args.file)
    worst = 0
    for listing in listings:
        if len(listings) > 1:
            print(f"== {listing.name}", flush=True)
        try:
            outcome = run_original(
                listing,
                on=args.on,
                seed=args.seed,
                seeds=args.seeds,
                data=args.data,
                out=args.out,
                settings=args.settings,
                stop_after=args.stop_after,
                argv=argv,
            )
        except BadInputError as error:
            outcome = Outcome(2, str(error))
        report(listing, outcome, args.traceback)
        worst = worst or outcome.code
        if outcome.code in STOPPED:
            break
    sys.exit(worst)


def report(listing: Listing, outcome: Outcome, shows_traceback: bool) -> None:
    """Say on standard error what is to be said of a script that has ended: a line, or nothing."""
    if outcome.traceback and shows_traceback:
        print(outcome.traceback, end="", file=sys.stderr)
    if outcome.reason:
        print("error: " + outcome.reason.replace("\n", "\\n"), file=sys.stderr)
    elif outcome.code == 0 and not outcome.result["steps"]:
        print(f"{listing.label}: no training step was seen (an optimizer's op in Session.run)", file=sys.stderr)
    elif outcome.result.get("was_cut"):
        print(f"{listing.label}: went on after its last step, and was ended there", file=sys.stderr)
    elif outcome.result.get("stop_after") in outcome.result["steps"].values():
        print(f"{listing.label}: steps after the first {outcome.result['stop_after']} were left out", file=sys.stderr)
    if outcome.code == 0:
        print(f"{listing.label}: results in {outcome.home}", file=sys.stderr)
