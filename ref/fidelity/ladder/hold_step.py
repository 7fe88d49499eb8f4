"""Hold a step of B against A's, from A's own state: gradients, what the optimizer takes, variables afterwards."""

import numpy as np

from ref.fidelity.ladder.rounding import find_farthest, is_rounding, measure
from ref.fidelity.record import graphs
from ref.fidelity.record.nudge import nudge
from ref.fidelity.record.probe import compute_arguments, compute_gradients


def hold_step(pair) -> dict:
    """Return "gradients", "optimizer" and "after" of a ref.fidelity.ladder.hold.Pair of steps, as JSON takes it."""
    gradients, arguments, after = take_step(pair)
    nudged: dict[int, tuple] = {}

    def get_nudged(seed):
        if seed not in nudged:
            nudged[seed] = take_step(pair, seed)
        return nudged[seed]

    return {
        "gradients": hold_gradients(pair, gradients, lambda name, seed: get_nudged(seed)[0][name]),
        "optimizer": hold_arguments(pair, arguments),
        "after": hold_variables(pair, after, lambda name, seed: get_nudged(seed)[2][name]),
    }


def take_step(pair, seed: int | None = None) -> tuple[dict, dict, dict]:
    """Return gradients and the optimizer's arguments by variable, and all variables after B's step from A's state."""
    name = pair.other["op"].partition("|")[2]
    variables = graphs.list_variables(pair.graph)
    with pair.open(seed) as (run, feeds):
        gradients = {name: value for name, _, value in compute_gradients(pair.graph, pair.other, run, feeds)}
        arguments = compute_arguments(pair.graph, pair.other, run, feeds)
        run([pair.graph.as_graph_element(name)], feeds)
        after = dict(zip((variable.op.name for variable in variables), run(variables)))
    return gradients, arguments, after


def hold_gradients(pair, ours: dict, get_nudged) -> list[dict]:
    """Return of each variable that either updates whether both do, and how far the gradients are apart."""
    theirs = {pair.variables.get(name, name): (name, *one) for name, one in pair.point["gradients"].items()}
    found = []
    for name in dict.fromkeys([*theirs, *ours]):
        row = {"variable": theirs.get(name, (name,))[0], "b": name if name in ours else None, "a": name in theirs}
        if name in ours and name in theirs:
            one, other = pair.theirs.get(theirs[name][2]), ours[name]
            if one.shape != other.shape:
                row["shapes"] = [list(one.shape), list(other.shape)]
            else:
                row.update(describe_distance(one, other, lambda seed, name=name: get_nudged(name, seed)))
        found.append(row)
    return found


def hold_arguments(pair, ours: dict) -> list[dict]:
    """Return of each number that an optimizer takes and that differs (learning rate, …): both."""
    found = []
    for name, update in pair.point["optimizer"].items():
        other = ours.get(pair.variables.get(name, name))
        if other is None:
            continue
        if other["type"] != update["type"]:
            found.append({"variable": name, "argument": "op", "values": [update["type"], other["type"]]})
            continue
        for key, value in update["arguments"].items():
            both = float(pair.theirs.get(value).ravel()[0]), float(other["arguments"][key].ravel()[0])
            if both[0] != both[1] and not (np.isnan(both[0]) and np.isnan(both[1])):
                found.append({"variable": name, "argument": key, "values": list(both)})
    return found


def hold_variables(pair, ours: dict, get_nudged) -> list[dict]:
    """Return of each variable after the step, from A's state on: A's own beside what B makes of it."""
    before = pair.get_state()
    found = []
    for name, key in pair.point["after"].items():
        other, one = pair.variables.get(name), pair.theirs.get(key)
        if other in ours and one.shape == ours[other].shape:
            start = before[other]

            def move(seed, other=other, start=start):
                return start + (get_nudged(other, seed) - nudge(start, seed))

            row = describe_distance(one, ours[other], move, start)
            found.append({"variable": name, "b": other, **row})
    return found


def describe_distance(one: np.ndarray, other: np.ndarray, compute_nudged=None, before=None) -> dict:
    distance = measure(one, other, compute_nudged, before)
    described = {"distance": list(distance), "is_rounding": bool(is_rounding(distance))}
    if not distance.is_equal:
        described["values"] = list(find_farthest(one, other))
    return described
