"""The ladder's middle rungs: forward ops, random ops, losses, gradients, updates."""

from ref.fidelity.ladder import usually
from ref.fidelity.ladder.finding import Finding, Rung
from ref.fidelity.ladder.loaded import Loaded
from ref.fidelity.ladder.parting import are_of_other_arrays, describe_line, describe_parting, find_parting, list_layers
from ref.fidelity.ladder.rounding import Distance, find_farthest
from ref.fidelity.ladder.walk import Side


def compare_forward(a: Loaded, b: Loaded) -> tuple[Rung, Rung]:
    """Return the rungs of the forward ops of layers, and of losses and metrics."""
    counts = {"forward ops": [set(), set(), set()], "losses": [set(), set(), set()]}  # all, not equal, rounded
    findings: dict[str, Finding] = {}
    for held in b.record["held"]:
        if held.get("missing") or "forward" not in held:
            continue
        sides = make_sides(a, b, held)
        layers = [list_layers(side, trainable) for side, trainable in zip(sides, list_trainable(a, b, held))]
        graph = held["graph"]
        opened = set(held["forward"]["open"]["a"])
        rounded = {dict(held["forward"]["pairs"])[name] for name, _ in held["forward"]["rounded"]}
        for tensor in sides[0].nodes:
            rung = "forward ops" if tensor in layers[0] else "losses"
            counts[rung][0].add((graph, tensor))
            if tensor in opened:
                counts[rung][1].add((graph, tensor))
            elif tensor in rounded:
                counts[rung][2].add((graph, tensor))
        parting = find_parting(held, *sides)
        if parting:
            x, y = parting
            rung = "forward ops" if x in layers[0] or y in layers[1] else "losses"
            findings.setdefault(rung, describe_parting(a, b, held, sides, x, y))
        for y, x in held["forward"]["constants"]:
            if x in rounded and are_of_other_arrays(sides, (x, y)):
                continue  # what another graph learned, rounded otherwise there
            rung = "forward ops" if x in layers[0] else "losses"
            findings.setdefault(rung, describe_constant(a, b, held, sides, x, y))
    rungs = []
    for name, (every, unequal, rounded) in counts.items():
        if name in findings and not unequal:
            unequal = {None}  # what B has more
            every = every | unequal
        rungs.append(Rung(name, len(every), len(every) - len(unequal), len(rounded), findings.get(name)))
    return rungs[0], rungs[1]


def make_sides(a: Loaded, b: Loaded, held: dict) -> tuple[Side, Side]:
    terminals = held["terminals"]
    graph = held["graph"]
    given = [*held["feeds"], *held["draws"]], [*held["feeds"].values(), *held["draws"].values()]
    return Side(a.graph(graph), terminals[0], given[0]), Side(b.graph(held["graph_b"]), terminals[1], given[1])


def list_trainable(a: Loaded, b: Loaded, held: dict) -> list[set[str]]:
    graphs = a.graph(held["graph"]), b.graph(held["graph_b"])
    return [{one["name"] for one in graph["variables"] if one["trainable"]} for graph in graphs]


def describe_constant(a, b, held, sides, x, y) -> Finding:
    constants = [
        [side.constant(name) for name in side.inputs(one) if side.is_constant(name)] for side, one in zip(sides, (x, y))
    ]
    finding = describe_parting(a, b, held, sides, x, y)
    lines = [describe_line(side, one.op(name)) for side, one, name in zip((a, b), sides, (x, y))]
    finding.sides = [(where, f"{line}    {value}") for (where, line), value in zip(lines, constants)]
    finding.usually = "another constant; here it comes to the same numbers"
    return finding


def compare_draws(a: Loaded, b: Loaded) -> Rung:
    """Compare what random ops drew, in every recorded step and evaluation."""
    pairs = zip(list_drawing(a), list_drawing(b))
    n = sum(len(event["draws"]) for event in list_drawing(a))
    n_equal = 0
    for x, y in pairs:
        names = list(x["draws"]), list(y["draws"])
        for i, name in enumerate(names[0]):
            op = a.find_op(x["graph"], name)
            where = f"{op['type']}, {describe_event(x)}"
            if i >= len(names[1]):
                return Rung(
                    "random ops",
                    n,
                    n_equal,
                    finding=Finding(
                        a.name_of(op), where, [describe_line(a, op), ("", f"{b.role} draws nothing there")]
                    ),
                )
            if x["draws"][name] != y["draws"][names[1][i]]:
                finding = describe_draw(a, b, x, y, name, names[1][i], where)
                return Rung("random ops", n, n_equal, finding=finding)
            n_equal += 1
    return Rung("random ops", n, n_equal)


def list_drawing(side: Loaded) -> list[dict]:
    return [event for event in side.record["events"] if event.get("draws")]


def describe_event(event: dict) -> str:
    return (
        f"{event['op'].partition('|')[2]} step {event['step']}"
        if event["kind"] == "step"
        else f"evaluation of {event['fetches'][0]}"
    )


