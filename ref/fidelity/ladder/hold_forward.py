"""Hold B's forward ops against A's: walk through them, each fed with A's own tensors."""

import contextlib
import random

import numpy as np
import tensorflow.compat.v1 as tf

from ref.fidelity.ladder.hold_step import describe_distance
from ref.fidelity.ladder.walk import Side, Walk
from ref.fidelity.record.nudge import nudge
from ref.fidelity.record.probe import is_fetchable


def hold_forward(pair, terminals: list[str]) -> dict:
    """Return what a walk to B's ``terminals`` finds, as JSON takes it; ``pair`` is a ref.fidelity.ladder.hold.Pair."""
    point, other = pair.point, pair.other
    a = Side(pair.a, point["terminals"], [*point["feeds"], *point["draws"]])
    b = Side(pair.b, terminals, [*other["feeds"], *other["draws"]])
    known = {other: name for pairs in (pair.feeds, pair.draws) for name, other in pairs.items()}
    known = {b.see_through(x): a.see_through(y) for x, y in known.items()}
    known.update({f"{other}:0": f"{name}:0" for name, other in pair.variables.items()})
    values = {a.see_through(name): pair.theirs.get(key) for name, key in point["values"].items()}
    with Evaluator(pair, values, b) as evaluator:
        walk = Walk(a, b, values, known, evaluator.evaluate)
        walk.run(evaluator.evaluate_at_once())
    return describe_walk(walk, values)


class Evaluator:
    """B's tensors, computed where A's values are fed to those that have counterparts; within a with statement."""

    def __init__(self, pair, values: dict[str, np.ndarray], b: Side):
        self._pair, self._values, self._b = pair, values, b
        self._sessions, self._stack, self._numbers = {}, contextlib.ExitStack(), random.Random(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _open(self, seed: int | None):
        if seed not in self._sessions:
            self._sessions[seed] = self._stack.enter_context(self._pair.open(seed))
        return self._sessions[seed]

    def evaluate_at_once(self) -> dict[str, np.ndarray]:
        """Return B's forward tensors of one run on A's variables and feeds."""
        run, feeds = self._open(None)
        tensors = [self._pair.graph.get_tensor_by_name(name) for name in self._b.nodes]
        tensors = [tensor for tensor in tensors if is_fetchable(tensor)]
        try:
            return {tensor.name: np.asarray(value) for tensor, value in zip(tensors, run(tensors, feeds))}
        except (tf.errors.OpError, ValueError):
            return {}  # one of them cannot be computed; each is tried by itself

    def evaluate(self, tensor: str, pairs: dict[str, str], seed: int | None) -> np.ndarray | None:
        run, feeds = self._open(seed)
        graph, fed = self._pair.graph, dict(feeds)
        for one, name in pairs.items():
            if name in self._values and one != tensor and one in self._b.needed and not self._b.is_known(one):
                value = self._values[name]
                own_seed = seed and self._numbers.randrange(1, 2**31)  # of each tensor its own, but for UP
                fed[graph.get_tensor_by_name(one)] = value if seed is None else nudge(value, own_seed)
        if not is_fetchable(graph.get_tensor_by_name(tensor)):
            return None
        try:
            return np.asarray(run(graph.get_tensor_by_name(tensor), fed))
        except (tf.errors.OpError, ValueError):
            return None  # in a loop or a branch not taken, or of shapes that do not fit


def describe_walk(walk: Walk, values: dict) -> dict:
    """Return what a walk found: what is a counterpart of what, what is rounded otherwise, and where the two part."""
    a, b = walk.a, walk.b
    pairs = [[tensor, name] for tensor, name in walk.pairs.items() if tensor in walk.distances]
    terminals = [
        [x if a.is_constant(x) and walk.is_same_input(y, x) else walk.pairs.get(y), x, y]
        for x, y in zip(a.terminals, b.terminals)
    ]
    rounded = [[x, list(walk.distances[x])] for x, _ in pairs if not walk.distances[x].is_equal]
    constants = [list(pair) for pair in walk.otherwise if has_other_constants(walk, *pair)]
    opened = {"a": walk.list_open(a), "b": walk.list_open(b)}
    first = {"a": walk.list_first(a), "b": walk.list_first(b)}
    held = {}
    for x in opened["a"]:
        for y in opened["b"]:
            if x in values and y in walk.values and values[x].shape == walk.values[y].shape:
                held[f"{x}|{y}"] = describe_distance(values[x], walk.values[y])
    return {
        "n_nodes": len(a.nodes), "pairs": pairs, "terminals": terminals, "rounded": rounded, "open": opened,
        "first": first, "held": held, "constants": constants, "n_otherwise": len(walk.otherwise),
    }  # fmt: skip


def has_other_constants(walk: Walk, tensor: str, name: str) -> bool:
    """Return whether the same op of the same inputs, but for a constant, gave the same values."""
    inputs, others = walk.b.inputs(tensor), walk.a.inputs(name)
    if walk.b.op(tensor)["type"] != walk.a.op(name)["type"] or len(inputs) != len(others):
        return False
    differing = [pair for pair in zip(inputs, others) if not walk.is_same_input(*pair)]
    return bool(differing) and all(walk.b.is_constant(x) and walk.a.is_constant(y) for x, y in differing)
