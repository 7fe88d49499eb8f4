"""The plots beside the results, one drawer for each kind that has one. All times are milliseconds a step."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bench.report.captions import describe_sizes, describe_work, find_base, name_candidate, name_machine
from bench.report.peers import find_row, pair

CACHED, RECOMPUTED, FLOOR = "#2a6f97", "#c9ced6", "#b5651d"


def draw_pairs(ax: Axes, pairs: list[tuple[dict, dict]], names: list[str]) -> None:
    """Draw lying bars, recomputed behind cached, with both times and what the cache gains."""
    positions = range(len(pairs))
    for shift, column, color, label in ((0.2, 1, RECOMPUTED, "recomputed"), (-0.2, 0, CACHED, "frozen layer cached")):
        times_ms = [rows[column]["ms_per_step"] for rows in pairs]
        ax.barh([y + shift for y in positions], times_ms, 0.38, color=color, label=label)
    for y, (cached, recomputed) in zip(positions, pairs):
        times_ms = cached["ms_per_step"], recomputed["ms_per_step"]
        ax.text(times_ms[0], y - 0.2, f" {times_ms[0]:.2f}", va="center", fontsize=7)
        ax.text(times_ms[1], y + 0.2, f" {times_ms[1]:.2f}", va="center", fontsize=7, color="#666666")
        gain = f"× {times_ms[1] / times_ms[0]:.2f}"
        ax.text(1.01, y, gain, va="center", fontsize=8, transform=ax.get_yaxis_transform())
    ax.text(1.01, -0.75, "gain", va="center", fontsize=8, transform=ax.get_yaxis_transform())
    ax.set_yticks(positions, names, fontsize=8)
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.set_xlim(left=0)
    ax.set_xlabel("ms a step")


def draw_peers(result: dict) -> Figure:
    """Draw everyone, the fastest first; the floor is a line."""
    pairs = sorted(pair(result["rows"]), key=lambda rows: rows[0]["ms_per_step"])
    pairs = [rows for rows in pairs if rows[0]["who"] != "blas-floor"]
    fig = Figure(figsize=(9, 1.4 + 0.4 * len(pairs)))
    ax = fig.subplots()
    draw_pairs(ax, pairs, [name_candidate(cached).strip("`") for cached, _ in pairs])
    for label, (cached, _) in zip(ax.get_yticklabels(), pairs):
        label.set_fontweight("bold" if cached["who"] == "ours" else "normal")
    for cached, style in ((True, "-"), (False, ":")):
        if floor := find_row(result["rows"], "blas-floor", None, cached):
            what = f"floor {'cached' if cached else 'recomputed'}: its products in BLAS, {floor['ms_per_step']:.2f}"
            ax.axvline(floor["ms_per_step"], color=FLOOR, lw=1, ls=style, label=what)
    ax.legend(fontsize=8, loc="upper right")
    ax.set_title(f"A step of phase 2, ours in bold: {describe_work(result)}\n{name_machine(result)}", fontsize=9)
    return fig


def draw_engines(result: dict) -> Figure:
    """Draw a panel for each batch size: the engines, in their order."""
    batches = list(dict.fromkeys(row["batch"] for row in result["rows"]))
    fig = Figure(figsize=(4.6 * len(batches), 3.6), layout="constrained")
    for ax, batch in zip(fig.subplots(1, len(batches), squeeze=False)[0], batches):
        rows = [row for row in result["rows"] if row["batch"] == batch]
        recomputed = {row["engine"]: row for row in rows if not row["cached"]}
        pairs = [(row, recomputed[row["engine"]]) for row in rows if row["cached"]]
        draw_pairs(ax, pairs, [cached["engine"] for cached, _ in pairs])
        ax.set_title(f"batch {batch:,}", fontsize=9)
    fig.axes[0].legend(fontsize=7, loc="lower right")
    fig.suptitle(
        f"The engines on the {result['work']['device'].upper()}: {describe_work(result)}; {name_machine(result)}",
        fontsize=9,
    )
    return fig


def draw_growth(result: dict) -> Figure:
    """Draw a column for each thing that grows: above the times, below what the cache gains."""
    varied = list(dict.fromkeys(row["varied"] for row in result["rows"]))
    fig = Figure(figsize=(4 * len(varied), 6), layout="constrained")
    axes = fig.subplots(2, len(varied), sharex="col", sharey="row", squeeze=False)
    for (above, below), what in zip(axes.T, varied):
        rows = [row for row in result["rows"] if row["varied"] == what]
        for engine, color in (("epoch-shuffle", "C0"), ("xla", "C1")):
            curves = [
                {row[what]: row["ms_per_step"] for row in rows if (row["engine"], row["cached"]) == (engine, cached)}
                for cached in (True, False)
            ]
            for curve, style, label in zip(curves, ("-", ":"), ("cached", "recomputed")):
                above.loglog(*zip(*curve.items()), style, color=color, marker="o", ms=3, label=f"{engine}, {label}")
            gains = [curves[1][value] / curves[0][value] for value in curves[0]]
            below.semilogx(list(curves[0]), gains, color=color, marker="o", ms=3, label=engine)
        below.axhline(1.0, color="#888888", lw=0.8)
        below.set_xlabel(what.replace("_", " "))
        below.set_xticks(list(curves[0]), [f"{value:,}" for value in curves[0]], fontsize=7)
        below.minorticks_off()
        above.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        above.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
        above.yaxis.set_minor_formatter(NullFormatter())
        for ax in (above, below):
            ax.grid(alpha=0.3)
    axes[0, 0].set_ylabel("ms a step")
    axes[1, 0].set_ylabel("gain of the cache: recomputed / cached")
    axes[0, 0].legend(fontsize=7)
    device, base = result["work"]["device"].upper(), find_base(result["rows"])
    sizes = f", from {describe_sizes(base)}" if base else ""
    fig.suptitle(f"How a step grows on the {device}{sizes}; {name_machine(result)}", fontsize=9)
    return fig


DRAWERS = {"peers": draw_peers, "engines": draw_engines, "growth": draw_growth}
