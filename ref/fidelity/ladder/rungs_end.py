"""The ladder's upper rungs: what the runs themselves come to. Variables step by step, checkpoints, lines, figures."""

import re

import numpy as np

from ref.fidelity.ladder.drift import N_TIMES, Drift, find_allowed, find_distance
from ref.fidelity.ladder.finding import Finding, Rung
from ref.fidelity.ladder.loaded import Loaded
from ref.fidelity.ladder.pairing import pair_variables

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf)")


def compare_runs(a: Loaded, b: Loaded, drift: Drift) -> Rung:
    """Compare the variables of the two runs themselves, before and after every recorded step."""
    n, n_equal, n_rounded = 0, 0, 0
    states = list(list_states(a, b))
    for i, (name, other, x, y, words) in enumerate(states):
        n += 1
        if x == y:
            n_equal += 1
            continue
        apart = find_distance(a.get(x), b.get(y))
        rounding = find_drift(a, drift, i) if drift.is_wanted else 0.0
        if apart > rounding:
            sides = [("", f"{float(np.ravel(side.get(key))[0]):.9g}") for side, key in ((a, x), (b, y))]
            hint = "what happens between the steps: another Adam, a variable that is set, a rate that changes"
            finding = Finding(name, words, sides, apart, rounding or None, usually=hint)
            return Rung("runs", len(states), n_equal, n_rounded, finding)
        n_equal, n_rounded = n_equal + 1, n_rounded + 1
    return Rung("runs", n, n_equal, n_rounded)


def list_states(a: Loaded, b: Loaded):
    """Yield (variable of A, of B, key in A, key in B, when) of every recorded state of both runs."""
    slots = {held["op"]: held["variables"] for held in b.record["held"] if held.get("op") and "variables" in held}
    for op, other in zip(a.list_steps(), b.list_steps()):
        pairs = slots.get(op) or pair_variables(
            a.graph(int(op.partition("|")[0])), b.graph(int(other.partition("|")[0]))
        )
        for x, y in zip(a.list_steps()[op], b.list_steps()[other]):
            for when in ("before", "after"):
                for name, key in x[when].items():
                    if pairs.get(name) in y[when]:
                        yield (
                            name,
                            pairs[name],
                            key,
                            y[when][pairs[name]],
                            f"{when} {op.partition('|')[2]} step {x['step']}",
                        )


def find_drift(a: Loaded, drift: Drift, position: int) -> float:
    nudged = drift.get()
    keys = [
        (x[when][name], y[when].get(name))
        for op, steps in a.list_steps().items()
        for x, y in zip(steps, nudged.list_steps().get(op, []))
        for when in ("before", "after")
        for name in x[when]
    ]
    x, y = keys[position] if position < len(keys) else (None, None)
    return find_allowed(find_distance(a.get(x), nudged.get(y))) if y else 0.0


def compare_checkpoints(a: Loaded, b: Loaded, renamed: dict, drift: Drift) -> Rung:
    """Compare what is restored and saved: file names, variables, values of the last."""
    n_equal, n_rounded, total = 0, 0, 0
    for kind in ("restore", "save"):
        events = [last_of_each_name(side.list_events(kind)) for side in (a, b)]
        total += sum(len(event["values"]) for event in events[0].values())
        if missing := [name for name in events[0] if name not in events[1]]:
            sides = [("", ", ".join(one) or f"nothing to {kind}") for one in events]
            finding = Finding(f"files to {kind}", missing[0], sides, usually="a checkpoint by another name, or none")
            return Rung("checkpoint", total, n_equal, finding=finding)
        for name, x in events[0].items():
            y = events[1][name]
            times = [[event["calls"] for event in side.list_events(kind) if event["name"] == name] for side in (a, b)]
            times = [[list(one.values()) for one in each] for each in times]
            if kind == "save" and times[0] != times[1]:
                sides = [("", describe_times(each)) for each in times]
                hint = "saved at another moment: after each epoch, or once at the end"
                return Rung("checkpoint", total, n_equal, n_rounded, Finding(name, "saved", sides, usually=hint))
            pairs = pair_saved(a, b, x, y, renamed)
            missing = [one for one in x["values"] if one not in pairs]
            extra = [one for one in y["values"] if one not in pairs.values()]
            if kind == "restore":  # a graph without an optimizer has no slots to restore, and needs none
                missing, extra = list_known(b, y, missing), list_known(a, x, extra)
            if missing or extra:
                what = choose_missing(*((a, x["graph"]) if missing else (b, y["graph"])), missing or extra)
                words = [f"has {what}", "has it not"][:: 1 if missing else -1]
                known = list_known(b, y, [what]) if missing else list_known(a, x, [what])
                hint = "a Saver of other variables" if known else "a variable that one side alone has, or another name"
                finding = Finding(what, name, [("", one) for one in words], usually=hint)
                return Rung("checkpoint", total, n_equal, n_rounded, finding)
            for old, new in pairs.items():
                if x["values"][old] != y["values"][new]:
                    finding = compare_saved(a, b, x, y, old, new, name, drift)
                    if finding:
                        return Rung("checkpoint", total, n_equal, n_rounded, finding)
                    n_rounded += 1
                n_equal += 1
    return Rung("checkpoint", total, n_equal, n_rounded)


def describe_times(times: list[list[int]]) -> str:
    last = f", at last after {' and '.join(map(str, times[-1])) or 'no'} steps" if times else ""
    return f"{len(times)} times{last}"


