"""Let checkpoints cross between TensorFlow 1.15.5 and here.

It needs TensorFlow 1.15.5 (make tf1) and the notes' Markdown, as scripts.record_tf1. Each script that writes a
checkpoint trains one short epoch on the embedded digits' first images, once as our port and once as the original under
TensorFlow 1.15.5; each checkpoint is restored by the other side. Every variable, Adam's slots and powers among them, is
compared bit for bit with what was in the session that saved it, and what the graph's tensors make of test images, with
what those of the side that saved it do. What 5 restores of 8's crosses, too, and the arrays that 9 and 10 draw from 7's
are compared.

It writes the numbers to tests/golden/tf1/crossing.json, and keeps, for tests, a checkpoint that TensorFlow 1.15.5 wrote
of a narrow autoencoder_7 in tests/golden/tf1/checkpoint. About 3 minutes on 2 cores.
"""

import importlib
import os
import runpy
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow.compat.v1 as tf

from ref.chapter import CHAPTER_ORDER, SCRIPTS
from ref.common import checkpoints, session
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.data import data_sets, sources
from ref.fidelity.golden import observe, small_data
from ref.fidelity.golden import ports as golden
from ref.fidelity.golden.json_text import dump
from ref.fidelity.golden.provenance import describe_environment
from ref.fidelity.record.recorder import hash_array
from scripts import record_tf1
from scripts.record_tf1 import ROOT, TF1, make_small_settings, read_listings
from scripts.tf1_inputs import PYTHON, add_python, check_python, make_parser

SIDE = ROOT / "scripts" / "tf1" / "cross_checkpoint.py"
SAVING = [number for number in CHAPTER_ORDER if SCRIPTS[number - 1].checkpoint]
CHECKPOINT = TF1 / "checkpoint"
NARROW = {"n_hidden1": 2, "n_hidden2": 3}  # of the checkpoint that is kept: 50 kB
EPOCH = make_small_settings(1)  # of the original, as golden.FLAGS is our port's
shared = runpy.run_path(str(SIDE))  # what is evaluated, by the same lines on both sides


@dataclass(frozen=True)
class Place:
    """Where both sides find things; each script's checkpoints are in ``ours`` or ``theirs``, under its name."""

    data: Path
    listings: Path
    ours: Path
    theirs: Path
    python: str = str(PYTHON)


def make_place(directory: Path, listings: dict[int, str], python: str = str(PYTHON)) -> Place:
    """Write the small data set, gzipped, and the ``listings`` to ``directory``."""
    place = Place(directory / "data", directory, directory / "ours", directory / "theirs", python)
    small_data.write_small_data("digits", place.data)
    for number, text in listings.items():
        (directory / f"autoencoder_{number}.py").write_text(text, encoding="utf-8")
    return place


def call_tf1(place: Place, mode: str, number: int, out: Path, settings: list[str], *flags: str) -> dict:
    """Return the arrays that cross_checkpoint.py leaves of one call under TensorFlow 1.15.5."""
    command = [place.python, SIDE, mode, place.listings / f"autoencoder_{number}.py"]
    record_tf1.call_tf1(command, place.data, out, settings, *flags)
    return dict(np.load(out / "crossing.npz"))


def train_ours(place: Place, number: int, sizes: dict[str, int], out: Path) -> dict:
    """Run our port; return the variables at its last save, read in its own session, or the arrays that it drew."""
    script, kept, save = SCRIPTS[number - 1], {}, checkpoints.save

    def watched(saver, sess, path):
        kept.update({f"variable {name}": value for name, value in session.read_variables(sess).items()})
        save(saver, sess, path)

    flags = [text for name, size in sizes.items() for text in (f"--{name.replace('_', '-')}", str(size))]
    epoch = golden.FLAGS[number] if number != 15 else ["--epochs", "1"]  # where goldens have a rate of their own
    argv = ["--data", str(place.data), "--out", str(out), "--seed", "42", *epoch, *flags]
    with observe.quiet(), observe.no_drawing(), mock.patch.object(checkpoints, "save", watched):
        importlib.import_module(script.module).main(argv)
    return kept if script.checkpoint else dict(np.load(out / script.name / "figures.npz"))


