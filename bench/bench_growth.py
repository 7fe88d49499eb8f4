"""How time and memory grow with rows, batch, width and the number of frozen layers below: make bench-growth.

One thing is varied at a time, from 10,000 rows, batches of 150, 300 units and one frozen layer. The rows are noise: no
matter what they are. A round is a block of steps; the cache's filling is timed by itself.
"""

import time

import numpy as np
import pytest

from bench.networks import N_INPUTS, build
from ref.common.session import new_graph, open_session
from ref.engines import make_phase2
from ref.engines.draws import draw_per_epoch

N_ROUNDS, N_STEPS = 7, 100
DEFAULT = {"rows": 10_000, "batch": 150, "width": 300, "frozen_layers": 1}
VARIED = {
    "rows": (1_000, 10_000, 100_000, 1_000_000),
    "batch": (50, 150, 500, 1_500, 5_000),
    "width": (100, 300, 1_000, 3_000),
    "frozen_layers": (1, 2, 4),
}
CASES = [(name, value) for name, values in VARIED.items() for value in values]


@pytest.mark.parametrize("cached", [False, True], ids=["recomputed", "cached"])
@pytest.mark.parametrize("engine", ["epoch-shuffle", "xla"])
@pytest.mark.parametrize(("varied", "value"), CASES)
def bench_growth(benchmark, varied, value, cached, engine, device, is_quick, tmp_path):
    if is_quick and value != DEFAULT[varied]:
        pytest.skip("--quick")
    case = DEFAULT | {varied: value}
    case["rows"] = max(case["rows"], case["batch"])
    rnd = np.random.RandomState(0)
    images = np.resize(rnd.uniform(size=(1000, N_INPUTS)).astype(np.float32), (case["rows"], N_INPUTS))
    with new_graph(0):
        g, frozen = build(case["width"], case["frozen_layers"])
        is_fed = engine == "epoch-shuffle"
        phase2 = make_phase2(
            engine, g, cached, cached and is_fed, batch_size=case["batch"], device=device, frozen=frozen
        )
        with open_session(device) as sess:
            sess.run(g.init)
            start_s = time.perf_counter()
            phase2.load(sess, images, tmp_path)
            fill_s = time.perf_counter() - start_s
            if cached:
                del images
            batches = np.concatenate(
                [
                    draw_per_epoch(rnd, case["rows"], case["batch"])
                    for _ in range(-(-N_STEPS * case["batch"] // case["rows"]))
                ]
            )[:N_STEPS]
            benchmark.group = f"growth with {varied}, {device}"
            benchmark.pedantic(lambda: phase2.train(sess, batches), rounds=N_ROUNDS, warmup_rounds=1)
            loss = g.loss.eval({g.X: rnd.uniform(size=(100, N_INPUTS))})
    assert np.isfinite(loss)
    if benchmark.disabled:
        return
    ms_per_step = benchmark.stats.stats.median / len(batches) * 1e3
    benchmark.extra_info |= {
        **case,
        "varied": varied,
        "engine": engine,
        "cached": cached,
        "device": device,
        "ms_per_step": round(ms_per_step, 4),
        "quartiles_ms": [round(getattr(benchmark.stats.stats, q) / len(batches) * 1e3, 4) for q in ("q1", "q3")],
        "examples_per_s": round(case["batch"] / ms_per_step * 1e3),
        "fill_s": round(fill_s, 3),
        "bytes": case["rows"] * 4 * (case["width"] if cached else N_INPUTS),
    }
