"""Walk through B's forward ops in the graph's order, each fed with A's own tensors, and find each one's counterpart.

A tensor of B is the counterpart of one of A where the same op of the same inputs gave it, or else where its values are
the same: what is computed otherwise to the same end differs nowhere. What has no counterpart, though its inputs have,
and reaches a loss or a result, is where the two part.
"""

import math

import numpy as np

from ref.fidelity.ladder.rounding import Distance, is_rounding, measure
from ref.fidelity.record import kinds

SUMS = ("Sum", "Mean", "L2Loss")


class Side:
    """The forward ops of one graph: what each tensor is computed from, seen through what only hands values on."""

    def __init__(self, graph, terminals, given):
        self.ops = {op["name"]: op for op in graph["ops"]}
        self._type_of = {tensor: op for op in graph["ops"] for tensor, _, _ in op["outputs"]}
        self.given = {self.see_through(name) for name in given}
        self.terminals = [self.see_through(name) for name in terminals]
        self.needed = self._find_needed()
        self.nodes = [  # tensors in the graph's order
            tensor
            for op in graph["ops"]
            for tensor, _, _ in op["outputs"]
            if tensor in self.needed and not self.is_known(tensor) and op["type"] not in kinds.PASSED_ON
        ]

    def op(self, tensor):
        return self._type_of[tensor]

    def see_through(self, tensor):
        """Return the tensor that ``tensor`` is, behind ops that hand it on."""
        op = self._type_of[tensor]
        while op["type"] in kinds.PASSED_ON and op["inputs"]:
            tensor = op["inputs"][0]
            op = self._type_of[tensor]
        return tensor

    def inputs(self, tensor):
        return [self.see_through(name) for name in self._type_of[tensor]["inputs"]]

    def is_known(self, tensor):
        """Return whether a tensor is a constant, a variable, or given."""
        return tensor in self.given or self._type_of[tensor]["type"] in ("Const", *kinds.VARIABLES)

    def shape(self, tensor):
        return next(shape for name, _, shape in self._type_of[tensor]["outputs"] if name == tensor)

    def constant(self, tensor):
        return self._type_of[tensor].get("constant")

    def is_constant(self, tensor):
        return self._type_of[tensor]["type"] == "Const"

    def _find_needed(self):
        todo, needed = list(self.terminals), set()
        while todo:
            tensor = todo.pop()
            if tensor not in needed:
                needed.add(tensor)
                todo += [] if self.is_known(tensor) else self.inputs(tensor)
        return needed


