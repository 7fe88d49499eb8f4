"""Write tests/golden/tf1/autoencoder_NN.json from TensorFlow 1.15.5.

It needs TensorFlow 1.15.5 (make tf1), MNIST (make mnist) and the Markdown of the chapter's notes, which holds thirteen
listings with a ``@file:`` line each; 5, 15 and 16 are the book's, in tests/listings. Each runs on the first images of
the embedded digits and of MNIST (fidelity/golden/small_data.py) for two epochs, with seeds 42, 7 and 2019: the numbers
of its random ops, the sha256 of its initial values, of what its random ops drew in every run of the session, and of
what was fed. For seed 42 also the losses of 25 steps, the variables after steps 1, 2 and 25, what it evaluates (the
figures' arrays among it) and prints.

How far TensorFlow 1.15.5 differs from itself, on one thread and after a nudge (record.py), is measured, too.
About 15 minutes on 2 cores.
"""

import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ref.chapter import CHAPTER_ORDER, SCRIPTS
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.fidelity.golden import small_data
from ref.fidelity.golden.json_text import dump
from ref.fidelity.golden.provenance import describe_environment
from scripts.tf1_distance import list_distances
from scripts.tf1_inputs import add_python, check_python, make_parser

ROOT = Path(__file__).resolve().parents[1]
TF1 = ROOT / "tests" / "golden" / "tf1"
LISTINGS = ROOT / "tests" / "listings"
SEEDS = (42, 7, 2019)
N_VALIDATION = small_data.N_TRAIN // 12
# Of 7 before 9 and 10, of 8 before 5: at its own rate phase 2 ends in chaos, and all that follows would be chaos, too.
NEEDED_RATE = "learning_rate=0.0001"


def make_settings(n_epochs: int, n_labeled_instances: int) -> dict[int, list[str]]:
    """Return, for each script, the assignments that make it train ``n_epochs`` a phase; 9 and 10 do not train."""
    epochs = f"n_epochs={n_epochs}"
    return {
        **{n: [epochs] for n in range(2, 17)},
        **{n: [epochs, f"n_labeled_instances={n_labeled_instances}"] for n in (4, 5)},
        **{n: [f"n_epochs=[{n_epochs}, {n_epochs}]"] for n in (7, 8)},
        **{n: [] for n in (9, 10)},
    }


def make_small_settings(n_epochs: int) -> dict[int, list[str]]:
    """Return ``make_settings`` for the small data sets; 13 and 14, whose batch is 1,000, have one that fits."""
    settings = make_settings(n_epochs, small_data.N_TRAIN - N_VALIDATION)
    return {**settings, 1: ["n_iterations=40"], **{n: [*settings[n], "batch_size=150"] for n in (13, 14)}}


SETTINGS = make_small_settings(2)


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


def call_tf1(command: list, data: Path, out: Path, settings: list[str], *flags: str) -> None:
    """Run ``command``, a script of scripts/tf1 with the listing last, under TensorFlow 1.15.5.

    Raises:
      BadInputError: it ended with an error, whose last line is told.
    """
    arguments = [argument for setting in settings for argument in ("--set", setting)]
    done = subprocess.run(
        [*command, "--data", data, "--out", out, *arguments, "--validation-size", str(N_VALIDATION), *flags],
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        last = (done.stderr.strip() or "nothing on standard error").splitlines()[-1]
        raise BadInputError(
            f"{command[-1].name}: ended with {done.returncode} under {command[0]} ({last}), expected TensorFlow 1.15.5"
        )


def run_listing(python: str, listing: Path, data: Path, out: Path, settings: list[str], *flags: str) -> dict:
    """Return the result.json of one run under TensorFlow 1.15.5."""
    call_tf1([python, ROOT / "scripts" / "tf1" / "run_listing.py", listing], data, out, settings, *flags)
    return json.loads((out / "result.json").read_text())


def run_seeded(python, listings, data, place, seed, number: int, settings: list[str], *flags: str) -> dict:
    """Return the result.json of listing ``number``; that of 6 seeds its inner graphs itself."""
    settings = [*settings, *([f"seed={seed}"] if number == 6 else [])]
    return run_listing(python, listings[number], data, place, settings, "--seed", str(seed), *flags)


def measure_spread(base: dict, others: list[dict]) -> dict[str, list[float]]:
    """Return the widest distance of ``others`` from ``base``, for each kind of value up to each step or number."""
    spread = {}
    for other in others:
        for kind, distances in list_distances(base, other).items():
            before = spread.get(kind, [0.0] * len(distances))
            spread[kind] = [max(pair) for pair in zip(before, distances)]
    return {kind: [float(f"{max(found[: i + 1]):.1e}") for i in range(len(found))] for kind, found in spread.items()}


def record(number: int, python: str, listings: dict[int, Path], data: Path, out: Path) -> dict:
    """Return the golden of one listing on one data set."""
    draws, content = {}, {}
    for seed in SEEDS:
        run = functools.partial(run_seeded, python, listings, data, out / f"autoencoder_{number}-{seed}", seed)
        if needed := SCRIPTS[number - 1].needs:
            run(needed, [*SETTINGS[needed], NEEDED_RATE])
        result = run(number, SETTINGS[number], "--watch", "draws")
        watched = result["watched"]
        draws[str(seed)] = {
            "random_ops": watched["random_ops"],
            "initial_sha256": [{name: value["sha256"] for name, value in one.items()} for one in watched["initial"]],
            "draws": watched["draws"],
            "fed_sha256": watched["fed_sha256"],
        }
        if seed == 42:
            base, one_thread, nudged = (
                collect(run(number, SETTINGS[number], "--watch", "losses", *extra))
                for extra in ((), ("--threads", "1"), ("--nudge",))
            )
            content = {
                **base,
                "spread": measure_spread(base, [one_thread, nudged]),
                "after_a_nudge": measure_spread(base, [nudged]),
                "versions": result["versions"],
            }
    return {"seeds": draws, **content}


def collect(result: dict) -> dict:
    """Return what is compared of a run that was watched for its losses."""
    return {"lines": result["lines"], **{kind: result["watched"][kind] for kind in ("losses", "after", "evaluations")}}


def main(argv: list[str]) -> None:
    parser = make_parser("scripts.record_tf1", __doc__)
    parser.add_argument("--notes", type=Path, required=True, metavar="FILE", help="the notes' Markdown")
    numbers = sorted(CHAPTER_ORDER)
    says = "default: all sixteen"
    parser.add_argument("--scripts", type=int, nargs="+", choices=numbers, default=numbers, metavar="N", help=says)
    add_python(parser)
    args = parser.parse_args(argv)
    small_data.check_sets()
    texts = read_listings(args.notes)
    check_python(args.python)
    with tempfile.TemporaryDirectory() as directory:
        listings = {number: Path(directory) / f"autoencoder_{number}.py" for number in texts}
        for number, listing in listings.items():
            listing.write_text(texts[number], encoding="utf-8")
        data = {name: small_data.write_small_data(name, Path(directory) / name) for name in small_data.find_sets()}
        for number in args.scripts:
            content = {
                name: record(number, args.python, listings, place, Path(directory) / f"out-{name}")
                for name, place in data.items()
            }
            versions = [one.pop("versions") for one in content.values()][-1]
            TF1.mkdir(exist_ok=True)
            with open_atomically(TF1 / f"autoencoder_{number:02d}.json") as file:
                provenance = {**describe_environment(), **versions}
                file.write(dump({"provenance": provenance, **content}).encode())
            print(f"autoencoder_{number}: recorded", file=sys.stderr)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
