"""Tables of bench/peers.py: one a machine, one of wall times, and one over all machines."""

import math

from bench import peak
from bench.report.captions import name_candidate, name_machine

EPOCHS = ("1", "4", "30")


def identify(row: dict) -> tuple:
    """Return whom a row is of, cached or not."""
    return row["who"], row["engine"], row.get("form")


def pair(rows: list[dict]) -> list[tuple[dict, dict]]:
    """Return the cached and the recomputed row of everyone who has both."""
    recomputed = {identify(row): row for row in rows if not row["cached"]}
    return [(row, recomputed[identify(row)]) for row in rows if row["cached"] and identify(row) in recomputed]


def find_best_peer(rows: list[dict], cached: bool) -> dict | None:
    """Return the fastest row of another library's, in whatever form; None where no other was measured."""
    peers = [row for row in rows if row["cached"] == cached and row["who"] not in ("ours", "blas-floor")]
    return min(peers, key=lambda row: row["ms_per_step"], default=None)


def find_row(rows: list[dict], who: str, engine: str | None, cached: bool) -> dict | None:
    found = (row for row in rows if (row["who"], row["engine"], row["cached"]) == (who, engine, cached))
    return min(found, key=lambda row: row["ms_per_step"], default=None)


def format_share_of_peak(row: dict, work: dict) -> str:
    """Return what a step's matrix products reach of what the machine can multiply, as a percentage."""
    sizes = {"width": work.get("width", 300), "n_frozen": work.get("frozen", 1)}
    gflop_per_s = peak.count_step_flop(row["cached"], row["batch"], **sizes) / row["ms_per_step"] / 1e6
    return f"{gflop_per_s / work['peak_gflop_per_s']:.0%}"


def format_ratio(a: dict | None, b: dict | None) -> str:
    """Return how many times as long a step of ``a`` takes as one of ``b``."""
    return f"{a['ms_per_step'] / b['ms_per_step']:.2f}" if a and b else "-"


def tabulate_peers(rows: list[dict], work: dict) -> list[dict]:
    """Return a row for everyone: cached beside recomputed, the floor, the best peer, the peak."""
    best = {cached: find_best_peer(rows, cached) for cached in (True, False)}
    floor = {cached: find_row(rows, "blas-floor", None, cached) for cached in (True, False)}
    has_forms = any(row.get("engine_form") for row in rows)
    table = []
    for cached, recomputed in pair(rows):
        deviation = cached.get("deviation_epoch")
        cells = {"who": name_candidate(cached)}
        if has_forms:
            cells["fastest form here"] = _describe_forms(cached, recomputed)
        cells |= {
            "cached, ms/step": f"{cached['ms_per_step']:.3f}",
            "quartiles": "{:.3f} to {:.3f}".format(*cached["quartiles_ms"]),
            "examples/s": f"{cached['examples_per_s']:,}",
            "recomputed, ms/step": f"{recomputed['ms_per_step']:.3f}",
            "what the cache gains": format_ratio(recomputed, cached),
            "time to the floor's": format_ratio(cached, floor[True]),
            "recomputed, to its floor's": format_ratio(recomputed, floor[False]),
            "speed to the best peer's": format_ratio(best[True], cached),
            "recomputed, to its best peer's": format_ratio(best[False], recomputed),
        }
        if work.get("peak_gflop_per_s"):
            cells["of the peak"] = format_share_of_peak(cached, work)
            cells["recomputed, of the peak"] = format_share_of_peak(recomputed, work)
        if any(row.get("peak_rss_mb") for row in rows):
            memory = [row.get("peak_rss_mb") for row in (cached, recomputed)]
            cells["memory, MB"] = " / ".join(f"{mb:,.0f}" if mb else "-" for mb in memory)
        cells["loss to NumPy's"] = "-" if deviation is None else f"{deviation:.0e}"
        table.append(cells)
    return table


def tabulate_walls(rows: list[dict]) -> list[dict]:
    """Return seconds from nothing to the end of so many epochs, the cache's fill included; empty where not measured.

    A cell holds two numbers: with the cache, and without it. One that was reckoned from the rounds has a ~.
    """
    table = []
    for cached, recomputed in pair(rows):
        if cached["who"] == "blas-floor" or not (cached.get("wall_cold_s") or cached.get("wall_warm_s")):
            continue
        cells = {"who": name_candidate(cached)}
        for start in ("cold", "warm"):
            for n in EPOCHS:
                what = f"{start}, {n} epoch{'s' if n != '1' else ''}, s"
                walls = [
                    _format_wall(row, (row.get(f"wall_{start}_s") or {}).get(n), n) for row in (cached, recomputed)
                ]
                cells[what] = " / ".join(walls)
        table.append(cells)
    return table


def tabulate_machines(results: list[dict]) -> list[dict]:
    """Return a row a result of bench/peers.py: our ``xla`` beside the best peer and the floor, on each machine."""
    table = []
    for result in results:
        rows, work = result["rows"], result["work"]
        cells = {"machine": name_machine(result), "data": f"{work['data']}, batch {work['batch']:,}"}
        for cached, what in ((True, "cached"), (False, "recomputed")):
            ours, best = find_row(rows, "ours", "xla", cached), find_best_peer(rows, cached)
            floor = find_row(rows, "blas-floor", None, cached)
            has_peak = ours and work.get("peak_gflop_per_s")
            cells |= {
                f"`xla` {what}, ms/step": f"{ours['ms_per_step'] if ours else math.nan:.3f}",
                f"{what}: best peer, ms/step": f"{best['ms_per_step']:.3f}, {name_candidate(best)}" if best else "-",
                f"{what}: speed to its": format_ratio(best, ours),
                f"{what}: time to the floor's": format_ratio(ours, floor),
                f"{what}: of the peak": format_share_of_peak(ours, work) if has_peak else "-",
            }
        table.append(cells)
    return table


def _describe_forms(cached: dict, recomputed: dict) -> str:
    """Return which of its forms a candidate found fastest: once, where that is the same in both cases."""
    forms = [row.get("engine_form") or "-" for row in (cached, recomputed)]
    return forms[0] if forms[0] == forms[1] else " / ".join(forms)


def _format_wall(row: dict, seconds: float | None, n_epochs: str) -> str:
    if seconds is None:
        return "-"
    is_reckoned = n_epochs == EPOCHS[-1] and row.get("wall_more") == "rounds"
    return f"{'~' if is_reckoned else ''}{seconds:.2f}"
