"""The layers, initializers and regularizer that the listings took from ``tf.contrib.layers`` and ``tf.layers``.

``tf.contrib`` is gone, and ``tf.compat.v1.layers`` raises under Keras 3. These stand-ins make TensorFlow 1.15.5's ops,
in its order, on variables of the same names, so that a checkpoint crosses over, and a graph seed draws the same initial
values where random ops are numbered as in TensorFlow 1 (``new_graph`` of session.py does; TensorFlow 2 left to itself
draws others). tests/test_layers.py holds them against tf_slim 1.1.0 and tf_keras' legacy layers, tests/test_tf1.py
against TensorFlow 1.15.5.

This file needs TensorFlow alone, and may be copied into another project. It covers, in a graph (``with
tf.Graph().as_default()``, or after ``tf.disable_v2_behavior()``):

- ``fully_connected`` and ``dense`` of (batch, n) inputs, n known, of any floating-point type; with an activation or
  none, an initializer and a regularizer of the weights; biases begin at zero. ``dense`` takes a name.
- ``dropout`` of tf.layers, of any shape, ``training`` being a tensor or a Python bool;
- contrib's ``variance_scaling_initializer`` and ``xavier_initializer`` (uniform), and ``l2_regularizer``.

What is beyond it, ``scope=``, ``reuse=``, ``use_bias=False``, inputs of rank 3, ``conv2d``, ``batch_norm`` and so on,
ends with NotCoveredError, whose line names the official successor that has it. ``arg_scope`` is functools.partial.

Source: tensorflow/contrib/layers and tensorflow/python/layers of TensorFlow 1.15.
"""

import math
import numbers
from collections.abc import Callable, Sequence
from typing import NoReturn

import tensorflow.compat.v1 as tf

SLIM = "tf_slim.{}, which is contrib's (pip install tf-slim)"
LEGACY = "tf.compat.v1.layers.{} of tf_keras (pip install tf-keras, and TF_USE_LEGACY_KERAS=1 in the environment)"
# Arguments that the originals have and this file has not; and what of them changes nothing, where that is not None.
_CONTRIB = (
    "normalizer_fn normalizer_params biases_initializer biases_regularizer reuse variables_collections "
    "outputs_collections trainable scope"
)
_CORE = (
    "use_bias bias_initializer bias_regularizer activity_regularizer kernel_constraint bias_constraint trainable reuse"
)
_HARMLESS = {"use_bias": (True,), "trainable": (True,), "reuse": (None, False)}
# Neighbours of what is here, by the official successor that has them.
_ELSEWHERE = {
    SLIM: "arg_scope avg_pool2d batch_norm conv2d conv2d_transpose flatten l1_regularizer layer_norm linear max_pool2d "
    "optimize_loss relu separable_conv2d softmax stack xavier_initializer_conv2d",
    LEGACY: "average_pooling2d batch_normalization conv1d conv2d conv2d_transpose conv3d flatten max_pooling2d "
    "separable_conv2d Conv2D Dense Dropout Flatten",
}

Activation = Callable[[tf.Tensor], tf.Tensor]
Initializer = Callable[..., tf.Tensor]
Regularizer = Callable[[tf.Tensor], tf.Tensor | None]


class NotCoveredError(ValueError):
    """Something that the originals have and this file has not; the message is a line that names what has it."""


def __getattr__(name: str) -> NoReturn:
    found = [successor.format(name) for successor, names in _ELSEWHERE.items() if name in names.split()]
    if not found:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # An AttributeError would lose its words in "from layers import conv2d".
    raise NotCoveredError(f"{name}: not in {__name__}, which has dense layers alone; use {', or '.join(found)}")


def variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None
) -> Initializer:
    """Return contrib's variance scaling initializer; by default He's, as contrib understood it.

    For weights of shape (…, fan_in, fan_out), both times what stands before them, as in a convolution's kernel, and
    with n = fan_in, fan_out or their mean as ``mode`` says, it draws

    - ``truncated_normal(stddev=sqrt(1.3 * factor / n))``, or
    - ``random_uniform(-limit, limit)`` with ``limit = sqrt(3 * factor / n)`` where ``uniform`` is set.

    The 1.3 makes up, roughly, for the variance that truncation at two sigma takes away. The initializer of the same
    name in core TensorFlow is another function: it divides by 0.8796 instead and its scale is 1.0 by default.

    Raises:
      ValueError: ``mode`` is none of FAN_IN, FAN_OUT, FAN_AVG; of what is returned, a shape of fewer dimensions.
    """
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise ValueError(f"mode {mode!r} found, expected 'FAN_IN', 'FAN_OUT' or 'FAN_AVG'; contrib's are in capitals")

    def initializer(shape: Sequence[int], dtype: tf.DType = tf.float32) -> tf.Tensor:
        if len(shape) < 2:
            _refuse(f"an initial value of shape {list(shape)}", SLIM.format("variance_scaling_initializer"))
        *before, fan_in, fan_out = map(float, shape)
        fan_in, fan_out = math.prod(before, start=fan_in), math.prod(before, start=fan_out)
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return tf.random_uniform(shape, -limit, limit, dtype, seed=seed)
        return tf.truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)

    return initializer


def xavier_initializer(uniform: bool = True, seed: int | None = None) -> Initializer:
    """Return contrib's default for weights: uniform in ±sqrt(6 / (fan_in + fan_out)).

    Where ``uniform`` is not set, it draws ``truncated_normal(stddev=sqrt(2.6 / (fan_in + fan_out)))``.
    """
    return variance_scaling_initializer(factor=1.0, mode="FAN_AVG", uniform=uniform, seed=seed)


def l2_regularizer(scale: float) -> Regularizer:
    """Return a function of a weight tensor that gives the scalar ``scale * sum(weights ** 2) / 2``.

    As contrib's, for a ``scale`` of 0.0 it makes no op and gives None, which the layers leave out.

    Raises:
      ValueError: ``scale`` is negative, or an integer.
    """
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real):
        if scale < 0.0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale:g}.")
        if scale == 0.0:
            return lambda _: None

    def l2(weights: tf.Tensor) -> tf.Tensor:
        with tf.name_scope(None, "l2_regularizer", [weights]) as name:
            my_scale = tf.convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return tf.multiply(my_scale, tf.nn.l2_loss(weights), name=name)

    return l2


def fully_connected(
    inputs: tf.Tensor,
    num_outputs: int,
    activation_fn: Activation | None = tf.nn.relu,
    *more,
    weights_initializer: Initializer | None = None,
    weights_regularizer: Regularizer | None = None,
    **beyond,
) -> tf.Tensor:
    """Return contrib's fully connected layer, (batch, n) -> (batch, num_outputs): ReLU and Xavier by default.

    Makes the variables ``fully_connected[_i]/weights`` and ``…/biases`` (zeros), and adds the weights' penalty to
    ``tf.GraphKeys.REGULARIZATION_LOSSES``. What is beyond this file raises NotCoveredError.
    """
    successor = SLIM.format("fully_connected")
    _check_arguments("fully_connected", more, beyond, _CONTRIB, successor)
    inputs = _check_inputs("fully_connected", inputs, successor)
    weights = ("weights", weights_initializer or xavier_initializer(), weights_regularizer)
    with tf.variable_scope(None, "fully_connected"):
        return _affine(inputs, num_outputs, activation_fn, weights, "biases")


def dense(
    inputs: tf.Tensor,
    units: int,
    activation: Activation | None = None,
    *more,
    kernel_initializer: Initializer | None = None,
    kernel_regularizer: Regularizer | None = None,
    name: str | None = None,
    **beyond,
) -> tf.Tensor:
    """Return ``tf.layers.dense``, (batch, n) -> (batch, units): linear and Glorot uniform by default.

    Makes the variables ``NAME/kernel`` and ``NAME/bias`` (zeros), NAME being ``dense``, ``dense_1``, … where none is
    given, and adds the kernel's penalty to ``tf.GraphKeys.REGULARIZATION_LOSSES``. What is beyond this file raises
    NotCoveredError.
    """
    successor = LEGACY.format("dense")
    _check_arguments("dense", more, beyond, _CORE, successor)
    inputs = _check_inputs("dense", inputs, successor)
    with tf.variable_scope(name, "dense"):
        return _affine(inputs, units, activation, ("kernel", kernel_initializer, kernel_regularizer), "bias")


