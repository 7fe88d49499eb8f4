"""What the candidates on JAX share: where their rows and their state lie, but no step."""

import numpy as np

from bench.work import TRAINED, Work


class JaxWorker:
    """A subclass's ``__init__`` makes ``compute_hidden1(rows, frozen)``, then fills and resets.

    ``at_rest`` is what its Adam counts, before the first step. The state is (weights, m, v, what Adam counts).
    """

    def __init__(self, work: Work, cached: bool):
        import jax
        import jax.numpy as jnp

        self.jax, self.jnp = jax, jnp
        self.initial, self.images, self.cached = work.initial, work.images, cached
        self.frozen = tuple(jnp.asarray(work.initial[name]) for name in ("weights1", "biases1"))

    def fill(self):
        images = self.jnp.asarray(self.images)
        self.rows = self.compute_hidden1(images, self.frozen) if self.cached else images

    def reset(self):
        weights = [self.jnp.array(self.initial[name]) for name in TRAINED]
        zeros = [[self.jnp.zeros_like(w) for w in weights] for _ in range(2)]
        self.state = (weights, *zeros, self.jax.tree.map(self.jnp.float32, self.at_rest))  # anew: a step takes it away

    def get_weights(self):
        return dict(zip(TRAINED, map(np.asarray, self.state[0])))
