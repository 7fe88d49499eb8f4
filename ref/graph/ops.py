"""Every op of a graph as a scene: a box each, scopes framed, tensors as arrows, what is waited for dotted."""

from ref.graph.picture import Arrow, Box, Kind, Scene
from ref.graph.read import Graph, Op
from ref.graph.roles import TrainingOp, find_training, is_input, is_random, is_variable
from ref.graph.scene import write_shape
from ref.graph.words import Language, say

MOST = 4000  # ops; Graphviz takes minutes for more


def make_ops_scene(graph: Graph, title: str, language: Language, phase: int | None = None) -> Scene:
    """Return all ops of a graph, or those that its training op number ``phase``, from 1, needs."""
    training = find_training(graph)
    names = list(graph.ops)
    if phase is not None:
        names = [name for name in names if name in training[phase - 1].needed]
    kept = set(names[:MOST])
    numbers = {name: f"n{number}" for number, name in enumerate(names[:MOST])}
    boxes = [_make_box(graph.ops[name], numbers[name], training) for name in names[:MOST]]
    arrows = []
    for name in names[:MOST]:
        op = graph.ops[name]
        for source, output in dict.fromkeys(op.inputs):
            if source in kept:
                label = write_shape(graph.ops[source].get_shape(output))
                arrows.append(Arrow(numbers[source], numbers[name], label))
        arrows += [Arrow(numbers[source], numbers[name], "", "waits") for source in op.controls if source in kept]
    scene = Scene(say(language, "every_op", title=title), boxes, arrows)
    if len(names) > MOST:
        scene.notes.append(say(language, "left_out", count=len(names) - MOST, all=len(names)))
    scene.description = " ".join([say(language, "counts", ops=len(names), arrows=len(arrows)), *scene.notes])
    return scene


def _make_box(op: Op, identity: str, training: list[TrainingOp]) -> Box:
    losses = {loss for one in training for loss in one.losses}
    kind: Kind = "op"
    if is_variable(op):
        kind = "variable"
    elif is_input(op):
        kind = "input"
    elif any(one.op == op.name for one in training):
        kind = "training"
    elif op.name in losses:
        kind = "loss"
    elif is_random(op):
        kind = "noise"
    return Box(identity, kind, op.name.rpartition("/")[2], op.type, scope=op.scope)
