"""What rounding grows to over a run: a run beside itself, its first unit moved by its last bit."""

from collections.abc import Callable

import numpy as np

from ref.fidelity.ladder.loaded import Loaded

N_TIMES = 16.0  # what a run differs by from itself with one unit's last bits moved: so many times that is rounding
LEAST = 1e-6  # and no less than this: other machines round every unit otherwise, at every step


class Drift:
    """What rounding grows to over a run: A beside A whose first unit was moved by its last bit, run when asked."""

    def __init__(self, run_nudged: Callable[[], Loaded] | None):
        self._run_nudged, self._nudged = run_nudged, None

    @property
    def is_wanted(self) -> bool:
        """Whether rounding may be a reason at all: where all that was held so far was equal to the bit, it is none."""
        return self._run_nudged is not None

    def get(self) -> Loaded:
        if self._nudged is None:
            self._nudged = self._run_nudged()
        return self._nudged


def find_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the distance of two arrays over the first's norm; infinite where their shapes differ."""
    if one is None or other is None or one.shape != other.shape:
        return float("inf")
    x, y = np.asarray(one, np.float64).ravel(), np.asarray(other, np.float64).ravel()
    if not np.isfinite(x).all() or not np.isfinite(y).all():
        return 0.0 if np.array_equal(x, y, equal_nan=True) else float("inf")
    return float(np.linalg.norm(x - y) / (np.linalg.norm(x) or np.linalg.norm(y) or 1.0))


def find_allowed(apart_of_nudged: float) -> float:
    """Return how far machines may be apart where the nudged run is so far from the run itself."""
    return N_TIMES * max(apart_of_nudged, LEAST)
