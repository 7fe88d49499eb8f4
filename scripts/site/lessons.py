"""The lesson is the diff: two neighbouring scripts side by side, what differs lit, and what it does to the numbers."""

import difflib
import functools
from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from ref.chapter import BY_NAME, Script
from ref.pages.render import Page
from ref.pages.words import Text
from scripts.render_tables import format_number
from scripts.site import listing, recorded, script_pages
from scripts.site.numbers import fill
from scripts.site.said.lessons import LESSONS, Lesson

CONTEXT = 3  # equal lines that are shown above and below what differs
ALIKE = 0.45  # of two lines' characters, from which on they are one line that was changed


class Cell(NamedTuple):
    """A script's part of a row: its line's number, the code as HTML; None and "" where it has no such line."""

    number: int | None
    code: Markup


class Row(NamedTuple):
    """A row of both scripts: ``equal``, ``changed``, ``only-left`` or ``only-right``."""

    kind: str
    left: Cell
    right: Cell


class Block(NamedTuple):
    """Rows that stand together; equal ones far from what differs are folded."""

    is_folded: bool
    rows: list[Row]


NOTHING = Cell(None, Markup(""))


def get_scripts(lesson: Lesson) -> tuple[Script, Script]:
    return BY_NAME[f"autoencoder_{lesson.left}"], BY_NAME[f"autoencoder_{lesson.right}"]


def get_path(lesson: Lesson) -> str:
    return f"diff_{lesson.left}_{lesson.right}.html"


def make_pages() -> Iterator[Page]:
    yield Page(
        "lessons.html",
        "lessons.html",
        Text("The lesson is the diff", "差别即要点"),
        lambda language: {"lessons": [(get_path(one), one, *get_scripts(one)) for one in LESSONS]},
    )
    for lesson in LESSONS:
        yield Page(
            get_path(lesson),
            "lesson.html",
            Text(
                f"{lesson.left} | {lesson.right}: {lesson.title.en}",
                f"{lesson.left} | {lesson.right}：{lesson.title.zh}",
            ),
            functools.partial(show_lesson, lesson),
        )


def show_lesson(lesson: Lesson, language: str) -> dict:
    """Return what the template reads."""
    left, right = get_scripts(lesson)
    place = LESSONS.index(lesson)
    return {
        "left": left,
        "right": right,
        "says": fill(lesson.says),
        "measured": [fill(sentence) for sentence in lesson.measured],
        "chance": judge(lesson),
        "blocks": compare(lesson),
        "previous": LESSONS[place - 1] if place else None,
        "next": LESSONS[place + 1] if place + 1 < len(LESSONS) else None,
        "get_path": get_path,
    }


def judge(lesson: Lesson) -> Text | None:
    """Return whether two scripts' last numbers differ by more than runs of one of them do; None if not comparable."""
    if not lesson.label:
        return None
    ends = [recorded.list_ends(script, lesson.label) for script in get_scripts(lesson)]
    (a, b), (c, d) = [map(format_number, (min(values), max(values))) for values in ends]
    n, m = map(len, ends)
    english = (
        f"Is that more than chance? In {n} recorded runs of {lesson.left}, of other seeds or other rounding, "
        f"`{lesson.label}` ends between {a} and {b}; in {m} of {lesson.right}, between {c} and {d}. "
    )
    chinese = (
        f"差别是不是偶然？{lesson.left} 录下 {n} 次运行（种子不同，或舍入不同），"
        f"`{lesson.label}` 最后在 {a} 到 {b} 之间；"
        f"{lesson.right} 录下 {m} 次，在 {c} 到 {d} 之间。"
    )
    if max(map(min, ends)) <= min(map(max, ends)):
        return Text(
            english + "The ranges overlap: so few runs show no difference that is larger than chance.",
            chinese + "两个范围有重叠：这么几次运行，看不出超出偶然的差别。",
        )
    return Text(
        english + "The ranges do not overlap: the difference is larger than what seeds and rounding did here.",
        chinese + "两个范围没有重叠：差别大于这里种子和舍入造成的差别。",
    )


@functools.cache
def compare(lesson: Lesson) -> list[Block]:
    """Return both scripts, without their docstrings, row by row, what is equal and far from a difference folded."""
    return fold(list_rows(*map(script_pages.read_source, get_scripts(lesson))))


