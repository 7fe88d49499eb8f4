"""JAX, tuned as our xla is: an epoch in one scan, in the form that is fastest here.

ELU is written with ``exp``, its slope taken from its value. A form says in how many parts a batch goes through a step,
side by side; how many steps make one turn of the loop; and for how many batches at once the frozen layer is computed.
"""

from typing import NamedTuple

import numpy as np

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, Work
from bench.workers._jax import JaxWorker

KIND = "tuned"
VENV = ".venv-peers"


class Form(NamedTuple):
    parts: int
    steps: int
    block: int = 1


ALL_FORMS = {
    "whole": Form(1, 1),
    "whole, 2 steps": Form(1, 2),
    "halves": Form(2, 1),
    "halves, 2 steps": Form(2, 2),
    "whole, blocks of 8": Form(1, 1, 8),
    "halves, blocks of 8": Form(2, 1, 8),
    "halves, blocks of 32": Form(2, 1, 32),
}
FORMS = {
    True: ["whole", "whole, 2 steps", "halves", "halves, 2 steps"],
    False: ["whole", "halves", "whole, blocks of 8", "halves, blocks of 8", "halves, blocks of 32"],
}


class Worker(JaxWorker):
    at_rest = (1, 1)  # powers of the betas

    def __init__(self, work: Work, cached: bool, device: str, form: str):
        super().__init__(work, cached)
        jax, jnp, self.form = self.jax, self.jnp, form
        parts, steps, block = ALL_FORMS[form]
        beta1, beta2 = np.float32(BETA1), np.float32(BETA2)  # as in TensorFlow's kernel: their rounding cancels

        @jax.custom_jvp
        def elu(z):
            return jnp.where(z > 0, z, jnp.exp(jnp.minimum(z, 0)) - 1)

        @elu.defjvp
        def _(primals, tangents):
            value = elu(*primals)
            return value, tangents[0] * (jnp.minimum(value, 0) + 1)

        def compute_hidden1(batch, frozen):
            return elu(batch @ frozen[0] + frozen[1])

        def compute_loss(weights, hidden1):
            weights2, biases2, weights3, biases3 = weights
            squares = 0
            for part in jnp.split(hidden1, [len(hidden1) // 2]) if parts == 2 else [hidden1]:
                hidden2 = elu(part @ weights2 + biases2)
                hidden3 = elu(hidden2 @ weights3 + biases3)
                squares += jnp.square(hidden3 - part).sum()
            reg_loss = L2_REG / 2 * (jnp.square(weights2).sum() + jnp.square(weights3).sum())
            return squares / hidden1.size + reg_loss

        def take_step(state, hidden1):
            weights, m, v, powers = state
            gradients = jax.grad(compute_loss)(weights, hidden1)
            powers = (powers[0] * beta1, powers[1] * beta2)
            step_size = LEARNING_RATE * jnp.sqrt(1 - powers[1]) / (1 - powers[0])
            m = [a + (g - a) * (1 - beta1) for a, g in zip(m, gradients)]
            v = [a + (g * g - a) * (1 - beta2) for a, g in zip(v, gradients)]
            weights = [w - step_size * a / (jnp.sqrt(b) + EPSILON) for w, a, b in zip(weights, m, v)]
            return weights, m, v, powers

        def train_block(state, rows, batches, frozen):
            """Take a step for each of ``batches`` (n, batch); without a cache, n go through the frozen layer."""
            hidden1 = rows[batches.ravel()]
            if not cached:
                hidden1 = compute_hidden1(hidden1, frozen)
            hidden1 = hidden1.reshape(*batches.shape, -1)
            if len(batches) == 1:
                return take_step(state, hidden1[0])
            return jax.lax.scan(lambda state, batch: (take_step(state, batch), None), state, hidden1)[0]

        def train_epoch(state, rows, batches, frozen):
            n_blocks, size = len(batches) // block, batches.shape[1]
            blocks = batches[: n_blocks * block].reshape(n_blocks, block, size)
            rest = batches[n_blocks * block :].reshape(-1, 1, size)
            for part in (blocks, rest) if len(rest) else (blocks,):
                state, _ = jax.lax.scan(
                    lambda state, batches: (train_block(state, rows, batches, frozen), None),
                    state,
                    part,
                    unroll=steps,
                )
            return state

        self.compute_hidden1 = jax.jit(compute_hidden1)
        self.train_epoch = jax.jit(train_epoch, donate_argnums=0)
        self.fill()
        self.reset()

    def train(self, batches):
        self.state = self.train_epoch(self.state, self.rows, batches, self.frozen)
        self.jax.block_until_ready(self.state)
