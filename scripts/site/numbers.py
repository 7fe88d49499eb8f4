"""Numbers in sentences: ``{7 Test MSE}`` is what was recorded, so that no sentence has a number of its own."""

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from ref.chapter import BY_NAME
from ref.common.errors import BadInputError
from ref.pages.words import Text
from scripts.golden import read_golden
from scripts.render_tables import format_number
from scripts.site import recorded

SLOT = re.compile(r"\{([^{}]+)\}")


class Slot(NamedTuple):
    """How a kind of slot is written, and what returns its value from the match."""

    pattern: str
    find: Callable


def fill(text: Text) -> Text:
    """Return ``text`` with every slot replaced by its number.

    Raises:
      BadInputError: nothing is recorded of a slot.
    """
    english, chinese = (SLOT.sub(lambda found: find_number(found[1]), sentence) for sentence in text)
    return Text(english, chinese.replace("`, `", "`、`"))


def find_number(slot: str) -> str:
    for kind in SLOTS:
        if found := re.fullmatch(kind.pattern, slot):
            value = kind.find(*found.groups())
            return value if isinstance(value, str) else format_number(value)
    raise BadInputError(f"{{{slot}}}: nothing is recorded of that, expected one of scripts/site/numbers.py's slots")


def _read_script(number: str):
    return BY_NAME[f"autoencoder_{number}"]


def _find_printed(number: str, label: str, place: str | None, seed: str | None) -> float:
    rows = recorded.list_own_rows(_read_script(number), int(seed or 42))
    values = [float(row.digits[label]) for row in rows if label in row.digits]
    if not values:
        raise BadInputError(f"{{{number} {label}}}: {number} printed no such number, expected a label of its lines")
    return {"first": values[0], "last": values[-1], "least": min(values), "most": max(values)}[place or "last"]


def _find_seconds(number: str) -> str:
    return f"{recorded.read_result(_read_script(number))['wall_time_s']:.1f}"


def _find_setting(number: str, key: str) -> str:
    value = recorded.read_result(_read_script(number))["hyper_parameters"][key]
    values = dict.fromkeys(value if isinstance(value, list) else [value])  # of each phase, once where they are equal
    return ", ".join(f"{one:,}" if isinstance(one, int) else str(one) for one in values)


def _find_step_ms(number: str, phase: str) -> str:
    (row,) = [row for row in recorded.read_bench(_read_script(number), "ports") if row["port"] == int(number)]
    return f"{row['ms_per_step'][int(phase) - 1]:.2f}"


def _find_engine_ms(engine: str, cached: str, key: str) -> str:
    rows = recorded.read_bench(_read_script("8"), "engines")
    (row,) = [row for row in rows if (row["engine"], row["batch"], row["cached"]) == (engine, 150, cached == "cached")]
    return f"{row[key]:.2f}"


def _find_untrained(number: str, name: str) -> float:
    return read_golden(int(number))["mnist"]["untrained"][name]


def _find_unit_distance() -> str:
    """Return how far from its target each unit's mean is, were all equally far, by 13's last sparsity loss.

    Near the target p the divergence of a mean q is (q - p)² / (2 p (1 - p)).
    """
    settings = recorded.read_result(_read_script("13"))["hyper_parameters"]
    p = settings["sparsity_target"]
    per_unit = _find_printed("13", "Sparsity loss", None, None) / settings["n_hidden1"]
    return f"{math.sqrt(2 * p * (1 - p) * per_unit):.3f}"


def _find_jumps(number: str, share: str) -> str:
    rows = recorded.list_own_rows(_read_script(number))
    values = [float(row.digits["Train total loss"]) for row in rows]
    return str(sum(new > old * (1 + int(share) / 100) for old, new in pairwise(values)))


def _find_book(number: str, label: str) -> str:
    rows = recorded.list_notebook_rows(_read_script(number))
    return format_number([float(row.digits[label]) for row in rows if label in row.digits][-1])


def _find_parameters(number: str) -> str:
    from scripts.site.graphs import count_parameters

    return f"{count_parameters(_read_script(number)):,}"


def _find_moved(number: str, op: str) -> str:
    """Return the variables that a training op moves by its golden, without Adam's own."""
    moved = read_golden(int(number))["mnist"]["moved"][op]
    return ", ".join(f"`{name}`" for name in moved if "/Adam" not in name and "_power" not in name)


SLOTS = (
    Slot(r"([0-9]+) ([A-Z][A-Za-z ]*?)(?: (first|last|least|most))?(?: seed ([0-9]+))?", _find_printed),
    Slot(r"([0-9]+) seconds", _find_seconds),
    Slot(r"([0-9]+) setting (\w+)", _find_setting),
    Slot(r"([0-9]+) ms a step in phase ([12])", _find_step_ms),
    Slot(r"engine ([\w-]+) (cached|recomputed) (\w+)", _find_engine_ms),
    Slot(r"([0-9]+) untrained (\w+)", _find_untrained),
    Slot(r"13 distance of a unit", _find_unit_distance),
    Slot(r"([0-9]+) jumps above ([0-9]+) %", _find_jumps),
    Slot(r"([0-9]+) book ([A-Z][A-Za-z ]*)", _find_book),
    Slot(r"([0-9]+) parameters", _find_parameters),
    Slot(r"([0-9]+) moved by (\w+)", _find_moved),
)
