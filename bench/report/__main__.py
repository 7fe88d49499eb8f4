"""Tables and plots from what was measured: python -m bench.report [--check].

Of bench/results: the tables between the marks in bench/README.md and README.md, and the plots beside the results. Of
the user's own, in data/bench: report.md with all of it, and the plots. --check writes nothing and exits with 2 where a
table or a plot is not what bench/results says.
"""

import sys
from pathlib import Path

from bench import store
from bench.report import pages
from bench.report.plots import DRAWERS, describe_plot
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from scripts import pictures

PICTURES = "pictures.json"  # beside the summary: what the plots were drawn from
DRAWN_BY = [Path(__file__).with_name(f"{name}.py") for name in ("plots", "captions", "peers")]


def check_pages() -> None:
    """Raise BadInputError where a table of a page is not what bench/results says."""
    for page, expected, found in fill_pages():
        if found != expected:
            raise BadInputError(
                f"{page.name} in {page.parent.name}: not what bench/results says, expected its tables; run make "
                "bench-report"
            )


def fill_pages() -> list[tuple[Path, str, str]]:
    """Return each page, its text with the tables made anew, and the text that it has."""
    results = pages.read_all(store.KEPT)
    if not results:
        raise BadInputError(f"{store.KEPT}: no results, expected those of a machine; run make bench-peers bench-keep")
    texts = {page: page.read_text(encoding="utf-8") for page in pages.PAGES}
    return [(page, pages.fill(page, texts[page], names, results), texts[page]) for page, names in pages.PAGES.items()]


def list_plots(results: dict[Path, dict]) -> pictures.Sources:
    """Return the plots of the results, each with its result and the code that draws it."""
    return {path.with_suffix(".png"): [path, *DRAWN_BY] for path, one in results.items() if one["kind"] in DRAWERS}


def write_text(path: Path, text: str) -> None:
    with open_atomically(path) as file:
        file.write(text.encode())


def draw_plots(results: dict[Path, dict]) -> None:
    """Draw each result that has a plot, beside it."""
    for path, result in results.items():
        if result["kind"] in DRAWERS:
            figure = DRAWERS[result["kind"]](result)
            figure.suptitle(describe_plot(result), fontsize=9)
            with open_atomically(path.with_suffix(".png")) as file:
                figure.savefig(file, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.report", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args(argv)
    if args.check:
        check_pages()
        pictures.check(store.KEPT / PICTURES, list_plots(pages.read_all(store.KEPT)), "make bench-report")
        return
    for page, expected, found in fill_pages():
        if found != expected:
            write_text(page, expected)
    kept = pages.read_all(store.KEPT)
    draw_plots(kept)
    if kept:
        pictures.write(store.KEPT / PICTURES, list_plots(kept))
    if own := pages.read_all(store.OWN):
        draw_plots(own)
        path = store.OWN / "report.md"
        write_text(path, pages.render_own(own, store.OWN))
        print(f"your own results: {path.relative_to(store.ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
