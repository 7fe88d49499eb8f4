"""An epoch's batches of indices, drawn as the listing draws them or from one permutation."""

from collections.abc import Iterator

import numpy as np


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
