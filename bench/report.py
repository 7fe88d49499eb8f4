"""Tables and plots from bench/results: python -m bench.report [--check].

Writes the tables between the marks in bench/README.md and README.md, and the plots beside the results. --check writes
nothing and exits with 2 where a table is not what the results say.
"""

import json
import re
import sys
from pathlib import Path

from ref.common.cli import Parser, exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
ENGINES = ("book", "epoch-shuffle", "resident", "loop", "xla")
PAGES = {ROOT / "bench" / "README.md": ("peers", "engines", "growth", "ports"), ROOT / "README.md": ("cache",)}


def find_machines() -> list[str]:
    """Return the names of the machines that results are kept of."""
    stems = {path.stem for path in RESULTS.glob("*.json")} - {"summary"}
    return sorted({re.sub("-(peers|ports|growth)$", "", stem) for stem in stems})


def read(machine: str, kind: str) -> dict | None:
    path = RESULTS / f"{machine}{kind and '-'}{kind}.json"
    return json.loads(path.read_text()) if path.exists() else None


def list_info(result: dict | None) -> list[dict]:
    return [benchmark["extra_info"] for benchmark in result["benchmarks"]] if result else []


def describe(machine: dict) -> str:
    """Return the machine and the versions as one line."""
    versions = ", ".join(
        f"{name} {machine[name]}" for name in ("tensorflow", "numpy", "keras", "torch", "jax") if name in machine
    )
    gpu = f", {machine['gpu']}" if machine.get("gpu") else ""
    return f"{machine['cpu']}, {machine['threads']} threads{gpu}; Python {machine['python']}, {versions}"


def make_table(header: list[str], rows: list[list]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "| --- " * len(header) + "|"]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def _name(row: dict) -> str:
    return f"`{row['engine']}`" if row["who"] == "ours" else row["who"]


def render_peers() -> list[str]:
    """Return a table for each machine: ms a step, cached and recomputed, beside the floor's and the best peer's."""
    lines = []
    for name in find_machines():
        result = read(name, "peers")
        if result is None:
            continue
        by_case = {(row["who"], row["engine"], row["cached"]): row for row in result["rows"]}
        floor = {cached: by_case["blas-floor", None, cached]["ms_per_step"] for cached in (True, False)}
        best = min(r["ms_per_step"] for r in result["rows"] if r["cached"] and r["who"] not in ("ours", "blas-floor"))
        table = []
        for (who, engine, cached), row in by_case.items():
            other = by_case.get((who, engine, False))
            if not cached or other is None:
                continue
            deviation = row.get("deviation_epoch")
            table.append(
                [
                    _name(row),
                    f"{row['ms_per_step']:.3f}",
                    f"{row['quartiles_ms'][0]:.3f} to {row['quartiles_ms'][1]:.3f}",
                    f"{row['examples_per_s']:,}",
                    f"{other['ms_per_step']:.3f}",
                    f"{other['ms_per_step'] / row['ms_per_step']:.2f}",
                    f"{row['ms_per_step'] / floor[True]:.2f}",
                    f"{best / row['ms_per_step']:.2f}",
                    "-" if deviation is None else f"{deviation:.0e}",
                ]
            )
        work = result["work"]
        lines += [
            f"{describe(result['machine'])}. Batch {work['batch']}, {work['rows']:,} rows of {work['data']}, "
            f"{work['rounds']} rounds of an epoch each, interleaved; medians.",
            "",
            *make_table(
                [
                    "who",
                    "cached, ms/step",
                    "quartiles",
                    "examples/s",
                    "recomputed, ms/step",
                    "what the cache gains",
                    "time to the floor's",
                    "speed to the best peer's",
                    "loss to NumPy's",
                ],
                table,
            ),
            "",
            f"![ms a step](results/{name}-peers.png)",
            "",
        ]
    return lines


