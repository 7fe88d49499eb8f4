"""From ops to boxes: the ops of a layer, a loss, a noise are one box, ended by what a person gave a name."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from ref.graph.calls import PASSED_ON, find_call, find_dropout, find_penalties, is_of_shape, list_operands
from ref.graph.formulas import Formula
from ref.graph.picture import Kind
from ref.graph.read import Graph, Op
from ref.graph.roles import find_variable, get_constant, is_input, is_random, is_variable

AFFINE = ("MatMul", "BatchMatMul", "BatchMatMulV2", "Conv1D", "Conv2D", "Conv3D", "Conv2DBackpropInput",
          "DepthwiseConv2dNative", "GatherV2", "Gather", "ResourceGather")  # fmt: skip
ACTIVATIONS = ("Relu", "Relu6", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "LeakyRelu", "Softmax")
ALONE = ("MaxPool", "AvgPool", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "LRN", "ConcatV2",
         "LogSoftmax", "SparseSoftmaxCrossEntropyWithLogits", "SoftmaxCrossEntropyWithLogits")  # fmt: skip


@dataclass
class Block:
    """Some ops that one box shows: the last of them, what they are, the formula, and what it takes, and how."""

    op: str
    kind: Kind
    name: str
    formula: str = ""
    leaves: dict[tuple[str, str], str] = field(default_factory=dict)
    ops: frozenset[str] = frozenset()
    scope: tuple[str, ...] = ()


def walk(graph: Graph, roots: Collection[str], fed: Collection[str] = ()) -> set[str]:
    """Return the ops that compute ``roots`` where those ``fed`` are given, but for those that give but a shape."""
    todo, found = list(roots), set()
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        op = graph.ops[name]
        if is_variable(op) or is_input(op) or name in fed:
            continue
        inputs = [source for source, _ in op.inputs]
        if op.type not in ("Switch", "RefSwitch"):
            inputs = list_operands(graph, op)
        todo += [
            source for source in inputs if not is_of_shape(graph, source) or get_constant(graph, source) is not None
        ]
    return found


def condense(graph: Graph, roots: Collection[str], losses: Collection[str]) -> list[Block]:
    """Return the blocks that compute ``roots``, in the graph's order; the ``losses`` are those of training ops."""
    shown = walk(graph, roots)
    groups = find_penalties(graph, shown)
    called = {first: f"{_get_base(first)}s" for first in groups}
    boxes = (_find_ends(graph, shown, set(roots) | set(losses)) - _join(groups)) | set(groups)
    blocks, todo = {}, [name for name in graph.ops if name in boxes]
    while todo:
        name = todo.pop()
        if name in blocks:
            continue
        op = graph.ops[name]
        if is_variable(op) or is_input(op):
            blocks[name] = Block(
                name, "variable" if is_variable(op) else "input", call(graph, name), "", {}, frozenset([name]), op.scope
            )
            continue
        scope = () if name in groups else op.scope
        formula = Formula(
            graph, boxes, lambda leaf, scope=scope: called.get(leaf) or _name_leaf(graph, leaf, scope), groups
        )
        text = formula.write(name)
        own = called.get(name) or call(graph, name)
        blocks[name] = Block(name, "value", own, text, formula.leaves, frozenset(formula.ops), scope)
        todo += [leaf for leaf, _ in formula.leaves if leaf not in blocks]
    used = {leaf for block in blocks.values() for leaf, _ in block.leaves} | set(roots)
    ordered = [blocks[name] for name in graph.ops if name in blocks and name in used]
    of_losses = walk(graph, losses) if losses else set()
    for block in ordered:
        if block.kind == "value":
            block.kind = _find_kind(graph, block, block.op in losses, of_losses)
    return ordered


def call(graph: Graph, name: str) -> str:
    """Return what an op is called: a person's own name, that of its layer, or its own."""
    if own := graph.get_name(name):
        return own
    op = graph.ops[name]
    if is_variable(op) or is_input(op):
        return name
    base = name.rpartition("/")[2]
    if (
        op.scope
        and re.fullmatch(r"[A-Z]\w*|add(_[0-9]+)?|mul(_[0-9]+)?", base)
        and op.type in (*ACTIVATIONS, "BiasAdd", "AddV2")
    ):
        return "/".join(op.scope)
    return name


def _get_base(name: str) -> str:
    return re.sub(r"_[0-9]+$", "", name.rpartition("/")[2])


def _join(groups: dict[str, list[str]]) -> set[str]:
    return {name for group in groups.values() for name in group}


