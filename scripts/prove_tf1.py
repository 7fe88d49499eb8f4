"""Hold every port beside TensorFlow 1.15.5's values, and write how far it is from them to ref/recorded/proof.json.

What TensorFlow 1.15.5 did stands in tests/golden/tf1 (scripts/record_tf1.py), so that it is not needed here; MNIST is
(make mnist). Each port runs as its original ran there, watched by the same lines, on the embedded digits' and MNIST's
first images; what is kept is how many values are equal to the bit, and how far the others are from it.
tests/test_tf1.py asserts the same. About 3 minutes on 2 cores.
"""

import importlib
import json
import os
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow.compat.v1 as tf

from ref.chapter import SCRIPTS
from ref.common import machine, session
from ref.common.cli import exit_codes
from ref.common.files import open_atomically
from ref.fidelity.golden import observe, small_data
from ref.fidelity.golden.json_text import dump
from ref.fidelity.record.recorder import Recorder
from scripts import record_tf1
from scripts.tf1_distance import list_distances
from scripts.tf1_inputs import make_parser
from scripts.tf1_tables import PROOF

NUMBERS = [script.number for script in SCRIPTS]
N_TRAIN = str(small_data.N_TRAIN - record_tf1.N_VALIDATION)
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
    with observe.quiet(), observe.no_drawing(), mock.patch.object(session, "Session", Session):
        if script.needs:
            run(SCRIPTS[script.needs - 1], NEEDED_FLAGS)
        recorder = Recorder(Session, **what)
        with recorder.watch():
            lines = [row["line"] for row in run(script, FLAGS[number]).result["printed"]]
    return {"lines": lines, **recorder.result()}


def pair_values(expected: dict, found: dict) -> dict[str, list[tuple]]:
    """Return name, TensorFlow 1.15.5's and ours of each random op, initial value and run's draw; None where missing."""
    seeds = [
        (f"graph {i}, random op {j}", *pair)
        for i, ops in enumerate(zip_longest(expected["random_ops"], found["random_ops"], fillvalue=[]))
        for j, pair in enumerate(zip_longest(*ops))
    ]
    ours = [{name: value["sha256"] for name, value in one.items()} for one in found["initial"]]
    initial = [
        (f"graph {i}, {name}", theirs.get(name), ours.get(name))
        for i, (theirs, ours) in enumerate(zip_longest(expected["initial_sha256"], ours, fillvalue={}))
        for name in {**theirs, **ours}
    ]
    draws = []
    for name in {**expected["draws"], **found["draws"]}:
        theirs, ours = (one["draws"].get(name, []) for one in (expected, found))
        if theirs:  # what the port draws after its original has ended, for pictures, is not counted
            ours = ours[: len(theirs)]
        draws += [(f"{name}, run {i}", *pair) for i, pair in enumerate(zip_longest(theirs, ours), 1)]
    return {"random_ops": seeds, "initial": initial, "draws": draws}


def count_equal(expected: dict, found: dict) -> dict[str, list[int]]:
    """Return how many of how many seeds, initial values and runs' draws are equal to the bit."""
    kinds = pair_values(expected, found)
    return {kind: [sum(a == b for _, a, b in rows), len(rows)] for kind, rows in kinds.items()}


def describe_unequal(expected: dict, found: dict, kind: str) -> list[str]:
    """Return a line for each initial value or run's draw, as ``kind`` says, that is not TensorFlow 1.15.5's."""
    lines = []
    for name, theirs, ours in pair_values(expected, found)[kind]:
        if theirs is None:
            lines.append(f"{name}: TensorFlow 1.15.5 has none")
        elif ours is None:
            lines.append(f"{name}: missing")
        elif theirs != ours:
            lines.append(f"{name}: other bits")
    return lines


def describe_moved(expected: list, found: list, ops_before: list[int]) -> list[str]:
    """Return a line for each random op, [name, type, seed, seed2], that is not as TensorFlow 1.15.5 had it.

    ``ops_before`` says how many ops our graph held before each random op that was ``found``.
    """
    lines = []
    for theirs, ours, n_before in zip_longest(expected, found, ops_before):
        if ours is None:
            lines.append(f"{theirs[0]} ({theirs[1]}) is missing, expected it with the seeds {theirs[2:]}")
        elif theirs is None:
            lines.append(f"{ours[0]} ({ours[1]}) with the seeds {ours[2:]}: expected no such random op")
        elif theirs[:2] != ours[:2]:
            lines.append(f"{ours[0]} ({ours[1]}) found, expected {theirs[0]} ({theirs[1]})")
        elif theirs != ours:
            cause = _explain(theirs, ours, n_before)
            lines.append(f"{ours[0]} has the seeds {ours[2:]}, expected {theirs[2:]}: {cause}")
    return lines


def _explain(theirs: list, ours: list, n_before: int) -> str:
    causes = ["another graph seed"] if ours[2] != theirs[2] else []
    if ours[3] != theirs[3]:
        is_counted, n_more = ours[3] == n_before, ours[3] - theirs[3]
        causes.append(f"{n_more:+d} ops before it" if is_counted else f"not numbered by the {n_before} ops before it")
    return ", ".join(causes)


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
    small_data.check_sets()
    with tempfile.TemporaryDirectory() as directory:
        data = {name: small_data.write_small_data(name, Path(directory) / name) for name in small_data.find_sets()}
        proofs = {}
        for number in NUMBERS:
            proofs[str(number)] = prove(number, data, Path(directory) / f"out-{number}")
            print(f"autoencoder_{number}: held beside TensorFlow 1.15.5", file=sys.stderr)
    provenance = {
        "cpu": machine.describe_cpu(),
        "threads": machine.count_threads(),
        "tensorflow": tf.__version__,
    }
    with open_atomically(PROOF) as file:
        file.write(dump({"provenance": provenance, "proof": proofs}).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
