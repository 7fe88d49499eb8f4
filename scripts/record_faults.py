"""Record what the exercises show: python -m scripts.record_faults [--write | --check].

For each fault of scripts/exercise_list.py the sound and the faulty port print ten epochs on the first images of the
embedded digits, and the faulty one is held against its golden. Without a flag it is said what differs from
ref/recorded/faults.json, and exits with 1 where something does; --write writes it, where the goldens tell each faulty
port from the sound one; --check looks, without running anything, whether faults and ports are those that were recorded.
Some minutes.
"""

import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ref.chapter import BY_NAME
from ref.common.cli import exit_codes, import_port
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from ref.common.progress import Bar
from ref.fidelity.golden import report, small_data
from ref.fidelity.golden.json_text import dump
from ref.fidelity.golden.spread import compare_goldens
from scripts import exercises
from scripts.exercises import DATA, EXERCISES, FLAGS, N_EPOCHS, SEED, Exercise
from scripts.golden import read_golden, read_spread

N_GOLDEN_LINES = 2


def print_epochs(number: int, port: ModuleType, data: Path, out: Path, n_epochs: int = N_EPOCHS) -> list[str]:
    """Run ``port``, quietly and without drawing, and return the lines that it prints."""
    observe = import_port("ref.fidelity.golden.observe")
    argv = ["--data", str(data), "--seed", str(SEED), "--out", str(out), "--epochs", str(n_epochs)]
    with observe.quiet(), observe.no_drawing():
        run = port.main([*argv, *FLAGS.get(number, [])])
    return [row["line"] for row in run.result["printed"]]


def record(exercise: Exercise, data: Path, out: Path) -> dict:
    """Return what is recorded of an exercise.

    Raises:
      BadInputError: the golden does not tell the faulty port from the sound one.
    """
    number, fault = exercise.number, exercises.find_fault(exercise)
    from planting import plant  # beside the tests, whose folder find_fault has added

    sound = print_epochs(number, import_port(BY_NAME[f"autoencoder_{number}"].module), data, out / "sound")
    with plant(fault) as port:
        faulty = print_epochs(number, port, data, out / "faulty")
        found = import_port("ref.fidelity.golden.ports").record(number, data, out / "golden", port)
    compared = compare_goldens(read_golden(number)[DATA], found, read_spread(number))
    outside = [one for one in compared if one.is_outside]
    if not outside:
        raise BadInputError(f"{exercises.get_key(exercise)!r}: its golden stayed green, expected red; nothing written")
    lines = choose_lines([report.write_line(f"autoencoder_{number} on {DATA}", one) for one in outside])
    golden = {"outside": len(outside), "of": len(compared), "lines": lines}
    return {"sha256": exercises.hash_exercise(exercise), "sound": sound, "faulty": faulty, "golden": golden}


def choose_lines(lines: list[str]) -> list[str]:
    """Return the first of a report's lines that tell a reader something: no hashes, no values cut before they differ.

    Where there are none, they are the first of all.
    """
    values = [line.split(" | ")[1:3] for line in lines]
    telling = [line for line, (old, new) in zip(lines, values) if old != new and "sha256" not in line]
    return (telling or lines)[:N_GOLDEN_LINES]


def record_all() -> dict:
    """Return what is recorded of all exercises, by their keys."""
    with tempfile.TemporaryDirectory() as directory:
        data = small_data.write_small_data(DATA, Path(directory) / "data")
        return {
            exercises.get_key(one): record(one, data, Path(directory) / str(i))
            for i, one in enumerate(Bar(EXERCISES, desc="faults", leave=False, disable=None))
        }


def check() -> None:
    """Raise BadInputError where something was recorded of another fault or port than there is."""
    stale = [exercises.get_key(one) for one in exercises.list_stale(exercises.read_recorded())]
    if stale:
        raise BadInputError(
            f"{exercises.RECORDED.name}: {len(stale)} of {len(EXERCISES)} curves are stale, {stale[0]!r} say, expected "
            f"those of tests/faults.py and the ports as they are; record them anew: {exercises.REMEDY}"
        )


def main(argv: list[str]) -> int:
    parser = Parser(prog="python -m scripts.record_faults", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write what is recorded now")
    parser.add_argument("--check", action="store_true", help="are faults and ports those that were recorded?")
    args = parser.parse_args(argv)
    if args.check:
        check()
        return 0
    new = record_all()
    if args.write:
        provenance = import_port("ref.fidelity.golden.provenance").describe_environment()
        images = {"data": DATA, "train_images": small_data.N_TRAIN, "test_images": small_data.N_TEST}
        setting = {"seed": SEED, "epochs": N_EPOCHS, **images}
        with open_atomically(exercises.RECORDED) as file:
            file.write(dump({"provenance": provenance, "setting": setting, "exercises": new}).encode())
        return 0
    old = exercises.read_recorded()["exercises"]
    for key, one in new.items():
        print(f"{'equal' if one == old.get(key) else 'differs':<9}{key}")
    return int(new != old)


if __name__ == "__main__":
    with exit_codes():
        sys.exit(main(sys.argv[1:]))
