"""Where a name that a script defines is next used: of variables, parameters, functions and imports."""

import ast
from typing import NamedTuple


class Place(NamedTuple):
    """A name in a source: its line, from 1, the column where it begins, from 0, and itself."""

    line: int
    column: int
    name: str


def link_names(source: str) -> dict[Place, int]:
    """Return, for each name where it is defined, the line where it is next used; names that are not used are left out.

    A use is a name that is read in the same function, or in any where it was defined outside of functions; of what
    ``build`` defines, ``g.NAME`` is one, too, ``g`` being what ``build`` returned.
    """
    tree = ast.parse(source)
    scopes = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))]
    found = {}
    for scope in scopes:
        uses = list_uses(scope)
        if getattr(scope, "name", "") == "build":
            uses += list_attributes(tree, "g")
        for place in list_definitions(scope, source):
            later = [use for use in uses if use.name == place.name and use.line > place.line]
            if later:
                found[place] = min(later).line
    return found


def list_definitions(scope: ast.AST, source: str) -> list[Place]:
    """Return the names that ``scope`` itself defines, its functions' inner names not among them."""
    lines = source.splitlines()
    found = []
    for node in walk_scope(scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(Place(node.lineno, node.col_offset, node.id))
        elif isinstance(node, ast.arg):
            found.append(Place(node.lineno, node.col_offset, node.arg))
        elif isinstance(node, ast.FunctionDef) and node is not scope:
            found.append(Place(node.lineno, lines[node.lineno - 1].index(node.name, node.col_offset), node.name))
        elif isinstance(node, ast.alias):
            name = node.asname or node.name
            found.append(Place(node.lineno, lines[node.lineno - 1].rindex(name, 0, node.end_col_offset), name))
    return found


def list_uses(scope: ast.AST) -> list[Place]:
    """Return the names that are read in ``scope``, its functions included."""
    return [
        Place(node.lineno, node.col_offset, node.id)
        for node in ast.walk(scope)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]


def list_attributes(tree: ast.AST, owner: str) -> list[Place]:
    """Return the attributes of ``owner`` that are read: ``g.X`` is a use of ``X``."""
    return [
        Place(node.lineno, node.end_col_offset - len(node.attr), node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner
    ]


def walk_scope(scope: ast.AST):
    """Walk over ``scope`` without what is inside of its functions; these and their parameters are of theirs."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            todo.extend(ast.iter_child_nodes(node))
