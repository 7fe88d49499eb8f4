"""How far apart two watched runs (ref/fidelity/record/recorder.py) are, kind by kind, step by step."""

import re

import numpy as np


def list_distances(base: dict, other: dict) -> dict[str, list[float]]:
    """Return the relative differences of ``other`` from ``base`` by the kind of value, in the order of the run.

    The kinds are ``losses|OP`` (a number a step), ``after|OP`` (a number for each kept step: the widest of all
    variables, Adam's slots and powers among them), ``evaluations`` and ``lines`` (a number each).

    Raises:
      ValueError: they did not do the same things.
    """
    check_names("trained by", base["losses"], other["losses"])
    distances = {}
    for op, losses in base["losses"].items():
        pairs = pair(f"losses of {op}", losses, other["losses"][op])
        distances[f"losses|{op}"] = [abs(found - value) / abs(value) for value, found in pairs]
        after, found_after = base["after"][op], other["after"][op]
        check_names(f"variables of {op}, kept after the steps", after, found_after)
        distances[f"after|{op}"] = [
            measure_variables(values, found_after[step], f"after step {step} of {op}") for step, values in after.items()
        ]
    runs = enumerate(pair("evaluations", base["evaluations"], other["evaluations"]), 1)
    distances["evaluations"] = [
        max(measure_summary(*values) for values in pair(f"values of evaluation {number}", *run)) for number, run in runs
    ]
    pairs = pair("lines", base["lines"], other["lines"])
    distances["lines"] = [measure_line(line, found) for line, found in pairs]
    return {kind: found for kind, found in distances.items() if found}


def check_names(what: str, base: dict, other: dict) -> None:
    """Raise ValueError, which lists them, where one dict has names that the other lacks."""
    missing, unexpected = sorted(base.keys() - other.keys()), sorted(other.keys() - base.keys())
    if missing or unexpected:
        raise ValueError(f"{what}: missing {missing}, unexpected {unexpected}")


def pair(what: str, base: list, other: list) -> list[tuple]:
    """Return the pairs of two lists; raise ValueError where one is longer."""
    if len(base) != len(other):
        raise ValueError(f"{what}: {len(other)} found, expected {len(base)}")
    return list(zip(base, other))


def measure_variables(base: dict, other: dict, when: str) -> float:
    """Return the widest difference of the summaries of variables of the same names."""
    check_names(f"variables {when}", base, other)
    return max(measure_summary(base[name], other[name]) for name in base)


def measure_summary(base: dict, other: dict) -> float:
    """Return the widest difference of two summaries of an array, in units of its own size."""
    if base["shape"] != other["shape"]:
        raise ValueError(f"an array of shape {other['shape']}, expected {base['shape']}")
    size, norm = max(1, int(np.prod(base["shape"]))), base["norm"] or 1.0
    scales = {"first": norm / np.sqrt(size), "last": norm / np.sqrt(size), "sum": norm * np.sqrt(size), "norm": norm}
    return max(float(abs(other[name] - base[name]) / scale) for name, scale in scales.items())


def measure_line(base: str, other: str) -> float:
    """Return the widest relative difference of the numbers of two printed lines; what is no number must be equal."""
    number = r"(?<=[:#] )[0-9.e+-]+"
    if re.sub(number, "", base) != re.sub(number, "", other):
        raise ValueError(f"the line {other!r}, expected {base!r}")
    pairs = zip(map(float, re.findall(number, base)), map(float, re.findall(number, other)), strict=True)
    return max((abs(found - value) / abs(value) for value, found in pairs if value), default=0.0)
