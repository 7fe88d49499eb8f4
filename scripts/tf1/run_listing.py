"""Run one original script under TensorFlow 1.15.5 itself, in .venv-tf1 (make tf1); Python 3.7, without our packages.

    .venv-tf1/bin/python scripts/tf1/run_listing.py FILE --data DIR --out DIR [--seed 42] [--set NAME=VALUE …]
        [--validation-size N] [--threads N] [--watch losses|draws|times] [--nudge]

FILE's text is executed as it is, but for the values given with --set. Around it the tutorial reader reads DIR (the four
gzipped IDX files) whatever directory the script names, checkpoints are kept in --out under their own names,
percentages are not printed, pictures are not shown; graph and NumPy are seeded before the first line. OUT/result.json
holds the printed lines and where they come from; --watch adds what ref/fidelity/record sees (recorder.py), or, with
times, how long the training steps took (times.py). --nudge, with losses or draws, moves the weights of one unit by
their last bit before the first step: what becomes of that is chaos, not code.
"""

import argparse
import contextlib
import io
import json
import os
import re
import runpy
import sys
import time
import warnings

FIDELITY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "ref", "fidelity", "record")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--validation-size", type=int, default=5000)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--watch", choices=("losses", "draws", "times"))
    parser.add_argument("--nudge", action="store_true")
    return parser.parse_args()


def import_tf1():
    """Return TensorFlow 1.15.5, which says no more than it must; end the process where it is another one."""
    warnings.filterwarnings("ignore")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.pop("TF2_BEHAVIOR", None)  # TensorFlow 2 leaves it to its children, and TensorFlow 1 would turn eager
    os.environ["MPLBACKEND"] = "Agg"
    import tensorflow as tf

    if tf.__version__ != "1.15.5":
        sys.exit(f"error: TensorFlow {tf.__version__} found, expected 1.15.5; run this with .venv-tf1/bin/python")
    tf.get_logger().setLevel("ERROR")
    return tf


def describe_process(tf, n_threads):
    """Return versions, and the threads that ``n_threads`` stands for: 0 is what TensorFlow takes, one a CPU."""
    import numpy as np

    return {
        "versions": {"python": sys.version.split()[0], "tensorflow": tf.__version__, "numpy": np.__version__},
        "threads": n_threads or len(os.sched_getaffinity(0)),
    }


def set_values(source, settings):
    """Return the ``source`` with the assignments, or else the keyword arguments, that ``settings`` names replaced.

    Raises:
      SystemExit: it has none of that name.
    """
    for setting in settings:
        name, value = setting.split("=", 1)
        source, n_found = re.subn(rf"(?m)^{re.escape(name)} = .*$", f"{name} = {value}", source)
        if not n_found:
            source, n_found = re.subn(rf"\b{re.escape(name)}=[0-9]+", name + "=" + value, source)
        if not n_found:
            sys.exit(f"error: --set {name}: no such value in the script, expected one that it assigns")
    return source


def redirect(tf, args):
    """Make the reader read --data, and checkpoints go to --out, without changing what either does."""
    from tensorflow.examples.tutorials.mnist import input_data

    read, save, restore, open_session = (
        input_data.read_data_sets, tf.train.Saver.save, tf.train.Saver.restore, tf.Session.__init__,
    )  # fmt: skip

    def read_data_sets(*_, **keywords):
        with contextlib.redirect_stdout(io.StringIO()):  # "Extracting …"
            return read(args.data, validation_size=args.validation_size, **keywords)

    def place(path):
        return os.path.join(args.out, os.path.basename(path))

    def open_with_threads(self, target="", graph=None, config=None):
        if args.threads:
            config = config or tf.ConfigProto()
            config.intra_op_parallelism_threads = args.threads
        open_session(self, target, graph, config)

    input_data.read_data_sets = read_data_sets
    tf.train.Saver.save = lambda self, sess, path, *rest, **keywords: save(self, sess, place(path), *rest, **keywords)
    tf.train.Saver.restore = lambda self, sess, path: restore(self, sess, place(path))
    tf.Session.__init__ = open_with_threads


def make_recorder(session_class, args):
    """Return what --watch asks for."""
    if args.watch == "times":
        return runpy.run_path(os.path.join(FIDELITY, "times.py"))["Stopwatch"](session_class)
    record = runpy.run_path(os.path.join(FIDELITY, "recorder.py"))["Recorder"]
    return record(session_class, args.watch == "losses", args.watch == "draws", args.nudge)


class Printer:
    """The listing's ``print``, without the percentages and the carriage returns that wipe them away."""

    def __init__(self):
        self.text = ""

    def __call__(self, *values, **keywords):
        line = io.StringIO()
        print(*values, file=line, **keywords)
        if not re.match("\r[0-9]+%$", line.getvalue()):
            self.text += line.getvalue().replace("\r", "")


def main():
    args = parse_arguments()
    tf = import_tf1()
    import numpy as np

    os.makedirs(args.out, exist_ok=True)
    with open(args.file, encoding="utf-8") as file:
        source = set_values(file.read(), args.set)
    redirect(tf, args)
    recorder = make_recorder(tf.Session, args) if args.watch else None
    tf.set_random_seed(args.seed)
    np.random.seed(args.seed)
    printer, start_s = Printer(), time.perf_counter()
    names = {"__name__": "__main__", "__file__": args.file, "print": printer}
    with recorder.watch() if recorder else contextlib.ExitStack():
        exec(compile(source, args.file, "exec"), names)
    result = {
        "script": os.path.basename(args.file)[:-3],
        "seed": args.seed,
        "settings": args.set,
        "lines": printer.text.splitlines(),
        "wall_time_s": round(time.perf_counter() - start_s, 3),
    }
    result.update(describe_process(tf, args.threads))
    if recorder:
        result["watched"] = recorder.result()
    with open(os.path.join(args.out, "result.json"), "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
