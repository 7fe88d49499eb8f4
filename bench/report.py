"""Tables and plots from bench/results: python -m bench.report [--check].

Writes the tables between the marks in bench/README.md and README.md, and the plots beside the results. --check writes
nothing and exits with 2 where a table is not what the results say.
"""

import json
import math
import re
import sys
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ref.common.cli import Parser, exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from scripts.markdown import make_table, replace_between

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PAGES = {ROOT / "bench" / "README.md": ("peers", "engines", "growth", "ports"), ROOT / "README.md": ("cache",)}


def find_machines() -> list[str]:
    """Return the names of the machines that results are kept of."""
    stems = {path.stem for path in RESULTS.glob("*.json")} - {"summary"}
    return sorted({re.sub("-(peers|ports|growth)$", "", stem) for stem in stems})


def read(machine: str, kind: str) -> dict | None:
    path = RESULTS / f"{machine}{SUFFIXES[kind]}.json"
    return json.loads(path.read_text()) if path.exists() else None


def read_rows(machine: str, kind: str) -> list[dict]:
    """Return what was measured, a dict a case; none where the machine has no such results."""
    result = read(machine, kind) or {"rows": []}
    return [benchmark["extra_info"] for benchmark in result["benchmarks"]] if "benchmarks" in result else result["rows"]


def describe(result: dict) -> str:
    """Return the machine and the versions as one line."""
    machine = result.get("machine_info") or result["machine"]
    names = [name for name in ("tensorflow", "numpy", "keras", "torch", "jax") if name in machine]
    versions = ", ".join(f"{name} {machine[name]}" for name in names)
    gpu = f", {machine['gpu']}" if machine.get("gpu") else ""
    return f"{machine['cpu']}, {machine['threads']} threads{gpu}; Python {machine['python']}, {versions}"


def tabulate_peers(rows: list[dict]) -> list[dict]:
    by_case = {(row["who"], row["engine"], row["cached"]): row for row in rows}
    floor_ms = by_case["blas-floor", None, True]["ms_per_step"]
    peers = [row for row in rows if row["cached"] and row["who"] not in ("ours", "blas-floor")]
    best_ms = min((row["ms_per_step"] for row in peers), default=math.nan)
    table = []
    for row in rows:
        recomputed = by_case.get((row["who"], row["engine"], False))
        if not row["cached"] or recomputed is None:
            continue
        ms, deviation = row["ms_per_step"], row.get("deviation_epoch")
        table.append(
            {
                "who": f"`{row['engine']}`" if row["who"] == "ours" else row["who"],
                "cached, ms/step": f"{ms:.3f}",
                "quartiles": "{:.3f} to {:.3f}".format(*row["quartiles_ms"]),
                "examples/s": f"{row['examples_per_s']:,}",
                "recomputed, ms/step": f"{recomputed['ms_per_step']:.3f}",
                "what the cache gains": f"{recomputed['ms_per_step'] / ms:.2f}",
                "time to the floor's": f"{ms / floor_ms:.2f}",
                "speed to the best peer's": f"{best_ms / ms:.2f}",
                "loss to NumPy's": "-" if deviation is None else f"{deviation:.0e}",
            }
        )
    return table


def tabulate_engines(rows: list[dict]) -> list[dict]:
    return [
        {
            "device": row["device"],
            "batch": row["batch"],
            "engine": f"`{row['engine']}`",
            "frozen layer": "cached" if row["cached"] else "recomputed",
            "ms/step": f"{row['ms_per_step']:.3f}",
            "examples/s": f"{row['examples_per_s']:,}",
            "of it the sampler, ms": f"{row['sampler_ms_per_step']:.3f}",
            "of it lookup and feed, ms": f"{row['feed_ms_per_step']:.3f}",
            "cache fill, s": f"{row['fill_s']:.2f}",
            "MB": f"{row['bytes'] / 1e6:.0f}",
            "pays after, epochs": row["break_even_epochs"] or "-",
        }
        for row in rows
    ]


def tabulate_growth(rows: list[dict]) -> list[dict]:
    by_case = {(row["varied"], row[row["varied"]], row["engine"], row["cached"]): row for row in rows}
    table = []
    for varied, value in dict.fromkeys(case[:2] for case in by_case):
        cells = {"varied": varied.replace("_", " "), "to": f"{value:,}"}
        for engine in ("epoch-shuffle", "xla"):
            cached, recomputed = (by_case[varied, value, engine, c]["ms_per_step"] for c in (True, False))
            cells[f"`{engine}` cached, ms/step"] = f"{cached:.3f}"
            cells[f"`{engine}` recomputed"] = f"{recomputed:.3f}"
            cells[f"gain of `{engine}`"] = f"{recomputed / cached:.2f}"
        file, without = (by_case[varied, value, "epoch-shuffle", cached] for cached in (True, False))
        gain_s = (without["ms_per_step"] - file["ms_per_step"]) / 1e3 * (file["rows"] // file["batch"])  # an epoch
        cells["fill of the file, s"] = f"{file['fill_s']:.2f}"
        cells["its MB"] = f"{file['bytes'] / 1e6:.0f}"
        cells["pays after, epochs"] = f"{file['fill_s'] / gain_s:.1f}" if gain_s > 0 else "-"
        table.append(cells)
    return table


def tabulate_ports(rows: list[dict]) -> list[dict]:
    def join(value) -> str:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "all")

    names = {"port": "port", "device": "device", "batch": "batch", "steps": "steps"}
    names |= {"ms_per_step": "ms/step", "steps_per_s": "steps/s"}
    return [{name: join(row[key]) for key, name in names.items()} for row in rows]


