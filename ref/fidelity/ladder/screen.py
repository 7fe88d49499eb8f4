"""What a person reads of a comparison: a line a rung, the first difference, a verdict."""

import shutil
import sys

from ref.fidelity.ladder.finding import Finding, Rung

WIDTH = 16
EQUAL, MACHINE, CODE = (
    "equal to the digit",
    "differs as machines differ: inside the measured rounding",
    "differs in the code, at {}",
)

DRAWN = ", in what it draws; fed with the original's draws and values, all else is equal"


def format_rung(rung: Rung, roles: tuple[str, str]) -> list[str]:
    """Return the lines of a rung."""
    if rung.n == 0 and not rung.finding:
        return [f"{rung.name:<{WIDTH}}{'-':<16}none on either side"]
    words = "equal" if rung.name in ("settings", "printed lines") else "equal to the bit"
    if rung.n_rounded:
        words = f"equal, {rung.n_rounded} of them within rounding"
    if rung.finding:
        words = f"first {'differs' if rung.finding.is_code else 'differs by rounding'} at {describe(rung.finding)}"
        words += ", perhaps a consequence" * rung.finding.is_drawn
    lines = [f"{rung.name:<{WIDTH}}{f'{rung.n_equal} of {rung.n}':<16}{words}"]
    if rung.remark:
        lines.append(f"{'':<{WIDTH}}{rung.remark}")
    if rung.finding:
        lines += [f"{'':<{WIDTH}}{line}" for line in format_finding(rung.finding, roles)]
    return [clip(line) for line in lines]


def describe(finding: Finding) -> str:
    return f"{finding.what}, {finding.place}" if finding.place else finding.what


def format_finding(finding: Finding, roles: tuple[str, str]) -> list[str]:
    width = max(map(len, roles)) + 10
    lines = []
    for role, (where, words) in zip(roles, finding.sides):
        lines.append(f"{f'{role} {where}'.strip() + ':':<{width}} {words}")
    numbers = []
    if finding.values:
        numbers.append(" | ".join(f"{value:.9g}" for value in finding.values))
    if finding.apart is not None:
        numbers.append(f"{finding.apart:.0e} apart")
    if numbers:
        fed = f"fed with {roles[0]}'s {finding.fed}: " if finding.fed else ""
        tail = f"; machines differ by {finding.rounding:.0e}" if finding.rounding else ""
        lines.append(f"{fed}{', '.join(numbers)}{tail}")
    return lines


def clip(line: str) -> str:
    """Return the line, cut to the terminal's width; a pipe gets all of it."""
    width = max(shutil.get_terminal_size().columns, 80) if sys.stdout.isatty() else len(line)
    return line if len(line) <= width else line[: width - 1] + "…"


def find_first(rungs: list[Rung]) -> Finding | None:
    """Return the first cause: draws that differ are one where nothing else is."""
    findings = [rung.finding for rung in rungs if rung.finding]
    return next((one for one in findings if one.is_code and not one.is_drawn), findings[0] if findings else None)


def judge(rungs: list[Rung]) -> tuple[str, int]:
    """Return the verdict, and the exit code: 0 equal, 1 not."""
    finding = find_first(rungs)
    if finding and finding.is_code:
        return CODE.format(finding.what) + DRAWN * finding.is_drawn, 1
    if any(rung.n_rounded or rung.finding for rung in rungs):
        return MACHINE, 1
    return EQUAL, 0
