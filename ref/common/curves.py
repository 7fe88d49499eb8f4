"""The figure of what a run printed: its losses by the epoch, phase by phase, and what a cache saved of their time."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from ref.chapter import BY_NAME
from ref.common.environment import default_style
from ref.common.files import read_json
from ref.common.lines import read_epochs

if TYPE_CHECKING:
    from ref.common.runs import Run

LOSSES = "losses"
WITHOUT_CACHE = {"autoencoder_8": "autoencoder_7"}  # of a script with a cache, the same training without
STYLES = (("o", "-", "#0072b2"), ("s", "--", "#d55e00"), ("^", ":", "#009e73"))  # told apart without colour, too
ONE_RUN = ("seed", "data", "device", "cpu", "threads", "settings")  # what times are comparable under
PHASES = ("n_epochs", "batch_sizes")
WIDTHS = ("n_hidden1", "n_hidden2")


def draw(run: "Run") -> None:
    """Save the figure ``losses`` of a run that has ended; say so where it has printed nothing by the epoch."""
    with default_style():
        fig = draw_losses(run.result, find_without_cache(run.result, run.out))
        if fig is None:
            print(f"{run.name}: --plot: no number is printed by the epoch, so no curve is drawn", file=sys.stderr)
        else:
            run.save_figure(LOSSES, fig)


def draw_losses(result: Mapping, without_cache: Mapping | None = None) -> Figure | None:
    """Return a figure of ``result``, a result.json, with a panel for each phase; None where it has no epochs.

    Where phases have filled a cache, another panel has the times of their steps, beside those of ``without_cache``.
    """
    epochs = [(phase, epoch, numbers) for phase, epoch, numbers in read_epochs(result["printed"]) if numbers]
    phases = sorted({phase for phase, epoch, _ in epochs if epoch is not None})
    if not phases:
        return None
    has_cache = any("cache_fill_s" in phase for phase in result["times"]["phases"])
    n_panels = len(phases) + has_cache
    fig = Figure(figsize=(max(4.2 * n_panels, 6), 4.4))
    data = f"{result['data']['name']}, " if result["data"] else ""
    fig.suptitle(f"{result['script']}: {data}seed {result['seed']}")
    at_the_end = {label: value for _, epoch, numbers in epochs if epoch is None for label, value in numbers.items()}
    for index, phase in enumerate(phases):
        ax = fig.add_subplot(1, n_panels, index + 1)
        if len(phases) > 1:
            ax.set_title(f"phase {phase}", fontsize=11)
        rows = [(epoch, numbers) for of_phase, epoch, numbers in epochs if of_phase == phase and epoch is not None]
        # What is measured at the end is the images' error, as phase 1's is; phase 2's is that of hidden1.
        _draw_phase(ax, rows, at_the_end if index == 0 else {}, BY_NAME[result["script"]].book, index)
    if has_cache:
        _draw_times(fig.add_subplot(1, n_panels, n_panels), result, without_cache)
    if fig.axes:
        fig.tight_layout()  # once, so that it is drawn alike whenever it is drawn
    return fig


def find_without_cache(result: Mapping, out: Path) -> dict | None:
    """Return the result beside ``result``, under ``out``, of the same training without a cache, or None."""
    try:
        found = read_json(out / WITHOUT_CACHE[result["script"]] / "result.json")
        here, there = result["hyper_parameters"], found["hyper_parameters"]
        is_like = all(found.get(key) == result.get(key) for key in ONE_RUN)
        is_like &= all(here[key] == there[key] for key in WIDTHS)
        is_like &= all(list(here[key]) == list(there[key]) for key in PHASES)
        return found if is_like and len(found["times"]["phases"]) == len(result["times"]["phases"]) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # none, or an older one
        return None


def _draw_phase(ax: Axes, rows: list[tuple[int, dict]], at_the_end: dict, book: str, index: int) -> None:
    labels = list(dict.fromkeys(label for _, numbers in rows for label in numbers))
    drawn = []
    for label, (marker, line, colour) in zip(labels, STYLES * len(labels)):
        points = [(epoch, numbers[label]) for epoch, numbers in rows if label in numbers]
        size = 6 if len(points) < 20 else 3
        ax.plot(*zip(*points), marker=marker, markersize=size, linestyle=line, color=colour, label=label)
        drawn += [value for _, value in points]
    for label, value in at_the_end.items():
        ax.axhline(value, color="black", linestyle="-.", linewidth=1.2, label=f"{label}, at the end: {value:.4g}")
        drawn.append(value)
    published = {label: find_published(book, label, index) for label in (*labels, *at_the_end)}
    published = {label: value for label, value in published.items() if value is not None}
    for (label, value), line in zip(published.items(), (":", "--") * len(published)):
        ax.axhline(value, color="gray", linestyle=line, linewidth=2, label=f"{label}, the book's (MNIST): {value:g}")
        drawn.append(value)
    kinds = {label.split()[-1] for label in labels}
    ax.set_ylabel(labels[0] if len(labels) == 1 else kinds.pop() if len(kinds) == 1 else "loss")
    ax.set_xlabel("epoch")
    ax.set_xlim(-0.4, max(rows[-1][0], 1) + 0.4)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if min(drawn) > 0 and max(drawn) >= 10 * min(drawn):
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.grid(alpha=0.3)
    _add_legend(ax)


def find_published(book: str, label: str, index: int) -> float | None:
    """Return the value of ``label`` that ``book``, as in ref.chapter, has for phase ``index``, from 0; or None."""
    found = re.search(rf"{re.escape(label)} ([\d.]+)(?:, then ([\d.]+))?", book, re.IGNORECASE)
    return float(found[index + 1]) if found and index < 2 and found[index + 1] else None


def _draw_times(ax: Axes, result: Mapping, without_cache: Mapping | None) -> None:
    """Draw what a step of each phase took, and the fill of a cache shared out to the steps that it served."""
    bars = [(f"phase {number}", phase) for number, phase in enumerate(result["times"]["phases"], 1)]
    of_cache = next(place for place, (_, phase) in enumerate(bars) if "cache_fill_s" in phase)
    if without_cache:
        name = f"{bars[of_cache][0]} of\n{without_cache['script']},\nwithout a cache"
        bars.append((name, without_cache["times"]["phases"][of_cache]))
    key = "ms_per_step_after_first_epoch"
    is_after = all(key in phase for _, phase in bars)
    steps_ms = [phase[key if is_after else "ms_per_step"] for _, phase in bars]
    fills_ms = [1e3 * phase.get("cache_fill_s", 0) / phase["steps"] for _, phase in bars]
    places = range(len(bars))
    ax.barh(places, steps_ms, color="#56b4e9", edgecolor="black", label="a step")
    ax.barh(
        places, fills_ms, left=steps_ms, color="white", hatch="////", edgecolor="black", label="its share of the fill"
    )
    for place, ms, fill_ms in zip(places, steps_ms, fills_ms):
        said = f"{ms:.2f} + {fill_ms:.2f}" if fill_ms else f"{ms:.2f}"
        ax.text(ms + fill_ms, place, f" {said}", ha="left", va="center", fontsize=9)
    ax.set_yticks(places, [f"{name}, cached" if "cache_fill_s" in phase else name for name, phase in bars])
    ax.invert_yaxis()
    saved_ms = steps_ms[-1] - steps_ms[of_cache] - fills_ms[of_cache]
    verdict = f"the cache {'saves' if saved_ms >= 0 else 'costs'} {abs(saved_ms):.2f} ms a step"
    ax.set_title(verdict if without_cache else "what steps and cache take", fontsize=11)
    ax.set_xlabel("ms a step" + (", after the first epoch" if is_after else ""))
    ax.set_xlim(0, 1.4 * max(ms + fill_ms for ms, fill_ms in zip(steps_ms, fills_ms)))
    _add_legend(ax)


def _add_legend(ax: Axes) -> None:
    """Say under the panel, where it hides nothing, what is what."""
    is_long = len(ax.get_legend_handles_labels()[0] or ()) > 3
    ax.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=1 + is_long)
