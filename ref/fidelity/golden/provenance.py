"""Where and with what numbers were recorded."""

import contextlib
import os
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common import machine

HERE = Path(__file__).parent


def describe_environment() -> dict:
    """Return what a record says of where and with what it was made."""
    flags = ""
    with contextlib.suppress(OSError):
        flags = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), "")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True)
    return {
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "cpu": machine.describe_cpu(),
        "cpu_flags": sorted(set(flags.split()) & {"avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"}),
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "threads": machine.count_threads(),
        "commit": commit.stdout.strip(),
        "date": date.today().isoformat(),
    }
