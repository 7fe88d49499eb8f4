"""Every training port in its own loop, at the book's settings, for an epoch of each phase: make bench-ports.

The port runs as the command line runs it; a session that looks at the clock says when its first training step was
called and when its last one had ended. What lies between is the listing's loop: batches, feeds, steps.
"""

import contextlib
import importlib
import io
import time
from unittest import mock

import pytest
import tensorflow.compat.v1 as tf

from ref.chapter import BY_NAME, SCRIPTS
from ref.common import session

N_ROUNDS = 3
TRAINING = [script for script in SCRIPTS if script.number not in (9, 10)]


class TimedSession(session.Session):
    """A session that notes, for each training op, when it was first called, when it last ended, and how often."""

    noted: dict

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        if not isinstance(fetches, tf.Operation) or (not feed_dict and "init" in fetches.name):
            return super().run(fetches, feed_dict, options, run_metadata)
        start_s = time.perf_counter()
        result = super().run(fetches, feed_dict, options, run_metadata)
        first_s, _, n_steps = self.noted.get((id(self), fetches.name), (start_s, None, 0))
        self.noted[id(self), fetches.name] = (first_s, time.perf_counter(), n_steps + 1)
        return result


@pytest.mark.parametrize("script", TRAINING, ids=lambda script: str(script.number))
def bench_port(benchmark, script, request, check_device, tmp_path, is_quick):
    device = request.config.getoption("--device") or "cpu"
    check_device(device)
    port = importlib.import_module(script.module)
    flags = ["--n-iterations", "1000"] if script.number == 1 else ["--epochs", "1"]
    data = request.config.getoption("--data")
    if script.reads_data and data:
        flags += ["--data", data]
    argv = ["--out", str(tmp_path), "--device", device, *flags]
    if script.needs:
        _run_quietly(importlib.import_module(BY_NAME[f"autoencoder_{script.needs}"].module), argv)
    rounds = []

    def run():
        TimedSession.noted = {}
        with mock.patch.object(session, "Session", TimedSession):
            rounds.append((_run_quietly(port, argv), TimedSession.noted))

    benchmark.group = f"ports, {device}"
    benchmark.pedantic(run, rounds=1 if is_quick else N_ROUNDS)
    seconds = [[last_s - first_s for first_s, last_s, _ in noted.values()] for _, noted in rounds]
    n_steps = [n for *_, n in rounds[0][1].values()]
    assert sum(n_steps) > 0
    settings = rounds[0][0].hyper_parameters
    best_s = [min(times) for times in zip(*seconds)]  # of each phase, over the rounds
    benchmark.extra_info |= {
        "port": script.number,
        "device": device,
        "data": (rounds[0][0].result["data"] or {}).get("name"),
        "batch": settings.get("batch_size") or settings.get("batch_sizes"),
        "steps": n_steps,
        "steps_per_s": [round(n / s, 1) for n, s in zip(n_steps, best_s)],
        "ms_per_step": [round(s / n * 1e3, 3) for n, s in zip(n_steps, best_s)],
    }


def _run_quietly(port, argv):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return port.main(argv)
