"""Hold a run (B, live in this process) against a recorded one (A): every step that is looked at, on A's own numbers.

Of each point of A: B's forward ops are fed A's tensors one by one (walk.py), B's gradients are taken at
A's variables, and B's training op is run once from A's state, with A's feeds and draws. What comes back is data, as
JSON takes it, which climb.py reads.
"""

import json
import os
import time

import tensorflow.compat.v1 as tf

from ref.fidelity.ladder import pairing
from ref.fidelity.ladder.hold_forward import hold_forward
from ref.fidelity.ladder.hold_step import hold_step
from ref.fidelity.record import graphs
from ref.fidelity.record.nudge import nudge
from ref.fidelity.record.probe import find_terminals, list_points, open_at
from ref.fidelity.record.store import Store


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
        pair = Pair(record, theirs, point, seen, described, store, other, renamed)
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
        fed = [one for one in alike if bool(one["feeds"]) == bool(point["feeds"])]  # a look at a variable is no loss
        return next(iter(same or fed), None)
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


class Pair:
    """A point of A and its counterpart in B: what of B is what of A, and sessions of B's graph with A's numbers."""

    def __init__(self, record, theirs, point, seen, described, store, other, renamed):
        self.a, self.theirs, self.point = record["graphs"][point["graph"]], theirs, point
        self.seen, self.b, self.store, self.other = seen, described[other["graph"]], store, other
        self.graph = seen.graphs[other["graph"]]
        self.variables = pairing.pair_variables(self.a, self.b, renamed)
        if point["kind"] == "step":
            blank = {name: dict(update, arguments={}) for name, update in self._read_updates().items()}
            self.variables = pairing.pair_slots(self.variables, point["optimizer"], blank)
        outputs = pairing.list_outputs(self.a), pairing.list_outputs(self.b)
        self.feeds = pairing.pair_tensors(point["feeds"], other["feeds"], *outputs)
        self.draws = pairing.pair_tensors(point["draws"], other["draws"], *outputs)

    def _read_updates(self):
        found = {}
        name = self.other["op"].partition("|")[2]
        for op, arguments in graphs.find_updates(graphs.find_needed([self.graph.as_graph_element(name)])):
            slots = {
                key: graphs.find_variable(tensor) for key, tensor in arguments.items() if key not in ("var", "grad")
            }
            found[graphs.find_variable(arguments["var"])] = {
                "type": op.type, "slots": {key: slot for key, slot in slots.items() if slot},
            }  # fmt: skip
        return found

    def hold(self) -> dict:
        found = {"kind": self.point["kind"], "a": name_point(self.point), "b": name_point(self.other)}
        found.update(op=self.point.get("op"), op_b=self.other.get("op"), step=self.point.get("step"))
        found.update(graph=self.point["graph"], graph_b=self.other["graph"], variables=self.variables)
        found["feeds"], found["draws"] = self.feeds, self.draws
        terminals = find_terminals(self.seen, self.other)
        found.update(terminals=[self.point["terminals"], terminals])
        try:
            found["forward"] = hold_forward(self, terminals)
            if self.point["kind"] == "step":
                found.update(hold_step(self))
        except (tf.errors.OpError, ValueError) as error:  # B's graph does not take A's numbers: of other shapes
            found["refused"] = str(error).splitlines()[0]
        return found

    def get_state(self, seed=None):
        """Return B's variables in A's state, nudged with ``seed``; those that A has not are as in B."""
        state = {name: self.store.get(key) for name, key in self.other["before"].items()}
        for name, key in self.point["before"].items():
            if name in self.variables and self.variables[name] in state:
                value = self.theirs.get(key)
                state[self.variables[name]] = value if seed is None else nudge(value, seed)
        return state

    def get_feeds(self, seed=None):
        feeds = {name: self.store.get(key) for name, key in {**self.other["feeds"], **self.other["draws"]}.items()}
        for pairs, keys in ((self.feeds, self.point["feeds"]), (self.draws, self.point["draws"])):
            for name, other in pairs.items():
                value = self.theirs.get(keys[name])
                feeds[other] = value if seed is None else nudge(value, seed)
        return feeds

    def open(self, seed=None):
        """Open a session in A's state; yield (run, feeds), A's own, or with ``seed`` moved by their last bits."""
        return open_at(self.graph, self.store, self.other, self.get_state(seed), self.get_feeds(seed))
