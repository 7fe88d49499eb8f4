"""How bench/peers.py measures: who takes part, each started, timed from its start, checked, then all by turns."""

import random
import statistics
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from bench import work as bench_work
from bench.candidate import Candidate, find_worker
from bench.workers import NAMES
from ref.common.cli import import_port
from ref.common.errors import BadInputError

# In memory block-shuffle takes the steps of epoch-shuffle.
ENGINES = [engine for engine in import_port("ref.engines").ENGINES if engine != "block-shuffle"]
# TensorFlow 1's are named after the engines of ours that draw and feed as they do.
TF1_ENTRIES = [("tf1", engine) for engine in ("book", "epoch-shuffle")]
PAUSE_S = 0.05  # in which the threads of the one before fall asleep
N_EPOCHS, N_MORE = (1, 4), 30  # whose wall time is told
MAX_EPOCH_S = 0.6  # whose epoch takes longer is not run for N_MORE epochs: that is told from the rounds


class Setting(NamedTuple):
    """Where the candidates run: ``directory`` holds the work, ``device`` is cpu or gpu."""

    directory: Path
    peers_python: Path
    device: str


def list_entries(has_tf1: bool, device: str) -> list[tuple[str, str | None]]:
    """Return who takes part, (who, engine): ours, then the libraries, then the floor, which only a CPU has."""
    libraries = [name for name in NAMES if name not in ("ours", "blas-floor")]
    entries = [("ours", engine) for engine in ENGINES]
    entries += TF1_ENTRIES if has_tf1 and device == "cpu" else []
    return entries + [(who, None) for who in (*libraries, *(["blas-floor"] if device == "cpu" else []))]


def select_entries(entries: list[tuple[str, str | None]], names: list[str]) -> list[tuple[str, str | None]]:
    """Return those of ``entries`` that are named, by an engine's name or a library's.

    Raises:
      BadInputError: a name is nobody's.
    """
    known = {name for entry in entries for name in entry if name}
    if unknown := [name for name in names if name not in known]:
        raise BadInputError(
            f"--only {' '.join(unknown)}: nobody of that name takes part, expected some of {', '.join(sorted(known))}"
            "; a file of bench/workers is named without .py, with - for _"
        )
    return [entry for entry in entries if set(names) & set(entry)]


def check_work(candidate: Candidate, work: bench_work.Work, directory: Path) -> None:
    """Let the candidate do the work anew, and keep its weights, and how far it is from the expected losses.

    Raises:
      BadInputError: it does other work.
    """

    def train_anew(n_steps: int) -> dict[str, np.ndarray]:
        candidate.ask("reset")
        candidate.ask("train", n_steps)
        candidate.ask("save", str(directory / "weights.npz"))
        with np.load(directory / "weights.npz") as weights:
            candidate.weights = dict(weights)
        missing = [name for name in bench_work.TRAINED if name not in candidate.weights]
        if missing and candidate.kind != "floor":  # which trains nothing
            raise BadInputError(
                f"{candidate.name}: no {', '.join(missing)} among its weights, expected all that are trained; "
                "it cannot be held to the same work"
            )
        return candidate.weights

    candidate.deviation = bench_work.check_work(work, candidate.name, train_anew)


def start(who: str, engine: str | None, cached: bool, setting: Setting) -> Candidate:
    """Return a candidate's process; where its file has forms, in the one that another process found the fastest."""
    form = None
    if engine == "xla":  # it has forms, too, and keeps in a file which is the fastest
        Candidate(who, engine, cached, *setting).stop()
    elif who != "tf1" and hasattr(find_worker(who), "FORMS"):
        chooser = Candidate(who, engine, cached, *setting)
        form = chooser.ask("describe")["form"]
        chooser.stop()
    return Candidate(who, engine, cached, *setting, form)


def measure_walls(candidate: Candidate, n_steps: int) -> None:
    """Time epochs from the start of the process, which compiles in the first; then anew, from the fill of the cache.

    A warm run's epochs after the fourth are taken from the cold one: they are the same.
    """
    epochs_s = [candidate.ask("train", n_steps) for _ in range(max(N_EPOCHS))]
    is_long = candidate.kind == "tuned" and epochs_s[-1] < MAX_EPOCH_S
    more_s = sum(candidate.ask("train", n_steps) for _ in range(N_MORE - len(epochs_s))) if is_long else None
    answer = candidate.ask("describe")
    candidate.form, candidate.peak_rss_mb = answer["form"], answer["peak_mb"]
    candidate.wall_cold_s = add_up(candidate.ready_s, epochs_s, more_s)
    candidate.ask("reset")
    fill_s = candidate.ask("fill")
    candidate.wall_warm_s = add_up(fill_s, [candidate.ask("train", n_steps) for _ in range(max(N_EPOCHS))], more_s)


