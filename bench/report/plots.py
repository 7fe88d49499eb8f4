"""The plots beside the results, one drawer for each kind that has one. All times are milliseconds a step."""

from collections.abc import Callable
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bench.report.captions import describe_sizes, describe_work, find_base, name_candidate, name_machine
from bench.report.peers import find_row, pair


class Look(NamedTuple):
    """Colours, and ``say``, which gives the plots' English words in another language."""

    cached: str
    saved: str
    lost: str
    floor: str
    quiet: str
    engines: tuple[str, str]
    say: Callable[[str], str] = str


PRINTED = Look("#2a6f97", "#9fb4c4", "#b3261e", "#b5651d", "#666666", ("C0", "C1"))
VARIED = {"rows": "rows", "batch": "batch", "width": "width", "frozen_layers": "frozen layers"}


def draw_pairs(ax: Axes, pairs: list[tuple[dict, dict]], names: list[str], look: Look) -> None:
    """Draw a lying bar each: cached, and on to recomputed what the cache saves; at its right the gain."""
    labels = set()
    for y, (cached, recomputed) in enumerate(pairs):
        times_ms = cached["ms_per_step"], recomputed["ms_per_step"]
        parts = [(0, min(times_ms), look.cached, None, "step, cached")]
        is_saved = times_ms[1] >= times_ms[0]
        what = (look.saved, "////", "saved by the cache") if is_saved else (look.lost, "xxxx", "lost by the cache")
        parts.append((min(times_ms), max(times_ms) - min(times_ms), *what))
        for left, width, color, hatch, label in parts:
            style = {"facecolor": "none", "edgecolor": color, "hatch": hatch} if hatch else {"color": color}
            ax.barh(y, width, 0.62, left=left, **style, label=look.say(label) if label not in labels else None)
            labels.add(label)
        says, beside = f"{times_ms[1]:.2f} → {times_ms[0]:.2f}", {"xytext": (4, 0), "textcoords": "offset points"}
        ax.annotate(says, (max(times_ms), y), **beside, va="center", fontsize=8, color=look.quiet)
        gain = f"× {times_ms[1] / times_ms[0]:.2f}"
        ax.text(1.01, y, gain, va="center", fontsize=10, fontweight="bold", transform=ax.get_yaxis_transform())
    ax.text(1.01, -0.85, look.say("gain"), va="center", fontsize=9, transform=ax.get_yaxis_transform())
    ax.set_yticks(range(len(pairs)), names, fontsize=9)
    ax.set_ylim(len(pairs) - 0.5, -0.5)
    ax.set_xlim(0, 1.22 * max(row["ms_per_step"] for rows in pairs for row in rows))
    ax.set_xlabel(look.say("ms a step"))


def draw_peers(result: dict, look: Look = PRINTED) -> Figure:
    """Draw everyone, the fastest first; the floor is a line."""
    pairs = sorted(pair(result["rows"]), key=lambda rows: rows[0]["ms_per_step"])
    pairs = [rows for rows in pairs if rows[0]["who"] != "blas-floor"]
    fig = Figure(figsize=(9, 1.4 + 0.32 * len(pairs)), layout="constrained")
    ax = fig.subplots()
    draw_pairs(ax, pairs, [name_candidate(cached).strip("`") for cached, _ in pairs], look)
    for label, (cached, _) in zip(ax.get_yticklabels(), pairs):
        label.set_fontweight("bold" if cached["who"] == "ours" else "normal")
    for cached, style, what in ((True, "-", "BLAS floor, cached"), (False, ":", "BLAS floor, recomputed")):
        if floor := find_row(result["rows"], "blas-floor", None, cached):
            label = f"{look.say(what)}: {floor['ms_per_step']:.2f}"
            ax.axvline(floor["ms_per_step"], color=look.floor, lw=1.5, ls=style, label=label)
    ax.legend(fontsize=9, loc="upper right")
    return fig


