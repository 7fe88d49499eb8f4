"""What a benchmark may be asked for: sizes that are numbers and fit in memory, no more threads than there are cores."""

import argparse
import os

from ref.common import machine
from ref.common.errors import BadInputError
from ref.common.flags import parse_count
from ref.pays.sizes import MAX_LAYERS, Sizes


def parse_width(text: str) -> int:
    if parse_count(text) == 1:
        raise argparse.ArgumentTypeError("'1' found, expected 2 or more: the layer above has half as many units")
    return int(text)


def parse_frozen(text: str) -> int:
    if parse_count(text) > MAX_LAYERS:
        raise argparse.ArgumentTypeError(f"{text!r} found, expected {MAX_LAYERS} frozen layers at most")
    return int(text)


def check_width(width: int, n_frozen: int, batch: int) -> None:
    """Raise BadInputError where a step on ``n_frozen`` frozen layers of ``width`` units does not fit in memory."""
    sizes = Sizes(frozen=(width,) * n_frozen, trained=(width // 2,), batch=batch)
    needed, available = sizes.count_step_bytes(), machine.count_available_memory()
    if needed > available:
        raise BadInputError(
            f"--width {width} --frozen {n_frozen}: a step needs {needed / 1e9:,.1f} GB of memory at least, expected no "
            f"more than the {available / 1e9:,.1f} GB that are free; use smaller ones"
        )


def check_batch(batch: int | None, n_rows: int, data: str) -> None:
    """Raise BadInputError where a batch is larger than the set."""
    if batch and batch > n_rows:
        raise BadInputError(
            f"--batch {batch}: larger than the {n_rows:,} rows of {data}, expected no more; use a smaller one"
        )


def limit_threads(n_threads: int | None) -> None:
    """Leave this process, and all that it starts, ``n_threads`` of its cores; before TensorFlow or NumPy count them.

    Raises:
      BadInputError: it has not so many, or this system does not let a process choose.
    """
    if n_threads is None:
        return
    n_cores = machine.count_threads()
    if n_threads > n_cores:
        raise BadInputError(f"--threads {n_threads}: this process may use {n_cores} cores, expected no more; use fewer")
    if n_threads == n_cores:
        return
    if not hasattr(os, "sched_setaffinity"):
        raise BadInputError(
            f"--threads {n_threads}: this system lets no process choose its cores, expected Linux; leave it out"
        )
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n_threads])
