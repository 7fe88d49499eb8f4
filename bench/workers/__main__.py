"""One candidate on the work of bench/work.py, in a process of its own: python -m bench.workers WHO ENGINE …

It reads commands as JSON, one a line, and answers each with one line (bench/serve.py). ENGINE is one of ref/engines.py
for ours, and "-" for all others.
"""

import functools
import importlib
from argparse import Namespace
from pathlib import Path

from bench.serve import parse_worker, serve
from bench.work import read_work
from bench.workers import NAMES


def make_worker(args: Namespace) -> tuple:
    """Return the worker that ``serve`` asks, and the batches of its work."""
    work = read_work(Path(args.directory))
    module = importlib.import_module(f"bench.workers.{args.who.replace('-', '_')}")
    engine = {} if args.engine == "-" else {"engine": args.engine}
    return module.Worker(work, cached=args.frozen == "cached", device=args.device, **engine), work.batches


if __name__ == "__main__":
    serve(functools.partial(make_worker, parse_worker("bench.workers", __doc__, NAMES)))
