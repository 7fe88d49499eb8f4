"""From a few measured rounds to the whole training: times, the break-even epoch, and between what the gain lies."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """An estimate, and between what it surely lies as far as the rounds say."""

    low: float
    middle: float
    high: float


def estimate_median(values: Sequence[float]) -> Interval:
    """Return the median of ``values``, and the innermost pair of them that holds the true one with 95 %.

    Nothing is assumed of how they are distributed: that k of n values or fewer lie on one side of the median has a
    binomial's probability. Of fewer than six values it is the smallest and the largest.
    """
    ordered, n = sorted(values), len(values)
    k = 0
    while k + 1 < n / 2 and 2 * sum(math.comb(n, i) for i in range(k + 2)) / 2**n <= 0.05:
        k += 1
    return Interval(ordered[k], statistics.median(ordered), ordered[n - 1 - k])


@dataclass(frozen=True)
class Estimate:
    """A training with a cache beside one without; all in seconds.

    ``gain_epoch`` is what the cache saves in an epoch, ``gain`` what in all of them, its filling paid.
    """

    n_epochs: int
    fill: Interval
    cached_epoch_s: float
    recomputed_epoch_s: float
    gain_epoch: Interval

    @property
    def with_cache_s(self) -> float:
        return self.fill.middle + self.n_epochs * self.cached_epoch_s

    @property
    def without_s(self) -> float:
        return self.n_epochs * self.recomputed_epoch_s

    @property
    def gain(self) -> Interval:
        return Interval(
            self.n_epochs * self.gain_epoch.low - self.fill.high,
            self.n_epochs * self.gain_epoch.middle - self.fill.middle,
            self.n_epochs * self.gain_epoch.high - self.fill.low,
        )

    @property
    def break_even_epoch(self) -> int | None:
        """The first epoch after which the cache has paid for its filling, or None."""
        gain_s = self.gain_epoch.middle
        return max(1, math.ceil(self.fill.middle / gain_s)) if gain_s > 0 else None

    @property
    def verdict(self) -> str:
        """``pays``, ``does not pay``, or ``not sure``: zero lies between what the gain lies between."""
        if self.gain.low > 0:
            return "pays"
        return "does not pay" if self.gain.high < 0 else "not sure"


def estimate(
    n_epochs: int,
    n_batches: int,
    sampler_epoch_s: float,
    recomputed_step_s: Sequence[float],
    cached_step_s: Sequence[float],
    fill_s: Sequence[float],
) -> Estimate:
    """Return what ``n_epochs`` of ``n_batches`` steps take.

    ``recomputed_step_s`` and ``cached_step_s`` are of the same rounds, one each in every round: the machine's load
    between rounds is in both, so that the differences within rounds say more than each alone: they say between what the
    gain lies. The gain itself is the difference of the medians, which is what stands beside it. Where one has fewer
    rounds, it was not in turn with the other: any of them may stand beside any. Of ``fill_s`` the last is of the most
    rows, so that it has the least of what a call costs whatever its rows.
    """
    n_rounds = min(len(recomputed_step_s), len(cached_step_s))
    pairs = zip(recomputed_step_s[-n_rounds:], cached_step_s[-n_rounds:])
    spread = estimate_median([recomputed - cached for recomputed, cached in pairs])
    recomputed_s, cached_s = map(statistics.median, (recomputed_step_s, cached_step_s))
    gain_s = recomputed_s - cached_s
    return Estimate(
        n_epochs,
        Interval(min(fill_s), fill_s[-1], max(fill_s)),
        n_batches * cached_s + sampler_epoch_s,
        n_batches * recomputed_s + sampler_epoch_s,
        Interval(n_batches * min(spread.low, gain_s), n_batches * gain_s, n_batches * max(spread.high, gain_s)),
    )
