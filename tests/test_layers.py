"""The layers against their originals' official successors: tf_slim 1.1.0 and tf_keras' legacy tf.layers."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import tf_slim

from ref.common import layers
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
@pytest.mark.parametrize("shape", [[784, 300], [3, 2], [300, 10], [1, 4], [4, 1], [5, 5]])
def test_variance_scaling_initializer_is_contribs(mode, uniform, shape):
    def draw(library):
        with new_graph(seed=11), tf.Session() as sess:
            return sess.run(
                [
                    library.variance_scaling_initializer(factor, mode=mode, uniform=uniform)(shape, dtype=dtype)
                    for factor in (2.0, 1.0, 0.5)
                    for dtype in (tf.float32, tf.float64)
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


def test_an_unknown_mode_is_refused():
    with new_graph(seed=0), pytest.raises(KeyError):
        layers.variance_scaling_initializer(mode="FAN_OFF")([2, 2])
