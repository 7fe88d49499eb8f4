"""CUDA's libraries, loaded before TensorFlow looks for them: held against what it asks the loader for."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import tensorflow as tf
from stand_ins import PACKAGED, Environment, needs_compiler

from ref.common import cuda
from ref.common.flags import find_device

ROOT = Path(__file__).resolve().parents[1]
FRAMEWORK = Path(tf.__file__).with_name("libtensorflow_framework.so.2")
HANDLES = ("CudaRuntime", "Cublas", "CublasLt", "Cufft", "Cusparse", "Cusolver", "Cudnn", "Nccl", "Cupti", "Nvshmem")
# tsl::internal::DsoLoader::Get…DsoHandle(), TryDlopenCUDALibraries()
ASK_EACH = [f"_ZN3tsl8internal9DsoLoader{len(name) + 12}Get{name}DsoHandleEv" for name in HANDLES]
TRY_ALL = "_ZN3tsl8internal9DsoLoader22TryDlopenCUDALibrariesEv"
# A status comes back in memory that the caller gives; OK is a 1.
CALL = f"""
import ctypes, sys
sys.path.insert(0, ".")
from ref.common import cuda
if sys.argv[1] == "preload":
    cuda.preload()
library, status = ctypes.CDLL({str(FRAMEWORK)!r}), (ctypes.c_uint64 * 8)()
for name in sys.argv[2:]:
    function = getattr(library, name)
    function.restype = None
    function(status)
print(status[0] == 1)
"""
LINUX = pytest.mark.skipif(not FRAMEWORK.exists(), reason="not a TensorFlow for Linux")


def call(*names: str, python: str | Path = sys.executable, first: str = "-", **variables: str) -> tuple[bool, str]:
    """Call functions of TensorFlow's that return a status; return whether the last is OK, and what the loader wrote."""
    kept = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    command = [python, "-c", CALL, first, *names]
    done = subprocess.run(command, cwd=ROOT, env=kept | variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout == "True\n", done.stderr


def read_asked(*names: str) -> set[str]:
    """Return which of NVIDIA's libraries the loader was asked for in calls (LD_DEBUG of ld.so)."""
    return {
        file
        for file in re.findall(r"find library=(\S+)", call(*names, LD_DEBUG="libs")[1])
        if re.match(r"lib(cu|nv|nccl)", file)
    }


@LINUX
def test_the_libraries_are_those_that_tensorflow_asks_for():
    of_others = {"libnvJitLink.so.12", "libnvrtc.so.12"}  # which these need: readelf -d
    asked = read_asked(*ASK_EACH) - {"libcupti.so"}
    assert asked == {library.name for library in cuda.LIBRARIES} - of_others
    assert read_asked(TRY_ALL) == {library.name for library in PACKAGED}


@LINUX
@pytest.mark.skipif(shutil.which("readelf") is None, reason="no readelf")
def test_cusolver_is_still_missing_in_tensorflows_run_path():
    """When this fails, TensorFlow finds all of pip's libraries itself, and preload can go."""
    dynamic = subprocess.run(["readelf", "-d", FRAMEWORK], capture_output=True, text=True, check=True).stdout
    reached = set(re.findall(r"nvidia/(\w+)/lib", dynamic))
    assert {library.package for library in PACKAGED} - reached == {"cusolver"}


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "environment")


@pytest.fixture
def packaged(environment):
    """An environment in which all that TensorFlow needs is packaged; cusolver needs others by their names alone."""
    laid = {library.package: environment.lay(library) for library in PACKAGED if library.package != "cusolver"}
    cusolver = next(library for library in PACKAGED if library.package == "cusolver")
    environment.lay(cusolver, needs=(laid["cublas"], laid["cusparse"]))
    return environment


@LINUX
@needs_compiler
def test_tensorflow_opens_what_was_loaded_before(packaged):
    assert not call(TRY_ALL, python=packaged.python)[0]
    assert call(TRY_ALL, python=packaged.python, first="preload")[0]


