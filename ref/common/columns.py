"""Lines of a terminal of 80 columns, on which a Chinese character takes two."""

import unicodedata
from collections.abc import Iterable, Iterator

WIDTH = 80


def measure_width(text: str) -> int:
    """Return how many columns ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def fill(pieces: Iterable[str], width: int) -> Iterator[str]:
    """Yield lines of at most ``width`` columns, of as many ``pieces`` each as fit, a space between two.

    A piece is not broken: one that is wider is a line of its own.
    """
    line = ""
    for piece in pieces:
        if line and measure_width(line) + 1 + measure_width(piece) > width:
            yield line
            line = piece
        else:
            line = f"{line} {piece}" if line else piece
    if line:
        yield line


def print_entry(head: str, *paragraphs: Iterable[str]) -> None:
    """Print ``head``, and right of it the ``paragraphs``, each of pieces that ``fill`` sets and begun on a new line."""
    for pieces in paragraphs:
        for line in fill(pieces, WIDTH - len(head)):
            print((head + line).rstrip())
            head = " " * len(head)
