"""The numbers of a run beside the recorded ones, as the rows of a table."""

from typing import NamedTuple

from ref.fidelity.golden.held import EQUAL, Held
from ref.fidelity.golden.printed import Number, read_numbers
from ref.pages.words import Text
from ref.report.verdicts import write_share

MOST = 400  # rows of the table of all numbers
JUDGED = {
    "": Text("", ""),
    "equal": Text("equal", "相同"),
    "inside": Text("inside", "范围内"),
    "outside": Text("outside", "超出范围"),
}


class Row(NamedTuple):
    """A number here and the recorded one of the same phase, epoch and label, each "" where there is none."""

    phase: int
    epoch: str
    label: str
    here: str
    recorded: str
    apart: str
    tolerance: str
    judged: Text


class Table(NamedTuple):
    """``rows`` are all, as far as MOST; ``last`` those at a phase's end, in which all that a reader first asks is."""

    rows: list[Row]
    last: list[Row]
    n_left_out: int
    has_phases: bool
    has_recorded: bool
    is_judged: bool


def make_table(lines: list[str], held: Held | None = None) -> Table:
    """Return the numbers of ``lines``, beside those that the run was held against."""
    here = read_numbers(lines)
    recorded = read_numbers(held.lines) if held else []
    theirs = {_key(number): number for number in recorded}
    judged = {one.place: one for one in held.compared} if held else {}
    rows = []
    for number in here:
        old = theirs.get(_key(number))
        epoch = "" if number.epoch is None else str(number.epoch)
        apart, tolerance, word = "", "", "equal" if held and held.verdict == EQUAL else ""
        if one := judged.get(number.place):
            apart, tolerance = write_share(one.difference), write_share(one.tolerance)
            word = "equal" if one.difference == 0 else "outside" if one.is_outside else "inside"
        recorded_value = "" if old is None else str(old.value)
        value = str(number.value)
        rows.append(Row(number.phase, epoch, number.label, value, recorded_value, apart, tolerance, JUDGED[word]))
    ends = {(number.phase, number.label): i for i, number in enumerate(here)}
    return Table(
        rows=[*rows[: MOST // 2], *rows[max(MOST // 2, len(rows) - MOST // 2) :]],
        last=[rows[i] for i in sorted(ends.values())],
        n_left_out=max(0, len(rows) - MOST),
        has_phases=any(number.phase > 1 for number in here + recorded),
        has_recorded=bool(theirs),
        is_judged=any(row.judged.en for row in rows),
    )


def _key(number: Number) -> tuple[int, int | None, str]:
    return number.phase, number.epoch, number.label
