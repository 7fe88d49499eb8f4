"""What the cache buys: bench/results as a page, with the benchmark's own tables and plots."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import store
from bench.report import pages, plots
from bench.report.captions import name_candidate
from bench.report.peers import find_best_peer, find_row, format_ratio, tabulate_machines, tabulate_walls
from ref.pages import figures
from ref.pages.render import Page
from ref.pages.words import Text, choose
from scripts.site import cache_words

PATH = "cache.html"
TITLE = Text("What the cache buys", "缓存换来什么")
TITLES = {
    "engines": Text("The engines", "各引擎"),
    "peers": Text("Beside other libraries, and the floor", "与其他库和下限相比"),
    "growth": Text("What grows", "规模变大时"),
    "ports": Text("Every port", "每个脚本"),
}
QUESTIONS = {
    "engines": Text(
        "What does the cache save of a step, by which way of taking it?",
        "用不同的方式走一步，缓存各省下多少？",
    ),
    "peers": Text(
        "The whole bar is a step that recomputes the frozen layer; what is hatched of it the cache saves.",
        "整条是重新计算冻结层时的一步；画斜线的部分由缓存省下。",
    ),
    "growth": Text(
        "Each row changes one size. Left a step with and without the cache, right what the cache gains.",
        "每一行只改变一项规模。左：有无缓存时的一步；右：缓存的增益。",
    ),
}
SHORT = {
    what: Text(what, zh)
    for what, zh in zip(
        [what for *_, what in pages.SHORT],
        (
            "TensorFlow 1.15.5，原脚本 7 的 `feed_dict`：没有缓存",
            "TensorFlow 1.15.5，原脚本 8 的 `feed_dict`：原脚本的缓存",
            "没有缓存：`--engine epoch-shuffle --recompute`",
            "原脚本的缓存：`--engine book`（默认）",
            "每轮只打乱一次：`--engine epoch-shuffle`",
            "一轮在一次 `Session.run` 里：`--engine loop`",
            "同上，经过编译：`--engine xla`",
        ),
        strict=True,
    )
}
NUMBER = re.compile(r"[-~]?[\d.,]+(e[-+]\d+)?%?( / ~?[\d.,]+%?)?|-")


class Table(NamedTuple):
    """A table as its page shows it: a cell is its text, and whether that is a number."""

    caption: str
    header: list[str]
    rows: list[list[tuple[str, bool]]]


class Part(NamedTuple):
    """A kind's results on one machine."""

    title: Text
    question: Text | None
    plot: str
    tables: list[Table]


def make_pages() -> Iterator[Page]:
    yield Page(PATH, "cache.html", TITLE, make_values)


def make_values(language: str) -> dict:
    """Return what the template reads: the answer, the tables over all machines, and the parts of each machine."""
    results = pages.read_all(store.KEPT)
    peers = [result for result in results.values() if result["kind"] == "peers"]
    shown = pages.choose_for_readers(peers)
    machines = {}
    for path, result in results.items():
        machines.setdefault(path.parent.name, []).append((path, result))
    return {
        "answer": answer(peers, shown),
        "short": tabulate_short(language, shown),
        "summary": make_table(
            language, Text("Our `xla` on each machine", "各机器上我们的 `xla`"), tabulate_machines(peers)
        ),
        "machines": [
            (name, cache_words.name_machine(found[0][1]), [make_part(language, *one) for one in sort(found)])
            for name, found in machines.items()
        ],
    }


def sort(found: list[tuple[Path, dict]]) -> list[tuple[Path, dict]]:
    return sorted(found, key=lambda one: list(TITLES).index(one[1]["kind"]))


def answer(peers: list[dict], shown: dict) -> dict:
    """Return the numbers of the page's first sentences: gains on all machines, times on one."""

    def find(result: dict, engine: str, cached: bool) -> dict:
        return find_row(result["rows"], "ours", engine, cached)

    def range_gains(engine: str) -> str:
        gains = sorted(format_ratio(find(one, engine, False), find(one, engine, True)) for one in peers)
        return "–".join(dict.fromkeys((gains[0], gains[-1])))

    engines = ("book", "epoch-shuffle", "xla")
    slower = [
        one
        for one in peers
        if find(one, "book", True)["ms_per_step"] > find(one, "epoch-shuffle", False)["ms_per_step"]
    ]
    return {
        "gains": {engine: range_gains(engine) for engine in engines},
        "ms": {
            (engine, cached): f"{find(shown, engine, cached)['ms_per_step']:.2f}"
            for engine in engines
            for cached in (True, False)
        },
        "n_machines": len(peers),
        "n_slower": len(slower),
        "machine": cache_words.name_machine(shown),
    }


def tabulate_short(language: str, shown: dict) -> Table:
    """Return the README's short table, of the same machine."""
    rows = [(SHORT[what], find_row(shown["rows"], who, engine, cached)) for who, engine, cached, what in pages.SHORT]
    for prefix, library in pages.LIBRARIES.items():
        if best := find_best_peer([row for row in shown["rows"] if row["who"].startswith(prefix)], cached=True):
            name = name_candidate(best)
            what = Text(f"{library}, cached, the best of its forms: {name}", f"{library}，用缓存，最快的形式：{name}")
            rows.append((what, best))
    what = Text("phase 2", "第二阶段")
    table = [
        {
            choose(language, what): choose(language, text),
            cache_words.say_header(language, "ms/step"): f"{row['ms_per_step']:.2f}",
            cache_words.say_header(language, "examples/s"): f"{row['examples_per_s']:,}",
        }
        for text, row in rows
        if row
    ]
    return Table(choose(language, cache_words.describe(shown)), list(table[0]), [_mark(cells) for cells in table])


def make_part(language: str, path: Path, result: dict) -> Part:
    """Return the plot, where the kind has one, and the tables of one result."""
    kind, caption = result["kind"], cache_words.describe(result)
    tables = [make_table(language, caption, pages.TABULATORS[kind](result["rows"], result["work"]))]
    if kind == "peers" and (walls := tabulate_walls(result["rows"])):
        seconds = Text(
            "Seconds of so many epochs, from a process's start or in one that runs; cached / recomputed",
            "这么多轮所用的秒数，从进程启动算起或在已运行的进程中；用缓存 / 重新计算",
        )
        tables.append(make_table(language, seconds, walls))
    plot = draw(language, path, result) if kind in plots.DRAWERS else ""
    return Part(TITLES[kind], QUESTIONS.get(kind), plot, tables)


def make_table(language: str, caption: Text, table: list[dict]) -> Table:
    header = [cache_words.say_header(language, name) for name in table[0]]
    rows = [_mark({name: cache_words.say_cell(language, str(text)) for name, text in cells.items()}) for cells in table]
    return Table(choose(language, caption), header, rows)


def _mark(cells: dict[str, str]) -> list[tuple[str, bool]]:
    return [(text, bool(NUMBER.fullmatch(text))) for text in cells.values()]


def draw(language: str, path: Path, result: dict) -> str:
    """Return the result's plot in the page's colours and language."""
    title = f"{choose(language, TITLES[result['kind']])}: {choose(language, cache_words.describe(result))}"
    say = cache_words.PLOTS.__getitem__ if language == "zh" else str
    with figures.drawing():
        look = plots.Look(
            figures.BLUE,
            figures.BLUE,
            figures.RED,
            figures.ORANGE,
            figures.QUIET,
            (figures.BLUE, figures.ORANGE),
            say,
        )
        return figures.write_svg(plots.DRAWERS[result["kind"]](result, look), f"{path.parent.name}-{path.stem}", title)
