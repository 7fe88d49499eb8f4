"""What is drawn, before it has a place: boxes, arrows, and what is said beside them. No TensorFlow, no Graphviz."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["input", "fed", "variable", "layer", "noise", "dropout", "penalty", "loss", "value", "training", "op"]
Mark = Literal["moved", "frozen", "kept", "restored"]


@dataclass(frozen=True)
class Row:
    """A variable in its box: what it is called, its shape in words, whether it is moved, and by which training ops."""

    name: str
    shape: str
    mark: Mark = "kept"
    by: tuple[int, ...] = ()  # numbers of training ops, where the picture has several
    is_restored: bool = False
    is_said: bool = True  # whether the mark has its word beside its sign


@dataclass
class Box:
    """A box: ``name`` in bold, ``text`` below it; one of variables has ``rows``. What is not run is drawn faded."""

    id: str
    kind: Kind
    name: str = ""
    text: str = ""
    rows: tuple[Row, ...] = ()
    scope: tuple[str, ...] = ()
    is_run: bool = True
    number: int = 0  # of a training op, where the picture has several
    ops: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Arrow:
    """From a box to another, ``label`` beside it; thin where it carries a variable; cut where it is not run."""

    source: str
    target: str
    label: str = ""
    kind: Literal["data", "variable", "penalty", "transposed", "minimized", "waits"] = "data"
    is_run: bool = True


@dataclass
class Scene:
    """All that a picture holds; ``notes`` are sentences under the title, ``beside`` pairs of boxes of one height."""

    title: str
    boxes: list[Box]
    arrows: list[Arrow]
    beside: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    description: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture as a file: ``svg``, whole; its ``title``; ``description`` says in words what is to be seen."""

    svg: str
    title: str
    description: str
