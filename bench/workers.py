"""One library on the work of bench/work.py, in a process of its own: python -m bench.workers WHO DIRECTORY …

Each class holds one library's idiomatic form of phase 2; ``train`` takes one step for each batch of indices and returns
when they are done. What each of them does in a step: look up the batch, both layers forward, gradients, Adam. The
process reads commands as JSON, one a line, and answers each with one line (bench/serve.py).
"""

import functools
import math
import os
import time
from pathlib import Path

import numpy as np

from bench.serve import parse_worker, serve
from bench.work import BETA1, BETA2, EPSILON, L2_REG, LEARNING_RATE, TRAINED, Work, read_work
from ref.common.machine import count_threads


class Ours:
    """autoencoder_8's graph and one of the engines of ref/engines."""

    def __init__(self, work: Work, cached: bool, engine: str, device: str = "cpu"):
        import tensorflow.compat.v1 as tf

        from ref.autoencoder_08_frozen_cache import build
        from ref.common.session import new_graph, open_session
        from ref.engines import make_phase2

        with new_graph(0):
            g = build(learning_rate=LEARNING_RATE, l2_reg=L2_REG)
            self.phase2 = make_phase2(engine, g, cached, batch_size=work.batches.shape[1], device=device)
            self.variables = {name: getattr(g, name) for name in work.initial}
            placeholders = {name: tf.placeholder(tf.float32, v.shape) for name, v in self.variables.items()}
            assign = [self.variables[name].assign(placeholders[name]) for name in work.initial]
            self.nothing = tf.no_op()
            self.sess = open_session(device)
        self.init, self.assign = g.init, assign
        self.draws_per_batch, self.rnd = engine == "book", np.random.RandomState(0)
        self.feeds = {placeholders[name]: work.initial[name] for name in work.initial}
        self.reset()
        start_s = time.perf_counter()
        self.phase2.load(self.sess, work.images)
        self.fill_s = time.perf_counter() - start_s

    def reset(self):
        self.sess.run(self.init)
        self.sess.run(self.assign, self.feeds)

    def train(self, batches):
        if self.draws_per_batch:  # the batches are given, but the permutations are what this engine is about
            batches = (indices for indices, _ in zip(batches, self.phase2.draw(self.rnd, batches.shape[1])))
        self.phase2.train(self.sess, batches)

    def get_weights(self):
        return self.sess.run({name: self.variables[name] for name in TRAINED})


class Keras:
    """Keras 3 on TensorFlow: ``fit`` on rows in the batches' order. Its lookup of a batch is a slice."""

    def __init__(self, work: Work, cached: bool):
        os.environ["KERAS_BACKEND"] = "tensorflow"
        import keras

        class AddReconstructionLoss(keras.layers.Layer):
            def call(self, hidden3, hidden1):
                self.add_loss(keras.ops.mean(keras.ops.square(hidden3 - hidden1)))
                return hidden3

        def dense(name, is_frozen=False):
            return keras.layers.Dense(
                work.initial[f"biases{name}"].size,
                "elu",
                kernel_regularizer=None if is_frozen else keras.regularizers.L2(L2_REG / 2),
                trainable=not is_frozen,
            )

        self.rows = work.cache if cached else work.images
        inputs = keras.Input([self.rows.shape[1]])
        frozen, self.layers = dense(1, is_frozen=True), [dense(2), dense(3)]
        hidden1 = inputs if cached else frozen(inputs)
        hidden3 = self.layers[1](self.layers[0](hidden1))
        self.model = keras.Model(inputs, AddReconstructionLoss()(hidden3, hidden1))
        self.make_adam = lambda: keras.optimizers.Adam(LEARNING_RATE, BETA1, BETA2, EPSILON)
        self.model.compile(self.make_adam())
        if not cached:
            frozen.set_weights([work.initial["weights1"], work.initial["biases1"]])
        self.initial = work.initial
        self.reset()

    def reset(self):
        for i, layer in enumerate(self.layers, 2):
            layer.set_weights([self.initial[f"weights{i}"], self.initial[f"biases{i}"]])
        for variable in self.model.optimizer.variables:
            if variable.path.rsplit("/", 1)[1] != "learning_rate":
                variable.assign(np.zeros(variable.shape))

    def train(self, batches):
        self.model.fit(self.rows[batches.ravel()], batch_size=batches.shape[1], epochs=1, shuffle=False, verbose=0)

    def get_weights(self):
        values = [value for layer in self.layers for value in layer.get_weights()]
        return dict(zip(TRAINED, values))


