"""Pictures of the chapter's graphs, drawn from what build() builds: draw_port."""

from functools import partial
from types import ModuleType

from ref.chapter import BY_NAME, Script
from ref.common.errors import BadInputError
from ref.graph.layout import find_frames, lay_out
from ref.graph.measure import measure, measure_box
from ref.graph.picture import Picture, Scene
from ref.graph.read import Graph, read_graph
from ref.graph.roles import find_training
from ref.graph.scene import Use, make_scene
from ref.graph.svg import MARGIN, write_svg
from ref.graph.words import Language, say

WIDEST = 1000  # of an overview, in units of a pixel: what is drawn as wide as that is read as it is
WRAPS = (280.0, 230.0, 190.0, 160.0)  # widths of a box's text, until the picture is no wider
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


def draw_port(name: str, phase: int | None = None, language: Language = "en", prefix: str = "") -> list[Picture]:
    """Return a picture of each graph of a script of the chapter, ``autoencoder_7`` say; of one ``phase``, counted from 1.

    What is not needed for the phase's training op is left out. ``prefix`` begins every id in the SVG, so that several
    pictures may stand in one page. The process is left as it was.

    Raises:
      BadInputError: there is no such script, phase or language, or Graphviz is not installed.
    """
    if name not in BY_NAME:
        raise BadInputError(
            f"graph {name}: unknown script, expected autoencoder_1 to autoencoder_16; see python -m ref list"
        )
    script = BY_NAME[name]
    graphs = read_port(script)
    pictures = []
    for number, graph in enumerate(graphs, 1):
        own_prefix = f"{prefix}{number}-" if len(graphs) > 1 else prefix
        title = write_title(name, language, phase, number, len(graphs))
        pictures.append(draw_overview(graph, title, language, phase, USES.get(name, Use()), own_prefix))
    return pictures


def read_port(script: Script) -> list[Graph]:
    """Return the graphs of a port, as build() builds them, with the book's names."""
    from ref.common.cli import import_port

    port = import_port(script.module, takes_gpu=False)
    return [_build(port, keywords) for keywords in BUILDS.get(script.name, ({},))]


def _build(port: ModuleType, keywords: dict) -> Graph:
    import tensorflow.compat.v1 as tf

    from ref.common.session import new_graph

    with new_graph(seed=42) as graph:
        built = port.build(**keywords)
        meta = tf.train.export_meta_graph(graph=graph)
    return read_graph(meta, name_tensors(vars(built)))


def name_tensors(values: dict) -> dict[str, str]:
    """Return {tensor or op: the name it was given first} of the graph elements among ``values``, and of lists of such."""
    import tensorflow.compat.v1 as tf

    names = {}
    for name, value in values.items():
        for one, called in [(value, name)] if not isinstance(value, list) else []:
            if isinstance(one, tf.Variable):
                names.setdefault(one.op.name, called)
            elif isinstance(one, (tf.Tensor, tf.Operation)):
                names.setdefault(one.name, called)
    return names


def write_title(name: str, language: Language, phase: int | None, number: int = 1, count: int = 1) -> str:
    """Return what a picture is called."""
    title = name if phase is None else say(language, "phase", name=name, phase=phase)
    return title if count == 1 else say(language, "graph", title=title, number=number, count=count)


def draw_overview(graph: Graph, title: str, language: Language, phase: int | None, use: Use, prefix: str) -> Picture:
    """Return the overview of a graph: layers, not ops.

    Raises:
      BadInputError: it has no such phase.
    """
    count = len(find_training(graph))
    if phase is not None and not 1 <= phase <= count:
        has = f"it has {count} training op{'s' * (count != 1)}"
        expected = f"expected --phase 1 to {count}" if count > 1 else "expected none"
        raise BadInputError(
            f"--phase {phase}: {title.split(' · ')[0]} has no such phase, {has}, {expected}; leave it out"
        )
    return draw_scene(make_scene(graph, title, language, phase, use), language, prefix)


def draw_scene(scene: Scene, language: Language, prefix: str) -> Picture:
    """Return the scene laid out, its boxes as wide as a picture of ``WIDEST`` lets them be."""
    speak = partial(say, language)
    labels = [measure(arrow.label) for arrow in scene.arrows]
    frames = {scope: measure("/".join(scope)) + 8 for scope in find_frames(scene)}
    for wrap_at in WRAPS:
        sizes = {box.id: measure_box(box, wrap_at, speak) for box in scene.boxes}
        layout = lay_out(scene, sizes, labels, frames)
        if layout.width + 2 * MARGIN <= WIDEST:
            break
    svg = write_svg(scene, layout, wrap_at, speak, prefix, 640)
    return Picture(svg, scene.title, scene.description)
