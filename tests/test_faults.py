"""A test of the goldens: each planted fault (tests/faults.py) must turn its port's golden red."""

import collections

import pytest
import tensorflow.compat.v1 as tf
from faults import FAULTS
from planting import plant

from ref.chapter import SCRIPTS
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
