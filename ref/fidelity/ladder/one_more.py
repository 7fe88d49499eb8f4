"""Where two graphs part by one op: a side has an op more between two that are the same on both."""

from dataclasses import dataclass

from ref.fidelity.ladder.loaded import Loaded
from ref.fidelity.ladder.walk import Side


@dataclass(frozen=True)
class OneMore:
    """``parted`` are the tensors of A and B that part: the op more, and what takes in its input on the other side.

    ``on`` is the side that has the op, 0 or 1; ``taker`` is the tensor of that side that is computed from it.
    """

    parted: tuple[str, str]
    on: int
    taker: str

    @property
    def extra(self) -> str:
        return self.parted[self.on]

    @property
    def other(self) -> str:
        return self.parted[1 - self.on]


def pair_tensors(held: dict) -> dict[str, str]:
    """Return A's counterpart of each tensor of B that has one."""
    pair_of = dict(held["forward"]["pairs"]) | {other: name for name, other in held["feeds"].items()}
    return pair_of | {f"{new}:0": f"{old}:0" for old, new in held["variables"].items()}


def find_one_more(held: dict, a: Side, b: Side) -> OneMore | None:
    """Return the first such op; None where the sides part otherwise."""
    first, pair_of = (held["forward"]["first"]["a"], held["forward"]["first"]["b"]), pair_tensors(held)
    names = ({name: name for name in pair_of.values()}, pair_of)  # in A, of what has a counterpart
    for on in (1, 0):
        more, less = (a, b)[on], (a, b)[1 - on]
        for extra in first[on]:
            computed_from = [names[on].get(name) for name in more.inputs(extra) if not more.is_constant(name)]
            if len(computed_from) != 1 or computed_from[0] is None:
                continue
            for taker in held["forward"]["open"]["ab"[on]]:
                if extra not in more.inputs(taker):
                    continue
                without = [computed_from[0] if name == extra else names[on].get(name) for name in more.inputs(taker)]
                for other in first[1 - on]:
                    inputs = [names[1 - on].get(name) for name in less.inputs(other)]
                    if less.op(other)["type"] == more.op(taker)["type"] and inputs == without:
                        return OneMore((other, extra) if on else (extra, other), on, taker)
    return None


def choose_shown(more: OneMore, loaded: tuple[Loaded, Loaded], sides: tuple[Side, Side]) -> tuple[str, str]:
    """Return the tensors of A and B to name and show.

    Where the script gives the op more a name that what goes into it has on the other side (``hidden3``, activated and
    not), those are they; else it is a part of the line that takes it in, and the two takers are.
    """
    called = [loaded[more.on].name_of(sides[more.on].op(more.extra))]
    less = sides[1 - more.on]
    if called[0] in [loaded[1 - more.on].name_of(less.op(name)) for name in less.inputs(more.other)]:
        return more.parted
    return (more.other, more.taker) if more.on else (more.taker, more.other)
