"""autoencoder_4.py · 使用堆叠的自动编码器进行无监督的预训练 · The classifier, without unsupervised pretraining.

Network: 784-300-150-10, ELU, softmax, L2 on all three weight matrices, on 20,000 labelled digits.
Published with the book: test accuracy 0.9494. Its twin, autoencoder_5, starts from pretrained weights.

``loss`` is a vector, one number per example: the listing has no ``reduce_mean``. ``minimize`` sums it, so the gradient
is a sum over the batch and the L2 penalty counts batch_size times. Kept.

What differs from the listing, and why:
- ``contrib.layers``' initializer and regularizer come from ref.common.layers: contrib is gone.
- The reader's and progress lines are ref.common's, being the same in every listing.
- Everything is seeded (``--seed``), so that two runs can be compared digit for digit; the listing was not.
  Permutations come from the reader's own generator, seeded alike: same numbers as NumPy's global one.
- Where the data holds fewer than ``n_labeled_instances`` training images, all are used; on MNIST nothing changes.

Run: make autoencoder_4, or python -m ref run autoencoder_4. Writes my_model_supervised.ckpt.
"""

from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.cli import run_script
from ref.common.layers import l2_regularizer, variance_scaling_initializer


def build(n_inputs=28 * 28, n_hidden1=300, n_hidden2=150, n_outputs=10, learning_rate=0.01, l2_reg=0.0005):
    """Build the listing's graph in the default graph; return its tensors under the book's names."""
    activation = tf.nn.elu
    regularizer = l2_regularizer(l2_reg)
    initializer = variance_scaling_initializer()

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 784)
    y = tf.placeholder(tf.int32, shape=[None])  # (batch,)

    weights1_init = initializer([n_inputs, n_hidden1])
    weights2_init = initializer([n_hidden1, n_hidden2])
    weights3_init = initializer([n_hidden2, n_outputs])

    weights1 = tf.Variable(weights1_init, dtype=tf.float32, name="weights1")  # (784, 300)
    weights2 = tf.Variable(weights2_init, dtype=tf.float32, name="weights2")  # (300, 150)
    weights3 = tf.Variable(weights3_init, dtype=tf.float32, name="weights3")  # (150, 10)

    biases1 = tf.Variable(tf.zeros(n_hidden1), name="biases1")
    biases2 = tf.Variable(tf.zeros(n_hidden2), name="biases2")
    biases3 = tf.Variable(tf.zeros(n_outputs), name="biases3")

    hidden1 = activation(tf.matmul(X, weights1) + biases1)  # (batch, 300)
    hidden2 = activation(tf.matmul(hidden1, weights2) + biases2)  # (batch, 150)
    logits = tf.matmul(hidden2, weights3) + biases3  # (batch, 10)

    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)  # (batch,)
    reg_loss = regularizer(weights1) + regularizer(weights2) + regularizer(weights3)
    loss = cross_entropy + reg_loss  # (batch,)
    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(loss)

    correct = tf.nn.in_top_k(logits, y, 1)  # (batch,)
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))

    init = tf.global_variables_initializer()
    pretrain_saver = tf.train.Saver([weights1, weights2, biases1, biases2])
    saver = tf.train.Saver()
    return SimpleNamespace(**locals())


def train(run, n_epochs=4, batch_size=150, n_labeled_instances=20000, **settings):
    """Train as the listing does, on the first labelled images."""
    g = build(**settings)
    with run.open_session() as sess:
        mnist = run.read_data_sets()
        rnd = mnist.rnd
        n_labeled_instances = min(n_labeled_instances, mnist.train.num_examples)
        g.init.run()
        for epoch in range(n_epochs):
            n_batches = n_labeled_instances // batch_size
            for iteration in run.progress(n_batches, epoch):
                indices = rnd.permutation(n_labeled_instances)[:batch_size]
                X_batch, y_batch = mnist.train.images[indices], mnist.train.labels[indices]
                sess.run(g.training_op, feed_dict={g.X: X_batch, g.y: y_batch})
            accuracy_val = g.accuracy.eval(feed_dict={g.X: X_batch, g.y: y_batch})
            run.print(epoch, "Train accuracy:", accuracy_val, end=" ")
            run.save(g.saver, sess, "my_model_supervised.ckpt")
            accuracy_val = g.accuracy.eval(feed_dict={g.X: mnist.test.images, g.y: mnist.test.labels})
            run.print("Test accuracy:", accuracy_val)


def main(argv=None):
    return run_script("autoencoder_4", train, build, argv=argv)
