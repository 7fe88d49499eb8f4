"""Make the pages anew: python -m scripts.site [--out DIR] [--notes FILE]; see make site."""

import sys
from pathlib import Path
from typing import NamedTuple

from ref.common.cli import exit_codes
from ref.common.flags import Parser, parse_path
from ref.pages.render import Page, write_site
from ref.pages.words import Text
from scripts.site import cache, chapter, faults, lessons, notes, recorded, script_pages

TEMPLATES = Path(__file__).parent / "templates"


class Item(NamedTuple):
    """What every page's navigation leads to."""

    path: str
    name: Text


NAVIGATION = (
    Item("index.html#scripts", Text("Scripts", "脚本")),
    Item("lessons.html", Text("The lesson is the diff", "差别即要点")),
    Item(cache.PATH, cache.TITLE),
    Item(faults.PATH, faults.TITLE),
)


def list_pages() -> list[Page]:
    """Return all pages that are made of the repository alone."""
    return [
        *chapter.make_pages(),
        *script_pages.make_pages(),
        *lessons.make_pages(),
        *cache.make_pages(),
        *faults.make_pages(),
    ]


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.site", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=parse_path, default="site", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--notes", type=parse_path, metavar="FILE", help="the notes' Markdown, for a page beside it")
    args = parser.parse_args(argv)
    recorded.check_all()
    beside = list(notes.make_pages(args.notes))  # first: it is told at once where a user's file is wrong
    navigation = NAVIGATION + ((Item(notes.PATH, notes.TITLE),) if beside else ())
    write_site(Path(args.out), [*list_pages(), *beside], script_pages.list_files(), TEMPLATES, navigation=navigation)
    print(f"site: {Path(args.out) / 'index.html'} opens in a browser", file=sys.stderr)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
