"""Hold the ports against their recorded goldens (ref/fidelity/golden/ports.py says what one is), or write them anew.

    python -m scripts.golden               how many values are outside their tolerance; each of them, a line
    python -m scripts.golden --all         every value that is compared, a line; --port 7: of one port
    python -m scripts.golden --write       write tests/golden, if the NumPy oracle agrees with the ports

Exits with 0 where all are within their tolerance, with 1 where some are not, with 2 for bad input.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from ref.chapter import SCRIPTS
from ref.common.cli import exit_codes, import_port
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from ref.common.progress import Bar
from ref.fidelity.golden import report, small_data
from ref.fidelity.golden.json_text import dump
from ref.fidelity.golden.spread import Compared, compare_goldens

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"


def get_path(number: int) -> Path:
    """Return where a port's golden is kept."""
    return GOLDEN / f"autoencoder_{number:02d}.json"


def read_golden(number: int) -> dict:
    """Return a port's golden: its provenance, and what was recorded on each data set, by its name.

    Raises:
      BadInputError: it is missing, or not JSON.
    """
    return _read(get_path(number), f"make golden PORT={number} WRITE=1")


def read_spread(number: int) -> dict[str, float]:
    """Return how far each group of a port's values spreads over numeric environments (scripts/measure_spread.py)."""
    return _read(GOLDEN / "spread.json", "make spread")["spread"][str(number)]


def _read(path: Path, remedy: str) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        found = "missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
        raise BadInputError(f"{path}: {found}, expected what was recorded; git checkout it, or run {remedy}") from error


def main(argv: list[str]) -> int:
    parser = Parser(prog="python -m scripts.golden", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write what the ports do now")
    parser.add_argument("--port", type=int, choices=range(1, 17), metavar="N", help="of one port alone: 1 to 16")
    parser.add_argument("--all", action="store_true", help="a line for every value, not only for those outside")
    args = parser.parse_args(argv)
    scripts = [script for script in SCRIPTS if args.port in (None, script.number)]
    if args.write:
        small_data.check_sets()
        oracle = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/test_oracle.py"], cwd=ROOT)
        if oracle.returncode:
            raise BadInputError("tests/test_oracle.py: red, expected green; mend the port before its golden is written")
    old = {script.number: _read_old(script.number, args.write) for script in scripts}
    spreads = {script.number: read_spread(script.number) for script in scripts}
    record = import_port("ref.fidelity.golden.ports").record
    compared = []
    with tempfile.TemporaryDirectory() as directory:
        data = {name: small_data.write_small_data(name, Path(directory) / name) for name in small_data.find_sets()}
        for script in Bar(scripts, desc="ports", leave=False, disable=None):
            new = {name: record(script.number, path, Path(directory) / f"out-{name}") for name, path in data.items()}
            for name, golden in new.items():
                one = compare_goldens(old[script.number].get(name, {}), golden, spreads[script.number])
                show(f"autoencoder_{script.number} on {name}", one, is_complete=args.all, is_first=not compared)
                compared += one
            if args.write:
                write(script.number, new)
    print(report.count(compared) + ("" if args.all else f"; make golden {_name(args.port)}ALL=1 lists every value"))
    return 0 if args.write else int(any(one.is_outside for one in compared))


def _read_old(number: int, is_replaced: bool) -> dict:
    return {} if is_replaced and not get_path(number).exists() else read_golden(number)


def _name(port: int | None) -> str:
    return f"PORT={port} " if port else ""


def show(where: str, compared: list[Compared], is_complete: bool, is_first: bool) -> None:
    """Print a line for each value outside its tolerance, or, where ``is_complete``, for every value, with a word."""
    if is_complete and is_first:
        print(f"{'':8}{report.COLUMNS}; {report.UNITS}")
    outside = [report.write_line(where, one) for one in compared if one.is_outside]
    for line in report.list_all(where, compared) if is_complete else outside:
        print(line, flush=True)


def write(number: int, new: dict) -> None:
    """Write what a port did on each data set as its golden."""
    provenance = import_port("ref.fidelity.golden.provenance").describe_environment()
    with open_atomically(get_path(number)) as file:
        file.write(dump({"provenance": provenance, **new}).encode())


if __name__ == "__main__":
    with exit_codes():
        sys.exit(main(sys.argv[1:]))
