"""What stands beside every number: the machine, the versions, the data, the sizes; what a candidate is called."""


def name_candidate(row: dict) -> str:
    """Return what a row of bench/peers.py is called: ours by the engine, in code type; others as they are run."""
    if row["who"] == "ours":
        return f"`{row['engine']}`"
    name = f"{row['who']} {row['engine']}" if row["engine"] else row["who"]
    return f"{name}, tuned" if row.get("form") == "tuned" and "tuned" not in name else name


def describe_machine(result: dict) -> str:
    """Return the machine and the versions as one line."""
    machine = result["machine"]
    names = [name for name in ("tensorflow", "numpy", "keras", "torch", "jax") if name in machine]
    versions = ", ".join(f"{name} {machine[name]}" for name in names)
    said = f"{name_machine(result)}; Python {machine['python']}, {versions}"
    if tf1 := find_tf1_versions(result):
        said += f"; beside it tensorflow {tf1['tensorflow']}, Python {tf1['python']}, numpy {tf1['numpy']}"
    return said


def name_machine(result: dict) -> str:
    """Return the processor, how many threads of it computed, the GPU where that did, and what the user had set."""
    machine = result["machine"]
    n_threads = machine["threads"]
    said = f"{machine['cpu']}, {n_threads} thread{'s' if n_threads > 1 else ''}"
    if result["work"]["device"] == "gpu":
        has_tf32 = {True: " with TensorFloat-32", False: " without TensorFloat-32"}.get(result["work"].get("tf32"), "")
        said += f", on {machine['gpu']}{has_tf32}"
    return said + (f", {machine['settings']}" if machine.get("settings") else "")


def find_tf1_versions(result: dict) -> dict[str, str] | None:
    """Return the versions of the TensorFlow 1 that was measured beside ours, if one was."""
    versions = (row.get("tf1_versions") for row in result["rows"])
    return result["machine"].get("tf1") or next((found for found in versions if found), None)


def describe_work(result: dict) -> str:
    """Return what was measured on: data, rows, sizes."""
    work = result["work"]
    if result["kind"] == "growth":
        base = find_base(result["rows"])
        return f"Rows of noise; {describe_sizes(base)}, but for what is varied" if base else "Rows of noise"
    said = [f"{work['rows']:,} rows of {work['data']}"]
    said += [f"batches of {work['batch']:,}"] if "batch" in work else []
    if "width" in work:
        said += [f"{work['width']}-{work['width'] // 2}-{work['width']} on {_count(work['frozen'], 'frozen layer')}"]
    return ", ".join(said)


def find_base(rows: list[dict]) -> dict[str, int]:
    """Return the sizes that the rows of growth have where another is varied; none, if one is varied in all."""
    names = ("rows", "batch", "width", "frozen_layers")
    base = {name: row[name] for name in names for row in rows if row["varied"] != name}
    return base if len(base) == len(names) else {}


def describe_sizes(base: dict[str, int]) -> str:
    """Return the sizes that growth starts from, in words."""
    layers = _count(base["frozen_layers"], "frozen layer")
    width = base["width"]
    return f"{base['rows']:,} rows, batches of {base['batch']}, {width}-{width // 2}-{width} on {layers}"


def describe_rounds(result: dict) -> str:
    """Return how the numbers were taken."""
    n_rounds, peak = result["work"]["rounds"], result["work"].get("peak_gflop_per_s")
    said = {
        "peers": f"medians of {n_rounds} rounds of an epoch each, interleaved",
        "engines": f"medians of {n_rounds} rounds of an epoch each",
        "growth": f"medians of {n_rounds} rounds",
        "ports": f"of each phase the best of {n_rounds} rounds{', interleaved' if find_tf1_versions(result) else ''}",
    }[result["kind"]]
    return said + (f". Peak: {peak:,.0f} GFLOP/s" if peak else "")


def describe_outputs(result: dict) -> str:
    """Return how far cached outputs are from those that are computed anew; nothing where that was not measured."""
    difference = result.get("outputs", {}).get("max_difference")
    if difference is None:
        return ""
    return f" Cached and recomputed outputs of the frozen layer differ by {difference:.0e} at most."


def describe(result: dict) -> str:
    """Return a table's caption."""
    return f"{describe_machine(result)}. {describe_work(result)}; {describe_rounds(result)}.{describe_outputs(result)}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' if n > 1 else ''}"
