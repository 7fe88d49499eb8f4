"""How large a box's text is, in units of a pixel, without a font: characters of a fixed-width one, Chinese two wide."""

import unicodedata

from ref.graph.picture import Box, Row

SIZE = 12  # of text; nothing is smaller
CHARACTER = 7.3  # of a fixed-width font of that size, the widest of the usual ones
LINE = 17
PADDING = 9
NAME = 150  # a name is divided where it is wider
SHORTEST = 6  # characters of a part of a word
MARK = 15  # a mark's sign, before its word


def measure(text: str) -> float:
    """Return the width of a line of text."""
    return CHARACTER * sum(2 * 0.83 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def wrap(text: str, width: float) -> list[str]:
    """Return ``text`` in lines of about ``width``, divided at spaces, and long words after an underscore."""
    lines, line = [], ""
    for word in _split(text):
        if line and measure(line + word.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        while measure(word.rstrip()) > width and len(word) > SHORTEST:
            fits = max(SHORTEST, int(width / CHARACTER))
            cut = max(word.rfind(one, SHORTEST, fits) for one in "_/(,") + 1 or fits
            lines.append(line + word[:cut])
            line, word = "", word[cut:]
        line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _split(text: str) -> list[str]:
    """Return words with the space after them; in Chinese, which has none, each character is one."""
    words, word = [], ""
    for one in text:
        word += one
        if one == " " or unicodedata.east_asian_width(one) in "WF":
            words.append(word)
            word = ""
    return [*words, word] if word else words


def list_lines(box: Box, width: float, most: int = 6) -> list[str]:
    """Return the lines of a box's text."""
    start = "= " if box.text.startswith("= ") else ""  # which no line is left to alone
    lines = wrap(box.text.removeprefix(start), width)
    lines[:1] = [start + line for line in lines[:1]]
    return lines if len(lines) <= most else [*lines[: most - 1], "…"]


def measure_box(box: Box, width: float, say) -> tuple[float, float]:
    """Return width and height of a box, whose text is wrapped at ``width``; ``say`` gives the words of marks."""
    if box.rows:
        widths = [measure_row(row, say) for row in box.rows]
        return max(widths) + 2 * PADDING + 4, len(box.rows) * LINE + 9
    lines = list_lines(box, width)
    name = wrap(box.name, max(width, NAME))
    widths = [measure(line) * 1.04 for line in name] + [measure(line) for line in lines]
    extra = 22 if box.kind in ("noise", "dropout", "training", "fed") else 6  # a sign before the name, or round ends
    return max(widths, default=0) + 2 * PADDING + extra, (len(name) + len(lines)) * LINE + 10


def measure_row(row: Row, say) -> float:
    """Return the width of a variable's line: name, shape, marks."""
    width = measure(row.name) + (CHARACTER + measure(row.shape) if row.shape else 0)
    for text in list_marks(row, say):
        width += CHARACTER + MARK + measure(text)
    return width


def list_marks(row: Row, say) -> list[str]:
    """Return the words of a variable's marks: moved, and by which; frozen; restored."""
    marks = []
    if row.mark == "moved":
        word = say("is_moved") if row.is_said else ""
        marks.append(" ".join(map(str, row.by)) or word)
    elif row.mark == "frozen":
        marks.append(say("is_frozen"))
    if row.is_restored:
        marks.append(say("is_restored"))
    return marks
