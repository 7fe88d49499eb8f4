"""Hold every port beside TensorFlow 1.15.5's values, and write how far it is from them to ref/recorded/proof.json.

What TensorFlow 1.15.5 did stands in tests/golden/tf1 (scripts/record_tf1.py), so that it is not needed here; MNIST is
(make mnist). Each port runs as its original ran there, watched by the same lines, on the embedded digits' and MNIST's
first images; what is kept is how many values are equal to the bit, and how far the others are from it.
tests/test_tf1.py asserts the same. About 3 minutes on 2 cores.
"""

import importlib
import json
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path
from unittest import mock

from ref.chapter import SCRIPTS
from ref.common import machine, session
from ref.common.cli import exit_codes
from ref.common.files import open_atomically
from ref.fidelity.record import Recorder
from scripts import golden, record_tf1
from scripts.tf1_distance import list_distances
from scripts.tf1_inputs import make_parser
from scripts.tf1_tables import PROOF

NUMBERS = [script.number for script in SCRIPTS]
N_TRAIN = str(golden.N_TRAIN - record_tf1.N_VALIDATION)
FLAGS = {
    **{n: ["--epochs", "2"] for n in NUMBERS},
    1: ["--n-iterations", "40"],
    **{n: ["--epochs", "2", "--n-labeled-instances", N_TRAIN] for n in (4, 5)},
    **{n: ["--epochs", "2", "--batch-size", "150"] for n in (13, 14)},
}
NEEDED_FLAGS = ["--epochs", "2", "--" + record_tf1.NEEDED_RATE.replace("_", "-")]


def read(number: int) -> dict:
    """Return what TensorFlow 1.15.5 did: provenance, and a dict for each data set."""
    return json.loads((record_tf1.TF1 / f"autoencoder_{number:02d}.json").read_text(encoding="utf-8"))


def watch(number: int, seed: int, data: Path, out: Path, **what: bool) -> dict:
    """Run the port as its original was run under TensorFlow 1.15.5; return what was seen, and the lines."""

    class Session(session.Session):
        pass

    def run(script, flags):
        port = importlib.import_module(script.module)
        return port.main(["--data", str(data), "--seed", str(seed), "--out", str(out), *flags])

    script = SCRIPTS[number - 1]
    with golden.quiet(), golden.no_drawing(), mock.patch.object(session, "Session", Session):
        if script.needs:
            run(SCRIPTS[script.needs - 1], NEEDED_FLAGS)
        recorder = Recorder(Session, **what)
        with recorder.watch():
            lines = [row["line"] for row in run(script, FLAGS[number]).result["printed"]]
    return {"lines": lines, **recorder.result()}


def count_equal(expected: dict, found: dict) -> dict[str, list[int]]:
    """Return how many of how many seeds, initial values and runs' draws are equal to the bit."""
    seeds = [pair for ops in zip(expected["random_ops"], found["random_ops"]) for pair in zip_longest(*ops)]
    initial = [
        (digest, one[name]["sha256"])
        for digests, one in zip(expected["initial_sha256"], found["initial"])
        for name, digest in digests.items()
    ]
    draws = [  # what the port draws after its original has ended, for pictures, is not counted
        pair
        for name, digests in expected["draws"].items()
        for pair in zip_longest(digests, found["draws"].get(name, [])[: len(digests)])
    ]
    kinds = {"random_ops": seeds, "initial": initial, "draws": draws}
    return {kind: [sum(a == b for a, b in pairs), len(pairs)] for kind, pairs in kinds.items()}


def describe_moved(expected: list, found: list) -> list[str]:
    """Return a line for each random op, [name, type, seed, seed2], that is not as TensorFlow 1.15.5 had it."""
    lines = []
    for theirs, ours in zip_longest(expected, found):
        if ours is None:
            lines.append(f"{theirs[0]} ({theirs[1]}) is missing, expected it with the seeds {theirs[2:]}")
        elif theirs is None:
            lines.append(f"{ours[0]} ({ours[1]}) with the seeds {ours[2:]}: expected no such random op")
        elif theirs[:2] != ours[:2]:
            lines.append(f"{ours[0]} ({ours[1]}) found, expected {theirs[0]} ({theirs[1]})")
        elif theirs != ours:
            n_more = ours[3] - theirs[3]
            lines.append(f"{ours[0]} has the seeds {ours[2:]}, expected {theirs[2:]}: {n_more:+d} ops before it")
    return lines


def cut(found: dict, expected: dict) -> dict:
    """Return ``found`` without what the port evaluates after its original has ended, for the pictures."""
    return {**found, "evaluations": found["evaluations"][: len(expected["evaluations"])]}


def prove(number: int, data: dict[str, Path], out: Path) -> dict:
    """Return the proof's numbers of one port."""
    proof = {}
    for name, place in data.items():
        expected = read(number)[name]
        equal = [
            count_equal(expected["seeds"][str(seed)], watch(number, seed, place, out, losses=False, draws=True))
            for seed in record_tf1.SEEDS
        ]
        distances = list_distances(expected, cut(watch(number, 42, place, out), expected))
        proof[name] = {
            "equal": {kind: [sum(one[kind][i] for one in equal) for i in (0, 1)] for kind in equal[0]},
            "apart": {kind: [float(f"{value:.1e}") for value in found] for kind, found in distances.items()},
        }
    return proof


def main(argv: list[str]) -> None:
    make_parser("scripts.prove_tf1", __doc__).parse_args(argv)
    golden.check_sets()
    with tempfile.TemporaryDirectory() as directory:
        data = {name: golden.write_small_data(name, Path(directory) / name) for name in golden.find_sets()}
        proofs = {}
        for number in NUMBERS:
            proofs[str(number)] = prove(number, data, Path(directory) / f"out-{number}")
            print(f"autoencoder_{number}: held beside TensorFlow 1.15.5", file=sys.stderr)
    provenance = {
        "cpu": machine.describe_cpu(),
        "threads": machine.count_threads(),
        "tensorflow": golden.tf.__version__,
    }
    with open_atomically(PROOF) as file:
        file.write(golden.dump({"provenance": provenance, "proof": proofs}).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
