"""What a port's docstring says of its differences from the listing, and at which lines that is to be read."""

import re
from typing import NamedTuple

from ref.common.errors import BadInputError
from ref.pages.words import Text

HEADING = re.compile(r"^What differs from the (?:listing|book's), and why:$", re.MULTILINE)


class Difference(NamedTuple):
    """A difference of a docstring, in a table of scripts/site/said.

    Attributes:
      starts: its first words in the docstring; no other difference of that script starts so.
      zh: the whole of it in Chinese.
      at: pieces of the source, each on one line and nowhere else but there: the lines it is about.
    """

    starts: str
    zh: str
    at: tuple[str, ...]


class Note(NamedTuple):
    """A difference, placed: what is said, and the lines, from 1, at whose first it is said."""

    text: Text
    lines: tuple[int, ...]


def list_items(docstring: str) -> list[str]:
    """Return the docstring's differences, each as one line of plain text."""
    heading = HEADING.search(docstring)
    if not heading:
        return []
    block = docstring[heading.end() :].strip("\n").split("\n\n")[0]
    return [" ".join(item.split()).replace("``", "`") for item in re.split(r"^- ", block, flags=re.MULTILINE)[1:]]


def find_line(source: str, piece: str, what: str) -> int:
    """Return the one line, from 1, that holds ``piece``.

    Raises:
      BadInputError: there is none, or more than one.
    """
    body = source.index('"""', 3)  # the docstring may quote its own lines
    n_before = source.count("\n", 0, body)
    found = [n for n, line in enumerate(source.splitlines(), 1) if piece in line and n > n_before]
    if len(found) != 1:
        raise BadInputError(f"{what}: {piece!r} is on {len(found)} lines, expected one; mend scripts/site/said")
    return found[0]


def place_notes(docstring: str, source: str, differences: tuple[Difference, ...], what: str) -> list[Note]:
    """Return the docstring's differences, each at its lines.

    Raises:
      BadInputError: the table has none for an item, or more than one, or one that is no item's.
    """
    items = list_items(docstring)
    notes = []
    for item in items:
        fitting = [one for one in differences if item.startswith(one.starts)]
        if len(fitting) != 1:
            raise BadInputError(
                f"{what}: {len(fitting)} entries for the difference '{item[:40]}…', expected one; "
                "mend scripts/site/said"
            )
        (one,) = fitting
        lines = sorted(find_line(source, piece, what) for piece in one.at)
        notes.append(Note(Text(item, one.zh), tuple(lines)))
    if len(items) != len(differences):
        raise BadInputError(
            f"{what}: {len(differences)} entries for {len(items)} differences, expected as many; mend scripts/site/said"
        )
    return notes
