"""PyTorch as it comes: eager, with Adam."""

import math

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, TRAINED, Work
from ref.common.machine import count_threads

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker:
    is_fused = None  # whether Adam goes through a weight in one kernel: PyTorch's own choice

    def __init__(self, work: Work, cached: bool, device: str):
        import torch

        self.torch, self.device = torch, {"cpu": "cpu", "gpu": "cuda"}[device]
        torch.set_num_threads(count_threads())
        self.initial, self.images, self.cached = work.initial, work.images, cached
        self.weights = [self.put(work.initial[name].copy()).requires_grad_() for name in TRAINED]
        weights1, biases1 = self.put(work.initial["weights1"]), self.put(work.initial["biases1"])
        elu = torch.nn.functional.elu

        def compute_hidden1(batch):
            return elu(torch.addmm(biases1, batch, weights1))

        def compute_loss(rows, indices, weights2, biases2, weights3, biases3):
            batch = rows.index_select(0, indices)
            hidden1 = batch if cached else compute_hidden1(batch)
            hidden2 = elu(torch.addmm(biases2, hidden1, weights2))
            hidden3 = elu(torch.addmm(biases3, hidden2, weights3))
            reg_loss = L2_REG / 2 * (weights2.square().sum() + weights3.square().sum())
            return torch.nn.functional.mse_loss(hidden3, hidden1) + reg_loss

        self.compute_hidden1, self.compute_loss = compute_hidden1, compute_loss
        self.fill()
        self.reset()

    def put(self, array):
        return self.torch.from_numpy(array).to(self.device)

    def fill(self):
        images = self.put(self.images)
        self.rows = self.compute_hidden1(images) if self.cached else images

    def reset(self):
        with self.torch.no_grad():
            for name, weights in zip(TRAINED, self.weights):
                weights.copy_(self.put(self.initial[name]))
        self.optimizer = self.torch.optim.Adam(
            self.weights, LEARNING_RATE, (BETA1, BETA2), EPSILON, fused=self.is_fused
        )
        self.t = 0

    def train(self, batches):
        for indices in self.put(batches):
            self.optimizer.zero_grad()
            self.compute_loss(self.rows, indices, *self.weights).backward()
            # PyTorch adds epsilon after the bias correction, the others before it: this makes it the same.
            self.t += 1
            self.optimizer.param_groups[0]["eps"] = EPSILON / math.sqrt(1 - BETA2**self.t)
            self.optimizer.step()
        self.synchronize()

    def synchronize(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def get_weights(self):
        return {name: weights.detach().cpu().numpy() for name, weights in zip(TRAINED, self.weights)}
