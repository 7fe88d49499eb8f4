"""autoencoder_8's phase 2 at any sizes: frozen layers, and a part above them that reconstructs their outputs."""

from itertools import pairwise
from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.layers import l2_regularizer, variance_scaling_initializer


def build(n_inputs: int, frozen_widths: tuple[int, ...], trained_widths: tuple[int, ...]) -> SimpleNamespace:
    """Build the graph in the default graph; return its tensors under autoencoder_8's names, and ``frozen``.

    ``frozen`` are the weights and biases of the frozen layers between ``X``, (batch, n_inputs), and ``hidden1``,
    (batch, frozen_widths[-1]), as the engines want them. ``train_vars`` are the trained part's, layer by layer.
    """
    activation, regularizer = tf.nn.elu, l2_regularizer(0.0001)
    initializer = variance_scaling_initializer()

    def make_layers(widths):
        return [
            (tf.Variable(initializer([n_in, n_out])), tf.Variable(tf.zeros(n_out))) for n_in, n_out in pairwise(widths)
        ]

    def stack(inputs, layers):
        for weights, biases in layers:
            inputs = activation(tf.matmul(inputs, weights) + biases)
        return inputs

    X = tf.placeholder(tf.float32, [None, n_inputs])
    frozen = make_layers([n_inputs, *frozen_widths])
    hidden1 = stack(X, frozen)
    trained = make_layers([frozen_widths[-1], *trained_widths, frozen_widths[-1]])
    outputs = stack(hidden1, trained)
    phase2_reconstruction_loss = tf.reduce_mean(tf.square(outputs - hidden1))
    loss = tf.add_n([phase2_reconstruction_loss, *(regularizer(weights) for weights, _ in trained)])
    train_vars = [variable for layer in trained for variable in layer]
    learning_rate = 0.01
    optimizer = tf.train.AdamOptimizer(learning_rate)
    phase2_training_op = optimizer.minimize(loss, var_list=train_vars)
    init = tf.global_variables_initializer()
    return SimpleNamespace(**locals())
