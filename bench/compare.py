"""Hold a run of make bench against the one kept of the same machine: python -m bench.compare OLD NEW [--threshold 1.5].

Prints old | new | ratio of each benchmark's milliseconds a step; exits with 2 where one is slower than the threshold.
"""

import json
import sys
from pathlib import Path

from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser

THRESHOLD = 1.5  # a quiet machine repeats itself within 10 %; one with neighbours was seen to differ by 50 %


def read(path: Path) -> dict[str, float]:
    """Return the milliseconds a step of each benchmark in a file of pytest-benchmark's."""
    try:
        benchmarks = json.loads(path.read_text())["benchmarks"]
        return {benchmark["name"]: benchmark["extra_info"]["ms_per_step"] for benchmark in benchmarks}
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: not there, expected a run kept of this machine; run make bench first") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path}: not a file of make bench's ({error!r}), expected one; run make bench") from error


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.compare")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    args = parser.parse_args(argv)
    old, new = read(args.old), read(args.new)
    if not old.keys() & new.keys():
        raise BadInputError(
            f"{args.new}: has no benchmark in common with what is kept, expected the same; run make bench"
        )
    slower = []
    print(f"{'':<50}{'old':>9}{'new':>9}{'ratio':>8}")
    for name in sorted(old.keys() & new.keys()):
        ratio = new[name] / old[name]
        print(f"{name:<50}{old[name]:>9.3f}{new[name]:>9.3f}{ratio:>8.2f}")
        slower += [f"{name} {ratio:.2f}"] if not ratio <= args.threshold else []
    if slower:
        raise BadInputError(
            f"slower than {args.threshold} times what was kept: {', '.join(slower)}; expected no more; see the table"
        )


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
