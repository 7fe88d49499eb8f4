"""autoencoder_3.py · 权重绑定 · Tying weights.

Network: 784-300-150-300-784, ELU, the decoder's weights are the encoder's transposed.
Published with the book: train MSE 0.0156 (last batch of the last epoch), with l2_reg 0.0005; the listing has 0.001.

Only weights1 and weights2 are regularized, as weights3 and weights4 are they; biases are never tied, nor regularized.

What differs from the listing, and why:
- ``contrib.layers``' initializer and regularizer come from ref.common.layers: contrib is gone.
- The reader's, progress and plotting lines are ref.common's, being the same in every listing; the figure is saved, so
  that no display is needed.
- Everything is seeded (``--seed``), so that two runs can be compared digit for digit; the listing was not.

Run: make autoencoder_3, or python -m ref run autoencoder_3. Writes my_model_tying_weights.ckpt.
"""

from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.figures import show_reconstructed_digits
from ref.common.layers import l2_regularizer, variance_scaling_initializer


def build(n_inputs=28 * 28, n_hidden1=300, n_hidden2=150, learning_rate=0.01, l2_reg=0.001):
    """Build the listing's graph in the default graph; return its tensors under the book's names."""
    n_hidden3 = n_hidden1
    n_outputs = n_inputs

    activation = tf.nn.elu
    regularizer = l2_regularizer(l2_reg)
    initializer = variance_scaling_initializer()

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 784)

    weights1_init = initializer([n_inputs, n_hidden1])
    weights2_init = initializer([n_hidden1, n_hidden2])

    weights1 = tf.Variable(weights1_init, dtype=tf.float32, name="weights1")  # (784, 300)
    weights2 = tf.Variable(weights2_init, dtype=tf.float32, name="weights2")  # (300, 150)
    weights3 = tf.transpose(weights2, name="weights3")  # (150, 300), tied: no variable
    weights4 = tf.transpose(weights1, name="weights4")  # (300, 784), tied: no variable

    biases1 = tf.Variable(tf.zeros(n_hidden1), name="biases1")
    biases2 = tf.Variable(tf.zeros(n_hidden2), name="biases2")
    biases3 = tf.Variable(tf.zeros(n_hidden3), name="biases3")
    biases4 = tf.Variable(tf.zeros(n_outputs), name="biases4")

    hidden1 = activation(tf.matmul(X, weights1) + biases1)  # (batch, 300)
    hidden2 = activation(tf.matmul(hidden1, weights2) + biases2)  # (batch, 150), codings
    hidden3 = activation(tf.matmul(hidden2, weights3) + biases3)  # (batch, 300)
    outputs = tf.matmul(hidden3, weights4) + biases4  # (batch, 784)

    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))  # MSE
    reg_loss = regularizer(weights1) + regularizer(weights2)
    loss = reconstruction_loss + reg_loss

    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(loss)

    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def train(run, n_epochs=5, batch_size=150, **settings):
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
            run.save(g.saver, sess, "my_model_tying_weights.ckpt")

    show_reconstructed_digits(run, mnist, g.X, g.outputs, g.saver, "my_model_tying_weights.ckpt")


def main(argv=None):
    return run_script("autoencoder_3", train, build, argv=argv)
