"""CUDA's libraries as NVIDIA packages them for pip, loaded before TensorFlow looks for them. Python 3.7."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Library(NamedTuple):
    """A library that TensorFlow opens by its ``name``, in pip's package ``nvidia/package/lib``, and who needs it."""

    name: str
    package: str
    needed_by: str  # "TensorFlow": it takes no GPU without it


# What libtensorflow_framework.so.2 of TensorFlow 2.21.0 asks dlopen for: GetDsoHandle in tensorflow/tensorflow,
# third_party/xla/xla/tsl/platform/default/dso_loader.cc; dlopen_checker.cc beside it says what it cannot do without.
# libnvJitLink and libnvrtc are what those need themselves (readelf -d). Each stands after what it needs, so that of two
# versions on a machine none is taken half and half.
LIBRARIES = (
    Library("libcudart.so.12", "cuda_runtime", "TensorFlow"),
    Library("libnvJitLink.so.12", "nvjitlink", "cufft, cusparse, cusolver"),
    Library("libnvrtc.so.12", "cuda_nvrtc", "cudnn"),
    Library("libcublasLt.so.12", "cublas", "TensorFlow"),
    Library("libcublas.so.12", "cublas", "TensorFlow"),
    Library("libcufft.so.11", "cufft", "TensorFlow"),
    Library("libcusparse.so.12", "cusparse", "TensorFlow"),
    Library("libcusolver.so.11", "cusolver", "TensorFlow"),
    Library("libcudnn.so.9", "cudnn", "TensorFlow"),
    Library("libnccl.so.2", "nccl", "several GPUs"),
    Library("libcupti.so.12", "cuda_cupti", "the profiler"),
    Library("libnvshmem_host.so.3", "nvshmem", "several machines"),
)


def hides_gpus() -> bool:
    """Return whether CUDA_VISIBLE_DEVICES lets this process see no GPU: it is empty, or begins with a negative number.

    CUDA takes the devices that are named before the first that is none.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return visible is not None and (not visible.strip() or visible.strip().startswith("-"))


def find_packaged(library: Library, places: Iterable[str]) -> Path | None:
    """Return the file of ``library`` in the first of ``places``, such as ``sys.path`` has, that has one of NVIDIA's."""
    for place in places:
        path = Path(place) / "nvidia" / library.package / "lib" / library.name
        if os.path.lexists(path):  # a link to nothing is said to be broken, not missing
            return path
    return None


def load(path: Path) -> ctypes.CDLL:
    """Load a library by its full path.

    Raises:
      OSError: it cannot be loaded; it is no regular file, whose reader might wait for ever; or its end is missing: the
        loader would take it, and the process die of it. At the end is, as a rule, the table of sections (elf.h:
        e_shoff, e_shentsize, e_shnum).
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError(f"{path}: not a regular file")
    with open(path, "rb") as file:
        start = file.read(64)
    table_at, entry, n_entries = (int.from_bytes(start[a:b], "little") for a, b in ((40, 48), (58, 60), (60, 62)))
    if start[:6] == b"\x7fELF\x02\x01" and table_at + entry * n_entries > os.path.getsize(path):
        raise OSError(f"{path}: its end is missing")
    return ctypes.CDLL(str(path))


def preload() -> list[Path]:
    """Load those of LIBRARIES that pip has installed, by their full paths; return the paths of what was loaded.

    To be called before TensorFlow is imported. TensorFlow 2.21 opens them by their names from
    libtensorflow_framework.so.2, whose run path (``readelf -d``) has pip's directories but for cusolver's
    (tensorflow/tensorflow#112973), so it finds six of seven and takes no GPU. What is loaded already under its name, it
    is given. Nothing is made global: TensorFlow looks symbols up in what it opened, and another library of this
    process, PyTorch say, has its own. What cannot be loaded is left out; ref/doctor says why.
    """
    loaded = []
    places = [place for place in sys.path if os.path.isdir(os.path.join(place, "nvidia"))]
    for library in LIBRARIES if places and not hides_gpus() else ():
        path = find_packaged(library, places)
        if path is not None:
            with suppress(OSError):
                load(path)
                loaded.append(path)
    return loaded
