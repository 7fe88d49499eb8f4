"""PyTorch, tuned as our xla is: whole steps, Adam's part too, compiled as one call, in the form that is fastest here.

A form says how many steps, and whether the frozen layer is computed for their batches at once. Gradients are
``torch.func.grad``'s; Adam is written out, so that the compiler can join it to them. Denormal numbers are flushed.
"""

from typing import NamedTuple

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, TRAINED, Work
from bench.workers._torch import TorchWorker

KIND = "tuned"
VENV = ".venv-peers"


class Form(NamedTuple):
    steps: int
    is_block: bool


ALL_FORMS = {
    "4 steps": Form(4, False),
    "8 steps": Form(8, False),
    "8 steps, a block": Form(8, True),
}
FORMS = {True: ["4 steps", "8 steps"], False: ["8 steps", "8 steps, a block"]}


class Worker(TorchWorker):
    def __init__(self, work: Work, cached: bool, device: str, form: str):
        super().__init__(work, cached, device)
        torch, compute_hidden1, self.form = self.torch, self.compute_hidden1, form
        torch.set_flush_denormal(True)  # as in torch_fused.py
        self.n_steps, is_block = ALL_FORMS[form]
        elu = torch.nn.functional.elu

        def compute_loss(weights, hidden1):
            weights2, biases2, weights3, biases3 = weights
            hidden2 = elu(torch.addmm(biases2, hidden1, weights2))
            hidden3 = elu(torch.addmm(biases3, hidden2, weights3))
            reg_loss = L2_REG / 2 * (weights2.square().sum() + weights3.square().sum())
            return torch.nn.functional.mse_loss(hidden3, hidden1) + reg_loss

        def take_step(weights, ms, vs, powers, hidden1):
            gradients = torch.func.grad(compute_loss)(tuple(weights), hidden1)
            powers[0].mul_(BETA1)
            powers[1].mul_(BETA2)
            step_size = LEARNING_RATE * torch.sqrt(1 - powers[1]) / (1 - powers[0])
            for w, m, v, gradient in zip(weights, ms, vs, gradients):
                m.add_((gradient - m) * (1 - BETA1))
                v.add_((gradient.square() - v) * (1 - BETA2))
                w.sub_(step_size * m / (torch.sqrt(v) + EPSILON))

        def take_steps(rows, batches, *state):
            if is_block and not cached:
                block = compute_hidden1(rows.index_select(0, batches.reshape(-1))).reshape(*batches.shape, -1)
            for i in range(len(batches)):
                if is_block and not cached:
                    hidden1 = block[i]
                else:
                    hidden1 = rows.index_select(0, batches[i])
                    hidden1 = hidden1 if cached else compute_hidden1(hidden1)
                take_step(*state, hidden1)

        self.take_steps = torch.compile(take_steps, dynamic=False, options={"cpp_wrapper": True})
        self.fill()
        self.reset()

    def reset(self):
        weights = [self.put(self.initial[name].copy()) for name in TRAINED]
        zeros = [[self.torch.zeros_like(w) for w in weights] for _ in range(2)]
        self.state = (weights, *zeros, [self.torch.ones((), device=self.device) for _ in range(2)])

    def train(self, batches):
        batches = self.put(batches)
        n_whole = len(batches) // self.n_steps * self.n_steps
        with self.torch.no_grad():
            for several in (*batches[:n_whole].split(self.n_steps), *batches[n_whole:].split(1)):
                self.take_steps(self.rows, several, *self.state)
        self.synchronize()

    def get_weights(self):
        return {name: weights.cpu().numpy() for name, weights in zip(TRAINED, self.state[0])}
