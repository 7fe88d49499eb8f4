"""README.zh-CN.md says what README.md says: the same blocks, commands, figures, names and links, section by section.

Both are read by a Markdown parser of another library. What a machine cannot compare is the prose itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
GENERATED = re.compile(r"<!-- table: \w+ \(make tables\) -->")  # in both, by scripts.render_tables, which is tested
FIGURE = re.compile(r"\d+(?:[.,]\d+)*(?:e-?\d+)?")
SHELL_COMMENT = re.compile(r" +# .*$", re.MULTILINE)
HAN, WIDE, LATIN = r"\u4e00-\u9fff", "，。、；：？！（）《》“”…", "A-Za-z0-9α-ωΑ-Ω√`"
SLIPS = {
    "half-width punctuation beside Chinese": rf"[{HAN}{WIDE}`] ?[,.;:?!()]|[,.;:?!()] ?[{HAN}{WIDE}`]",
    "no space between Chinese and Latin": rf"[{HAN}][{LATIN}]|[{LATIN}%][{HAN}]",
    "a space within Chinese, or beside its punctuation": rf"[{HAN}] [{HAN}]|[{WIDE}] | [{WIDE}]",
    "a line's end within a paragraph, which is shown as a space": r"\n",
    "quotation marks of another kind, or another form of address": r"[\"「」『』您]",
}


class Block(NamedTuple):
    """A heading, a paragraph, an item, a cell, a block of code; ``text`` has a ` for each piece of inline code."""

    kind: str
    text: str
    figures: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    is_generated: bool = False


def read_page(page: str) -> list[list[Block]]:
    """Return the sections of a page: what is before its first heading, then each heading with what is under it."""
    sections, is_generated = [[]], False
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    for parent, token in zip([None, *tokens], tokens):
        if token.type == "html_block":
            is_generated = bool(GENERATED.search(token.content))
        elif token.type == "heading_open":
            sections.append([])
        elif token.type == "inline":
            kind = f"{parent.tag}, {token.level} deep"
            sections[-1].append(read_inline(token, kind)._replace(is_generated=is_generated))
        elif token.type in ("fence", "code_block"):
            comments = SHELL_COMMENT.findall(token.content) if token.info in ("", "sh") else []
            text = SHELL_COMMENT.sub("", token.content) if comments else token.content
            sections[-1].append(Block(f"code {token.info}", text, tuple(FIGURE.findall(" ".join(comments)))))
        elif token.type in ("tr_open", "list_item_open"):
            sections[-1].append(Block(token.type, "", is_generated=is_generated))
    return sections


def read_inline(token: Token, kind: str) -> Block:
    texts, names, links = [], [], []
    for child in token.children:
        if child.type == "code_inline":
            names.append(child.content)
        elif child.type == "link_open":
            links.append(unquote(child.attrs["href"]))
        elif child.type == "image":
            links.append(child.attrs["src"])
        texts.append({"code_inline": "`", "softbreak": "\n", "text": child.content}.get(child.type, ""))
    text = "".join(texts)
    return Block(kind, text, tuple(FIGURE.findall(text)), tuple(names), tuple(links))


def list_anchors(page: str) -> list[str]:
    """Return the anchors that GitHub gives to a page's headings, in order."""
    tokens = MarkdownIt("commonmark").parse(page)
    titles = [title.content for opening, title in pairwise(tokens) if opening.type == "heading_open"]
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


def resolve(link: str, anchors: list[str]) -> str:
    """Return a link as it can be compared with another language's: by a heading's place, by what a page is for."""
    if re.fullmatch(r"README(\.zh-CN)?\.md", link):
        return "the other language"
    if link.startswith("#"):
        return f"section {anchors.index(link[1:])}" if link[1:] in anchors else f"{link}, no heading"
    return link


def compare_sections(english: str, chinese: str) -> Iterator[list[str]]:
    """Yield, for each section, what is in one and not in the other."""
    anchors = list_anchors(english), list_anchors(chinese)
    for left, right in zip_longest(read_page(english), read_page(chinese), fillvalue=[]):
        yield list(compare_blocks(left, right, anchors))


def compare_blocks(left: list[Block], right: list[Block], anchors: tuple[list[str], list[str]]) -> Iterator[str]:
    for a, b in zip_longest(left, right, fillvalue=Block("nothing", "")):
        where = f"{a.text[:60]!r} | {b.text[:60]!r}"
        if a.kind != b.kind:
            yield f"{where}: {a.kind} | {b.kind}; what follows is not compared"
            return
        if a.kind.startswith("code") and a.text != b.text:
            yield f"code {a.text!r} | {b.text!r}"
        if a.is_generated and b.is_generated:
            continue
        links = [tuple(resolve(link, known) for link in block.links) for block, known in zip((a, b), anchors)]
        for what, here, there in (("figures", a.figures, b.figures), ("names", a.names, b.names), ("links", *links)):
            if Counter(here) != Counter(there):
                yield f"{where}: {what} {subtract(here, there)} | {subtract(there, here)}"


