"""Keras 3, tuned: the rows are a weight of the model, ``fit`` is given batches of indices, an epoch is one execution.

A form says whether XLA compiles the step. ``fit`` takes indices from a ``tf.data`` set, which was faster than an array.
"""

from bench.work import Work
from bench.workers._keras import KerasWorker

KIND = "tuned"
VENV = ".venv-peers"
FORMS = {cached: ["no jit_compile", "jit_compile"] for cached in (True, False)}


class Worker(KerasWorker):
    def __init__(self, work: Work, cached: bool, device: str, form: str):
        super().__init__(work, cached, device)
        import tensorflow as tf

        keras, self.tf, self.form = self.keras, tf, form

        class LookUp(keras.layers.Layer):
            def build(self, _):
                width = 300 if cached else 784
                self.rows = self.add_weight(shape=(len(work.images), width), initializer="zeros", trainable=False)

            def call(self, indices):
                return keras.ops.take(self.rows, indices, axis=0)

        self.look_up, indices = LookUp(), keras.Input([], dtype="int32")
        is_compiled = form == "jit_compile"
        rows = self.look_up(indices)
        self.compile(indices, rows, jit_compile=is_compiled, steps_per_execution=len(work.batches))
        self.fill()
        self.reset()

    def fill(self):
        self.look_up.rows.assign(self.compute_rows())

    def train(self, batches):
        self.model.fit(self.tf.data.Dataset.from_tensor_slices(batches), epochs=1, shuffle=False, verbose=0)