def describe_draw(a, b, x, y, name, other, where) -> Finding:
    ops = a.find_op(x["graph"], name), b.find_op(y["graph"], other)
    sides = [describe_line(side, op) for side, op in zip((a, b), ops)]
    seeds = [op.get("seeds") for op in ops]
    if ops[0]["type"] != ops[1]["type"]:
        is_drawn = False
        hint = f"another distribution: {ops[0]['type']} | {ops[1]['type']}"
    elif seeds[0] != seeds[1]:
        hint = f"seeds {seeds[0]} | {seeds[1]}: another seed, or another number or order of ops before it"
        is_drawn = True
    else:
        is_drawn = False
        hint = "the same seeds: it was run another number of times before"
    one, two = a.get(x["draws"][name]), b.get(y["draws"][other])
    values = find_farthest(one, two) if one.shape == two.shape and one.size else None
    return Finding(a.name_of(ops[0]), where, sides, values=values, usually=hint, is_drawn=is_drawn)


def compare_gradients(a: Loaded, b: Loaded) -> Rung:
    """Compare the gradient of every variable at A's variables, of each step that is looked at."""
    n, n_equal, n_rounded = 0, 0, 0
    rows = [(held, row) for held in b.record["held"] for row in held.get("gradients", ())]
    for held, row in rows:
        if not row["a"] or row["b"] is None:
            finding = describe_moved(a, b, held, row)
            return Rung("gradients", len(rows), n_equal, n_rounded, finding)
        n += 1
        if "shapes" in row or not (row["distance"][0] == 0.0 or row["is_rounding"]):
            distance = row.get("distance", [None, 0.0, 0.0])
            finding = Finding(
                f"gradient of {row['variable']}", held["a"], describe_minimized(a, b, held), distance[0],
                Distance(*distance).rounding, tuple(row["values"]) if "values" in row else None,
                usually=explain_gradient(a, b, held),
            )  # fmt: skip
            return Rung("gradients", len(rows), n_equal, n_rounded, finding)
        n_equal += 1
        n_rounded += row["distance"][0] != 0.0
    return Rung("gradients", n, n_equal, n_rounded)


def explain_gradient(a, b, held) -> str:
    types = [{op["type"] for op in side.graph(held[key])["ops"]} for side, key in ((a, "graph"), (b, "graph_b"))]
    clipped = [bool(one & {"Maximum", "Minimum", "ClipByValue"}) for one in types]
    if clipped[0] != clipped[1]:
        return "gradients that are clipped on one side only"
    return "a stop_gradient, or a gradient that is clipped or scaled on its way"


def describe_moved(a, b, held, row) -> Finding:
    who, other = (a, b) if row["a"] else (b, a)
    hint = (
        "var_list: a phase that trains what the other side freezes"
        if not row["a"]
        else "a variable that is frozen, or not used"
    )
    words = [("", f"{who.role} moves it"), ("", f"{other.role} does not")]
    sides = words if who is a else words[::-1]
    return Finding(f"gradient of {row['variable']}", held["a"], describe_minimized(a, b, held, sides), usually=hint)


def describe_minimized(a, b, held, words=None) -> list[tuple[str, str]]:
    """Return the lines that made each training op, with what is said of each side."""
    found = []
    for side, key, number in ((a, "op", "graph"), (b, "op_b", "graph_b")):
        op = side.find_op(held[number], held[key].partition("|")[2])
        found.append(describe_line(side, op))
    if words:
        found = [(where, f"{line}    {word}") for (where, line), (_, word) in zip(found, words)]
    return found


def compare_updates(a: Loaded, b: Loaded) -> Rung:
    """Compare what the optimizer is given, and every variable and slot after a step from A's own state."""
    rows = [(held, row) for held in b.record["held"] for row in held.get("after", ())]
    n_equal, n_rounded = 0, 0
    for held in b.record["held"]:
        for row in held.get("optimizer") or ():
            sides = [
                (where, f"{line}    {row['argument']} {value}")
                for (where, line), value in zip(describe_minimized(a, b, held), row["values"])
            ]
            hint = usually.explain_update(row["argument"])
            finding = Finding(f"{row['argument']} of {row['variable']}", held["a"], sides, usually=hint)
            if row["argument"] != "op":
                finding.values = tuple(row["values"])
            return Rung("updates", len(rows), 0, finding=finding)
    for held, row in rows:
        if not (row["distance"][0] == 0.0 or row["is_rounding"]):
            distance = row["distance"]
            finding = Finding(
                row["variable"], f"after {held['a']}", describe_minimized(a, b, held), distance[0],
                Distance(*distance).rounding, tuple(row["values"]),
                usually=usually.explain_update(None),
            )  # fmt: skip
            return Rung("updates", len(rows), n_equal, n_rounded, finding)
        n_equal += 1
        n_rounded += row["distance"][0] != 0.0
    return Rung("updates", len(rows), n_equal, n_rounded)
