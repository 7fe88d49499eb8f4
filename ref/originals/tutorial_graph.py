"""``tensorflow.examples.tutorials.mnist.mnist``: the graph of the tutorial's fully connected network. Python 3.7.

Source: tensorflow/examples/tutorials/mnist/mnist.py of TensorFlow 1.
"""

import math

import tensorflow.compat.v1 as tf

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images, hidden1_units, hidden2_units):
    """Return logits (batch, 10) of two hidden layers of ReLUs on images (batch, 784)."""
    hidden1 = tf.nn.relu(_affine("hidden1", images, IMAGE_PIXELS, hidden1_units))
    hidden2 = tf.nn.relu(_affine("hidden2", hidden1, hidden1_units, hidden2_units))
    return _affine("softmax_linear", hidden2, hidden2_units, NUM_CLASSES)


def _affine(scope, inputs, n_inputs, n_outputs):
    with tf.name_scope(scope):
        stddev = 1.0 / math.sqrt(float(n_inputs))
        weights = tf.Variable(tf.truncated_normal([n_inputs, n_outputs], stddev=stddev), name="weights")
        biases = tf.Variable(tf.zeros([n_outputs]), name="biases")
        return tf.matmul(inputs, weights) + biases


def loss(logits, labels):
    """Return the mean cross-entropy, a scalar; labels are ids, (batch,)."""
    return tf.losses.sparse_softmax_cross_entropy(labels=tf.to_int64(labels), logits=logits)


def training(loss, learning_rate):
    """Return the op that makes one step of gradient descent, and counts it."""
    tf.summary.scalar("loss", loss)
    optimizer = tf.train.GradientDescentOptimizer(learning_rate)
    global_step = tf.Variable(0, name="global_step", trainable=False)
    return optimizer.minimize(loss, global_step=global_step)


def evaluation(logits, labels):
    """Return how many of a batch are right, an int32 scalar."""
    return tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, labels, 1), tf.int32))
