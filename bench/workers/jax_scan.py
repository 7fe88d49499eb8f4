"""JAX: the step of jax.py in a jitted ``lax.scan`` over an epoch."""

from bench.work import Work
from bench.workers import jax as stepwise

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker(stepwise.Worker):
    def __init__(self, work: Work, cached: bool, device: str):
        super().__init__(work, cached, device)
        jax, take_step = self.jax, self.take_step

        def train_epoch(state, rows, batches, frozen):
            return jax.lax.scan(lambda state, indices: (take_step(state, rows, indices, frozen), None), state, batches)[
                0
            ]

        self.train_epoch = jax.jit(train_epoch, donate_argnums=0)

    def train(self, batches):
        self.state = self.train_epoch(self.state, self.rows, batches, self.frozen)
        self.jax.block_until_ready(self.state)
