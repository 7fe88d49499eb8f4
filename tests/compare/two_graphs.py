"""One autoencoder after another, each in a graph of its own; what they learn is stacked, and one is restored."""

import numpy as np
import tensorflow as tf

images = np.random.rand(120, 8).astype(np.float32)


def train(inputs, n_units, path):
    with tf.Graph().as_default():
        tf.set_random_seed(42)
        X = tf.placeholder(tf.float32, [None, inputs.shape[1]])
        l2 = tf.contrib.layers.l2_regularizer(0.001)
        hidden = tf.layers.dense(X, n_units, tf.nn.elu, name="hidden", kernel_regularizer=l2)
        outputs = tf.layers.dense(hidden, int(inputs.shape[1]), name="outputs", kernel_regularizer=l2)
        reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))
        loss = tf.add_n([reconstruction_loss] + tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))
        training_op = tf.train.AdamOptimizer(0.01).minimize(loss)
        saver = tf.train.Saver()
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for iteration in range(5):
                sess.run(training_op, {X: inputs[np.random.permutation(len(inputs))[:10]]})
            saver.save(sess, path)
            return sess.run([hidden] + tf.trainable_variables()[:2], {X: inputs})


codings, weights1, biases1 = train(images, 6, "./first.ckpt")
_, weights2, biases2 = train(codings, 5, "./second.ckpt")

X = tf.placeholder(tf.float32, [None, 8])
hidden1 = tf.nn.elu(tf.matmul(X, weights1) + biases1)
hidden2 = tf.nn.elu(tf.matmul(hidden1, weights2) + biases2)
with tf.Session() as sess:
    print(sess.run(hidden2, {X: images}).mean())

with tf.Graph().as_default(), tf.Session() as sess:
    kernel = tf.get_variable("hidden/kernel", [8, 6])
    total = tf.reduce_sum(kernel)
    saver = tf.train.Saver()
    saver.restore(sess, "./first.ckpt")
    print(sess.run(total))
