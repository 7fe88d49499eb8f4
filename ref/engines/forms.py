"""The forms of the engine ``xla``, and which of them is the fastest here: measured once, and kept."""

import contextlib
import functools
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common import machine
from ref.common.errors import BadInputError
from ref.common.files import open_atomically, read_json
from ref.common.graph_mode import graph_mode
from ref.common.progress import Bar
from ref.common.session import describe_device, open_session
from ref.engines.cache import Rows
from ref.engines.phase2 import Phase2

KEPT = Path(__file__).resolve().parents[2] / "data" / "engine_forms.json"
MEASURED_S = 0.8  # of all forms together, or a round if that takes longer; compiling comes to it
N_EXAMPLES = 2400  # of a turn: 16 batches of the listing's


@dataclass(frozen=True)
class Form:
    """How an epoch is written for XLA: the batch in so many parts, so many steps in a turn of the loop.

    ``rows_frozen``: of how many rows the frozen layers, where they are recomputed, are computed at once, at least a
    batch's; 0 for each part by itself.
    """

    parts: int = 1
    steps: int = 1
    rows_frozen: int = 0


FORMS = {
    "whole": Form(),
    "halves": Form(parts=2),
    "halves-2-steps": Form(parts=2, steps=2),
    "halves-4-steps": Form(parts=2, steps=4),
    "whole-blocks": Form(rows_frozen=1200),
    "halves-blocks": Form(parts=2, steps=2, rows_frozen=1200),
}


Maker = Callable[[SimpleNamespace, Rows, str], Phase2]


def choose_form(make: Maker, g: SimpleNamespace, rows: Rows, batch_size: int, device: str) -> str:
    """Return the name of the form that is the fastest for these sizes on this machine.

    It is measured where it is not known yet, and kept in ``data/engine_forms.json``; a line on standard error says so.

    Args:
      make: makes the engine in a graph: of what ``build`` returned, its rows, and the form's name.
      g: what autoencoder_8's ``build`` returned.
      rows: one of ref/engines/cache.py.
    """
    case = {
        "cpu": machine.describe_cpu(),
        "threads": machine.count_threads(),
        "device": describe_device(device),
        "settings": machine.describe_settings(),
        "tensorflow": tf.__version__,
        "batch": batch_size,
        "frozen": [weights.shape.as_list() for weights, _ in rows.layers],
        "trained": [variable.shape.as_list() for variable in g.train_vars],
    }
    key = json.dumps(case)
    kept = _read_kept()
    if kept.get(key) not in FORMS:
        start_s = time.perf_counter()
        ms_per_step = measure_forms(make, g, rows, batch_size, device)
        best = min(ms_per_step, key=ms_per_step.__getitem__)
        times = ", ".join(f"{name} {ms:.3f}" for name, ms in ms_per_step.items())
        took_s = time.perf_counter() - start_s
        print(f"xla: takes the form {best} (ms a step: {times}; measured once, {took_s:.1f} s)", file=sys.stderr)
        kept = _read_kept() | {key: best}
        try:
            with open_atomically(KEPT) as file:
                file.write((json.dumps(kept, indent=1) + "\n").encode())
        except BadInputError as error:
            print(f"xla: that is not kept: {error}", file=sys.stderr)
    return kept[key]


def _read_kept() -> dict[str, str]:
    try:
        return {key: name for key, name in read_json(KEPT).items() if isinstance(name, str)}
    except (OSError, ValueError):  # not there yet, or no file of ours
        return {}


def measure_forms(make: Maker, g: SimpleNamespace, rows: Rows, batch_size: int, device: str) -> dict[str, float]:
    """Return the milliseconds a step of each form that differs here, the best of rounds in which all take turns.

    The best, because what disturbs a round, of neighbours on the machine, only ever adds to it.
    Each form has a graph of its own, with variables of the shapes of ``g``'s, and rows of noise.
    """
    names = [name for name, form in FORMS.items() if rows.layers or not form.rows_frozen]
    n_steps = max(N_EXAMPLES // batch_size, *(form.steps for form in FORMS.values()))  # a whole turn of each loop
    rnd = np.random.RandomState(0)
    table = rnd.uniform(size=(n_steps * batch_size, rows.tensor.shape[1].value)).astype(np.float32)
    batches = rnd.permutation(len(table)).astype(np.int32).reshape(n_steps, batch_size)
    times_s: dict[str, list[float]] = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        trains = {}
        for name in Bar(names, desc="forms of xla", leave=False, disable=None):
            with graph_mode(), tf.Graph().as_default():
                phase2 = make(*_copy_shapes(g, rows), name)
                init = tf.global_variables_initializer()
                sess = stack.enter_context(open_session(device))
                sess.run(init)
            trains[name] = functools.partial(phase2.train, sess, batches)
            phase2.keep(sess, table)
            trains[name]()
        start_s = time.perf_counter()
        while not times_s[names[-1]] or time.perf_counter() - start_s < MEASURED_S:
            for name, train in trains.items():
                turn_s = time.perf_counter()
                train()
                times_s[name].append(time.perf_counter() - turn_s)
    return {name: min(times) / n_steps * 1e3 for name, times in times_s.items()}


def _copy_shapes(g: SimpleNamespace, rows: Rows) -> tuple[SimpleNamespace, SimpleNamespace]:
    """Return what stands for ``g`` and its rows in the default graph: variables of the same shapes, the same losses."""
    rnd = np.random.RandomState(0)

    def copy(variable: tf.Variable) -> tf.Variable:
        return tf.Variable(rnd.normal(scale=0.05, size=variable.shape.as_list()).astype(np.float32))

    train_vars = [copy(variable) for variable in g.train_vars]
    optimizer = tf.train.AdamOptimizer(g.learning_rate)
    optimizer.minimize(tf.add_n([tf.reduce_sum(variable) for variable in train_vars]))  # makes the slots
    layers = [tuple(copy(variable) for variable in layer) for layer in rows.layers]
    own = {"train_vars": train_vars, "optimizer": optimizer}
    same = {name: getattr(g, name) for name in ("activation", "regularizer", "learning_rate")}
    tensor = tf.placeholder(tf.float32, rows.tensor.shape)
    return SimpleNamespace(**own, **same), SimpleNamespace(tensor=tensor, layers=layers)