class Torch:
    """PyTorch: eager with Adam as it comes, or the step compiled, with fused Adam."""

    def __init__(self, work: Work, cached: bool, compiled: bool):
        import torch

        self.torch, self.compiled = torch, compiled
        torch.set_num_threads(count_threads())
        self.initial = work.initial
        self.rows = torch.from_numpy(work.cache if cached else work.images)
        self.weights = [torch.from_numpy(work.initial[name].copy()).requires_grad_() for name in TRAINED]
        weights1, biases1 = (torch.from_numpy(work.initial[name]) for name in ("weights1", "biases1"))
        elu = torch.nn.functional.elu

        def compute_loss(batch, weights2, biases2, weights3, biases3):
            hidden1 = batch if cached else elu(torch.addmm(biases1, batch, weights1))
            hidden2 = elu(torch.addmm(biases2, hidden1, weights2))
            hidden3 = elu(torch.addmm(biases3, hidden2, weights3))
            reg_loss = L2_REG / 2 * (weights2.square().sum() + weights3.square().sum())
            return torch.nn.functional.mse_loss(hidden3, hidden1) + reg_loss

        def look_up_and_compute_loss(rows, indices, *weights):
            return compute_loss(rows.index_select(0, indices), *weights)

        self.compute_loss = torch.compile(look_up_and_compute_loss) if compiled else look_up_and_compute_loss
        self.reset()

    def reset(self):
        with self.torch.no_grad():
            for name, weights in zip(TRAINED, self.weights):
                weights.copy_(self.torch.from_numpy(self.initial[name]))
        self.optimizer = self.torch.optim.Adam(
            self.weights, LEARNING_RATE, (BETA1, BETA2), EPSILON, fused=True if self.compiled else None
        )
        self.t = 0

    def train(self, batches):
        for indices in self.torch.from_numpy(batches):
            self.optimizer.zero_grad()
            self.compute_loss(self.rows, indices, *self.weights).backward()
            # PyTorch adds epsilon after the bias correction, the others before it: this makes it the same.
            self.t += 1
            self.optimizer.param_groups[0]["eps"] = EPSILON / math.sqrt(1 - BETA2**self.t)
            self.optimizer.step()

    def get_weights(self):
        return {name: weights.detach().numpy() for name, weights in zip(TRAINED, self.weights)}


class Jax:
    """JAX: a jitted step, its state donated; or a jitted ``lax.scan`` over an epoch of them."""

    def __init__(self, work: Work, cached: bool, scanned: bool):
        import jax
        import jax.numpy as jnp

        self.jax, self.jnp, self.scanned = jax, jnp, scanned
        beta1, beta2 = np.float32(BETA1), np.float32(BETA2)  # as in TensorFlow's kernel: their rounding cancels
        self.initial = work.initial
        self.rows = jnp.asarray(work.cache if cached else work.images)
        weights1, biases1 = (jnp.asarray(work.initial[name]) for name in ("weights1", "biases1"))

        def compute_loss(weights, batch, frozen):
            weights2, biases2, weights3, biases3 = weights
            hidden1 = batch if cached else jax.nn.elu(batch @ frozen[0] + frozen[1])
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

        def train_epoch(state, rows, batches, frozen):
            return jax.lax.scan(lambda s, i: (take_step(s, rows, i, frozen), None), state, batches)[0]

        self.step = jax.jit(train_epoch if scanned else take_step, donate_argnums=0)
        self.frozen = (weights1, biases1)
        self.reset()

    def reset(self):
        weights = [self.jnp.array(self.initial[name]) for name in TRAINED]
        zeros = [[self.jnp.zeros_like(w) for w in weights] for _ in range(2)]
        self.state = (weights, *zeros, self.jnp.float32(0))

    def train(self, batches):
        for indices in [batches] if self.scanned else batches:
            self.state = self.step(self.state, self.rows, indices, self.frozen)
        self.jax.block_until_ready(self.state)

    def get_weights(self):
        return dict(zip(TRAINED, map(np.asarray, self.state[0])))


class BlasFloor:
    """The matrix products of a step alone, by NumPy's OpenBLAS: no lookup, no activation, no Adam, no training."""

    def __init__(self, work: Work, cached: bool):
        rnd, batch = np.random.RandomState(0), work.batches.shape[1]
        self.images = work.images[:batch].copy()
        self.weights = [work.initial[f"weights{i}"] for i in (1, 2, 3)]
        self.hidden1, self.hidden2, self.hidden3 = (
            rnd.normal(size=(batch, n)).astype(np.float32) for n in (300, 150, 300)
        )
        self.gradients = [np.empty_like(w) for w in self.weights]
        self.cached = cached

    def reset(self):
        pass

    def train(self, batches):
        weights1, weights2, weights3 = self.weights
        hidden1, hidden2, hidden3 = self.hidden1, self.hidden2, self.hidden3
        for _ in batches:
            if not self.cached:
                np.matmul(self.images, weights1, out=hidden1)
            np.matmul(hidden1, weights2, out=hidden2)
            np.matmul(hidden2, weights3, out=hidden3)
            np.matmul(hidden2.T, hidden3, out=self.gradients[2])  # hidden3 in the place of its gradient
            np.matmul(hidden3, weights3.T, out=hidden2)
            np.matmul(hidden1.T, hidden2, out=self.gradients[1])

    def get_weights(self):
        return {}


MAKERS = {
    "ours": Ours,
    "keras": lambda work, cached, _: Keras(work, cached),
    "torch": lambda work, cached, _: Torch(work, cached, compiled=False),
    "torch-compile": lambda work, cached, _: Torch(work, cached, compiled=True),
    "jax": lambda work, cached, _: Jax(work, cached, scanned=False),
    "jax-scan": lambda work, cached, _: Jax(work, cached, scanned=True),
    "blas-floor": lambda work, cached, _: BlasFloor(work, cached),
}


def make_worker(who: str, engine: str, cached: bool, directory: Path) -> tuple:
    """Return the worker that ``serve`` asks, and the batches of the work in ``directory``."""
    work = read_work(directory)
    return MAKERS[who](work, cached, engine), work.batches


if __name__ == "__main__":
    args = parse_worker("bench.workers", __doc__, list(MAKERS))
    serve(functools.partial(make_worker, args.who, args.engine, args.frozen == "cached", Path(args.directory)))
