"""What is said of each script, a file a script: what it is about, what to see in it, its differences, its figures.

Numbers stand in braces and are filled in from what was recorded (scripts/site/numbers.py); a line of the source is
named by a piece of it that is nowhere else (scripts/site/differences.py).
"""

from typing import NamedTuple

from ref.pages.words import Text


class Answer(NamedTuple):
    """A question that a reader may have, its answer, and pieces of the lines that do it."""

    question: Text
    answer: Text
    lines: tuple[str, ...] = ()


class Figure(NamedTuple):
    """A figure's caption, and what is seen in it, for who does not see it."""

    caption: Text
    seen: Text
