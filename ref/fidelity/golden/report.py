"""The words of a comparison: a line a value, how many are outside their tolerance, the first of them."""

from ref.fidelity.golden.spread import Compared

N_SHOWN = 12
LENGTH = 60  # of a value: hashes and lists of names are cut there
COLUMNS = "place | recorded | here | apart | tolerance (tier)"
UNITS = "apart: as a part of the value, or of its array's norm where a sum cancels"


def write_line(where: str, compared: Compared) -> str:
    """Return a value's line, in the COLUMNS: whose it is, its place, both values, difference, tolerance."""
    old, new = (
        text if len(text := str(value)) <= LENGTH else f"{text[:LENGTH]}…" for value in (compared.old, compared.new)
    )
    return (
        f"{where}: {compared.place} | {old} | {new} | {compared.difference:.1e} apart | tolerance "
        f"{compared.tolerance:.1e} ({compared.tier})"
    )


def judge(compared: Compared) -> str:
    """Return "equal", "inside" or "outside"."""
    return "equal" if compared.difference == 0 else "outside" if compared.is_outside else "inside"


def list_all(where: str, compared: list[Compared]) -> list[str]:
    """Return a line for every value: equal, inside or outside, and its line."""
    return [f"{judge(one):8}{write_line(where, one)}" for one in compared]


def count(compared: list[Compared]) -> str:
    """Return how many values are outside their tolerance, and how many differ at all."""
    n_outside = sum(one.is_outside for one in compared)
    n_inside = sum(one.difference != 0 for one in compared) - n_outside
    return f"{n_outside:,} of {len(compared):,} outside tolerance; {n_inside:,} differ within it"


def describe_failures(where: str, compared: list[Compared], remedy: str, n_shown: int = N_SHOWN) -> str:
    """Return what a person is to read of what is outside: how many, the first lines, where to look; else ``""``."""
    outside = [write_line(where, one) for one in compared if one.is_outside]
    if not outside:
        return ""
    n_rest = len(outside) - n_shown
    head = f"{where}: {count(compared)}; look closer: {remedy}"
    return "\n".join([head, *outside[:n_shown], *([f"… and {n_rest} more"] if n_rest > 0 else [])])
