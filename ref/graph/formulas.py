"""What an op computes, in a line of mathematics: from its own inputs, down to what has a box of its own."""

import re
from collections.abc import Callable, Collection

from ref.graph.calls import CALLS, PASSED_ON, find_call, find_dropout, list_operands
from ref.graph.read import Graph, Op
from ref.graph.roles import find_variable, get_constant

FUNCTIONS = {
    "BiasAdd": "+", "AddV2": "+", "Add": "+", "Sub": "−", "Mul": "×", "RealDiv": "/", "Div": "/", "TruncateDiv": "/",
    "FloorDiv": "//", "Greater": ">", "GreaterEqual": "≥", "Less": "<", "LessEqual": "≤", "Equal": "=",
    "MatMul": "·", "BatchMatMul": "·", "BatchMatMulV2": "·",
}  # fmt: skip
STRENGTH = {"·": 3, "×": 3, "/": 3, "//": 3, "+": 2, "−": 2, ">": 1, "≥": 1, "<": 1, "≤": 1, "=": 1}
ATOM = 9
WORDS = {
    "SparseSoftmaxCrossEntropyWithLogits": "softmax_cross_entropy",
    "SoftmaxCrossEntropyWithLogits": "softmax_cross_entropy",
    "InTopKV2": "in_top_k", "InTopK": "in_top_k", "RandomStandardNormal": "N", "TruncatedNormal": "N",
    "ConcatV2": "concat", "GatherV2": "gather", "Conv2D": "conv2d", "SoftmaxV2": "softmax",
}  # fmt: skip


class Formula:
    """The text of what an op computes; ``leaves`` are the ops that it names, with how each is taken."""

    def __init__(
        self, graph: Graph, boxes: Collection[str], name_leaf: Callable[[str], str], groups: dict[str, list[str]]
    ):
        self._graph, self._boxes, self._name_leaf, self._groups = graph, boxes, name_leaf, groups
        self._grouped = {name for group in groups.values() for name in group[1:]}
        self.leaves: dict[tuple[str, str], str] = {}  # (op, "transposed" or "" or "squared") -> a name of the transpose
        self.ops: set[str] = set()

    def write(self, name: str) -> str:
        if name in self._groups:
            return self._write_group(self._groups[name])
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
        if (penalty := self._write_penalties(op)) is not None:
            return penalty, STRENGTH["×"]
        if op.type == "AddN":
            terms = [one for one in operands if one not in self._grouped]
            return " + ".join(self._write(one)[0] for one in terms), STRENGTH["+"]
        if op.type == "L2Loss":
            return f"½ {self._write_squares(operands[0])}", STRENGTH["×"]
        if op.type == "Square":
            return f"{self._strong(operands[0])}²", ATOM
        if op.type == "Neg":
            return f"−{self._strong(operands[0])}", STRENGTH["−"]
        if op.type in FUNCTIONS and len(operands) == 2:
            return self._write_sign(op, FUNCTIONS[op.type], operands)
        along = _write_axis(self._graph, op)
        return f"{write_type(op.type)}({', '.join(self._write(one)[0] for one in operands)}{along})", ATOM

    def _write_squares(self, name: str) -> str:
        variable = find_variable(self._graph, name)
        return f"sum({self._leaf(variable, 'squared')[0] if variable else self._strong(name)}²)"

    def _write_penalties(self, op: Op) -> str | None:
        """Write a sum of L2 losses that have one weight as that weight times a sum; None where it is something else."""
        found = self._list_penalties(op)
        if not found or len(found) < 2 or len({scale for scale, *_ in found}) > 1:
            return None
        return self._join_penalties(found)

    def _write_group(self, group: list[str]) -> str:
        self.ops |= set(group)
        found = [one for name in group for one in self._list_penalties(self._graph.ops[name]) or ()]
        by_scale = {scale: [one for one in found if one[0] == scale] for scale, *_ in found}
        return " + ".join(map(self._join_penalties, by_scale.values()))

    def _join_penalties(self, found: list[tuple[float, set[str], str]]) -> str:
        sums = []
        for _, ops, source in found:
            self.ops |= ops
            sums.append(self._write_squares(source))
        return f"{write_number(found[0][0])} × ½ ({' + '.join(sums)})"

    def _list_penalties(self, op: Op) -> list[tuple[float, set[str], str]] | None:
        """Return (weight, ops, what is squared) of each term of a sum of weighted L2 losses; None where one is none."""
        if op.name in self._boxes and op.name not in self.ops:
            return None
        terms = [self._graph.ops[name] for name, _ in op.inputs]
        if op.type in ("Add", "AddV2", "AddN"):
            found = [self._list_penalties(term) for term in terms]
            self.ops.add(op.name)
            return None if None in found else [one for some in found for one in some]
        if op.type == "Mul" and len(terms) == 2:
            scale, losses = get_constant(self._graph, terms[0].name), terms[1]
            if scale is not None and losses.type == "L2Loss":
                return [(scale, {op.name, losses.name}, losses.inputs[0][0])]
        return None

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
        predicate = self._find_predicate(operands, _dirname(op.name))
        texts = [self._write(one)[0] for one in operands]
        if predicate is None:
            return " or ".join(texts), 0
        asked = self._write(predicate)[0]
        return f"{texts[1]} if {asked} else {texts[0]}", 0

    def _find_predicate(self, operands: list[str], scope: str) -> str | None:
        for name in operands:
            todo, seen = [name], set()
            while todo:
                one = self._graph.ops[todo.pop()]
                if one.type in ("Switch", "RefSwitch"):
                    self.ops |= seen | {one.name}
                    return one.inputs[1][0]
                if one.name not in seen and (one.name not in self._boxes or one.name.startswith(scope)):
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


def _write_axis(graph: Graph, op: Op) -> str:
    """Return ``, axis=0`` of a mean or sum along some axes, and nothing where it is of all that there is."""
    if op.type not in ("Mean", "Sum", "Max", "Min", "Prod") or len(op.inputs) < 2:
        return ""
    axis, rank = get_constant(graph, op.inputs[1][0]), len(graph.ops[op.inputs[0][0]].get_shape() or (1, 1))
    return f", axis={axis}" if axis is not None and rank > 1 else ""


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
