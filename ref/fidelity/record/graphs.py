"""What a graph holds, read without adding an op: its ops, what updates a variable, what a fetch needs, source lines.

TensorFlow 1.15.5 in Python 3.7 and TensorFlow 2 alike; nothing of ours is imported.
"""

import hashlib
import os
import sysconfig

import numpy as np
import tensorflow.compat.v1 as tf

from ref.fidelity.record.kinds import HIDDEN_ATTRIBUTES, KEPT_CONSTANT, UPDATE, VARIABLES

_OURS = tuple(os.path.join("ref", room) + os.sep for room in ("common", "fidelity", "originals", "data"))
_LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def describe_graph(graph):
    """Return what the graph holds, as JSON takes it."""
    with graph.as_default():
        trainable = {variable.op.name for variable in tf.trainable_variables()}
        variables = tf.global_variables()
    return {
        "seed": graph.seed,
        "ops": [describe_op(op) for op in graph.get_operations()],
        "variables": [
            {
                "name": variable.op.name,
                "shape": variable.shape.as_list() if variable.shape.dims is not None else None,
                "dtype": variable.dtype.base_dtype.name,
                "trainable": variable.op.name in trainable,
                "where": find_place(variable.op),
            }
            for variable in variables
        ],
    }


def describe_op(op):
    described = {
        "name": op.name,
        "type": op.type,
        "inputs": [tensor.name for tensor in op.inputs],
        "outputs": [[tensor.name, tensor.dtype.base_dtype.name, get_shape(tensor)] for tensor in op.outputs],
        "where": find_place(op),
        "attributes": describe_attributes(op),
    }
    if op.type == "Const":
        described["constant"] = describe_constant(op)
    if "seed2" in op.node_def.attr:
        described["seeds"] = [op.get_attr("seed"), op.get_attr("seed2")]
    return described


def describe_attributes(op):
    """Return what decides what an op computes, apart from its inputs, as text."""
    kept = sorted(name for name in op.node_def.attr if name not in HIDDEN_ATTRIBUTES and not name.startswith("_"))
    return {name: " ".join(str(op.node_def.attr[name]).split()) for name in kept if not name.startswith("seed")}


def describe_constant(op):
    value = tf.make_ndarray(op.get_attr("value"))
    if value.size <= KEPT_CONSTANT and value.dtype.kind in "fiub":
        return value.tolist()
    return hashlib.sha256(value.tobytes() if value.dtype.kind != "O" else repr(value.tolist()).encode()).hexdigest()


def get_shape(tensor):
    return None if tensor.shape.dims is None else tensor.shape.as_list()


def find_place(op):
    """Return [file, line] of the script that made the op: the innermost line that no library wrote; or None."""
    for frame in reversed(list(op.traceback or ())):
        name, line = (frame[0], frame[1]) if isinstance(frame, tuple) else (frame.filename, frame.lineno)
        if not is_of_library(name):
            return [name, line]
    return None


def is_of_library(name):
    """Return whether a file belongs to an installed package, to Python, or to what surrounds the ports."""
    is_frozen = name.startswith("<frozen") or name == "<string>"
    return is_frozen or name.startswith(_LIBRARIES) or "site-packages" in name or any(room in name for room in _OURS)


def list_variables(graph):
    """Return the graph's variables in their order of creation."""
    with graph.as_default():
        return tf.global_variables()


def find_needed(items, fed=()):
    """Return the ops that are run for ``items``, ops or tensors, where the ops ``fed`` are given."""
    todo, needed = [getattr(item, "op", item) for item in items], set()
    while todo:
        op = todo.pop()
        if op not in needed and op not in fed:
            needed.add(op)
            todo += [tensor.op for tensor in op.inputs]
            todo += op.control_inputs
    return needed


def find_forward(tensors, fed=()):
    """Return the ops that the values of ``tensors`` are computed by, where the ops ``fed`` are given.

    Those that only have to be run before are not among them.
    """
    todo, found = [tensor.op for tensor in tensors], set()
    while todo:
        op = todo.pop()
        if op not in found and op not in fed:
            found.add(op)
            todo += [] if op.type in VARIABLES else [tensor.op for tensor in op.inputs]
    return found


def list_saved(graph, save_tensor_name):
    """Return {name in the file: tensor} of what a Saver saves."""
    found = {}
    for op in find_needed([graph.get_tensor_by_name(save_tensor_name)]):
        if op.type in ("SaveV2", "SaveSlices", "Save"):
            names = [name.decode() for name in tf.make_ndarray(op.inputs[1].op.get_attr("value"))]
            found.update(zip(names, op.inputs[-len(names) :]))
    return found


def find_updates(needed):
    """Return the optimizer's update of each variable among the ops ``needed``, in the graph's order, by argument."""
    updates = []
    for op in sorted(
        (op for op in needed if UPDATE.match(op.type)), key=lambda op: op.graph.get_operations().index(op)
    ):
        arguments = dict(zip((argument.name for argument in op.op_def.input_arg), op.inputs))
        if "delta" in arguments:  # of gradient descent, which calls so what all others call grad
            arguments["grad"] = arguments.pop("delta")
        updates.append((op, arguments))
    return updates


def find_variable(tensor):
    """Return the name of the variable behind a ref, a handle, or a read of one; None where there is none."""
    op = tensor.op
    while op.type not in VARIABLES:
        if op.type not in ("Identity", "ReadVariableOp", "Enter", "RefEnter", "Switch", "RefSwitch") or not op.inputs:
            return None
        op = op.inputs[0].op
    return op.name


def find_predicates(op):
    """Return (predicate, branch) of every ``cond`` around an op; None where it is in a loop."""
    found, context = [], op._get_control_flow_context()
    while context is not None:
        if not hasattr(context, "pred") or context.pred is None:
            return None
        found.append((context.pred, context.branch))
        context = context.outer_context
    return found


def as_array(value):
    """Return an array of what a session took or gave; text as bytes."""
    array = np.asarray(value)
    return array.astype("S") if array.dtype.kind == "O" else array
