"""The protocol of a worker's process: commands as JSON, one a line, each answered with one line. Python 3.7, too."""

import argparse
import contextlib
import json
import os
import sys
import time

import numpy as np


def parse_worker(module, description, names):
    """Return what a worker is told: who it is, with the frozen layer cached or not, where, on what, in which form."""
    parser = argparse.ArgumentParser(prog="python -m " + module, description=description.splitlines()[0])
    parser.add_argument("who", choices=names)
    parser.add_argument("frozen", choices=("cached", "recomputed"))
    parser.add_argument("directory", help="what bench.work.Work.save left")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--form", help="an engine, where who has engines, or a form, where who has forms")
    return parser.parse_args()


def read_peak_mb():
    """Return the most memory that this process has had resident, in MB; None where the system does not tell.

    What is shared with others counts, too: libraries, and of mapped files the pages that this process has read. The
    count starts with the program: unlike getrusage's, it takes over nothing from the process that started this one.
    """
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) * 1024 / 1e6)
    return None


def serve(make_worker):
    """Answer commands until there are none.

    ["reset"]            to the initial weights
    ["fill"]             the cache anew: seconds
    ["train", n_steps]   seconds
    ["save", path]       the weights, as a file
    ["describe"]         {"form": of the worker's own choice, "peak_mb": until now}

    ``make_worker`` gives the worker and its batches, (n_batches, batch); what it prints is no answer.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    worker, batches = make_worker()
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        answer, start_s = None, time.perf_counter()
        if command == "reset":
            worker.reset()
        elif command == "fill":
            worker.fill()
            answer = time.perf_counter() - start_s
        elif command == "train":
            worker.train(batches[: arguments[0]])
            answer = time.perf_counter() - start_s
        elif command == "save":
            np.savez(arguments[0], **worker.get_weights())
        elif command == "describe":
            answer = {"form": getattr(worker, "form", None), "peak_mb": read_peak_mb()}
        print(json.dumps(answer), file=answers, flush=True)
