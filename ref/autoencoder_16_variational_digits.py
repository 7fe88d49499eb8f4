"""autoencoder_16 · 变分自动编码器：生成数字 · Variational autoencoder, generating digits.

Network: autoencoder_15's, 784-500-500-20-500-500-784, with ``hidden3_gamma`` = log σ² in the place of σ.
Published with the book: total loss 14638 (last batch of the last epoch).

The notes have no listing for it: this is the book's.

What differs from the book's, and why:
- ``tf.layers.dense`` and contrib's initializer come from ref.common.layers: the one raises under Keras 3, contrib
  is gone.
- The reader's, progress and plotting lines are ref.common's, being the same in every listing; the figures are saved, so
  that no display is needed. They are 11 by 7, 8 by 9 and 11 by 6 inches, one a kind; the book's
  are several, of other sizes.
- It is a script of its own: ``--seed`` takes the place of the 42 that the book's ``reset_graph`` sets, and the data is
  read anew, so that batches are not those of the book's one long notebook.
- The test set is checked before training to hold the batch that is encoded after it.
- The checkpoint is named my_model_variational2.ckpt, so that autoencoder_15's is never taken for it.
- ``--safe-latent``, off by default, is finite where the latent loss would overflow.

Run: make autoencoder_16, or python -m ref run autoencoder_16. Writes my_model_variational2.ckpt.
"""

from functools import partial
from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.figures import draw_reconstructions, plot_images
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
    hidden3_gamma = my_dense_layer(hidden2, n_hidden3, activation=bound(20.0) if safe_latent else None)  # (batch, 20)
    noise = tf.random_normal(tf.shape(hidden3_gamma), dtype=tf.float32)  # (batch, 20)
    hidden3 = hidden3_mean + tf.exp(0.5 * hidden3_gamma) * noise  # (batch, 20), codings
    hidden4 = my_dense_layer(hidden3, n_hidden4)  # (batch, 500)
    hidden5 = my_dense_layer(hidden4, n_hidden5)  # (batch, 500)
    logits = my_dense_layer(hidden5, n_outputs, activation=None)  # (batch, 784)
    outputs = tf.sigmoid(logits)  # (batch, 784)

    xentropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=X, logits=logits)  # (batch, 784)
    reconstruction_loss = tf.reduce_sum(xentropy)
    latent_loss = 0.5 * tf.reduce_sum(tf.exp(hidden3_gamma) + tf.square(hidden3_mean) - 1 - hidden3_gamma)
    loss = reconstruction_loss + latent_loss

    optimizer = tf.train.AdamOptimizer(learning_rate=learning_rate)
    training_op = optimizer.minimize(loss)

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def train(run, n_epochs=50, batch_size=150, n_digits=60, **settings):
    """Train as the book does, then draw its three sheets: generated, encoded and decoded, interpolated digits."""
    g = build(**settings)
    with run.open_session() as sess:
        mnist = run.read_data_sets()
        rnd = mnist.rnd
        mnist.test.check_batch_size(batch_size)
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
            run.save(g.saver, sess, "my_model_variational2.ckpt")

        codings_rnd = rnd.normal(size=[n_digits, g.n_hidden3])
        generated = g.outputs.eval(feed_dict={g.hidden3: codings_rnd})  # (60, 784)
    run.save_figure("generated", plot_images(generated, n_columns=10, figsize=(11, 7)), generated=generated)

    n_digits = 3
    X_test, y_test = mnist.test.next_batch(batch_size)
    codings = g.hidden3
    with run.open_session() as sess:
        run.restore(g.saver, sess, "my_model_variational2.ckpt")
        codings_val = codings.eval(feed_dict={g.X: X_test})
    with run.open_session() as sess:
        run.restore(g.saver, sess, "my_model_variational2.ckpt")
        outputs_val = g.outputs.eval(feed_dict={codings: codings_val})
    draw_reconstructions(run, X_test[:n_digits], outputs_val[:n_digits], "encoded_decoded")

    n_iterations = 3
    n_digits = 6
    codings_rnd = rnd.normal(size=[n_digits, g.n_hidden3])
    interpolated = []
    with run.open_session() as sess:
        run.restore(g.saver, sess, "my_model_variational2.ckpt")
        target_codings = np.roll(codings_rnd, -1, axis=0)
        for iteration in range(n_iterations + 1):
            codings_interpolate = codings_rnd + (target_codings - codings_rnd) * iteration / n_iterations
            interpolated.extend(g.outputs.eval(feed_dict={codings: codings_interpolate}))
    fig = plot_images(interpolated, n_columns=n_digits, figsize=(11, 1.5 * (n_iterations + 1)))
    run.save_figure("interpolated", fig, interpolated=np.array(interpolated))


def main(argv=None):
    return run_script("autoencoder_16", train, build, argv=argv)
