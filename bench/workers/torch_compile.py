"""PyTorch, its loss and gradients compiled, with fused Adam: the step of torch.py otherwise."""

from bench.work import Work
from bench.workers import torch as eager

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker(eager.Worker):
    is_fused = True

    def __init__(self, work: Work, cached: bool, device: str):
        super().__init__(work, cached, device)
        self.compute_loss = self.torch.compile(self.compute_loss)
