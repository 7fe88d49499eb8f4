"""A record as the ladder reads it: events by kind, arrays, source lines."""

import ast
import functools
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ref.fidelity.record.store import Store


@dataclass
class Loaded:
    """A recorded run.

    Args:
      directory: what ref/fidelity/record/recording.py wrote.
      role: what it is called on the screen: original, port, migration.
      sources: text of each file that made ops, by the name that places have.
      settings: hyper-parameters, seed and the like by name.
      lines: what it printed.
    """

    directory: Path
    role: str
    sources: dict[str, str]
    settings: dict[str, object]
    lines: list[str] = field(default_factory=list)

    @cached_property
    def record(self) -> dict:
        return json.loads((self.directory / "record.json").read_text(encoding="utf-8"))

    @cached_property
    def store(self) -> Store:
        return Store(str(self.directory / "arrays"))

    def get(self, key: str) -> np.ndarray | None:
        return self.store.get(key)

    def graph(self, number: int) -> dict:
        return self.record["graphs"][number]

    def list_events(self, kind: str) -> list[dict]:
        return [event for event in self.record["events"] if event["kind"] == kind]

    def list_steps(self) -> dict[str, list[dict]]:
        """Return the steps of each training op, in the order of their first uses."""
        found: dict[str, list[dict]] = {}
        for event in self.list_events("step"):
            found.setdefault(event["op"], []).append(event)
        return found

    def get_initial(self, number: int) -> dict[str, str]:
        """Return the hashes of all variables of a graph as they were first seen, initialized."""
        for event in self.record["events"]:
            state = event.get("after") if event["kind"] == "op" else event.get("before")
            if event["graph"] == number and state:
                return state
        return {}

    def find_op(self, number: int, tensor: str) -> dict:
        name = tensor.partition(":")[0]
        return next(
            (op for op in self.graph(number)["ops"] if op["name"] == name), {"name": name, "type": "?", "where": None}
        )

    def find_variable(self, number: int, name: str) -> dict | None:
        return next((one for one in self.graph(number)["variables"] if one["name"] == name), None)

    def read_line(self, where: list | None) -> str:
        """Return the text of the source line [file, number], or nothing where the text is not known."""
        if not where:
            return ""
        if where[0] not in self.sources:
            path = Path(where[0])
            self.sources[where[0]] = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        lines = self.sources[where[0]].splitlines()
        return lines[where[1] - 1].strip() if 0 < where[1] <= len(lines) else ""

    def name_of(self, op: dict) -> str:
        """Return the name that the script gave to what the op's statement computes, else the op's own."""
        where = op.get("where")
        if not where:
            return op["name"]
        self.read_line(where)
        return name_assigned(self.sources[where[0]], where[1]) or op["name"]


@functools.lru_cache(maxsize=4096)
def name_assigned(text: str, number: int) -> str | None:
    """Return the name that the statement on line ``number`` assigns to, or the function that it returns from."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    found = None
    for node in ast.walk(tree):  # from the outside inwards
        if isinstance(node, ast.FunctionDef) and node.lineno <= number <= node.end_lineno:
            function = node.name
        if isinstance(node, ast.stmt) and node.lineno <= number <= node.end_lineno:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found = node.targets[0].id
            elif isinstance(node, ast.Return):
                found = function
    return found


def read_settings(text: str) -> dict[str, object]:
    """Return the literals that a script assigns at its top level, by name: numbers, text, lists of these."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = normalize(ast.literal_eval(node.value))
            except ValueError:
                value = evaluate(node.value, found)
                if value is not None:
                    found[node.targets[0].id] = value
    return found


def evaluate(node: ast.expr, known: dict[str, object]) -> object | None:
    """Return the number that a sum, product or other name of known numbers comes to; None where it is more."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    plain = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Constant, ast.Name, ast.Load)
    if not names <= known.keys() or not all(isinstance(one, plain) for one in ast.walk(node)):
        return None
    return compute(node, known)


def compute(node: ast.expr, known: dict[str, object]):
    operators = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power}
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return known[name] if isinstance(known[name], (int, float)) else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = compute(operand, known)
            return None if value is None else -value
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in operators:
            values = compute(left, known), compute(right, known)
            return None if None in values else operators[type(operator)](*values).item()
    return None


def normalize(value):
    """Return tuples as lists, as JSON does."""
    return [normalize(one) for one in value] if isinstance(value, (list, tuple)) else value