class Walk:
    """``pairs`` maps B's tensors to A's; ``distances`` says how far apart they were; ``values`` are B's."""

    def __init__(self, a, b, values_of_a, pairs, evaluate):
        """``a`` and ``b`` are Sides, ``values_of_a`` A's arrays, ``pairs`` what is known to be the same before.

        ``evaluate(tensor, pairs, seed)`` returns B's tensor where A's values are fed to what is in pairs; with
        a seed their last bits are moved.
        """
        self.a, self.b, self.pairs, self.distances, self.values = a, b, dict(pairs), {}, {}
        self._values_of_a, self._evaluate = values_of_a, evaluate
        self._taken = set(self.pairs.values())
        self.otherwise = []  # pairs of the same values, computed by other ops

    def run(self, at_once: dict[str, np.ndarray]):
        """Find counterparts; ``at_once`` are B's tensors of one run on A's variables and feeds.

        Where all that a tensor is computed from is equal to A's to the bit, that is what it is of A's own tensors, too.
        """
        for tensor in self.b.nodes:
            is_same = tensor in at_once and all(map(self._is_exact, self.list_sources(self.b, tensor)))
            value = at_once[tensor] if is_same else self._evaluate(tensor, self.pairs, None)
            if value is None or value.dtype.kind not in "fiub":
                continue
            self.values[tensor] = value
            self._find_counterpart(tensor, value)

    def _is_exact(self, tensor):
        return self.b.is_known(tensor) or (tensor in self.distances and self.distances[tensor].is_equal)

    def _find_counterpart(self, tensor, value):
        alike = self._find_alike(tensor)
        left = [name for name in self.a.nodes if name in self._values_of_a and name not in self._taken]
        if alike in left:
            distance = self._hold(tensor, alike, value)
            if distance is not None and (distance.is_equal or is_rounding(distance)):
                self._take(tensor, alike, distance)
                return
        exact = [name for name in left if is_same(self._values_of_a[name], value)]
        exact.sort(key=lambda name: self.a.op(name)["type"] != self.b.op(tensor)["type"])
        if exact:
            self._take(tensor, exact[0], Distance(0.0, 0.0, 0.0))
        else:
            self._find_near(tensor, value, left)
        if tensor in self.pairs and self.pairs[tensor] != alike:
            self.otherwise.append((tensor, self.pairs[tensor]))

    def _find_near(self, tensor, value, left):
        if value.dtype.kind != "f" or not value.size:
            return
        for name in left:
            other = self._values_of_a[name]
            if other.shape == value.shape and other.dtype == value.dtype and np.allclose(other, value, 1e-3, 1e-6):
                distance = self._hold(tensor, name, value)
                if is_rounding(distance):
                    self._take(tensor, name, distance)
                    return

    def _hold(self, tensor, name, value):
        other = self._values_of_a[name]
        if other.shape != value.shape:
            return None
        n_terms = self._count_terms(tensor) / max(value.size, 1)
        return measure(other, value, lambda seed: self._evaluate(tensor, self.pairs, seed), n_terms=n_terms)

    def _count_terms(self, tensor):
        """Return how many numbers a sum takes in; 1 of any other op."""
        if self.b.op(tensor)["type"] not in SUMS:
            return 1
        name = self.b.op(tensor)["inputs"][0]
        if name in self.values:
            return self.values[name].size
        return math.prod(size or 1 for size in self.b.shape(name) or ())

    def _take(self, tensor, name, distance):
        self.pairs[tensor], self.distances[tensor] = name, distance
        self._taken.add(name)

    def _find_alike(self, tensor):
        """Return A's tensor of the same op, attributes and inputs, or None."""
        op, inputs = self.b.op(tensor), self.b.inputs(tensor)
        for name in self.a.nodes:
            other = self.a.op(name)
            is_alike = (other["type"], other["attributes"]) == (op["type"], op["attributes"])
            is_alike = is_alike and name.partition(":")[2] == tensor.partition(":")[2]
            if is_alike and name not in self._taken and self._are_same(inputs, self.a.inputs(name)):
                return name
        return None

    def _are_same(self, of_b, of_a):
        return len(of_b) == len(of_a) and all(self.is_same_input(x, y) for x, y in zip(of_b, of_a))

    def is_same_input(self, of_b, of_a):
        if self.b.is_constant(of_b) and self.a.is_constant(of_a):
            return self.b.constant(of_b) == self.a.constant(of_a)
        return self.pairs.get(of_b) == of_a

    def list_open(self, side):
        """Return the tensors of a side without a counterpart on which an open terminal depends, in order."""
        has_pair = self.pairs if side is self.b else self._taken
        todo, found = [name for name in side.terminals if self._is_open(side, name)], set()
        while todo:
            tensor = todo.pop()
            if tensor not in found and tensor not in has_pair and not side.is_known(tensor):
                found.add(tensor)
                todo += self.list_sources(side, tensor)
        return [tensor for tensor in side.nodes if tensor in found]

    def list_sources(self, side, tensor):
        """Return what a tensor is computed from, seen through what has no value of its own: the inside of a loop."""
        values = self.values if side is self.b else self._values_of_a
        todo, seen, found = side.inputs(tensor), set(), []
        while todo:
            name = todo.pop()
            if name in values or side.is_known(name):
                found.append(name)
            elif name not in seen:
                seen.add(name)
                todo += side.inputs(name)
        return found

    def _is_open(self, side, terminal):
        return terminal not in (self.pairs if side is self.b else self._taken)

    def list_first(self, side):
        """Return the open tensors all whose inputs have counterparts: where the two part."""
        opened = self.list_open(side)
        return [tensor for tensor in opened if not any(name in opened for name in self.list_sources(side, tensor))]


def is_same(one, other):
    """Return whether two arrays are equal to the bit."""
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
