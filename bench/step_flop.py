"""What the matrix products of a training step come to, counted from the graph that takes it."""

import contextlib
from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.session import Session


def count_step_flop(training_op: tf.Operation, fed: Mapping[tf.Tensor, tuple[int, ...]]) -> int:
    """Return the floating-point operations of the matrix products that ``training_op`` runs, forward and backward.

    ``fed`` is the shape of what each tensor is fed; what those tensors alone need is not run, and not counted. The
    graph is imported anew with these shapes, so that TensorFlow's own inference gives those of the products: each is
    2·m·k·n, a multiply and an add. Activations, losses and Adam are not counted, nor are products that are only waited
    for, as the gradient with respect to the images is: TensorFlow takes them out of the graph before it runs it.

    Raises:
      ValueError: a product's shape does not follow from what is fed.
    """
    used = _find_used(training_op, fed)
    with tf.Graph().as_default() as graph:
        placeholders = {tensor.name: tf.placeholder(tensor.dtype, shape) for tensor, shape in fed.items()}
        tf.import_graph_def(training_op.graph.as_graph_def(), input_map=placeholders, name="")
        products = [op for op in graph.get_operations() if op.type == "MatMul" and op.name in used]
        return sum(_count_flop(product) for product in products)


def _find_used(training_op: tf.Operation, fed: Mapping[tf.Tensor, tuple[int, ...]]) -> set[str]:
    """Return the names of the ops that ``training_op`` needs, but for products whose values nothing needs."""
    fed, used, waiting = {tensor.ref() for tensor in fed}, set(), [training_op]
    while waiting:
        op = waiting.pop()
        if op.name not in used:
            used.add(op.name)
            waiting += [tensor.op for tensor in op.inputs if tensor.ref() not in fed]
            waiting += [before for before in op.control_inputs if before.type != "MatMul"]
    return used


def _count_flop(product: tf.Operation) -> int:
    m, n = product.outputs[0].shape.as_list()
    k = product.inputs[0].shape.as_list()[0 if product.get_attr("transpose_a") else 1]
    if None in (m, k, n):
        raise ValueError(f"{product.name}: {m} x {k} x {n}, whose shape does not follow from what is fed")
    return 2 * m * k * n


@contextlib.contextmanager
def note_steps() -> Iterator[dict[tf.Operation, dict[tf.Tensor, tuple[int, ...]]]]:
    """Give a dictionary that gets, while the block lasts, what each training op was fed at its first step: shapes.

    The ops are in the order of their first steps. They are those that a session of ours is asked to run alone, fed.
    """
    fed, run = {}, Session.run

    def noting_run(session, fetches, feed_dict=None, options=None, run_metadata=None):
        if fetches not in fed if isinstance(fetches, tf.Operation) and feed_dict else False:
            fed[fetches] = {tensor: np.shape(value) for tensor, value in feed_dict.items()}
        return run(session, fetches, feed_dict, options, run_metadata)

    Session.run = noting_run
    try:
        yield fed
    finally:
        Session.run = run
