"""autoencoder_6.py · 在多个图中一次训练一个自动编码器 · Training one autoencoder at a time, in several graphs.

Network: 784-300-784, then 300-150-300 on the first one's hidden layer, stacked as 784-300-150-300-784; ELU, L2.
Published with the book: train MSE 0.0192, then 0.0044, the second under ELU (``--fix-output``).

The second autoencoder learns to reconstruct with a linear output, though the stack then puts an ELU there. Kept;
``--fix-output`` trains it under the ELU, as the book's notebook later did.

What differs from the listing, and why:
- ``tf.layers.dense`` and ``contrib.layers``' functions come from ref.common.layers: the one raises
  under Keras 3, contrib is gone.
- ``--seed`` takes the place of the ``seed=42`` that the listing gave its two inner graphs, and seeds the permutations.
- ``train_autoencoder``'s graph is ``build``, so that tests and benchmarks can use it. It takes the run and its
  generator for ``seed``, and ``output_activation`` for ``--fix-output``. Its parameter ``activation``, which the
  listing never gives another value, is ELU in ``build``.
- The reader's, progress and plotting lines are ref.common's, being the same in every listing; the figure is saved, so
  that no display is needed.

Run: make autoencoder_6, or python -m ref run autoencoder_6. Needs and writes no checkpoint.
"""

from functools import partial
from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.figures import show_reconstructed_digits
from ref.common.layers import dense, l2_regularizer, variance_scaling_initializer


def build(n_inputs=28 * 28, n_neurons=300, learning_rate=0.01, l2_reg=0.0005, output_activation=None):
    """Build the graph of train_autoencoder in the default graph; return its tensors under the book's names."""
    activation = tf.nn.elu

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, n_inputs)

    my_dense_layer = partial(
        dense,
        activation=activation,
        kernel_initializer=variance_scaling_initializer(),
        kernel_regularizer=l2_regularizer(l2_reg),
    )

    hidden = my_dense_layer(X, n_neurons, name="hidden")  # (batch, n_neurons)
    outputs = my_dense_layer(hidden, n_inputs, activation=output_activation, name="outputs")  # (batch, n_inputs)

    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))

    reg_losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    loss = tf.add_n([reconstruction_loss] + reg_losses)

    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(loss)

    init = tf.global_variables_initializer()
    return SimpleNamespace(**locals())


def train_autoencoder(run, rnd, X_train, n_neurons, n_epochs, batch_size, output_activation=None, **settings):
    """Train one autoencoder on ``X_train``, (n, n_inputs), in a graph of its own.

    Returns the hidden layer's outputs, (n, n_neurons), and the weights and biases of the hidden layer and the output.
    """
    graph = tf.Graph()
    with graph.as_default():
        tf.set_random_seed(run.seed)

        g = build(X_train.shape[1], n_neurons, output_activation=output_activation, **settings)

    with run.open_session(graph) as sess:
        g.init.run()
        for epoch in range(n_epochs):
            n_batches = len(X_train) // batch_size
            for iteration in run.progress(n_batches, epoch):
                indices = rnd.permutation(len(X_train))[:batch_size]
                X_batch = X_train[indices]
                sess.run(g.training_op, feed_dict={g.X: X_batch})
            loss_train = g.reconstruction_loss.eval(feed_dict={g.X: X_batch})
            run.print(epoch, "Train MSE:", loss_train)
        params = dict([(var.name, var.eval()) for var in tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)])
        hidden_val = g.hidden.eval(feed_dict={g.X: X_train})
        return (
            hidden_val,
            params["hidden/kernel:0"],
            params["hidden/bias:0"],
            params["outputs/kernel:0"],
            params["outputs/bias:0"],
        )


def train(
    run, n_neurons=(300, 150), n_epochs=(4, 4), batch_size=150, learning_rate=0.01, l2_reg=0.0005, fix_output=False
):
    """Train the two autoencoders, stack them, and draw two test digits and their reconstructions."""
    mnist = run.read_data_sets()
    settings = dict(batch_size=batch_size, learning_rate=learning_rate, l2_reg=l2_reg)
    hidden_output, W1, b1, W4, b4 = train_autoencoder(
        run, mnist.rnd, mnist.train.images, n_neurons[0], n_epochs[0], **settings
    )
    output_activation = tf.nn.elu if fix_output else None
    _, W2, b2, W3, b3 = train_autoencoder(
        run, mnist.rnd, hidden_output, n_neurons[1], n_epochs[1], output_activation=output_activation, **settings
    )

    n_inputs = 28 * 28

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 784)
    hidden1 = tf.nn.elu(tf.matmul(X, W1) + b1)  # (batch, 300)
    hidden2 = tf.nn.elu(tf.matmul(hidden1, W2) + b2)  # (batch, 150)
    hidden3 = tf.nn.elu(tf.matmul(hidden2, W3) + b3)  # (batch, 300)
    outputs = tf.matmul(hidden3, W4) + b4  # (batch, 784)

    show_reconstructed_digits(run, mnist, X, outputs)


def main(argv=None):
    return run_script("autoencoder_6", train, argv=argv)
