"""TensorFlow 1.15.5 on the work of bench/work.py: python -m bench.tf1_worker tf1 cached DIRECTORY --form ENGINE.

Phase 2 of the chapter's scripts 7 and 8 as it was written for TensorFlow 1: plain variables, ``AdamOptimizer``,
``feed_dict``. It runs under Python 3.7 in .venv-tf1 (make tf1). ENGINE says who draws:

    book           a permutation of the whole set for every batch, as in listing 8; it is drawn, timed and not used
    epoch-shuffle  nobody: the batches are given, as one shuffle an epoch gives them to listing 7

Commands and answers are bench/serve.py's.
"""

import functools
import os

import numpy as np

from bench.serve import parse_worker, serve
from scripts.tf1.run_listing import import_tf1

TRAINED = ("weights2", "biases2", "weights3", "biases3")


class TensorFlow1:
    """Phase 2 in a graph and a session of TensorFlow 1, with as many threads as it takes by itself.

    ``images`` (n, 784) are float32, ``initial`` holds weights1 … biases3.
    """

    def __init__(self, images, initial, cached, engine):
        tf = import_tf1()
        learning_rate, l2_reg = 0.01, 0.0001
        activation = tf.nn.elu
        regularizer = tf.contrib.layers.l2_regularizer(l2_reg)

        X = tf.placeholder(tf.float32, shape=[None, 28 * 28])
        variables = {name: tf.Variable(value, name=name) for name, value in sorted(initial.items())}
        weights1, weights2, weights3 = (variables["weights{}".format(i)] for i in (1, 2, 3))
        biases1, biases2, biases3 = (variables["biases{}".format(i)] for i in (1, 2, 3))

        hidden1 = activation(tf.matmul(X, weights1) + biases1)
        hidden2 = activation(tf.matmul(hidden1, weights2) + biases2)
        hidden3 = activation(tf.matmul(hidden2, weights3) + biases3)

        reconstruction_loss = tf.reduce_mean(tf.square(hidden3 - hidden1))
        reg_loss = regularizer(weights2) + regularizer(weights3)
        optimizer = tf.train.AdamOptimizer(learning_rate)
        train_vars = [weights2, biases2, weights3, biases3]
        self.training_op = optimizer.minimize(reconstruction_loss + reg_loss, var_list=train_vars)

        self.init = tf.global_variables_initializer()
        self.variables = variables
        self.X, self.hidden1, self.cached = X, hidden1, cached
        self.fed = hidden1 if cached else X
        self.images = np.asarray(images)  # no memmap, whose lookups take longer
        self.draws_per_batch, self.rnd = engine == "book", np.random.RandomState(0)
        self.sess = tf.Session()
        self.reset()
        self.fill()

    def fill(self):
        self.rows = self.sess.run(self.hidden1, feed_dict={self.X: self.images}) if self.cached else self.images

    def reset(self):
        self.sess.run(self.init)

    def train(self, batches):
        for indices in batches:
            if self.draws_per_batch:
                self.rnd.permutation(len(self.rows))
            self.sess.run(self.training_op, feed_dict={self.fed: self.rows[indices]})

    def get_weights(self):
        return self.sess.run({name: self.variables[name] for name in TRAINED})


def make_worker(engine, cached, directory):
    """Return the worker that ``serve`` asks, on the work that ``bench.work.Work.save`` left, and its batches."""
    images = np.load(os.path.join(directory, "images.npy"), mmap_mode="c")
    with np.load(os.path.join(directory, "initial.npz")) as initial:
        worker = TensorFlow1(images, dict(initial), cached, engine)
    return worker, np.load(os.path.join(directory, "batches.npy"))


if __name__ == "__main__":
    args = parse_worker("bench.tf1_worker", __doc__, ["tf1"])
    serve(functools.partial(make_worker, args.form, args.frozen == "cached", args.directory))
