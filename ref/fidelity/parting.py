"""Where two graphs part, told from a walk: which op of A stands against which of B, in a layer or in a loss."""

from ref.fidelity import usually
from ref.fidelity.finding import Finding
from ref.fidelity.kinds import VARIABLES
from ref.fidelity.loaded import Loaded
from ref.fidelity.walk import Side

ACTIVATIONS = ("Elu", "Relu", "Relu6", "Sigmoid", "Tanh", "Selu", "Softplus", "Softsign", "LeakyRelu", "Softmax")
TURNED = ("Transpose", "Reshape", "Identity", "ReadVariableOp")


def list_layers(side: Side, trainable: set[str]) -> set[str]:
    """Return the tensors that belong to layers: what weights of (batch, …) tensors need, and their activations.

    What is left of the forward ops belongs to losses and metrics.
    """
    ends = [tensor for tensor in side.nodes if is_layer(side, tensor, trainable)]
    todo, found = list(ends), set()
    while todo:
        tensor = todo.pop()
        if tensor not in found and tensor in side.needed and not side.is_known(tensor):
            found.add(tensor)
            todo += side.inputs(tensor)
    for tensor in side.nodes:  # in the graph's order, so that what follows an activation is seen after it
        op = side.op(tensor)
        if op["type"] in ACTIVATIONS and any(name in found for name in side.inputs(tensor)):
            found.add(tensor)
    return found


def is_layer(side: Side, tensor: str, trainable: set[str]) -> bool:
    shape = next(shape for name, _, shape in side.op(tensor)["outputs"] if name == tensor)
    if shape is not None and len(shape) < 2:
        return False
    if side.op(tensor)["type"] in TURNED:
        return False
    return any(find_variable(side, name) in trainable for name in side.inputs(tensor))


def find_variable(side: Side, tensor: str) -> str | None:
    while side.op(tensor)["type"] in TURNED and side.op(tensor)["inputs"]:
        tensor = side.inputs(tensor)[0]
    return tensor.partition(":")[0]


def find_parting(held: dict, a: Side, b: Side) -> tuple[str | None, str | None] | None:
    """Return the first tensors of A and of B that are no counterparts, though what they are computed from is.

    One of them may be None, where the other side has nothing like it. None where the sides do not part.
    """
    forward = held["forward"]
    first_a, first_b = forward["first"]["a"], forward["first"]["b"]
    if not first_a and not first_b:
        wrong = next(((x, y) for paired, x, y in forward["terminals"] if paired != x), None)
        return wrong
    pair_of = dict(forward["pairs"]) | {other: name for name, other in held["feeds"].items()}
    pair_of |= {f"{new}:0": f"{old}:0" for old, new in held["variables"].items()}
    best, best_score = None, 0.0
    for x in forward["open"]["a"]:
        for y in forward["open"]["b"]:
            score = score_pair(a, b, x, y, pair_of, x in first_a, y in first_b)
            if score > best_score:
                best, best_score = (x, y), score
    return best or (next(iter(first_a), None), next(iter(first_b), None))


def score_pair(a, b, x, y, pair_of, is_first_a: bool, is_first_b: bool) -> float:
    """Return how much two open tensors seem to be meant for each other; 0 where they do not.

    What shares a variable is one layer on both sides, even where one of the two is a consequence already.
    """
    ours = {pair_of.get(name) for name in b.inputs(y)}
    shared = [name for name in a.inputs(x) if name in ours and not a.is_constant(name)]
    variables = [name for name in shared if a.op(name)["type"] in VARIABLES]
    if not shared or not ((is_first_a and is_first_b) or (variables and (is_first_a or is_first_b))):
        return 0.0
    is_same = a.op(x)["type"] == b.op(y)["type"]
    return len(shared) + len(variables) + is_same + 0.5 * (is_first_a and is_first_b)


