"""Look again at steps that a run has made: every forward tensor, gradient and optimizer argument, in a fresh session.

A point is a step, or the first of evaluations that are alike. It is computed anew from what was kept of it (variables,
feeds, draws), so that nothing of it disturbs the script. Python 3.7 and TensorFlow 1.15.5 too.
"""

import contextlib

import numpy as np
import tensorflow.compat.v1 as tf

from ref.fidelity.record import graphs, kinds
from ref.fidelity.record.state import load

MAX_BYTES = 64 << 20  # of a tensor that is kept
NUMBERS = "fiub"


def list_points(events, steps):
    """Return the events to look at: those of the ``steps`` of each training op, and first evaluations."""
    kinds = [event for event in events if "before" in event]
    return [event for event in kinds if event["kind"] == "evaluation" or event["step"] in steps]


def probe(seen, store, steps):
    """Return what was computed at each point, as JSON takes it; arrays are in ``store``."""
    return [probe_point(seen, store, event) for event in list_points(seen.events, steps)]


def probe_point(seen, store, event):
    graph = seen.graphs[event["graph"]]
    point = dict(event, terminals=find_terminals(seen, event), values={}, gradients={}, optimizer={})
    with open_at(graph, store, event) as (run, feeds):
        tensors = [tensor for tensor in list_tensors(graph, point["terminals"], feeds) if is_fetchable(tensor)]
        for tensor, value in zip(tensors, run(tensors, feeds)):
            if value.dtype.kind in NUMBERS and value.nbytes <= MAX_BYTES:
                point["values"][tensor.name] = store.add(value)
        if event["kind"] == "step":
            for name, gradient, value in compute_gradients(graph, event, run, feeds):
                point["gradients"][name] = [gradient, store.add(value)]
            point["optimizer"] = {
                name: dict(update, arguments={key: store.add(value) for key, value in update["arguments"].items()})
                for name, update in compute_arguments(graph, event, run, feeds).items()
            }
    return point


@contextlib.contextmanager
def open_at(graph, store, event, state=None, feeds=None):
    """Open a session in the state and with the feeds (draws among them) of an event; yield (run, feeds)."""
    before = state or {name: store.get(key) for name, key in event["before"].items()}
    feeds = feeds or {name: store.get(key) for name, key in list(event["feeds"].items()) + list(event["draws"].items())}
    with contextlib.closing(tf.Session(graph=graph)) as session:

        def run(fetches, feed_dict=None):
            return [] if isinstance(fetches, list) and not fetches else session.run(fetches, feed_dict)

        load(lambda _, fetches, feed_dict: run(fetches, feed_dict), session, before)
        yield run, {graph.get_tensor_by_name(name): value for name, value in feeds.items()}


def find_terminals(seen, event):
    """Return the names of the tensors that an event is about: what was fetched, and of a step the loss."""
    graph = seen.graphs[event["graph"]]
    found = [name for name in event["fetches"] if ":" in name and is_number(graph.get_tensor_by_name(name))]
    if event["kind"] == "step":
        gradients = {arguments["grad"].name for _, arguments in find_updates(graph, event) if "grad" in arguments}
        losses = [
            loss for number, loss, names in seen.losses if number == event["graph"] and is_of(graph, names, gradients)
        ]
        found = [name for name in losses if name not in found][-1:] + found
    return found


def is_of(graph, names, gradients):
    """Return whether the gradients ``names`` reach the updates that take ``gradients``, clipped or not."""
    known = {name for name in names if name}
    if known & gradients:
        return True
    needed = graphs.find_forward([graph.get_tensor_by_name(name) for name in gradients])
    return any(tensor.name in known for op in needed for tensor in op.outputs)


def find_updates(graph, event):
    name = event["op"].partition("|")[2]
    return graphs.find_updates(graphs.find_needed([graph.as_graph_element(name)]))


def list_tensors(graph, terminals, feeds):
    """Return the tensors, in the graph's order, that ``terminals`` are computed by; what is fed or constant apart."""
    given = {tensor.op for tensor in feeds}
    forward = graphs.find_forward([graph.get_tensor_by_name(name) for name in terminals], given)
    ops = [op for op in graph.get_operations() if op in forward and op.type != "Const"]
    return [tensor for op in ops if op.type not in kinds.VARIABLES for tensor in op.outputs]


def is_number(tensor):
    """Return whether a tensor holds numbers; a summary, say, is text."""
    return tensor.dtype.base_dtype not in (tf.resource, tf.variant, tf.string)


def is_fetchable(tensor):
    """Return whether a tensor can be fetched for itself, and is no variable's memory."""
    op = tensor.op
    if op.type in kinds.RANDOM_OPS or op.type in kinds.CONTROL_FLOW[:2] or graphs.find_variable(tensor):
        return False
    in_branch = op._get_control_flow_context() is not None and op.type not in ("Merge", "RefMerge", "Exit", "RefExit")
    return op.graph.is_fetchable(tensor) and not in_branch and is_number(tensor)


def compute_gradients(graph, event, run, feeds):
    """Return (variable, gradient's name, value) of each variable that the step updates, in the graph's order."""
    updates = [
        (graphs.find_variable(one["var"]), one["grad"]) for _, one in find_updates(graph, event) if "grad" in one
    ]
    values = run([gradient for _, gradient in updates], feeds)
    return [(name, gradient.name, value) for (name, gradient), value in zip(updates, values)]


def compute_arguments(graph, event, run, feeds):
    """Return of each variable the optimizer's op, its slots by argument, and its numbers (learning rate, …)."""
    found = {}
    for op, arguments in find_updates(graph, event):
        slots = {key: graphs.find_variable(tensor) for key, tensor in arguments.items() if key not in ("var", "grad")}
        slots = {key: name for key, name in slots.items() if name}
        numbers = [key for key in arguments if key not in slots and key not in ("var", "grad", "indices")]
        values = run([arguments[key] for key in numbers], feeds)
        found[graphs.find_variable(arguments["var"])] = {
            "type": op.type.replace("Resource", ""),
            "slots": slots,
            "arguments": dict(zip(numbers, map(np.asarray, values))),
            "where": graphs.find_place(op),
        }
    return found
