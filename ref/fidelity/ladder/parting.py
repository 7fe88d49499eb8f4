"""Where two graphs part, told from a walk: which op of A stands against which of B, in a layer or in a loss."""

from ref.fidelity.ladder import usually
from ref.fidelity.ladder.finding import Finding
from ref.fidelity.ladder.loaded import Loaded
from ref.fidelity.ladder.one_more import choose_shown, find_one_more, pair_tensors
from ref.fidelity.ladder.rounding import CLOSE
from ref.fidelity.ladder.walk import Side
from ref.fidelity.record.kinds import VARIABLES

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
    shape = side.shape(tensor)
    if shape is not None and len(shape) < 2:
        return False
    if side.op(tensor)["type"] in TURNED:
        return False
    if trainable:
        are_weights = [find_variable(side, name) in trainable for name in side.inputs(tensor)]
    else:  # trained in another graph, and constants here
        are_weights = [is_array(side, name) for name in side.inputs(tensor)]
    return any(are_weights) and not all(are_weights)  # the square of weights is a penalty


def is_array(side: Side, tensor: str) -> bool:
    """Return whether a tensor is a constant of more numbers than are kept as numbers."""
    return side.is_constant(tensor) and isinstance(side.constant(tensor), str)


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
    pair_of = pair_tensors(held)
    more = find_one_more(held, a, b)
    if more:
        return more.parted
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
    lines = [side.read_line(one.op(name)["where"]) for side, one, name in zip((a, b), sides, (x, y)) if name]
    if any("dropout" in line for line in lines):
        hint = "another rate of dropout: keep_prob for rate, or the other way round"
    more = find_one_more(held, *sides)
    if more and more.parted == (x, y):
        op_type = sides[more.on].op(more.extra)["type"]
        hint = hint if op_type in ACTIVATIONS else f"{(a, b)[more.on].role} has an op more there: {op_type}"
        x, y = choose_shown(more, (a, b), sides)
    elif x and y and types[0] != types[1]:
        x, y = find_on_same_lines(*sides, x, y, held["forward"]["open"])
    ops = [side.op(name) if name else None for side, name in zip(sides, (x, y))]
    what, places = name_both(a, b, sides, (x, y), ops)
    if None in ops:
        what = name_loss(((a, b), sides), held, ops) or what
    op = ops[0] if (ops[0] and a.name_of(ops[0]) == what) or not ops[1] else ops[1]
    shape = next(iter(shape for name, _, shape in op["outputs"]))
    size = "" if shape is None else f" ({', '.join('batch' if one is None else str(one) for one in shape)})"
    finding = Finding(what, f"{op['type']}{size}, {held['a']}", places, usually=hint)
    found = held["forward"]["held"].get(f"{x}|{y}", {})
    if found.get("distance"):
        finding.apart, finding.values = found["distance"][0], tuple(found["values"]) if "values" in found else None
        finding.rounding = 8 * found["distance"][2]
    if None not in ops and are_of_other_arrays(sides, (x, y)):
        finding.usually = "arrays that the graph holds as constants: of another training, or another file"
        finding.is_code = finding.apart is None or finding.apart > CLOSE
        finding.is_drawn, finding.rounding = finding.is_code, CLOSE
    if x:
        names = [a.name_of(sides[0].op(name)) for name in sides[0].inputs(x) if not sides[0].is_constant(name)]
        finding.fed = " and ".join(dict.fromkeys(names[:2]))
    return finding


def are_of_other_arrays(sides: tuple[Side, Side], names: tuple[str, str]) -> bool:
    """Return whether the same op takes in other arrays that the graph holds: what training gave may be among them."""
    ops = [side.op(name) for side, name in zip(sides, names)]
    arrays = [
        [side.constant(one) for one in side.inputs(name) if is_array(side, one)] for side, name in zip(sides, names)
    ]
    return ops[0]["type"] == ops[1]["type"] and len(arrays[0]) == len(arrays[1]) > 0 and arrays[0] != arrays[1]


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


def name_loss(both, held: dict, ops) -> str | None:
    """Return the name of the loss that has a term more, where a layer's line made the term: no name tells of that."""
    i = 0 if ops[0] else 1
    loaded, side = both[0][i], both[1][i]
    graph = loaded.graph(held["graph_b" if i else "graph"])
    opened = held["forward"]["open"]["ab"[i]]
    ends = [tensor for tensor in side.terminals if tensor in opened]
    if not ends or ops[i]["where"] not in [variable["where"] for variable in graph["variables"]]:
        return None
    return loaded.name_of(side.op(ends[0]))


def explain(sides, names, types, held) -> str:
    variables = [
        [find_variable(side, one) for one in side.inputs(name)] if name else [] for side, name in zip(sides, names)
    ]
    if "L2Loss" in types and types[0] != types[1]:
        i = types.index("L2Loss")
        which = next(iter(variables[i]), "")
        if names[1 - i] and held["variables"].get(which, which) in variables[1 - i] + [
            held["variables"].get(name, name) for name in variables[1 - i]
        ]:
            return f"another penalty of {which}: l2_loss halves the sum of squares"
        return f"{which} is regularized on one side only"
    if None not in names and types[0] == types[1]:
        ranks = [count_axes(side, name) for side, name in zip(sides, names)]
        if None not in ranks and ranks[0] != ranks[1]:
            return f"a mean or a sum on one side only: {ranks[0]} | {ranks[1]} axes"
        constants = [[side.is_constant(one) for one in side.inputs(name)] for side, name in zip(sides, names)]
        if constants[0] != constants[1] and sorted(constants[0]) == sorted(constants[1]):
            return "what the op takes in, in another order"
    distance = held["forward"]["held"].get(f"{names[0]}|{names[1]}")
    if types[0] == types[1] and types[0] in ("Mul", "RealDiv") and distance:
        return "another factor"
    return usually.explain_ops(*types)


def count_axes(side: Side, tensor: str) -> int | None:
    shape = side.shape(tensor)
    return None if shape is None else len(shape)


def describe_line(side: Loaded, op: dict) -> tuple[str, str]:
    where = op.get("where")
    return (f"line {where[1]}" if where else "", side.read_line(where) or op["name"])
