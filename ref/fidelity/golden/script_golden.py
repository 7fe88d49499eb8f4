"""A golden of any TensorFlow 1 script: what its first training steps are, from a recorded run (fidelity/record).

It holds the numbers of its random ops, its variables' initial values, what each training op is fed, its losses step by
step, which variables it moves and where to, what was evaluated and printed after that.
"""

import hashlib
import json
import re
from pathlib import Path

import numpy as np

from ref.fidelity.golden.spread import list_summary
from ref.fidelity.golden.summaries import shorten, summarize
from ref.fidelity.record.store import Store

NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\b(?:nan|inf)\b", re.ASCII)
N_LINES = 200  # printed, that are kept
N_EVALUATIONS = 20  # that are alike count once
NUMERIC = "fiub"


def read_values(directory: Path, lines: list[str]) -> dict:
    """Return the values of a golden from the record of a run in ``directory``, and the ``lines`` that it printed."""
    record = json.loads((directory / "record.json").read_text(encoding="utf-8"))
    store = Store(str(directory / "arrays"))
    steps = {}
    for event in record["events"]:
        if event["kind"] == "step":
            steps.setdefault(event["op"], []).append(event)
    if len({event["graph"] for events in steps.values() for event in events}) == 1:
        steps = {op.partition("|")[2]: events for op, events in steps.items()}
    starts = {event["graph"]: event["before"] for events in reversed(steps.values()) for event in events[:1]}
    evaluations = [one for one in record["events"] if one["kind"] == "evaluation" and one["count"] == 1]
    return {
        "random_ops": {str(i): _list_seeds(graph) for i, graph in enumerate(record["graphs"])},
        "variables": {
            _name(graph, name, len(starts)): {**_summarize(store.get(key)), "sha256": _hash(store.get(key))}
            for graph, state in sorted(starts.items())
            for name, key in state.items()
            if _is_numeric(store.get(key))
        },
        "losses": {
            op: {name: [_keep(value) for value in values] for name, values in losses.items()}
            for op, losses in _name_losses(record, steps).items()
        },
        "fed": {op: _describe_fed(events, store) for op, events in steps.items()},
        "moved": {op: _find_moved(events) for op, events in steps.items()},
        "after": {
            op: {str(event["step"]): _summarize_state(event["after"], store) for event in _pick(events)}
            for op, events in steps.items()
        },
        "evaluations": [
            {name: _summarize(store.get(key)) for name, key in one["results"].items() if _is_numeric(store.get(key))}
            for one in evaluations[:N_EVALUATIONS]
        ],
        "lines": lines[:N_LINES],
    }


def _name(graph: int, name: str, n_graphs: int) -> str:
    return name if n_graphs == 1 else f"{graph}|{name}"


def _name_losses(record: dict, steps: dict) -> dict:
    """Return the losses of each op; one that is alone is "loss", whatever the script calls it."""
    named, recorded = {}, record.get("step_losses", {})
    for op, events in steps.items():
        losses = recorded.get(events[0]["op"], {})
        named[op] = {"loss" if len(losses) == 1 else name: values for name, values in losses.items()}
    return named


def _list_seeds(graph: dict) -> list:
    return [[op["name"], op["type"], *op["seeds"]] for op in graph["ops"] if "seeds" in op]


def _is_numeric(array: np.ndarray) -> bool:
    return array.dtype.kind in NUMERIC and array.size > 0


def _hash(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _summarize(array: np.ndarray) -> dict:
    return {key: value if key == "shape" else _keep(value) for key, value in summarize(array).items()}


def _keep(value: float) -> float | str:
    return shorten(value) if np.isfinite(value) else str(value)  # JSON has no nan


def _pick(events: list[dict]) -> list[dict]:
    """Return the steps after which variables are summed up: the first two and the last."""
    return [event for event in events if event["step"] in (1, 2, events[-1]["step"])]


def _summarize_state(state: dict, store: Store) -> dict:
    return {name: _summarize(store.get(key)) for name, key in state.items() if _is_numeric(store.get(key))}


def _find_moved(events: list[dict]) -> list[str]:
    moved = set()
    for event in events:
        moved |= {name for name, key in event["after"].items() if event["before"].get(name) != key}
    return sorted(moved)


def _describe_fed(events: list[dict], store: Store) -> dict:
    """Return, of each tensor that is fed: the sha256 over all steps, and a summary of the first."""
    fed = {}
    for name in sorted({name for event in events for name in event["feeds"]}):
        keys = [event["feeds"].get(name) for event in events]
        arrays = [store.get(key) for key in keys if key]
        fed[name] = {"sha256": hashlib.sha256("".join(map(str, keys)).encode()).hexdigest()}
        if _is_numeric(arrays[0]):
            fed[name] |= _summarize(arrays[0])
    return fed


def list_script_values(values: dict) -> dict[str, tuple]:
    """Return every value by a name that people can read: (value, tier, scale of its rounding errors)."""
    found = {f"random ops of graph {graph}": (ops, "exact", None) for graph, ops in values["random_ops"].items()}
    for name, summary in values["variables"].items():
        found |= _list(f"{name} at the start", summary, "initial")
        found[f"{name} at the start: sha256"] = (summary["sha256"], "exact", None)
    for op, fed in values["fed"].items():
        for name, summary in fed.items():
            found[f"{name} fed to {op}: sha256"] = (summary["sha256"], "exact", None)
            if "norm" in summary:
                found |= _list(f"{name} fed to {op}", summary, "initial")
    for op, names in values["moved"].items():
        found[f"moved by {op}"] = (names, "exact", None)
    for op in values["fed"]:
        found |= _list_steps(op, values, is_first=op == next(iter(values["fed"])))
    for i, results in enumerate(values["evaluations"], 1):
        for name, summary in results.items():
            found |= _list(f"evaluation {i} of {name}", summary, "epoch")
    found["printed lines"] = (len(values["lines"]), "exact", None)
    for row, line in enumerate(values["lines"], 1):
        found[f"printed line {row}: words"] = (NUMBER.sub("#", line), "exact", None)
        for i, digits in enumerate(NUMBER.findall(line), 1):
            found[f"printed line {row}: number {i}"] = _hold_number(_keep(float(digits)), "epoch")
    return found


def _list_steps(op: str, values: dict, is_first: bool) -> dict[str, tuple]:
    """Return an op's losses, and where variables are after some steps, step by step: what differs first comes first."""
    found = {}
    losses, after = values["losses"].get(op, {}), values["after"][op]
    for step in range(1, 1 + max([len(steps) for steps in losses.values()] + [int(step) for step in after])):
        for name, steps in losses.items():
            if step <= len(steps):
                tier = "step" if step == 1 and is_first else "steps"
                found[f"step {step} of {op}: {name}"] = _hold_number(steps[step - 1], tier)
        for name, summary in after.get(str(step), {}).items():
            found |= _list(f"{name} after step {step} of {op}", summary, "steps")
    return found


def _list(name: str, summary: dict, tier: str) -> dict[str, tuple]:
    """Return a summary's values; where one is not finite, all have to be equal, since none has a scale."""
    if any(isinstance(summary[key], str) for key in ("first", "last", "sum", "norm")):
        return {f"{name}: {key}": (value, "exact", None) for key, value in summary.items() if key != "sha256"}
    return list_summary(name, summary, tier)


def _hold_number(value: float | str, tier: str) -> tuple:
    return (value, "exact", None) if isinstance(value, str) else (value, tier, abs(value))
