"""Phase 2 of autoencoder_8 by every engine, the frozen layer cached and recomputed: make bench.

A round is an epoch, the drawing of its batches included. Before it is timed, an engine must come to the loss that
float64 NumPy comes to on the same batches, or the benchmark fails. Other sizes: make bench BATCH= WIDTH= FROZEN=.
"""

import dataclasses
import statistics
import time

import numpy as np
import pytest

from bench import work as bench_work
from bench.contest import ENGINES
from bench.workers.ours import Worker as Ours

N_ROUNDS = 7
N_CHECKED_STEPS = 10  # of other sizes than the listing's
BATCHES = (150, 1000, 5000)
seconds_recomputed = {}  # an epoch's, by batch and engine: what a cached epoch is held against


def pytest_generate_tests(metafunc):
    batch = metafunc.config.getoption("--batch")
    metafunc.parametrize("batch_size", [batch] if batch else BATCHES)


@pytest.mark.parametrize("cached", [False, True], ids=["recomputed", "cached"])
@pytest.mark.parametrize("engine", ENGINES)
def bench_phase2(benchmark, device, batch_size, cached, engine, make_work, build_network, is_quick):
    if is_quick and batch_size != BATCHES[0]:
        pytest.skip("--quick")
    work = make_work(batch_size)
    n_steps = len(work.batches)
    if not n_steps:
        pytest.skip(f"{len(work.images)} rows are no batch of {batch_size}")
    worker = Ours(work, cached, device, engine, build_network)
    phase2, sess = worker.phase2, worker.sess
    with sess:

        def train_anew(n: int) -> dict[str, np.ndarray]:
            worker.reset()
            phase2.train(sess, work.batches[:n])
            return worker.get_weights()

        checked = work
        if (
            build_network
        ):  # other sizes may train chaotically at the listing's rate: rounding is no small thing for long
            checked = dataclasses.replace(work, batches=work.batches[:N_CHECKED_STEPS])
        deviation = bench_work.check_work(checked, engine, train_anew)

        rnd = np.random.RandomState(0)
        benchmark.group = f"phase 2, {device}, batch {batch_size}"
        benchmark.pedantic(lambda: phase2.train(sess, phase2.draw(rnd, batch_size)), rounds=N_ROUNDS, warmup_rounds=1)

        start_s = time.perf_counter()
        batches = list(phase2.draw(rnd, batch_size))
        sampler_s = time.perf_counter() - start_s
        feed_times_s = []
        for _ in range(4):  # the first is no measure: TensorFlow prepares what is new to it
            start_s = time.perf_counter()
            for value in phase2.make_feeds(np.array(batches)):
                sess.run(worker.nothing, {phase2.fed: value})
            feed_times_s.append(time.perf_counter() - start_s)
        feed_s = statistics.median(feed_times_s[1:])
    if benchmark.disabled:
        return
    epoch_s = benchmark.stats.stats.median
    key = (batch_size, engine)
    seconds_recomputed.update({} if cached else {key: epoch_s})
    gain_s = seconds_recomputed.get(key, float("nan")) - epoch_s
    benchmark.extra_info |= {
        "engine": engine,
        "engine_form": phase2.form,
        "cached": cached,
        "device": device,
        "batch": batch_size,
        "steps_per_round": n_steps,
        "ms_per_step": round(epoch_s / n_steps * 1e3, 4),
        "quartiles_ms": [round(getattr(benchmark.stats.stats, q) / n_steps * 1e3, 4) for q in ("q1", "q3")],
        "examples_per_s": round(n_steps * batch_size / epoch_s),
        "sampler_ms_per_step": round(sampler_s / n_steps * 1e3, 4),
        "feed_ms_per_step": round(feed_s / n_steps * 1e3, 4),
        "fill_s": round(worker.fill_s, 3),
        "bytes": (work.cache if cached else work.images).nbytes,
        "break_even_epochs": round(worker.fill_s / gain_s, 2) if cached and gain_s > 0 else None,
        "final_loss": checked.expected_losses["epoch"] * (1.0 + deviation["epoch"]),
    }
