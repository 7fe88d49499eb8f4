"""The ladder's lower rungs: settings, variables, what is fed."""

import numpy as np

from ref.fidelity.ladder import usually
from ref.fidelity.ladder.finding import Finding, Rung
from ref.fidelity.ladder.loaded import Loaded
from ref.fidelity.ladder.pairing import list_outputs, pair_tensors, pair_variables
from ref.fidelity.ladder.rounding import CLOSE


def compare_settings(a: Loaded, b: Loaded) -> Rung:
    """Compare what both call by the same name: hyper-parameters, seed, data."""
    names = [name for name in a.settings if name in b.settings]
    for i, name in enumerate(names):
        if not is_same_setting(a.settings[name], b.settings[name]):
            sides = [(find_line(side, name), f"{name} = {side.settings[name]!r}") for side in (a, b)]
            hint = "a hyper-parameter that is set otherwise"
            return Rung("settings", len(names), i, finding=Finding(name, sides=sides, usually=hint))
    return Rung("settings", len(names), len(names))


def is_same_setting(one, other) -> bool:
    if isinstance(one, list) != isinstance(other, list):
        one, other = ([value] if not isinstance(value, list) else value for value in (one, other))
        return len(set(map(str, one + other))) == 1
    return one == other


def find_line(side: Loaded, name: str) -> str:
    for file, text in side.sources.items():
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith((f"{name} =", f"{name}=")):
                return f"line {number}"
        return ""
    return ""


def compare_variables(a: Loaded, b: Loaded, renamed: dict[str, str]) -> Rung:
    """Compare names, shapes and initial values of all trainable variables, graph by graph."""
    n, n_equal, remarks, drawn = 0, 0, [], None
    total = sum(len(list_trainable(graph)) for graph in a.record["graphs"])
    for number, graph in enumerate(a.record["graphs"]):
        trainable = list_trainable(graph)
        if number >= len(b.record["graphs"]):
            if trainable:
                sides = [("", f"{number + 1} graphs"), ("", f"{number} graphs")]
                return Rung("variables", total, n_equal, finding=Finding(f"graph {number + 1}", sides=sides))
            continue
        pairs = pair_variables(graph, b.graph(number), renamed)
        initial = a.get_initial(number), b.get_initial(number)
        for variable in trainable:
            n += 1
            finding = compare_variable(a, b, number, variable, pairs.get(variable["name"]), initial)
            if finding and not finding.is_drawn:
                if drawn and finding.place.startswith(
                    "initial values"
                ):  # too small to tell its distribution, but made as this one is
                    drawn.usually, drawn.is_drawn, finding = finding.usually, False, drawn
                return Rung("variables", total, n_equal, finding=finding)
            drawn = drawn or finding
            n_equal += finding is None
            if pairs[variable["name"]] != variable["name"]:
                remarks.append(f"{variable['name']} is {pairs[variable['name']]}")
        extra = [one for one in list_trainable(b.graph(number)) if one["name"] not in pairs.values()]
        if extra:
            sides = [("", f"{a.role} has none"), describe_where(b, extra[0])]
            return Rung("variables", total, n_equal, finding=Finding(extra[0]["name"], str(extra[0]["shape"]), sides))
    remark = f"matched by order and shape: {', '.join(remarks[:3])}{' …' * (len(remarks) > 3)}" if remarks else ""
    return Rung("variables", n, n_equal, finding=drawn, remark=remark)


def list_trainable(graph: dict) -> list[dict]:
    return [variable for variable in graph["variables"] if variable["trainable"]]


def compare_variable(a, b, number, variable, name, initial) -> Finding | None:
    other = b.find_variable(number, name) if name else None
    if other is None:
        sides = [describe_where(a, variable), ("", f"{b.role} has none")]
        hint = "a layer or a bias that is missing, or weights that are tied"
        return Finding(variable["name"], str(variable["shape"]), sides, usually=hint)
    sides = [describe_where(a, variable), describe_where(b, other)]
    if other["shape"] != variable["shape"]:
        sides = [(where, f"{line}  {one['shape']}") for (where, line), one in zip(sides, (variable, other))]
        return Finding(variable["name"], "shapes", sides, usually="another number of units, or a transpose")
    if other["trainable"] != variable["trainable"]:
        return Finding(variable["name"], "trainable on one side only", sides, usually="trainable=False")
    keys = initial[0].get(variable["name"]), initial[1].get(name)
    if None in keys or keys[0] == keys[1]:
        return None
    x, y = a.get(keys[0]), b.get(keys[1])
    hint = usually.explain_initial_values(x, y)
    apart = float(np.linalg.norm((x - y).ravel()) / (np.linalg.norm(x.ravel()) or 1.0))
    spread = f"σ {np.std(x):.4g} | {np.std(y):.4g}"
    values = (float(x.ravel()[0]), float(y.ravel()[0]))
    is_drawn = hint == usually.OTHER_DRAWS
    place = f"initial values, {spread}"
    return Finding(variable["name"], place, sides, apart, values=values, usually=hint, is_drawn=is_drawn)


def describe_where(side: Loaded, variable: dict) -> tuple[str, str]:
    where = variable.get("where")
    return (f"line {where[1]}" if where else "", side.read_line(where) or variable["name"])


