"""The numbers that a full-length run prints, what was recorded of them, and how far rounding alone has moved them.

Recorded on MNIST at the listings' own hyper-parameters: our runs of two seeds, TensorFlow 1.15.5's of the same seeds
(the same initial values, draws and batches to the bit), and our runs of seed 42 in environments that round differently
(scripts/measure_printed.py).
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

from ref.fidelity.golden.spread import MARGIN, Compared, measure_difference

RECORDED = Path(__file__).resolve().parents[2] / "recorded"
NUMBER = re.compile(r"([A-Za-z][A-Za-z ]*): (-?(?:[0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|inf|nan))", re.ASCII)
EPOCH = re.compile(r"[0-9]{1,9}", re.ASCII)
CHANCE = 3.0  # times what runs of any seed differ by, where rounding has grown to chance
CLOSE = 0.05  # a tolerance above this one tells a machine from a fault no more
N_TEST = 10_000  # MNIST's


class Number(NamedTuple):
    """A number in a printed line: in which (from 1), in which phase and epoch (None where the line names none)."""

    row: int
    phase: int
    epoch: int | None
    label: str
    value: float

    @property
    def place(self) -> str:
        epoch = "" if self.epoch is None else f"{self.epoch} "
        return f"line {self.row}: {epoch}{self.label}"


class Measured(NamedTuple):
    """A run whose distance from ``base``, of the same seed, is rounding and what it grew to."""

    what: str
    seed: int
    base: list[str]
    lines: list[str]


def read_recorded(name: str, seed: int) -> tuple[list[str], dict] | None:
    """Return the lines of the script's recorded run of ``seed``, and with what it was run; None where there is none."""
    result = _read(f"{name}/result.json")
    if seed == result["seed"]:
        return [row["line"] for row in result["printed"]], result
    if seed not in list_seeds():
        return None
    content = _read(f"seed-{seed}.json")
    provenance = content["provenance"]
    versions = {key: provenance[key] for key in result["versions"]}
    other = {"cpu": None, "settings": None, "device": provenance["device"], "threads": provenance["threads"]}
    return content["lines"][name], {**result, **other, "seed": seed, "versions": versions}


def read_measured(name: str) -> list[Measured]:
    """Return the runs of a script that differ from a recorded one of ours in rounding alone."""
    theirs, found = _read("tf1.json"), []
    for seed, lines in theirs["lines"].items():
        ours = read_recorded(name, int(seed))
        if ours and name in lines:
            cpu, version = theirs["provenance"]["cpu"], theirs["provenance"]["tensorflow"]
            found.append(Measured(f"TensorFlow {version} on {cpu}", int(seed), ours[0], lines[name]))
    if (RECORDED / "spread.json").exists():
        content = _read("spread.json")
        ours = read_recorded(name, content["seed"])
        for one in content["measured"]:
            if name in one["lines"]:
                what = f"ours, {one['environment']}, on {one['provenance']['cpu']}"
                found.append(Measured(what, content["seed"], ours[0], one["lines"][name]))
    return found


def list_others(name: str, seed: int, measured: list[Measured]) -> list[list[str]]:
    """Return the lines of all runs of seeds other than ``seed``."""
    ours = [read_recorded(name, other)[0] for other in list_seeds() if other != seed]
    return ours + [one.lines for one in measured if one.seed != seed]


def list_seeds() -> list[int]:
    """Return the seeds of which our full-length runs are recorded."""
    return [42, *sorted(int(path.stem.removeprefix("seed-")) for path in RECORDED.glob("seed-*.json"))]


def read_numbers(lines: list[str]) -> list[Number]:
    """Return the numbers that ``lines`` hold, in their order. A phase ends where epochs are counted anew."""
    found, phase, last = [], 1, -1
    for row, line in enumerate(lines, 1):
        epoch = EPOCH.match(line)
        if epoch and int(epoch[0]) <= last:
            phase += 1
        last = int(epoch[0]) if epoch else last
        for label, digits in NUMBER.findall(line):
            found.append(Number(row, phase, int(epoch[0]) if epoch else None, label.strip(), float(digits)))
    return found


def list_numbers(lines: list[str]) -> dict[str, tuple[str, float]]:
    """Return the numbers by their place: (label with its phase, value)."""
    return {number.place: (f"{number.label} {number.phase}", number.value) for number in read_numbers(lines)}


def find_tolerances(
    recorded: list[str], measured: list[Measured], others: list[list[str]], size: int
) -> dict[str, float]:
    """Return, for each number of ``recorded``, how far off, as a part of it, another machine may be.

    That is MARGIN times the widest distance of the ``measured`` runs in the numbers of this label up to this one, and
    no more than CHANCE times the widest distance of these and the ``others``, runs of other seeds, at any line: chaos
    ends there. An accuracy is a count, in training of ``size`` images: it may be off by one image, and by what was
    measured at any epoch. Where nothing was measured it is 0.
    """
    numbers = list_numbers(recorded)
    distances = [_measure(list_numbers(one.base), list_numbers(one.lines)) for one in measured]
    ceilings = _find_widest(numbers, [*distances, *(_measure(numbers, list_numbers(lines)) for lines in others)])
    overall = _find_widest(numbers, distances)
    so_far, tolerances = {}, {}
    for place, (label, value) in numbers.items():
        so_far[label] = max([so_far.get(label, 0.0), *(one.get(place, 0.0) for one in distances)])
        widest = overall.get(label, 0.0) if "accuracy" in label else so_far[label]
        tolerances[place] = max(widest, min(MARGIN * widest, CHANCE * ceilings.get(label, 0.0)))
        if "accuracy" in label and measured:
            one_image = 1.01 / (N_TEST if label.startswith("Test") else size)  # and what is lost in printing
            tolerances[place] = max(tolerances[place], one_image / max(value, 1e-6))
    return tolerances


def _find_widest(numbers: dict, distances: list[dict[str, float]]) -> dict[str, float]:
    """Return the widest of the distances of each label's numbers."""
    widest = {}
    for one in distances:
        for place, distance in one.items():
            if place in numbers:
                label = numbers[place][0]
                widest[label] = max(widest.get(label, 0.0), distance)
    return widest


def _measure(old: dict, new: dict) -> dict[str, float]:
    places = [place for place in old if place in new]
    return {place: measure_difference(old[place][1], new[place][1], abs(old[place][1])) for place in places}


def compare_printed(recorded: list[str], found: list[str], tolerances: dict[str, float]) -> list[Compared]:
    """Return every number of two runs' lines of one form, held against its tolerance."""
    old, new = list_numbers(recorded), list_numbers(found)
    distances = _measure(old, new)
    return [
        Compared(place, old[place][1], new[place][1], distances[place], tolerances[place], "printed") for place in old
    ]


def hide_numbers(lines: list[str]) -> list[str]:
    """Return the lines' words, which have to be equal."""
    return [NUMBER.sub(r"\1:", line) for line in lines]


def _read(name: str) -> dict:
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))
