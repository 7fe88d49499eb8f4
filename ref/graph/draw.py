"""Pictures of the chapter's graphs, drawn from what build() builds: draw_port."""

from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType

from ref.chapter import BY_NAME, SCRIPTS, Script
from ref.common.errors import BadInputError
from ref.graph.layout import find_frames, import_graphviz, lay_out
from ref.graph.measure import measure, measure_box
from ref.graph.ops import make_ops_scene
from ref.graph.picture import Arrow, Picture, Scene
from ref.graph.read import Graph, read_graph
from ref.graph.roles import find_training
from ref.graph.scene import Use, make_scene
from ref.graph.svg import MARGIN, write_svg
from ref.graph.words import Language, say

WIDEST = 1000  # of an overview, in units of a pixel: what is drawn as wide as that is read as it is


@dataclass(frozen=True)
class Way:
    """A way to lay a scene out: where text is wrapped, whether variables lie beside their layer, what has its shape."""

    wrap_at: float
    is_beside: bool = True
    has_all_shapes: bool = True
    has_penalties: bool = True  # arrows from variables to regularization losses, whose formulas name them

    def choose(self, arrows: list[Arrow]) -> list[Arrow]:
        """Return the arrows that are drawn; of those from one box, the first alone has its shape, unless all have."""
        if not self.has_penalties:
            arrows = [arrow for arrow in arrows if arrow.kind != "penalty"]
        if self.has_all_shapes:
            return arrows
        seen, found = set(), []
        for arrow in arrows:
            is_again = arrow.kind == "data" and arrow.source in seen
            seen |= {arrow.source} if arrow.kind == "data" else set()
            found.append(replace(arrow, label="") if is_again else arrow)
        return found


WAYS = tuple(
    Way(wrap_at, is_beside, has_all_shapes, has_penalties)
    for is_beside in (True, False)
    for has_all_shapes, has_penalties in ((True, True), (True, False), (False, False))
    for wrap_at in (280, 230, 190, 160)
)
# What the ports' session loops do that their graphs do not say; tests hold it against runs that are watched.
PRETRAINED = ("weights1", "weights2", "biases1", "biases2")
ALL = tuple(f"{kind}{layer}" for layer in range(1, 5) for kind in ("weights", "biases"))
USES = {
    "autoencoder_5": Use(restored=PRETRAINED),
    "autoencoder_8": Use(fed=(("phase2_training_op", ("hidden1",)),)),
    "autoencoder_9": Use(restored=ALL, evaluates=("outputs",), shows=("outputs",)),
    "autoencoder_10": Use(restored=ALL, evaluates=("weights1",), shows=("outputs",)),
}
BUILDS = {"autoencoder_6": ({"n_inputs": 784, "n_neurons": 300}, {"n_inputs": 300, "n_neurons": 150})}
EVERY_OP = (Way(220, is_beside=False),)


def draw_port(name: str, phase: int | None = None, language: Language = "en", prefix: str = "") -> list[Picture]:
    """Return a picture of each graph of a script, ``autoencoder_7`` say, or of its ``phase``, counted from 1.

    What is not needed for the phase's training op is left out. ``prefix`` begins every id in the SVG, so that several
    pictures may stand in one page. The process is left as it was.

    Raises:
      BadInputError: there is no such script, phase or language, or Graphviz is not installed.
    """
    if name not in BY_NAME:
        expected = f"expected {SCRIPTS[0].name} to {SCRIPTS[-1].name}"
        raise BadInputError(f"graph {name}: unknown script, {expected}; see python -m ref list")
    import_graphviz()
    graphs, use = read_port(BY_NAME[name]), USES.get(name, Use())
    return [
        draw_graph(graph, use, name, language, prefix, phase, number, len(graphs))
        for number, graph in enumerate(graphs, 1)
    ]


def read_port(script: Script) -> list[Graph]:
    """Return the graphs of a port, as build() builds them, with the book's names."""
    from ref.common.cli import import_port

    port = import_port(script.module, takes_gpu=False)
    return [_build(port, keywords) for keywords in BUILDS.get(script.name, ({},))]


def _build(port: ModuleType, keywords: dict) -> Graph:
    import tensorflow.compat.v1 as tf

    from ref.common.session import new_graph
    from ref.fidelity.record.built import name_tensors

    with new_graph(seed=42) as graph:
        built = port.build(**keywords)
        meta = tf.train.export_meta_graph(graph=graph)
        return read_graph(meta, name_tensors(vars(built), graph))


def draw_graph(
    graph: Graph,
    use: Use,
    name: str,
    language: Language = "en",
    prefix: str = "",
    phase: int | None = None,
    number: int = 1,
    count: int = 1,
    ops: bool = False,
) -> Picture:
    """Return the picture of a graph of ``name``, the ``number``-th of ``count``: its layers, or with ``ops`` all ops.

    Raises:
      BadInputError: it has no such phase, or there is nothing in it to draw.
    """
    n_phases = len(find_training(graph))
    if phase is not None and phase not in range(1, n_phases + 1):
        has = f"it has {n_phases} training op{'s' * (n_phases != 1)}"
        expected = f"expected --phase 1 to {n_phases}" if n_phases > 1 else "expected none"
        raise BadInputError(f"--phase {phase}: {name} has no such phase, {has}, {expected}; leave it out")
    title = name if phase is None else say(language, "phase", name=name, phase=phase)
    if count > 1:
        title, prefix = say(language, "graph", title=title, number=number, count=count), f"{prefix}{number}-"
    if ops:
        return draw_scene(make_ops_scene(graph, title, language, phase), language, prefix, EVERY_OP)
    scene = make_scene(graph, title, language, phase, use)
    if not scene.boxes:
        raise BadInputError(
            f"{name}: nothing in its graph is computed from a placeholder or a variable, expected one that computes "
            "something; --ops draws what there is"
        )
    return draw_scene(scene, language, prefix)


def draw_scene(scene: Scene, language: Language, prefix: str, ways: tuple[Way, ...] = WAYS) -> Picture:
    """Return the scene, laid out in the first way that is no wider than ``WIDEST``, or the narrowest."""
    speak = partial(say, language)
    frames = {scope: measure("/".join(scope)) + 8 for scope in find_frames(scene)}
    tried, arrows = [], scene.arrows
    for way in ways:
        scene.arrows = way.choose(arrows)
        labels = [measure(arrow.label) + 10 if arrow.label else 0 for arrow in scene.arrows]
        sizes = {box.id: measure_box(box, way.wrap_at, speak) for box in scene.boxes}
        layout = lay_out(scene, sizes, labels, frames, is_beside=way.is_beside)
        tried.append((layout, way, scene.arrows))
        if layout.width + 2 * MARGIN <= WIDEST:
            break
    layout, way, scene.arrows = min(tried[::-1], key=lambda one: max(one[0].width, WIDEST - 2 * MARGIN))
    svg = write_svg(scene, layout, way.wrap_at, speak, prefix, 640)
    return Picture(svg, scene.title, scene.description)