def restore_ours(path: Path, number: int, sizes: dict[str, int], data: Path) -> dict:
    """Return the variables that our port restores from ``path``, and what its tensors make of the first test images."""
    test, n_images = data_sets.read_data_sets(sources.load(str(data)), seed=42).test, shared["N_IMAGES"]
    with session.new_graph(seed=42):
        g = importlib.import_module(SCRIPTS[number - 1].module).build(**sizes)
        with session.open_session() as sess:
            checkpoints.restore(g.saver, sess, path, tf.global_variables(), "make golden-tf1")
            kept = shared["read_variables"](tf, sess)
            return kept | shared["evaluate"](tf, sess, vars(g), test.images[:n_images], test.labels[:n_images])


def cross_from_ours(place: Place, number: int, sizes: dict[str, int]) -> dict:
    """Train our port, let the original restore its checkpoint, and return how far both are apart."""
    script = SCRIPTS[number - 1]
    saved, path = train_ours(place, number, sizes, place.ours), place.ours / script.name / script.checkpoint
    theirs = call_tf1(place, "restore", number, path.parent, _set(sizes), "--checkpoint", script.checkpoint)
    return compare(saved, theirs, restore_ours(path, number, sizes, place.data))


def cross_from_theirs(place: Place, number: int, sizes: dict[str, int]) -> dict:
    """Train the original under TensorFlow 1.15.5, let our port restore it, and return how far both are apart."""
    script = SCRIPTS[number - 1]
    path = place.theirs / script.name / script.checkpoint
    if script.needs:  # 5 looks for 8's beside its own
        shutil.copytree(place.theirs / SCRIPTS[script.needs - 1].name, path.parent, dirs_exist_ok=True)
    saved = call_tf1(place, "run", number, path.parent, EPOCH[number] + _set(sizes))
    theirs = call_tf1(place, "restore", number, path.parent, _set(sizes), "--checkpoint", script.checkpoint)
    return compare(saved, restore_ours(path, number, sizes, place.data), theirs)


def cross_pretrained(place: Place) -> dict:
    """Return how many of the variables that 5 restores of 8's checkpoint are the same on both sides."""
    eight, found = SCRIPTS[8 - 1], {}
    flags = ("--checkpoint", eight.checkpoint, "--saver", "pretrain_saver")
    for side, name in ((place.ours, "8 saved here"), (place.theirs, "8 saved by TensorFlow 1.15.5")):
        path = side / eight.name / eight.checkpoint
        with session.new_graph(seed=42):
            g = importlib.import_module(SCRIPTS[5 - 1].module).build()
            with session.open_session() as sess:
                checkpoints.restore(g.pretrain_saver, sess, path, g.pretrained_vars, "make golden-tf1")
                ours = sess.run({f"variable {variable.op.name}": variable for variable in g.pretrained_vars})
        theirs = call_tf1(place, "restore", 5, path.parent, [], *flags)
        found[name] = compare(ours, theirs, theirs)
    return found


def cross_figures(place: Place) -> dict:
    """Return how far apart are the arrays that 9 and 10 draw on both sides, from either side's checkpoint of 7."""
    found = {}
    for side, name in ((place.ours, "7 saved here"), (place.theirs, "7 saved by TensorFlow 1.15.5")):
        drawn = {number: call_tf1(place, "run", number, side / "autoencoder_7", []) for number in (9, 10)}
        nine, ten = train_ours(place, 9, {}, side), train_ours(place, 10, {}, side)
        found[name] = {
            "9's images": measure(drawn[9]["drawn X_test"], nine["X_test"]),
            "9's outputs": measure(drawn[9]["drawn outputs_val"], nine["outputs_val"]),
            "10's features": measure(drawn[10]["drawn weights1_val"].T[:5], ten["features"]),
        }
    return found


