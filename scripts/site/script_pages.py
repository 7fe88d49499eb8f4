"""A page a script: what to see in it, its graph, its numbers, its code with notes, how it is held, how to run it."""

import ast
import functools
import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from ref.chapter import BY_NAME, CHAPTER_ORDER, SCRIPTS, Script
from ref.pages.render import Page
from ref.pages.words import Text, choose
from scripts import render_tables
from scripts.site import curves, differences, flags, graphs, held, listing, recorded
from scripts.site.numbers import fill

READMES = {"en": "README.md", "zh": "README.zh-CN.md"}


class Shown(NamedTuple):
    """A line that an answer leads to."""

    number: int
    code: str


def make_pages() -> Iterator[Page]:
    for script in SCRIPTS:
        yield Page(
            f"{script.name}.html",
            "script.html",
            Text(f"autoencoder_{script.number}: {script.title}", f"autoencoder_{script.number}：{script.title_zh}"),
            functools.partial(show_script, script),
        )


def list_files() -> dict[str, bytes]:
    """Return the recorded figures, by their names in the site's folder."""
    return {
        f"figures/{script.name}/{path.name}": path.read_bytes()
        for script in SCRIPTS
        for path in sorted((recorded.RECORDED / script.name).glob("*.png"))
    }


def read_said(script: Script) -> ModuleType:
    """Return the module that holds what is said of ``script``."""
    return importlib.import_module(f"scripts.site.said.autoencoder_{script.number:02d}")


def read_source(script: Script) -> str:
    return (recorded.ROOT / (script.module.replace(".", "/") + ".py")).read_text(encoding="utf-8")


def show_script(script: Script, language: str) -> dict:
    """Return what the template reads."""
    said, source = read_said(script), read_source(script)
    lines, notes, n_docstring = make_listing(script)
    place = CHAPTER_ORDER.index(script.number)
    around = [BY_NAME[f"autoencoder_{n}"] for n in CHAPTER_ORDER]
    return {
        "script": script,
        "other_title": script.title_zh if language == "en" else script.title,
        "about": [fill(text) for text in said.ABOUT],
        "answers": [
            (fill(one.question), fill(one.answer), find_lines(source, one.lines, script.name)) for one in said.SEE
        ],
        "graphs": [
            (picture, graphs.find_least_width(picture))
            for picture in graphs.draw(script, language, f"graph-{script.number}-")
        ],
        "result": recorded.read_result(script),
        "numbers": describe_numbers(script, language),
        "curve": curves.draw_curve(script, language) if curves.list_panels(script) else "",
        "tables": curves.list_tables(script, language) if curves.list_panels(script) else [],
        "pictures": [(name, said.FIGURES[name]) for name in list_figures(script)],
        "path": f"{script.name}.html",
        "source_path": script.module.replace(".", "/") + ".py",
        "docstring": lines[:n_docstring],
        "lines": lines[n_docstring:],
        "notes": notes,
        "held": held.describe_goldens(script),
        "flags": flags.list_flags(script),
        "hyper_parameter": flags.HYPER_PARAMETER,
        "needs": BY_NAME.get(f"autoencoder_{script.needs}"),
        "needed_by": [other for other in SCRIPTS if other.needs == script.number],
        "previous": around[place - 1] if place else None,
        "next": around[place + 1] if place + 1 < len(around) else None,
    }


def list_figures(script: Script) -> list[str]:
    """Return the names of the script's figures that are recorded."""
    return [name for name in script.figures if (recorded.RECORDED / script.name / f"{name}.png").exists()]


@functools.cache
def make_listing(script: Script) -> tuple[list[listing.Line], dict[int, list], int]:
    """Return the lines, the notes by the line that they stand above, and how many lines the docstring has."""
    source = read_source(script)
    docstring = ast.get_docstring(ast.parse(source))
    lines = listing.add_shapes(listing.highlight(source), source, graphs.list_shapes(script))
    notes: dict[int, list] = {}
    for note in differences.place_notes(docstring, source, read_said(script).DIFFERENCES, script.name):
        notes.setdefault(note.lines[0], []).append(note)
    return lines, notes, source.count("\n", 0, source.index('"""', 3)) + 1


def find_lines(source: str, pieces: tuple[str, ...], what: str) -> list[Shown]:
    texts = source.splitlines()
    numbers = [differences.find_line(source, piece, what) for piece in pieces]
    return [Shown(number, texts[number - 1].strip()) for number in numbers]


def describe_numbers(script: Script, language: str) -> tuple[str, str, str]:
    """Return the book's published number, ours and the seconds, as the README's table has them."""
    *_, book, ours, seconds = render_tables.render_row(script, READMES[language])
    seconds = seconds if float(seconds) else "< 1"
    if language == "zh":
        ours, book = (numbers.replace(", ", "，") for numbers in (ours, choose(language, book)))
    return choose(language, book), ours, seconds