def _name_leaf(graph: Graph, leaf: str, scope: tuple[str, ...]) -> str:
    """Return what a formula calls a leaf: within its scope by the last part of its name."""
    name = call(graph, leaf)
    prefix = "/".join(scope) + "/" if scope else ""
    return name.removeprefix(prefix) if is_variable(graph.ops[leaf]) else name


def _find_ends(graph: Graph, shown: set[str], roots: set[str]) -> set[str]:
    """Return the ops with a box of their own: what a person named, what is used twice, where a layer ends."""
    inside = {
        inner
        for name in shown
        if find_call(graph, name) or find_dropout(graph, name)
        for inner in graph.find_needed([name], waits=False)
        if inner.startswith((f"{name}/", f"{name.rpartition('/')[0]}/"))
        and not (is_variable(graph.ops[inner]) or is_input(graph.ops[inner]))
        and name != inner
        and (find_call(graph, name) is None or inner.startswith(f"{name}/"))
    }
    ends = set()
    for name in shown:
        op = graph.ops[name]
        if is_variable(op) or is_input(op) or name in roots:
            ends.add(name)
        elif name in inside or find_variable(graph, name) or is_of_shape(graph, name) or _is_handed_on(graph, op):
            continue
        elif graph.get_name(name) or _count_uses(graph, name, shown) > 1 or _ends_layer(graph, op, shown):
            ends.add(name)
    return ends


def _is_handed_on(graph: Graph, op: Op) -> bool:
    """Return whether an op only hands on, or turns, what it takes: it is named where that has no name."""
    if op.type in ("Switch", "RefSwitch", "Enter", "RefEnter"):
        return True
    if op.type == "Transpose":
        return find_variable(graph, op.inputs[0][0]) is not None
    return op.type in PASSED_ON and not graph.get_name(op.name)


def _count_uses(graph: Graph, name: str, shown: set[str]) -> int:
    """Return how many ops take an op's value, through those that hand it on; a formula's own repeats apart."""
    uses = set()
    for taker in graph.consumers[name]:
        if taker.name not in shown or is_of_shape(graph, taker.name):
            continue
        if _is_handed_on(graph, taker):
            uses |= {other.name for other in graph.consumers[taker.name] if other.name in shown}
        else:
            uses.add(taker.name)
    return len(uses)


def _ends_layer(graph: Graph, op: Op, shown: set[str]) -> bool:
    """Return whether an op without a name is the last of a layer: its activation, or what none follows."""
    if op.type in ALONE:
        return True
    if not _is_affine(graph, op):
        return False
    takers = [taker for taker in graph.consumers[op.name] if taker.name in shown and not is_of_shape(graph, taker.name)]
    return not (len(takers) == 1 and (_is_affine(graph, takers[0]) or takers[0].type in PASSED_ON))


def _is_affine(graph: Graph, op: Op) -> bool:
    """Return whether an op belongs to a layer: a product with a variable, its bias, its activation."""
    while op.type in (*ACTIVATIONS, *PASSED_ON) and op.inputs:
        op = graph.ops[op.inputs[0][0]]
    if op.type in ("BiasAdd", "AddV2", "Add"):
        sides = [graph.ops[name] for name, _ in op.inputs]
        return any(find_variable(graph, side.name) for side in sides) and any(side.type in AFFINE for side in sides)
    return op.type in AFFINE and any(_holds_variable(graph, name) for name, _ in op.inputs)


def _holds_variable(graph: Graph, name: str) -> bool:
    op = graph.ops[name]
    while op.type in ("Transpose", *PASSED_ON) and op.inputs:
        op = graph.ops[op.inputs[0][0]]
    return is_variable(op) or is_variable(graph.ops[name])


def _find_kind(graph: Graph, block: Block, is_loss: bool, of_losses: set[str]) -> Kind:
    types = {graph.ops[name].type for name in block.ops}
    variables = {leaf for leaf, _ in block.leaves if is_variable(graph.ops[leaf])}
    others = {leaf for leaf, _ in block.leaves} - variables
    if is_loss:
        return "loss"
    if types & set(AFFINE) and variables:
        return "layer"
    if any(find_dropout(graph, name) for name in block.ops):
        return "dropout"
    if any(is_random(graph.ops[name]) for name in block.ops):
        return "noise"
    if variables and not others and ("L2Loss" in types or graph.ops[block.op].get_shape() == ()):
        return "penalty"
    is_scalar = graph.ops[block.op].get_shape() == ()
    is_called = re.search(r"loss|cost|entropy|penalty|mse", block.name, re.IGNORECASE)
    if is_called or (is_scalar and block.op in of_losses) or any("CrossEntropy" in kind for kind in types):
        return "loss"
    return "value"