def list_known(side: Loaded, event: dict, names: list[str]) -> list[str]:
    return [name for name in names if side.find_variable(event["graph"], name)]


def choose_missing(side: Loaded, number: int, names: list[str]) -> str:
    """Return of names that a file lacks the one to tell of: a weight or bias before a slot."""
    trainable = {one["name"] for one in side.graph(number)["variables"] if one["trainable"]}
    return next((name for name in sorted(names) if name in trainable), sorted(names)[0])


def last_of_each_name(events: list[dict]) -> dict[str, dict]:
    """Return the last event of each name; a global step at its end, ``-400``, is none of it."""
    return {re.sub(r"-[0-9]+$", "", event["name"]): event for event in events}


def pair_saved(a, b, x, y, renamed) -> dict[str, str]:
    pairs = {name: name for name in x["values"] if name in y["values"]}
    known = pair_variables(a.graph(x["graph"]), b.graph(y["graph"]), renamed)
    pairs.update((old, new) for old, new in known.items() if old in x["values"] and new in y["values"])
    return pairs


def compare_saved(a, b, x, y, old, new, name, drift: Drift) -> Finding | None:
    one, other = a.get(x["values"][old]), b.get(y["values"][new])
    if one.dtype != other.dtype:
        sides = [("", f"{value.dtype}") for value in (one, other)]
        return Finding(old, f"in {name}", sides, usually="a variable of another type, which the other's Saver refuses")
    apart = find_distance(one, other)
    rounding = None
    if drift.is_wanted:
        nudged = last_of_each_name(drift.get().list_events(x["kind"])).get(name)
        rounding = find_allowed(find_distance(one, drift.get().get(nudged["values"][old]))) if nudged else 0.0
        if apart <= rounding:
            return None
    values = (float(np.ravel(one)[0]), float(np.ravel(other)[0]))
    return Finding(
        old, f"in {name}", [], apart, rounding, values, usually="saved at another moment, or of another session"
    )


def compare_lines(a: Loaded, b: Loaded, drift: Drift) -> Rung:
    """Compare what was printed, line by line; numbers may differ by what rounding grows to."""
    n_equal, n_rounded = 0, 0
    total = len(a.lines)
    for i, (x, y) in enumerate(zip(a.lines, b.lines)):
        if x == y:
            n_equal += 1
        elif drift.is_wanted and are_near(x, y, drift.get().lines[i] if i < len(drift.get().lines) else x):
            n_equal, n_rounded = n_equal + 1, n_rounded + 1
        else:
            hint = (
                "another number is printed, or of another set"
                if NUMBER.sub("#", x) == NUMBER.sub("#", y)
                else "another text"
            )
            return Rung(
                "printed lines",
                total,
                n_equal,
                n_rounded,
                Finding(f"line {i + 1}", "", [("", x), ("", y)], usually=hint),
            )
    if len(a.lines) != len(b.lines):
        sides = [("", f"{len(side.lines)} lines") for side in (a, b)]
        return Rung(
            "printed lines", total, n_equal, n_rounded, Finding("lines", sides=sides, usually="a line more or less")
        )
    return Rung("printed lines", total, n_equal, n_rounded)


def are_near(x: str, y: str, nudged: str) -> bool:
    """Return whether two lines say the same, but for numbers that are as near as those of the nudged run, times 16."""
    if not NUMBER.sub("#", x) == NUMBER.sub("#", y) == NUMBER.sub("#", nudged):
        return False
    for one, other, third in zip(*(map(float, NUMBER.findall(line)) for line in (x, y, nudged))):
        if abs(one - other) > max(N_TIMES * abs(one - third), 1e-5 * abs(one)):
            return False
    return True


def compare_figures(a: Loaded, b: Loaded, drift: Drift) -> Rung:
    """Compare the arrays that are drawn, in their order."""
    drawn = [[key for _, keys in side.record["figures"] for key in keys] for side in (a, b)]
    n_equal, n_rounded = 0, 0
    for i, (x, y) in enumerate(zip(*drawn)):
        if x != y:
            one, other = a.get(x), b.get(y)
            apart = find_distance(one, other)
            rounding = find_drawn_drift(a, drift, i) if drift.is_wanted else 0.0
            if apart > rounding:
                sides = (
                    [("", f"shape {list(value.shape)}") for value in (one, other)] if one.shape != other.shape else []
                )
                shown = (float(one.ravel()[0]), float(other.ravel()[0])) if not sides else None
                finding = Finding(
                    f"array {i + 1}",
                    "",
                    sides,
                    apart,
                    rounding or None,
                    shown,
                    usually="other images, or another shape",
                )
                return Rung("figures", len(drawn[0]), n_equal, n_rounded, finding)
            n_rounded += 1
        n_equal += 1
    if len(drawn[0]) > len(drawn[1]):
        sides = [("", f"{len(one)} arrays are drawn") for one in drawn]
        return Rung(
            "figures",
            len(drawn[0]),
            n_equal,
            n_rounded,
            Finding("figures", sides=sides, usually="a picture that is not drawn any more"),
        )
    return Rung("figures", len(drawn[0]), n_equal, n_rounded)


def find_drawn_drift(a: Loaded, drift: Drift, position: int) -> float:
    drawn = [[key for _, keys in side.record["figures"] for key in keys] for side in (a, drift.get())]
    if position >= len(drawn[1]):
        return 0.0
    return find_allowed(find_distance(a.get(drawn[0][position]), drift.get().get(drawn[1][position])))