def add_up(before_s: float, epochs_s: list[float], more_s: float | None) -> dict[str, float]:
    """Return the seconds to the end of the first, the fourth, and, where ``more_s`` is known, the thirtieth epoch."""
    walls_s = {str(n): before_s + sum(epochs_s[:n]) for n in N_EPOCHS}
    if more_s is not None:
        walls_s[str(N_MORE)] = before_s + sum(epochs_s) + more_s
    return walls_s


def measure(
    work: bench_work.Work, n_rounds: int, setting: Setting, entries: list[tuple[str, str | None]]
) -> list[Candidate]:
    """Return those of ``entries`` that work, cached ones first, with their milliseconds a step, one number a round."""
    n_steps = len(work.batches)
    candidates: list[Candidate] = []
    try:
        cases = [(cached, *entry) for cached in (True, False) for entry in entries]
        for cached, who, engine in tqdm(cases, desc="warm-up", leave=False, disable=None):
            candidate = None
            try:
                candidate = start(who, engine, cached, setting)
                measure_walls(candidate, n_steps)
            except BadInputError as error:  # no compiler for torch-compile, say
                if candidate:
                    candidate.stop()
                if who == "ours":
                    raise
                print(f"{who}: not measured, {error}", file=sys.stderr)
                continue
            candidates.append(candidate)
            check_work(candidate, work, setting.directory)
        order = random.Random(0)
        for _ in tqdm(range(n_rounds), desc="rounds", leave=False, disable=None):
            for candidate in order.sample(candidates, len(candidates)):
                time.sleep(PAUSE_S)
                candidate.ask("train", min(bench_work.N_CHECKED_STEPS, n_steps))  # wakes its threads, fills the caches
                candidate.ms_per_step.append(candidate.ask("train", n_steps) / n_steps * 1e3)
    finally:
        for candidate in candidates:
            candidate.stop()
    return candidates


def summarize(candidate: Candidate, batch_size: int) -> dict:
    """Return the row of summary.json."""
    ms_per_step = statistics.median(candidate.ms_per_step)
    return {
        "who": candidate.who,
        "engine": candidate.engine,
        "form": candidate.kind,
        "engine_form": candidate.form,
        "cached": candidate.cached,
        "device": candidate.device,
        "batch": batch_size,
        "ms_per_step": round(ms_per_step, 4),
        "examples_per_s": round(batch_size / ms_per_step * 1e3),
    }


def describe(candidate: Candidate, batch_size: int, n_steps: int) -> dict:
    """Return the row of the results: the summary's, and all else that was measured.

    Who was not run for the thirty epochs has those after the fourth at the median of the rounds: "rounds" in
    ``wall_more``, else "run".
    """
    row = summarize(candidate, batch_size)
    is_run = str(N_MORE) in candidate.wall_cold_s
    rest_s = (N_MORE - max(N_EPOCHS)) * n_steps * row["ms_per_step"] / 1e3
    for name, walls_s in (("wall_cold_s", candidate.wall_cold_s), ("wall_warm_s", candidate.wall_warm_s)):
        estimated = {} if is_run else {str(N_MORE): walls_s[str(max(N_EPOCHS))] + rest_s}
        row[name] = {n: round(seconds, 3) for n, seconds in (walls_s | estimated).items()}
    return row | {
        "wall_more": "run" if is_run else "rounds",
        "quartiles_ms": candidate.quartiles_ms,
        "peak_rss_mb": candidate.peak_rss_mb,
        **{f"deviation_{when}": float(f"{value:.1e}") for when, value in candidate.deviation.items()},
    }


def compare_outputs(work: bench_work.Work, candidates: list[Candidate]) -> dict:
    """Return how far apart caching and recomputing are: the frozen layer's outputs, and what is trained on them.

    ``max_difference`` is of the cache, filled at once, from the same rows recomputed in batches; ``weights`` holds for
    each candidate the largest difference between its weights after an epoch, cached and recomputed; all are absolute.
    """
    by_case = {(candidate.name, candidate.cached): candidate.weights for candidate in candidates}
    weights = {}
    for name, cached in by_case:
        one, other = by_case[name, cached], by_case.get((name, not cached), {})
        if cached and one and other:
            weights[name] = float(f"{max(np.abs(one[key] - other[key]).max() for key in one):.1e}")
    return {
        "max_difference": float(f"{bench_work.measure_recomputed(work):.1e}"),
        "rows": bench_work.N_COMPARED_ROWS,
        "weights": weights,
    }
