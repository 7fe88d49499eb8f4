"""The exercises' faults as tests/faults.py has them, and what was recorded of them (scripts/record_faults.py)."""

import hashlib
import json
import sys
from pathlib import Path

from ref.chapter import BY_NAME
from ref.common.errors import BadInputError
from ref.pages.words import Text
from scripts.exercise_list import EXERCISES, NAMES, Exercise

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
RECORDED = ROOT / "ref" / "recorded" / "faults.json"
REMEDY = "python -m scripts.record_faults --write"
SEED, DATA, N_EPOCHS = 42, "digits", 10
FLAGS = {13: ["--batch-size", "150"]}  # as many steps an epoch as the others have


def get_name(fault: str) -> Text:
    """Return what a fault is called."""
    return Text(fault, NAMES[fault])


def get_key(exercise: Exercise) -> str:
    return f"{exercise.number}: {exercise.fault}"


def read_faults() -> list:
    """Return the Faults of tests/faults.py, whose folder is importable from then on."""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    from faults import FAULTS

    return FAULTS


def find_fault(exercise: Exercise):
    """Return the exercise's fault.

    Raises:
      BadInputError: tests/faults.py has none of that name.
    """
    for fault in read_faults():
        if (fault.number, fault.name) == (exercise.number, exercise.fault):
            return fault
    raise BadInputError(
        f"tests/faults.py: no {get_key(exercise)!r}, expected it for an exercise; see scripts/exercise_list.py"
    )


def get_module_path(fault) -> Path:
    """Return the file that the fault stands in: the port's own, or one that it imports."""
    module = fault.module or BY_NAME[f"autoencoder_{fault.number}"].module
    return ROOT / f"{module.replace('.', '/')}.py"


def hash_exercise(exercise: Exercise) -> str:
    """Return the sha256 of what the recorded curves are of: the fault, its port, the module that it stands in."""
    fault = find_fault(exercise)
    port = ROOT / f"{BY_NAME[f'autoencoder_{fault.number}'].module.replace('.', '/')}.py"
    texts = [fault.old, fault.new, *(path.read_text(encoding="utf-8") for path in (port, get_module_path(fault)))]
    return hashlib.sha256("\0".join([*texts, f"{SEED} {DATA} {N_EPOCHS}"]).encode()).hexdigest()


def read_recorded() -> dict:
    """Return what was recorded: provenance, setting, exercises by their keys.

    Raises:
      BadInputError: it is missing, or not JSON.
    """
    try:
        return json.loads(RECORDED.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInputError(f"{RECORDED}: cannot be read ({error}), expected recorded curves; run {REMEDY}") from None


def list_stale(recorded: dict) -> list[Exercise]:
    """Return the exercises whose fault, port or setting is another than what was ``recorded``."""
    found = {key: one["sha256"] for key, one in recorded["exercises"].items()}
    return [one for one in EXERCISES if found.get(get_key(one)) != hash_exercise(one)]
