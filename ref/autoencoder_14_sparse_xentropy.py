"""autoencoder_14.py · 稀疏自动编码器：加速收敛方法 · Sparse autoencoder, faster with cross-entropy.

Network: autoencoder_13's, 784-1000-784, with a logistic output and the cross-entropy, whose gradients are larger, in
the place of the MSE. The book published no number.

The printed label is still ``Train MSE:``, though the number is the cross-entropy. Kept, character for character.

What differs from the listing, and why:
- ``tf.layers.dense`` comes from ref.common.layers: it raises under Keras 3.
- It draws two test digits and their reconstructions, to be compared with autoencoder_13's.
- The reader's and progress lines are ref.common's, being the same in every listing.
- Everything is seeded (``--seed``), so that two runs can be compared digit for digit; the listing was not.
- ``--safe-kl``, off by default, is finite where all of a batch saturates.

Run: make autoencoder_14, or python -m ref run autoencoder_14. Writes my_model_sparse_speedup.ckpt.
"""

from types import SimpleNamespace

import tensorflow.compat.v1 as tf

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
    logits = dense(hidden1, n_outputs)  # (batch, 784)
    outputs = tf.nn.sigmoid(logits)  # (batch, 784)

    hidden1_mean = tf.reduce_mean(hidden1, axis=0)  # (1000,), batch mean
    sparsity_loss = tf.reduce_sum((safe_kl_divergence if safe_kl else kl_divergence)(sparsity_target, hidden1_mean))

    xentropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=X, logits=logits)  # (batch, 784)
    reconstruction_loss = tf.reduce_mean(xentropy)
    loss = reconstruction_loss + sparsity_weight * sparsity_loss

    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(loss)

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def train(run, n_epochs=100, batch_size=1000, **settings):
    """Train as the listing does, then draw two test digits and their reconstructions."""
    g = build(**settings)
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
            run.save(g.saver, sess, "my_model_sparse_speedup.ckpt")

    show_reconstructed_digits(run, mnist, g.X, g.outputs, g.saver, "my_model_sparse_speedup.ckpt")


def main(argv=None):
    return run_script("autoencoder_14", train, build, argv=argv)
