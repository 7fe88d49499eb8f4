"""How time and memory grow with rows, batch, width and the number of frozen layers below: make bench-growth.

One thing is varied at a time, from 10,000 rows, batches of 150, 300 units and one frozen layer. The rows are noise: no
matter what they are. A round is a block of steps; the cache's filling is timed by itself.
"""

import time
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.common.layers import l2_regularizer, variance_scaling_initializer
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


def build(width: int, n_frozen: int) -> tuple[SimpleNamespace, list]:
    """Build autoencoder_8's phase 2 on ``n_frozen`` frozen layers of ``width`` units; return it, and those layers."""
    activation, regularizer = tf.nn.elu, l2_regularizer(0.0001)
    initializer = variance_scaling_initializer()

    def make_layer(n_in, n_out):
        return tf.Variable(initializer([n_in, n_out])), tf.Variable(tf.zeros(n_out))

    X = tf.placeholder(tf.float32, [None, 784])
    frozen = [make_layer(784 if i == 0 else width, width) for i in range(n_frozen)]
    hidden1 = X
    for weights, biases in frozen:
        hidden1 = activation(tf.matmul(hidden1, weights) + biases)
    (weights2, biases2), (weights3, biases3) = make_layer(width, width // 2), make_layer(width // 2, width)
    hidden2 = activation(tf.matmul(hidden1, weights2) + biases2)
    hidden3 = activation(tf.matmul(hidden2, weights3) + biases3)
    loss = tf.reduce_mean(tf.square(hidden3 - hidden1)) + regularizer(weights2) + regularizer(weights3)
    train_vars, learning_rate = [weights2, biases2, weights3, biases3], 0.01
    optimizer = tf.train.AdamOptimizer(learning_rate)
    phase2_training_op = optimizer.minimize(loss, var_list=train_vars)
    init = tf.global_variables_initializer()
    return SimpleNamespace(**locals()), frozen


@pytest.mark.parametrize("cached", [False, True], ids=["recomputed", "cached"])
@pytest.mark.parametrize("engine", ["epoch-shuffle", "xla"])
@pytest.mark.parametrize(("varied", "value"), CASES)
def bench_growth(benchmark, varied, value, cached, engine, is_quick, tmp_path, request, check_device):
    device = request.config.getoption("--device") or "cpu"
    check_device(device)
    if is_quick and value != DEFAULT[varied]:
        pytest.skip("--quick")
    case = DEFAULT | {varied: value}
    case["rows"] = max(case["rows"], case["batch"])
    rnd = np.random.RandomState(0)
    images = np.resize(rnd.uniform(size=(1000, 784)).astype(np.float32), (case["rows"], 784))
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
            loss = g.loss.eval({g.X: rnd.uniform(size=(100, 784))})
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
        "examples_per_s": round(case["batch"] / ms_per_step * 1e3),
        "fill_s": round(fill_s, 3),
        "bytes": case["rows"] * 4 * (case["width"] if cached else 784),
    }
