"""The graphs of the ports, really built: shapes of what has a name, numbers that are trained, pictures."""

import functools
import importlib

from ref.chapter import Script
from ref.common.cli import import_port


@functools.cache
def list_shapes(script: Script) -> dict[str, str]:
    """Return the shape of each tensor and variable that ``build`` gives a name: ``{"weights1": "(784, 300)"}``."""
    port = import_port(script.module, takes_gpu=False)
    import tensorflow.compat.v1 as tf

    from ref.common.session import new_graph

    with new_graph(seed=42):
        named = vars(port.build())
        return {
            name: describe_shape(value.shape)
            for name, value in named.items()
            if isinstance(value, (tf.Tensor, tf.Variable))
        }


def describe_shape(shape) -> str:
    """Return a shape as the ports' comments write it: ``(batch, 300)``, ``(300,)``, ``()``."""
    sizes = ["batch" if size is None else str(size) for size in shape.as_list()]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


@functools.cache
def count_parameters(script: Script) -> int:
    """Return how many numbers the script trains."""
    port = import_port(script.module, takes_gpu=False)
    import tensorflow.compat.v1 as tf

    from ref.common.session import new_graph

    with new_graph(seed=42):
        port.build()
        return sum(variable.shape.num_elements() for variable in tf.trainable_variables())


def draw(script: Script, language: str, prefix: str) -> list:
    """Return the pictures of the script's graph, one a phase; none where there is nothing that draws them."""
    try:
        room = importlib.import_module("ref.graph.draw")
    except ModuleNotFoundError:
        return []
    phases = (1, 2) if script.number in (7, 8) else (None,)
    return [
        picture
        for phase in phases
        for picture in room.draw_port(script.name, phase=phase, language=language, prefix=f"{prefix}{phase or ''}")
    ]
