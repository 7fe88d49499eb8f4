"""What is asked about: how many rows, how wide the layers, how long the training; and what that takes at least."""

from dataclasses import dataclass
from itertools import pairwise

from ref.common.checks import FLOAT_BYTES, IN_TRAINING
from ref.common.errors import BadInputError

MAX_LAYERS = 20


@dataclass(frozen=True)
class Sizes:
    """A training on top of frozen layers; the defaults are listing 8's phase 2, on MNIST.

    ``frozen`` are the widths of the frozen layers on top of the ``inputs``; ``trained`` those of the trained part's
    hidden layers, whose outputs are as wide as the last frozen layer, which they reconstruct.
    """

    rows: int = 55_000
    inputs: int = 784
    frozen: tuple[int, ...] = (300,)
    trained: tuple[int, ...] = (150,)
    batch: int = 150
    epochs: int = 4

    @property
    def width(self) -> int:
        """Values a row of the cache."""
        return self.frozen[-1]

    @property
    def n_batches(self) -> int:
        """Steps an epoch; as in the listing, the rest of ``rows / batch`` is left out."""
        return self.rows // self.batch

    @property
    def cache_bytes(self) -> int:
        return self.rows * self.width * FLOAT_BYTES

    @property
    def input_bytes(self) -> int:
        return self.rows * self.inputs * FLOAT_BYTES

    def count_step_bytes(self) -> int:
        """Return what a measured step takes at least: weights, Adam's slots, gradients, a batch in every layer."""
        below = [self.inputs, *self.frozen]
        above = [self.width, *self.trained, self.width]
        n_frozen = sum(a * b for a, b in pairwise(below))
        n_trained = sum(a * b for a, b in pairwise(above))
        n_outputs = self.batch * (sum(below) + sum(above))
        return FLOAT_BYTES * (n_frozen + IN_TRAINING * n_trained + n_outputs)

    def check(self, available: float) -> None:
        """Raise BadInputError where there is no such training, or none of its steps fits in ``available`` bytes."""
        if self.batch > self.rows:
            raise BadInputError(
                f"pays: --batch {self.batch} is larger than --rows {self.rows}, expected no more; use a smaller batch"
            )
        if (needed := self.count_step_bytes()) > available:
            raise BadInputError(
                f"pays: a step needs {needed / 1e9:,.1f} GB of memory at least, expected no more than the "
                f"{available / 1e9:,.1f} GB that are free; use smaller sizes (--batch, --inputs, --frozen, --trained)"
            )


@dataclass(frozen=True)
class Room:
    """What is free for a training: bytes of memory, and of disk where the cache's file would lie."""

    memory: float
    disk: float

    def holds_cache(self, sizes: Sizes) -> bool:
        """Return whether the cache fits in memory beside the inputs, of which it is filled."""
        return sizes.input_bytes + sizes.cache_bytes <= self.memory

    def holds_file(self, sizes: Sizes) -> bool:
        return sizes.cache_bytes <= self.disk