def draw_engines(result: dict, look: Look = PRINTED) -> Figure:
    """Draw a panel for each batch size: the engines, in their order."""
    batches = list(dict.fromkeys(row["batch"] for row in result["rows"]))
    fig = Figure(figsize=(9, 0.6 + 2.5 * len(batches)), layout="constrained")
    for ax, batch in zip(fig.subplots(len(batches), 1, squeeze=False)[:, 0], batches):
        rows = [row for row in result["rows"] if row["batch"] == batch]
        recomputed = {row["engine"]: row for row in rows if not row["cached"]}
        pairs = [(row, recomputed[row["engine"]]) for row in rows if row["cached"]]
        draw_pairs(ax, pairs, [cached["engine"] for cached, _ in pairs], look)
        ax.set_title(f"{look.say('batch')} {batch:,}", fontsize=10, loc="left")
    fig.axes[0].legend(fontsize=9, loc="lower right")
    return fig


def draw_growth(result: dict, look: Look = PRINTED) -> Figure:
    """Draw a row for each thing that grows: left the times, right what the cache gains, quartile to quartile."""
    varied = list(dict.fromkeys(row["varied"] for row in result["rows"]))
    fig = Figure(figsize=(9, 0.8 + 2.3 * len(varied)), layout="constrained")
    axes = fig.subplots(len(varied), 2, sharex="row", sharey="col", squeeze=False)
    for (left, right), what in zip(axes, varied):
        rows = [row for row in result["rows"] if row["varied"] == what]
        for engine, color, marker in zip(("epoch-shuffle", "xla"), look.engines, "os"):
            cached, recomputed = (
                {row[what]: row for row in rows if (row["engine"], row["cached"]) == (engine, is_cached)}
                for is_cached in (True, False)
            )
            values, times_ms = list(cached), [_list_ms(curve) for curve in (cached, recomputed)]
            left.fill_between(values, *times_ms, color=color, alpha=0.15, lw=0)
            for curve, style, label in zip(times_ms, ("-", ":"), ("cached", "recomputed")):
                label = f"{engine}, {look.say(label)}"
                left.loglog(values, curve, style, color=color, marker=marker, ms=3, label=label)
            gains = [recomputed[value]["ms_per_step"] / cached[value]["ms_per_step"] for value in values]
            quartiles = [_find_quartiles_of_gain(cached[value], recomputed[value]) for value in values]
            right.fill_between(values, *zip(*quartiles), color=color, alpha=0.15, lw=0)
            right.semilogx(values, gains, color=color, marker=marker, ms=3, label=engine)
        right.axhline(1.0, color=look.quiet, lw=0.8)
        for ax in (left, right):
            ax.set_xlabel(look.say(VARIED[what]))
            ax.set_xticks(values, [f"{value:,}" for value in values], fontsize=9)
            ax.minorticks_off()
            ax.grid(alpha=0.5)
        left.set_ylabel(look.say("ms a step"))
        left.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        left.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
        left.yaxis.set_minor_formatter(NullFormatter())
        right.yaxis.set_major_formatter(FuncFormatter(lambda gain, _: f"× {gain:g}"))
    axes[0, 0].set_title(look.say("a step: the band is what the cache saves"), fontsize=10, loc="left")
    axes[0, 1].set_title(look.say("gain of the cache, and its quartiles"), fontsize=10, loc="left")
    for ax in axes[0]:
        ax.legend(fontsize=8)
    return fig


def _list_ms(curve: dict[int, dict]) -> list[float]:
    return [row["ms_per_step"] for row in curve.values()]


def _find_quartiles_of_gain(cached: dict, recomputed: dict) -> tuple[float, float]:
    """Return the least and the most that the quartiles of both times allow of the gain."""
    (c1, c3), (r1, r3) = cached["quartiles_ms"], recomputed["quartiles_ms"]
    return r1 / c3, r3 / c1


DRAWERS = {"peers": draw_peers, "engines": draw_engines, "growth": draw_growth}


def describe_plot(result: dict) -> str:
    """Return a plot's title: what it is of, and the machine."""
    device, machine = result["work"]["device"].upper(), name_machine(result)
    if result["kind"] == "growth":
        base = find_base(result["rows"])
        return f"How a step grows on the {device}{f', from {describe_sizes(base)}' if base else ''}\n{machine}"
    what = {"peers": "A step of phase 2, ours in bold", "engines": f"The engines on the {device}"}[result["kind"]]
    return f"{what}: {describe_work(result)}\n{machine}"
