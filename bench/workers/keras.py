"""Keras 3 on TensorFlow: ``fit`` on rows in the batches' order. Its lookup of a batch is a slice."""

import os

import numpy as np

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, TRAINED, Work
from bench.workers._tensorflow import check_device

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker:
    backend, compile_options = "tensorflow", {}

    def __init__(self, work: Work, cached: bool, device: str):
        os.environ["KERAS_BACKEND"] = self.backend
        import keras

        if self.backend == "tensorflow":
            check_device(device)

        class AddReconstructionLoss(keras.layers.Layer):
            def call(self, hidden3, hidden1):
                self.add_loss(keras.ops.mean(keras.ops.square(hidden3 - hidden1)))
                return hidden3

        def dense(name, is_frozen=False):
            return keras.layers.Dense(
                work.initial[f"biases{name}"].size,
                "elu",
                kernel_regularizer=None if is_frozen else keras.regularizers.L2(L2_REG / 2),
                trainable=not is_frozen,
            )

        images, frozen, self.layers = keras.Input([784]), dense(1, is_frozen=True), [dense(2), dense(3)]
        self.frozen = keras.Model(images, frozen(images))
        inputs = keras.Input([300]) if cached else images
        hidden1 = inputs if cached else frozen(inputs)
        hidden3 = self.layers[1](self.layers[0](hidden1))
        self.model = keras.Model(inputs, AddReconstructionLoss()(hidden3, hidden1))
        self.model.compile(keras.optimizers.Adam(LEARNING_RATE, BETA1, BETA2, EPSILON), **self.compile_options)
        frozen.set_weights([work.initial["weights1"], work.initial["biases1"]])
        self.initial, self.images, self.cached = work.initial, work.images, cached
        self.fill()
        self.reset()

    def fill(self):
        self.rows = self.frozen.predict(self.images, batch_size=5000, verbose=0) if self.cached else self.images

    def reset(self):
        for i, layer in enumerate(self.layers, 2):
            layer.set_weights([self.initial[f"weights{i}"], self.initial[f"biases{i}"]])
        for variable in self.model.optimizer.variables:
            if variable.path.rsplit("/", 1)[1] != "learning_rate":
                variable.assign(np.zeros(variable.shape))

    def train(self, batches):
        self.model.fit(self.rows[batches.ravel()], batch_size=batches.shape[1], epochs=1, shuffle=False, verbose=0)

    def get_weights(self):
        values = [value for layer in self.layers for value in layer.get_weights()]
        return dict(zip(TRAINED, values))
