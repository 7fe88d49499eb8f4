"""Hold a run (B, live in this process) against a recorded one (A): every step that is looked at, on A's own numbers.

Of each point of A: B's forward ops are fed A's tensors one by one (ref/fidelity/walk.py), B's gradients are taken at
A's variables, and B's training op is run once from A's state, with A's feeds and draws. What comes back is data, as
JSON takes it, which ref/fidelity/ladder.py reads.
"""

import json
import os
import random
import time

import numpy as np
import tensorflow.compat.v1 as tf

from ref.fidelity import graphs, pairing
from ref.fidelity.probe import compute_arguments, compute_gradients, find_terminals, is_fetchable, list_points, open_at
from ref.fidelity.rounding import find_farthest, is_rounding, measure, nudge
from ref.fidelity.store import Store
from ref.fidelity.walk import Side, Walk


def hold_against(seen, store: Store, directory: str, steps: list[int], renamed: dict[str, str]) -> list[dict]:
    """Return what is found at each point of the run recorded in ``directory``."""
    record = wait_for_record(directory)
    theirs = Store(os.path.join(directory, "arrays"))
    described = [graphs.describe_graph(graph) for graph in seen.graphs]
    points = list_points(seen.events, steps)
    order_a, order_b = order_ops(record["points"]), order_ops(points)
    found = []
    for point in record["points"]:
        other = find_counterpart(point, points, order_a, order_b)
        if other is None or point["graph"] >= len(described):
            found.append({"kind": point["kind"], "missing": True, "a": name_point(point)})
            continue
        points.remove(other)
        pair = _Pair(record, theirs, point, seen, described, store, other, renamed)
        found.append(pair.hold())
    return found


def wait_for_record(directory: str) -> dict:
    """Return the record of a run that may still be under way; it ends, or whoever started both ends this process."""
    path = os.path.join(directory, "record.json")
    while not os.path.exists(path):
        time.sleep(0.05)
    with open(path) as file:
        return json.load(file)


def find_counterpart(point: dict, points: list[dict], order_a: list[str], order_b: list[str]) -> dict | None:
    """Return B's event that is A's ``point``: that step of the training op used in its turn; the next evaluation."""
    if point["kind"] == "evaluation":
        alike = [one for one in points if one["kind"] == "evaluation" and one["graph"] == point["graph"]]
        same = [one for one in alike if count_ends(one) == count_ends(point)]
        return next(iter(same or alike), None)
    position = order_a.index(point["op"])
    name = order_b[position] if position < len(order_b) else None
    return (
        next((one for one in points if one.get("op") == name and one.get("step") == point["step"]), None)
        if name
        else None
    )


def count_ends(event: dict) -> tuple[int, int]:
    return len(event["fetches"]), len(event["feeds"])


def order_ops(points: list[dict]) -> list[str]:
    return list(dict.fromkeys(one["op"] for one in points if one["kind"] == "step"))


def name_point(point: dict) -> str:
    return (
        f"{point['op'].partition('|')[2]} step {point['step']}"
        if point["kind"] == "step"
        else f"evaluation of {point['fetches'][0]}"
    )


