"""The computer: processor, threads, memory, disk."""

import contextlib
import math
import os
import platform
from pathlib import Path

from ref.common import machine
from ref.common.environment import ROOT
from ref.doctor.rows import Row, Section, format_bytes

# By their years, x86's before ARM's. TensorFlow's package is built with AVX; oneDNN and XLA take what else is there.
INSTRUCTIONS = (
    *("sse4_2", "avx", "f16c", "fma", "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni"),
    *("avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "asimd", "asimdhp", "asimddp", "sve", "i8mm", "bf16", "sve2"),
)
SETTINGS = ("TF_NUM_", "OMP_", "KMP_", "GOMP_", "ONEDNN_", "DNNL_", "MKL_", "OPENBLAS_")  # how their names begin
MIN_FREE_BYTES = 100e6  # less than the chapter's checkpoints and figures


def examine(control_group: Path = Path("/sys/fs/cgroup")) -> Section:
    """Return what is known of the computer; ``control_group`` is where Linux says what this container may take."""
    return Section(
        "computer",
        [
            Row("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
            Row("cpu", machine.describe_cpu()),
            _describe_instructions(),
            Row("threads", _describe_threads(control_group)),
            Row("settings", _describe_settings()),
            Row("memory", _describe_memory()),
            _describe_disk(),
        ],
    )


def _describe_instructions() -> Row:
    facts = machine.read_cpu_facts()
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    if not flags:
        return Row("instructions", "the system does not tell")
    problem = ""
    if platform.machine() == "x86_64" and "avx" not in flags:
        problem = (
            "this processor has no AVX, expected it, as TensorFlow's packages are built with it; take another machine"
        )
    return Row(
        "instructions", " ".join(name for name in INSTRUCTIONS if name in flags) or "none beyond the oldest", problem
    )


def _describe_threads(control_group: Path) -> str:
    n_threads = machine.count_threads()
    text = f"{n_threads}, of {os.cpu_count()} cores of the system"
    n_cores = _read_quota(control_group)
    return f"{text}; the container gives them the time of {n_cores:g}" if n_cores < n_threads else text


def _read_quota(control_group: Path) -> float:
    """Return how many cores' time the container has; infinity without a limit."""
    with contextlib.suppress(OSError, ValueError):  # not there, or "max"
        quota_us, period_us = (control_group / "cpu.max").read_text().split()
        return int(quota_us) / int(period_us)
    with contextlib.suppress(OSError, ValueError):
        quota_us = int((control_group / "cpu" / "cpu.cfs_quota_us").read_text())
        if quota_us > 0:
            return quota_us / int((control_group / "cpu" / "cpu.cfs_period_us").read_text())
    return math.inf


def _describe_settings() -> str:
    names = [name for name in sorted(os.environ) if name.startswith(SETTINGS) or name in machine.ROUNDING]
    return (
        " ".join(f"{name}={os.environ[name]}" for name in names) or "none (TF_NUM_INTRAOP_THREADS, OMP_NUM_THREADS, …)"
    )


def _describe_memory() -> str:
    facts, limit = machine.read_memory_facts(), machine.find_container_limit()
    if not facts:
        return "the system does not tell"
    text = f"{format_bytes(facts['MemTotal'])}, of which {format_bytes(facts.get('MemAvailable', 0))} are free"
    return f"{text}; the container may take {format_bytes(limit)}" if limit < facts["MemTotal"] else text


def _describe_disk() -> Row:
    n_bytes = machine.count_free_disk(ROOT)
    if math.isinf(n_bytes):
        return Row("disk", "the system does not tell")
    text = f"{format_bytes(n_bytes)} free in {ROOT}"
    problem = (
        f"{text}, expected {format_bytes(MIN_FREE_BYTES)} for results; make room" if n_bytes < MIN_FREE_BYTES else ""
    )
    return Row("disk", text, problem)
