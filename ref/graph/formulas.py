"""What an op computes, in a line of mathematics: from its own inputs, down to what has a box of its own."""

import re
from collections.abc import Callable, Collection

from ref.graph.read import Graph, Op
from ref.graph.roles import find_variable, get_constant, is_random

PASSED_ON = ("Identity", "ReadVariableOp", "StopGradient", "PreventGradient", "Cast", "Reshape", "Enter", "RefEnter",
             "Exit", "RefExit", "Squeeze", "ExpandDims", "Snapshot", "CheckNumerics", "Bitcast", "PlaceholderWithDefault",
             "EnsureShape", "NextIteration", "LoopCond", "IdentityN")  # fmt: skip
ONLY_FIRST = ("Mean", "Sum", "Max", "Min", "Prod", "All", "Any", "Transpose", "Tile", "Pad", "PadV2", "StridedSlice",
              "Slice", "ArgMax", "ArgMin")  # fmt: skip
OF_SHAPE = ("Shape", "ShapeN", "Size", "Rank", "VariableShape")
FUNCTIONS = {
    "BiasAdd": "+", "AddV2": "+", "Add": "+", "Sub": "−", "Mul": "×", "RealDiv": "/", "Div": "/", "TruncateDiv": "/",
    "FloorDiv": "//", "Greater": ">", "GreaterEqual": "≥", "Less": "<", "LessEqual": "≤", "Equal": "=",
    "MatMul": "·", "BatchMatMul": "·", "BatchMatMulV2": "·",
}  # fmt: skip
STRENGTH = {"·": 3, "×": 3, "/": 3, "//": 3, "+": 2, "−": 2, ">": 1, "≥": 1, "<": 1, "≤": 1, "=": 1}
ATOM = 9
# Ops that TensorFlow makes of one call, under the call's own name, which the last of them has.
CALLS = {"logistic_loss": "sigmoid_cross_entropy", "random_normal": "N", "truncated_normal": "N",
         "random_uniform": "uniform"}  # fmt: skip
WORDS = {
    "SparseSoftmaxCrossEntropyWithLogits": "softmax_cross_entropy",
    "SoftmaxCrossEntropyWithLogits": "softmax_cross_entropy",
    "InTopKV2": "in_top_k", "InTopK": "in_top_k", "RandomStandardNormal": "N", "TruncatedNormal": "N",
    "ConcatV2": "concat", "GatherV2": "gather", "Conv2D": "conv2d", "SoftmaxV2": "softmax",
}  # fmt: skip


def find_call(graph: Graph, name: str) -> str | None:
    """Return the function that an op is the result of, where TensorFlow makes several ops of it, as of a random draw."""
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
    """Return the share that is dropped: what a draw is compared with, or 1 less what is added to it and rounded down."""
    op = graph.ops[name]
    while op.type in ("Cast", "Floor"):
        op = graph.ops[op.inputs[0][0]]
    values = [get_constant(graph, source) for source, _ in op.inputs]
    value = next((one for one in values if one is not None), None)
    return value if op.type == "GreaterEqual" or value is None else round(1 - value, 6)


