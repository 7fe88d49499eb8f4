"""TensorFlow 2 as its guides write it: a ``tf.function`` a step, a gradient tape, Keras' Adam."""

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, Work
from bench.workers._tensorflow import TensorFlowWorker

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker(TensorFlowWorker):
    def __init__(self, work: Work, cached: bool, device: str):
        super().__init__(work, cached, device)
        tf = self.tf
        self.adam = tf.keras.optimizers.Adam(LEARNING_RATE, BETA1, BETA2, EPSILON)
        self.adam.build(self.weights)
        weights1, biases1 = tf.constant(work.initial["weights1"]), tf.constant(work.initial["biases1"])
        weights2, biases2, weights3, biases3 = self.weights

        def compute_hidden1(batch):
            return tf.nn.elu(batch @ weights1 + biases1)

        @tf.function
        def take_step(rows, indices):
            batch = tf.gather(rows, indices)
            hidden1 = batch if cached else compute_hidden1(batch)
            with tf.GradientTape() as tape:
                hidden2 = tf.nn.elu(hidden1 @ weights2 + biases2)
                hidden3 = tf.nn.elu(hidden2 @ weights3 + biases3)
                reg_loss = L2_REG * (tf.nn.l2_loss(weights2) + tf.nn.l2_loss(weights3))
                loss = tf.reduce_mean(tf.square(hidden3 - hidden1)) + reg_loss
            self.adam.apply_gradients(zip(tape.gradient(loss, self.weights), self.weights))

        self.compute_hidden1, self.take_step = compute_hidden1, take_step
        self.fill()
        self.reset()

    def reset(self):
        super().reset()
        for variable in self.adam.variables:
            if variable is not self.adam.learning_rate:
                variable.assign(self.tf.zeros_like(variable))

    def train(self, batches):
        for indices in self.tf.constant(batches):
            self.take_step(self.rows, indices)
        self.synchronize()
