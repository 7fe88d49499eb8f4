"""What is known of the machine without TensorFlow."""

import contextlib
import math
import os
import platform
import resource
from pathlib import Path

# What TensorFlow, oneDNN and OpenMP read: which kernels, on how many threads.
ROUNDING = (
    *("TF_ENABLE_ONEDNN_OPTS", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "TF_XLA_FLAGS", "XLA_FLAGS"),
    *("TF_DISABLE_MKL", "TF_DETERMINISTIC_OPS", "NVIDIA_TF32_OVERRIDE"),
)


def describe_cpu() -> str:
    """Return the CPU's model, as far as the system tells: virtual machines say no more than "AMD EPYC" by name."""
    facts = read_cpu_facts()
    if "model name" not in facts:
        return platform.processor() or platform.machine()
    if "cpu family" not in facts or "model" not in facts:
        return facts["model name"]
    return f"{facts['model name']} (family {facts['cpu family']}, model {facts['model']})"


def read_cpu_facts() -> dict[str, str]:
    """Return what Linux writes of the first processor, by its names (``flags``, ``model name``, …), or nothing."""
    facts = {}
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            key, _, value = line.partition(":")
            facts.setdefault(key.strip(), value.strip())
    return facts


def count_threads() -> int:
    """Return how many threads the libraries compute with: one per core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe_settings() -> str:
    """Return the user's settings of the libraries that change how they round, as ``NAME=value …``."""
    return " ".join(f"{name}={os.environ[name]}" for name in ROUNDING if name in os.environ)


def count_available_memory() -> float:
    """Return how many bytes this process can surely not take more than; infinity where the system does not tell."""
    facts = read_memory_facts()
    swap = facts.get("SwapFree", 0)
    limits = [facts.get("MemAvailable", math.inf) + swap, find_container_limit() + swap]
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        taken = 0
        with contextlib.suppress(OSError):
            taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limits.append(limit - taken)
    return min(limits)


def read_memory_facts() -> dict[str, int]:
    """Return what Linux writes of its memory by its names (``MemTotal``, ``MemAvailable``, …) in bytes, or nothing."""
    facts = {}
    with contextlib.suppress(OSError), open("/proc/meminfo") as meminfo:
        for line in meminfo:
            key, value, *_ = line.split()
            facts[key.rstrip(":")] = int(value) * 1024
    return facts


def find_container_limit() -> float:
    """Return how many bytes the control groups that this process is in may take; infinity where nothing limits them."""
    limits = [math.inf]
    for path in _list_container_limits():
        with contextlib.suppress(OSError, ValueError):  # not there, or "max"
            limits.append(int(path.read_text()))
    return min(limits)


def _list_container_limits() -> list[Path]:
    """Return where Linux says how much memory the control groups that this process is in may take."""
    root = Path("/sys/fs/cgroup")
    own = ""
    with contextlib.suppress(OSError):
        own = Path("/proc/self/cgroup").read_text().rpartition("0::/")[2].strip()
    groups = (root / own, *(root / own).parents)
    return [*(group / "memory.max" for group in groups), root / "memory" / "memory.limit_in_bytes"]


def count_free_disk(directory: Path) -> float:
    """Return how many bytes a file in ``directory`` can have; infinity where the system does not tell."""
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    limits = [math.inf if limit == resource.RLIM_INFINITY else limit]
    with contextlib.suppress(OSError):
        disk = os.statvfs(directory)
        if disk.f_blocks:
            limits.append(disk.f_bavail * disk.f_frsize)
    return min(limits)
