"""autoencoder_13.py · 稀疏自动编码器 · Sparse autoencoder: MSE and the KL divergence of each unit's mean activity.

Network: 784-1000-784, logistic codings, linear output. Each coding's mean over the batch is drawn towards
``sparsity_target``; the divergences are summed over the 1,000 units and weighted by ``sparsity_weight``.
Published with the book: train MSE 0.0245 and sparsity loss 0.336; the MSE of epochs 35 to 99 is 0.0113 to 0.0455.

A unit whose mean is exactly 0 or 1 makes the loss infinite or NaN; the logistic function rarely gets there. Kept;
``--safe-kl`` is finite there.

What differs from the listing, and why:
- ``tf.layers.dense`` comes from ref.common.layers: it raises under Keras 3.
- It draws two test digits and their reconstructions, and the sparsity loss, as the book's notebook does and the
  notes do not; the legend is moved clear of the text.
- The reader's and progress lines are ref.common's, being the same in every listing.
- Everything is seeded (``--seed``), so that two runs can be compared digit for digit; the listing was not.

Run: make autoencoder_13, or python -m ref run autoencoder_13. Writes my_model_sparse.ckpt.
"""

from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure

from ref.common.cli import run_script
from ref.common.figures import show_reconstructed_digits
from ref.common.layers import dense
from ref.common.losses import safe_kl_divergence


def kl_divergence(p, q):
    """Return the Kullback-Leibler divergence of Bernoulli(p) from Bernoulli(q), elementwise; NaN or inf at q = 0, 1."""
    return p * tf.log(p / q) + (1 - p) * tf.log((1 - p) / (1 - q))


def build(
    n_inputs=28 * 28, n_hidden1=1000, learning_rate=0.01, sparsity_target=0.1, sparsity_weight=0.2, safe_kl=False
):
    """Build the listing's graph in the default graph; return its tensors under the book's names."""
    n_outputs = n_inputs

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 784)

    hidden1 = dense(X, n_hidden1, activation=tf.nn.sigmoid)  # (batch, 1000), sparse codings
    outputs = dense(hidden1, n_outputs)  # (batch, 784)

    hidden1_mean = tf.reduce_mean(hidden1, axis=0)  # (1000,), batch mean
    sparsity_loss = tf.reduce_sum((safe_kl_divergence if safe_kl else kl_divergence)(sparsity_target, hidden1_mean))
    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))  # MSE
    loss = reconstruction_loss + sparsity_weight * sparsity_loss

    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(loss)

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def draw_sparsity_loss(run, p):
    """Draw the KL divergence and the squared error over the actual sparsity q, the target being ``p``."""
    q = np.linspace(0.001, 0.999, 500)
    kl_div = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    mse = (p - q) ** 2
    fig = Figure()
    ax = fig.add_subplot()
    ax.plot([p, p], [0, 0.3], "k:")
    ax.text(p - 0.05, 0.32, "Target\nsparsity", fontsize=14)
    ax.plot(q, kl_div, "b-", label="KL divergence")
    ax.plot(q, mse, "r--", label="MSE")
    ax.legend(loc="upper left", bbox_to_anchor=(0.1, 1))
    ax.set_xlabel("Actual sparsity")
    ax.set_ylabel("Cost", rotation=0)
    ax.axis((0, 1, 0, 0.95))
    run.save_figure("sparsity_loss", fig, q=q, kl_div=kl_div, mse=mse)


def train(run, n_epochs=100, batch_size=1000, **settings):
    """Draw the sparsity loss, train as the listing does, then draw two test digits and their reconstructions."""
    g = build(**settings)
    draw_sparsity_loss(run, g.sparsity_target)
    mnist = run.read_data_sets()
    with run.open_session() as sess:
        g.init.run()
        for epoch in range(n_epochs):
            n_batches = mnist.train.num_examples // batch_size
            for iteration in run.progress(n_batches, epoch):
                X_batch, y_batch = mnist.train.next_batch(batch_size)
                sess.run(g.training_op, feed_dict={g.X: X_batch})
            reconstruction_loss_val, sparsity_loss_val, loss_val = sess.run(
                [g.reconstruction_loss, g.sparsity_loss, g.loss], feed_dict={g.X: X_batch}
            )
            run.print(
                epoch, "Train MSE:", reconstruction_loss_val,
                "\tSparsity loss:", sparsity_loss_val,
                "\tTotal loss:", loss_val,
            )  # fmt: skip
            run.save(g.saver, sess, "my_model_sparse.ckpt")

    show_reconstructed_digits(run, mnist, g.X, g.outputs, g.saver, "my_model_sparse.ckpt")


def main(argv=None):
    return run_script("autoencoder_13", train, build, argv=argv)