def compare_feeds(a: Loaded, b: Loaded) -> Rung:
    """Compare what is fed: to every recorded step of each training op, then where something is evaluated."""
    steps = a.list_steps(), b.list_steps()
    evaluations = [[event for event in side.list_events("evaluation") if event["feeds"]] for side in (a, b)]
    pairs = list(pair_events(a, steps, evaluations))
    n = sum(len(x["feeds"]) for x, _, _ in pairs)
    results = [{key for event in side.record["events"] for key in event.get("results", {}).values()} for side in (a, b)]
    n_equal, n_rounded = 0, 0
    if len(steps[0]) != len(steps[1]):
        sides = [("", f"{len(side)} training ops are run") for side in steps]
        return Rung("batches", n, 0, finding=Finding("training ops", sides=sides, usually="a phase that is missing"))
    for x, y, where in pairs:
        finding = compare_calls(a, b, x, y, where) if x["kind"] == "evaluation" else None
        if finding:
            return Rung("batches", n, n_equal, n_rounded, finding)
        fed = pair_tensors(x["feeds"], y["feeds"], list_outputs(a.graph(x["graph"])), list_outputs(b.graph(y["graph"])))
        if len(fed) < max(len(x["feeds"]), len(y["feeds"])):
            return Rung("batches", n, n_equal, n_rounded, describe_missing_feed(a, b, x, y, fed, where))
        for name, other in fed.items():
            if x["feeds"][name] == y["feeds"][other]:
                n_equal += 1
                continue
            if x["feeds"][name] in results[0] and y["feeds"][other] in results[1]:
                n -= 1  # what a run gave is fed to the next, an RNN's state: a consequence, if it differs
                continue
            finding = compare_feed(a, b, x, y, name, other, where)
            if finding.is_code:
                finding.is_drawn = finding.apart is not None and is_after_training(x) and is_float(a, x["feeds"][name])
                return Rung("batches", n, n_equal, n_rounded, finding)
            n_equal, n_rounded = n_equal + 1, n_rounded + 1
    finding = compare_counts(a, b, steps, evaluations)
    return Rung("batches", n, n_equal, n_rounded, finding)


def pair_events(a: Loaded, steps, evaluations):
    """Yield (event of A, of B, its name) in A's order: the same step of each training op, the same evaluation."""
    others = dict(zip(steps[0], steps[1].values()))
    numbers = {id(event): i for i, event in enumerate(evaluations[0])}
    for event in a.record["events"]:
        if event["kind"] == "step" and len(others.get(event["op"], ())) >= event["step"]:
            yield event, others[event["op"]][event["step"] - 1], f"{name_op(event['op'])} step {event['step']}"
        elif id(event) in numbers and numbers[id(event)] < len(evaluations[1]):
            yield event, evaluations[1][numbers[id(event)]], f"evaluation {numbers[id(event)] + 1}"


def name_op(op: str) -> str:
    return op.partition("|")[2].split(":")[0]


def is_float(side: Loaded, key: str) -> bool:
    return side.get(key).dtype.kind == "f"


def is_after_training(event: dict) -> bool:
    """Return whether steps came before: what is fed may be computed from what they made, and so a consequence."""
    return sum(event["calls"].values()) > (event["kind"] == "step")


def describe_missing_feed(a, b, x, y, fed, where) -> Finding:
    name = next(iter([*(n for n in x["feeds"] if n not in fed), *(n for n in y["feeds"] if n not in fed.values())]))
    op = (a if name in x["feeds"] else b).find_op(x["graph"] if name in x["feeds"] else y["graph"], name)
    what = (a if name in x["feeds"] else b).name_of(op)
    sides = [
        ("", "fed" if name in event["feeds"] and side else "not fed")
        for event, side in ((x, name in x["feeds"]), (y, name not in x["feeds"]))
    ]
    return Finding(
        what, where, sides, usually="a placeholder that is fed on one side only: training, keep_prob, labels"
    )


def compare_feed(a, b, x, y, name, other, where) -> Finding:
    one, two = a.get(x["feeds"][name]), b.get(y["feeds"][other])
    op = a.find_op(x["graph"], name)
    what = a.name_of(op)
    if one.shape != two.shape:
        sides = [("", f"shape {list(value.shape)}") for value in (one, two)]
        return Finding(what, where, sides, usually="another batch size, or other images")
    scale = np.linalg.norm(one.astype(np.float64).ravel()) or 1.0
    apart = float(np.linalg.norm((one.astype(np.float64) - two).ravel()) / scale)
    is_computed = one.dtype.kind == "f" and apart <= CLOSE
    at = int(np.argmax(np.abs(one.astype(np.float64) - two)))
    values = (float(one.ravel()[at]), float(two.ravel()[at]))
    hint = usually.explain_feeds(one, two)
    return Finding(what, where, [], apart, CLOSE, values, usually=hint, is_code=not is_computed)


def compare_calls(a, b, x, y, where) -> Finding | None:
    """Compare after how many steps something is evaluated."""
    calls = [list(event["calls"].values()) for event in (x, y)]
    if calls[0] == calls[1]:
        return None
    sides = [("", f"after {' and '.join(map(str, one)) or 'no'} steps") for one in calls]
    return Finding("n_batches", where, sides, usually="another number of batches in an epoch, or of epochs in a phase")


def compare_counts(a, b, steps, evaluations) -> Finding | None:
    calls = [list(side.record["calls"].values()) for side in (a, b)]
    if calls[0] != calls[1] and not (a.record["was_cut"] or b.record["was_cut"]):
        sides = [("", f"{' and '.join(map(str, one)) or 'no'} steps") for one in calls]
        return Finding("n_epochs", "steps in all", sides, usually="another number of epochs or of batches")
    if len(evaluations[0]) > len(evaluations[1]):  # a port may look at more, when all is done
        sides = [("", f"{len(one)} evaluations with feeds") for one in evaluations]
        return Finding("evaluations", sides=sides, usually="something that is not evaluated any more")
    return None
