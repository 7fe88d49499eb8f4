"""JAX: a jitted step, its state donated."""

import numpy as np

from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, Work
from bench.workers._jax import JaxWorker

KIND = "idiomatic"
VENV = ".venv-peers"


class Worker(JaxWorker):
    at_rest = 0  # steps

    def __init__(self, work: Work, cached: bool, device: str):
        super().__init__(work, cached)
        jax, jnp = self.jax, self.jnp
        beta1, beta2 = np.float32(BETA1), np.float32(BETA2)  # as in TensorFlow's kernel: their rounding cancels

        def compute_hidden1(batch, frozen):
            return jax.nn.elu(batch @ frozen[0] + frozen[1])

        def compute_loss(weights, batch, frozen):
            weights2, biases2, weights3, biases3 = weights
            hidden1 = batch if cached else compute_hidden1(batch, frozen)
            hidden2 = jax.nn.elu(hidden1 @ weights2 + biases2)
            hidden3 = jax.nn.elu(hidden2 @ weights3 + biases3)
            reg_loss = L2_REG / 2 * (jnp.square(weights2).sum() + jnp.square(weights3).sum())
            return jnp.square(hidden3 - hidden1).mean() + reg_loss

        def take_step(state, rows, indices, frozen):
            weights, m, v, t = state
            gradients = jax.grad(compute_loss)(weights, rows[indices], frozen)
            t = t + 1
            step_size = LEARNING_RATE * jnp.sqrt(1 - beta2**t) / (1 - beta1**t)
            m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients)]
            v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients)]
            weights = [w - step_size * a / (jnp.sqrt(b) + EPSILON) for w, a, b in zip(weights, m, v)]
            return weights, m, v, t

        self.compute_hidden1 = jax.jit(compute_hidden1)
        self.take_step = take_step
        self.step = jax.jit(take_step, donate_argnums=0)
        self.fill()
        self.reset()

    def train(self, batches):
        for indices in batches:
            self.state = self.step(self.state, self.rows, indices, self.frozen)
        self.jax.block_until_ready(self.state)
