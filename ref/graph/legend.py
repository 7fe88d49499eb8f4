"""The legend: a sample of every kind that a picture holds, with its word."""

from collections.abc import Callable
from typing import get_args

from ref.graph.measure import LINE, MARK, measure
from ref.graph.picture import Kind, Scene
from ref.graph.shapes import draw_shape, draw_sign, number

SAMPLE = 30  # wide
GAP = 22


class Legend:
    """The legend of a scene in lines that are ``width`` wide."""

    def __init__(self, scene: Scene, say: Callable[..., str], width: float):
        self._places, x, y = [], 0.0, 0.0
        for draw, word in _list_entries(scene, say):
            needed = SAMPLE + 7 + measure(word)
            if x and x + needed > width:
                x, y = 0.0, y + LINE + 6
            self._places.append((x, y, draw, word))
            x += needed + GAP
        self.height = y + LINE + 4

    def write(self) -> list[str]:
        return [
            f'{draw(x, y)}<text x="{number(x + SAMPLE + 7)}" y="{number(y + 12)}">{word}</text>'
            for x, y, draw, word in self._places
        ]


def _list_entries(scene: Scene, say: Callable[..., str]) -> list[tuple[Callable[[float, float], str], str]]:
    kinds = {box.kind for box in scene.boxes if box.is_run}
    rows = [row for box in scene.boxes for row in box.rows]
    entries = [(_draw_box(kind), say(kind)) for kind in get_args(Kind) if kind in kinds]
    for mark in ("moved", "frozen"):
        if any(row.mark == mark for row in rows):
            is_numbered = mark == "moved" and any(row.by for row in rows)
            entries.append((_draw_mark(mark), say("moved_by" if is_numbered else mark)))
    if any(row.is_restored for row in rows):
        entries.append((_draw_mark("restored"), say("restored")))
    for kind, key in (("data", "data"), ("variable", "variable_arrow"), ("transposed", "transposed"),
                      ("minimized", "minimized"), ("waits", "waits")):  # fmt: skip
        if any(arrow.kind == kind and arrow.is_run for arrow in scene.arrows):
            entries.append((_draw_line(kind), say(key)))
    if any(not one.is_run for one in (*scene.boxes, *scene.arrows)):
        entries.append((_draw_not_run, say("not_run")))
    return entries


def _draw_box(kind: str) -> Callable[[float, float], str]:
    def draw(x: float, y: float) -> str:
        sign = draw_sign(kind, x + 9.5, y + 2) if kind in ("noise", "dropout", "training", "fed") else ""
        return f'<g class="{kind}">{draw_shape(kind, x, y, SAMPLE, 15)}{sign}</g>'

    return draw


def _draw_mark(mark: str) -> Callable[[float, float], str]:
    def draw(x: float, y: float) -> str:
        row = f'<rect class="row" x="{number(x)}" y="{number(y)}" width="{SAMPLE}" height="15"/>'
        return f'<g class="{mark}">{row}{draw_sign(mark, x + (SAMPLE - MARK) / 2 + 2, y + 2)}</g>'

    return draw


def _draw_line(kind: str) -> Callable[[float, float], str]:
    def draw(x: float, y: float) -> str:
        line = f'<path class="line" d="M{number(x)} {number(y + 7.5)}H{number(x + SAMPLE - 7)}"/>'
        end = x + SAMPLE
        tip = f"M{number(end - 7)} {number(y + 4)}L{number(end)} {number(y + 7.5)}L{number(end - 7)} {number(y + 11)}Z"
        return f'<g class="by-{kind}">{line}<path class="tip" d="{tip}"/></g>'

    return draw


def _draw_not_run(x: float, y: float) -> str:
    return f'<g class="layer is-not-run">{draw_shape("layer", x, y, SAMPLE, 15)}</g>'