class Formula:
    """The text of what an op computes; ``leaves`` are the ops that it names, with how each is taken."""

    def __init__(self, graph: Graph, boxes: Collection[str], name_leaf: Callable[[str], str]):
        self._graph, self._boxes, self._name_leaf = graph, boxes, name_leaf
        self.leaves: dict[tuple[str, str], str] = {}  # (op, "transposed" or "" or "squared") -> a name of the transpose
        self.ops: set[str] = set()

    def write(self, name: str) -> str:
        return self._write(name, is_top=True)[0]

    def _leaf(self, name: str, how: str = "", called: str = "") -> tuple[str, int]:
        self.leaves[name, how] = called
        return self._name_leaf(name), ATOM

    def _write(self, name: str, is_top: bool = False) -> tuple[str, int]:
        op = self._graph.ops[name]
        if not is_top:
            if name in self._boxes:
                return self._leaf(name)
            if variable := find_variable(self._graph, name):
                return self._leaf(variable)
        self.ops.add(name)
        value = get_constant(self._graph, name)
        if value is not None:
            return write_number(value), ATOM
        if call := find_call(self._graph, name):
            return self._write_call(op, call)
        if found := find_dropout(self._graph, name):
            self.ops |= {one for one in self._graph.find_needed([name], waits=False) if one.startswith(_dirname(name))}
            value, rate = found
            of = self._write(value)[0]
            return f"dropout({of}, {write_number(rate)})" if rate is not None else f"dropout({of})", ATOM
        operands = list_operands(self._graph, op)
        if op.type in ("Merge", "RefMerge") and len(operands) == 2:
            return self._write_condition(op, operands)
        if op.type in ("Switch", "RefSwitch") or (op.type in PASSED_ON and operands):
            return self._write(operands[0])
        if op.type == "Transpose" and operands:
            return self._write_transposed(name, operands[0])
        if op.type == "AddN":
            return " + ".join(self._write(one)[0] for one in operands), STRENGTH["+"]
        if op.type == "L2Loss":
            variable = find_variable(self._graph, operands[0])
            text = self._leaf(variable, "squared")[0] if variable else self._write(operands[0])[0]
            return f"½ sum({text}²)", 3
        if op.type == "Square":
            return f"{self._strong(operands[0])}²", ATOM
        if op.type == "Neg":
            return f"−{self._strong(operands[0])}", STRENGTH["−"]
        if op.type in FUNCTIONS and len(operands) == 2:
            return self._write_sign(op, FUNCTIONS[op.type], operands)
        return f"{write_type(op.type)}({', '.join(self._write(one)[0] for one in operands)})", ATOM

    def _strong(self, name: str) -> str:
        text, strength = self._write(name)
        return text if strength == ATOM else f"({text})"

    def _write_sign(self, op: Op, sign: str, operands: list[str]) -> tuple[str, int]:
        left, right = (get_constant(self._graph, one) for one in operands)
        if (sign == "×" and right == 1) or (sign == "+" and right == 0):
            return self._write(operands[0])
        if sign == "×" and left == 1:
            return self._write(operands[1])
        strength = STRENGTH[sign]
        texts = []
        for number, one in enumerate(operands):
            transposed = sign == "·" and op.attributes["transpose_a" if number == 0 else "transpose_b"].b
            text, found = self._write_transposed(None, one) if transposed else self._write(one)
            is_weak = found < strength or (found == strength and number == 1 and sign in "−/")
            texts.append(f"({text})" if is_weak else text)
        return f" {sign} ".join(texts), strength

    def _write_transposed(self, name: str | None, source: str) -> tuple[str, int]:
        variable = find_variable(self._graph, source)
        called = self._graph.get_name(name) or "" if name else ""
        if variable:
            text = self._leaf(variable, "transposed", called)[0]
            return called or f"{text}ᵀ", ATOM
        return f"{self._strong(source)}ᵀ", ATOM

    def _write_condition(self, op: Op, operands: list[str]) -> tuple[str, int]:
        """Write ``a if training else b``; Merge takes the branch of False first."""
        predicate = self._find_predicate(operands)
        texts = [self._write(one)[0] for one in operands]
        if predicate is None:
            return " or ".join(texts), 0
        asked = self._write(predicate)[0]
        return f"{texts[1]} if {asked} else {texts[0]}", 0

    def _find_predicate(self, operands: list[str]) -> str | None:
        for name in operands:
            todo, seen = [name], set()
            while todo:
                one = self._graph.ops[todo.pop()]
                if one.type in ("Switch", "RefSwitch"):
                    self.ops |= seen | {one.name}
                    return one.inputs[1][0]
                if one.name not in seen and one.name not in self._boxes:
                    seen.add(one.name)
                    todo += [source for source, _ in one.inputs]
        return None

    def _write_call(self, op: Op, call: str) -> tuple[str, int]:
        inside = [one for one in self._graph.find_needed([op.name], waits=False) if one.startswith(f"{op.name}/")]
        self.ops |= set(inside)
        if call == "logistic_loss":
            outside = [
                source
                for one in (*inside, op.name)
                for source in list_operands(self._graph, self._graph.ops[one])
                if source not in inside and get_constant(self._graph, source) is None
            ]
            found = sorted(set(outside), key=list(self._graph.ops).index)
            return f"{CALLS[call]}({', '.join(self._write(one)[0] for one in found)})", ATOM
        numbers = [get_constant(self._graph, f"{op.name}/{part}") for part in ("mean", "stddev") if
                   f"{op.name}/{part}" in self._graph.ops]  # fmt: skip
        if call == "random_uniform":
            numbers = [get_constant(self._graph, f"{op.name}/{part}") for part in ("min", "max")
                       if f"{op.name}/{part}" in self._graph.ops]  # fmt: skip
        return f"{CALLS[call]}({', '.join(write_number(one) for one in numbers if one is not None)})", ATOM


def _dirname(name: str) -> str:
    return name.rpartition("/")[0] + "/"


def write_type(kind: str) -> str:
    """Return a type of ops as a function's name: ``Elu`` is ``elu``, ``MaxPool`` is ``max_pool``."""
    return WORDS.get(kind) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.sub(r"V[0-9]$", "", kind)).lower()


def write_number(value: float | bool | None) -> str:
    """Return a number as a person writes it: float32's 0.1 is 0.1, and not 0.10000000149."""
    if isinstance(value, bool) or value is None:
        return str(value)
    return f"{value:.6g}".replace("-", "−")
