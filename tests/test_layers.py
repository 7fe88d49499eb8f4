"""The layers against their originals' official successors: tf_slim 1.1.0 and tf_keras' legacy tf.layers."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import tf_slim

from ref.common import cli, layers
from ref.common.errors import BadInputError
from ref.common.session import new_graph

N_INPUTS, N_UNITS = 7, 5
SIZES = (5, 5, 1, 7)  # a square layer, one to a single unit and one from it


def record(build):
    """Build a graph; return its op types and names in order, variables, regularization losses, and initial values."""
    with new_graph(seed=3) as graph:
        X = tf.placeholder(tf.float32, [None, N_INPUTS])
        build(X)
        init = tf.global_variables_initializer()
        ops = [(op.type, op.name) for op in graph.get_operations()]
        variables = [(v.name, v.shape.as_list(), v.dtype) for v in tf.global_variables()]
        trainable = [v.name for v in tf.trainable_variables()]
        losses = [loss.op.type for loss in tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)]
        with tf.Session() as sess:
            sess.run(init)
            values = sess.run(tf.global_variables())
    return ops, variables, trainable, losses, values


def assert_same(ours, theirs):
    assert ours[:4] == theirs[:4]
    for a, b in zip(ours[4], theirs[4]):
        np.testing.assert_array_equal(a, b)


def stack(layer, **settings):
    def build(X):
        for n_units in SIZES:
            X = layer(X, n_units, **settings)

    return build


@pytest.mark.parametrize("activation", [None, tf.nn.elu, tf.nn.relu, tf.nn.sigmoid])
@pytest.mark.parametrize("is_regularized", [False, True])
def test_dense_is_the_legacy_one(activation, is_regularized):
    ours = dict(activation=activation)
    theirs = dict(activation=activation)
    if is_regularized:
        ours |= dict(
            kernel_initializer=layers.variance_scaling_initializer(), kernel_regularizer=layers.l2_regularizer(0.1)
        )
        theirs |= dict(
            kernel_initializer=tf_slim.variance_scaling_initializer(), kernel_regularizer=tf_slim.l2_regularizer(0.1)
        )
    assert_same(record(stack(layers.dense, **ours)), record(stack(tf.layers.dense, **theirs)))


def test_dense_takes_a_name():
    def build(layer):
        return lambda X: layer(layer(X, N_UNITS, name="hidden"), N_INPUTS, name="outputs")

    ours = record(build(layers.dense))
    assert_same(ours, record(build(tf.layers.dense)))
    assert [name for name, *_ in ours[1]] == ["hidden/kernel:0", "hidden/bias:0", "outputs/kernel:0", "outputs/bias:0"]


@pytest.mark.parametrize("dense", [layers.dense, tf.layers.dense], ids=["ours", "legacy"])
def test_dense_does_not_share_a_name(dense):
    with pytest.raises(ValueError, match="hidden/kernel already exists"):
        record(lambda X: [dense(X, N_UNITS, name="hidden") for _ in range(2)])


@pytest.mark.parametrize("activation", [None, tf.nn.elu])
def test_fully_connected_is_contribs(activation):
    assert_same(
        record(
            stack(
                layers.fully_connected,
                activation_fn=activation,
                weights_initializer=layers.variance_scaling_initializer(),
                weights_regularizer=layers.l2_regularizer(0.1),
            )
        ),
        record(
            stack(
                tf_slim.layers.fully_connected,
                activation_fn=activation,
                weights_initializer=tf_slim.variance_scaling_initializer(),
                weights_regularizer=tf_slim.l2_regularizer(0.1),
            )
        ),
    )


def test_fully_connected_has_contribs_defaults():
    ours = record(stack(layers.fully_connected))
    assert_same(ours, record(stack(tf_slim.layers.fully_connected)))
    assert ("Relu", "fully_connected/Relu") in ours[0]
    assert ours[1][0][0] == "fully_connected/weights:0"


@pytest.mark.parametrize("mode", ["FAN_IN", "FAN_OUT", "FAN_AVG"])
@pytest.mark.parametrize("uniform", [False, True])
@pytest.mark.parametrize("shape", [[784, 300], [3, 2], [300, 10], [1, 4], [4, 1], [5, 5], [3, 2, 4, 5]])
def test_variance_scaling_initializer_is_contribs(mode, uniform, shape):
    def draw(library):
        with new_graph(seed=11), tf.Session() as sess:
            return sess.run(
                [
                    library.variance_scaling_initializer(factor, mode, uniform, seed)(shape, dtype=dtype)
                    for factor in (2.0, 1.0, 0.5)
                    for dtype in (tf.float32, tf.float64)
                    for seed in (None, 3)
                ]
            )

    for ours, theirs in zip(draw(layers), draw(tf_slim)):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("scale", [0.5, 3.0, 1e-30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_l2_regularizer_is_half_the_sum_of_squares(scale, dtype):
    with new_graph(seed=0), tf.Session() as sess:
        penalty = sess.run(layers.l2_regularizer(scale)(tf.constant([[1.0, -2.0], [3.0, 0.0]], dtype)))
    assert (penalty, penalty.dtype) == (dtype(scale * 14 / 2), dtype)


@pytest.mark.parametrize("scale", [0.0, -0.0, np.float32(0), 0, False, -0.5, -1, 1, np.int64(1)])
def test_scales_that_contrib_ignores_or_refuses(scale):
    def call(l2_regularizer):
        try:
            return l2_regularizer(scale)("weights")
        except ValueError as error:
            return str(error)

    assert call(layers.l2_regularizer) == call(tf_slim.l2_regularizer)


@pytest.mark.parametrize(
    ("layer", "theirs", "argument"),
    [
        (layers.fully_connected, tf_slim.layers.fully_connected, "weights_regularizer"),
        (layers.dense, tf.layers.dense, "kernel_regularizer"),
    ],
)
def test_a_scale_of_0_makes_no_op_and_no_loss(layer, theirs, argument):
    ours = record(stack(layer, **{argument: layers.l2_regularizer(0.0)}))
    assert_same(ours, record(stack(layer)))
    assert_same(ours, record(stack(theirs, **{argument: tf_slim.l2_regularizer(0.0)})))
    assert ours[3] == []


# What TensorFlow 1.15.5's tf.layers.dropout makes in a graph, by its GraphDef, from the cond's first op on.
DROPOUT_OPS = [
    ("Switch", "dropout/cond/Switch"),
    ("Identity", "dropout/cond/switch_t"),
    ("Identity", "dropout/cond/switch_f"),
    ("Identity", "dropout/cond/pred_id"),
    ("Const", "dropout/cond/dropout/rate"),
    ("Shape", "dropout/cond/dropout/Shape"),
    ("Switch", "dropout/cond/dropout/Shape/Switch"),
    ("Const", "dropout/cond/dropout/random_uniform/min"),
    ("Const", "dropout/cond/dropout/random_uniform/max"),
    ("RandomUniform", "dropout/cond/dropout/random_uniform/RandomUniform"),
    ("Sub", "dropout/cond/dropout/random_uniform/sub"),
    ("Mul", "dropout/cond/dropout/random_uniform/mul"),
    ("AddV2", "dropout/cond/dropout/random_uniform"),  # Add in TensorFlow 1
    ("Const", "dropout/cond/dropout/sub/x"),
    ("Sub", "dropout/cond/dropout/sub"),
    ("Const", "dropout/cond/dropout/truediv/x"),
    ("RealDiv", "dropout/cond/dropout/truediv"),
    ("GreaterEqual", "dropout/cond/dropout/GreaterEqual"),
    ("Mul", "dropout/cond/dropout/mul"),
    ("Cast", "dropout/cond/dropout/Cast"),
    ("Mul", "dropout/cond/dropout/mul_1"),
    ("Identity", "dropout/cond/Identity"),
    ("Switch", "dropout/cond/Identity/Switch"),
    ("Merge", "dropout/cond/Merge"),
]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("rate", [0.3, 0.5, 0.9])
def test_dropout_is_the_legacy_one(training, rate):
    X_val = np.arange(60, dtype=np.float32).reshape(6, 10) + 1

    def draw(layer):
        with new_graph(seed=5, seeds="tf2") as graph:  # whose numbers are the same, the ops being others
            is_training = tf.placeholder_with_default(False, shape=(), name="training")
            X = tf.placeholder(tf.float32, [None, 10])
            outputs = layer(X, rate, training=is_training)
            with tf.Session() as sess:
                ops = [(op.type, op.name) for op in graph.get_operations()]
                return ops, sess.run([outputs, outputs + 0], {X: X_val, is_training: training})

    (our_ops, (ours, _)), (_, (theirs, _)) = draw(layers.dropout), draw(tf.layers.dropout)
    assert our_ops[3 : 3 + len(DROPOUT_OPS)] == DROPOUT_OPS
    np.testing.assert_array_equal(ours == 0, theirs == 0)
    np.testing.assert_allclose(
        ours, theirs, rtol=np.finfo(np.float32).eps / (1 - rate)
    )  # which has 1 - rate in float64
    if training:
        kept = ours != 0
        assert 0 < kept.sum() < kept.size
        np.testing.assert_allclose(ours[kept], (X_val / (1 - rate))[kept], rtol=1e-6)
    else:
        np.testing.assert_array_equal(ours, X_val)


@pytest.mark.parametrize("uniform", [True, False])
def test_xavier_is_contribs(uniform):
    def draw(library):
        with new_graph(seed=11), tf.Session() as sess:
            return sess.run([library.xavier_initializer(uniform, seed)([7, 5]) for seed in (None, 3)])

    np.testing.assert_array_equal(draw(layers), draw(tf_slim))


@pytest.mark.parametrize("mode", ["FAN_OFF", "fan_in"])
def test_an_unknown_mode_is_refused(mode):
    with pytest.raises(ValueError, match=f"mode '{mode}' found, expected 'FAN_IN', 'FAN_OUT'"):
        layers.variance_scaling_initializer(mode=mode)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(layers.dense, tf.layers.dense), (layers.fully_connected, tf_slim.layers.fully_connected)]
)
def test_layers_of_float64(ours, theirs):
    def build(layer):
        return lambda X: layer(tf.cast(X, tf.float64), N_UNITS)

    found = record(build(ours))
    assert_same(found, record(build(theirs)))
    assert {value.dtype for value in found[-1]} == {np.dtype(np.float64)}


# By the GraphDef of TensorFlow 1.15.5, which makes no cond where ``training`` is Python's.
DROPOUT_OPS_WITHOUT_COND = {
    True: [(kind, name.replace("cond/", "")) for kind, name in DROPOUT_OPS[4:21] if "Switch" not in name],
    False: [("Identity", "dropout/Identity")],
}
# And what it draws of a graph seed of 3 for a rate of 0.3, where of 12 ones.
DROPPED = [2, 9]


@pytest.mark.parametrize("training", [False, True])
def test_dropout_of_a_python_bool_is_tensorflow_1s(training):
    with new_graph(seed=3) as graph:
        X = tf.placeholder(tf.float32, [None, 4])
        outputs = layers.dropout(X, 0.3, training=training)
        ops = [(op.type, op.name) for op in graph.get_operations()][1:]
        with tf.Session() as sess:
            values = sess.run(outputs, {X: np.ones((3, 4))})
    assert ops == DROPOUT_OPS_WITHOUT_COND[training]
    assert np.flatnonzero(values == 0).tolist() == (DROPPED if training else [])


HARMLESS = {
    "fully_connected": dict(normalizer_fn=None, reuse=False, trainable=True, biases_initializer=tf.zeros_initializer()),
    "dense": dict(use_bias=True, reuse=None, bias_initializer=tf.zeros_initializer(), activity_regularizer=None),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_arguments_that_change_nothing_are_taken(name):
    layer = getattr(layers, name)
    assert_same(record(stack(layer, **HARMLESS[name])), record(stack(layer)))


def call(layer, *more, **beyond):
    return lambda X: getattr(layers, layer)(X, *more, **beyond)


SLIM, LEGACY = "tf_slim.{}, which is contrib's", "tf.compat.v1.layers.{} of tf_keras"
BEYOND = {
    "scope": (call("fully_connected", 3, scope="h1"), SLIM.format("fully_connected")),
    "reuse": (call("fully_connected", 3, reuse=True, scope="h1"), SLIM.format("fully_connected")),
    "normalizer": (call("fully_connected", 3, normalizer_fn=tf_slim.batch_norm), SLIM.format("fully_connected")),
    "normalizer by place": (call("fully_connected", 3, None, tf_slim.batch_norm), SLIM.format("fully_connected")),
    "no biases": (call("fully_connected", 3, biases_initializer=None), SLIM.format("fully_connected")),
    "trainable": (call("fully_connected", 3, trainable=False), SLIM.format("fully_connected")),
    "use_bias": (call("dense", 3, use_bias=False), LEGACY.format("dense")),
    "use_bias by place": (call("dense", 3, None, False), LEGACY.format("dense")),
    "reuse a dense": (call("dense", 3, name="h1", reuse=True), LEGACY.format("dense")),
    "bias of ones": (call("dense", 3, bias_initializer=tf.ones_initializer()), LEGACY.format("dense")),
    "activity": (call("dense", 3, activity_regularizer=tf_slim.l2_regularizer(0.1)), LEGACY.format("dense")),
    "rank 3": (lambda X: layers.dense(tf.expand_dims(X, 1), 3), LEGACY.format("dense")),
    "rank 4": (lambda X: layers.fully_connected(X[:, None, None], 3), SLIM.format("fully_connected")),
    "noise_shape": (call("dropout", 0.3, noise_shape=[1, 7]), LEGACY.format("dropout")),
    "contrib's dropout": (call("dropout", keep_prob=0.5, is_training=True), SLIM.format("dropout")),
    "rank 1": (lambda X: layers.dense(X[0], 3), "tf.reshape"),
    "rank unknown": (lambda X: layers.dense(tf.placeholder(tf.float32), 3), "tf.reshape"),
    "width unknown": (lambda X: layers.dense(tf.placeholder(tf.float32, [5, None]), 3), "tf.reshape"),
    "integers": (lambda X: layers.dense(tf.cast(X, tf.int32), 3), "tf.cast"),
    "activation by name": (call("dense", 3, activation="relu"), "tf.nn.relu"),
    "initializer by name": (call("dense", 3, kernel_initializer="he_normal"), "expected a function"),
    "a bias drawn": (lambda X: layers.xavier_initializer()([3]), SLIM.format("variance_scaling_initializer")),
    "conv2d": (lambda X: layers.conv2d, f"{SLIM.format('conv2d')} (pip install tf-slim), or {LEGACY.format('conv2d')}"),
    "batch_norm": (lambda X: layers.batch_norm, SLIM.format("batch_norm")),
}


@pytest.mark.parametrize("case", BEYOND)
def test_what_is_beyond_is_a_line_that_names_the_successor(case):
    build, successor = BEYOND[case]
    with pytest.raises(layers.NotCoveredError) as error:
        record(build)
    assert successor in str(error.value)
    assert "\n" not in str(error.value)


def test_in_a_changed_port_it_is_bad_input(tmp_path):
    def build(run):
        layers.dense(tf.placeholder(tf.float32, [None, 3]), 2, use_bias=False)

    with pytest.raises(BadInputError, match=r"autoencoder_1: dense\(use_bias=…\): not covered here"):
        cli.run_script("autoencoder_1", build, argv=["--out", str(tmp_path)])


def test_the_successors_have_what_is_said_of_them():
    libraries = {layers.SLIM: tf_slim, layers.LEGACY: tf.layers}
    for successor, names in layers._ELSEWHERE.items():
        assert [name for name in names.split() if not hasattr(libraries[successor], name)] == []


def test_what_neither_has_is_no_attribute_and_no_argument():
    assert not hasattr(layers, "no_such_layer")
    with pytest.raises(TypeError, match=r"dense\(activation_fn=…\): the original has no such argument"):
        record(call("dense", 3, activation_fn=None))


def test_eager_calls_are_refused():
    with pytest.raises(layers.NotCoveredError, match="called eagerly, expected a graph"):
        layers.dense(np.ones((2, 3), np.float32), 3)


ALONE = """
import importlib.util, json
import tensorflow.compat.v1 as tf
from layers import dense, dropout, fully_connected, l2_regularizer, variance_scaling_initializer
assert importlib.util.find_spec("ref") is None
try:
    from layers import conv2d
