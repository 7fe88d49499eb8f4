"""The matrix products of a step alone, by NumPy's OpenBLAS: no lookup, no activation, no Adam, no training."""

import numpy as np

from bench.work import Work

KIND = "floor"
VENV = ".venv"


class Worker:
    def __init__(self, work: Work, cached: bool, device: str):
        rnd, batch = np.random.RandomState(0), work.batches.shape[1]
        self.images = work.images[:batch].copy()
        self.weights = [work.initial[f"weights{i}"] for i in (1, 2, 3)]
        self.hidden1, self.hidden2, self.hidden3 = (
            rnd.normal(size=(batch, n)).astype(np.float32) for n in (300, 150, 300)
        )
        self.gradients = [np.empty_like(w) for w in self.weights]
        self.cached = cached

    def fill(self):
        pass

    def reset(self):
        pass

    def train(self, batches):
        weights1, weights2, weights3 = self.weights
        hidden1, hidden2, hidden3 = self.hidden1, self.hidden2, self.hidden3
        for _ in batches:
            if not self.cached:
                np.matmul(self.images, weights1, out=hidden1)
            np.matmul(hidden1, weights2, out=hidden2)
            np.matmul(hidden2, weights3, out=hidden3)
            np.matmul(hidden2.T, hidden3, out=self.gradients[2])  # hidden3 in the place of its gradient
            np.matmul(hidden3, weights3.T, out=hidden2)
            np.matmul(hidden1.T, hidden2, out=self.gradients[1])

    def get_weights(self):
        return {}
