"""Read it beside the notes: each listing of a user's notes and its port in two columns, and what ref compare says."""

import ast
import contextlib
import difflib
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from ref.chapter import BY_NAME
from ref.fidelity.ladder import screen
from ref.originals.listing import Listing
from ref.pages.render import Page
from ref.pages.words import Text
from scripts import record_compared

PATH = "notes.html"
TITLE = Text("Beside the notes", "与笔记对照")
ALIKE = 0.6  # of two lines, from which on they stand side by side
SAME, NEAR, ONLY_LISTING, ONLY_PORT = "same", "near", "gone", "new"
VERDICTS = {
    screen.EQUAL: Text(screen.EQUAL, "一位不差"),
    screen.MACHINE: Text(screen.MACHINE, "差别如同机器之间的差别：在测得的舍入之内"),
}


class Row(NamedTuple):
    """Two lines side by side, each (its number, its text) or None; ``kind`` says how alike they are."""

    kind: str
    listing: tuple[int, str] | None
    port: tuple[int, str] | None


def make_pages(notes: str | None) -> Iterator[Page]:
    """Yield the page, where ``notes``, the path of a user's Markdown, is given.

    Raises:
      BadInputError: the notes cannot be read, or have no listing of the chapter.
    """
    if not notes:
        return
    listings = record_compared.find_listings(notes)
    yield Page(PATH, "notes.html", TITLE, lambda language: make_values(listings))


def make_values(listings: list[Listing]) -> dict:
    """Return what the template reads."""
    content = json.loads(record_compared.RECORDED.read_text(encoding="utf-8"))
    return {
        "file": listings[0].path.name,
        "provenance": content["provenance"],
        "setting": content["setting"],
        "pairs": [make_pair(listing) for listing in listings],
    }


def make_pair(listing: Listing) -> dict:
    """Return a listing beside its port: rows, counts, and the recorded verdict of exactly these texts, or none."""
    path = record_compared.get_port_path(listing.name)
    port = path.read_text(encoding="utf-8")
    rows = align(list_lines(listing.text, listing.first_line), list_lines(port))
    graph_of = re.search(r"^from (ref\.autoencoder_\w+) import build$", port, re.M)
    said = record_compared.find_recorded(listing)
    return {
        "name": listing.name,
        "script": BY_NAME[listing.name],
        "path": path.relative_to(record_compared.ROOT).as_posix(),
        "graph_of": f"{graph_of[1].replace('.', '/')}.py" if graph_of else "",
        "rows": rows,
        "n_same": sum(row.kind == SAME for row in rows),
        "n_listing": sum(row.listing is not None for row in rows),
        "verdict": VERDICTS.get(said["verdict"], said["verdict"]) if said else None,
        "rungs": said["rungs"] if said else [],
    }


def normalize(line: str) -> str:
    """Return what a line says, without spaces, comment, kind of quotes, and the name that a port's graph goes by."""
    line = re.sub(r"(^|\s)#.*", "", line).replace("'", '"')
    return re.sub(r"\s|\bg\.(?=\w)|,$", "", line)


def list_lines(text: str, first_line: int = 1) -> list[tuple[int, str]]:
    """Return the numbered lines of ``text``, which begins at ``first_line`` of its file.

    Blank ones are left out, and so is the docstring, if it is Python.
    """
    docstring = range(0)
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):
        tree = ast.parse(text)
        if ast.get_docstring(tree) is not None:
            docstring = range(tree.body[0].lineno, tree.body[0].end_lineno + 1)
    lines = enumerate(text.split("\n"), 1)
    return [(first_line - 1 + i, line) for i, line in lines if line.strip() and i not in docstring]


def align(a: list[tuple[int, str]], b: list[tuple[int, str]]) -> list[Row]:
    """Return both texts' lines, ``list_lines``' of a listing and its port, side by side and in their order.

    Lines that say the same, ``normalize``d, are one row; so are two between such that are ALIKE.
    """
    keys = [[normalize(line) or line.strip() for _, line in side] for side in (a, b)]
    rows = []
    for kind, i, i_end, j, j_end in difflib.SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if kind == "equal":
            rows += [Row(SAME, *pair) for pair in zip(a[i:i_end], b[j:j_end])]
        else:
            rows += _align_others(a[i:i_end], b[j:j_end], keys[0][i:i_end], keys[1][j:j_end])
    return rows


def _align_others(a: list, b: list, a_keys: list[str], b_keys: list[str]) -> list[Row]:
    """Return rows of lines none of which is equal: the pairs, in order, whose likenesses are the most together."""
    likeness = [[_compare(x, y) for y in b_keys] for x in a_keys]
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], likeness[i][j] + best[i + 1][j + 1])
    rows, i, j = [], 0, 0
    while i < len(a) or j < len(b):
        if i < len(a) and j < len(b) and likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            rows.append(Row(NEAR, a[i], b[j]))
            i, j = i + 1, j + 1
        elif j == len(b) or (i < len(a) and best[i][j] == best[i + 1][j]):
            rows.append(Row(ONLY_LISTING, a[i], None))
            i += 1
        else:
            rows.append(Row(ONLY_PORT, None, b[j]))
            j += 1
    return rows


def _compare(a: str, b: str) -> float:
    """Return how alike two lines are, 0 to 1; 0 where that is less than ALIKE."""
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0.0
