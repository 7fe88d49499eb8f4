"""A graph as data, read from a MetaGraphDef alone: no op has to be registered, no device to be there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.files import open_regular
from ref.fidelity.record.kinds import VARIABLES

Shape = tuple[int | None, ...] | None  # None: of unknown rank, or unknown number
MAX_BYTES = 2**31  # of a protocol buffer


@dataclass(frozen=True)
class Op:
    """An op: its ``inputs`` as (name of an op, number of its output), those it only waits for, its outputs' shapes."""

    name: str
    type: str
    inputs: tuple[tuple[str, int], ...]
    controls: tuple[str, ...]
    shapes: tuple[Shape, ...]
    attributes: Mapping = field(repr=False, hash=False, compare=False)

    @property
    def scope(self) -> tuple[str, ...]:
        return tuple(self.name.split("/")[:-1])

    def get_shape(self, output: int = 0) -> Shape:
        return self.shapes[output] if output < len(self.shapes) else None


@dataclass
class Graph:
    """Ops by name, in their order, and what else is known of them.

    ``names`` are a person's own, of tensors ("MatMul:0") and of ops that give none; ``trainable`` are variables' ops.
    """

    ops: dict[str, Op]
    trainable: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def consumers(self) -> dict[str, list[Op]]:
        """The ops that take an output of each op, in the graph's order."""
        found = {name: [] for name in self.ops}
        for op in self.ops.values():
            for name in dict.fromkeys(name for name, _ in op.inputs):
                found[name].append(op)
        return found

    def get_name(self, op: str) -> str | None:
        """Return a person's own name of an op or its first output, if there is one."""
        return self.names.get(f"{op}:0") or self.names.get(op)

    def find_needed(self, ops, fed=frozenset(), waits: bool = True) -> set[str]:
        """Return the ops that are run for ``ops`` where those ``fed`` are given; without ``waits``, by their data."""
        todo, needed = list(ops), set()
        while todo:
            name = todo.pop()
            if name not in needed and name not in fed:
                needed.add(name)
                op = self.ops[name]
                todo += [source for source, _ in op.inputs]
                todo += op.controls if waits else ()
        return needed


def read_graph(meta, names: Mapping[str, str] | None = None) -> Graph:
    """Return the Graph of a MetaGraphDef, shapes as its ``_output_shapes`` say.

    Raises:
      ValueError: an op takes what is not there.
    """
    ops = {}
    for node in meta.graph_def.node:
        inputs = [text for text in node.input if not text.startswith("^")]
        ops[node.name] = Op(
            node.name,
            node.op,
            tuple(map(_split_tensor, inputs)),
            tuple(text[1:] for text in node.input if text.startswith("^")),
            tuple(map(read_shape, node.attr["_output_shapes"].list.shape)) if "_output_shapes" in node.attr else (),
            node.attr,
        )
    for op in ops.values():
        for name in (*(name for name, _ in op.inputs), *op.controls):
            if name not in ops:
                raise ValueError(f"{op.name} takes {name}, which is not in it")
    return Graph(ops, frozenset(_list_trainable(meta)), dict(names or {}))


def read_meta(path: Path) -> Graph:
    """Return the Graph of a ``.meta`` file, as a Saver writes it beside a checkpoint.

    Raises:
      BadInputError: there is none, or it is no such file, or not a whole one.
    """
    from google.protobuf.message import DecodeError

    from ref.common.cli import import_port

    meta_graph_pb2 = import_port("tensorflow.core.protobuf.meta_graph_pb2")
    remedy = "expected the .meta file that a Saver writes beside a checkpoint; name that one"
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such file, {remedy}") from error
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}), {remedy}") from error
    try:
        meta = meta_graph_pb2.MetaGraphDef.FromString(content)
        if not meta.graph_def.node:
            raise ValueError("it holds no op")
        return read_graph(meta)
    except DecodeError as error:
        raise BadInputError(f"{path}: no MetaGraphDef, or not a whole one, {remedy}") from error
    except ValueError as error:
        raise BadInputError(f"{path}: no whole graph, {error}; {remedy}") from error


def _split_tensor(text: str) -> tuple[str, int]:
    name, colon, number = text.rpartition(":")
    return (name, int(number)) if colon and number.isdigit() else (text, 0)


def read_shape(shape) -> Shape:
    """Return a TensorShapeProto as a Shape."""
    return None if shape.unknown_rank else tuple(dim.size if dim.size >= 0 else None for dim in shape.dim)


def _list_trainable(meta) -> list[str]:
    """Return the ops of the variables that the graph's collection calls trainable; of all, where it has none."""
    from tensorflow.core.framework.variable_pb2 import VariableDef

    collection = meta.collection_def.get("trainable_variables")
    if collection is None:
        return [node.name for node in meta.graph_def.node if node.op in VARIABLES]
    values = [VariableDef.FromString(value).variable_name for value in collection.bytes_list.value]
    return [re.sub(r":[0-9]+$", "", name) for name in values]