def dropout(inputs: tf.Tensor, rate: float = 0.5, training: tf.Tensor | bool = False, *more, **beyond) -> tf.Tensor:
    """Return ``tf.layers.dropout``: where ``training`` (a bool scalar) holds, zero a share ``rate`` of the inputs.

    What is kept is divided by ``1 - rate``; where ``training`` does not hold the inputs pass unchanged. Any shape. What
    is beyond this file raises NotCoveredError.
    """
    if found := {"keep_prob", "is_training"} & beyond.keys():
        _refuse(f"dropout({min(found)}=…)", f"dropout(inputs, rate, training=…), or {SLIM.format('dropout')}")
    _check_arguments("dropout", more, beyond, "noise_shape seed name", LEGACY.format("dropout"))
    with tf.variable_scope(None, "dropout"):
        if isinstance(training, (bool, int)):  # no cond, as in the original
            return _drop(inputs, rate) if training else tf.identity(inputs)
        return tf.cond(training, lambda: _drop(inputs, rate), lambda: tf.identity(inputs))


def _drop(inputs: tf.Tensor, rate: float) -> tf.Tensor:
    """Return ``tf.nn.dropout`` of TensorFlow 1.15.5: other ops than TensorFlow 2's, and so other numbers after it."""
    with tf.name_scope("dropout"):
        rate = tf.convert_to_tensor(rate, dtype=inputs.dtype, name="rate")
        # As floats: TensorFlow 2 leaves out the bounds' ops where they are the integers 0 and 1.
        random_tensor = tf.random_uniform(tf.shape(inputs), 0.0, 1.0, dtype=inputs.dtype)
        keep_prob = 1 - rate
        scale = 1 / keep_prob
        keep_mask = random_tensor >= rate
        return inputs * scale * tf.cast(keep_mask, inputs.dtype)


def _affine(inputs, units, activation, weights, bias_name):
    """Make the variables of a layer in the current scope; ``weights`` is their name, initializer and regularizer."""
    weights_name, initializer, regularizer = weights
    for function in filter(None, (activation, initializer, regularizer)):
        if not callable(function):
            raise NotCoveredError(f"{function!r} found, expected a function: tf.nn.relu for 'relu', and so on")
    dtype = inputs.dtype.base_dtype
    kernel = tf.get_variable(weights_name, [inputs.shape[1], units], dtype, initializer)
    if regularizer is not None:  # not get_variable's: TensorFlow 2 calls it twice and leaves a dead op behind
        with tf.name_scope(f"{tf.get_variable_scope().name}/kernel/Regularizer/"):
            penalty = regularizer(kernel)
        if penalty is not None:
            tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, penalty)
    bias = tf.get_variable(bias_name, [units], dtype, tf.zeros_initializer())
    outputs = tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
    return outputs if activation is None else activation(outputs)


def _check_arguments(layer: str, more: tuple, beyond: dict, known: str, successor: str) -> None:
    for name, value in beyond.items():
        if name not in known.split():
            raise TypeError(f"{layer}({name}=…): the original has no such argument; see its signature, and ours")
        is_initializer = name.endswith("initializer")  # contrib's None means no biases
        is_harmless = any(value is harmless for harmless in _HARMLESS.get(name, (None,)))
        if not (isinstance(value, tf.zeros_initializer) if is_initializer else is_harmless):
            _refuse(f"{layer}({name}=…)", successor)
    if more:
        _refuse(f"{layer}(…): {len(more)} more without a name", f"the name, or {successor}")


def _check_inputs(layer: str, inputs: tf.Tensor, successor: str) -> tf.Tensor:
    """Return the inputs as a tensor; raise where they are not (batch, n), n known, of floating point, in a graph."""
    if tf.executing_eagerly():
        raise NotCoveredError(f"{layer}: called eagerly, expected a graph; use it in: with tf.Graph().as_default()")
    inputs = tf.convert_to_tensor(inputs)
    if not inputs.dtype.is_floating:
        raise NotCoveredError(f"{layer}: inputs of {inputs.dtype.name}, expected floating point; use tf.cast")
    if inputs.shape.rank is not None and inputs.shape.rank > 2:
        _refuse(f"{layer}: inputs of shape {inputs.shape}", successor)
    if inputs.shape.rank != 2 or inputs.shape.as_list()[1] is None:
        raise NotCoveredError(f"{layer}: inputs of shape {inputs.shape}, expected (batch, n), n known; use tf.reshape")
    return inputs


def _refuse(found: str, successor: str) -> NoReturn:
    raise NotCoveredError(f"{found}: not covered here, expected what layers.py has; use {successor}")
