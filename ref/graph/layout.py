"""Where boxes and arrows lie: Graphviz' dot, which is given every size, so that no font of this machine is measured."""

import importlib
import re
from dataclasses import dataclass, field
from types import ModuleType

from ref.common.errors import BadInputError
from ref.graph.picture import Scene

Point = tuple[float, float]
Sizes = dict[str, tuple[float, float]]
LABEL_HEIGHT = 15
EMPTY = (
    '<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" FIXEDSIZE="TRUE" WIDTH="{w}" HEIGHT="{h}"><TR>'
    '<TD FIXEDSIZE="TRUE" WIDTH="{w}" HEIGHT="{h}"></TD></TR></TABLE>>'
)


@dataclass
class Layout:
    """Places in units of a pixel, from the top left: boxes by their corner, an arrow's curve, its tip, its label."""

    width: float
    height: float
    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)  # x, y, width, height
    curves: list[list[Point]] = field(default_factory=list)  # of each arrow: Bézier points, then the tip
    labels: list[Point | None] = field(default_factory=list)  # of each arrow: the middle of its label
    frames: list[tuple[tuple[str, ...], float, float, float, float]] = field(default_factory=list)


def lay_out(
    scene: Scene, sizes: Sizes, label_widths: list[float], frame_widths: dict, is_beside: bool = True
) -> Layout:
    """Return where all lies; ``sizes`` of boxes, widths of arrows' labels and of frames' names are given.

    Raises:
      BadInputError: Graphviz is not installed.
    """
    pygraphviz = import_graphviz()
    drawn = pygraphviz.AGraph(directed=True, strict=False, rankdir="BT", nodesep="0.16", ranksep="0.28")
    drawn.node_attr.update(shape="box", fixedsize="true", label="")
    drawn.edge_attr.update(arrowsize="0.7")
    frames = find_frames(scene)
    subgraphs = {(): drawn}
    for number, scope in enumerate(frames):
        parent = subgraphs[max((one for one in subgraphs if scope[: len(one)] == one), key=len)]
        label = EMPTY.format(w=round(frame_widths[scope]), h=LABEL_HEIGHT)
        subgraphs[scope] = parent.add_subgraph(
            [], name=f"cluster_{number}", label=label, margin="8", labelloc="b", labeljust="l"
        )
    for box in scene.boxes:
        width, height = sizes[box.id]
        scope = max((one for one in subgraphs if box.scope[: len(one)] == one), key=len)
        subgraphs[scope].add_node(box.id, width=f"{width / 72:.6f}", height=f"{height / 72:.6f}")
    for variables, layer in scene.beside if is_beside else ():
        scope = next(box.scope for box in scene.boxes if box.id == layer)
        parent = subgraphs[max((one for one in subgraphs if scope[: len(one)] == one), key=len)]
        parent.add_subgraph([variables, layer], rank="same")
    for number, arrow in enumerate(scene.arrows):
        attributes = {"weight": {"data": "4", "minimized": "3"}.get(arrow.kind, "1")}
        if arrow.label:
            attributes["label"] = EMPTY.format(w=round(label_widths[number]), h=LABEL_HEIGHT)
        drawn.add_edge(arrow.source, arrow.target, key=str(number), **attributes)
    drawn.layout("dot")
    return _read_layout(drawn, scene, sizes, frames)


def import_graphviz() -> ModuleType:
    """Return the layout library.

    Raises:
      BadInputError: it is not installed.
    """
    try:
        return importlib.import_module("pygraphviz")
    except ImportError as error:
        raise BadInputError(
            f"pygraphviz: cannot be imported ({error}), expected it for pictures of graphs; 'make graph' installs it, "
            "as does 'pip install -r requirements-pages.txt'"
        ) from error


def find_frames(scene: Scene) -> list[tuple[str, ...]]:
    """Return the scopes that hold two boxes or more and are not the same as one within, outer ones first."""
    held = {}
    for box in scene.boxes:
        for depth in range(1, len(box.scope) + 1):
            held.setdefault(box.scope[:depth], []).append(box.id)
    kept = {}
    for scope in sorted(held, key=len):
        if len(held[scope]) > 1 and len(held[scope]) < len(scene.boxes):
            kept[scope] = held[scope]
    return [
        scope
        for scope, boxes in kept.items()
        if not any(len(other) > len(scope) and other[: len(scope)] == scope and kept[other] == boxes for other in kept)
    ]


def _read_layout(drawn, scene: Scene, sizes: Sizes, frames) -> Layout:
    left, bottom, right, top = _numbers(drawn.graph_attr["bb"])

    def place(x: float, y: float) -> Point:
        return x - left, top - y

    layout = Layout(right - left, top - bottom)
    for box in scene.boxes:
        x, y = place(*_numbers(drawn.get_node(box.id).attr["pos"]))
        width, height = sizes[box.id]
        layout.boxes[box.id] = (x - width / 2, y - height / 2, width, height)
    for number, arrow in enumerate(scene.arrows):
        edge = drawn.get_edge(arrow.source, arrow.target, str(number))
        points = [tuple(_numbers(part)) for part in re.sub(r"[es],", "", edge.attr["pos"]).split()]
        tip, *curve = [place(*point) for point in points]
        layout.curves.append([*curve, tip])
        label = edge.attr["lp"]
        layout.labels.append(place(*_numbers(label)) if label else None)
    for number, scope in enumerate(frames):
        x1, y1, x2, y2 = _numbers(_find_cluster(drawn, f"cluster_{number}").graph_attr["bb"])
        (x, y), (end_x, end_y) = place(x1, y2), place(x2, y1)
        layout.frames.append((scope, x, y, end_x - x, end_y - y))
    return layout


def _find_cluster(graph, name: str):
    for one in graph.subgraphs():
        if one.name == name:
            return one
        if found := _find_cluster(one, name):
            return found
    return None


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]
