"""The layers, initializers and regularizer that the listings took from ``tf.contrib.layers`` and ``tf.layers``.

``tf.contrib`` is gone, and ``tf.compat.v1.layers`` raises under Keras 3. These stand-ins make TensorFlow 1.15.5's ops,
in its order, on variables of the same names, so that a graph seed draws the same initial values and a checkpoint
crosses over. tests/test_layers.py holds them against tf_slim 1.1.0 and tf_keras' legacy layers, tests/test_tf1.py
against TensorFlow 1.15.5.

Source: tensorflow/contrib/layers and tensorflow/python/layers of TensorFlow 1.15.
"""

import math
import numbers
from collections.abc import Callable, Sequence

import tensorflow.compat.v1 as tf

Activation = Callable[[tf.Tensor], tf.Tensor]
Initializer = Callable[..., tf.Tensor]
Regularizer = Callable[[tf.Tensor], tf.Tensor | None]


def variance_scaling_initializer(factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False) -> Initializer:
    """Return contrib's variance scaling initializer; by default He's, as contrib understood it.

    For a weight matrix of shape (fan_in, fan_out), with n = fan_in, fan_out or their mean as ``mode`` says, it draws

    - ``truncated_normal(stddev=sqrt(1.3 * factor / n))``, or
    - ``random_uniform(-limit, limit)`` with ``limit = sqrt(3 * factor / n)`` where ``uniform`` is set.

    The 1.3 makes up, roughly, for the variance that truncation at two sigma takes away. The initializer of the same
    name in core TensorFlow is another function: it divides by 0.8796 instead and its scale is 1.0 by default.

    Raises:
      KeyError: ``mode`` is none of FAN_IN, FAN_OUT, FAN_AVG.
    """

    def initializer(shape: Sequence[int], dtype: tf.DType = tf.float32) -> tf.Tensor:
        fan_in, fan_out = map(float, shape)
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return tf.random_uniform(shape, -limit, limit, dtype)
        return tf.truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype)

    return initializer


def xavier_initializer() -> Initializer:
    """Return contrib's default for weights: uniform in ±sqrt(6 / (fan_in + fan_out))."""
    return variance_scaling_initializer(factor=1.0, mode="FAN_AVG", uniform=True)


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
    weights_initializer: Initializer | None = None,
    weights_regularizer: Regularizer | None = None,
) -> tf.Tensor:
    """Return contrib's fully connected layer, (batch, n) -> (batch, num_outputs): ReLU and Xavier by default.

    Makes the variables ``fully_connected[_i]/weights`` and ``…/biases`` (zeros), and adds the weights' penalty to
    ``tf.GraphKeys.REGULARIZATION_LOSSES``.
    """
    with tf.variable_scope(None, "fully_connected"):
        return _affine(
            inputs,
            num_outputs,
            activation_fn,
            ("weights", weights_initializer or xavier_initializer(), weights_regularizer),
            "biases",
        )


def dense(
    inputs: tf.Tensor,
    units: int,
    activation: Activation | None = None,
    kernel_initializer: Initializer | None = None,
    kernel_regularizer: Regularizer | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Return ``tf.layers.dense``, (batch, n) -> (batch, units): linear and Glorot uniform by default.

    Makes the variables ``NAME/kernel`` and ``NAME/bias`` (zeros), NAME being ``dense``, ``dense_1``, … where none is
    given, and adds the kernel's penalty to ``tf.GraphKeys.REGULARIZATION_LOSSES``.
    """
    with tf.variable_scope(name, "dense"):
        return _affine(inputs, units, activation, ("kernel", kernel_initializer, kernel_regularizer), "bias")


def dropout(inputs: tf.Tensor, rate: float, training: tf.Tensor) -> tf.Tensor:
    """Return ``tf.layers.dropout``: where ``training`` (a bool scalar) holds, zero a share ``rate`` of the inputs.

    What is kept is divided by ``1 - rate``; where ``training`` does not hold the inputs pass unchanged. Any shape.
    """
    with tf.variable_scope(None, "dropout"):
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
    _, n_inputs = inputs.shape
    kernel = tf.get_variable(weights_name, [n_inputs, units], initializer=initializer)
    if regularizer is not None:  # not get_variable's: TensorFlow 2 calls it twice and leaves a dead op behind
        with tf.name_scope(f"{tf.get_variable_scope().name}/kernel/Regularizer/"):
            penalty = regularizer(kernel)
        if penalty is not None:
            tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, penalty)
    bias = tf.get_variable(bias_name, [units], initializer=tf.zeros_initializer())
    outputs = tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
    return outputs if activation is None else activation(outputs)
