"""python -m ref compare: where two scripts part; or whether it is the machine or the code, of a result.json."""

import sys
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.flags import Parser, parse_count, parse_path, parse_seed
from ref.common.terminal import say_start

DESCRIPTION = (
    "Climb a ladder from the settings to the figures, and say where a port, or another script, leaves an original."
)

EPILOG = "Exit 0: equal to the digit. 1: not. 2: bad input. Both are your own code, and run with your rights."


def make_parser() -> Parser:
    parser = Parser(prog="python -m ref compare", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument(
        "a", metavar="A", nargs="?", help="the original: FILE.py, notes.md:listing.py; alone, a run's result.json"
    )
    parser.add_argument("b", metavar="B", nargs="?", help="autoencoder_N, or a script: your own migration")
    parser.add_argument(
        "--notes", type=parse_path, metavar="FILE", help="all listings of these notes, each against its port"
    )
    parser.add_argument(
        "--judge", choices=("tf2", "tf1"), default="tf2", help="A on TensorFlow 2, or under 1.15.5; default: tf2"
    )
    parser.add_argument(
        "--seed", type=parse_seed, action="append", metavar="N", help="default: 42; with --notes it may be repeated"
    )
    parser.add_argument(
        "--data",
        type=parse_path,
        action="append",
        metavar="mnist|digits|DIR",
        help="likewise; default: mnist if there, else digits",
    )
    parser.add_argument(
        "--steps", type=parse_count, default=20, metavar="N", help="steps of each training op; default: %(default)s"
    )
    parser.add_argument("--full", action="store_true", help="all steps, on all of the data")
    parser.add_argument(
        "--map", action="append", default=[], metavar="OLD=NEW", help="a variable of A that B calls NEW"
    )
    return parser


def main(flags: list[str]) -> None:
    """Compare what ``flags`` name; exit with 0 where all is equal to the digit, 1 where not, 2 for bad input."""
    args = make_parser().parse_args(flags)
    say_start("compare")
    from ref.__main__ import match_script
    from ref.fidelity.ladder import compare
    from ref.fidelity.ladder.sides import Port, Setting, find_side

    renamed = dict(read_pair(one) for one in args.map)
    steps = None if args.full else args.steps
    if args.notes:
        if args.a:
            raise BadInputError(
                f"--notes {args.notes} {args.a}: both, expected either all listings of notes, or A and B"
            )
        code = compare_notes(args, steps)
        sys.exit(code)
    if args.a and not args.b and (Path(args.a).suffix == ".json" or Path(args.a).is_dir()):
        from ref.fidelity.golden.result import compare_result

        sys.exit(compare_result(args.a))
    if not args.a or not args.b:
        raise BadInputError(
            f"compare {args.a or ''}: expected an original and what to hold against it, as in "
            "compare notes.md:autoencoder_7.py autoencoder_7; or a result.json alone"
        )
    a, b = find_side(args.a, match_script), find_side(args.b, match_script)
    if isinstance(a, Port):
        raise BadInputError(f"{args.a}: a port, expected the original first; put it second: compare ORIGINAL {args.a}")
    with compare.cut_data(args.data[0] if args.data else None, args.full) as (data, name, n_train):
        setting = Setting((args.seed or [42])[0], data, steps, args.judge, n_train)
        sys.exit(compare.show_pair(a, b, setting, renamed, name))


def compare_notes(args, steps: int | None) -> int:
    import contextlib

    from ref.fidelity.ladder import compare
    from ref.fidelity.ladder.sides import Setting

    with contextlib.ExitStack() as stack:
        sets = [stack.enter_context(compare.cut_data(data, args.full)) for data in args.data or [None]]
        settings = [
            (Setting(seed, data, steps, args.judge, n_train), name)
            for data, name, n_train in sets
            for seed in args.seed or [42]
        ]
        return compare.show_table(args.notes, settings)


def read_pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise BadInputError(f"--map {text}: expected OLD=NEW, the names of a variable in A and in B")
    return old, new