def compare(saved: dict, restored: dict, at_home: dict) -> dict:
    """Return how many of the ``saved`` variables were ``restored`` bit for bit, and how far tensors are ``at_home``'s.

    Raises:
      BadInputError: the two sides do not know the same variables, or the same tensors.
    """
    variables = {name for name in saved if name.startswith("variable ")}
    tensors = {name for name in at_home if name.startswith("tensor ")}
    if unknown := (variables | tensors) ^ restored.keys():
        raise BadInputError(f"{min(unknown)}: only one side has it, expected both; the port is not its original")
    apart = {name: measure(at_home[name], restored[name]) for name in tensors}
    return {
        "variables": len(variables),
        "variables_equal": sum(measure(saved[name], restored[name]) == 0.0 for name in variables),
        "tensors": len(tensors),
        "tensors_equal": sum(difference == 0.0 for difference in apart.values()),
        "widest": max(apart.values(), default=0.0),
    }


def measure(expected: np.ndarray, found: np.ndarray) -> float:
    """Return 0 where both are the same bit for bit, else the widest difference by the largest magnitude, or inf."""
    if expected.shape != found.shape or expected.dtype != found.dtype:
        return float("inf")
    if expected.tobytes() == found.tobytes():
        return 0.0
    widest = np.abs(expected.astype(np.float64) - found).max() / np.abs(expected).max()
    return float(f"{widest:.1e}") if widest > 0 else float("inf")  # a NaN, or another zero's sign


def thin(array: np.ndarray) -> list[float]:
    """Return an array's numbers; of a large one, every 97th."""
    return [float(value) for value in np.ravel(array)[:: 97 if np.size(array) > 100 else 1]]


def keep_checkpoint(place: Place) -> None:
    """Let TensorFlow 1.15.5 train a narrow autoencoder_7, and keep its checkpoint and what it restores from it."""
    seven, out = SCRIPTS[7 - 1], place.theirs / "narrow"
    saved = call_tf1(place, "run", 7, out, EPOCH[7] + _set(NARROW))
    restored = call_tf1(place, "restore", 7, out, _set(NARROW), "--checkpoint", seven.checkpoint)
    drawn = call_tf1(place, "run", 9, out, _set(NARROW))
    CHECKPOINT.mkdir(parents=True, exist_ok=True)
    for ending in ("index", "data-00000-of-00001"):
        shutil.copy(out / f"{seven.checkpoint}.{ending}", CHECKPOINT)
    content = {
        "provenance": {"tensorflow": "1.15.5", "script": 7, "sizes": NARROW, "epochs": 1, "seed": 42},
        "sha256": {name: hash_array(value) for name, value in saved.items() if name.startswith("variable ")},
        "numbers": {name: thin(value) for name, value in restored.items() if name.startswith("tensor ")},
        "drawn by 9": thin(drawn["drawn outputs_val"]),
    }
    (CHECKPOINT / "expected.json").write_text(dump(content), encoding="utf-8")


def _set(sizes: dict[str, int]) -> list[str]:
    return [f"{name}={size}" for name, size in sizes.items()]


def main(argv: list[str]) -> None:
    parser = make_parser("scripts.record_crossing", __doc__)
    parser.add_argument("--notes", type=Path, required=True, metavar="FILE", help="the notes' Markdown")
    add_python(parser)
    args = parser.parse_args(argv)
    listings, found = read_listings(args.notes), {"provenance": describe_environment()}
    check_python(args.python)
    with tempfile.TemporaryDirectory() as directory:
        place = make_place(Path(directory), listings, args.python)
        for number in SAVING:
            found[f"autoencoder_{number}"] = {
                "saved here": cross_from_ours(place, number, {}),
                "saved by TensorFlow 1.15.5": cross_from_theirs(place, number, {}),
            }
            print(f"autoencoder_{number}: crossed", file=sys.stderr)
        found["5 from 8"] = cross_pretrained(place)
        found["9 and 10 from 7"] = cross_figures(place)
        keep_checkpoint(place)
    with open_atomically(TF1 / "crossing.json") as file:
        file.write(dump(found).encode())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
