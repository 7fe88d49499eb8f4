"""TensorFlow 2, tuned as our xla is: an epoch in a ``tf.function(jit_compile=True)``, in the form that is fastest here.

ELU is written with ``exp``, its slope taken from its value. A form says in how many parts a batch goes through a step,
side by side, and how many steps make one turn of the loop: their batches go through the frozen layer at once.
"""

from typing import NamedTuple

import numpy as np

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, Work
from bench.workers._tensorflow import TensorFlowWorker

KIND = "tuned"
VENV = ".venv-peers"


class Form(NamedTuple):
    parts: int
    steps: int


ALL_FORMS = {
    "whole": Form(1, 1),
    "whole, 2 steps": Form(1, 2),
    "halves": Form(2, 1),
    "halves, 2 steps": Form(2, 2),
}
FORMS = {
    True: ["whole", "whole, 2 steps", "halves", "halves, 2 steps"],
    False: ["whole", "whole, 2 steps", "halves", "halves, 2 steps"],
}


class Worker(TensorFlowWorker):
    def __init__(self, work: Work, cached: bool, device: str, form: str):
        super().__init__(work, cached, device)
        tf, self.form = self.tf, form
        parts, n_steps = ALL_FORMS[form]
        beta1, beta2 = np.float32(BETA1), np.float32(BETA2)  # their rounding cancels, as in TensorFlow's kernel
        weights1, biases1 = tf.constant(work.initial["weights1"]), tf.constant(work.initial["biases1"])
        self.ms, self.vs = ([tf.Variable(tf.zeros_like(w)) for w in self.weights] for _ in range(2))
        self.powers = [tf.Variable(1.0), tf.Variable(1.0)]

        @tf.custom_gradient
        def elu(z):
            value = tf.where(z > 0, z, tf.exp(tf.minimum(z, 0.0)) - 1.0)
            return value, lambda gradient: gradient * (tf.minimum(value, 0.0) + 1.0)

        def compute_hidden1(batch):
            return elu(batch @ weights1 + biases1)

        def compute_loss(hidden1):
            weights2, biases2, weights3, biases3 = self.weights
            squares, half = [], len(hidden1) // 2
            for part in (hidden1[:half], hidden1[half:]) if parts == 2 else (hidden1,):
                hidden2 = elu(part @ weights2 + biases2)
                hidden3 = elu(hidden2 @ weights3 + biases3)
                squares.append(tf.reduce_sum(tf.square(hidden3 - part)))
            reg_loss = L2_REG * (tf.nn.l2_loss(weights2) + tf.nn.l2_loss(weights3))
            return tf.add_n(squares) / tf.cast(tf.size(hidden1), tf.float32) + reg_loss

        def take_step(hidden1):
            with tf.GradientTape() as tape:
                loss = compute_loss(hidden1)
            power1, power2 = self.powers
            power1.assign(power1 * beta1)
            power2.assign(power2 * beta2)
            step_size = LEARNING_RATE * tf.sqrt(1 - power2) / (1 - power1)
            for w, m, v, gradient in zip(self.weights, self.ms, self.vs, tape.gradient(loss, self.weights)):
                m.assign_add((gradient - m) * (1 - beta1))
                v.assign_add((tf.square(gradient) - v) * (1 - beta2))
                w.assign_sub(step_size * m / (tf.sqrt(v) + EPSILON))

        def take_steps(rows, batches):
            hidden1 = tf.gather(rows, tf.reshape(batches, [-1]))
            hidden1 = hidden1 if cached else compute_hidden1(hidden1)
            for part in tf.split(hidden1, len(batches)):
                take_step(part)

        @tf.function(jit_compile=True)
        def train_epoch(rows, batches):
            n_whole = len(batches) // n_steps * n_steps
            for i in tf.range(0, n_whole, n_steps):
                take_steps(rows, tf.slice(batches, [i, 0], [n_steps, batches.shape[1]]))
            for i in tf.range(n_whole, len(batches)):
                take_steps(rows, tf.slice(batches, [i, 0], [1, batches.shape[1]]))

        self.compute_hidden1, self.train_epoch = compute_hidden1, train_epoch
        self.fill()
        self.reset()

    def reset(self):
        super().reset()
        for moment in (*self.ms, *self.vs):
            moment.assign(self.tf.zeros_like(moment))
        for power in self.powers:
            power.assign(1.0)

    def train(self, batches):
        self.train_epoch(self.rows, self.tf.constant(batches))
        self.synchronize()