except ValueError as error:
    print(error)
with tf.Graph().as_default() as graph, tf.Session() as sess:
    tf.set_random_seed(3)
    X = tf.placeholder(tf.float32, [None, 7])
    he = variance_scaling_initializer()
    hidden = fully_connected(dropout(X, 0.3), 5, weights_initializer=he, weights_regularizer=l2_regularizer(0.1))
    dense(hidden, 3, name="outputs")
    sess.run(tf.global_variables_initializer())
    print(json.dumps({variable.name: value.tolist() for variable, value in zip(
        tf.global_variables(), sess.run(tf.global_variables()))}))
"""


def test_the_file_can_be_copied_alone(tmp_path):
    """Without our package it draws what tf_slim and the legacy layers draw, by TensorFlow 2's numbers."""
    shutil.copy(layers.__file__, tmp_path)
    (tmp_path / "alone.py").write_text(ALONE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TF_USE"))}
    done = subprocess.run([sys.executable, "alone.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    line, found = done.stdout.splitlines()
    assert line.startswith("conv2d: not in layers, which has dense layers alone; use tf_slim.conv2d")
    with new_graph(seed=3, seeds="tf2"), tf.Session() as sess:
        he, penalty = tf_slim.variance_scaling_initializer(), tf_slim.l2_regularizer(0.1)
        X = tf.layers.dropout(tf.placeholder(tf.float32, [None, 7]), 0.3)
        hidden = tf_slim.fully_connected(X, 5, weights_initializer=he, weights_regularizer=penalty)
        tf.layers.dense(hidden, 3, name="outputs")
        sess.run(tf.global_variables_initializer())
        expected = {variable.name: variable.eval().tolist() for variable in tf.global_variables()}
    assert json.loads(found) == expected
