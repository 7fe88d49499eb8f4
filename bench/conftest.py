"""What the benchmarks share: flags, the device, the work."""

import functools
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest

from bench import networks
from bench import work as bench_work
from bench.store import LISTING
from ref.common.cli import import_port
from ref.common.flags import parse_count


def pytest_addoption(parser):
    parser.addoption("--data", help="mnist, digits or a directory; default: mnist if there, else digits")
    parser.addoption("--device", choices=("cpu", "gpu"), default="cpu")
    parser.addoption("--tf32", action="store_true", help="gpu: float32 is multiplied in TensorFloat-32; default: no")
    parser.addoption("--batch", type=parse_count, help="one batch size, instead of the three")
    parser.addoption("--width", type=parse_count, default=LISTING["width"], help="units of a frozen layer")
    parser.addoption("--frozen", type=parse_count, default=LISTING["frozen"], help="frozen layers")
    parser.addoption("--notes", type=Path, help="the notes' Markdown: TensorFlow 1.15.5 runs each port's original, too")
    parser.addoption("--quick", action="store_true", help="the smallest case of each benchmark, not to be measured")


def pytest_benchmark_update_machine_info(config, machine_info):
    machine_info.clear()  # bench/run.py says what the machine is


@pytest.fixture(scope="session", autouse=True)
def tf32(request):
    """Have a GPU multiply in TensorFloat-32, or not, as --tf32 says."""
    session = import_port("ref.common.session")
    with session.tf32(request.config.getoption("--tf32"), request.config.getoption("--device")):
        yield


@pytest.fixture(scope="session")
def is_quick(request):
    return request.config.getoption("--quick")


@pytest.fixture(scope="session")
def device(request):
    """The one device that is measured. One that is not there ends the run: nothing else is measured in its place."""
    import tensorflow as tf

    device = request.config.getoption("--device")
    if device == "gpu" and not tf.config.list_physical_devices("GPU"):
        pytest.exit(f"--device gpu: TensorFlow {tf.__version__} sees no GPU; make doctor says why", returncode=2)
    return device


@pytest.fixture(scope="session")
def build_network(request):
    """A function that builds phase 2 in other sizes than the listing's; None where they are the listing's."""
    sizes = {name: request.config.getoption(f"--{name}") for name in ("width", "frozen")}
    if sizes == {name: LISTING[name] for name in sizes}:
        return None
    return functools.partial(networks.build, sizes["width"], sizes["frozen"])


@pytest.fixture(scope="session")
def make_work(request, build_network):
    """A function that gives the work of a batch size; the same one to all who ask."""
    data = request.config.getoption("--data")
    if build_network:
        work = networks.make_work(data, LISTING["batch"], *build_network.args)
    else:
        work = bench_work.make_work(data, LISTING["batch"])
    return functools.cache(work.draw)