class _Pair:
    """A point of A and its counterpart in B."""

    def __init__(self, record, theirs, point, seen, described, store, other, renamed):
        self._a, self._theirs, self._point = record["graphs"][point["graph"]], theirs, point
        self._seen, self._b, self._store, self._other = seen, described[other["graph"]], store, other
        self._graph = seen.graphs[other["graph"]]
        self._optimizer = {}
        self.variables = pairing.pair_variables(self._a, self._b, renamed)
        if point["kind"] == "step":
            blank = {name: dict(update, arguments={}) for name, update in self._read_updates().items()}
            self.variables = pairing.pair_slots(self.variables, point["optimizer"], blank)
        outputs = pairing.list_outputs(self._a), pairing.list_outputs(self._b)
        self._feeds = pairing.pair_tensors(point["feeds"], other["feeds"], *outputs)
        self._draws = pairing.pair_tensors(point["draws"], other["draws"], *outputs)

    def _read_updates(self):
        found = {}
        name = self._other["op"].partition("|")[2]
        for op, arguments in graphs.find_updates(graphs.find_needed([self._graph.as_graph_element(name)])):
            slots = {
                key: graphs.find_variable(tensor) for key, tensor in arguments.items() if key not in ("var", "grad")
            }
            found[graphs.find_variable(arguments["var"])] = {
                "type": op.type, "slots": {key: slot for key, slot in slots.items() if slot},
            }  # fmt: skip
        return found

    def hold(self) -> dict:
        found = {"kind": self._point["kind"], "a": name_point(self._point), "b": name_point(self._other)}
        found.update(op=self._point.get("op"), op_b=self._other.get("op"), step=self._point.get("step"))
        found.update(graph=self._point["graph"], graph_b=self._other["graph"], variables=self.variables)
        found["feeds"], found["draws"] = self._feeds, self._draws
        terminals = find_terminals(self._seen, self._other)
        found.update(terminals=[self._point["terminals"], terminals])
        try:
            found["forward"] = self._walk(terminals)
            if self._point["kind"] == "step":
                found["gradients"] = self._hold_gradients()
                found["optimizer"] = self._hold_optimizer()
                found["after"] = self._hold_step()
        except (tf.errors.OpError, ValueError) as error:  # B's graph does not take A's numbers: of other shapes
            found["refused"] = str(error).splitlines()[0]
        return found

    def _get_state(self, seed=None):
        """Return B's variables in A's state, nudged with ``seed``; those that A has not are as in B."""
        state = {name: self._store.get(key) for name, key in self._other["before"].items()}
        for name, key in self._point["before"].items():
            if name in self.variables and self.variables[name] in state:
                value = self._theirs.get(key)
                state[self.variables[name]] = value if seed is None else nudge(value, seed)
        return state

    def _get_feeds(self, seed=None):
        feeds = {name: self._store.get(key) for name, key in {**self._other["feeds"], **self._other["draws"]}.items()}
        for pairs, keys in ((self._feeds, self._point["feeds"]), (self._draws, self._point["draws"])):
            for name, other in pairs.items():
                value = self._theirs.get(keys[name])
                feeds[other] = value if seed is None else nudge(value, seed)
        return feeds

    def _open(self, seed=None):
        return open_at(self._graph, self._store, self._other, self._get_state(seed), self._get_feeds(seed))

    def _walk(self, terminals) -> dict:
        given = [*self._point["feeds"], *self._point["draws"]], [*self._other["feeds"], *self._other["draws"]]
        a = Side(self._a, self._point["terminals"], given[0])
        b = Side(self._b, terminals, given[1])
        known = {other: name for pairs in (self._feeds, self._draws) for name, other in pairs.items()}
        known = {b.see_through(x): a.see_through(y) for x, y in known.items()}
        known.update({f"{other}:0": f"{name}:0" for name, other in self.variables.items()})
        values = {a.see_through(name): self._theirs.get(key) for name, key in self._point["values"].items()}
        walk = Walk(a, b, values, known, self._make_evaluate(values, b))
        with self._open() as plain, self._open(1) as nudged:
            self._sessions = plain, nudged
            walk.run(self._evaluate_at_once(b, *plain))
        return describe_walk(walk, values)

    def _evaluate_at_once(self, b, run, feeds) -> dict[str, np.ndarray]:
        tensors = [self._graph.get_tensor_by_name(name) for name in b.nodes]
        tensors = [tensor for tensor in tensors if is_fetchable(tensor)]
        try:
            return {tensor.name: np.asarray(value) for tensor, value in zip(tensors, run(tensors, feeds))}
        except (tf.errors.OpError, ValueError):
            return {}  # one of them cannot be computed; each is tried by itself

    def _make_evaluate(self, values, b):
        numbers = random.Random(0)

        def evaluate(tensor, pairs, n_nudged):
            run, feeds = self._sessions[min(n_nudged, 1)]
            fed = dict(feeds)
            for one, name in pairs.items():
                if name in values and one != tensor and one in b.needed and not b.is_known(one):
                    seed = numbers.randrange(2**31)
                    fed[self._graph.get_tensor_by_name(one)] = nudge(values[name], seed) if n_nudged else values[name]
            try:
                return np.asarray(run(self._graph.get_tensor_by_name(tensor), fed))
            except (tf.errors.OpError, ValueError):
                return None  # in a loop or a branch not taken, or of shapes that do not fit

        return evaluate

    def _hold_gradients(self) -> list[dict]:
        """Return of each variable that either updates: both gradients' norms, and how far they are apart."""
        ours = self._compute_gradients()
        theirs = {self.variables.get(name, name): (name, *pair) for name, pair in self._point["gradients"].items()}
        nudged = None
        found = []
        for name in dict.fromkeys([*theirs, *ours]):
            row = {"variable": theirs.get(name, (name,))[0], "b": name if name in ours else None, "a": name in theirs}
            if name in ours and name in theirs:
                one, other = self._theirs.get(theirs[name][2]), ours[name]
                if one.shape != other.shape:
                    row["shapes"] = [list(one.shape), list(other.shape)]
                else:
                    if nudged is None and not np.array_equal(one, other):
                        nudged = self._compute_gradients(seed=2)
                    row.update(describe_distance(one, other, nudged and nudged[name]))
            found.append(row)
        return found

    def _compute_gradients(self, seed=None):
        with self._open(seed) as (run, feeds):
            return {name: value for name, _, value in compute_gradients(self._graph, self._other, run, feeds)}

    def _hold_optimizer(self) -> list[dict]:
        """Return of each number that an optimizer takes and that differs (learning rate, …): both."""
        with self._open() as (run, feeds):
            ours = compute_arguments(self._graph, self._other, run, feeds)
        found = []
        for name, update in self._point["optimizer"].items():
            other = ours.get(self.variables.get(name, name))
            if other is None:
                continue
            if other["type"] != update["type"]:
                found.append({"variable": name, "argument": "op", "values": [update["type"], other["type"]]})
                continue
            for key, value in update["arguments"].items():
                pair = float(self._theirs.get(value).ravel()[0]), float(other["arguments"][key].ravel()[0])
                if pair[0] != pair[1] and not (np.isnan(pair[0]) and np.isnan(pair[1])):
                    found.append({"variable": name, "argument": key, "values": list(pair)})
        return found

    def _hold_step(self) -> list[dict]:
        """Return of each variable after the step, from A's state on: A's own beside what B makes of it."""
        ours, before = self._run_step(), self._get_state()
        nudged = None
        found = []
        for name, key in self._point["after"].items():
            other = self.variables.get(name)
            if other not in ours:
                continue
            one = self._theirs.get(key)
            if one.shape == ours[other].shape:
                if nudged is None and not np.array_equal(one, ours[other]):
                    nudged = self._run_step(seed=3)
                moved = nudged and before[other] + (nudged[other] - nudge(before[other], 3))
                row = describe_distance(one, ours[other], moved, before[other])
                found.append({"variable": name, "b": other, **row})
        return found

    def _run_step(self, seed=None):
        name = self._other["op"].partition("|")[2]
        variables = graphs.list_variables(self._graph)
        with self._open(seed) as (run, feeds):
            run([self._graph.as_graph_element(name)], feeds)
            return dict(zip((variable.op.name for variable in variables), run(variables)))


