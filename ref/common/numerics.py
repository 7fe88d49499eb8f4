"""The op at which a training step stops being finite: what --check-numerics says."""

import linecache
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.draws import walk_back
from ref.common.finite import describe_not_finite

ROOT = Path(__file__).resolve().parents[2]


class NumericsChecker:
    """Takes steps with all that they compute fetched, and names the first op, in the graph's order, that is not finite.

    A step draws what it would without, and computes it within rounding: what is fetched is not fused with what follows.
    It takes several times as long.
    """

    def __init__(self):
        self._tensors: dict[tuple, list[tf.Tensor]] = {}

    def take_step(self, sess: tf.Session, training_op: tf.Operation, feed_dict: dict | None) -> str | None:
        """Run ``training_op``; return what was not finite and where it was made, or None."""
        fed = tuple(feed_dict or ())
        tensors = self._tensors.get((training_op, fed))
        if tensors is None:
            needed = walk_back([training_op], fed)
            tensors = self._tensors[training_op, fed] = [
                output
                for op in training_op.graph.get_operations()
                if op in needed and op.graph.is_fetchable(op)
                for output in op.outputs
                if output.dtype.base_dtype in (tf.float32, tf.float64) and not is_variable(output)
            ]
        values = tf.Session.run(sess, [*tensors, training_op], feed_dict)
        for tensor, value in zip(tensors, values):
            if problem := describe_not_finite({tensor.name: np.asarray(value)}):
                return f"{problem}, the first of the step, made by {tensor.op.type} {locate(tensor.op)}"
        return None


def is_variable(tensor: tf.Tensor) -> bool:
    """Return whether ``tensor`` is a variable's memory, which a step changes under who fetches it."""
    return tensor.op.type == "VariableV2" or (
        tensor.op.type == "Identity" and tensor.op.inputs[0].dtype != tensor.dtype
    )


def locate(op: tf.Operation) -> str:
    """Return the line that made ``op``: the innermost that is neither TensorFlow's nor of ref/common."""
    for frame in reversed(op.traceback or []):
        path = Path(frame.filename)
        if "tensorflow" not in path.parts and path.parent != ROOT / "ref" / "common":
            name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            return f"at {name}:{frame.lineno}: {linecache.getline(frame.filename, frame.lineno).strip()}"
    return "at a line that is not known"
