"""What several ops are together: one call of a function, a dropout, a mask; and what an op takes but for shapes."""

import re
from collections.abc import Collection

from ref.graph.read import Graph, Op
from ref.graph.roles import get_constant, is_random

PASSED_ON = ("Identity", "ReadVariableOp", "StopGradient", "PreventGradient", "Cast", "Reshape", "Enter", "RefEnter",
             "Exit", "RefExit", "Squeeze", "ExpandDims", "Snapshot", "CheckNumerics", "Bitcast",
             "PlaceholderWithDefault", "EnsureShape", "NextIteration", "LoopCond", "IdentityN")  # fmt: skip
ONLY_FIRST = ("Mean", "Sum", "Max", "Min", "Prod", "All", "Any", "Transpose", "Tile", "Pad", "PadV2", "StridedSlice",
              "Slice", "ArgMax", "ArgMin")  # fmt: skip
OF_SHAPE = ("Shape", "ShapeN", "Size", "Rank", "VariableShape")
# Ops that TensorFlow makes of one call, under the call's own name, which the last of them has.
CALLS = {"logistic_loss": "sigmoid_cross_entropy", "random_normal": "N", "truncated_normal": "N",
         "random_uniform": "uniform"}  # fmt: skip


def find_call(graph: Graph, name: str) -> str | None:
    """Return the function that an op is the result of, where TensorFlow makes several ops of its call."""
    base = re.sub(r"_[0-9]+$", "", name.rpartition("/")[2])
    return (
        base if base in CALLS and any(source.startswith(f"{name}/") for source, _ in graph.ops[name].inputs) else None
    )


def is_of_shape(graph: Graph, name: str) -> bool:
    """Return whether an op computes from the shape of something alone, or from nothing."""
    op = graph.ops[name]
    if op.type in OF_SHAPE or op.type == "Const":
        return True
    return op.type in ("StridedSlice", "Pack", "Cast", "Prod", "Slice", "ConcatV2", "Range", "Identity") and bool(
        op.inputs and all(is_of_shape(graph, source) for source, _ in op.inputs)
    )


def list_operands(graph: Graph, op: Op) -> list[str]:
    """Return the ops that an op computes from, shapes, axes and large constants apart."""
    if op.type in OF_SHAPE:
        return []
    sources = [name for name, _ in op.inputs]
    if op.type in ONLY_FIRST or op.type in PASSED_ON:
        sources = sources[:1]
    if op.type in ("Merge", "RefMerge"):
        return sources
    return [name for name in sources if get_constant(graph, name) is not None or not is_of_shape(graph, name)]


def find_dropout(graph: Graph, name: str) -> tuple[str, float | None] | None:
    """Return what is dropped out of, and the rate, where an op multiplies by a mask that was drawn; else None."""
    op = graph.ops[name]
    if op.type not in ("Mul", "SelectV2"):
        return None
    masks = [one for one, _ in op.inputs if _is_mask(graph, one)]
    if not masks:
        return None
    value = next((one for one, _ in op.inputs if one not in masks), None)
    while value and graph.ops[value].type in ("Mul", "RealDiv", "Div", "Identity"):
        value = next((one for one in list_operands(graph, graph.ops[value]) if not _is_scalar(graph, one)), None)
    return (value, _find_rate(graph, masks[0])) if value else None


def _is_scalar(graph: Graph, name: str) -> bool:
    return get_constant(graph, name) is not None or graph.ops[name].get_shape() == ()


def _is_mask(graph: Graph, name: str) -> bool:
    op = graph.ops[name]
    if op.type == "Cast":
        return _is_mask(graph, op.inputs[0][0])
    if op.type not in ("GreaterEqual", "Floor"):
        return False
    inner = graph.find_needed([name], waits=False)
    return any(is_random(graph.ops[one]) for one in inner)


def _find_rate(graph: Graph, name: str) -> float | None:
    """Return the share that is dropped: what a draw is compared with, or 1 less what is added to it."""
    op = graph.ops[name]
    while op.type in ("Cast", "Floor"):
        op = graph.ops[op.inputs[0][0]]
    values = [get_constant(graph, source) for source, _ in op.inputs]
    value = next((one for one in values if one is not None), None)
    return value if op.type == "GreaterEqual" or value is None else round(1 - value, 6)


def find_penalties(graph: Graph, shown: Collection[str]) -> dict[str, list[str]]:
    """Return {first: all} of the weighted L2 losses without a name that one sum takes, as it does a collection's."""
    groups = {}
    for name in shown:
        if graph.ops[name].type == "AddN":
            own = [source for source, _ in graph.ops[name].inputs if _is_penalty(graph, source)]
            if len(own) > 1:
                groups[own[0]] = own
    return groups


def _is_penalty(graph: Graph, name: str) -> bool:
    op = graph.ops[name]
    is_weighted = op.type == "Mul" and any(graph.ops[source].type == "L2Loss" for source, _ in op.inputs)
    return is_weighted and not graph.get_name(name)
