"""An engine whose loop XLA compiles, in the one of a few forms that is the fastest on this machine (forms.py)."""

import itertools
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError
from ref.engines.cache import Rows
from ref.engines.forms import FORMS, choose_form
from ref.engines.loop import BETA1, BETA2, Loops, State, apply_adam
from ref.engines.phase2 import AUTO


class Xla(Loops, name="xla"):
    """An epoch in one ``Session.run``, compiled.

    XLA gives some products of this size one thread only, but runs independent ones side by side: where a batch is in
    parts, each part goes its own way up to the sum of its gradients. Where several steps make one turn of the loop,
    those that are left over make another loop. Where the frozen layers are recomputed, one product for several batches
    is faster than one for each.

    Args:
      form: a name in ``FORMS``; all take the same steps, and round differently.
    """

    def __init__(self, g: SimpleNamespace, rows: Rows, form: str):
        super().__init__(g, rows)
        self.form, self._form = form, FORMS[form]
        # As values, not as constants: XLA would multiply two steps' betas first, and round the powers otherwise.
        betas = (tf.constant(BETA1), tf.constant(BETA2))
        train_epoch = tf.function(self._train_epoch, jit_compile=True)
        after = train_epoch(self.fed, self._resident_rows, self._frozen, betas, *map(tf.identity, self._state))
        self._train = self._assign(after)

    @classmethod
    def make(cls, g: SimpleNamespace, rows: Rows, form: str, batch_size: int, device: str) -> "Xla":
        if form not in (AUTO, *FORMS):
            raise BadInputError(
                f"--engine-form {form}: unknown form of xla, expected one of {', '.join((AUTO, *FORMS))}; "
                "leave the flag out for the fastest"
            )
        return cls(g, rows, choose_form(cls, g, rows, batch_size, device) if form == AUTO else form)

    def _train_epoch(self, batches, rows, frozen, betas, *state) -> State:
        """Return the state after a step for each of ``batches``, int32 (n_batches, batch)."""
        n_batches, batch_size = tf.shape(batches)[0], tf.shape(batches)[1]
        n_together = tf.maximum(self._form.rows_frozen // batch_size, 1)
        n_blocks = n_batches // n_together if self._form.rows_frozen else 0

        def take_block(block, *state):
            # Not a slice: XLA gives one of ends that it cannot know the size of the whole.
            indices = tf.gather(batches, block * n_together + tf.range(n_together))
            hidden1 = self._compute_hidden1(tf.gather(rows, tf.reshape(indices, [-1])), frozen)
            hidden1 = tf.reshape(hidden1, [n_together, batch_size, hidden1.shape[-1]])
            state = self._take_steps(lambda i: split(hidden1[i], self._form.parts), n_together, betas, state)
            return (block + 1, *state)

        def look_up_parts(i):
            parts = split(batches[n_blocks * n_together + i], self._form.parts)
            return [self._compute_hidden1(tf.gather(rows, part), frozen) for part in parts]

        if self._form.rows_frozen:
            start = (tf.constant(0), *state)
            _, *state = tf.while_loop(lambda i, *_: i < n_blocks, take_block, start, parallel_iterations=1)
        return self._take_steps(look_up_parts, n_batches - n_blocks * n_together, betas, state)

    def _take_steps(self, compute_parts: Callable, n_batches: tf.Tensor | int, betas, state: State) -> State:
        """Return the state after ``n_batches`` steps; ``compute_parts(i)`` gives ``hidden1`` of a batch in parts."""
        i = tf.constant(0)
        for n_steps in sorted({self._form.steps, 1}, reverse=True):

            def take_turn(i, *state, n_steps=n_steps):
                for step in range(n_steps):
                    loss = self._compute_loss_of_parts(compute_parts(i + step), *state[:4])
                    gradients = tf.gradients(loss, state[:4])
                    state = apply_adam(gradients, state, self._g.learning_rate, betas)
                return (i + n_steps, *state)

            def has_steps(i, *_, n_steps=n_steps):
                return i + n_steps <= n_batches

            i, *state = tf.while_loop(has_steps, take_turn, (i, *state), parallel_iterations=1)
        return state

    def _compute_loss_of_parts(self, parts, weights2, biases2, weights3, biases3) -> tf.Tensor:
        """Return the listing's phase 2 loss of a batch in ``parts``; ELU is ``elu``, below."""
        squares = []
        for hidden1 in parts:
            hidden2 = elu(tf.matmul(hidden1, weights2) + biases2)
            hidden3 = elu(tf.matmul(hidden2, weights3) + biases3)
            squares.append(tf.reduce_sum(tf.square(hidden3 - hidden1)))
        n_values = tf.add_n([tf.cast(tf.size(hidden1), tf.float32) for hidden1 in parts])
        return tf.add_n(squares) / n_values + self._g.regularizer(weights2) + self._g.regularizer(weights3)


def split(batch: tf.Tensor, n_parts: int) -> Sequence[tf.Tensor]:
    """Return ``batch``, (batch, …), in parts that differ by a row at most."""
    n_rows = tf.shape(batch)[0]
    ends = [n_rows * part // n_parts for part in range(n_parts + 1)]
    return [batch[start:end] for start, end in itertools.pairwise(ends)]


@tf.custom_gradient
def elu(z: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """Return ELU, below 0 as ``exp(z) - 1``, and its slope from its value: XLA's exact ``expm1`` takes longer."""
    value = tf.where(z > 0, z, tf.exp(tf.minimum(z, 0.0)) - 1.0)
    return value, lambda gradient: gradient * (tf.minimum(value, 0.0) + 1.0)
