"""What machines differ by: values by name and tier, the measured spread, tolerances made of it, and what is outside."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Comparing. A tier says what is compared: exact, initial (values), step (the first), steps (20), epoch (what follows).
# Machines that were not measured differ by more than those that were, and by chance a value may not spread at all.
MARGIN = 20.0
TIERS = ("exact", "initial", "step", "steps", "epoch")
FLOOR = {"initial": 1e-6, "step": 1e-5, "steps": 1e-4, "epoch": 1e-4}

MISSING = "missing"


class Compared(NamedTuple):
    """A value held against what was recorded; a value that one side lacks is MISSING there, and infinitely far off."""

    place: str
    old: object
    new: object
    difference: float
    tolerance: float
    tier: str

    @property
    def is_outside(self) -> bool:
        return not self.difference <= self.tolerance


def compare(old: dict[str, tuple], new: dict[str, tuple], find_tolerance: Callable) -> list[Compared]:
    """Return every value of ``old`` and ``new`` (name: value, tier, scale), in the order of the tiers.

    ``find_tolerance(name, tier)`` is in the units of ``measure_difference``.
    """
    compared = []
    for place, (_, tier, _) in sorted((old | new).items(), key=lambda item: TIERS.index(item[1][1])):
        values = [side[place][0] if place in side else MISSING for side in (old, new)]
        difference = (
            float("inf") if any(value is MISSING for value in values) else measure_difference(*values, old[place][2])
        )
        compared.append(Compared(place, *values, difference, find_tolerance(place, tier), tier))
    return compared


def compare_goldens(expected: dict, found: dict, spread: dict[str, float]) -> list[Compared]:
    """Return every value of two goldens of a port, held against the measured ``spread`` of its groups."""
    return compare(list_values(expected), list_values(found), lambda name, tier: get_tolerance(name, tier, spread))


def list_values(golden: dict) -> dict[str, tuple]:
    """Return every value of a golden by a name that people can read: (value, tier, scale of its rounding errors)."""
    if not golden:
        return {}
    values = {}
    for where, feeds in golden.get("own_data", {}).items():
        for name, summary in feeds.items():
            values |= list_summary(f"{name} fed to {where}", summary, "initial")
    for op, variables in golden["variables"].items():
        is_first = op == next(iter(golden["variables"]))
        for name, summary in variables.items():
            values |= list_summary(f"{name} before {op}", summary, "initial" if is_first else "steps")
    for op, variables in golden["final"].items():
        for name, summary in variables.items():
            values |= list_summary(f"{name} after {op}", summary, "epoch")
    for op, losses in golden["losses"].items():
        is_first = op == next(iter(golden["losses"]))
        for name, steps in losses.items():
            for step, value in enumerate(steps, 1):
                tier = "step" if step == 1 and is_first else "steps"
                values[f"step {step} of {op}: {name}"] = (value, tier, abs(value))
    for i, evaluation in enumerate(golden["evaluations"], 1):
        values[f"evaluation {i}"] = (evaluation, "exact", None)
    for key in ("batches_sha256", "fed", "moved"):
        for op, value in golden[key].items():
            values[f"{key} of {op}"] = (value, "exact", None)
    values["lines"] = (golden["lines"], "exact", None)
    if "rnd_sha256" in golden:
        values["rnd_sha256"] = (golden["rnd_sha256"], "exact", None)
    for row, numbers in enumerate(golden["printed"], 1):
        for label, value in numbers.items():
            values[f"printed line {row}: {label}"] = (value, "epoch", abs(value))
    for name, value in golden["untrained"].items():
        values[f"untrained {name}"] = (value, "step", abs(value))
    for name, value in golden["held_out"].items():
        values[f"held-out {name}"] = (value, "epoch", abs(value))
    for name, summary in golden["figures"].items():
        values |= list_summary(f"figure's {name}", summary, "epoch")
    return values


def list_summary(name: str, summary: dict, tier: str) -> dict[str, tuple]:
    """Return the values of an array's summary, by what they are: (value, tier, scale)."""
    size, norm = int(np.prod(summary["shape"])), summary["norm"]
    return {
        f"{name}: shape": (summary["shape"], "exact", None),
        f"{name}: first": (summary["first"], tier, norm / np.sqrt(size)),
        f"{name}: last": (summary["last"], tier, norm / np.sqrt(size)),
        f"{name}: sum": (summary["sum"], tier, norm * np.sqrt(size)),
        f"{name}: norm": (norm, tier, norm),
    }


def measure_difference(expected, found, scale) -> float:
    """Return 0 where both are the same, else how far apart in units of ``scale``; inf where exactness is due."""
    if expected == found:
        return 0.0
    if scale is None or not np.isfinite(found):
        return float("inf")
    return abs(found - expected) / max(scale, 1e-6)


def get_group(name: str) -> str:
    """Return what a value shares its tolerance with: a step's losses, a variable's summary, a printed line."""
    return name.split(": ")[0]


def measure_spread(old: dict[str, tuple], new: dict[str, tuple]) -> dict[tuple[str, str], float]:
    """Return the widest difference of each (tier, group); a step's is also the widest of the op's steps before it."""
    widest, so_far = {}, {}
    for name, (value, tier, scale) in old.items():
        key = (tier, get_group(name))
        difference = measure_difference(value, new[name][0], scale)
        widest[key] = max(widest.get(key, 0.0), difference)
    for tier, group in sorted(widest, key=lambda key: [int(word) for word in key[1].split() if word.isdigit()]):
        if group.startswith("step "):
            op = group.split(" of ")[1]
            so_far[op] = max(so_far.get(op, 0.0), widest[tier, group])
            widest[tier, group] = so_far[op]
    return widest


def get_tolerance(name: str, tier: str, spread: dict[str, float]) -> float:
    """Return 0 where a value has to be exact; else MARGIN times the measured ``spread`` of its group.

    It is no less than the FLOOR of its tier, which is the tolerance where nothing was measured.
    """
    return 0.0 if tier == "exact" else max(FLOOR[tier], MARGIN * spread.get(get_group(name), 0.0))
