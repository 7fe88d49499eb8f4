"""What moves a random op's number turns tests/test_tf1.py red, which says which one moved, and by how much."""

import re

import pytest
from faults import LAYERS, Fault
from planting import load_from_source, plant

from ref.chapter import SCRIPTS
from ref.common.session import new_graph
from ref.fidelity.record.recorder import count_ops_before, list_random_ops
from scripts import prove_tf1

X = "X = tf.placeholder("
WEIGHTS2 = "weights2_init = initializer([n_hidden1, n_hidden2])"
HE = "return tf.truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)"
FAULTS = {  # the fault, and what the first line says of it
    Fault(7, "another op before a random op", X, f"tf.no_op()\n    {X}"): "truncated_normal/TruncatedNormal .*: +1 ops",
    Fault(
        13, "another op before a random op", X, f"tf.constant(1.0)\n    {X}"
    ): "dense/kernel/Initializer/random_uniform/RandomUniform .*: +1 ops",
    Fault(
        2,
        "a constant folded: L2 without its scale",
        "tf.multiply(my_scale, tf.nn.l2_loss(weights), name=name)",
        "tf.nn.l2_loss(weights, name=name)",
        LAYERS,
    ): "fully_connected_1/.* has the seeds .*: -1 ops",
    Fault(
        12, "a constant folded in dropout", "keep_prob = 1 - rate", "keep_prob = 0.7", LAYERS
    ): "hidden1/kernel/.* has the seeds .*: -3 ops",
    Fault(
        7,
        "an initializer of other form",
        HE,
        "return tf.random_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype)",
        LAYERS,
    ): "random_normal/RandomStandardNormal .* found, expected truncated_normal/TruncatedNormal",
    Fault(
        7,
        "an initializer of other ops",
        HE,
        "return tf.truncated_normal(shape, dtype=dtype) * math.sqrt(1.3 * factor / n)",
        LAYERS,
    ): "truncated_normal_1/TruncatedNormal has the seeds .*: +2 ops",
    Fault(
        12,
        "dropout of other ops",
        "lambda: _drop(inputs, rate)",
        "lambda: tf.nn.dropout(inputs, rate=rate)",
        LAYERS,
    ): "dropout/cond/dropout/random_uniform/RandomUniform has the seeds .*: -1 ops",
    Fault(
        15,
        "a second random op",
        "hidden3 = hidden3_mean + hidden3_sigma * noise",
        "hidden3 = hidden3_mean + hidden3_sigma * noise + tf.random_normal([n_hidden3])",
    ): "random_normal_1/RandomStandardNormal .* found, expected dense_4/kernel",
    Fault(
        11,
        "noise from NumPy: a random op less",
        "tf.random_normal(tf.shape(X))",
        "tf.ones_like(X)",
    ): "hidden1/kernel/.* found, expected random_normal/RandomStandardNormal",
    Fault(
        16,
        "a seed of its own",
        "noise = tf.random_normal(tf.shape(hidden3_gamma), ",
        "noise = tf.random_normal(tf.shape(hidden3_gamma), seed=5, ",
    ): r"random_normal/RandomStandardNormal has the seeds \[42, 5\], .*: not numbered by the 66 ops before it",
}


def list_ops(port):
    with new_graph(42) as graph:
        port.build()
    return list_random_ops(graph), count_ops_before(graph)


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.number}-{fault.name}" for fault in FAULTS])
def test_the_first_number_that_moved_is_named(fault):
    expected = prove_tf1.read(fault.number)["digits"]["seeds"]["42"]["random_ops"][0]
    assert prove_tf1.describe_moved(expected, *list_ops(load_from_source(SCRIPTS[fault.number - 1].module))) == []
    with plant(fault) as port:
        lines = prove_tf1.describe_moved(expected, *list_ops(port))
    assert lines, "no number moved"
    pattern = FAULTS[fault].replace("+", r"\+")
    assert re.match(pattern, lines[0]), lines


NOISE = ["noise", "RandomUniform", 42, 3]


@pytest.mark.parametrize(
    ("expected", "found", "ops_before", "line"),
    [
        ([NOISE], [], [], "noise (RandomUniform) is missing, expected it with the seeds [42, 3]"),
        ([], [NOISE], [3], "noise (RandomUniform) with the seeds [42, 3]: expected no such random op"),
        ([NOISE], [[*NOISE[:2], 42, 5]], [5], "noise has the seeds [42, 5], expected [42, 3]: +2 ops before it"),
        (
            [NOISE],
            [[*NOISE[:2], 42, 0]],
            [3],
            "noise has the seeds [42, 0], expected [42, 3]: not numbered by the 3 ops before it",
        ),
        ([NOISE], [[*NOISE[:2], 7, 3]], [3], "noise has the seeds [7, 3], expected [42, 3]: another graph seed"),
        (
            [NOISE],
            [[*NOISE[:2], 7, 2]],
            [2],
            "noise has the seeds [7, 2], expected [42, 3]: another graph seed, -1 ops before it",
        ),
    ],
)
def test_what_moved_a_random_op_is_named(expected, found, ops_before, line):
    assert prove_tf1.describe_moved(expected, found, ops_before) == [line]
