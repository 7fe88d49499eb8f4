"""Phase 2 of autoencoder_8 in other sizes: any width, any number of frozen layers; and the work on it."""

from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf

from bench.work import L2_REG, LEARNING_RATE, SEED, TRAINED, Work
from ref.common.layers import l2_regularizer, variance_scaling_initializer
from ref.common.session import new_graph, open_session
from ref.data import data_sets, sources

N_INPUTS = 784
BLOCK = 5000  # rows that the frozen layers compute at once


def build(width: int, n_frozen: int) -> tuple[SimpleNamespace, list]:
    """Build autoencoder_8's phase 2 on ``n_frozen`` frozen layers of ``width`` units; return it, and those layers.

    Trained are width-width/2-width, on the listing's terms. The frozen layers are weights1, biases1, weights1_2, … .
    """
    activation, regularizer = tf.nn.elu, l2_regularizer(L2_REG)
    initializer = variance_scaling_initializer()

    def make_layer(n_in, n_out):
        return tf.Variable(initializer([n_in, n_out])), tf.Variable(tf.zeros(n_out))

    X = tf.placeholder(tf.float32, [None, N_INPUTS])
    frozen = [make_layer(N_INPUTS if i == 0 else width, width) for i in range(n_frozen)]
    hidden1 = X
    for weights, biases in frozen:
        hidden1 = activation(tf.matmul(hidden1, weights) + biases)
    (weights2, biases2), (weights3, biases3) = make_layer(width, width // 2), make_layer(width // 2, width)
    hidden2 = activation(tf.matmul(hidden1, weights2) + biases2)
    hidden3 = activation(tf.matmul(hidden2, weights3) + biases3)
    loss = tf.reduce_mean(tf.square(hidden3 - hidden1)) + regularizer(weights2) + regularizer(weights3)
    train_vars, learning_rate = [weights2, biases2, weights3, biases3], LEARNING_RATE
    optimizer = tf.train.AdamOptimizer(learning_rate)
    phase2_training_op = optimizer.minimize(loss, var_list=train_vars)
    init = tf.global_variables_initializer()
    return SimpleNamespace(**locals(), **dict(zip(name_frozen(n_frozen), sum(frozen, ())))), frozen


def name_frozen(n_frozen: int) -> list[str]:
    """Return the names of the frozen layers' variables, in order."""
    return [f"{kind}1{f'_{i}' if i > 1 else ''}" for i in range(1, n_frozen + 1) for kind in ("weights", "biases")]


def make_work(data: str | None, batch_size: int, width: int, n_frozen: int) -> Work:
    """Return the work of other sizes on ``data``, from initial weights: such a network has no phase 1 behind it."""
    arrays = sources.load(data, uses_labels=False)
    images = data_sets.read_data_sets(arrays, SEED).train.images
    with new_graph(SEED):
        g, frozen = build(width, n_frozen)
        with open_session("cpu") as sess:
            g.init.run()
            names = (*TRAINED, *name_frozen(n_frozen))
            initial = dict(zip(names, sess.run([*g.train_vars, *sum(frozen, ())])))
            cache = np.concatenate([g.hidden1.eval({g.X: images[i : i + BLOCK]}) for i in range(0, len(images), BLOCK)])
    return Work(images, cache, initial, np.empty((0, batch_size), np.int32), arrays.name).draw(batch_size)