def find_on_same_lines(a, b, x, y, opened) -> tuple[str, str]:
    """Return ops of one type that the same two source lines made, or ``x`` and ``y``: Elu beside Elu says more."""
    lines = a.op(x)["where"], b.op(y)["where"]
    of_a = [name for name in opened["a"] if a.op(name)["where"] == lines[0]]
    of_b = [name for name in opened["b"] if b.op(name)["where"] == lines[1]]
    alike = [(p, q) for p in of_a for q in of_b if a.op(p)["type"] == b.op(q)["type"]]
    return alike[0] if alike else (x, y)


def describe_parting(
    a: Loaded, b: Loaded, held: dict, sides: tuple[Side, Side], x: str | None, y: str | None
) -> Finding:
    """Return the finding of two tensors at which the graphs part; one of them may be None."""
    types = [side.op(name)["type"] if name else None for side, name in zip(sides, (x, y))]
    hint = explain(sides, (x, y), types, held)
    if any(
        "dropout" in side.read_line(one.op(name)["where"]) for side, one, name in zip((a, b), sides, (x, y)) if name
    ):
        hint = "another rate of dropout: keep_prob for rate, or the other way round"
    if x and y and types[0] != types[1]:
        x, y = find_on_same_lines(*sides, x, y, held["forward"]["open"])
    ops = [side.op(name) if name else None for side, name in zip(sides, (x, y))]
    what, places = name_both(a, b, sides, (x, y), ops)
    op = ops[0] if (ops[0] and a.name_of(ops[0]) == what) or not ops[1] else ops[1]
    shape = next(iter(shape for name, _, shape in op["outputs"]))
    size = "" if shape is None else f" ({', '.join('batch' if one is None else str(one) for one in shape)})"
    finding = Finding(what, f"{op['type']}{size}, {held['a']}", places, usually=hint)
    found = held["forward"]["held"].get(f"{x}|{y}", {})
    if found.get("distance"):
        finding.apart, finding.values = found["distance"][0], tuple(found["values"]) if "values" in found else None
        finding.rounding = 8 * found["distance"][2]
    if x:
        names = [a.name_of(sides[0].op(name)) for name in sides[0].inputs(x) if not sides[0].is_constant(name)]
        finding.fed = " and ".join(dict.fromkeys(names[:2]))
    return finding


def name_both(a, b, sides, names, ops) -> tuple[str, list[tuple[str, str]]]:
    """Return the name of what differs, and the line of each side.

    Where one side has an op more, its line computes what the other side's op already takes in: that is the name, and
    the other side's line is the one that computes it there.
    """
    loaded = (a, b)
    lines = [
        describe_line(side, op) if op else ("", f"{side.role} has nothing like it") for side, op in zip(loaded, ops)
    ]
    called = [side.name_of(op) if op else None for side, op in zip(loaded, ops)]
    if None not in called and called[0] != called[1]:
        for i in (0, 1):
            for name in sides[1 - i].inputs(names[1 - i]):
                op = sides[1 - i].op(name)
                if loaded[1 - i].name_of(op) == called[i]:
                    lines[1 - i] = describe_line(loaded[1 - i], op)
                    return called[i], lines
    return called[0] or called[1], lines


def explain(sides, names, types, held) -> str:
    variables = [
        [find_variable(side, one) for one in side.inputs(name)] if name else [] for side, name in zip(sides, names)
    ]
    if "L2Loss" in types and types[0] != types[1]:
        which = next(iter(variables[types.index("L2Loss")]), "")
        return f"{which} is regularized on one side only"
    distance = held["forward"]["held"].get(f"{names[0]}|{names[1]}")
    if types[0] == types[1] and types[0] in ("Mul", "RealDiv") and distance:
        return "another factor"
    return usually.explain_ops(*types)


def describe_line(side: Loaded, op: dict) -> tuple[str, str]:
    where = op.get("where")
    return (f"line {where[1]}" if where else "", side.read_line(where) or op["name"])
