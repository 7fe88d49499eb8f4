"""Keras 3, tuned: the rows are a weight of the model, ``fit`` is given batches of indices, an epoch is one execution.

A form says whether XLA compiles the step. ``fit`` takes indices from a ``tf.data`` set, which was faster than an array.
"""

import os

import numpy as np

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, TRAINED, Work
from bench.workers._tensorflow import check_device

KIND = "tuned"
VENV = ".venv-peers"
FORMS = {cached: ["no jit_compile", "jit_compile"] for cached in (True, False)}


class Worker:
    def __init__(self, work: Work, cached: bool, device: str, form: str):
        os.environ["KERAS_BACKEND"] = "tensorflow"
        import keras
        import tensorflow as tf

        check_device(device)
        self.tf, self.form = tf, form

        class LookUp(keras.layers.Layer):
            def build(self, _):
                width = 300 if cached else 784
                self.rows = self.add_weight(shape=(len(work.images), width), initializer="zeros", trainable=False)

            def call(self, indices):
                return keras.ops.take(self.rows, indices, axis=0)

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
        frozen.set_weights([work.initial["weights1"], work.initial["biases1"]])
        self.look_up, indices = LookUp(), keras.Input([], dtype="int32")
        batch = self.look_up(indices)
        hidden1 = batch if cached else frozen(batch)
        hidden3 = self.layers[1](self.layers[0](hidden1))
        self.model = keras.Model(indices, AddReconstructionLoss()(hidden3, hidden1))
        self.model.compile(
            keras.optimizers.Adam(LEARNING_RATE, BETA1, BETA2, EPSILON),
            jit_compile=form == "jit_compile",
            steps_per_execution=len(work.batches),
        )
        self.initial, self.images, self.cached = work.initial, work.images, cached
        self.fill()
        self.reset()

    def fill(self):
        rows = self.frozen.predict(self.images, batch_size=5000, verbose=0) if self.cached else self.images
        self.look_up.rows.assign(rows)

    def reset(self):
        for i, layer in enumerate(self.layers, 2):
            layer.set_weights([self.initial[f"weights{i}"], self.initial[f"biases{i}"]])
        for variable in self.model.optimizer.variables:
            if variable.path.rsplit("/", 1)[1] != "learning_rate":
                variable.assign(np.zeros(variable.shape))

    def train(self, batches):
        self.model.fit(self.tf.data.Dataset.from_tensor_slices(batches), epochs=1, shuffle=False, verbose=0)

    def get_weights(self):
        values = [value for layer in self.layers for value in layer.get_weights()]
        return dict(zip(TRAINED, values))
