"""The plots beside the results, one drawer for each kind that has one; bench/report.py calls them."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure


def name_candidate(row: dict) -> str:
    """Return what a row of bench/peers.py is called beside the libraries: ours by the engine, in code type."""
    if row["who"] == "ours":
        return f"`{row['engine']}`"
    return f"{row['who']} {row['engine']}" if row["engine"] else row["who"]


def draw_bars(ax: Axes, rows: list[dict]) -> None:
    """Draw an engine's milliseconds a step, cached beside recomputed."""
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    for shift, cached, color in ((-0.2, False, "#bbbbbb"), (0.2, True, "#2a6f97")):
        heights = {row["engine"]: row["ms_per_step"] for row in rows if row["cached"] == cached}
        positions = [engines.index(engine) + shift for engine in heights]
        label = "frozen layer cached" if cached else "recomputed"
        bars = ax.bar(positions, list(heights.values()), 0.38, color=color, label=label)
        ax.bar_label(bars, fmt="%.2f", fontsize=7)
    ax.set_xticks(range(len(engines)), engines)
    ax.set_ylabel("ms a step")


def draw_peers(rows: list[dict]) -> Figure:
    fig = Figure(figsize=(9, 4.5))
    ax = fig.subplots()
    draw_bars(ax, [row for row in rows if row["who"] == "ours"])
    others = [row for row in rows if row["who"] != "ours" and row["cached"]]
    for i, row in enumerate(sorted(others, key=lambda row: row["ms_per_step"])):
        style = {"color": "black"} if row["who"] == "blas-floor" else {"color": f"C{i + 1}", "linestyle": "--"}
        ax.axhline(row["ms_per_step"], lw=1, label=f"{name_candidate(row)}, cached: {row['ms_per_step']:.2f}", **style)
    ax.legend(fontsize=7, loc="upper right")
    batch = rows[0]["batch"]
    ax.set_title(
        f"Phase 2 of autoencoder_8, batch {batch}: engines, libraries, its matrix products in BLAS", fontsize=9
    )
    return fig


def draw_engines(rows: list[dict]) -> Figure:
    cases = list(dict.fromkeys((row["device"], row["batch"]) for row in rows))
    fig = Figure(figsize=(4.5 * len(cases), 3.8))
    for ax, (device, batch) in zip(fig.subplots(1, len(cases), squeeze=False)[0], cases):
        draw_bars(ax, [row for row in rows if (row["device"], row["batch"]) == (device, batch)])
        ax.set_title(f"{device}, batch {batch}", fontsize=9)
        ax.tick_params(axis="x", labelsize=6)
    ax.legend(fontsize=7)
    return fig


def draw_growth(rows: list[dict]) -> Figure:
    varied = list(dict.fromkeys(row["varied"] for row in rows))
    fig = Figure(figsize=(4 * len(varied), 3.6))
    for ax, what in zip(fig.subplots(1, len(varied), squeeze=False)[0], varied):
        curves: dict[tuple[str, bool], dict[int, float]] = {}
        for row in rows:
            if row["varied"] == what:
                curves.setdefault((row["engine"], row["cached"]), {})[row[what]] = row["ms_per_step"]
        for (engine, cached), curve in sorted(curves.items(), reverse=True):
            style = {"color": "C1" if engine == "xla" else "C0", "linestyle": "-" if cached else ":"}
            label = f"{engine}, {'cached' if cached else 'recomputed'}"
            ax.loglog(list(curve), list(curve.values()), marker="o", ms=3, label=label, **style)
        ax.set_xlabel(what.replace("_", " "))
        ax.set_xticks(list(curve), [f"{value:,}" for value in curve], fontsize=7)
        ax.minorticks_off()
    fig.axes[0].set_ylabel("ms a step")
    fig.legend(*ax.get_legend_handles_labels(), fontsize=7, loc="upper center", ncols=4)
    return fig


DRAWERS = {"peers": draw_peers, "engines": draw_engines, "growth": draw_growth}