def list_rows(left: str, right: str) -> list[Row]:
    """Return the rows of two sources; of lines that were changed only the words that differ are marked."""
    sides = [Side(left), Side(right)]
    a, b = (side.texts for side in sides)
    rows = []
    for tag, i, i_end, j, j_end in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [Row("equal", sides[0].cell(n), sides[1].cell(m)) for n, m in zip(range(i, i_end), range(j, j_end))]
            continue
        for n, m in pair(a[i:i_end], b[j:j_end]):
            if n is None:
                rows.append(Row("only-right", NOTHING, sides[1].cell(j + m)))
            elif m is None:
                rows.append(Row("only-left", sides[0].cell(i + n), NOTHING))
            else:
                marks = mark_words(a[i + n], b[j + m])
                rows.append(Row("changed", sides[0].cell(i + n, marks[0]), sides[1].cell(j + m, marks[1])))
    return rows


class Side:
    """A script's lines after its docstring, as text and as highlighted pieces."""

    def __init__(self, source: str):
        self.n_before = source.count("\n", 0, source.index('"""', 3)) + 1
        self.texts = source.splitlines()[self.n_before :]
        self.pieces = listing.split_lines(source)[self.n_before :]

    def cell(self, i: int, marks: list[tuple[int, int]] | None = None) -> Cell:
        """Return line ``i`` of these, with the characters of ``marks`` marked."""
        code = mark_characters(self.pieces[i], marks) if marks else Markup("").join(self.pieces[i])
        return Cell(self.n_before + i + 1, code)


def pair(left: list[str], right: list[str]) -> list[tuple[int | None, int | None]]:
    """Return which of the lines stand beside one another: those that are alike, in their order."""
    if not left or not right:
        return [(i, None) for i in range(len(left))] + [(None, j) for j in range(len(right))]
    ratios = {
        (i, j): difflib.SequenceMatcher(None, a.strip(), b.strip(), autojunk=False).ratio()
        for i, a in enumerate(left)
        for j, b in enumerate(right)
    }
    (i, j), best = max(ratios.items(), key=lambda item: (item[1], -abs(item[0][0] - item[0][1])))
    if best < ALIKE or not left[i].strip():
        return [(i, None) for i in range(len(left))] + [(None, j) for j in range(len(right))]
    after = [
        (None if n is None else n + i + 1, None if m is None else m + j + 1)
        for n, m in pair(left[i + 1 :], right[j + 1 :])
    ]
    return [*pair(left[:i], right[:j]), (i, j), *after]


def mark_words(left: str, right: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return, of two lines, the stretches of characters of each that the other lacks, whole words at a time."""
    words = [listing.WORDS.findall(text) for text in (left, right)]
    starts = [[sum(map(len, side[:i])) for i in range(len(side) + 1)] for side in words]
    marks: tuple[list, list] = ([], [])
    for tag, *places in difflib.SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        if tag != "equal":
            for side, (begin, end) in enumerate((places[:2], places[2:])):
                if begin < end:
                    marks[side].append((starts[side][begin], starts[side][end]))
    return marks


def mark_characters(pieces: list[Markup], marks: list[tuple[int, int]]) -> Markup:
    """Return a line's pieces with ``<mark>`` around those that lie in ``marks``, whole where they lie across."""
    html, column = Markup(""), 0
    for piece in pieces:
        end = column + len(piece.striptags()) if "<" in piece else column + len(piece.unescape())
        is_marked = any(begin < end and column < stop for begin, stop in marks) and piece.strip()
        html += Markup("<mark>{}</mark>").format(piece) if is_marked else piece
        column = end
    return html


def fold(rows: list[Row]) -> list[Block]:
    """Return ``rows`` in blocks: what differs with CONTEXT lines around it, and folded what is equal in between."""
    near = {i + k for i, row in enumerate(rows) if row.kind != "equal" for k in range(-CONTEXT, CONTEXT + 1)}
    blocks: list[Block] = []
    for i, row in enumerate(rows):
        is_folded = i not in near
        if not blocks or blocks[-1].is_folded != is_folded:
            blocks.append(Block(is_folded, []))
        blocks[-1].rows.append(row)
    return blocks
