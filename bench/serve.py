"""The protocol of a worker's process: commands as JSON, one a line, each answered with one line. Python 3.7, too."""

import argparse
import json
import os
import sys
import time

import numpy as np


def parse_worker(module, description, names):
    """Return what a worker is told: who it is, by which engine, with the frozen layer cached or not, where, on what."""
    parser = argparse.ArgumentParser(prog="python -m " + module, description=description.splitlines()[0])
    parser.add_argument("who", choices=names)
    parser.add_argument("engine")
    parser.add_argument("frozen", choices=("cached", "recomputed"))
    parser.add_argument("directory", help="what bench.work.Work.save left")
    parser.add_argument("device", choices=("cpu", "gpu"))
    return parser.parse_args()


def serve(make_worker):
    """Answer commands: ["reset"], ["train", n_steps] (seconds), ["save", path] (the weights), until there are none.

    ``make_worker`` gives the worker and its batches, (n_batches, batch); what it prints is no answer.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    worker, batches = make_worker()
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        answer = None
        if command == "reset":
            worker.reset()
        elif command == "train":
            start_s = time.perf_counter()
            worker.train(batches[: arguments[0]])
            answer = time.perf_counter() - start_s
        elif command == "save":
            np.savez(arguments[0], **worker.get_weights())
        print(json.dumps(answer), file=answers, flush=True)
