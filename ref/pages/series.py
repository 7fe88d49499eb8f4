"""The numbers of printed lines as series over the epochs: what curves are drawn from."""

from typing import NamedTuple

from ref.fidelity.golden.printed import read_numbers


class Series(NamedTuple):
    """What was printed under one label in one phase, once an epoch."""

    phase: int
    label: str
    epochs: list[int]
    values: list[float]


def read_series(lines: list[str]) -> list[Series]:
    """Return the series of ``lines``, in the order in which they begin: a line's first word is its epoch.

    A phase ends where epochs are counted anew, so of one training there are the epochs 0, 1, … once.
    """
    found: dict[tuple[int, str], Series] = {}
    for number in read_numbers(lines):
        if number.epoch is not None:
            series = found.setdefault(
                (number.phase, number.label), Series(number.phase, number.label, epochs=[], values=[])
            )
            series.epochs.append(number.epoch)
            series.values.append(number.value)
    return list(found.values())