# Of each kind: how its files end, how a row of its table is made, and what is to be said of its numbers.
SUFFIXES = {"peers": "-peers", "engines": "", "growth": "-growth", "ports": "-ports"}
TABULATORS = {
    "peers": tabulate_peers,
    "engines": tabulate_engines,
    "growth": tabulate_growth,
    "ports": tabulate_ports,
}


def describe_rounds(kind: str, result: dict) -> str:
    """Return what is to be said of the numbers of a kind."""
    if kind == "peers":
        work = result["work"]
        return (
            f"Batch {work['batch']}, {work['rows']:,} rows of {work['data']}; medians of {work['rounds']} rounds of an "
            "epoch each, interleaved."
        )
    n_rounds = result["benchmarks"][0]["stats"]["rounds"]
    return {
        "engines": f"Medians of {n_rounds} rounds of an epoch each.",
        "growth": f"Medians of {n_rounds} rounds.",
        "ports": f"Of each phase the best of {n_rounds} rounds.",
    }[kind]


def render(kind: str) -> str:
    """Return a kind's tables and pictures, for each machine that results are kept of."""
    parts = []
    for machine in find_machines():
        rows = read_rows(machine, kind)
        if rows:
            result, table = read(machine, kind), TABULATORS[kind](rows)
            parts.append(f"{describe(result)}. {describe_rounds(kind, result)}")
            parts.append(make_table(list(table[0]), [list(cells.values()) for cells in table]))
            parts += [f"![{kind}](results/{machine}{SUFFIXES[kind]}.png)"] if kind in DRAWERS else []
    return "\n\n".join(parts)


def render_cache() -> str:
    """Return the README's short table: the listing's cache, and what gets its promise."""
    machine = next(machine for machine in find_machines() if read(machine, "peers"))
    result = read(machine, "peers")
    by_case = {(row["who"], row["engine"], row["cached"]): row for row in result["rows"]}
    rows = []
    for who, engine, cached, what in (
        ("ours", "epoch-shuffle", False, "no cache: `--engine epoch-shuffle --recompute`"),
        ("ours", "book", True, "the listing's cache: `--engine book`, the default"),
        ("ours", "epoch-shuffle", True, "one shuffle an epoch: `--engine epoch-shuffle`"),
        ("ours", "loop", True, "an epoch in one `Session.run`: `--engine loop`"),
        ("ours", "xla", True, "the same, compiled: `--engine xla`"),
        ("jax-scan", None, True, "JAX, `lax.scan` over the epoch, cached"),
        ("torch-compile", None, True, "PyTorch, compiled, fused Adam, cached"),
        ("keras", None, True, "Keras 3, `fit`, cached"),
    ):
        if (who, engine, cached) in by_case:
            row = by_case[who, engine, cached]
            rows.append([what, f"{row['ms_per_step']:.2f}", f"{row['examples_per_s']:,}"])
    work = result["work"]
    return f"Phase 2 of autoencoder_8, batch {work['batch']}, {work['data']}; {describe(result)}:\n\n" + make_table(
        ["phase 2", "ms/step", "examples/s"], rows
    )


def fill(text: str, names: tuple[str, ...]) -> str:
    """Return a page's ``text`` with each table between its marks made anew."""
    for name in names:
        begin, end = f"<!-- table: bench {name} (make bench-report) -->", f"<!-- end of bench {name} -->"
        text = replace_between(text, begin, end, render_cache() if name == "cache" else render(name))
    return text


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
        ax.axhline(row["ms_per_step"], lw=1, label=f"{row['who']}, cached: {row['ms_per_step']:.2f}", **style)
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


def draw_plots() -> None:
    """Draw the results of each machine."""
    for machine in find_machines():
        for kind, draw in DRAWERS.items():
            rows = read_rows(machine, kind)
            if rows:
                with open_atomically(RESULTS / f"{machine}{SUFFIXES[kind]}.png") as file:
                    draw(rows).savefig(file, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.report")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args(argv)
    if not find_machines():
        raise BadInputError(f"{RESULTS}: no results, expected those of a machine; run make bench-peers")
    for page, names in PAGES.items():
        found = page.read_text(encoding="utf-8")
        expected = fill(found, names)
        if args.check and found != expected:
            raise BadInputError(f"{page.relative_to(ROOT)}: not what bench/results says; run make bench-report")
        if not args.check and found != expected:
            with open_atomically(page) as file:
                file.write(expected.encode())
    if not args.check:
        draw_plots()


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
