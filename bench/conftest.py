"""What the benchmarks share: flags, the machine beside every number, the work."""

import functools
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest

from bench import work as bench_work
from ref.common.cli import import_port


def pytest_addoption(parser):
    parser.addoption("--data", help="mnist, digits or a directory; default: mnist if there, else digits")
    parser.addoption("--device", choices=("cpu", "gpu"), help="default: cpu, and gpu where TensorFlow sees one")
    parser.addoption("--tf32", action="store_true", help="gpu: float32 is multiplied in TensorFloat-32; default: no")
    parser.addoption("--notes", type=Path, help="the notes' Markdown: TensorFlow 1.15.5 runs each port's original, too")
    parser.addoption("--quick", action="store_true", help="the smallest case of each benchmark, not to be measured")


def pytest_benchmark_update_machine_info(config, machine_info):
    machine_info.clear()
    machine_info.update(bench_work.describe_machine())
    if machine_info["gpu"]:
        machine_info["tf32"] = config.getoption("--tf32")


@pytest.fixture(scope="session", autouse=True)
def tf32(request):
    """Have a GPU multiply in TensorFloat-32, or not, as --tf32 says; the machine's description has it."""
    session = import_port("ref.common.session")
    with session.tf32(request.config.getoption("--tf32")):
        yield


@pytest.fixture(scope="session")
def is_quick(request):
    return request.config.getoption("--quick")


@pytest.fixture(scope="session")
def make_work(request):
    """A function that gives the work of a batch size; the same one to all who ask."""
    work = bench_work.make_work(request.config.getoption("--data"), 150)
    return functools.cache(work.draw)


@pytest.fixture
def check_device(request):
    """A function that skips where the device is not wanted or not there."""

    def check(device: str) -> None:
        import tensorflow as tf

        wanted = request.config.getoption("--device")
        if wanted and device != wanted:
            pytest.skip(f"--device {wanted}")
        if device == "gpu" and not tf.config.list_physical_devices("GPU"):
            pytest.skip(f"TensorFlow {tf.__version__} sees no GPU on this machine")

    return check
