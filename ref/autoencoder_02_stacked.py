"""autoencoder_2.py · 栈式自动编码器（深度自动编码器） · Stacked (deep) autoencoder.

Network: 784-300-150-300-784, ELU, linear output, L2 on the weights of all four layers, the output's too.
Published with the book: train MSE 0.0104, after 5 epochs at learning_rate 0.01 and l2_reg 0.0001. The listing, and so
this port, trains 30 epochs at 0.001 and 0.001.

What differs from the listing, and why:
- ``contrib.layers`` come from ref.common.layers: contrib is gone. Its ``arg_scope`` is a ``partial`` here, the book's
  own way where it uses ``tf.layers``; the last layer overrides the activation as before.
- The reader's, progress and plotting lines are ref.common's, being the same in every listing; the figure is saved, so
  that no display is needed.
- Everything is seeded (``--seed``), so that two runs can be compared digit for digit; the listing was not.

Run: make autoencoder_2, or python -m ref run autoencoder_2. Writes my_model_all_layers.ckpt.
"""

from functools import partial
from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.figures import show_reconstructed_digits
from ref.common.layers import fully_connected, l2_regularizer, variance_scaling_initializer


def build(n_inputs=28 * 28, n_hidden1=300, n_hidden2=150, learning_rate=0.001, l2_reg=0.001):
    """Build the listing's graph in the default graph; return its tensors under the book's names."""
    n_hidden3 = n_hidden1
    n_outputs = n_inputs

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 784)
    my_fully_connected = partial(
        fully_connected,
        activation_fn=tf.nn.elu,
        weights_initializer=variance_scaling_initializer(),
        weights_regularizer=l2_regularizer(l2_reg),
    )
    hidden1 = my_fully_connected(X, n_hidden1)  # (batch, 300)
    hidden2 = my_fully_connected(hidden1, n_hidden2)  # (batch, 150), codings
    hidden3 = my_fully_connected(hidden2, n_hidden3)  # (batch, 300)
    outputs = my_fully_connected(hidden3, n_outputs, activation_fn=None)  # (batch, 784)

    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))  # MSE

    reg_losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    loss = tf.add_n([reconstruction_loss] + reg_losses)

    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(loss)

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def train(run, n_epochs=30, batch_size=150, **settings):
    """Train as the listing does, then draw two test digits and their reconstructions."""
    g = build(**settings)
    with run.open_session() as sess:
        mnist = run.read_data_sets()
        g.init.run()
        for epoch in range(n_epochs):
            n_batches = mnist.train.num_examples // batch_size
            for iteration in run.progress(n_batches, epoch):
                X_batch, y_batch = mnist.train.next_batch(batch_size)
                sess.run(g.training_op, feed_dict={g.X: X_batch})
            loss_train = g.reconstruction_loss.eval(feed_dict={g.X: X_batch})
            run.print(epoch, "Train MSE:", loss_train)
            run.save(g.saver, sess, "my_model_all_layers.ckpt")

    show_reconstructed_digits(run, mnist, g.X, g.outputs, g.saver, "my_model_all_layers.ckpt")


def main(argv=None):
    return run_script("autoencoder_2", train, build, argv=argv)
