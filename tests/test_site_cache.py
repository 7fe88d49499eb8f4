"""The page of the benchmark says what bench/results says, in both languages, and answers first."""

import re

import pytest

from bench import store
from bench.report import pages, plots
from ref.pages.render import render_page
from ref.pages.words import choose
from scripts.site import cache, cache_words
from scripts.site.__main__ import TEMPLATES


@pytest.fixture(scope="module", params=["en", "zh"])
def shown(request):
    (page,) = cache.make_pages()
    return request.param, render_page(request.param, page, TEMPLATES, navigation=())


def test_every_number_of_every_result_is_there(shown):
    _, html = shown
    cells = set(re.findall(r"<td[^>]*>([^<]*)</td>", html))
    for result in pages.read_all(store.KEPT).values():
        for row in result["rows"]:
            ms = row["ms_per_step"]
            said = ", ".join(map(str, ms)) if isinstance(ms, list) else f"{ms:.3f}"
            assert said in cells, row


def test_the_answer_is_the_first_sentence(shown):
    _, html = shown
    gains = []
    for result in pages.read_all(store.KEPT).values():
        if result["kind"] == "peers":
            ms = {(row["engine"], row["cached"]): row["ms_per_step"] for row in result["rows"] if row["who"] == "ours"}
            gains.append(ms["epoch-shuffle", False] / ms["epoch-shuffle", True])
    first = html.split("<p>")[1]
    assert f"{min(gains):.2f}–{max(gains):.2f}" in first.split("</strong>")[0]


def test_each_plot_names_its_machine_and_versions(shown):
    language, html = shown
    labels = re.findall(r'class="plot" role="img" aria-label="([^"]*)"', html)
    results = [one for one in pages.read_all(store.KEPT).values() if one["kind"] in plots.DRAWERS]
    assert len(labels) == len(results)
    for result in results:
        machine = cache_words.name_machine(result)
        beside = [label for label in labels if choose(language, machine) in label]
        assert beside
        assert all(f"tensorflow {result['machine']['tensorflow']}" in label for label in beside)


def test_chinese_has_a_word_for_every_header_and_plot():
    for result in pages.read_all(store.KEPT).values():
        for name in pages.TABULATORS[result["kind"]](result["rows"], result["work"])[0]:
            assert cache_words.say_header("zh", name)
    with pytest.raises(KeyError):
        cache_words.say_header("zh", "another column")
    assert cache_words.say_cell("zh", "1.067 to 1.117") == "1.067–1.117"


def test_a_machine_is_described_as_its_result_says():
    machine = {"cpu": "A & B", "threads": 1, "gpu": "", "python": "3.11", "tensorflow": "2.21", "numpy": "2"}
    work = {"data": "mnist", "rows": 100, "batch": 5, "device": "cpu", "rounds": 3}
    said = cache_words.describe({"kind": "peers", "machine": machine, "work": work, "rows": []})
    assert said.en.startswith("A & B, 1 thread; Python 3.11, tensorflow 2.21")
    assert said.zh == "A & B，1 个线程；Python 3.11、tensorflow 2.21、numpy 2。mnist 的 100 行，批次 5；" + (
        "3 次（每次一轮，交替进行）的中位数。"
    )
