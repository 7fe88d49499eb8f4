"""How often a session has run its random ops, and how a new session's are brought to where they were.

A random op's generator lives in its session: it begins at the op's seeds and moves on whenever the op is run, by as
much as was drawn. TensorFlow 1 has no way to set it. So what was run is counted, by shapes; and a new session's random
ops are run as often, alone, before it goes on.
"""

import collections
from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow.compat.v1 as tf

Call = tuple[tuple[str, ...], tuple[tuple[str, tuple[int, ...], bool | None], ...]]


class Draws:
    """The calls of one session that run random ops.

    ``counts`` maps a call to how often it was made. A call is the names of what is fetched, and for each tensor that
    is fed its name, the shape of what is fed, and, of a bool, its value, upon which a branch may depend.
    """

    def __init__(self, graph: tf.Graph):
        self._graph = graph
        self._random_ops: dict[tuple, list[tf.Operation]] = {}
        self.counts: collections.Counter[Call] = collections.Counter()

    def note(self, fetches, feed_dict: dict | None) -> None:
        """Note a call of ``Session.run``."""
        fed = tuple(feed_dict or ())
        key = (tuple(tf.nest.flatten(fetches)) if isinstance(fetches, (list, tuple, dict)) else fetches, fed)
        random_ops = self._random_ops.get(key)
        if random_ops is None:
            random_ops = self._random_ops[key] = find_random_ops(self._get_ops(fetches), self._get_tensors(fed))
        if random_ops:
            shapes = (
                tuple(
                    (tensor.name, np.shape(value), bool(value) if tensor.dtype == tf.bool else None)
                    for tensor, value in zip(self._get_tensors(fed), feed_dict.values())
                )
                if feed_dict
                else ()
            )
            self.counts[tuple(op.name for op in self._get_ops(fetches)), shapes] += 1

    def fast_forward(self, sess: tf.Session, counts: dict[Call, int]) -> None:
        """Run random ops until every call has been made as often as ``counts`` says."""
        for call, count in counts.items():
            missing = count - self.counts[call]
            if missing > 0:
                self._repeat(sess, call, missing)
        self.counts = collections.Counter(counts)

    def _repeat(self, sess, call, n_times):
        names, fed = call
        feeds = {}
        for name, shape, value in fed:
            tensor = self._graph.get_tensor_by_name(name)
            feeds[tensor] = np.full(shape, bool(value), tensor.dtype.as_numpy_dtype)
        ops = [self._graph.get_operation_by_name(name) for name in names]
        targets = _find_targets(find_random_ops(ops, feeds), walk_back(ops, feeds))
        for op, inputs in targets:
            # Fed with what it is fed anyway, its shape mostly, an op needs nothing that comes before it.
            alone = dict(zip(inputs, sess.run(inputs, feeds))) if inputs else feeds
            for _ in range(n_times):
                sess.run(op, alone)

    def _get_ops(self, fetches) -> list[tf.Operation]:
        elements = (self._graph.as_graph_element(fetch) for fetch in tf.nest.flatten(fetches))
        return [element.op if isinstance(element, tf.Tensor) else element for element in elements]

    def _get_tensors(self, fed: Iterable) -> list[tf.Tensor]:
        return [self._graph.as_graph_element(tensor) for tensor in fed]


def find_random_ops(ops: Sequence[tf.Operation], fed: Iterable[tf.Tensor]) -> list[tf.Operation]:
    """Return the random ops that are run where ``ops`` are, and the tensors ``fed`` are fed."""
    return [op for op in walk_back(ops, fed) if "seed2" in op.node_def.attr]


def walk_back(ops, fed) -> dict[tf.Operation, None]:
    """Return ``ops`` and all ops that they need, but for those that are needed by what is fed alone."""
    fed, seen, waiting = {tensor.ref() for tensor in fed}, {}, list(ops)
    while waiting:
        op = waiting.pop()
        if op not in seen:
            seen[op] = None
            waiting.extend(tensor.op for tensor in op.inputs if tensor.ref() not in fed)
            waiting.extend(op.control_inputs)
    return seen


def _find_targets(random_ops, ops) -> list[tuple[tf.Operation, list[tf.Tensor]]]:
    """Return what to run for ``random_ops`` to be run, and what of its inputs can be fed.

    Within a ``tf.cond`` nothing can be fetched: there it is the first op after it that can be, with all that it needs.
    """
    targets = {}
    for random_op in random_ops:
        graph, waiting = random_op.graph, [random_op]
        for op in waiting:
            if graph.is_fetchable(op):
                targets[op] = [] if op is not random_op else list(random_op.inputs)
                break
            waiting.extend(user for output in op.outputs for user in output.consumers() if user in ops)
    return list(targets.items())
