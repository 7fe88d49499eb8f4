"""The pages: what stands between the marks of bench/README.md and README.md, and the user's own report."""

from pathlib import Path

from bench import store
from bench.report.captions import describe, describe_machine, name_candidate
from bench.report.peers import find_best_peer, find_row, tabulate_machines, tabulate_peers, tabulate_walls
from bench.report.plots import DRAWERS
from bench.report.tables import tabulate_engines, tabulate_growth, tabulate_ports
from scripts.markdown import make_table, replace_between

ROOT = store.ROOT
PAGES = {
    ROOT / "bench" / "README.md": ("machines", "peers", "engines", "growth", "ports"),
    ROOT / "README.md": ("cache",),
}
TABULATORS = {
    "peers": tabulate_peers,
    "engines": tabulate_engines,
    "growth": tabulate_growth,
    "ports": tabulate_ports,
}
# The README's short table: of TensorFlow 1 and of ours, by engine and cached or not.
SHORT = (
    ("tf1", "epoch-shuffle", False, "TensorFlow 1.15.5, listing 7's `feed_dict`: no cache"),
    ("tf1", "book", True, "TensorFlow 1.15.5, listing 8's `feed_dict`: the listing's cache"),
    ("ours", "epoch-shuffle", False, "no cache: `--engine epoch-shuffle --recompute`"),
    ("ours", "book", True, "the listing's cache: `--engine book`, the default"),
    ("ours", "epoch-shuffle", True, "one shuffle an epoch: `--engine epoch-shuffle`"),
    ("ours", "loop", True, "an epoch in one `Session.run`: `--engine loop`"),
    ("ours", "xla", True, "the same, compiled: `--engine xla`"),
)
LIBRARIES = {"jax": "JAX", "torch": "PyTorch", "tf-": "TensorFlow 2", "keras": "Keras 3"}  # by how a peer's name begins


def read_all(directory: Path) -> dict[Path, dict]:
    """Return the results of a directory by path, in the order of the page."""
    return {path: store.read(path) for path in store.list_results(directory)}


def make_lines(table: list[dict]) -> str:
    return make_table(list(table[0]), [list(cells.values()) for cells in table])


def render(kind: str, results: dict[Path, dict], root: Path) -> str:
    """Return a kind's tables and pictures, one after the other: of each machine, data set and size.

    Pictures are named from the page's directory ``root``.
    """
    parts = []
    for path, result in results.items():
        if result["kind"] != kind:
            continue
        parts += [describe(result), make_lines(TABULATORS[kind](result["rows"], result["work"]))]
        if kind == "peers" and (walls := tabulate_walls(result["rows"])):
            parts += ["Seconds of so many epochs, from a process's start or in one that runs; cached / recomputed:"]
            parts += [make_lines(walls)]
        if kind in DRAWERS:
            parts.append(f"![{kind}]({path.with_suffix('.png').relative_to(root).as_posix()})")
    return "\n\n".join(parts)


def render_machines(results: dict[Path, dict]) -> str:
    """Return the one table over all machines: empty where no peers were measured."""
    peers = [result for result in results.values() if result["kind"] == "peers"]
    return make_lines(tabulate_machines(peers)) if peers else ""


def choose_for_readers(peers: list[dict]) -> dict:
    """Return the first that measured TensorFlow 1, which is what readers come from; else the first."""
    return max(peers, key=lambda result: any(row["who"] == "tf1" for row in result["rows"]))


def render_cache(results: dict[Path, dict]) -> str:
    """Return the README's short table: the listing's cache, what gets its promise, and the best of each library."""
    result = choose_for_readers([result for result in results.values() if result["kind"] == "peers"])
    rows, work = result["rows"], result["work"]
    found = [(what, find_row(rows, who, engine, cached)) for who, engine, cached, what in SHORT]
    for prefix, library in LIBRARIES.items():
        best = find_best_peer([row for row in rows if row["who"].startswith(prefix)], cached=True)
        found.append((f"{library}, cached, the best of its forms: {name_candidate(best)}" if best else "", best))
    cells = [[what, f"{row['ms_per_step']:.2f}", f"{row['examples_per_s']:,}"] for what, row in found if row]
    caption = f"Phase 2 of autoencoder_8, batch {work['batch']}, {work['data']}; {describe_machine(result)}:"
    return f"{caption}\n\n{make_table(['phase 2', 'ms/step', 'examples/s'], cells)}"


def fill(page: Path, text: str, names: tuple[str, ...], results: dict[Path, dict]) -> str:
    """Return the ``text`` of ``page`` with each table between its marks made anew."""
    for name in names:
        begin, end = f"<!-- table: bench {name} (make bench-report) -->", f"<!-- end of bench {name} -->"
        if name == "machines":
            content = render_machines(results)
        else:
            content = render_cache(results) if name == "cache" else render(name, results, page.parent)
        text = replace_between(text, begin, end, content)
    return text


def render_own(results: dict[Path, dict], root: Path) -> str:
    """Return the user's own page, to lie in ``root``."""
    titles = {
        "peers": "Beside other libraries, and the floor",
        "engines": "The engines",
        "growth": "What grows",
        "ports": "Every port",
    }
    parts = ["# What was measured here", render_machines(results)]
    for kind, title in titles.items():
        if tables := render(kind, results, root):
            parts += [f"## {title}", tables]
    return "\n\n".join(part for part in parts if part) + "\n"
