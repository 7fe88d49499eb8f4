"""Curves of what a run printed over the epochs, with the recorded run's behind: a picture for each label and phase."""

import math
from collections.abc import Iterator

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ref.common.environment import default_style
from ref.pages import figures
from ref.pages.series import Series
from ref.pages.words import Text, choose

N_MARKED = 40  # points, and no more, have a mark each
MOST = 1e30  # beyond it, or not finite, a point is left out
HERE, RECORDED = Text("here", "这次运行"), Text("recorded", "记录的运行")


def draw_curves(
    series: list[Series], recorded: list[Series], prefix: str, language: str
) -> Iterator[tuple[str, Markup]]:
    """Yield the title and picture of each of ``series``, with the ``recorded`` one of its phase and label, if any."""
    behind = {(one.phase, one.label): one for one in recorded}
    has_phases = any(one.phase > 1 for one in series + recorded)
    for i, one in enumerate(series):
        phase = choose(language, Text(f", phase {one.phase}", f"，第 {one.phase} 阶段")) if has_phases else ""
        title = one.label + phase
        yield title, _draw(one, behind.get((one.phase, one.label)), f"{prefix}-{i}", title, language)


def _draw(here: Series, recorded: Series | None, prefix: str, title: str, language: str) -> Markup:
    with default_style(), figures.drawing():
        fig = Figure(figsize=(4, 2.9), layout="constrained")
        ax = fig.subplots()
        if recorded:
            style = {
                "color": figures.ORANGE,
                "ls": "--",
                "ms": 7,
                "mfc": "none",
                "zorder": 3,
            }  # seen where both are equal
            _plot(ax, recorded, choose(language, RECORDED), marker="s", **style)
        _plot(ax, here, choose(language, HERE), marker="o", color=figures.BLUE, ls="-", ms=4)
        drawn = [value for line in ax.lines for value in line.get_ydata() if not math.isnan(value)]
        if drawn and min(drawn) > 0 and max(drawn) > 10 * min(drawn):
            _scale_log(ax, max(drawn) / min(drawn))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        ax.set_xlabel(choose(language, Text("epoch", "轮")))
        ax.grid(lw=0.6)
        if recorded:
            ax.legend(fontsize=10, frameon=False)
        return figures.write_svg(fig, prefix, title)


def _scale_log(ax, span: float) -> None:
    """Scale the values' axis; within three decades it has more ticks than their powers."""
    ax.set_yscale("log")
    if span < 1000:
        ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _plot(ax, series: Series, label: str, marker: str, **style) -> None:
    values = [value if abs(value) < MOST else math.nan for value in series.values]
    marker = marker if len(values) <= N_MARKED else ""
    ax.plot(series.epochs, values, label=label, lw=1.6, marker=marker, **style)
