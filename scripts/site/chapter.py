"""The first page: all sixteen at a glance, in the text's order, and whose checkpoint hangs on whose."""

from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from ref.chapter import BY_NAME, CHAPTER_ORDER, SCRIPTS, Script
from ref.pages.render import Page
from ref.pages.words import Text
from scripts.site import checkpoints, graphs, script_pages
from scripts.site.numbers import fill


class Card(NamedTuple):
    """A script at a glance: a recorded figure's name, or a drawing as an inline SVG, and its numbers."""

    script: Script
    figure: str
    seen: Text | str
    drawing: Markup | str
    book: str
    ours: str
    seconds: str


def make_pages() -> Iterator[Page]:
    yield Page(
        "index.html",
        "chapter.html",
        Text("The autoencoder chapter, running", "自动编码器一章，可以运行"),
        show_chapter,
    )


def show_chapter(language: str) -> dict:
    """Return what the template reads."""
    return {
        "cards": [make_card(BY_NAME[f"autoencoder_{number}"], language) for number in CHAPTER_ORDER],
        "edges": [(script, BY_NAME[f"autoencoder_{script.needs}"]) for script in SCRIPTS if script.needs],
        "checkpoints": checkpoints.draw(language),
    }


def make_card(script: Script, language: str) -> Card:
    figures = script_pages.list_figures(script)
    figure = figures[0] if figures else ""
    seen = fill(script_pages.read_said(script).FIGURES[figure].seen) if figure else ""
    drawing: Markup | str = ""
    if not figure:
        drawing = Markup(graphs.draw(script, language, f"card-{script.number}-")[-1].svg)
    return Card(script, figure, seen, drawing, *script_pages.describe_numbers(script, language))
