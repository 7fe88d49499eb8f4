"""Where a run's time goes: start-up, data, each phase's steps, the fill of a cache, evaluation, saving."""

import collections
import contextlib
import time
from collections.abc import Callable, Iterator

START_UP, DATA, STEPS, FILL, EVALUATION, SAVING, CATCHING_UP = (
    "start_up",
    "data",
    "steps",
    "cache_fill",
    "evaluation",
    "saving",
    "catching_up",
)
_imports_s = 0.0


def note_imports(seconds: float) -> None:
    """Note what importing a port and TensorFlow took in this process; the next run says it."""
    global _imports_s
    _imports_s = seconds


class Times:
    """The seconds of one run, each in one account, so that all of them together are its wall time.

    Nothing is looked at within a loop of steps: its clock is read where it begins and where it ends, so that steps are
    the listing's loop, with its batches and feeds, and TensorFlow's preparation of the first step.

    ``clock`` gives seconds. ``phase`` is the one that the run is in, 0 before the first.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter):
        global _imports_s
        self._imports_s, _imports_s = _imports_s, 0.0
        self._clock = clock
        self._seconds: collections.Counter[tuple[str, int]] = collections.Counter()  # of an account, in a phase or 0
        # Of a phase, [steps, seconds, whether it was its attempt's first].
        self._loops: collections.defaultdict[int, list] = collections.defaultdict(list)
        self._begun: set[int] = set()  # phases that this attempt has taken steps of
        self._account, self._since_s = (START_UP, 0), clock()
        self._n_attempts = 1
        self.phase, self.is_catching_up = 0, False

    def enter(self, account: str, phase: int = 0) -> None:
        """Count what follows to ``account``; while the run catches up, all but start-up and data is that."""
        self._mark()
        is_other = self.is_catching_up and account not in (START_UP, DATA)
        self._account = (CATCHING_UP, 0) if is_other else (account, phase)

    @contextlib.contextmanager
    def during(self, account: str) -> Iterator[None]:
        """Count the block to ``account``, and what follows to the one before."""
        before = self._account
        self.enter(account)
        try:
            yield
        finally:
            self.enter(*before)

    @contextlib.contextmanager
    def taking_steps(self, n_steps: int) -> Iterator[None]:
        """Count the block to the phase's steps, ``n_steps`` of them; nothing within such a block or catching up."""
        if self._account[0] == STEPS or self.is_catching_up:
            yield
            return
        self.phase = max(self.phase, 1)  # a listing without epochs has one phase
        self.enter(STEPS, self.phase)
        before_s = self._seconds[self._account]
        try:
            yield
        finally:
            self.enter(EVALUATION)
            if n_steps:
                seconds, is_first = self._seconds[STEPS, self.phase] - before_s, self.phase not in self._begun
                self._loops[self.phase].append([n_steps, seconds, is_first])
                self._begun.add(self.phase)

    @contextlib.contextmanager
    def filling_cache(self) -> Iterator[None]:
        """Count the block, and what led to it, to the fill of the next phase's cache; within another, do nothing."""
        if self._account[0] in (FILL, STEPS, CATCHING_UP):
            yield
            return
        self._account = (FILL, self.phase + 1)
        yield
        self.enter(EVALUATION)

    def measure_s(self) -> float:
        """Return the seconds of all accounts so far, those of interrupted attempts included."""
        self._mark()
        return sum(self._seconds.values())

    def get_state(self) -> dict:
        """Return the accounts, of JSON's types."""
        self._mark()
        return {
            "seconds": [[account, phase, s] for (account, phase), s in self._seconds.items()],
            "loops": list(self._loops.items()),
            "attempts": self._n_attempts,
        }

    def go_on_from(self, state: dict) -> None:
        """Add what an interrupted attempt had counted when it last saved, its ``get_state``; the run has caught up."""
        self.is_catching_up = False
        self.enter(EVALUATION)
        self._seconds.update({(account, phase): s for account, phase, s in state["seconds"]})
        self._loops.update({phase: list(loops) for phase, loops in state["loops"]})
        self._n_attempts += state["attempts"]

    def summarize(self) -> dict:
        """Return seconds, and for each phase its steps, as ``result.json`` has them.

        ``evaluation_s`` is all that the listing computes, prints and draws outside its loops of steps. Of a run that
        was interrupted, each attempt counts as far as it was saved; ``catching_up_s`` is what going on took.
        """
        self._mark()
        total = collections.Counter()
        for (account, phase), s in self._seconds.items():
            # A cache that no phase followed on was computed in vain, as at the end of autoencoder_6.
            total[EVALUATION if account == FILL and phase not in self._loops else account] += s
        phases = []
        for phase, loops in sorted(self._loops.items()):
            n_steps, steps_s, _ = (sum(column) for column in zip(*loops))
            phases.append({"steps": n_steps, "steps_s": round(steps_s, 3), **_describe_speed(n_steps, steps_s)})
            # Each attempt prepares, and XLA compiles, in the first that it takes.
            if later := [(n, s) for n, s, is_first in loops if not is_first]:
                after = _describe_speed(*(sum(column) for column in zip(*later)))
                phases[-1]["ms_per_step_after_first_epoch"] = after["ms_per_step"]
            if fill_s := self._seconds[FILL, phase]:
                phases[-1]["cache_fill_s"] = round(fill_s, 3)
        accounts = (START_UP, DATA, EVALUATION, SAVING, *([CATCHING_UP] if self._n_attempts > 1 else []))
        return {
            "imports_s": round(self._imports_s, 3),
            **{f"{account}_s": round(total[account], 3) for account in accounts},
            "phases": phases,
            "attempts": self._n_attempts,
        }

    def _mark(self):
        now_s = self._clock()
        self._seconds[self._account] += now_s - self._since_s
        self._since_s = now_s


def _describe_speed(n_steps: int, steps_s: float) -> dict[str, float]:
    return {"ms_per_step": round(steps_s / n_steps * 1e3, 3), "steps_per_s": round(n_steps / steps_s, 1)}


def describe(times: dict) -> list[str]:
    """Return what ``Times.summarize`` gave as lines for a person."""
    lines = []
    for number, phase in enumerate(times["phases"], 1):
        filled = f"cache filled in {phase['cache_fill_s']:.2f} s, then " if "cache_fill_s" in phase else ""
        of_how_many = f"phase {number}: " if len(times["phases"]) > 1 else ""
        ms = f"{phase['ms_per_step']:.3f} ms a step"
        if "ms_per_step_after_first_epoch" in phase:
            ms += f" ({phase['ms_per_step_after_first_epoch']:.3f} after the first epoch)"
        lines.append(
            f"{of_how_many}{filled}{phase['steps']} steps in {phase['steps_s']:.2f} s, {ms}, "
            f"{phase['steps_per_s']:.1f} steps/s"
        )
    accounts = {"imports": "imports (before)", "start_up": "start-up", "catching_up": "catching up"}
    seconds = {name.removesuffix("_s"): s for name, s in times.items() if name.endswith("_s")}
    lines.append(", ".join(f"{accounts.get(name, name)} {s:.2f} s" for name, s in seconds.items() if s))
    if times["attempts"] > 1:
        lines.append(f"of {times['attempts']} attempts, each as far as it was saved")
    return lines
