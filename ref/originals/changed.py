"""Functions that are still there and take less than they did: what they took is given back. Python 3.7.

And NumPy 2.4's arrays of one number, which no longer stand for the number: ``"%f" % array([1.0])``, ``float(…)``,
``int(…)``. No function of NumPy's can be mended for that, so the script's expressions are, where it is compiled.
"""

import ast
import functools

CHANGED = (
    ("numpy.reshape(newshape=)", "NumPy 2.4"),
    ("numpy.array([[1], [1, 2]])", "NumPy 1.24"),
    ("numpy.array(copy=False)", "NumPy 2.0"),
    ("numpy.fromstring(bytes)", "NumPy 2.3"),
    ("numpy.sum(generator)", "NumPy 2.0"),
    ("numpy.histogram(normed=)", "NumPy 1.24"),
    ('"%f" % numpy.array([1.0])', "NumPy 2.4"),
    ("float(numpy.array([1.0]))", "NumPy 2.4"),
    ("int(numpy.array([1]))", "NumPy 2.4"),
    ("matplotlib.pyplot.hist(normed=)", "matplotlib 3.1"),
    ("matplotlib.pyplot.grid(b=)", "matplotlib 3.7"),
    ("matplotlib.figure.Figure.gca(projection=)", "matplotlib 3.6"),
    ('matplotlib.style.use("seaborn")', "matplotlib 3.8"),
    ("sklearn.manifold.TSNE(n_iter=)", "scikit-learn 1.7"),
)


def give_back():
    """Let each function take what it took."""
    import numpy as np

    _wrap(np, "reshape", _rename(newshape="shape"))
    _wrap(np, "histogram", _rename(normed="density"))
    _wrap(np, "array", _make_ragged)
    _wrap(np, "fromstring", _read_bytes)
    _wrap(np, "sum", _sum_generator)
    try:
        from sklearn.manifold import TSNE

        _wrap(TSNE, "__init__", _rename(n_iter="max_iter"))
    except ImportError:
        pass
    try:
        import matplotlib.pyplot as plt
        from matplotlib import axes, backend_bases, figure
    except ImportError:
        return
    # Without a screen nobody presses a button: waitforbuttonpress and ginput would wait for ever.
    backend_bases.FigureCanvasBase.start_event_loop = lambda self, timeout=0: None
    for owner in (plt, axes.Axes):
        _wrap(owner, "hist", _rename(normed="density"))
        _wrap(owner, "grid", _rename(b="visible"))
    _wrap(figure.Figure, "gca", _add_projected)
    _wrap(plt.style, "use", _find_seaborn)


def _wrap(owner, name, make):
    function = getattr(owner, name)
    setattr(owner, name, functools.wraps(function)(make(function)))


def _rename(**names):
    """Return what makes a function take old names of keywords, where it does not take them any more."""

    def make(function):
        def renamed(*args, **keywords):
            if not names.keys() & keywords.keys():
                return function(*args, **keywords)
            try:
                return function(*args, **keywords)
            except (TypeError, AttributeError, ValueError):
                return function(*args, **{names.get(name, name): value for name, value in keywords.items()})

        return renamed

    return make


def _make_ragged(function):
    def array(*args, **keywords):
        try:
            return function(*args, **keywords)
        except ValueError as error:
            if "inhomogeneous" in str(error) and "dtype" not in keywords and len(args) == 1:
                return function(*args, dtype=object, **keywords)
            if "Unable to avoid copy" in str(error):
                return function(*args, **dict(keywords, copy=None))
            raise

    return array


def _read_bytes(function):
    def fromstring(string, dtype=float, count=-1, sep="", **keywords):
        import numpy as np

        if sep == "":
            data = string.encode("latin-1") if isinstance(string, str) else string
            return np.frombuffer(data, dtype, count).copy()
        return function(string, dtype, count, sep=sep, **keywords)

    return fromstring


def _sum_generator(function):
    def sum_(a, *args, **keywords):
        return sum(a) if type(a).__name__ == "generator" else function(a, *args, **keywords)

    return sum_


def _add_projected(function):
    def gca(self, **keywords):
        return self.add_subplot(**keywords) if keywords else function(self)

    return gca


def _find_seaborn(function):
    def use(style):
        try:
            return function(style)
        except OSError:
            if isinstance(style, str) and style.startswith("seaborn"):
                return function(style.replace("seaborn", "seaborn-v0_8", 1))
            raise

    return use


def scalars_stand_for_numbers(tree, names):
    """Return the ``tree`` in which arrays of one number are formatted, and made float or int, as before NumPy 2.4.

    ``names`` is the script's namespace, which is given what the changed expressions call. Where NumPy still does so
    itself nothing is changed.
    """
    import numpy as np

    try:
        float(np.zeros(1))
        return tree
    except TypeError:
        names.update(_format_=_format, _float_=_make_caller(float), _int_=_make_caller(int))
        return ast.fix_missing_locations(_Expressions().visit(tree))


class _Expressions(ast.NodeTransformer):
    def visit_BinOp(self, node):
        self.generic_visit(node)
        is_text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
        return _call("_format_", [node.left, node.right], node) if isinstance(node.op, ast.Mod) and is_text else node

    def visit_Call(self, node):
        self.generic_visit(node)
        is_plain = isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords
        if is_plain and node.func.id in ("float", "int") and not isinstance(node.args[0], ast.Starred):
            return _call("_{}_".format(node.func.id), [*node.args, node.func], node)
        return node


def _call(name, args, node):
    return ast.copy_location(ast.Call(ast.copy_location(ast.Name(name, ast.Load()), node), args, []), node)


def _format(text, values):
    try:
        return text % values
    except TypeError:
        values = tuple(map(_unwrap, values)) if isinstance(values, tuple) else _unwrap(values)
        return text % values


def _make_caller(kind):
    def convert(value, function):
        if function is not kind:  # the script's own
            return function(value)
        try:
            return kind(value)
        except TypeError:
            return kind(_unwrap(value))

    return convert


def _unwrap(value):
    import numpy as np

    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
