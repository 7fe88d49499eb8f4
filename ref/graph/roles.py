"""What each op of a graph is for: what is fed, what trains, what is computed forward. From types, names and edges."""

import re
from collections import deque
from dataclasses import dataclass

from ref.fidelity.record.kinds import RANDOM_OPS, UPDATE, VARIABLES
from ref.graph.read import Graph, Op

INPUTS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "IteratorGetNext", "QueueDequeueV2",
          "QueueDequeueManyV2", "QueueDequeueUpToV2", "QueueDequeueMany", "QueueDequeue", "ReaderReadV2")  # fmt: skip
ASSIGN = re.compile(r"(Assign|Scatter)(Add|Sub|Update)?(VariableOp)?|ResourceScatter\w+|Assign(Add|Sub)?VariableOp")
READS = ("Identity", "ReadVariableOp", "Enter", "RefEnter", "Switch", "RefSwitch", "Cast")
NOT_SHOWN = re.compile(r"\w*Summary(V2)?|Save\w*|Restore\w*|NoOp|IsVariableInitialized|VarIsInitializedOp|"
                       r"Shape|Rank|Size|Const|Assert|Print\w*|ControlTrigger|ShardedFilename|"
                       r"MergeV2Checkpoints")  # fmt: skip
GRADIENT = re.compile(r"(?P<scope>(.*/)?gradients(_[0-9]+)?)/(?P<op>.*?)_grad/")
IN_GRADIENTS = re.compile(r"(.*/)?gradients(_[0-9]+)?/")
SAVER = re.compile(r"save(_[0-9]+)?/")


@dataclass(frozen=True)
class TrainingOp:
    """An op that moves variables: its name and a person's, what it moves, the loss, and how."""

    op: str
    title: str
    moved: tuple[str, ...]  # trainable variables, in the graph's order
    losses: tuple[str, ...]  # ops
    optimizer: str
    learning_rate: float | None
    needed: frozenset[str]


def is_variable(op: Op) -> bool:
    return op.type in VARIABLES


def is_input(op: Op) -> bool:
    return op.type in INPUTS


def is_random(op: Op) -> bool:
    return op.type in RANDOM_OPS or op.type.startswith("StatelessRandom")


def find_variable(graph: Graph, name: str) -> str | None:
    """Return the variable that an op is, or hands on; or None."""
    op = graph.ops[name]
    while not is_variable(op):
        if op.type not in READS or not op.inputs:
            return None
        op = graph.ops[op.inputs[0][0]]
    return op.name


def get_constant(graph: Graph, name: str):
    """Return the value of a constant of one element, or None."""
    op = graph.ops[name]
    while op.type in ("Identity", "Cast", "Enter") and op.inputs:
        op = graph.ops[op.inputs[0][0]]
    if op.type != "Const":
        return None
    from tensorflow.python.framework.tensor_util import MakeNdarray

    array = MakeNdarray(op.attributes["value"].tensor)
    return array.reshape(-1)[0].item() if array.size == 1 and array.dtype.kind in "fiub" else None


def find_training(graph: Graph) -> list[TrainingOp]:
    """Return the graph's training ops, in its order: what updates variables, and nothing else waits for."""
    awaited = {name for op in graph.ops.values() for name in (*op.controls, *(name for name, _ in op.inputs))}
    updates = [op.name for op in graph.ops.values() if UPDATE.match(op.type)]
    if not updates:
        return []
    found = []
    for name in graph.ops:
        if name in awaited and graph.names.get(name) is None:
            continue
        needed = graph.find_needed([name])
        own = [update for update in updates if update in needed]
        is_repeated = name in awaited and any(name in other.needed for other in found)
        if own and not is_repeated:
            found.append(_describe_training(graph, name, own, frozenset(needed)))
    return _drop_containing(found)


def _drop_containing(found: list[TrainingOp]) -> list[TrainingOp]:
    """Leave out what only waits for a training op that has a person's own name, and moves the same."""
    named = {one.op for one in found}
    return [one for one in found if not any(other in one.needed and other != one.op for other in named)] or found


def _describe_training(graph: Graph, name: str, updates: list[str], needed: frozenset[str]) -> TrainingOp:
    slots, moved = set(), set()
    for update in updates:
        variables = [find_variable(graph, source) for source, _ in graph.ops[update].inputs]
        moved.add(variables[0])
        slots |= set(variables[1:])
    for op in (graph.ops[one] for one in needed):
        if ASSIGN.fullmatch(op.type) and op.inputs and (target := find_variable(graph, op.inputs[0][0])):
            moved.add(target)
    moved -= slots | {None}
    first = graph.ops[updates[0]]
    how = re.sub(r"^(Resource)?(Sparse)?Apply", "", first.type)
    rates = [get_constant(graph, source) for source, _ in first.inputs if "learning_rate" in source.rpartition("/")[2]]
    return TrainingOp(
        name,
        graph.names.get(name) or graph.get_name(name) or name,
        tuple(one for one in graph.ops if one in moved),
        tuple(dict.fromkeys(filter(None, (_find_loss(graph, update) for update in updates)))),
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"V[0-9]$", "", how)),
        next((rate for rate in rates if rate is not None), None),
        needed,
    )


def _find_loss(graph: Graph, update: str) -> str | None:
    """Return the op whose gradient an update takes, from the gradient ops' names: the first is that op's own."""
    todo, seen = deque(name for name, _ in graph.ops[update].inputs), set()
    while todo:
        name = todo.popleft()
        if name in seen:
            continue
        seen.add(name)
        if match := GRADIENT.match(name):
            scope = match["scope"] + "/"
            for other in graph.ops:
                found = GRADIENT.match(other) if other.startswith(scope) else None
                if found and found["scope"] + "/" == scope and found["op"] in graph.ops:
                    return found["op"]
            return None
        todo.extend(source for source, _ in graph.ops[name].inputs)
    return None


def find_results(graph: Graph, training: list[TrainingOp]) -> list[str]:
    """Return the ops that the forward graph is computed for: losses, what has a person's name, what nothing takes."""
    losses = [loss for one in training for loss in one.losses]
    of_losses = graph.find_needed(losses, waits=False)
    found = list(losses)
    for name, op in graph.ops.items():
        if name in of_losses or NOT_SHOWN.fullmatch(op.type) or UPDATE.match(op.type) or ASSIGN.fullmatch(op.type):
            continue
        if IN_GRADIENTS.match(name) or SAVER.match(name) or is_variable(op) or find_variable(graph, name):
            continue
        if op.type in (*READS, "Merge") and not graph.get_name(name):  # a cond's leftovers
            continue
        takers = [taker for taker in graph.consumers[name] if not _is_aside(taker)]
        if (graph.get_name(name) or not takers) and _depends_on_data(graph, name):
            found.append(name)
    return list(dict.fromkeys(found))


def _is_aside(op: Op) -> bool:
    return bool(IN_GRADIENTS.match(op.name) or re.fullmatch(r"\w*Summary(V2)?|Shape", op.type))


def _depends_on_data(graph: Graph, name: str) -> bool:
    """Return whether an op computes something of what is fed or of trainable variables, and updates nothing."""
    needed = [graph.ops[one] for one in graph.find_needed([name], waits=False)]
    if any(UPDATE.match(op.type) or ASSIGN.fullmatch(op.type) or IN_GRADIENTS.match(op.name) for op in needed):
        return False
    return any(is_input(op) or op.name in graph.trainable for op in needed)
