"""PyTorch as it comes: eager, with Adam."""

import math

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, TRAINED, Work
from bench.workers._torch import TorchWorker

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker(TorchWorker):
    is_fused = None  # whether Adam goes through a weight in one kernel: PyTorch's own choice

    def __init__(self, work: Work, cached: bool, device: str):
        super().__init__(work, cached, device)
        torch, compute_hidden1 = self.torch, self.compute_hidden1
        self.weights = [self.put(work.initial[name].copy()).requires_grad_() for name in TRAINED]
        elu = torch.nn.functional.elu

        def compute_loss(rows, indices, weights2, biases2, weights3, biases3):
            batch = rows.index_select(0, indices)
            hidden1 = batch if cached else compute_hidden1(batch)
            hidden2 = elu(torch.addmm(biases2, hidden1, weights2))
            hidden3 = elu(torch.addmm(biases3, hidden2, weights3))
            reg_loss = L2_REG / 2 * (weights2.square().sum() + weights3.square().sum())
            return torch.nn.functional.mse_loss(hidden3, hidden1) + reg_loss

        self.compute_loss = compute_loss
        self.fill()
        self.reset()

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

    def get_weights(self):
        return {name: weights.detach().cpu().numpy() for name, weights in zip(TRAINED, self.weights)}
