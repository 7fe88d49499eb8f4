"""Directories of runs for the report's tests: recorded runs, and what could lie beside them."""

import copy
import json
import shutil

from ref.chapter import SCRIPTS
from ref.common import generations
from ref.fidelity.golden import printed

ORIGINAL = {
    "status": "ended",
    "steps": {"training_op": 40},
    "was_cut": False,
    "lines": ["0 loss: 0.5", "1 loss: 0.25", "done"],
    "figures": ["figure-1.png"],
    "versions": {"tensorflow": "2.21.0"},
    "threads": 2,
    "device": "cpu",
    "places": {},
    "wall_time_s": 1.5,
    "script": "train",
    "file": "train.py",
    "on": "tf2",
    "seed": 7,
    "seeds": "tf1",
    "settings": {"n_epochs": "2"},
    "arguments": ["--width", "9"],
    "stop_after": None,
    "data": None,
    "code": 0,
    "reason": None,
}


def read_result(name: str, seed: int = 42, lines: list[str] | None = None) -> dict:
    """Return the recorded result of a script, as a run of ``seed`` that printed ``lines`` would have it."""
    result = copy.deepcopy(json.loads((printed.RECORDED / name / "result.json").read_text()))
    if seed == 42 and lines is None:
        return result
    lines = printed.read_recorded(name, seed)[0] if lines is None else lines
    return result | {"seed": seed, "printed": [{"line": line} for line in lines]}


def write_result(directory, result: dict):
    """Write ``result`` to the run's ``directory``; return it."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "result.json").write_text(json.dumps(result))
    return directory


def copy_recorded(out, *numbers: int):
    """Lay the recorded runs, all or those of ``numbers``, into ``out`` as if they had been run there."""
    for script in SCRIPTS:
        if not numbers or script.number in numbers:
            shutil.copytree(printed.RECORDED / script.name, out / script.name)
    return out


def interrupt(directory, phase: int, epoch: int, lines: list[str], **arguments):
    """Leave in ``directory`` what a run does that was interrupted after ``epoch``."""
    directory.mkdir(parents=True)
    state = {
        "arguments": {"seed": 42, "n_epochs": [4, 4], **arguments},
        "data": {"name": "digits", "sha256": {"train-images-idx3-ubyte": "0" * 64}},
        "phase": phase,
        "epoch": epoch,
        "printed": [{"line": line} for line in lines],
    }
    generations.commit(directory, lambda _: state, [])
