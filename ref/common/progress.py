"""Progress on a terminal: of one thing, and of a whole run, whose epochs are counted through all its phases."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tqdm import tqdm

MAX_COLUMNS = 80
OTHERS = " 100%|███|  1:00:00 left "  # what has to stand in the bar, too
ENOUGH = 0.1  # of an epoch: the first steps, which TensorFlow prepares, tell too little


class Bar(tqdm):
    """A bar on a terminal, without the thread that tqdm starts with its first bar, shown or not, and never ends."""

    monitor_interval = 0


class WholeRun:
    """The bar of a run: ``phase 2/2 epoch 6/8  68%|██████    | Train MSE 0.0042  0:03 left``, of 80 columns at most.

    It is there while an epoch's steps are taken. How long the rest takes is told from what this phase has taken so far,
    or, at its very beginning, from what the run has; a phase that is still to come is taken to be as fast.

    Args:
      n_epochs: of each phase; (1,) of a listing without epochs.
      clock: gives seconds.
    """

    def __init__(self, n_epochs: Sequence[int], clock: Callable[[], float] = time.perf_counter):
        self._n_epochs, self._clock = tuple(n_epochs), clock
        self._starts: list[tuple[int, int, float]] = []  # of each phase: its number, epochs done before it, seconds

    def follow(self, steps: Iterable, n_steps: int, phase: int, epoch: int | None, say: Callable[[], str]) -> Iterator:
        """Yield ``steps``, ``n_steps`` of them, of ``epoch`` in ``phase``, with the bar, in which is what ``say`` says.

        ``phase`` counts from 1, and ``epoch`` from 0, as the listings do; the bar says epochs from 1.
        """
        n_before, n_all = sum(self._n_epochs[: phase - 1]) + (epoch or 0), sum(self._n_epochs)
        if not self._starts or self._starts[-1][0] != phase:
            self._starts.append((phase, n_before, self._clock()))
        words = [f"phase {phase}/{len(self._n_epochs)}"] if len(self._n_epochs) > 1 else []
        words += ["steps" if epoch is None else f"epoch {n_before + 1}/{n_all}"]
        yield from _RunBar(
            steps,
            desc=" ".join(words),
            initial=n_before * n_steps,
            total=n_all * n_steps,
            say=say,
            measure_left=lambda n: self._measure_left_s(n / max(n_steps, 1), n_all),
            ncols=_count_columns() - 1,  # in the last one some terminals begin a new line
            bar_format="{desc} {percentage:3.0f}%|{bar}|{said}{left} left",
            leave=False,
            disable=None,
        )

    def _measure_left_s(self, n_done: float, n_all: int) -> float | None:
        """Return the seconds that are left when ``n_done`` epochs are done, None where nothing is known of it yet."""
        for _, n_before, since_s in (self._starts[-1], self._starts[0]):
            if n_done - n_before >= ENOUGH:
                return (self._clock() - since_s) / (n_done - n_before) * max(n_all - n_done, 0)
        return None


class _RunBar(Bar):
    def __init__(self, *args, measure_left: Callable[[float], float | None], say: Callable[[], str], **keywords):
        self._measure_left, self._say = measure_left, say
        super().__init__(*args, **keywords)

    @property
    def format_dict(self) -> dict:
        found = super().format_dict
        said, left_s = self._say(), self._measure_left(found["n"])
        if len(said) > self.ncols - len(self.desc) - len(OTHERS):
            said = said.rpartition(" ")[2]  # the number, without its name
        return found | {
            "said": f" {said} " if said else " ",
            "left": "?" if left_s is None else self.format_interval(left_s),
        }


def count_epochs(hyper_parameters: Mapping) -> tuple[int, ...]:
    """Return how many epochs each phase of a script has that is called with these; (1,) where it has none."""
    n_epochs = hyper_parameters.get("n_epochs", 1)
    return tuple(n_epochs) if isinstance(n_epochs, tuple | list) else (n_epochs,)


def _count_columns() -> int:
    try:
        return min(os.get_terminal_size(sys.stderr.fileno()).columns or MAX_COLUMNS, MAX_COLUMNS)
    except (OSError, AttributeError, ValueError):  # no terminal
        return MAX_COLUMNS
