"""What is found: rows of text in sections, and what is wrong with it."""

import textwrap
from typing import NamedTuple

WIDTH = 80


class Row(NamedTuple):
    """``label`` is unique in its section; ``problem`` says what is wrong and what to do, if anything is."""

    label: str
    text: str
    problem: str = ""


class Section(NamedTuple):
    title: str
    rows: list[Row]


def format_section(section: Section) -> str:
    """Return the section as lines of at most WIDTH characters."""
    width = max(len(row.label) for row in section.rows)
    return "\n".join([section.title, *(format_row(row.label, row.text, width) for row in section.rows)])


def format_row(label: str, text: str, width: int) -> str:
    """Return ``text`` beside ``label``, which is as wide as ``width``, on as many lines as it takes."""
    indent = " " * (width + 3)
    lines = textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    return f"  {label.ljust(width)} {lines[0].strip() if lines else ''}" + "".join(f"\n{line}" for line in lines[1:])


def format_bytes(n_bytes: float) -> str:
    """Return a number of bytes in words, in decimal GB or MB."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
