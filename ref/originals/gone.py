"""What NumPy, SciPy, matplotlib and Python have dropped and TensorFlow 1 scripts use, given back to one process.

Every row is (symbol, gone since, what stands for it). Python 3.7: under TensorFlow 1.15.5 most of it is still there.
"""

import importlib
import math
import sys
import time
import types
import warnings

from ref.originals import changed


def _numpy_rows():
    import numpy as np

    def asscalar(a):
        return a.item()

    alltrue = "sometrue=any alltrue=all product=prod cumproduct=cumprod in1d=isin row_stack=vstack trapz=trapezoid"
    names = [pair.split("=") for pair in alltrue.split() if hasattr(np, pair.split("=")[1])]
    yield from ((f"numpy.{old}", "NumPy 2.0", getattr(np, new)) for old, new in names)
    builtins = {"bool": bool, "int": int, "float": float, "complex": complex, "object": object, "str": str}
    yield from ((f"numpy.{name}", "NumPy 1.24", value) for name, value in builtins.items())
    yield "numpy.long", "NumPy 1.24", int
    yield "numpy.unicode", "NumPy 1.24", str
    yield "numpy.asscalar", "NumPy 1.23", asscalar
    yield "numpy.float_", "NumPy 2.0", np.float64
    yield "numpy.complex_", "NumPy 2.0", np.complex128
    yield "numpy.unicode_", "NumPy 2.0", np.str_
    yield "numpy.string_", "NumPy 2.0", np.bytes_
    for name, value in {"infty": np.inf, "Inf": np.inf, "Infinity": np.inf, "PINF": np.inf, "NINF": -np.inf}.items():
        yield f"numpy.{name}", "NumPy 2.0", value
    yield "numpy.NaN", "NumPy 2.0", np.nan
    yield "numpy.mat", "NumPy 2.0", np.asmatrix
    yield "numpy.cast", "NumPy 2.0", _Cast()
    yield "numpy.bool8", "NumPy 2.0", np.bool_
    yield "numpy.disp", "NumPy 2.0", lambda mesg, *_, **__: print(mesg)
    yield "numpy.rank", "NumPy 1.18", np.ndim
    yield "numpy.testing.rand", "NumPy 1.15", np.random.rand
    yield "numpy.find_common_type", "NumPy 2.0", lambda arrays, scalars: np.result_type(*arrays, *scalars)
    yield "numpy.msort", "NumPy 2.0", lambda a: np.sort(a, axis=0)
    yield "numpy.float128", "some machines", getattr(np, "longdouble", float)


class _Cast(dict):
    def __missing__(self, dtype):
        import numpy as np

        return lambda x: np.asarray(x).astype(dtype)


def _python_rows():
    import collections
    import collections.abc
    import inspect

    for name in ("Callable", "Iterable", "Iterator", "Mapping", "MutableMapping", "Sequence", "Set", "Hashable"):
        yield f"collections.{name}", "Python 3.10", getattr(collections.abc, name)
    yield "fractions.gcd", "Python 3.9", math.gcd
    yield "inspect.getargspec", "Python 3.11", lambda f: inspect.getfullargspec(f)[:4]
    yield "time.clock", "Python 3.8", time.process_time


def _pyplot_rows():
    yield "matplotlib.pyplot.hold", "matplotlib 3.0", lambda hold=None: None
    yield "matplotlib.pyplot.ishold", "matplotlib 3.0", lambda: True
    yield "matplotlib.pyplot.spectral", "matplotlib 2.2", _set_nipy_spectral
    yield "matplotlib.cm.spectral", "matplotlib 2.2", _get_colormap("nipy_spectral")
    yield "matplotlib.cm.get_cmap", "matplotlib 3.9", _get_colormap
    yield "matplotlib.axes.Axes.hold", "matplotlib 3.0", lambda self, hold=None: None
    yield (
        "matplotlib.axes.Axes.set_color_cycle",
        "matplotlib 2.0",
        lambda self, colors: self.set_prop_cycle(color=colors),
    )
    yield "matplotlib.backend_bases.FigureCanvasBase.set_window_title", "matplotlib 3.6", lambda self, title: None


def _set_nipy_spectral():
    import matplotlib.pyplot as plt

    plt.set_cmap("nipy_spectral")


def _get_colormap(name=None, lut=None):
    import matplotlib.pyplot as plt

    return plt.get_cmap(name, lut)


def _scipy_rows():
    import numpy as np

    def imread(name, flatten=False, mode=None):
        from PIL import Image

        image = Image.open(name).convert(mode) if mode else Image.open(name)
        return np.array(image.convert("F") if flatten else image)

    def toimage(arr, high=255, low=0, cmin=None, cmax=None, **_):
        from PIL import Image

        return Image.fromarray(_bytescale(np.squeeze(np.asarray(arr)), cmin, cmax, high, low))

    def imsave(name, arr, format=None):
        toimage(arr).save(name, format)

    def imresize(arr, size, interp="bilinear", mode=None):
        from PIL import Image

        image = toimage(arr)
        if isinstance(size, (int, np.integer)):
            size = size / 100.0
        if isinstance(size, float):
            size = [int(size * n) for n in image.size[::-1]]
        return np.array(image.resize(size[1::-1], getattr(Image, interp.upper())))

    for function in (imread, toimage, imsave, imresize):
        yield f"scipy.misc.{function.__name__}", "SciPy 1.2", function
    yield "scipy.ndimage.imread", "SciPy 1.2", imread


def _bytescale(data, cmin, cmax, high, low):
    import numpy as np

    if data.dtype == np.uint8:
        return data
    cmin, cmax = (data.min() if cmin is None else cmin), (data.max() if cmax is None else cmax)
    scaled = (data - cmin) * ((high - low) / ((cmax - cmin) or 1)) + low
    return (scaled.clip(low, high) + 0.5).astype(np.uint8)


def find_rows():
    """Yield (symbol, gone since, what stands for it) of all that can be given back here; imports what is installed."""
    yield from _python_rows()
    yield from _numpy_rows()
    for package, rows in (("matplotlib.pyplot", _pyplot_rows), ("scipy", _scipy_rows)):
        try:
            importlib.import_module(package)
        except ImportError:
            continue
        yield from rows()


def list_symbols():
    """Return (symbol, gone since) of all rows, and of what is mended otherwise."""
    return [(symbol, since) for symbol, since, _ in find_rows()] + [("imp", "Python 3.12"), *changed.CHANGED]


def give_back():
    """Set every symbol that is gone from this process' packages, and the keywords that functions have lost."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is, or will be, gone
        for symbol, _, value in find_rows():
            owner, name = _find_owner(symbol)
            if not hasattr(owner, name):
                setattr(owner, name, value)
        _give_back_imp()
        changed.give_back()


def _find_owner(symbol):
    """Return the module or class that ``symbol`` is set on, made where a module is gone whole, and its last name."""
    path, _, name = symbol.rpartition(".")
    try:
        return importlib.import_module(path), name
    except ImportError:
        parent, _, last = path.rpartition(".")
        owner = importlib.import_module(parent)
        if not hasattr(owner, last):
            setattr(owner, last, types.ModuleType(path))
            sys.modules[path] = getattr(owner, last)
        return getattr(owner, last), name


def _give_back_imp():
    try:
        import imp
    except ImportError:
        imp = sys.modules["imp"] = types.ModuleType("imp")  # gone since Python 3.12
        imp.reload = importlib.reload
        imp.load_source = _load_source


def _load_source(name, path):
    import importlib.util

    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
