"""PyTorch, eager as in torch.py, tuned: fused Adam, and no denormal numbers. Uncompiled, this is as fast as it gets."""

from bench.work import Work
from bench.workers import torch as eager

KIND = "tuned"
VENV = ".venv-peers"


class Worker(eager.Worker):
    is_fused = True

    def __init__(self, work: Work, cached: bool, device: str):
        import torch

        # Adam's moments fade to denormals, which cost; TensorFlow and JAX flush them. Threads made later inherit it.
        torch.set_flush_denormal(True)
        super().__init__(work, cached, device)
