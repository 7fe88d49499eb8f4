"""An engine whose epoch is one ``Session.run``: a ``tf.while_loop`` in the graph."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf

from ref.engines.cache import Rows
from ref.engines.resident import KeepsRows

# AdamOptimizer's defaults, which the listing uses; in float32, as in its kernel, so that their rounding cancels there.
BETA1, BETA2, EPSILON = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
State = list[tf.Tensor]  # the trained variables, Adam's slots m and v of each, both powers of beta


class Loops(KeepsRows):
    """What an engine needs whose ``_train``, made by ``_assign``, is an epoch in one ``Session.run``."""

    def __init__(self, g: SimpleNamespace, rows: Rows):
        super().__init__(g, rows)
        self.fed = tf.placeholder(tf.int32, [None, None], name="batches")  # (n_batches, batch)
        self._state = list_state(g.optimizer, g.train_vars)
        self._frozen = [tuple(map(tf.identity, layer)) for layer in rows.layers]

    def _assign(self, state: State) -> tf.Operation:
        """Return the op that gives the variables and Adam's slots the values in ``state``, all once all are there."""
        with tf.control_dependencies(state):
            train = tf.group(*(variable.assign(value) for variable, value in zip(self._state, state)))
        tf.add_to_collection(tf.GraphKeys.TRAIN_OP, train)  # what a run that catches up leaves out
        return train

    def train(
        self, sess: tf.Session, batches: np.ndarray, progress: Callable[[Iterable], Iterable] = iter
    ) -> np.ndarray:
        for all_batches in progress([batches]):
            sess.run(self._train, {self.fed: all_batches})
        return batches[-1]

    def make_feeds(self, batches: np.ndarray) -> Iterator[np.ndarray]:
        yield batches


class Loop(Loops, name="loop"):
    """The steps of ``resident``, without Python between them."""

    def __init__(self, g: SimpleNamespace, rows: Rows):
        super().__init__(g, rows)
        betas = (tf.constant(BETA1), tf.constant(BETA2))

        def take_step(i, *state):
            hidden1 = self._compute_hidden1(tf.gather(self._resident_rows, self.fed[i]), self._frozen)
            gradients = tf.gradients(self._compute_loss(hidden1, *state[:4]), state[:4])
            return (i + 1, *apply_adam(gradients, state, g.learning_rate, betas))

        n_batches = tf.shape(self.fed)[0]
        start = (0, *map(tf.identity, self._state))
        _, *state = tf.while_loop(lambda i, *_: i < n_batches, take_step, start, parallel_iterations=1)
        self._train = self._assign(state)


def list_state(optimizer: tf.train.AdamOptimizer, train_vars: Sequence[tf.Variable]) -> list[tf.Variable]:
    """Return what a step of Adam changes, in the order of ``State``."""
    slots = [optimizer.get_slot(variable, name) for name in ("m", "v") for variable in train_vars]
    powers = [
        variable
        for name in ("beta1_power", "beta2_power")
        for variable in optimizer.variables()
        if variable.op.name.endswith(name)
    ]
    return [*train_vars, *slots, *powers]


def apply_adam(
    gradients: Sequence[tf.Tensor], state: Sequence[tf.Tensor], learning_rate: float, betas: tuple[tf.Tensor, tf.Tensor]
) -> list[tf.Tensor]:
    """Return ``state`` (n variables, n slots m, n slots v, both powers of beta) after one step of TensorFlow's Adam."""
    n, (beta1, beta2) = len(gradients), betas
    variables, ms, vs, (beta1_power, beta2_power) = state[:n], state[n : 2 * n], state[2 * n : 3 * n], state[3 * n :]
    step_size = learning_rate * tf.sqrt(1 - beta2_power) / (1 - beta1_power)
    ms = [m + (gradient - m) * (1 - beta1) for m, gradient in zip(ms, gradients)]
    vs = [v + (tf.square(gradient) - v) * (1 - beta2) for v, gradient in zip(vs, gradients)]
    variables = [variable - step_size * m / (tf.sqrt(v) + EPSILON) for variable, m, v in zip(variables, ms, vs)]
    return [*variables, *ms, *vs, beta1_power * beta1, beta2_power * beta2]
