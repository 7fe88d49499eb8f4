"""PyTorch, eager as in torch.py, with fused Adam: uncompiled, this is as fast as it gets."""

from bench.workers import torch as eager

KIND = "tuned"
VENV = ".venv-peers"


class Worker(eager.Worker):
    is_fused = True
