"""What is tried in a process of its own, which may die of it: loading CUDA's libraries, the driver, TensorFlow.

What a trial finds is printed as one line of JSON each; what a C++ library says goes to standard error.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ref.common import cuda
from ref.common.environment import ROOT

START = f"import sys; sys.path[0] = {str(ROOT)!r}; from ref.doctor.probe import main; main(sys.argv[1:])"
TIMEOUT_S = 180


class LinkMap(ctypes.Structure):
    """The beginning of what a handle of glibc's dlopen points to (link.h)."""

    _fields_ = (("l_addr", ctypes.c_void_p), ("l_name", ctypes.c_char_p))


class Answer(NamedTuple):
    """What a trial ``found``; how its process ended, if not well, in words; what it said on standard error."""

    found: list[dict]
    ending: str
    stderr: str

    @property
    def all(self) -> dict:
        """All that was found, in one."""
        return {key: value for one in self.found for key, value in one.items()}


def ask(trial: str, *words: str, **environment: str) -> Answer:
    """Do ``trial`` in a process of its own, with ``environment`` besides ours."""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "0", "TF_FORCE_GPU_ALLOW_GROWTH": "true"} | environment
    process = subprocess.Popen(
        [sys.executable, "-c", START, trial, *words],
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    ending = ""
    try:
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        ending = f"no answer in {TIMEOUT_S} s"
    found = []
    for line in stdout.splitlines():
        with suppress(ValueError):
            found.append(json.loads(line))
    if not ending and process.returncode < 0:
        ending = f"its process died of signal {-process.returncode}"
    elif not ending and process.returncode:
        ending = (stderr.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
    return Answer([one for one in found if isinstance(one, dict)], ending, stderr)


def main(argv: list[str]) -> None:
    """Do the trial that ``argv`` names."""
    trials = {"libraries": try_libraries, "driver": try_driver, "tensorflow": try_tensorflow}
    trials[argv[0]](argv[1:])


def say(**found) -> None:
    print(json.dumps(found), flush=True)


def try_libraries(left_out: list[str]) -> None:
    """Load each of cuda.LIBRARIES: pip's by its full path, as a run does, else by its name, as TensorFlow does."""
    for library in cuda.LIBRARIES:
        if library.name in left_out:
            continue
        say(name=library.name, begun=True)
        path = cuda.find_packaged(library, sys.path)
        error = ""
        for load, file in ((cuda.load, path), (ctypes.CDLL, library.name)):
            try:
                if file:
                    say(name=library.name, path=find_path(load(file)), error=error)
                    break
            except OSError as failed:
                error = error or str(failed)
        else:
            say(name=library.name, path=str(path or ""), error=error, failed=True)


def find_path(library: ctypes.CDLL) -> str:
    """Return the path that a library was loaded from."""
    return ctypes.cast(library._handle, ctypes.POINTER(LinkMap)).contents.l_name.decode(errors="replace")


def try_driver(_: list[str]) -> None:
    """Ask NVIDIA's driver what it is and how many GPUs it has."""
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)  # what hides GPUs is another matter
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        is_missing = str(error).startswith("libcuda.so.1: cannot open shared object file: No such file")
        say(error="is not there" if is_missing else f"cannot be loaded ({error})")
        return
    say(path=find_path(driver))
    if not hasattr(driver, "cuInit"):
        say(error="has no cuInit, so it is not NVIDIA's driver")
        return
    code, number, name = driver.cuInit(0), ctypes.c_int(), ctypes.c_char_p()
    if code:
        if hasattr(driver, "cuGetErrorString"):
            driver.cuGetErrorString(code, ctypes.byref(name))
        say(error=f"cuInit says {code} ({(name.value or b'unknown').decode(errors='replace')})")
        return
    for key, function in (("cuda", "cuDriverGetVersion"), ("n_gpus", "cuDeviceGetCount")):
        if hasattr(driver, function) and getattr(driver, function)(ctypes.byref(number)) == 0:
            say(**{key: number.value})


def try_tensorflow(_: list[str]) -> None:
    """Import TensorFlow as a run does, compute a product, and look for GPUs."""
    cuda.preload()
    start_s = time.perf_counter()
    import tensorflow as tf

    build = {key: str(value) for key, value in tf.sysconfig.get_build_info().items()}
    say(version=tf.__version__, directory=str(Path(tf.__file__).parent), build=build)
    gpus = tf.config.list_physical_devices("GPU")
    with tf.device("/CPU:0"):
        total = float(tf.reduce_sum(tf.linalg.matmul(tf.ones([8, 8]), tf.ones([8, 8]))))
    say(product=total, import_s=time.perf_counter() - start_s)
    for gpu in gpus:
        say(gpu=tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name))
