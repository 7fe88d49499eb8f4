"""Stand-ins for CUDA's libraries: small ones that the C compiler makes, in a Python environment of their own."""

import functools
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from ref.common import cuda

ROOT = Path(__file__).resolve().parents[1]
needs_compiler = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="no C compiler (cc) to make stand-in libraries with"
)
PACKAGED = [library for library in cuda.LIBRARIES if library.needed_by == "TensorFlow"]
DRIVER = """
int cuInit(unsigned flags) { return CODE; }
int cuDriverGetVersion(int *version) { *version = 12040; return 0; }
int cuDeviceGetCount(int *n) { *n = N_GPUS; return 0; }
int cuGetErrorString(int code, const char **name) { *name = "no CUDA-capable device is detected"; return 0; }
"""
DEADLY = "#include <stdlib.h>\n__attribute__((constructor)) static void die(void) { abort(); }"


@functools.cache
def compile_library(name: str, source: str, needs: tuple[Path, ...]) -> bytes:
    """Return a shared library whose name is ``name``, and which needs those of ``needs``, by their names alone."""
    with tempfile.TemporaryDirectory() as directory:
        source_file, library = Path(directory) / "source.c", Path(directory) / name
        source_file.write_text(source)
        flags = ["-shared", "-fPIC", f"-Wl,-soname,{name}", "-Wl,--no-as-needed"]
        subprocess.run(["cc", *flags, "-o", library, source_file, *needs], check=True)
        return library.read_bytes()


def lay(directory: Path, name: str, source: str = "", needs: tuple[Path, ...] = ()) -> Path:
    """Write the stand-in ``name`` to ``directory`` and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(compile_library(name, source, needs))
    return directory / name


class Environment:
    """A Python environment with this one's packages, and those of its own in ``site_packages``."""

    def __init__(self, home: Path):
        self.home = home
        subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", home], check=True)
        self.python = home / "bin" / "python"
        self.site_packages = home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        (self.site_packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def lay(self, library: cuda.Library, **keywords) -> Path:
        """Write a stand-in for pip's ``library`` and return its path."""
        return lay(self.site_packages / "nvidia" / library.package / "lib", library.name, **keywords)

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess:
        """Run Python with ``words`` and the environment's ``variables``; nothing of CUDA is taken from ours."""
        kept = {
            key: value for key, value in os.environ.items() if key not in ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")
        }
        return subprocess.run(
            [self.python, *words], cwd=ROOT, env=kept | variables, capture_output=True, text=True, errors="replace"
        )

    def evaluate(self, expression: str, **variables: str):
        """Return what a Python expression comes to, of modules by their full names, by way of JSON."""
        modules = "import sys, os, json, ctypes, ref.common.cuda, ref.common.cli, ref.doctor.libraries, ref.doctor.gpu"
        done = self.run("-c", f"{modules}; print(json.dumps({expression}))", **variables)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
