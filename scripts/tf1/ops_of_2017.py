"""What the TensorFlow of 2017 did otherwise than 1.15.5 in the book's cells; for TensorFlow 1.15.5 and 2, Python 3.7.

Three things, each found by the published digits that it brings back:

- A whole tensor was added up in one pass with four running totals (SSE's lanes), added up at its end. 1.15.5 adds in
  pairs, as a tree: of some hundred thousand squared errors the last two of six digits part. That brings means back;
  the large sums of 15 and 16 are better met in four quarters, which is not done here.
- A bias of zeros was one op. From 1,000 zeros on it now is three, and every random op after it has another number.
- Dropout took ``keep_prob``: other ops, and so other numbers, and another test on the uniform numbers drawn.
"""

import numpy as np

SCALAR_OPS = {"Add": np.add, "AddV2": np.add, "Mul": np.multiply}


def sum_in_fours(values):
    """Return the float32 sum of float32 ``values``, of any shape, by four running totals that take turns."""
    flat = values.ravel()
    n_whole = len(flat) // 4 * 4
    total = np.float32(0)
    if n_whole:
        lanes = np.add.accumulate(flat[:n_whole].reshape(-1, 4), axis=0, dtype=np.float32)[-1]
        total = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
    for value in flat[n_whole:]:
        total = np.float32(total + value)
    return total


def is_whole_sum(tensor):
    """Return whether the tensor is a float32 scalar that sums or averages all of another tensor."""
    return tensor.op.type in ("Sum", "Mean") and tensor.shape.ndims == 0 and tensor.dtype.name == "float32"


def find_leaves(tensor):
    """Return the tensors to be fetched so that ``add_up`` can compute ``tensor``, a scalar, from them."""
    if is_whole_sum(tensor):
        return [tensor.op.inputs[0]]
    if tensor.op.type in SCALAR_OPS and tensor.shape.ndims == 0:
        return [leaf for operand in tensor.op.inputs for leaf in find_leaves(operand)]
    return [tensor]


def add_up(tensor, leaves):
    """Return the value of ``tensor``, taking those of its leaves from the iterator ``leaves``."""
    if is_whole_sum(tensor):
        values = next(leaves)
        total = sum_in_fours(values)
        return np.float32(total / np.float32(values.size)) if tensor.op.type == "Mean" else total
    if tensor.op.type in SCALAR_OPS and tensor.shape.ndims == 0:
        left, right = (add_up(operand, leaves) for operand in tensor.op.inputs)
        return SCALAR_OPS[tensor.op.type](left, right)
    return next(leaves)


def sum_as_then(session_class):
    """Make sessions add up as then whatever scalars are fetched: what is printed. Training does not need the sums."""
    run = session_class.run

    def run_and_add_up(self, fetches, feed_dict=None, *rest, **keywords):
        tensors = fetches if isinstance(fetches, list) else [fetches]
        if not all(hasattr(tensor, "op") and tensor.shape.ndims == 0 for tensor in tensors):
            return run(self, fetches, feed_dict, *rest, **keywords)
        wanted = [leaf for tensor in tensors for leaf in find_leaves(tensor)]
        leaves = iter(run(self, wanted, feed_dict, *rest, **keywords))
        values = [add_up(tensor, leaves) for tensor in tensors]
        return values if isinstance(fetches, list) else values[0]

    session_class.run = run_and_add_up


def make_zeros_initializer(tf):
    """Return an initializer of zeros that is one op for any shape."""
    return lambda shape, dtype=tf.float32, **_: tf.constant(0.0, dtype, shape)


def make_drop(tf):
    """Return ``tf.nn.dropout`` of 2017, (any shape, rate) -> the same shape."""

    def drop(inputs, rate):
        with tf.name_scope("dropout"):
            keep_prob = tf.convert_to_tensor(1 - rate, dtype=inputs.dtype, name="keep_prob")
            random_tensor = keep_prob + tf.random_uniform(tf.shape(inputs), 0.0, 1.0, dtype=inputs.dtype)
            return tf.div(inputs, keep_prob) * tf.floor(random_tensor)

    return drop


def use_in_tf1(tf):
    """Make the ``tf`` of TensorFlow 1.15.5 do all three as then."""
    dense, drop = tf.layers.dense, make_drop(tf)

    def dense_of_2017(*values, **keywords):
        return dense(*values, bias_initializer=make_zeros_initializer(tf), **keywords)

    def dropout_of_2017(inputs, rate, training):
        with tf.variable_scope(None, "dropout"):
            return tf.cond(training, lambda: drop(inputs, rate), lambda: tf.identity(inputs))

    tf.layers.dense, tf.layers.dropout = dense_of_2017, dropout_of_2017
    sum_as_then(tf.Session)
