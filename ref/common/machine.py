"""What is known of the machine without TensorFlow."""

import contextlib
import os
import platform


def describe_cpu() -> str:
    """Return the CPU's model name, as far as the system tells."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def count_threads() -> int:
    """Return how many threads the libraries compute with: one per core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
