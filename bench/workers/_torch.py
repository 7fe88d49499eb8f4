"""What the candidates on PyTorch share: device, threads, the cache, but no step."""

from bench.work import Work
from ref.common.machine import count_threads


class TorchWorker:
    """A subclass's ``__init__`` makes its step, then fills and resets."""

    def __init__(self, work: Work, cached: bool, device: str):
        import torch

        self.torch, self.device = torch, {"cpu": "cpu", "gpu": "cuda"}[device]
        torch.set_num_threads(count_threads())
        self.initial, self.images, self.cached = work.initial, work.images, cached
        self.weights1, self.biases1 = self.put(work.initial["weights1"]), self.put(work.initial["biases1"])

    def put(self, array):
        return self.torch.from_numpy(array).to(self.device)

    def compute_hidden1(self, batch):
        return self.torch.nn.functional.elu(self.torch.addmm(self.biases1, batch, self.weights1))

    def fill(self):
        images = self.put(self.images)
        self.rows = self.compute_hidden1(images) if self.cached else images

    def synchronize(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()
