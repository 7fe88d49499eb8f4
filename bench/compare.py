"""Hold one result against another of the same: python -m bench.compare OLD NEW [--threshold 1.5] [--across-versions].

Prints old | new | ratio of each case's milliseconds a step; exits with 2 where one is slower than the threshold, and
where the two aren't alike: other data, rows, sizes, device, machine, threads, settings or versions. --across-versions
compares another TensorFlow and NumPy on the same machine, for who has updated them.
"""

import argparse
import contextlib
import math
import sys
from pathlib import Path

from bench import store
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser

THRESHOLD = 1.5  # a quiet machine repeats itself within 10 %; one with neighbours was seen to differ by 50 %
MACHINE = ("cpu", "threads", "gpu", "system", "settings")
VERSIONS = ("tensorflow", "numpy", "keras", "torch", "jax")
MEASURED = ("peak_gflop_per_s", "rounds")  # in a result's work, but not what it is of
CASE = ("port", "who", "engine", "form", "batch", "cached")  # what tells the rows of a result apart


def check_alike(old: tuple[object, dict], new: tuple[object, dict], across_versions: bool = False) -> None:
    """Raise BadInputError where two results, each with its name, are of unlike things; it names both."""
    (old_name, old_result), (new_name, new_result) = old, new
    unlike = _find_unlike(old_result, new_result, ("kind",))
    unlike |= _find_unlike(old_result["machine"], new_result["machine"], MACHINE)
    unlike |= {} if across_versions else _find_unlike(old_result["machine"], new_result["machine"], VERSIONS)
    works = old_result["work"], new_result["work"]
    unlike |= _find_unlike(*works, [key for key in {**works[0], **works[1]} if key not in MEASURED])
    if unlike:
        said = "; ".join(f"{key} {before!r} and {after!r}" for key, (before, after) in unlike.items())
        flag = ", or compare across versions (--across-versions)" if unlike.keys() <= set(VERSIONS) else ""
        raise BadInputError(
            f"{old_name} and {new_name} are of unlike things: {said}; expected the same; measure the same{flag}"
        )


def _find_unlike(old: dict, new: dict, keys) -> dict[str, tuple]:
    """Return what differs; a hash that only one of them has says nothing."""
    found = {key: (old.get(key) or None, new.get(key) or None) for key in keys}
    return {k: (a, b) for k, (a, b) in found.items() if a != b and not (k == "sha256" and None in (a, b))}


def read_cases(result: dict) -> dict[str, float]:
    """Return the milliseconds a step of each case, of all its phases together."""
    cases = {}
    for row in result["rows"]:
        keys = ("engine", row["varied"], "cached") if "varied" in row else CASE
        name = " · ".join(_describe(key, row[key]) for key in keys if row.get(key) is not None)
        ms = row["ms_per_step"]
        cases[name] = sum(ms) if isinstance(ms, list) else ms
    return cases


def _describe(key: str, value) -> str:
    if key == "cached":
        return "cached" if value else "recomputed"
    return str(value) if isinstance(value, str) and key != "port" else f"{key} {value}".replace("_", " ")


def compare(old: dict, new: dict, threshold: float = THRESHOLD) -> None:
    """Print both beside each other.

    Raises:
      BadInputError: they have no case in common, or one became slower than ``threshold`` times what it was.
    """
    old_cases, new_cases = read_cases(old), read_cases(new)
    common = [name for name in old_cases if name in new_cases]
    if not common:
        raise BadInputError("the two have no case in common, expected the same; run make bench")
    width = max(len(name) for name in (*old_cases, *new_cases)) + 2
    print(f"{'ms a step':<{width}}{'old':>9}{'new':>9}{'ratio':>8}")
    slower = []
    for name in common:
        ratio = new_cases[name] / old_cases[name]
        print(f"{name:<{width}}{old_cases[name]:>9.3f}{new_cases[name]:>9.3f}{ratio:>8.2f}")
        slower += [f"{name} {ratio:.2f}"] if not ratio <= threshold else []
    for name in sorted(old_cases.keys() ^ new_cases.keys()):
        print(f"{name:<{width}}only in the {'old' if name in old_cases else 'new'}")
    if slower:
        raise BadInputError(
            f"slower than {threshold} times what was there: {', '.join(slower)}; expected no more; see the table"
        )


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threshold", type=parse_threshold, default=THRESHOLD)
    parser.add_argument("--across-versions", action="store_true", help="of TensorFlow, NumPy and other libraries")


def parse_threshold(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (value := float(text)) < math.inf:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} found, expected a number above 0, as 1.5")


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.compare", description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    add_flags(parser)
    args = parser.parse_args(argv)
    old, new = store.read(args.old), store.read(args.new)
    check_alike((args.old, old), (args.new, new), args.across_versions)
    compare(old, new, args.threshold)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
