"""autoencoder_15 · 变分自动编码器 · Variational autoencoder.

Network: 784-500-500-20-500-500-784, ELU, He; the codings are drawn from a Gaussian whose ``hidden3_mean`` and
``hidden3_sigma`` are linear layers. Loss: the batch's sum of cross-entropies plus the sum of latent losses.
Published with the book: total loss 15147 (last batch of the last epoch).

The notes have the heading only: this is the book's listing.

What differs from the book's, and why:
- ``tf.layers.dense`` and contrib's initializer come from ref.common.layers: the one raises under Keras 3, contrib
  is gone.
- The reader's and progress lines are ref.common's, being the same in every listing.
- It draws two test digits and their reconstructions, to be compared with the other autoencoders'.
- It is a script of its own: ``--seed`` takes the place of the 42 that the book's ``reset_graph`` sets, and the data is
  read anew, so that batches are not those of the book's one long notebook.
- ``--safe-latent``, off by default, is finite where the latent loss would overflow.

Run: make autoencoder_15, or python -m ref run autoencoder_15. Writes my_model_variational.ckpt.
"""

from functools import partial
from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.figures import show_reconstructed_digits
from ref.common.layers import dense, variance_scaling_initializer
from ref.common.losses import bound


def build(n_inputs=28 * 28, n_hidden1=500, n_hidden2=500, n_hidden3=20, learning_rate=0.001, safe_latent=False):
    """Build the book's graph in the default graph; return its tensors under the book's names."""
    n_hidden4 = n_hidden2
    n_hidden5 = n_hidden1
    n_outputs = n_inputs

    initializer = variance_scaling_initializer()
    my_dense_layer = partial(dense, activation=tf.nn.elu, kernel_initializer=initializer)

    X = tf.placeholder(tf.float32, [None, n_inputs])  # (batch, 784)
    hidden1 = my_dense_layer(X, n_hidden1)  # (batch, 500)
    hidden2 = my_dense_layer(hidden1, n_hidden2)  # (batch, 500)
    hidden3_mean = my_dense_layer(hidden2, n_hidden3, activation=None)  # (batch, 20)
    hidden3_sigma = my_dense_layer(hidden2, n_hidden3, activation=bound(1e9) if safe_latent else None)  # (batch, 20)
    noise = tf.random_normal(tf.shape(hidden3_sigma), dtype=tf.float32)  # (batch, 20)
    hidden3 = hidden3_mean + hidden3_sigma * noise  # (batch, 20), codings
    hidden4 = my_dense_layer(hidden3, n_hidden4)  # (batch, 500)
    hidden5 = my_dense_layer(hidden4, n_hidden5)  # (batch, 500)
    logits = my_dense_layer(hidden5, n_outputs, activation=None)  # (batch, 784)
    outputs = tf.sigmoid(logits)  # (batch, 784)

    xentropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=X, logits=logits)  # (batch, 784)
    reconstruction_loss = tf.reduce_sum(xentropy)
    eps = 1e-10  # keeps log(0) away
    latent_loss = 0.5 * tf.reduce_sum(
        tf.square(hidden3_sigma) + tf.square(hidden3_mean) - 1 - tf.log(eps + tf.square(hidden3_sigma))
    )
    loss = reconstruction_loss + latent_loss

    optimizer = tf.train.AdamOptimizer(learning_rate=learning_rate)
    training_op = optimizer.minimize(loss)

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def train(run, n_epochs=50, batch_size=150, **settings):
    """Train as the book does, then draw two test digits and their reconstructions."""
    g = build(**settings)
    with run.open_session() as sess:
        mnist = run.read_data_sets()
        g.init.run()
        for epoch in range(n_epochs):
            n_batches = mnist.train.num_examples // batch_size
            for iteration in run.progress(n_batches, epoch):
                X_batch, y_batch = mnist.train.next_batch(batch_size)
                sess.run(g.training_op, feed_dict={g.X: X_batch})
            loss_val, reconstruction_loss_val, latent_loss_val = sess.run(
                [g.loss, g.reconstruction_loss, g.latent_loss], feed_dict={g.X: X_batch}
            )
            run.print(
                epoch, "Train total loss:", loss_val,
                "\tReconstruction loss:", reconstruction_loss_val,
                "\tLatent loss:", latent_loss_val,
            )  # fmt: skip
            run.save(g.saver, sess, "my_model_variational.ckpt")

    show_reconstructed_digits(run, mnist, g.X, g.outputs, g.saver, "my_model_variational.ckpt")


def main(argv=None):
    return run_script("autoencoder_15", train, build, argv=argv)
