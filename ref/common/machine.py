"""What is known of the machine without TensorFlow."""

import contextlib
import os
import platform


def describe_cpu() -> str:
    """Return the CPU's model, as far as the system tells: virtual machines say no more than "AMD EPYC" by name."""
    facts = {}
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            key, _, value = line.partition(":")
            facts.setdefault(key.strip(), value.strip())
    if "model name" not in facts:
        return platform.processor() or platform.machine()
    if "cpu family" not in facts or "model" not in facts:
        return facts["model name"]
    return f"{facts['model name']} (family {facts['cpu family']}, model {facts['model']})"


def count_threads() -> int:
    """Return how many threads the libraries compute with: one per core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
