"""--set NAME=VALUE: a value of a script's, replaced where the script gives it. Python 3.7; imports nothing of ours.

In this order, the first that has NAME: assignments at top level; flags (``tf.flags.DEFINE_integer``, argparse); keyword
arguments and defaults of parameters; keys of dicts; attributes of classes; assignments in functions. Of the last four
only constants are replaced. All that is of one kind is.
"""

import ast


class SettingError(ValueError):
    """``name`` is not a value of the script's, which has ``names``; or ``value`` is no Python (then names is None)."""

    def __init__(self, name, value, names):
        super().__init__(name)
        self.name, self.value, self.names = name, value, names


def apply_settings(tree, settings):
    """Replace in the syntax ``tree`` what ``settings``, [name, value] as text, say; return the tree.

    Raises:
      SettingError: there is no such name, or its value cannot be read.
    """
    places = list_places(tree)
    for name, value in settings:
        found = next((group[name] for group in places if name in group), None)
        if found is None:
            raise SettingError(name, value, sorted({key for group in places for key in group}))
        for holder, field, index in found:
            _replace(name, value, holder, field, index)
    return ast.fix_missing_locations(tree)


def list_places(tree):
    """Return, for each kind, {name: [(node, field, index or None), …]}: where the values stand."""
    top, flags, keywords, keys, classes, local = [{} for _ in range(6)]
    _add_assignments(tree.body, top, "", False)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _add_flag(node, flags)
            for keyword in node.keywords:
                if keyword.arg and _is_constant(keyword.value):
                    _add(keywords, keyword.arg, keyword, "value")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            _add_defaults(node.args, keywords)
            _add_assignments(node.body, local, "", True)
        elif isinstance(node, ast.Dict):
            for index, (key, value) in enumerate(zip(node.keys, node.values)):
                if _get_text(key) is not None and _is_constant(value):
                    _add(keys, _get_text(key), node, "values", index)
        elif isinstance(node, ast.ClassDef):
            _add_assignments(node.body, classes, "", True)
            _add_assignments(node.body, classes, node.name + ".", True)
    return [top, flags, keywords, keys, classes, local]


def _add(group, name, holder, field, index=None):
    group.setdefault(name, []).append((holder, field, index))


def _add_assignments(body, group, prefix, only_constants):
    """Add the assignments of ``body``, of its branches and loops, too, not of functions and classes."""
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _add_target(target, node, group, prefix, only_constants)
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            if not only_constants or _is_constant(node.value):
                _add(group, prefix + node.target.id, node, "value")
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field in ("body", "orelse", "finalbody"):
                _add_assignments(getattr(node, field, []), group, prefix, only_constants)
            for handler in getattr(node, "handlers", []):
                _add_assignments(handler.body, group, prefix, only_constants)


def _add_target(target, node, group, prefix, only_constants):
    if isinstance(target, ast.Name) and (not only_constants or _is_constant(node.value)):
        _add(group, prefix + target.id, node, "value")
    if not (isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)):
        return
    if len(target.elts) == len(node.value.elts):
        for index, (name, value) in enumerate(zip(target.elts, node.value.elts)):
            if isinstance(name, ast.Name) and (not only_constants or _is_constant(value)):
                _add(group, prefix + name.id, node.value, "elts", index)


def _add_flag(call, group):
    function = getattr(call.func, "attr", getattr(call.func, "id", ""))
    name = _get_text(call.args[0]) if call.args else None
    if function.startswith("DEFINE_"):
        name = name or next((_get_text(keyword.value) for keyword in call.keywords if keyword.arg == "name"), None)
        if name and len(call.args) > 1:
            _add(group, name, call, "args", 1)
    elif function != "add_argument" or not call.args:
        return
    names = [name] if function.startswith("DEFINE_") else [_get_text(one) for one in call.args]
    for name in filter(None, names):
        name = name.lstrip("-").replace("-", "_")
        for keyword in call.keywords:
            if keyword.arg in ("default", "default_value"):
                _add(group, name, keyword, "value")


def _add_defaults(arguments, group):
    positional = getattr(arguments, "posonlyargs", []) + arguments.args
    first = len(positional) - len(arguments.defaults)
    for index, value in enumerate(arguments.defaults):
        if _is_constant(value):
            _add(group, positional[first + index].arg, arguments, "defaults", index)
    for index, (argument, value) in enumerate(zip(arguments.kwonlyargs, arguments.kw_defaults)):
        if value is not None and _is_constant(value):
            _add(group, argument.arg, arguments, "kw_defaults", index)


def _is_constant(node):
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _get_text(node):
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, AttributeError):
        return None
    return value if isinstance(value, str) else None


def _replace(name, value, holder, field, index):
    before = getattr(holder, field) if index is None else getattr(holder, field)[index]
    after = _parse(name, value, _get_text(before) is not None)
    for node in ast.walk(after):
        if hasattr(node, "lineno"):
            ast.copy_location(node, before)
    if index is None:
        setattr(holder, field, after)
    else:
        getattr(holder, field)[index] = after


def _parse(name, value, is_text):
    """Return the expression that ``value`` is; in the place of a text, whatever is not quoted is text, too."""
    try:
        node = ast.parse(value.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        node = None
    if is_text and (node is None or _get_text(node) is None):
        return ast.parse(repr(value), mode="eval").body
    if node is None:
        raise SettingError(name, value, None)
    return node