def render_engines() -> list[str]:
    lines = []
    for name in find_machines():
        result = read(name, "")
        if result is None:
            continue
        lines += [f"{describe(result['machine_info'])}. A round is an epoch; medians.", ""]
        table = []
        for info in list_info(result):
            table.append(
                [
                    info["device"],
                    info["batch"],
                    f"`{info['engine']}`",
                    "cached" if info["cached"] else "recomputed",
                    f"{info['ms_per_step']:.3f}",
                    f"{info['examples_per_s']:,}",
                    f"{info['sampler_ms_per_step']:.3f}",
                    f"{info['feed_ms_per_step']:.3f}",
                    f"{info['fill_s']:.2f}",
                    f"{info['bytes'] / 1e6:.0f}",
                    "-" if info["break_even_epochs"] is None else info["break_even_epochs"],
                ]
            )
        header = [
            "device",
            "batch",
            "engine",
            "frozen layer",
            "ms/step",
            "examples/s",
            "of it the sampler, ms",
            "of it lookup and feed, ms",
            "cache fill, s",
            "MB",
            "pays after, epochs",
        ]
        lines += [*make_table(header, table), "", f"![engines](results/{name}.png)", ""]
    return lines


def render_growth() -> list[str]:
    lines = []
    for name in find_machines():
        result = read(name, "growth")
        infos = {(i["varied"], i[i["varied"]], i["engine"], i["cached"]): i for i in list_info(result)}
        if not infos:
            continue
        lines += [
            f"{describe(result['machine_info'])}; medians of {result['benchmarks'][0]['stats']['rounds']} rounds.",
            "",
        ]
        table = []
        for varied, value in dict.fromkeys((v, x) for v, x, _, _ in infos):
            cells = []
            for engine in ("epoch-shuffle", "xla"):
                cached, recomputed = (infos[varied, value, engine, c] for c in (True, False))
                cells += [f"{cached['ms_per_step']:.3f}", f"{recomputed['ms_per_step']:.3f}"]
                cells += [f"{recomputed['ms_per_step'] / cached['ms_per_step']:.2f}"]
            fed = infos[varied, value, "epoch-shuffle", True]
            table.append(
                [varied.replace("_", " "), f"{value:,}", *cells, f"{fed['fill_s']:.2f}", f"{fed['bytes'] / 1e6:.0f}"]
            )
        header = [
            "varied",
            "to",
            "`epoch-shuffle` cached, ms/step",
            "recomputed",
            "gain",
            "`xla` cached, ms/step",
            "recomputed",
            "gain",
            "fill of the file, s",
            "its MB",
        ]
        lines += [*make_table(header, table), "", f"![growth](results/{name}-growth.png)", ""]
    return lines


def render_ports() -> list[str]:
    lines = []
    for name in find_machines():
        result = read(name, "ports")
        if result is None:
            continue
        lines += [
            f"{describe(result['machine_info'])}. Of each phase the best of "
            f"{result['benchmarks'][0]['stats']['rounds']} rounds.",
            "",
        ]
        table = []
        for info in list_info(result):
            cells = [
                info["port"],
                info["device"],
                info["batch"] or "all",
                info["steps"],
                info["ms_per_step"],
                info["steps_per_s"],
            ]
            table.append([", ".join(map(str, cell)) if isinstance(cell, list) else cell for cell in cells])
        lines += [*make_table(["port", "device", "batch", "steps", "ms/step", "steps/s"], table), ""]
    return lines


def render_cache() -> list[str]:
    """Return the README's short table: the listing's cache, and what gets its promise."""
    result = next(result for name in find_machines() if (result := read(name, "peers")))
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
    return [
        f"Phase 2 of autoencoder_8, batch {result['work']['batch']}, {result['work']['data']}; "
        f"{describe(result['machine'])}:",
        "",
        *make_table(["phase 2", "ms/step", "examples/s"], rows),
        "",
    ]


RENDERERS = {
    "peers": render_peers,
    "engines": render_engines,
    "growth": render_growth,
    "ports": render_ports,
    "cache": render_cache,
}


def fill(page: Path, text: str, names: tuple[str, ...]) -> str:
    """Return ``text`` with each table between its marks made anew."""
    for name in names:
        begin, end = f"<!-- table: bench {name} (make bench-report) -->", f"<!-- end of bench {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise BadInputError(
                f"{page}: marks of the table {name!r} not found once each, expected {begin!r} and {end!r}"
            )
        before, rest = text.split(begin)
        text = f"{before}{begin}\n" + "\n".join(RENDERERS[name]()) + f"{end}{rest.split(end)[1]}"
    return text


