"""Train ports at full length in several numeric environments, and keep what each printed in ref/recorded/spread.json.

    python -m scripts.measure_printed [--out DIR] [--scripts N …]

On MNIST with seed 42, in environments of scripts/measure_spread.py that round differently: the same initial values,
draws and batches, so that what differs is rounding and what it grew to. `python -m ref compare RESULT.json` holds a
user's run against that. A run that is finished in DIR is kept. About 8 minutes an environment on 2 cores.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from ref.chapter import BY_NAME, CHAPTER_ORDER
from ref.common import machine
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from ref.fidelity.golden.json_text import dump
from scripts.measure_spread import ENVIRONMENTS, describe

ROOT = Path(__file__).resolve().parents[1]
SPREAD = ROOT / "ref" / "recorded" / "spread.json"
CHOSEN = [one for one in ENVIRONMENTS if describe(one) in (
    "oneDNN off, -, 1 threads", "oneDNN on, AVX2, 2 threads", "oneDNN on, SSE41, 1 threads")]  # fmt: skip


def train(name: str, environment: dict[str, str], out: Path) -> dict:
    """Return the result.json of a port trained in ``environment``, or of the run that is finished in ``out``."""
    path = out / name / "result.json"
    if not path.exists():
        command = [sys.executable, "-m", "ref", "run", name, "--data", "mnist", "--seed", "42", "--out", str(out)]
        ended = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL)
        if ended.returncode:
            raise BadInputError(f"{name}: did not finish in {describe(environment)}, expected it to; see above")
    return json.loads(path.read_text(encoding="utf-8"))


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.measure_printed", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/printed"), metavar="DIR", help="default: %(default)s")
    training = [number for number in CHAPTER_ORDER if BY_NAME[f"autoencoder_{number}"].reads_data and number != 9]
    says = "default: all that print numbers"
    parser.add_argument("--scripts", type=int, choices=training, nargs="+", default=training, metavar="N", help=says)
    args = parser.parse_args(argv)
    measured = []
    for i, environment in enumerate(CHOSEN):
        lines = {}
        for number in [number for number in training if number in args.scripts]:
            result = train(f"autoencoder_{number}", environment, (args.out / str(i)).resolve())
            lines[result["script"]] = [row["line"] for row in result["printed"]]
        provenance = {"cpu": machine.describe_cpu(), **result["versions"]}
        measured.append({"environment": describe(environment), "provenance": provenance, "lines": lines})
    with open_atomically(SPREAD) as file:
        file.write(dump({"seed": 42, "measured": measured}).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
