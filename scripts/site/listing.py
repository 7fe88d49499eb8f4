"""A port as a page shows it: highlighted, a number a line, names linked to their next use, shapes, notes."""

import re
from typing import NamedTuple

from markupsafe import Markup, escape
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token, is_token_subtype

from scripts.site.names import link_names

# What is told apart; the stylesheet has a colour or a weight for each.
KINDS = {
    String.Doc: "doc",
    String: "string",
    Comment: "comment",
    Keyword: "keyword",
    Operator.Word: "keyword",
    Number: "number",
    Name.Function: "defined",
}
WORDS = re.compile(r"\w+|\s+|[^\w\s]")
SHAPE_COMMENT = re.compile(r"#.*\(batch|#.*\([0-9, ]+\)|#.*\(n_|#.*\(num_")


class Line(NamedTuple):
    """A line of a script: its number, its code as HTML, the shape of what it names, "" where it says it itself."""

    number: int
    code: Markup
    shape: str


def highlight(source: str, anchor: str = "L") -> list[Line]:
    """Return the lines of ``source``; links lead to ``#anchorN``."""
    return [Line(n, Markup("").join(parts), "") for n, parts in enumerate(split_lines(source, anchor), 1)]


def split_lines(source: str, anchor: str = "") -> list[list[Markup]]:
    """Return each line's code as pieces of HTML: with ``anchor`` a token each, names being links; else a word each."""
    links = {place[:2]: line for place, line in link_names(source).items()} if anchor else {}
    lines: list[list[Markup]] = [[]]
    column = 0
    for _, token, value in PythonLexer(ensurenl=False, stripnl=False).get_tokens_unprocessed(source):
        for i, text in enumerate(value.split("\n")):
            if i:
                lines.append([])
                column = 0
            for piece in ([text] * bool(text)) if anchor else WORDS.findall(text):
                next_use = links.get((len(lines), column))
                lines[-1].append(mark_up(piece, token, f"#{anchor}{next_use}" if next_use else ""))
                column += len(piece.encode())
    return lines[:-1] if source.endswith("\n") else lines


def mark_up(text: str, token: Token, href: str) -> Markup:
    kind = next((name for parent, name in KINDS.items() if is_token_subtype(token, parent)), "")
    html = Markup('<span class="{}">{}</span>').format(kind, text) if kind else escape(text)
    return Markup('<a href="{}">{}</a>').format(href, html) if href else html


def add_shapes(lines: list[Line], source: str, shapes: dict[str, str]) -> list[Line]:
    """Return ``lines`` with the shape of what a line of ``build`` names, where its comment does not say it."""
    texts, is_build, shown = source.splitlines(), False, []
    for line in lines:
        text = texts[line.number - 1]
        if text and not text.startswith((" ", ")")):
            is_build = text.startswith("def build")
        named = re.match(r"\s+(\w+) = ", text) if is_build else None
        shape = shapes.get(named[1], "") if named and not SHAPE_COMMENT.search(text) else ""
        shown.append(line._replace(shape=shape))
    return shown
