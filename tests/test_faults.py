"""A test of the goldens: each planted fault (tests/faults.py) must turn its port's golden red."""

import collections
import contextlib
import importlib
import sys
import types
from pathlib import Path
from unittest import mock

import pytest
import tensorflow.compat.v1 as tf
from faults import DATA_SETS, FAULTS, LAYERS

import ref.common.runs
from ref.chapter import BY_NAME, SCRIPTS
from ref.common.errors import BadInputError
from ref.fidelity.golden import ports as golden
from ref.fidelity.golden import small_data
from ref.fidelity.golden.spread import compare_goldens
from scripts.golden import read_golden, read_spread


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small data, and a directory with the checkpoints that 5, 9 and 10 need."""
    directory = tmp_path_factory.mktemp("faults")
    data = small_data.write_small_data("digits", directory / "data")
    for number in (5, 9):
        golden.record(number, data, directory / "out")
    return data, directory / "out"


def load_from_source(name, fault=None):
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
def plant(fault):
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


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.number}-{fault.name}" for fault in FAULTS])
def test_fault_is_caught(fault, made):
    data, out = made
    with plant(fault) as port:
        try:
            found = golden.record(fault.number, data, out / fault.name if fault.number not in (5, 9, 10) else out, port)
        except (AttributeError, BadInputError, IndexError, NameError, TypeError, ValueError, tf.errors.OpError):
            return  # a fault that does not even run is caught too
    expected, spread = read_golden(fault.number)["digits"], read_spread(fault.number)
    assert any(one.is_outside for one in compare_goldens(expected, found, spread)), "the golden stayed green"


def test_each_port_has_four_faults():
    n_faults = collections.Counter(fault.number for fault in FAULTS)
    assert all(n_faults[script.number] >= 4 for script in SCRIPTS)
