"""Tables and plots from bench/results: python -m bench.report [--check].

Writes the tables between the marks in bench/README.md and README.md, and the plots beside the results. --check writes
nothing and exits with 2 where a table is not what the results say.
"""

import json
import math
import re
import sys
from pathlib import Path

from bench.plots import DRAWERS, name_candidate
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
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
    gpu += f" with{'' if machine['tf32'] else 'out'} TensorFloat-32" if "tf32" in machine else ""
    said = f"{machine['cpu']}, {machine['threads']} threads{gpu}; Python {machine['python']}, {versions}"
    if tf1 := find_tf1_versions(result):
        said += f"; beside it tensorflow {tf1['tensorflow']}, Python {tf1['python']}, numpy {tf1['numpy']}"
    return said


def find_tf1_versions(result: dict) -> dict[str, str] | None:
    """Return the versions of the TensorFlow 1 that was measured beside ours, if one was."""
    if "machine" in result:
        return result["machine"].get("tf1")
    versions = (benchmark["extra_info"].get("tf1_versions") for benchmark in result["benchmarks"])
    return next((found for found in versions if found), None)


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
                "who": name_candidate(row),
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
    table = [{name: join(row[key]) for key, name in names.items()} for row in rows]
    if any("tf1_steps_per_s" in row for row in rows):
        for cells, row in zip(table, rows):
            tf1 = row.get("tf1_steps_per_s")
            cells["TensorFlow 1's steps/s"] = join(tf1) if tf1 else "-"
            cells["ours to TensorFlow 1's"] = (
                join([f"{ours / theirs:.2f}" for ours, theirs in zip(row["steps_per_s"], tf1)]) if tf1 else "-"
            )
    return table


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
        "ports": f"Of each phase the best of {n_rounds} rounds{', interleaved' if find_tf1_versions(result) else ''}.",
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
    results = [result for machine in find_machines() if (result := read(machine, "peers"))]
    # TensorFlow 1 is what readers come from: a machine that measured it, where there is one.
    result = max(results, key=lambda result: any(row["who"] == "tf1" for row in result["rows"]))
    by_case = {(row["who"], row["engine"], row["cached"]): row for row in result["rows"]}
    rows = []
    for who, engine, cached, what in (
        ("tf1", "epoch-shuffle", False, "TensorFlow 1.15.5, listing 7's `feed_dict`: no cache"),
        ("tf1", "book", True, "TensorFlow 1.15.5, listing 8's `feed_dict`: the listing's cache"),
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
