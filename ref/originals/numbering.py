"""Random ops numbered as TensorFlow 1 numbered them: each by how many ops its graph held before it.

TensorFlow 2 numbers the random ops alone, and its Python builds other ops for some functions. Dropout, uniform numbers
and regularizers are built here as TensorFlow 1.15 built them; of other functions it is known how many ops TensorFlow 1
made more, or fewer, and those are counted. tests/test_migration.py holds them against TensorFlow 1.15.5.
Gradients are not: a random op that is made after ``minimize`` has a number that may differ.

Source: tensorflow/python/ops of TensorFlow 1.15. Python 3.7.
"""

import functools
import numbers
import weakref

import tensorflow.compat.v1 as tf
import tensorflow.compat.v2 as tf2
import tf_slim.losses.loss_ops as loss_ops
from tensorflow.python.framework import ops, random_seed, tensor_util
from tensorflow.python.ops import math_ops, nn_impl, nn_ops, random_ops, standard_ops, tensor_array_ops, variable_scope
from tensorflow.python.ops.losses import losses_impl

_n_missing = weakref.WeakKeyDictionary()  # of each graph: how many more ops TensorFlow 1 would have made
_get_seed_of_tf2 = random_seed.get_seed


def get_seed(op_seed):
    """Do as TensorFlow 1's ``get_seed``: an op without a seed of its own takes the number of ops before it."""
    if op_seed is not None or tf.executing_eagerly():
        return _get_seed_of_tf2(op_seed)
    graph = ops.get_default_graph()
    if graph.seed is None:
        return _get_seed_of_tf2(None)
    return _get_seed_of_tf2(len(graph.get_operations()) + _n_missing.get(graph, 0))


def count_as_in_tf1():
    """Number the random ops of this process as TensorFlow 1 did, from here on."""
    random_seed.get_seed = get_seed
    random_ops.random_uniform = _random_uniform
    nn_ops.dropout_v2 = _dropout_v2
    nn_ops.dropout = _dropout
    tf.nn.dropout = _dropout
    tf.random_uniform = tf.random.uniform = _random_uniform
    tf2.nn.dropout = _dropout_v2
    tf2.random.uniform = _random_uniform
    store = variable_scope._VariableStore
    store._get_single_variable = _regularize_once(store._get_single_variable)
    _count_layers()
    _count(tensor_array_ops._GraphTensorArray, "stack", 1)
    _count(losses_impl, "_safe_mean", -3)
    _count(tf, "split", lambda made, value, sizes, *_, **__: int(isinstance(sizes, int)))
    _count(tf, "one_hot", _count_one_hot)
    standard_ops.one_hot = tf.one_hot
    for name in ("linspace", "lin_space"):
        _count(tf, name, lambda made, *_, **__: 4 - made)
    _count(tf, "eye", -4)
    _count(tf, "tensordot", _count_tensordot)
    _count(loss_ops, "compute_weighted_loss", -7)
    _count(nn_impl, "swish", -2)
    tf.nn.swish = nn_impl.swish


def add_missing(n):
    """Count ``n`` ops more in the default graph, which TensorFlow 1 would have made."""
    graph = ops.get_default_graph()
    _n_missing[graph] = _n_missing.get(graph, 0) + n


