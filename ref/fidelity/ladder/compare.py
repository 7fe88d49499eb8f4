"""Compare an original with a port or another script, and print what a person reads: a screen, or a table of many."""

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from ref.chapter import BY_NAME
from ref.common.errors import BadInputError
from ref.common.suggest import did_you_mean
from ref.fidelity.golden import small_data
from ref.fidelity.ladder import screen
from ref.fidelity.ladder.both import run_both
from ref.fidelity.ladder.climb import N_RUNGS, climb
from ref.fidelity.ladder.finding import Rung
from ref.fidelity.ladder.loaded import Loaded
from ref.fidelity.ladder.sides import Port, Setting
from ref.fidelity.ladder.warm import Warm
from ref.originals.listing import Listing, find_scripts

WAITING_WIDTH = 60


@contextlib.contextmanager
def cut_data(data: str | None, is_full: bool) -> Iterator[tuple[str, str, int]]:
    """Yield what to read, what to call it, and its number of training images.

    That is a data set, or else its first images alone, so that epochs are short.
    """
    from ref.data import data_sets, sources

    name = data or sources.choose_data()
    with tempfile.TemporaryDirectory(prefix="compare-data-") as directory:
        source = name if is_full else str(small_data.write_small_data(name, Path(directory)))
        arrays = sources.load(source)
        n_validation = data_sets.count_validation(len(arrays.train_images))
        yield source, name, len(arrays.train_images) - n_validation


def compare_pair(
    a: Listing, b: Port | Listing, setting: Setting, renamed: dict[str, str], warm: tuple[Warm, Warm]
) -> Iterator[Rung]:
    """Run both, and yield the rungs one by one."""
    with run_both(a, b, setting, warm) as (original, other, run_nudged):
        check_names(renamed, original, other)
        versions = [side.record["versions"]["tensorflow"] for side in (original, other)]
        yield from climb(original, other, renamed, run_nudged, versions[0] != versions[1])


def check_names(renamed: dict[str, str], *sides: Loaded) -> None:
    """Raise BadInputError where --map names a variable that there is not."""
    known = [{one["name"] for graph in side.record["graphs"] for one in graph["variables"]} for side in sides]
    for pair in renamed.items():
        for name, names, which in zip(pair, known, "AB"):
            if name not in names:
                hint = did_you_mean(name, sorted(names)) or "see python -m ref checkpoint list"
                raise BadInputError(
                    f"--map {'='.join(pair)}: no variable {name} in {which}, expected one of it; {hint}"
                )


def show_pair(a: Listing, b: Port | Listing, setting: Setting, renamed: dict[str, str], data_name: str) -> int:
    """Compare, print the screen, and return the exit code."""
    role = "port" if isinstance(b, Port) else "script"
    steps = f"{setting.steps} steps a phase" if setting.steps else "in full"
    part = "" if setting.steps is None else f", its first {small_data.N_TRAIN} + {small_data.N_TEST} images"
    judge = "1.15.5 | " if setting.judge == "tf1" else ""
    print(f"{'original':<10}{a.label}    {role}  {b.label}")
    print(
        f"{'setting':<10}seed {setting.seed} · {data_name}{part} · {steps} · tensorflow {judge}{version('tensorflow')}",
        flush=True,
    )
    rungs = []
    show_waiting("both are run, which takes some seconds …")
    with Warm() as first, Warm() as second:
        for rung in compare_pair(a, b, setting, renamed, (first, second)):
            if not rungs:
                show_waiting(" " * WAITING_WIDTH)
            rungs.append(rung)
            for line in screen.format_rung(rung, ("original", role)):
                print(line, flush=True)
    verdict, code = screen.judge(rungs)
    first = screen.find_first(rungs)
    if first and first.usually:
        print(f"{'usually':<{screen.WIDTH}}{first.usually}")
    print(f"{'verdict':<{screen.WIDTH}}{verdict}")
    return code


def show_waiting(words: str) -> None:
    """Say on a terminal, until the first line takes its place, that there is something to wait for."""
    if sys.stderr.isatty():
        print(words, end="\r", file=sys.stderr, flush=True)


def show_table(notes: str, settings: list[tuple[Setting, str]]) -> int:
    """Compare every listing of ``notes`` that has a port, in every setting; print a table; return the exit code."""
    listings = [listing for listing in find_scripts(notes) if listing.name in BY_NAME]
    if not listings:
        raise BadInputError(
            f"{notes}: no listing of the chapter in it (@file: autoencoder_N.py), expected at least one"
        )
    print(f"{'script':<16}{'seed':>6}  {'data':<8}{'rungs':<9}{'seconds':>8}  verdict", flush=True)
    worst = 0
    with Warm() as first, Warm() as second:
        for setting, data_name in settings:
            for listing in listings:
                start_s = time.perf_counter()
                rungs = list(compare_pair(listing, Port(BY_NAME[listing.name]), setting, {}, (first, second)))
                verdict, code = screen.judge(rungs)
                n_equal = sum(not rung.finding for rung in rungs)
                row = f"{listing.name:<16}{setting.seed:>6}  {data_name:<8}{f'{n_equal} of {N_RUNGS}':<9}"
                print(f"{row}{time.perf_counter() - start_s:>8.1f}  {verdict}", flush=True)
                worst = max(worst, code)
    return worst
