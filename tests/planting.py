"""Plant a fault of tests/faults.py in memory: the port, and what it imports, as they would be with it."""

import contextlib
import importlib
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from faults import DATA_SETS, LAYERS, Fault

import ref.common.runs
from ref.chapter import BY_NAME


def load_from_source(name: str, fault: Fault | None = None) -> types.ModuleType:
    """Return a fresh module of ``name``'s source, with the fault in it; it imports what sys.modules holds now."""
    source = Path(importlib.import_module(name).__file__).read_text(encoding="utf-8")
    if fault:
        assert fault.old in source, f"{name} does not say {fault.old!r}"
        source = source.replace(fault.old, fault.new)
    module = types.ModuleType(name)
    module.__file__ = name
    exec(compile(source, name, "exec"), module.__dict__)
    return module


@contextlib.contextmanager
def plant(fault: Fault) -> Iterator[types.ModuleType]:
    """Give the faulty port; what it imports from a faulty module of ref.common is faulty too."""
    port = BY_NAME[f"autoencoder_{fault.number}"].module
    if fault.module == LAYERS:
        with mock.patch.dict(sys.modules, {LAYERS: load_from_source(LAYERS, fault)}):
            yield load_from_source(port)
    elif fault.module == DATA_SETS:
        with mock.patch.object(ref.common.runs, "data_sets", load_from_source(DATA_SETS, fault)):
            yield load_from_source(port)
    else:
        yield load_from_source(port, fault)