def subtract(found: Iterable[str], others: Iterable[str]) -> list[str]:
    return list((Counter(found) - Counter(others)).elements())


def find_slips(page: str) -> list[str]:
    """Return where Chinese is not set as Chinese is: what, and the place."""
    prose = [block.text for section in read_page(page) for block in section if not block.is_generated]
    return [
        f"{what}: {text[max(0, slip.start() - 15) : slip.end() + 15]!r}"
        for text in prose
        if re.search(f"[{HAN}]", text)
        for what, pattern in SLIPS.items()
        for slip in re.finditer(pattern, text)
    ]


SECTIONS = ["the beginning", *list_anchors(ENGLISH)]
DIFFERENCES = list(compare_sections(ENGLISH, CHINESE))


def test_both_have_the_same_sections():
    assert len(list_anchors(ENGLISH)) == len(list_anchors(CHINESE))


@pytest.mark.parametrize("i", range(len(SECTIONS)), ids=SECTIONS)
def test_a_section_says_the_same_in_both(i):
    assert not DIFFERENCES[i], "\n".join(DIFFERENCES[i])


def test_chinese_is_set_as_chinese_is():
    slips = find_slips(CHINESE)
    assert not slips, "\n".join(slips)


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_links_lead_somewhere(page):
    for link in {link for section in read_page(page) for block in section for link in block.links}:
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        assert (ROOT / path).exists(), link
        if anchor:
            text = (ROOT / path).read_text(encoding="utf-8") if path else page
            assert anchor in list_anchors(text), link


SAMPLE = """
# Title

All 5,000 images, 5,000 of them, `--seed` or `--seed`, see [below](#end) and [bench](bench/README.md).

- One.
- Two: 1e-6.

| a | b |
| --- | --- |
| 1 | `x` |
| 2 | y |

```sh
make chapter   # all of it
```

    make test    # the tests

```
0 Train MSE: 0.02
```

## End

Text.
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## End", "### End"),
        ("## End\n", ""),
        ("Text.\n", "Text.\n\nMore.\n"),
        ("- Two", "  Two"),
        ("5,000", "6,000"),
        (", 5,000 of them", ""),
        ("1e-6", "1e-7"),
        ("`--seed`", "`--seeds`"),
        ("`--seed` or `--seed`", "`--seed`"),
        ("| 2 | y |\n", ""),
        ("| 2 | y |", "| 3 | y |"),
        ("| 1 | `x` |", "| 1 | `z` |"),
        ("make chapter", "make chapters"),
        ("all of it", "all 16"),
        ("make test", "make tests"),
        ("MSE: 0.02", "MSE: 0.03"),
        ("```sh", "```"),
        ("(#end)", "(#title)"),
        ("(#end)", "(#nowhere)"),
        ("[bench](bench/README.md)", "bench"),
        ("bench/README.md", "ref/README.md"),
    ],
)
def test_a_change_of_one_alone_is_found(old, new):
    assert SAMPLE.count(old) >= 1
    assert any(compare_sections(SAMPLE, SAMPLE.replace(old, new, 1)))
    assert any(compare_sections(SAMPLE.replace(old, new, 1), SAMPLE))


def test_what_differs_by_its_language_alone_is_no_difference():
    chinese = SAMPLE.replace("## End", "## 结尾").replace("#end", "#结尾").replace("# all of it", "# 全部")
    chinese = chinese.replace("All 5,000 images, 5,000 of them", "5,000 张图像，其中 5,000 张").replace(
        "# the tests", "# 测试"
    )
    assert not any(compare_sections(SAMPLE, chinese))


@pytest.mark.parametrize(
    "text",
    [
        "中,文",
        "中文.",
        "`a`, 中文",
        "中(文)",
        "用Adam训练",
        "用`a`训练",
        "25步",
        "中 文",
        "中文， a",
        "中\n文",
        "「中」",
        "您",
    ],
)
def test_a_slip_is_found(text):
    assert find_slips(text)


@pytest.mark.parametrize(
    "text", ["用 Adam 训练，共 1,797 张（约 5 %）。", "`a`、`b`：“steps”指步。", "Plain, English (text)."]
)
def test_what_is_no_slip_is_not_found(text):
    assert not find_slips(text)
