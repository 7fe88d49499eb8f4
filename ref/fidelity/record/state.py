"""Variables, draws and training of a session, read and set without adding an op. Python 3.7, too."""

import contextlib

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.client import session as tf_session

from ref.fidelity.record import graphs, kinds
from ref.fidelity.record.fetches import list_leaves
from ref.fidelity.record.nudge import nudge


def is_training(leaf):
    """Return whether ``leaf`` trains: by an optimizer, or by assigning to a variable what was computed from it."""
    needed = graphs.find_needed([leaf])
    if any(kinds.UPDATE.match(op.type) for op in needed):
        return True
    assigning = [op for op in needed if op.type.startswith("Assign") and len(op.inputs) > 1]
    if not assigning:
        return False
    with leaf.graph.as_default():
        trainable = {variable.op.name for variable in tf.trainable_variables()}
    for op in assigning:
        name = graphs.find_variable(op.inputs[0])
        computed_from = {one.name for one in graphs.find_forward([op.inputs[1]])}
        if name in trainable and (name in computed_from or op.type.startswith(("AssignSub", "AssignAdd"))):
            return True
    return False


def read_state(run, session):
    """Return the value of each variable that has one, by name."""
    variables = graphs.list_variables(session.graph)
    try:
        return {v.op.name: value for v, value in zip(variables, run(session, variables))} if variables else {}
    except tf.errors.FailedPreconditionError:
        state = {}
        for variable in variables:
            with contextlib.suppress(tf.errors.FailedPreconditionError):
                state[variable.op.name] = run(session, variable)
        return state


def find_draws(run, session, leaves, feed_dict):
    """Return the outputs of the random ops that a run of ``leaves`` needs; none in loops or in branches not taken."""
    fed = {leaf.op for leaf in list_leaves(session.graph, list(feed_dict or {}))}
    needed = graphs.find_needed(leaves, fed)
    found = []
    for op in [op for op in session.graph.get_operations() if op in needed and op.type in kinds.RANDOM_OPS]:
        predicates = graphs.find_predicates(op)
        if predicates is None:
            continue
        for one in [op, *(predicate.op for predicate, _ in predicates)]:
            op.graph._unfetchable_ops.discard(one)  # TensorFlow forbids to fetch from any branch; this may be taken
        values = run(session, [predicate for predicate, _ in predicates], feed_dict) if predicates else []
        if all(bool(value) == bool(branch) for value, (_, branch) in zip(values, predicates)):
            found.append(op.outputs[0])
    return found


def move_last_bits(run, session):
    """Move the weights of the first variable's first unit by their last bit (one weight alone may see black pixels)."""
    with session.graph.as_default():
        first = next(v for v in tf.trainable_variables() if v.dtype.base_dtype in (tf.float32, tf.float64))
    value = run(session, first)
    value[..., 0] = np.nextafter(value[..., 0], np.inf, dtype=value.dtype)
    load(run, session, {first.op.name: value})


def nudge_feeds(run, seed):
    """Return ``run`` with each array that is fed moved by its last bits."""

    def nudged_run(session, fetches, feed_dict=None, options=None, run_metadata=None):
        feeds = {}
        for key, value in (feed_dict or {}).items():
            feeds[key] = nudge(np.asarray(value), seed) if isinstance(value, (np.ndarray, list)) else value
        return run(session, fetches, feeds, options, run_metadata)

    return nudged_run


def load(run, session, state):
    """Give variables the values of ``state``, by name, through their own initializers: no op is added."""
    variables = {variable.op.name: variable for variable in graphs.list_variables(session.graph)}
    todo = [(variables[name].initializer, value) for name, value in state.items()]
    while todo:  # variables may share the tensor that they start from: one of them at a time
        at_once = {op.inputs[1]: (op, value) for op, value in reversed(todo)}
        run(session, [op for op, _ in at_once.values()], {tensor: value for tensor, (_, value) in at_once.items()})
        todo = [(op, value) for op, value in todo if at_once[op.inputs[1]][0] is not op]


def find_session_classes():
    """Return TensorFlow's session class and all that are derived from it by now."""
    found, todo = [], [tf_session.BaseSession]
    while todo:
        found.append(todo.pop())
        todo += found[-1].__subclasses__()
    return found
