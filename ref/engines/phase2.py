"""Phase 2 of autoencoder_8 as every engine has it; an engine says what is fed and how its steps are taken."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError
from ref.common.runs import Run
from ref.data.data_sets import DataSets
from ref.engines.cache import Recomputed, Rows
from ref.engines.draws import draw_per_epoch

AUTO = "auto"  # the form that is the fastest


class Phase2(ABC):
    """Phase 2 by one engine; made in the graph that ``g`` is of, before that is finalized.

    A subclass with a ``name`` is an engine: ``class Book(Fed, name="book")`` is all that its file has to say.

    Args:
      g: what autoencoder_8's ``build`` returned.
      rows: what is trained on: one of ref/engines/cache.py.
    """

    kinds: ClassVar[dict[str, type["Phase2"]]] = {}
    name: ClassVar[str]
    reads_file: ClassVar[bool] = False  # whether the rows may be a file, which is never wholly in memory
    fed: tf.Tensor  # what a call of TensorFlow is fed
    form: str | None = None  # the name of the engine's form, where it has several
    draw_batches = staticmethod(draw_per_epoch)

    def __init_subclass__(cls, name: str | None = None, **keywords):
        super().__init_subclass__(**keywords)
        if name:
            cls.name = name
            Phase2.kinds[name] = cls

    def __init__(self, g: SimpleNamespace, rows: Rows):
        self._g, self._rows = g, rows

    @classmethod
    def make(cls, g: SimpleNamespace, rows: Rows, form: str, batch_size: int, device: str) -> "Phase2":
        """Return the engine in the form of that name, or, where that is ``auto``, in the fastest for these sizes.

        Raises:
          BadInputError: it has no such form.
        """
        if form != AUTO:
            raise BadInputError(
                f"--engine-form {form} with --engine {cls.name}: it has one form, expected {AUTO}; leave the flag out, "
                "or use --engine xla"
            )
        return cls(g, rows)

    def load(self, sess: tf.Session, images: np.ndarray, directory: Path = Path()) -> None:
        """Compute and keep what is trained on: the frozen layer's outputs for ``images`` (n, 784), or ``images``.

        A cache in a file goes to ``directory``.
        """
        self._num_examples = len(images)
        self.keep(sess, self._rows.fill(sess, images, directory))

    def draw(self, rnd: np.random.RandomState, batch_size: int) -> Iterable[np.ndarray]:
        """Return an epoch of batches of indices, drawn as the engine draws them."""
        return self.draw_batches(rnd, self._num_examples, batch_size)

    @abstractmethod
    def train(
        self, sess: tf.Session, batches: Iterable[np.ndarray], progress: Callable[[Iterable], Iterable] = iter
    ) -> np.ndarray:
        """Take one step for each batch of indices, and return the last batch of them."""

    @abstractmethod
    def make_feeds(self, batches: np.ndarray) -> Iterator[np.ndarray]:
        """Yield what ``train`` feeds to ``fed``, without training: for who measures what that costs."""

    @abstractmethod
    def keep(self, sess: tf.Session, rows: np.ndarray) -> None:
        """Keep the rows, float32 (n, width), where ``train`` finds them."""

    def run(self, run: Run, sess: tf.Session, mnist: DataSets, n_epochs: int, batch_size: int) -> None:
        """Train the epochs of phase 2; print and save what the listing prints and saves."""
        if self.form:
            run.hyper_parameters["engine_form"] = self.form
        with nullcontext() if isinstance(self._rows, Recomputed) else run.times.filling_cache():
            images = mnist.train.images
            self.load(sess, images, run.directory)
        for epoch in range(n_epochs):
            run.start_epoch(epoch)
            n_steps = len(images) // batch_size
            with run.times.taking_steps(n_steps):
                batches = self.draw(mnist.rnd, batch_size)
                indices = self.train(sess, batches, partial(run.progress, n_steps=n_steps))
            loss_train = self._g.phase2_reconstruction_loss.eval({self._g.X: images[indices]}, sess)
            run.print(epoch, "Train MSE:", loss_train)
            run.save(self._g.saver, sess, "my_model_cache_frozen.ckpt")

    def _compute_hidden1(self, batch: tf.Tensor, frozen: Sequence[tuple[tf.Tensor, tf.Tensor]]) -> tf.Tensor:
        """Return the frozen layers' outputs for a batch of rows, (batch, 300)."""
        for weights, biases in frozen:
            batch = self._g.activation(tf.matmul(batch, weights) + biases)
        return batch

    def _compute_loss(self, hidden1, weights2, biases2, weights3, biases3) -> tf.Tensor:
        """Return the listing's phase 2 loss, written anew because ``hidden1`` is another tensor than the listing's."""
        g = self._g
        hidden2 = g.activation(tf.matmul(hidden1, weights2) + biases2)  # (batch, 150)
        hidden3 = g.activation(tf.matmul(hidden2, weights3) + biases3)  # (batch, 300)
        reconstruction_loss = tf.reduce_mean(tf.square(hidden3 - hidden1))
        return reconstruction_loss + g.regularizer(weights2) + g.regularizer(weights3)
