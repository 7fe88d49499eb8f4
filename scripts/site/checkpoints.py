"""Whose checkpoint hangs on whose: drawn by Graphviz, in the page's colours."""

import re

from markupsafe import Markup

from ref.chapter import BY_NAME, SCRIPTS
from ref.pages.figures import COLORS, INK, PAGE

GRAPH = {"rankdir": "LR", "bgcolor": "transparent", "pad": "0.1", "nodesep": "0.15", "ranksep": "2.6"}
NODE = {"shape": "box", "style": "rounded,filled", "fillcolor": PAGE, "color": INK, "fontcolor": INK, "fontsize": "13"}
EDGE = {"color": INK, "fontcolor": INK, "fontsize": "11"}


def draw(language: str) -> Markup:
    """Return the scripts that need or give a checkpoint, as an inline SVG: an arrow from who writes to who restores."""
    import pygraphviz

    needing = [script for script in SCRIPTS if script.needs]
    graph = pygraphviz.AGraph(directed=True, **GRAPH)
    graph.node_attr.update(NODE)
    graph.edge_attr.update(EDGE)
    for number in sorted({one.needs for one in needing} | {one.number for one in needing}):
        graph.add_node(f"autoencoder_{number}")
    for script in needing:
        writer = BY_NAME[f"autoencoder_{script.needs}"]
        graph.add_edge(writer.name, script.name, label=writer.checkpoint)
    svg = graph.draw(format="svg", prog="dot").decode()
    svg = re.sub(r"<!--.*?-->|<title>.*?</title>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub("|".join(COLORS), lambda found: COLORS[found[0]], svg)
    svg = re.sub(r'font-family="[^"]*"', 'font-family="var(--font)"', svg).replace('id="', 'id="checkpoints-')
    size = re.search(r' width="([0-9.]+)pt" height="[0-9.]+pt"', svg)
    restores = "恢复自" if language == "zh" else "restores the checkpoint of"
    title = "; ".join(f"{one.name} {restores} autoencoder_{one.needs}" for one in needing)
    attributes = f' class="plot" role="img" aria-label="{title}" style="max-width: {float(size[1]) * 1.25:.0f}px"'
    return Markup(svg.replace(size[0], attributes, 1))
