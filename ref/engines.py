"""Five engines for phase 2 of autoencoder_8, whose steps are the listing's: what differs is how they reach TensorFlow.

    book           the listing's own: a permutation of the whole set for every batch, and a feed
    epoch-shuffle  one permutation an epoch, and a feed for every batch
    resident       what is trained on is a tensor of the graph; only a batch's indices are fed
    loop           an epoch in one Session.run: a tf.while_loop in the graph
    xla            the same loop, compiled by XLA

Each trains on the frozen layer's cached outputs, (num_examples, 300), or recomputes them from the images,
(num_examples, 784). From epoch-shuffle on all draw the same batches, and end, but for rounding, with the same weights.
All train the graph's own variables, Adam's slots included, so that its saver finds them.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Literal, get_args

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.progress import Bar
from ref.common.runs import Run
from ref.data.data_sets import DataSets

EngineName = Literal["book", "epoch-shuffle", "resident", "loop", "xla"]
ENGINES: tuple[str, ...] = get_args(EngineName)
# AdamOptimizer's defaults, which the listing uses; in float32, as in its kernel, so that their rounding cancels there.
BETA1, BETA2, EPSILON = np.float32(0.9), np.float32(0.999), np.float32(1e-8)


def draw_per_batch(rnd: np.random.RandomState, num_examples: int, batch_size: int) -> Iterator[np.ndarray]:
    """Yield an epoch of batches, int64 (batch_size,), each from a permutation of its own, as the listing does."""
    for _ in range(num_examples // batch_size):
        yield rnd.permutation(num_examples)[:batch_size]


def draw_per_epoch(rnd: np.random.RandomState, num_examples: int, batch_size: int) -> np.ndarray:
    """Return an epoch of batches, int32 (num_examples // batch_size, batch_size), from one permutation.

    As in the listing, the rest of ``num_examples / batch_size`` is left out.
    """
    n_batches = num_examples // batch_size
    indices = rnd.permutation(num_examples)[: n_batches * batch_size]
    return indices.astype(np.int32).reshape(n_batches, batch_size)


class Phase2:
    """Phase 2 of autoencoder_8 by one engine; made in the graph that ``g`` is of, before that is finalized.

    Args:
      engine: one of ``ENGINES``.
      g: what autoencoder_8's ``build`` returned.
      cached: whether to train on the frozen layer's outputs, or to recompute them from the images.
      memmap: whether the cache is a file, which may be larger than memory.
      frozen: weights and biases of the frozen layers between ``g.X`` and ``g.hidden1``; the listing has one.

    Raises:
      BadInputError: ``memmap`` without a cache, or with an engine that holds it in the graph.
    """

    def __init__(
        self,
        engine: EngineName,
        g: SimpleNamespace,
        cached: bool = True,
        memmap: bool = False,
        frozen: Sequence[tuple[tf.Variable, tf.Variable]] | None = None,
    ):
        self._g, self._cached, self._memmap = g, cached, memmap
        self._frozen = [(g.weights1, g.biases1)] if frozen is None else frozen
        self._draw = draw_per_batch if engine == "book" else draw_per_epoch
        self._is_resident = engine in ("resident", "loop", "xla")
        self._is_loop = engine in ("loop", "xla")
        if memmap and (self._is_resident or not cached):
            raise BadInputError(
                f"--memmap with {f'--engine {engine}' if cached else '--recompute'}: nothing that could be a file, "
                "expected a cache that is fed; use --engine book or epoch-shuffle, and no --recompute"
            )
        fed = g.hidden1 if cached else g.X  # (batch, 300) or (batch, 784)
        if self._is_resident:
            self._rows_placeholder = tf.placeholder(tf.float32, fed.shape, name="rows")
            # No variable of the model: the saver, made before, does not know it, and global_variables() neither.
            resident_rows = tf.Variable(
                self._rows_placeholder,
                trainable=False,
                collections=[tf.GraphKeys.LOCAL_VARIABLES],
                validate_shape=False,
                name="resident_rows",
            )
            self._put_rows = resident_rows.initializer
            resident_rows = tf.ensure_shape(resident_rows, fed.shape)
        if self._is_loop:
            self.fed = tf.placeholder(tf.int32, [None, None], name="batches")  # (n_batches, batch)
            self._train = self._add_epoch(resident_rows, compiled=engine == "xla")
            tf.add_to_collection(tf.GraphKeys.TRAIN_OP, self._train)  # what a run that catches up leaves out
        elif self._is_resident:
            self.fed = tf.placeholder(tf.int32, [None], name="indices")  # (batch,)
            hidden1 = self._compute_hidden1(tf.gather(resident_rows, self.fed), self._frozen)
            loss = self._compute_loss(hidden1, *g.train_vars)
            self._train = g.optimizer.minimize(loss, var_list=g.train_vars)
        else:
            self.fed, self._train = fed, g.phase2_training_op

    def load(self, sess: tf.Session, images: np.ndarray, directory: Path = Path()) -> None:
        """Compute and keep what is trained on: the frozen layer's outputs for ``images`` (n, 784), or ``images``.

        A cache in a file goes to ``directory``.
        """
        self._num_examples = len(images)
        if self._memmap:
            rows = map_cache(sess, self._g, self._frozen, images, directory)
        else:
            rows = self._g.hidden1.eval({self._g.X: images}, sess) if self._cached else images
        if self._is_resident:
            sess.run(self._put_rows, {self._rows_placeholder: rows})
        else:
            self._rows = rows

    def draw(self, rnd: np.random.RandomState, batch_size: int) -> Iterable[np.ndarray]:
        """Return an epoch of batches of indices, drawn as the engine draws them."""
        return self._draw(rnd, self._num_examples, batch_size)

    def train(
        self, sess: tf.Session, batches: Iterable[np.ndarray], progress: Callable[[Iterable], Iterable] = iter
    ) -> np.ndarray:
        """Take one step for each batch of indices, and return the last batch of them."""
        if self._is_loop:
            sess.run(self._train, {self.fed: batches})
            return batches[-1]
        for indices in progress(batches):
            sess.run(self._train, {self.fed: self._look_up(indices)})
        return indices

    def make_feeds(self, batches: np.ndarray) -> Iterator[np.ndarray]:
        """Yield what ``train`` feeds to ``fed``, without training: for who measures what that costs."""
        if self._is_loop:
            yield batches
        else:
            yield from map(self._look_up, batches)

    def _look_up(self, indices: np.ndarray) -> np.ndarray:
        return indices if self._is_resident else self._rows[indices]

    def run(self, run: Run, sess: tf.Session, mnist: DataSets, n_epochs: int, batch_size: int) -> None:
        """Train the epochs of phase 2; print and save what the listing prints and saves."""
        with run.times.filling_cache() if self._cached else contextlib.nullcontext():
            images = mnist.train.images
            self.load(sess, images, run.directory)
        for epoch in range(n_epochs):
            run.start_epoch(epoch)
            with run.times.taking_steps(len(images) // batch_size):
                batches = self.draw(mnist.rnd, batch_size)
                indices = self.train(sess, batches, run.progress)
            loss_train = self._g.phase2_reconstruction_loss.eval({self._g.X: images[indices]}, sess)
            run.print(epoch, "Train MSE:", loss_train)
            run.save(self._g.saver, sess, "my_model_cache_frozen.ckpt")

    def _compute_hidden1(self, batch: tf.Tensor, frozen: Sequence[tuple[tf.Tensor, tf.Tensor]]) -> tf.Tensor:
        """Return the frozen layer's outputs, (batch, 300)."""
        for weights, biases in [] if self._cached else frozen:
            batch = self._g.activation(tf.matmul(batch, weights) + biases)
        return batch

    def _compute_loss(self, hidden1, weights2, biases2, weights3, biases3) -> tf.Tensor:
        """Return the listing's phase 2 loss, written anew because ``hidden1`` is another tensor than the listing's."""
        g = self._g
        hidden2 = g.activation(tf.matmul(hidden1, weights2) + biases2)  # (batch, 150)
        hidden3 = g.activation(tf.matmul(hidden2, weights3) + biases3)  # (batch, 300)
        reconstruction_loss = tf.reduce_mean(tf.square(hidden3 - hidden1))
        return reconstruction_loss + g.regularizer(weights2) + g.regularizer(weights3)

    def _compute_loss_of_parts(self, parts, weights2, biases2, weights3, biases3) -> tf.Tensor:
        """Return the same loss, of a batch in ``parts``, in a form that XLA makes faster code of on a CPU.

        XLA gives some products of this size one thread only, but runs independent ones side by side: each part of the
        batch goes its own way up to the sum of its gradients. ELU is ``elu``, below.
        """
        squares = []
        for hidden1 in parts:
            hidden2 = elu(tf.matmul(hidden1, weights2) + biases2)
            hidden3 = elu(tf.matmul(hidden2, weights3) + biases3)
            squares.append(tf.reduce_sum(tf.square(hidden3 - hidden1)))
        n_values = tf.add_n([tf.cast(tf.size(hidden1), tf.float32) for hidden1 in parts])
        return tf.add_n(squares) / n_values + self._g.regularizer(weights2) + self._g.regularizer(weights3)

    def _add_epoch(self, resident_rows: tf.Tensor, compiled: bool) -> tf.Operation:
        """Add an epoch of steps: the variables and Adam's state go through the loop as values, and back at its end.

        Where XLA compiles it, two steps make one turn of the loop; one that is left over makes another loop.
        """
        g = self._g
        slots = [g.optimizer.get_slot(variable, name) for name in ("m", "v") for variable in g.train_vars]
        powers = [
            variable
            for name in ("beta1_power", "beta2_power")
            for variable in g.optimizer.variables()
            if variable.op.name.endswith(name)
        ]
        state = [*g.train_vars, *slots, *powers]

        def train_epoch(batches, rows, frozen, betas, *state):
            def take_step(indices, state):
                half, weights = tf.shape(indices)[0] // 2, state[:4]
                parts = (indices[:half], indices[half:]) if compiled else (indices,)
                parts = [self._compute_hidden1(tf.gather(rows, part), frozen) for part in parts]
                if compiled:
                    loss = self._compute_loss_of_parts(parts, *weights)
                else:
                    loss = self._compute_loss(parts[0], *weights)
                return apply_adam(tf.gradients(loss, weights), state, g.learning_rate, betas)

            n_batches, i = tf.shape(batches)[0], tf.constant(0)
            for n_steps in (2, 1) if compiled else (1,):

                def take_steps(i, *state, n_steps=n_steps):
                    for step in range(n_steps):
                        state = take_step(batches[i + step], state)
                    return (i + n_steps, *state)

                def has_steps(i, *_, n_steps=n_steps):
                    return i + n_steps <= n_batches

                i, *state = tf.while_loop(has_steps, take_steps, (i, *state), parallel_iterations=1)
            return state

        if compiled:
            train_epoch = tf.function(train_epoch, jit_compile=True)
        frozen = [tuple(map(tf.identity, layer)) for layer in self._frozen]
        # As values, not as constants: XLA would multiply two steps' betas first, and round the powers otherwise.
        betas = (tf.constant(BETA1), tf.constant(BETA2))
        after = train_epoch(self.fed, resident_rows, frozen, betas, *map(tf.identity, state))
        with tf.control_dependencies(after):
            return tf.group(*(variable.assign(value) for variable, value in zip(state, after)))


@tf.custom_gradient
def elu(z: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """Return ELU, below 0 as ``exp(z) - 1``, and its slope from its value: XLA's exact ``expm1`` takes longer."""
    value = tf.where(z > 0, z, tf.exp(tf.minimum(z, 0.0)) - 1.0)
    return value, lambda gradient: gradient * (tf.minimum(value, 0.0) + 1.0)


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


def map_cache(
    sess: tf.Session,
    g: SimpleNamespace,
    frozen: Sequence[tuple[tf.Variable, tf.Variable]],
    images: np.ndarray,
    directory: Path,
    block: int = 5000,
) -> np.ndarray:
    """Return the frozen layer's outputs for ``images``, float32 (n, 300), mapped from a file in ``directory``.

    The file is filled ``block`` rows at a time, so that neither filling nor reading it takes their memory. Its name
    holds the sha256 of the frozen weights and of the images: one of others is never taken, but removed.

    Raises:
      OSError: the file cannot be written.
    """
    digest = hashlib.sha256()
    for array in (*sess.run([variable for layer in frozen for variable in layer]), images):
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    path = directory / f"hidden1_cache-{digest.hexdigest()}.npy"
    shape = (len(images), g.hidden1.shape[1].value)
    if _has_shape(path, shape):
        return np.load(path, mmap_mode="r")
    for old in directory.glob("hidden1_cache-*.npy"):
        old.unlink()
    with open_atomically(path) as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in Bar(range(0, len(images), block), desc="frozen layer", unit="block", leave=False, disable=None):
            file.write(g.hidden1.eval({g.X: images[start : start + block]}, sess).astype("<f4").tobytes())
    return np.load(path, mmap_mode="r")


def _has_shape(path: Path, shape: tuple[int, int]) -> bool:
    try:
        found = np.load(path, mmap_mode="r")
        return found.shape == shape and found.dtype == np.float32
    except (OSError, ValueError, EOFError, AttributeError):  # not there, cut short, empty, another kind of file
        return False
