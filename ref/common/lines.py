"""The lines that a listing prints, and the numbers in them."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from ref.common.finite import describe_not_finite


class Lines:
    """What has been printed: ``printed``, one dictionary a line, of the line and its numbers by their labels."""

    def __init__(self):
        self.printed: list[dict] = []
        self._line = ""
        self._numbers: dict[str, float] = {}

    def print(self, *values, end: str = "\n") -> str | None:
        """Print as the listing does; keep each number under the label before it; return which is not finite, or None.

        A number is kept as its digits were printed.
        """
        print(*values, end=end, flush=True)
        self._line += " ".join(map(str, values)) + end
        numbers = {
            label.strip("\t :"): value
            for label, value in pairwise(values)
            if isinstance(label, str) and isinstance(value, np.floating)
        }
        if problem := describe_not_finite(numbers):
            return problem
        self._numbers |= {label: float(str(value)) for label, value in numbers.items()}
        if end == "\n":
            self.printed.append({"line": self._line.rstrip("\n"), **self._numbers})
            self._line, self._numbers = "", {}
        return None

    def say_last_number(self) -> str:
        """Return the first number of the last line that has any, with its label; "" before there is one."""
        for row in reversed(self.printed):
            for label, value in list(row.items())[1:2]:
                return f"{label} {value:.4g}"
        return ""

    def get_state(self) -> dict:
        """Return what was printed, a line that is not at its end included."""
        return {"printed": self.printed, "line": self._line, "numbers": self._numbers}

    def set_state(self, state: dict) -> None:
        """Go on after the lines of ``get_state``: print again what there was of a line that was not at its end."""
        self.printed, self._line, self._numbers = state["printed"], state["line"], state["numbers"]
        print(self._line, end="", flush=True)


def read_epochs(printed: Sequence[dict]) -> Iterator[tuple[int, int | None, dict[str, float]]]:
    """Yield, of each line of ``Lines.printed``, its phase, its epoch, None where it is of none, and its numbers.

    A line of an epoch begins with it; another phase, counted from 1, begins with each epoch 0.
    """
    phase = 0
    for row in printed:
        numbers = {label: value for label, value in row.items() if label != "line"}
        counted = re.match(r"(\d+) ", row["line"]) if numbers else None
        epoch = int(counted[1]) if counted else None
        phase += epoch == 0
        yield phase, epoch, numbers