def draw_plots() -> None:
    """Draw the results of each machine."""
    from matplotlib.figure import Figure

    def save(fig: Figure, name: str) -> None:
        with open_atomically(RESULTS / f"{name}.png") as file:
            fig.savefig(file, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})

    def draw_bars(ax, rows: list[dict]) -> None:
        engines = [e for e in ENGINES if any(row["engine"] == e for row in rows)]
        for shift, cached, color in ((-0.2, False, "#bbbbbb"), (0.2, True, "#2a6f97")):
            heights = [
                next(r["ms_per_step"] for r in rows if r["engine"] == e and r["cached"] == cached) for e in engines
            ]
            bars = ax.bar(
                [i + shift for i in range(len(engines))],
                heights,
                0.38,
                color=color,
                label="frozen layer cached" if cached else "recomputed",
            )
            ax.bar_label(bars, fmt="%.2f", fontsize=7)
        ax.set_xticks(range(len(engines)), engines)
        ax.set_ylabel("ms a step")

    def draw_peers(result: dict, name: str) -> None:
        peers, fig = result["rows"], Figure(figsize=(9, 4.5))
        ax = fig.subplots()
        draw_bars(ax, [row for row in peers if row["who"] == "ours"])
        others = [row for row in peers if row["who"] != "ours" and row["cached"]]
        for i, row in enumerate(sorted(others, key=lambda row: row["ms_per_step"])):
            style = {"color": "black"} if row["who"] == "blas-floor" else {"color": f"C{i + 1}", "linestyle": "--"}
            ax.axhline(row["ms_per_step"], lw=1, label=f"{row['who']}, cached: {row['ms_per_step']:.2f}", **style)
        ax.legend(fontsize=7, loc="upper right")
        ax.set_title(
            "Phase 2 of autoencoder_8, batch 150: engines, other libraries, and the floor of the matrix products",
            fontsize=9,
        )
        save(fig, f"{name}-peers")

    for name in find_machines():
        if (result := read(name, "peers")) is not None:
            draw_peers(result, name)

        infos = list_info(read(name, ""))
        cases = list(dict.fromkeys((info["device"], info["batch"]) for info in infos))
        if cases:
            fig = Figure(figsize=(4.5 * len(cases), 3.8))
            for ax, (device, batch) in zip(fig.subplots(1, len(cases), squeeze=False)[0], cases):
                draw_bars(ax, [info for info in infos if (info["device"], info["batch"]) == (device, batch)])
                ax.set_title(f"{device}, batch {batch}", fontsize=9)
                ax.tick_params(axis="x", labelsize=7)
            ax.legend(fontsize=7)
            save(fig, name)

        infos = list_info(read(name, "growth"))
        varied = list(dict.fromkeys(info["varied"] for info in infos))
        if varied:
            fig = Figure(figsize=(4 * len(varied), 3.6))
            for ax, what in zip(fig.subplots(1, len(varied), squeeze=False)[0], varied):
                for engine, color in (("epoch-shuffle", "C0"), ("xla", "C1")):
                    for cached in (True, False):
                        rows = [i for i in infos if (i["varied"], i["engine"], i["cached"]) == (what, engine, cached)]
                        ax.loglog(
                            [row[what] for row in rows],
                            [row["ms_per_step"] for row in rows],
                            color=color,
                            marker="o",
                            ms=3,
                            linestyle="-" if cached else ":",
                            label=f"{engine}, {'cached' if cached else 'recomputed'}",
                        )
                ax.set_xlabel(what.replace("_", " "))
                values = sorted({row[what] for row in infos if row["varied"] == what})
                ax.set_xticks(values, [f"{value:,}" for value in values], fontsize=7)
                ax.minorticks_off()
            fig.axes[0].set_ylabel("ms a step")
            fig.legend(*ax.get_legend_handles_labels(), fontsize=7, loc="upper center", ncols=4)
            save(fig, f"{name}-growth")


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.report")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args(argv)
    if not find_machines():
        raise BadInputError(f"{RESULTS}: no results, expected those of a machine; run make bench-peers")
    for page, names in PAGES.items():
        found = page.read_text(encoding="utf-8")
        expected = fill(page, found, names)
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
