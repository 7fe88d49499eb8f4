"""The loss over the epochs: ours of two seeds and the book's notebook's, as a plot and as a table of all numbers."""

from typing import NamedTuple

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from ref.chapter import Script
from ref.pages import figures
from ref.pages.words import Text, choose
from scripts.site import recorded

LABELS = {
    "Train MSE": Text("Train MSE", "训练 MSE"),
    "Test MSE": Text("Test MSE", "测试 MSE"),
    "Train accuracy": Text("Train accuracy", "训练准确率"),
    "Test accuracy": Text("Test accuracy", "测试准确率"),
    "Sparsity loss": Text("Sparsity loss", "稀疏损失"),
    "Total loss": Text("Total loss", "总损失"),
    "Train total loss": Text("Train total loss", "训练总损失"),
    "Reconstruction loss": Text("Reconstruction loss", "重建损失"),
    "Latent loss": Text("Latent loss", "潜在损失"),
}
CROSS_ENTROPY = Text("“Train MSE”: the cross-entropy", "“Train MSE”：交叉熵")  # as 14 prints it
PHASE = Text(", phase {}", "，第 {} 阶段")
EPOCH = Text("epoch", "轮")
LEAST_PPI = 68  # pixels an inch, below which a plot is scrolled and no longer shrunk
MARKED = 30  # epochs, up to which each has a mark
WIDE = 8  # times between the least and the most of a panel, from which on its axis is logarithmic


class Series(NamedTuple):
    """A run's rows, what it is called, and how it is drawn."""

    name: Text
    rows: list[recorded.Row]
    style: dict


def list_series(script: Script) -> list[Series]:
    """Return the runs of a script that are shown beside one another, ours first."""
    book = Text("the book's notebook, 2017", "随书笔记本，2017 年")
    if script.book.endswith("*"):
        book = Text("the book's notebook, other settings", "随书笔记本，超参数不同")
    series = [
        Series(
            Text("ours, seed 42", "本项目，种子 42"),
            recorded.list_own_rows(script),
            {"color": figures.BLUE, "marker": "o", "markersize": 3, "linewidth": 1.6},
        ),
        Series(
            Text("ours, seed 7", "本项目，种子 7"),
            recorded.list_own_rows(script, 7),
            {"color": figures.QUIET, "linestyle": ":", "linewidth": 1.4},
        ),
        Series(
            book,
            recorded.list_notebook_rows(script),
            {"color": figures.ORANGE, "linestyle": "--", "marker": "s", "markersize": 3, "linewidth": 1.2},
        ),
    ]
    return [one for one in series if one.rows]


def name_label(script: Script, label: str) -> Text:
    return CROSS_ENTROPY if (script.number, label) == (14, "Train MSE") else LABELS[label]


def list_panels(script: Script) -> list[tuple[int, str]]:
    """Return (phase, label) of each number that is printed after an epoch."""
    rows = recorded.list_own_rows(script)
    return list(dict.fromkeys((row.phase, label) for row in rows if row.epoch is not None for label in row.digits))


def name_panel(script: Script, panel: tuple[int, str], language: str) -> str:
    phase, label = panel
    is_one_of_two = any(other != phase for other, _ in list_panels(script))
    name = choose(language, name_label(script, label))
    return f"{name}{choose(language, PHASE).format(phase)}" if is_one_of_two else name


def draw_curve(script: Script, language: str) -> Markup:
    """Return the plot as an inline SVG: a panel for each printed number and phase."""
    panels, series = list_panels(script), list_series(script)
    with figures.drawing():
        width = 3.5 * max(len(panels), 1.6)  # in inches, as the margins are
        is_narrow = len(panels) == 1  # for three names in a row
        fig = Figure(figsize=(width, 3.5 if is_narrow else 3.3))
        axes = fig.subplots(1, len(panels), squeeze=False)[0]
        fig.subplots_adjust(
            left=0.8 / width, right=1 - 0.15 / width, top=0.91, bottom=0.29 if is_narrow else 0.25, wspace=0.3
        )
        for ax, panel in zip(axes, panels):
            phase, label = panel
            shown = []
            for one in series:
                points = [(row.epoch, float(row.digits[label])) for row in one.rows if is_in(row, panel)]
                if points:
                    style = one.style if len(points) <= MARKED else {**one.style, "marker": ""}
                    ax.plot(*zip(*points), label=choose(language, one.name), **style)
                    shown += [value for _, value in points]
            ax.set_title(name_panel(script, panel, language), fontsize=11)
            ax.set_xlabel(choose(language, EPOCH))
            ax.grid(axis="y", linewidth=0.6)
            ax.xaxis.get_major_locator().set_params(integer=True)
            if max(shown) > WIDE * min(shown) > 0:
                ax.set_yscale("log")
                ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                ax.yaxis.set_major_formatter("{x:g}")
                ax.yaxis.set_minor_formatter("")
        handles, names = max((ax.get_legend_handles_labels() for ax in axes), key=lambda found: len(found[0]))
        fig.legend(handles, names, loc="lower center", ncols=2 if is_narrow else 3, frameon=False, fontsize=10)
        svg = figures.write_svg(fig, f"curve-{script.number}", describe_curve(script, language))
        return Markup(str(svg).replace('style="', f'style="min-width: {width * LEAST_PPI:.0f}px; ', 1))


def is_in(row: recorded.Row, panel: tuple[int, str]) -> bool:
    return row.epoch is not None and row.phase == panel[0] and panel[1] in row.digits


def describe_curve(script: Script, language: str) -> str:
    """Return the plot in words: where each panel's curve of ours begins and ends."""
    parts = []
    for panel in list_panels(script):
        digits = [row.digits[panel[1]] for row in recorded.list_own_rows(script) if is_in(row, panel)]
        name = name_panel(script, panel, language)
        parts.append(
            f"{name}：从 {digits[0]} 到 {digits[-1]}，共 {len(digits)} 轮"
            if language == "zh"
            else f"{name}: from {digits[0]} to {digits[-1]} in {len(digits)} epochs"
        )
    return "；".join(parts) + "。" if language == "zh" else "; ".join(parts) + "."


class Table(NamedTuple):
    """All numbers: for each panel its name and the names of its columns, and a row an epoch."""

    name: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]


def list_tables(script: Script, language: str) -> list[Table]:
    """Return every number that was printed, as it was printed, a table for each panel, and one of what is last."""
    series = list_series(script)
    columns = [choose(language, one.name) for one in series]
    tables = []
    for panel in list_panels(script):
        by_epoch = [{row.epoch: row.digits[panel[1]] for row in one.rows if is_in(row, panel)} for one in series]
        epochs = sorted(set().union(*by_epoch))
        rows = [(str(epoch), [found.get(epoch, "–") for found in by_epoch]) for epoch in epochs]
        tables.append(Table(name_panel(script, panel, language), columns, rows))
    ends = {label for one in series for row in one.rows if row.epoch is None for label in row.digits}
    for label in sorted(ends):
        values = [next((row.digits[label] for row in one.rows if label in row.digits), "–") for one in series]
        last = "训练之后" if language == "zh" else "after training"
        tables.append(Table(choose(language, LABELS[label]), columns, [(last, values)]))
    return tables
