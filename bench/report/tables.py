"""Tables of the engines, of growth, and of the ports."""

from bench.report.peers import format_share_of_peak
from bench.shares import tabulate_share


def tabulate_engines(rows: list[dict], work: dict) -> list[dict]:
    table = []
    for row in rows:
        cells = {
            "device": row["device"],
            "batch": row["batch"],
            "engine": f"`{row['engine']}`" + (f", {row['engine_form']}" if row.get("engine_form") else ""),
            "frozen layer": "cached" if row["cached"] else "recomputed",
            "ms/step": f"{row['ms_per_step']:.3f}",
            "examples/s": f"{row['examples_per_s']:,}",
            "of it the sampler, ms": f"{row['sampler_ms_per_step']:.3f}",
            "of it lookup and feed, ms": f"{row['feed_ms_per_step']:.3f}",
            "cache fill, s": f"{row['fill_s']:.2f}",
            "MB": f"{row['bytes'] / 1e6:.0f}",
            "pays after, epochs": row["break_even_epochs"] or "-",
        }
        if work.get("peak_gflop_per_s"):
            cells["of the peak"] = format_share_of_peak(row, work)
        table.append(cells)
    return table


def tabulate_growth(rows: list[dict], work: dict) -> list[dict]:
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


def tabulate_ports(rows: list[dict], work: dict) -> list[dict]:
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
    for cells, row in zip(table, rows):
        cells |= tabulate_share(row, work.get("peak_gflop_per_s"))
    return table
