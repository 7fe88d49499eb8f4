"""Climb the ladder: rung by rung, until two runs part."""

from collections.abc import Callable, Iterator

from ref.fidelity.ladder import rungs_end, rungs_start, rungs_steps
from ref.fidelity.ladder.drift import Drift
from ref.fidelity.ladder.finding import Rung
from ref.fidelity.ladder.loaded import Loaded

N_RUNGS = 12


def climb(
    a: Loaded, b: Loaded, renamed: dict[str, str], run_nudged: Callable[[], Loaded], is_other: bool
) -> Iterator[Rung]:
    """Yield each rung, and stop after the one on which the code differs.

    Other draws of one distribution, and other feeds or arrays after some training, are no end yet: the rungs that are
    fed with A's own values may show of what they are a consequence. ``run_nudged`` runs A again with one unit moved by
    its last bit; it is called where something differs by rounding, or where ``is_other`` says that the two ran on other
    versions, so that rounding may differ.
    """
    rungs: list[Rung] = []

    def add(rung: Rung) -> Rung:
        rungs.append(rung)
        return rung

    def has_parted() -> bool:
        finding = rungs[-1].finding
        return bool(finding and finding.is_code and not finding.is_drawn)

    def drift() -> Drift:
        return Drift(run_nudged if is_other or any(rung.n_rounded or rung.finding for rung in rungs) else None)

    forward, losses = rungs_steps.compare_forward(a, b)
    steps: list[Callable[[], Rung]] = [
        lambda: rungs_start.compare_settings(a, b),
        lambda: rungs_start.compare_variables(a, b, renamed),
        lambda: rungs_start.compare_feeds(a, b),
        lambda: forward,
        lambda: rungs_steps.compare_draws(a, b),
        lambda: losses,
        lambda: rungs_steps.compare_gradients(a, b),
        lambda: rungs_steps.compare_updates(a, b),
    ]
    for compare in steps:
        yield add(compare())
        if has_parted():
            return
    if any(rung.finding and rung.finding.is_drawn for rung in rungs):
        return
    shared = drift()
    for compare in (
        lambda: rungs_end.compare_runs(a, b, shared),
        lambda: rungs_end.compare_checkpoints(a, b, renamed, shared),
        lambda: rungs_end.compare_lines(a, b, shared),
        lambda: rungs_end.compare_figures(a, b, shared),
    ):
        yield add(compare())
        if has_parted():
            return
