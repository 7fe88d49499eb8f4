"""What a rung of the ladder comes to."""

from dataclasses import dataclass, field


@dataclass
class Finding:
    """The first difference on a rung.

    Args:
      what: the tensor, variable, setting or line, by the name the script gave it.
      place: the rest that says which: op and shape, the step.
      sides: of A and of B, (where, the source line or value); where is "line 61", or nothing.
      apart: how far apart, a relative distance, or None where that says nothing.
      rounding: what machines differ by there.
      values: the two numbers that are farthest apart.
      fed: what was fed with A's own values.
      usually: what such a difference usually is.
      is_code: whether it is the code that differs; else it is rounding.
      is_drawn: other draws of one distribution, or other feeds after some training: what follows of an op more or
        less, or of another training, if that is found on a rung above.
    """

    what: str
    place: str = ""
    sides: list[tuple[str, str]] = field(default_factory=list)
    apart: float | None = None
    rounding: float | None = None
    values: tuple | None = None
    fed: str = ""
    usually: str = ""
    is_code: bool = True
    is_drawn: bool = False


@dataclass
class Rung:
    """``n_equal`` of ``n`` things are equal, ``n_rounded`` of them but for rounding; ``finding``, where they part."""

    name: str
    n: int
    n_equal: int
    n_rounded: int = 0
    finding: Finding | None = None
    remark: str = ""
