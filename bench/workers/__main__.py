"""One candidate on the work of bench/work.py, in a process of its own: python -m bench.workers WHO cached DIRECTORY …

It reads commands as JSON, one a line, and answers each with one line (bench/serve.py).
"""

import functools
import importlib
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.serve import parse_worker, serve
from bench.work import read_work
from bench.workers import NAMES

N_TIMED = 2  # epochs of each form, the fastest of which counts


def make_fastest(make: Callable, forms: list[str], batches: np.ndarray):
    """Return the worker that ``make`` makes in the form whose epoch is the fastest here."""
    seconds = {}
    for form in forms:
        worker = make(form)
        times_s = []
        for _ in range(1 + N_TIMED):  # in the first it compiles
            start_s = time.perf_counter()
            worker.train(batches)
            times_s.append(time.perf_counter() - start_s)
        seconds[form] = min(times_s[1:])
    return make(min(seconds, key=seconds.get))


def make_worker(args: Namespace) -> tuple:
    """Return the worker that ``serve`` asks, and the batches of its work."""
    work, cached = read_work(Path(args.directory)), args.frozen == "cached"
    module = importlib.import_module(f"bench.workers.{args.who.replace('-', '_')}")
    make = functools.partial(module.Worker, work, cached, args.device)
    if args.form:
        return make(args.form), work.batches
    if hasattr(module, "FORMS"):
        return make_fastest(make, module.FORMS[cached], work.batches), work.batches
    return make(), work.batches


if __name__ == "__main__":
    serve(functools.partial(make_worker, parse_worker("bench.workers", __doc__, NAMES)))
