"""autoencoder_12.py · 去噪自动编码器：使用dropout · Denoising autoencoder, dropout.

Network: 784-300-150-300-784, ReLU, linear output; while training, dropout on the input.
Published with the book: train MSE 0.0242.

``training`` is True in the training steps only; the printed evaluation and the figure use its default, False.

What differs from the listing, and why:
- ``tf.layers.dense`` and ``tf.layers.dropout`` come from ref.common.layers: they raise under Keras 3, and
  TensorFlow 2 builds dropout of other ops.
- It draws two test digits and their reconstructions, as the book's notebook does and the notes do not.
- The reader's and progress lines are ref.common's, being the same in every listing.
- Everything is seeded (``--seed``), so that two runs can be compared digit for digit; the listing was not.

Run: make autoencoder_12, or python -m ref run autoencoder_12. Writes my_model_stacked_denoising_dropout.ckpt.
"""

from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.figures import show_reconstructed_digits
from ref.common.layers import dense, dropout


def build(n_inputs=28 * 28, n_hidden1=300, n_hidden2=150, learning_rate=0.01, dropout_rate=0.3):
    """Build the listing's graph in the default graph; return its tensors under the book's names."""
    n_hidden3 = n_hidden1
    n_outputs = n_inputs

    training = tf.placeholder_with_default(False, shape=(), name="training")

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 784)
    X_drop = dropout(X, dropout_rate, training=training)  # (batch, 784)

    hidden1 = dense(X_drop, n_hidden1, activation=tf.nn.relu, name="hidden1")  # (batch, 300)
    hidden2 = dense(hidden1, n_hidden2, activation=tf.nn.relu, name="hidden2")  # (batch, 150), codings
    hidden3 = dense(hidden2, n_hidden3, activation=tf.nn.relu, name="hidden3")  # (batch, 300)
    outputs = dense(hidden3, n_outputs, name="outputs")  # (batch, 784)

    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))  # MSE

    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(reconstruction_loss)

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def train(run, n_epochs=10, batch_size=150, **settings):
    """Train as the listing does, then draw two test digits and their reconstructions."""
    g = build(**settings)
    mnist = run.read_data_sets()
    with run.open_session() as sess:
        g.init.run()
        for epoch in range(n_epochs):
            n_batches = mnist.train.num_examples // batch_size
            for iteration in run.progress(n_batches, epoch):
                X_batch, y_batch = mnist.train.next_batch(batch_size)
                sess.run(g.training_op, feed_dict={g.X: X_batch, g.training: True})
            loss_train = g.reconstruction_loss.eval(feed_dict={g.X: X_batch})
            run.print(epoch, "Train MSE:", loss_train)
            run.save(g.saver, sess, "my_model_stacked_denoising_dropout.ckpt")

    show_reconstructed_digits(run, mnist, g.X, g.outputs, g.saver, "my_model_stacked_denoising_dropout.ckpt")


def main(argv=None):
    return run_script("autoencoder_12", train, build, argv=argv)