def describe_distance(one, other, nudged=None, before=None) -> dict:
    distance = measure(one, other, (lambda: nudged) if nudged is not None else None, before)
    described = {"distance": list(distance), "is_rounding": bool(is_rounding(distance))}
    if not distance.is_equal:
        described["values"] = list(find_farthest(one, other))
    return described


def describe_walk(walk: Walk, values: dict) -> dict:
    """Return what a walk found: what is a counterpart of what, what is rounded otherwise, and where the two part."""
    a, b = walk.a, walk.b
    pairs = [[tensor, name] for tensor, name in walk.pairs.items() if tensor in walk.distances]
    terminals = [[walk.pairs.get(y), x, y] for x, y in zip(a.terminals, b.terminals)]
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
        "inputs": {"a": {x: a.inputs(x) for x in opened["a"]}, "b": {y: b.inputs(y) for y in opened["b"]}},
    }  # fmt: skip


def has_other_constants(walk: Walk, tensor: str, name: str) -> bool:
    """Return whether the same op of the same inputs, but for a constant, gave the same values."""
    inputs, others = walk.b.inputs(tensor), walk.a.inputs(name)
    if walk.b.op(tensor)["type"] != walk.a.op(name)["type"] or len(inputs) != len(others):
        return False
    differing = [pair for pair in zip(inputs, others) if not walk.is_same_input(*pair)]
    return bool(differing) and all(walk.b.is_constant(x) and walk.a.is_constant(y) for x, y in differing)
