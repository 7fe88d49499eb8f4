"""python -m ref report: one page of your own runs beside the recorded ones, to hand in or to send."""

import os
import sys
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.flags import Parser, parse_path
from ref.pages.words import LANGUAGES

TEMPLATES = Path(__file__).parent / "templates"


def make_parser() -> Parser:
    parser = Parser(
        prog="python -m ref report",
        description="Make one HTML file of your own runs: numbers beside the recorded ones, curves, figures, settings.",
        epilog="It opens in any browser, without network. A result that cannot be read is named in it, and left out.",
    )
    parser.add_argument(
        "--out", type=parse_path, default="runs", metavar="DIR", help="where the runs are; default: %(default)s"
    )
    parser.add_argument("-o", type=parse_path, dest="file", metavar="FILE.html", help="default: report.html in DIR")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="default: %(default)s")
    return parser


def main(argv: list[str]) -> None:
    """Write the page, and say on standard error where it is, and what of the runs could not be read.

    Raises:
      BadInputError: there is no run, none can be read, or the file cannot be written.
    """
    args = make_parser().parse_args(argv)
    out = Path(args.out)
    file = Path(args.file) if args.file else out / "report.html"
    if file.suffix.lower() not in (".html", ".htm"):
        raise BadInputError(f"-o {file}: expected a name that ends in .html; give it that, as in -o {file}.html")
    from ref.report.gather import gather

    found = gather(out)
    write(file, found, args.out, args.language)
    for problem in found.broken.values():
        print("report: left out: " + problem.replace("\n", "\\n"), file=sys.stderr)
    n_runs = len(found.runs) + len(found.unfinished) + len(found.originals)
    size = os.path.getsize(file) / 1e6
    print(
        f"report: {n_runs} run{'s' * (n_runs > 1)} in {file} ({size:.1f} MB), which opens in a browser", file=sys.stderr
    )


def write(file: Path, found, out: str, language: str) -> None:
    """Write the page of what was gathered to ``file``, whole or not at all.

    Raises:
      BadInputError: it cannot be written, or what pages need is not installed.
    """
    from ref.pages.render import Page, check_installed, write_alone

    check_installed()
    from ref.report.page import TITLE, make_values

    page = Page(file.name, "report.html", TITLE, lambda language: make_values(found, out, language))
    write_alone(file, language, page, TEMPLATES)
