"""How far two arrays are apart, held against rounding: against what becomes of inputs moved by their last bit."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ref.fidelity.record.nudge import UP

N_TIMES = 16.0  # what machines differ by is taken for so many times what the last bits of the inputs do
CLOSE = 1e-5  # of what is computed by a few steps and then given to a graph, relative
N_EPS = 8.0  # and for no less than so many of the last bits of the value itself


class Distance(NamedTuple):
    """Distances of two arrays over the first's norm (Euclidean): theirs, of nudged inputs, of the last bits."""

    apart: float
    nudged: float
    last_bits: float

    @property
    def is_equal(self) -> bool:
        return self.apart == 0.0

    @property
    def rounding(self) -> float:
        """What machines differ by, at most."""
        return max(N_TIMES * self.nudged, N_EPS * self.last_bits)


def measure(
    one: np.ndarray, other: np.ndarray, compute_nudged: Callable | None = None, before=None, n_terms=1
) -> Distance:
    """Return how far ``other`` is from ``one``, arrays of one shape.

    ``compute_nudged(seed)`` returns ``other`` anew of inputs moved by their last bit; called where they differ at all.
    With ``before``, what counts is how far each has moved from there. Of a sum of ``n_terms``, the order of which each
    machine chooses, the last bits of sqrt(n_terms) terms count.
    """
    if one.tobytes() == other.tobytes() or np.array_equal(one, other):
        return Distance(0.0, 0.0, 0.0)
    if one.dtype.kind not in "f" or not (np.isfinite(one).all() and np.isfinite(other).all()):
        return Distance(float("inf"), 0.0, 0.0)
    nudged = [compute_nudged(seed) for seed in (UP, 1)] if compute_nudged else []
    x, y, *others = (np.asarray(value, np.float64) for value in (one, other, *nudged))
    last_bits = np.finfo(one.dtype).eps * np.linalg.norm(x.ravel()) * max(1.0, np.sqrt(n_terms) / N_EPS)
    start = np.asarray(before, np.float64) if before is not None else 0.0
    size = np.linalg.norm((x - start).ravel()) or np.linalg.norm((y - start).ravel()) or 1.0
    apart, *moved = [np.linalg.norm((value - y).ravel()) for value in (x, *others)]
    return Distance(apart / size, max(moved, default=0.0) / size, last_bits / size)


def is_rounding(distance: Distance) -> bool:
    """Return whether two values may differ so because machines round otherwise."""
    return distance.apart <= distance.rounding


def find_farthest(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return the two numbers that are farthest apart."""
    x, y = np.asarray(one, np.float64).ravel(), np.asarray(other, np.float64).ravel()
    at = int(np.argmax(np.nan_to_num(np.abs(x - y), nan=np.inf))) if x.size else 0
    return (float(x[at]), float(y[at])) if x.size else (0.0, 0.0)
