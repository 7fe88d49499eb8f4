"""What the candidates on Keras 3 share: the layers, the loss, Adam; not where rows lie, nor what ``fit`` is given."""

import os

import numpy as np

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, TRAINED, Work
from bench.workers._tensorflow import check_device


class KerasWorker:
    """A subclass's ``__init__`` compiles ``model`` of ``stack``, then fills and resets.

    ``frozen`` is a model of images, (batch, 784), whose outputs are the frozen layer's, (batch, 300).
    """

    backend = "tensorflow"

    def __init__(self, work: Work, cached: bool, device: str):
        os.environ["KERAS_BACKEND"] = self.backend
        import keras

        if self.backend == "tensorflow":
            check_device(device)
        self.keras, self.initial, self.images, self.cached = keras, work.initial, work.images, cached

        def dense(name, is_frozen=False):
            return keras.layers.Dense(
                work.initial[f"biases{name}"].size,
                "elu",
                kernel_regularizer=None if is_frozen else keras.regularizers.L2(L2_REG / 2),
                trainable=not is_frozen,
            )

        self.inputs, frozen, self.layers = keras.Input([784]), dense(1, is_frozen=True), [dense(2), dense(3)]
        self.frozen = keras.Model(self.inputs, frozen(self.inputs))
        frozen.set_weights([work.initial["weights1"], work.initial["biases1"]])

    def compile(self, inputs, rows, **options) -> None:
        """Make ``model`` of ``inputs``, which give ``rows``: cached ones, (batch, 300), or images, (batch, 784)."""
        keras = self.keras

        class AddReconstructionLoss(keras.layers.Layer):
            def call(self, hidden3, hidden1):
                self.add_loss(keras.ops.mean(keras.ops.square(hidden3 - hidden1)))
                return hidden3

        hidden1 = rows if self.cached else self.frozen(rows)
        hidden3 = self.layers[1](self.layers[0](hidden1))
        self.model = keras.Model(inputs, AddReconstructionLoss()(hidden3, hidden1))
        self.model.compile(keras.optimizers.Adam(LEARNING_RATE, BETA1, BETA2, EPSILON), **options)

    def compute_rows(self) -> np.ndarray:
        return self.frozen.predict(self.images, batch_size=5000, verbose=0) if self.cached else self.images

    def reset(self):
        for i, layer in enumerate(self.layers, 2):
            layer.set_weights([self.initial[f"weights{i}"], self.initial[f"biases{i}"]])
        for variable in self.model.optimizer.variables:
            if variable.path.rsplit("/", 1)[1] != "learning_rate":
                variable.assign(np.zeros(variable.shape))

    def get_weights(self):
        values = [value for layer in self.layers for value in layer.get_weights()]
        return dict(zip(TRAINED, values))
