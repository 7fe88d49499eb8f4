"""The recorded goldens (ref/fidelity/golden.py says what one is): record a port's numbers, compare, write them anew.

python -m scripts.golden               a dry run: old | new | difference of every value that differs
python -m scripts.golden --port 7      the same for one port, then every value that does not differ
python -m scripts.golden --write       write tests/golden, if the NumPy oracle agrees with the ports
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ref.chapter import SCRIPTS
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from ref.fidelity.golden import record
from ref.fidelity.json_text import dump
from ref.fidelity.provenance import describe_environment
from ref.fidelity.small_data import check_sets, find_sets, write_small_data
from ref.fidelity.spread import get_tolerance, list_values, measure_difference

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"


def get_path(number: int) -> Path:
    """Return where a port's golden is kept."""
    return GOLDEN / f"autoencoder_{number:02d}.json"


def read_golden(number: int) -> dict:
    """Return a port's golden: its provenance, and what was recorded on each data set, by its name."""
    return json.loads(get_path(number).read_text(encoding="utf-8"))


def read_spread(number: int) -> dict[str, float]:
    """Return how far each group of a port's values spreads over numeric environments (scripts/measure_spread.py)."""
    return json.loads((GOLDEN / "spread.json").read_text(encoding="utf-8"))["spread"][str(number)]


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.golden")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--port", type=int, choices=range(1, 17))
    args = parser.parse_args(argv)
    if args.write:
        check_sets()
        oracle = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/test_oracle.py"], cwd=ROOT)
        if oracle.returncode:
            raise BadInputError("tests/test_oracle.py: red, expected green; mend the port before its golden is written")
    with tempfile.TemporaryDirectory() as directory:
        data = {name: write_small_data(name, Path(directory) / name) for name in find_sets()}
        for script in SCRIPTS:
            if args.port in (None, script.number):
                new = {
                    name: record(script.number, path, Path(directory) / f"out-{name}") for name, path in data.items()
                }
                _report(script.number, new, is_verbose=args.port is not None)
                if args.write:
                    content = {"provenance": describe_environment(), **new}
                    with open_atomically(get_path(script.number)) as file:
                        file.write(dump(content).encode())


def _report(number: int, new: dict, is_verbose: bool) -> None:
    """Print a line for each value that differs, and, where ``is_verbose``, after those for each that does not.

    A line that begins with ! is further off than its tolerance.
    """
    old = read_golden(number) if get_path(number).exists() else {}
    spread = read_spread(number)
    differing, same = [], []
    for name, golden in new.items():
        before = list_values(old[name]) if name in old else {}
        for key, (value, tier, scale) in list_values(golden).items():
            was = before.get(key, (None, tier, scale))[0]
            difference = measure_difference(was, value, scale) if was is not None else float("nan")
            tolerance = get_tolerance(key, tier, spread)
            mark = " " if difference <= tolerance else "!"
            (differing if difference != 0 else same).append(
                f"{mark} autoencoder_{number} on {name} | {key} | {was} | {value} | {difference:.1e}, tolerance "
                f"{tolerance:.1e} ({tier})"
            )
    print(*differing, *(same if is_verbose else []), sep="\n", end="\n" if differing or is_verbose else "")
    print(f"autoencoder_{number}: {len(differing)} values differ", file=sys.stderr)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
