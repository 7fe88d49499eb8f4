"""Write tests/golden/tf1 from TensorFlow 1.15.5: python -m scripts.record_tf1 --notes FILE (after make tf1).

FILE is the Markdown of the chapter's notes, which holds thirteen listings with a ``@file:`` line each; 5, 15 and 16 are
the book's, in tests/listings. Each runs on the embedded digits' first images (scripts/golden.py), two epochs, seeds 42,
7 and 2019: the numbers of its random ops, the sha256 of its initial values and of what its random ops drew in every run
of the session, and, for seed 42, the losses of 25 steps, the variables after steps 1, 2 and 25, what it evaluates and
prints.

How far TensorFlow 1.15.5 differs from itself, on one thread and after a nudge of one last bit, is measured, too.
"""

import gzip
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ref.chapter import CHAPTER_ORDER
from ref.common import mnist
from ref.common.cli import Parser, exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from scripts import golden

ROOT = Path(__file__).resolve().parents[1]
TF1 = ROOT / "tests" / "golden" / "tf1"
PYTHON = ROOT / ".venv-tf1" / "bin" / "python"
LISTINGS = ROOT / "tests" / "listings"
SEEDS = (42, 7, 2019)
N_VALIDATION = golden.N_TRAIN // 12
SETTINGS = {
    **{n: ["n_epochs=2"] for n in range(2, 17)},
    1: ["n_iterations=40"],
    **{n: ["n_epochs=2", f"n_labeled_instances={golden.N_TRAIN - N_VALIDATION}"] for n in (4, 5)},
    **{n: ["n_epochs=[2, 2]"] for n in (7, 8)},
    **{n: [] for n in (9, 10)},
    **{n: ["n_epochs=2", "batch_size=150"] for n in (13, 14)},
}


def read_listings(notes: Path) -> dict[int, str]:
    """Return the text of every listing by its number.

    Raises:
      BadInputError: the notes cannot be read, or lack one.
    """
    try:
        text = notes.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"{notes}: cannot be read ({error}), expected the notes' Markdown; say where: --notes"
        ) from error
    found = {}
    for listing in [*re.findall(r"```python\n(.*?)```", text, re.S), *(p.read_text() for p in LISTINGS.glob("*.py"))]:
        if name := re.search(r"@file: autoencoder_(\d+)\.py", listing):
            found[int(name[1])] = listing
    if missing := sorted(set(CHAPTER_ORDER) - found.keys()):
        raise BadInputError(f"{notes}: no listing autoencoder_{missing[0]}.py, expected one with its @file: line")
    return found


def run_listing(python: str, listing: Path, data: Path, out: Path, settings: list[str], *flags: str) -> dict:
    """Return the result.json of one run under TensorFlow 1.15.5."""
    command = [python, ROOT / "scripts" / "tf1" / "run_listing.py", listing, "--data", data, "--out", out]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(
        [*command, "--validation-size", str(N_VALIDATION), *flags], capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        last = (done.stderr.strip() or "nothing on standard error").splitlines()[-1]
        raise BadInputError(
            f"{listing.name}: ended with {done.returncode} under {python} ({last}), expected TensorFlow 1.15.5"
        )
    return json.loads((out / "result.json").read_text())


def measure_spread(base: dict, others: list[dict]) -> dict[str, list[float]]:
    """Return, for each training op, the widest relative difference of its losses up to each step."""
    spread = {}
    for op, losses in base["losses"].items():
        widest, spread[op] = 0.0, []
        for step, loss in enumerate(losses):
            for other in others:
                widest = max(widest, abs(other["losses"][op][step] - loss) / abs(loss))
            spread[op].append(float(f"{widest:.1e}"))
    return spread


def record(number: int, python: str, listing: Path, data: Path, out: Path) -> dict:
    """Return the golden of one listing."""
    content, draws = {}, {}
    for seed in SEEDS:
        settings = SETTINGS[number] + ([f"seed={seed}"] if number == 6 else [])
        flags = ("--seed", str(seed))
        place = out / f"seed-{seed}"
        result = run_listing(python, listing, data, place, settings, *flags, "--watch", "draws")
        watched = result["watched"]
        draws[str(seed)] = {
            "random_ops": watched["random_ops"],
            "initial_sha256": [{name: value["sha256"] for name, value in one.items()} for one in watched["initial"]],
            "draws": watched["draws"],
            "fed_sha256": watched["fed_sha256"],
        }
        if seed == 42:
            content["lines"] = result["lines"]
            content["evaluations"] = watched["evaluations"]
            # 5, 9 and 10 restore what another script left where this one runs; the rest overwrites its own.
            again, *others = (
                run_listing(python, listing, data, place, settings, *flags, "--watch", "losses", *extra)["watched"]
                for extra in ((), ("--threads", "1"), ("--nudge",))
            )
            content |= {"losses": again["losses"], "after": again["after"], "spread": measure_spread(again, others)}
            versions = result["versions"]
    return {"provenance": {**golden.describe_environment(), **versions}, "seeds": draws, **content}


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.record_tf1")
    parser.add_argument("--notes", type=Path, required=True)
    parser.add_argument(
        "--scripts", type=int, nargs="+", default=[7, 8, *(n for n in CHAPTER_ORDER if n not in (7, 8))]
    )
    parser.add_argument("--python", default=str(PYTHON))
    args = parser.parse_args(argv)
    listings = read_listings(args.notes)
    with tempfile.TemporaryDirectory() as directory:
        data = golden.write_small_data("digits", Path(directory) / "data")
        for file in mnist.FILES:
            (data / f"{file}.gz").write_bytes(gzip.compress((data / file).read_bytes()))
        for number in args.scripts:
            listing = Path(directory) / f"autoencoder_{number}.py"
            listing.write_text(listings[number], encoding="utf-8")
            content = record(number, args.python, listing, data, Path(directory) / "out")
            TF1.mkdir(exist_ok=True)
            with open_atomically(TF1 / f"autoencoder_{number:02d}.json") as file:
                file.write(golden.dump(content).encode())
            print(f"autoencoder_{number}: recorded", file=sys.stderr)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