def _count(owner, name, n):
    """Let each call of the function ``name`` of ``owner`` count ``n`` ops more; ``n`` may be a function of its call."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def counted(*args, **keywords):
        before = len(ops.get_default_graph().get_operations())
        result = function(*args, **keywords)
        if not tf.executing_eagerly():
            made = len(ops.get_default_graph().get_operations()) - before
            add_missing(n(made, *args, **keywords) if callable(n) else n)
        return result

    setattr(owner, name, counted)


def _count_layers():
    from tensorflow.python.keras.layers import convolutional, core
    from tf_keras.src.layers import convolutional as keras_convolutional
    from tf_keras.src.layers.convolutional import base_conv
    from tf_keras.src.layers.core import dense as keras_dense
    from tf_keras.src.layers.normalization import batch_normalization
    from tf_keras.src.layers.reshaping import flatten
    from tf_keras.src.layers.rnn import legacy_cells

    for module in (convolutional, base_conv):
        _count(module.Conv, "build", 1)  # the rate of dilation was a tensor
    for flat in (core.Flatten, flatten.Flatten):
        _count(flat, "call", lambda made, self, inputs: (2 if inputs.shape[:1].is_fully_defined() else 8) - made)
    for module in (convolutional, keras_convolutional):
        _count(module.Conv2DTranspose, "call", lambda made, self, inputs: 14 if self.padding == "valid" else 10)
    for dense in (core.Dense, keras_dense.Dense):
        _count(dense, "call", lambda made, self, inputs: _count_tensordot(made, inputs, self.kernel, inputs.shape.rank))
    for cell in ("BasicLSTMCell", "LSTMCell", "GRUCell"):
        _count(getattr(legacy_cells, cell), "call", 1)
    _count(batch_normalization.BatchNormalizationBase, "_fused_batch_norm", _count_fused)


def _count_one_hot(made, indices, depth, on_value=None, off_value=None, *_, **__):
    return sum(value is not None and not tf.is_tensor(value) for value in (on_value, off_value))


def _count_tensordot(made, a, b, axes, *_, **__):
    """TensorFlow 1 transposed and reshaped both sides, whether that changed them or not."""
    if axes == 2 and a.shape.rank == 2:  # a dense layer's plain product
        return 0
    return 4 + 2 * a.shape.is_fully_defined()


def _count_fused(made, self, inputs, mask=None, training=None):
    return 0 if tensor_util.is_tf_type(training) else 2 if training else 1


def _random_uniform(shape, minval=0, maxval=None, dtype=tf.float32, seed=None, name=None):
    """Do as TensorFlow 1's ``random_uniform``: the bounds are tensors whatever they are."""
    if not tf.as_dtype(dtype).is_integer:
        minval = float(minval) if isinstance(minval, int) else minval
        maxval = 1.0 if maxval is None else float(maxval) if isinstance(maxval, int) else maxval
    return _random_uniform_of_tf2(shape, minval, maxval, dtype, seed, name)


_random_uniform_of_tf2 = random_ops.random_uniform


def _dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None, rate=None):
    """Do as ``tf.nn.dropout`` of TensorFlow 1.15: ``keep_prob``, or ``rate``."""
    if keep_prob is not None and rate is not None:
        raise ValueError("Cannot specify both 'rate' and 'keep_prob'")
    if keep_prob is not None:
        rate = 1.0 - keep_prob
    if rate is None:
        raise ValueError("You must provide a rate to dropout.")
    return _dropout_v2(x, rate, noise_shape, seed, name)


def _dropout_v2(x, rate, noise_shape=None, seed=None, name=None):
    """Do as ``dropout_v2`` of TensorFlow 1.15: other ops than TensorFlow 2's, and so other numbers after it."""
    with ops.name_scope(name, "dropout", [x]):
        x = ops.convert_to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError(f"x has to be a floating point tensor since it will be scaled. Got a {x.dtype} tensor.")
        if isinstance(rate, numbers.Real):
            if not 0 <= rate < 1:
                raise ValueError(f"rate must be a scalar tensor or a float in the range [0, 1), got {rate:g}")
            if rate == 0:
                return x
        rate = ops.convert_to_tensor(rate, dtype=x.dtype, name="rate")
        rate.shape.assert_has_rank(0)
        if tensor_util.constant_value(rate) == 0:
            return x
        random_tensor = _random_uniform(nn_ops._get_noise_shape(x, noise_shape), seed=seed, dtype=x.dtype)
        keep_prob = 1 - rate
        scale = 1 / keep_prob
        keep_mask = random_tensor >= rate
        result = x * scale * math_ops.cast(keep_mask, x.dtype)
        result.set_shape(x.shape)
        return result


def _regularize_once(get_single_variable):
    """Regularize a new variable as TensorFlow 1 did: TensorFlow 2 makes each penalty's ops twice or more."""

    @functools.wraps(get_single_variable)
    def get(self, name, *args, regularizer=None, **keywords):
        is_new = name not in self._vars
        variable = get_single_variable(self, name, *args, **keywords)
        if regularizer is not None and is_new:
            with ops.colocate_with(variable), ops.name_scope(name + "/Regularizer/"):
                loss = regularizer(variable)
            if loss is not None:
                ops.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, loss)
        return variable

    return get
