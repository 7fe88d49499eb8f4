"""Modules that stand before other modules, and names of modules that stand for others.

Python 3.7, as all that a script's process imports.
"""

import importlib
import importlib.abc
import importlib.util
import sys
import types


class Overlay(types.ModuleType):
    """A module that has what it is given, and for the rest what the ``bases`` have, the first one first.

    What neither has is asked of ``missing(symbol)``, which returns it, or raises what says what has become of it.
    """

    def __init__(self, name, bases=(), missing=None, **members):
        super().__init__(name, f"{name}, as TensorFlow 1 had it.")
        self.__path__ = []
        self._bases = tuple(bases)
        self._missing = missing
        self.__dict__.update(members)

    def __getattr__(self, name):
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        for base in self._bases:
            try:
                value = getattr(base, name)
            except AttributeError:
                continue
            self.__dict__[name] = value
            return value
        if self._missing is not None:
            return self._missing(f"{self.__name__}.{name}")
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __dir__(self):
        names = {name for name in self.__dict__ if not name.startswith("_")}
        return sorted(names.union(*(dir(base) for base in self._bases)))

    @property
    def __all__(self):
        return [name for name in dir(self) if not name.startswith("_")]


class AliasFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports ``old.rest`` as ``new.rest`` for the pairs it is given, longest first: one module, two names."""

    def __init__(self, aliases, missing=None):
        self._aliases = sorted(aliases.items(), key=lambda pair: -len(pair[0]))
        self._missing = missing

    def find_spec(self, fullname, path=None, target=None):
        name = self._translate(fullname)
        if name is not None:
            return importlib.util.spec_from_loader(fullname, self, is_package=True)
        if self._missing is not None:
            self._missing(fullname)
        return None

    def exec_module(self, module):
        name = module.__name__
        sys.modules[name] = importlib.import_module(self._translate(name))

    def _translate(self, fullname):
        for old, new in self._aliases:
            if fullname == old or fullname.startswith(old + "."):
                return new + fullname[len(old) :]
        return None
