"""The graphs of the ports, each built once: shapes of what has a name, numbers that are trained, pictures."""

import functools
import math
import re

from ref.chapter import Script
from ref.graph import draw as room
from ref.graph.picture import Picture
from ref.graph.scene import Use

read_graphs = functools.cache(room.read_port)


def list_shapes(script: Script) -> dict[str, str]:
    """Return the shape of each tensor and variable that ``build`` gives a name: ``{"weights1": "(784, 300)"}``."""
    graph = read_graphs(script)[0]
    return {
        name: describe_shape(graph.ops[op].get_shape(int(output or 0)))
        for (op, _, output), name in ((key.partition(":"), name) for key, name in graph.names.items())
        if graph.ops[op].shapes
    }


def describe_shape(shape: tuple) -> str:
    """Return a shape as the ports' comments write it: ``(batch, 300)``, ``(300,)``, ``()``."""
    sizes = ["batch" if size is None or size < 0 else str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def count_parameters(script: Script) -> int:
    """Return how many numbers the script's graphs train."""
    return sum(math.prod(graph.ops[name].get_shape()) for graph in read_graphs(script) for name in graph.trainable)


def draw(script: Script, language: str, prefix: str) -> list[Picture]:
    """Return the pictures of the script's graph: one a phase of 7 and 8, one a graph of 6."""
    phases = (1, 2) if script.number in (7, 8) else (None,)
    return [picture for phase in phases for picture in draw_phase(script, phase, language, f"{prefix}{phase or ''}")]


def draw_phase(script: Script, phase: int | None, language: str, prefix: str) -> list[Picture]:
    """Return what ``draw_port`` does, of graphs that are built already."""
    use, graphs = room.USES.get(script.name, Use()), read_graphs(script)
    return [
        room.draw_graph(graph, use, script.name, language, prefix, phase, n, len(graphs))
        for n, graph in enumerate(graphs, 1)
    ]


def find_least_width(picture: Picture) -> int:
    """Return how many pixels wide the picture has to be for its words to be read; narrower, it is to be scrolled."""
    return round(0.85 * float(re.search(r'viewBox="0 0 ([0-9.]+) ', picture.svg)[1]))
