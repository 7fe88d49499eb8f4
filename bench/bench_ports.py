"""Every training port in its own loop, at the book's settings, for an epoch of each phase: make bench-ports.

The port runs as the command line runs it; a watched session says when its first training step was called and when its
last one had ended. What lies between is the listing's loop: batches, feeds, steps. With --notes, the chapter's notes,
each round starts with the original script under TensorFlow 1.15.5 on the same data, timed by the same lines.
"""

import contextlib
import importlib
import io
import sys

import pytest

from bench import tf1
from bench.step_flop import count_step_flop, note_steps
from ref.chapter import BY_NAME, SCRIPTS
from ref.common import session
from ref.common.errors import BadInputError
from ref.fidelity.record.times import Stopwatch

N_ROUNDS = 3
TRAINING = [script for script in SCRIPTS if script.number not in (9, 10)]


@pytest.fixture(scope="module")
def originals(request, device, tmp_path_factory):
    """The original scripts under TensorFlow 1.15.5; None, and a line on standard error, where they aren't asked for."""
    notes = request.config.getoption("--notes")
    if notes and device == "cpu":
        try:
            return tf1.Originals(notes, request.config.getoption("--data"), tmp_path_factory.mktemp("tf1"))
        except BadInputError as error:
            pytest.exit(f"error: {error}", returncode=2)
    reason = "it runs on the CPU alone" if notes else "make bench-ports NOTES=FILE, the notes' Markdown, adds it"
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nTensorFlow 1.15.5 is not measured: {reason}", file=sys.stderr)
    return None


@pytest.mark.parametrize("script", TRAINING, ids=lambda script: str(script.number))
def bench_port(benchmark, script, request, device, tmp_path, is_quick, originals):
    port = importlib.import_module(script.module)
    flags = ["--n-iterations", "1000"] if script.number == 1 else ["--epochs", "1"]
    data = request.config.getoption("--data")
    if script.reads_data and data:
        flags += ["--data", data]
    argv = ["--out", str(tmp_path), "--device", device, *flags]
    if script.needs:
        _run_quietly(importlib.import_module(BY_NAME[f"autoencoder_{script.needs}"].module), argv)
        if originals:
            originals.time(script.needs)
    runs, rounds, tf1_rounds, steps = [], [], [], []

    def run_original():
        if originals:
            tf1_rounds.append(originals.time(script.number))

    def run():
        stopwatch = Stopwatch(session.Session)
        with note_steps() as fed, stopwatch.watch():
            runs.append(_run_quietly(port, argv))
        rounds.append(stopwatch.result())
        steps.append(fed)

    benchmark.group = f"ports, {device}"
    benchmark.pedantic(run, setup=run_original, rounds=1 if is_quick else N_ROUNDS)
    summary, settings = tf1.sum_up(rounds), runs[0].hyper_parameters
    assert sum(summary["steps"]) > 0
    benchmark.extra_info |= {
        "port": script.number,
        "device": device,
        "data": (runs[0].result["data"] or {}).get("name"),
        "batch": settings.get("batch_size") or settings.get("batch_sizes"),
        "mflop_per_step": [round(count_step_flop(*step) / 1e6, 3) for step in steps[0].items()],
        **summary,
    }
    if originals:
        tf1_summary = tf1.sum_up(tf1_rounds)
        assert tf1_summary["steps"] == summary["steps"]
        benchmark.extra_info |= {f"tf1_{name}": tf1_summary[name] for name in ("steps_per_s", "ms_per_step")}
        benchmark.extra_info["tf1_versions"] = originals.versions


def _run_quietly(port, argv):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return port.main(argv)
