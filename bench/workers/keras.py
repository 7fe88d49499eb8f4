"""Keras 3 on TensorFlow: ``fit`` on rows in the batches' order. Its lookup of a batch is a slice."""

from bench.work import Work
from bench.workers._keras import KerasWorker

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker(KerasWorker):
    def __init__(self, work: Work, cached: bool, device: str, **options):
        super().__init__(work, cached, device)
        inputs = self.keras.Input([300]) if cached else self.inputs
        self.compile(inputs, inputs, **options)
        self.fill()
        self.reset()

    def fill(self):
        self.rows = self.compute_rows()

    def train(self, batches):
        self.model.fit(self.rows[batches.ravel()], batch_size=batches.shape[1], epochs=1, shuffle=False, verbose=0)