@needs_compiler
def test_they_are_loaded_by_full_path_what_is_needed_first(packaged):
    files = [str(cuda.find_packaged(library, [str(packaged.site_packages)])) for library in PACKAGED]
    done = packaged.run("-c", "from ref.common import cuda; cuda.preload()", LD_DEBUG="files")
    assert re.findall(r"calling init: (\S*/nvidia/\S+)", done.stderr) == files
    assert packaged.evaluate("list(map(str, ref.common.cuda.preload()))") == files


@needs_compiler
def test_the_importing_process_alone_has_them(packaged):
    mapped = "[open('/proc/self/maps').read().count('/nvidia/'), dict(os.environ)]"
    before, after = packaged.evaluate(f"[{mapped}, ref.common.cli.import_port('ref.chapter') and 0, {mapped}]")[::2]
    assert before[0] == 0
    assert after[0] > 0
    assert before[1] == after[1]
    assert packaged.evaluate(mapped)[0] == 0


@needs_compiler
@pytest.mark.parametrize(
    ("call", "variables"),
    [
        ("ref.common.cli.import_port('ref.chapter', takes_gpu=False)", {}),
        ("ref.common.cli.import_port('ref.chapter')", {"CUDA_VISIBLE_DEVICES": "-1"}),
        ("ref.common.cli.import_port('ref.chapter')", {"CUDA_VISIBLE_DEVICES": ""}),
    ],
)
def test_who_computes_on_the_cpu_is_spared_them(call, variables, packaged):
    assert packaged.evaluate(f"[{call} and 0, '/nvidia/' in open('/proc/self/maps').read()]", **variables) == [0, False]


@needs_compiler
@pytest.mark.parametrize("content", [b"", b"no library", b"\x7fELF" + bytes(60)])
def test_what_cannot_be_loaded_is_left_out_in_silence(content, packaged):
    broken = cuda.find_packaged(PACKAGED[1], [str(packaged.site_packages)])
    broken.write_bytes(content)
    done = packaged.run("-c", "from ref.common import cuda; print(len(cuda.preload()))")
    assert (done.stdout, done.stderr) == (f"{len(PACKAGED) - 1}\n", "")


def test_where_there_are_none_nothing_is_opened(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "not-there")])
    monkeypatch.setattr(ctypes, "CDLL", lambda path: pytest.fail(f"{path} opened"))
    assert cuda.preload() == []


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, False),
        ("", True),
        (" ", True),
        ("-1", True),
        ("-1,0", True),
        ("0", False),
        ("0,-1", False),
        ("GPU-8a", False),
    ],
)
def test_gpus_are_hidden(visible, expected, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert cuda.hides_gpus() == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], None),
        (["--device", "cpu"], "cpu"),
        (["--epochs", "3", "--device=cpu", "--no-such-flag"], "cpu"),
        (["--device", "cpu", "--device", "gpu"], "gpu"),
        (["--device"], None),
        (["--out", "cpu"], None),
    ],
)
def test_the_device_is_found_among_flags(flags, expected):
    assert find_device(flags) == expected


def test_every_package_of_tensorflows_extra_is_pinned():
    wanted = [line for line in metadata.requires("tensorflow") if 'extra == "and-cuda"' in line]
    pinned = dict(re.findall(r"^(nvidia-[\w-]+)==(\S+)", (ROOT / "requirements-gpu.txt").read_text(), re.MULTILINE))
    assert {re.match(r"[\w-]+", line)[0] for line in wanted} == set(pinned)
    packages = {library.package.replace("_", "-") for library in cuda.LIBRARIES} - {"nvshmem"}
    assert {f"nvidia-{package}-cu12" for package in packages} <= set(pinned)


def test_gpu_packages_change_no_other():
    pins = [
        set(re.findall(r"^([\w.-]+==[^\s;]+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-gpu.txt")
    ]
    assert pins[0] < pins[1]
    assert all(pin.startswith("nvidia-") for pin in pins[1] - pins[0])
