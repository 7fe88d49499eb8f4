"""Leg 1: each port's graph at the listing's own sizes: variables, collections, forward ops beside their originals'.

The forward graphs beside the ports are the listings' own lines on tf_slim 1.1.0 and tf_keras' legacy tf.layers.
"""

import importlib
import inspect
from functools import partial

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import tf_slim

from ref.chapter import SCRIPTS
from ref.common.session import new_graph

W1, W2, W3, W4 = (784, 300), (300, 150), (150, 300), (300, 784)
FOUR_LAYERS = {
    **{f"weights{i}": shape for i, shape in enumerate((W1, W2, W3, W4), 1)},
    **{f"biases{i}": shape[1:] for i, shape in enumerate((W1, W2, W3, W4), 1)},
}
CLASSIFIER = {
    "weights1": W1,
    "weights2": W2,
    "weights3": (150, 10),
    "biases1": (300,),
    "biases2": (150,),
    "biases3": (10,),
}


def name_layers(names, shapes, kinds):
    return {f"{name}/{kind}": s for name, shape in zip(names, shapes) for kind, s in zip(kinds, (shape, shape[1:]))}


LAYERS = name_layers(("hidden1", "hidden2", "hidden3", "outputs"), (W1, W2, W3, W4), ("kernel", "bias"))
SPARSE = name_layers(("dense", "dense_1"), ((784, 1000), (1000, 784)), ("kernel", "bias"))
VARIATIONAL = name_layers(
    ("dense", "dense_1", "dense_2", "dense_3", "dense_4", "dense_5", "dense_6"),
    ((784, 500), (500, 500), (500, 20), (500, 20), (20, 500), (500, 500), (500, 784)),
    ("kernel", "bias"),
)
VARIABLES = {
    1: name_layers(("fully_connected", "fully_connected_1"), ((3, 2), (2, 3)), ("weights", "biases")),
    2: name_layers(
        ("fully_connected", "fully_connected_1", "fully_connected_2", "fully_connected_3"),
        (W1, W2, W3, W4),
        ("weights", "biases"),
    ),
    3: {name: shape for name, shape in FOUR_LAYERS.items() if name not in ("weights3", "weights4")},
    4: CLASSIFIER,
    5: CLASSIFIER,
    6: name_layers(("hidden", "outputs"), (W1, W4), ("kernel", "bias")),
    7: FOUR_LAYERS,
    8: FOUR_LAYERS,
    9: FOUR_LAYERS,
    10: FOUR_LAYERS,
    11: LAYERS,
    12: LAYERS,
    13: SPARSE,
    14: SPARSE,
    15: VARIATIONAL,
    16: VARIATIONAL,
}
# The hyper-parameters of the original text, and for 5, 15 and 16 of the book.
AUTOENCODER = {"n_hidden1": 300, "n_hidden2": 150, "batch_size": 150}
PHASES = {
    "n_hidden1": 300,
    "n_hidden2": 150,
    "learning_rate": 0.01,
    "l2_reg": 0.0001,
    "n_epochs": (4, 4),
    "batch_sizes": (150, 150),
}
CLASSIFY = {**AUTOENCODER, "learning_rate": 0.01, "l2_reg": 0.0005, "n_epochs": 4, "n_labeled_instances": 20000}
SPARSE_CODINGS = {"n_hidden1": 1000, "learning_rate": 0.01, "sparsity_target": 0.1, "sparsity_weight": 0.2}
VARIATIONAL_CODINGS = {"n_hidden1": 500, "n_hidden2": 500, "n_hidden3": 20, "learning_rate": 0.001, "batch_size": 150}
HYPER_PARAMETERS = {
    1: {"learning_rate": 0.01, "n_iterations": 1000},
    2: {**AUTOENCODER, "learning_rate": 0.001, "l2_reg": 0.001, "n_epochs": 30},
    3: {**AUTOENCODER, "learning_rate": 0.01, "l2_reg": 0.001, "n_epochs": 5},
    4: CLASSIFY,
    5: {**CLASSIFY, "freeze": False},
    6: {
        "n_neurons": (300, 150),
        "n_epochs": (4, 4),
        "batch_size": 150,
        "learning_rate": 0.01,
        "l2_reg": 0.0005,
        "fix_output": False,
    },
    7: PHASES,
    8: {**PHASES, "engine": "book", "engine_form": "auto", "recompute": False, "memmap": False},
    9: {"n_test_digits": 2, "n_hidden1": 300, "n_hidden2": 150},
    10: {"n_hidden1": 300, "n_hidden2": 150},
    11: {**AUTOENCODER, "learning_rate": 0.01, "n_epochs": 10, "noise_level": 1.0},
    12: {**AUTOENCODER, "learning_rate": 0.01, "n_epochs": 10, "dropout_rate": 0.3},
    13: {**SPARSE_CODINGS, "n_epochs": 100, "batch_size": 1000, "safe_kl": False},
    14: {**SPARSE_CODINGS, "n_epochs": 100, "batch_size": 1000, "safe_kl": False},
    15: {**VARIATIONAL_CODINGS, "n_epochs": 50, "safe_latent": False},
    16: {**VARIATIONAL_CODINGS, "n_epochs": 50, "n_digits": 60, "safe_latent": False},
}
EACH_PORT = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.number))


def build(script, **keywords):
    """Build the port's graph; return the tensors and the graph."""
    with new_graph(seed=42) as graph:
        return importlib.import_module(script.module).build(**keywords), graph


@EACH_PORT
def test_variables(script):
    g, graph = build(script)
    with graph.as_default():
        trainable = {v.op.name: tuple(v.shape.as_list()) for v in tf.trainable_variables()}
        others = {v.op.name: v.shape.as_list() for v in tf.global_variables() if v not in tf.trainable_variables()}
        assert trainable == VARIABLES[script.number]
        assert all(v.dtype.base_dtype == tf.float32 for v in tf.global_variables())
        assert all(v.op.type == "VariableV2" for v in tf.global_variables())
        assert not tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        slots = {f"{name}/{slot}" for name in trainable for slot in ("Adam", "Adam_1")}
        scope = "phase1/" if script.number in (7, 8, 9, 10) else ""
        assert set(others) == slots | {scope + "beta1_power", scope + "beta2_power"}
        n_losses = {2: 4, 6: 2}.get(script.number, 0)
        assert len(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)) == n_losses


def test_one_set_of_variables_serves_7_to_10():
    sets = []
    for number in (7, 8):
        _, graph = build(SCRIPTS[number - 1])
        with graph.as_default():
            sets.append({v.op.name: v.shape.as_list() for v in tf.global_variables()})
    assert sets[0] == sets[1]
    seven = importlib.import_module(SCRIPTS[6].module).build
    assert all(importlib.import_module(SCRIPTS[n - 1].module).build is seven for n in (9, 10))


@EACH_PORT
def test_hyper_parameters_are_the_original_texts(script):
    port = importlib.import_module(script.module)
    functions = [port.show] if hasattr(port, "show") else [port.train, port.build]
    if script.number == 6:
        functions = [port.train]
    defaults = {
        name: parameter.default
        for function in functions
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty and name not in ("n_inputs", "n_outputs")
    }
    assert defaults == HYPER_PARAMETERS[script.number]
    sizes = inspect.signature(port.build).parameters
    if "n_inputs" in sizes:
        assert sizes["n_inputs"].default == 28 * 28


# The listings' own forward lines, up to the losses, on the official successors.


def forward_1():
    X = tf.placeholder(tf.float32, shape=[None, 3])
    hidden = tf_slim.layers.fully_connected(X, 2, activation_fn=None)
    outputs = tf_slim.layers.fully_connected(hidden, 3, activation_fn=None)
    tf.reduce_mean(tf.square(outputs - X))


def forward_2():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    fully_connected = tf_slim.layers.fully_connected
    with tf_slim.arg_scope(
        [fully_connected],
        activation_fn=tf.nn.elu,
        weights_initializer=tf_slim.variance_scaling_initializer(),
        weights_regularizer=tf_slim.l2_regularizer(0.001),
    ):
        hidden1 = fully_connected(X, 300)
        hidden2 = fully_connected(hidden1, 150)
        hidden3 = fully_connected(hidden2, 300)
        outputs = fully_connected(hidden3, 784, activation_fn=None)
    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))
    tf.add_n([reconstruction_loss] + tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))


def make_variables(shapes, n_weights, n_tied=0):
    """Return the weights and biases of the hand-made listings; the last ``n_tied`` weights are transposes."""
    initializer = tf_slim.variance_scaling_initializer()
    inits = [initializer(list(shape)) for shape in shapes[:n_weights]]
    weights = [tf.Variable(init, dtype=tf.float32) for init in inits]
    weights += [tf.transpose(w) for w in weights[::-1][:n_tied]]
    return weights, [tf.Variable(tf.zeros(shape[1])) for shape in shapes]


def stack(X, weights, biases):
    hidden1 = tf.nn.elu(tf.matmul(X, weights[0]) + biases[0])
    hidden2 = tf.nn.elu(tf.matmul(hidden1, weights[1]) + biases[1])
    hidden3 = tf.nn.elu(tf.matmul(hidden2, weights[2]) + biases[2])
    return hidden1, hidden3, tf.matmul(hidden3, weights[3]) + biases[3]


def forward_3():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    weights, biases = make_variables((W1, W2, W3, W4), 2, n_tied=2)
    _, _, outputs = stack(X, weights, biases)
    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))
    regularizer = tf_slim.l2_regularizer(0.001)
    reconstruction_loss + (regularizer(weights[0]) + regularizer(weights[1]))


def forward_4():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    y = tf.placeholder(tf.int32, shape=[None])
    weights, biases = make_variables((W1, W2, (150, 10)), 3)
    hidden1 = tf.nn.elu(tf.matmul(X, weights[0]) + biases[0])
    hidden2 = tf.nn.elu(tf.matmul(hidden1, weights[1]) + biases[1])
    logits = tf.matmul(hidden2, weights[2]) + biases[2]
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    regularizer = tf_slim.l2_regularizer(0.0005)
    cross_entropy + (regularizer(weights[0]) + regularizer(weights[1]) + regularizer(weights[2]))


def forward_6():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    my_dense_layer = partial(
        tf.layers.dense,
        activation=tf.nn.elu,
        kernel_initializer=tf_slim.variance_scaling_initializer(),
        kernel_regularizer=tf_slim.l2_regularizer(0.0005),
    )
    hidden = my_dense_layer(X, 300, name="hidden")
    outputs = my_dense_layer(hidden, 784, activation=None, name="outputs")
    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))
    tf.add_n([reconstruction_loss] + tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))


def forward_7():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    weights, biases = make_variables((W1, W2, W3, W4), 4)
    _, _, outputs = stack(X, weights, biases)
    tf.reduce_mean(tf.square(outputs - X))


def denoise(X, X_noisy):
    hidden1 = tf.layers.dense(X_noisy, 300, activation=tf.nn.relu, name="hidden1")
    hidden2 = tf.layers.dense(hidden1, 150, activation=tf.nn.relu, name="hidden2")
    hidden3 = tf.layers.dense(hidden2, 300, activation=tf.nn.relu, name="hidden3")
    outputs = tf.layers.dense(hidden3, 784, name="outputs")
    tf.reduce_mean(tf.square(outputs - X))


def forward_11():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    denoise(X, X + 1.0 * tf.random_normal(tf.shape(X)))


def drop_as_in_tf1(X, rate):
    """tf.nn.dropout of TensorFlow 1.15.5 (python/ops/nn_ops.py, dropout_v2); TensorFlow 2's is built of other ops."""
    rate = tf.convert_to_tensor(rate)
    random_tensor = tf.random_uniform(tf.shape(X), 0.0, 1.0)
    keep_prob = 1 - rate
    scale = 1 / keep_prob
    keep_mask = random_tensor >= rate
    return X * scale * tf.cast(keep_mask, tf.float32)


def forward_12():
    training = tf.placeholder_with_default(False, shape=(), name="training")
    X = tf.placeholder(tf.float32, shape=[None, 784])
    denoise(X, tf.cond(training, lambda: drop_as_in_tf1(X, 0.3), lambda: tf.identity(X)))


def kl_divergence(p, q):
    return p * tf.log(p / q) + (1 - p) * tf.log((1 - p) / (1 - q))


def forward_13():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    hidden1 = tf.layers.dense(X, 1000, activation=tf.nn.sigmoid)
    outputs = tf.layers.dense(hidden1, 784)
    sparsity_loss = tf.reduce_sum(kl_divergence(0.1, tf.reduce_mean(hidden1, axis=0)))
    tf.reduce_mean(tf.square(outputs - X)) + 0.2 * sparsity_loss


def forward_14():
    X = tf.placeholder(tf.float32, shape=[None, 784])
    hidden1 = tf.layers.dense(X, 1000, activation=tf.nn.sigmoid)
    logits = tf.layers.dense(hidden1, 784)
    tf.nn.sigmoid(logits)
    sparsity_loss = tf.reduce_sum(kl_divergence(0.1, tf.reduce_mean(hidden1, axis=0)))
    tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=X, logits=logits)) + 0.2 * sparsity_loss


def forward_15(is_gamma=False):
    dense = partial(tf.layers.dense, activation=tf.nn.elu, kernel_initializer=tf_slim.variance_scaling_initializer())
    X = tf.placeholder(tf.float32, [None, 784])
    hidden2 = dense(dense(X, 500), 500)
    mean = dense(hidden2, 20, activation=None)
    spread = dense(hidden2, 20, activation=None)
    noise = tf.random_normal(tf.shape(spread), dtype=tf.float32)
    hidden3 = mean + (tf.exp(0.5 * spread) if is_gamma else spread) * noise
    logits = dense(dense(dense(hidden3, 500), 500), 784, activation=None)
    tf.sigmoid(logits)
    reconstruction_loss = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=X, logits=logits))
    if is_gamma:
        latent_loss = 0.5 * tf.reduce_sum(tf.exp(spread) + tf.square(mean) - 1 - spread)
    else:
        latent_loss = 0.5 * tf.reduce_sum(tf.square(spread) + tf.square(mean) - 1 - tf.log(1e-10 + tf.square(spread)))
    reconstruction_loss + latent_loss


FORWARD = {
    1: forward_1,
    2: forward_2,
    3: forward_3,
    4: forward_4,
    5: forward_4,
    6: forward_6,
    **dict.fromkeys((7, 8, 9, 10), forward_7),
    11: forward_11,
    12: forward_12,
    13: forward_13,
    14: forward_14,
    15: forward_15,
    16: partial(forward_15, is_gamma=True),
}


@EACH_PORT
def test_forward_ops_are_the_originals_in_order(script):
    with new_graph(seed=42) as original:
        FORWARD[script.number]()
        expected = describe_ops(original)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            expected_values = sess.run(tf.trainable_variables())
    g, graph = build(script)
    assert describe_ops(graph)[: len(expected)] == expected
    with graph.as_default(), tf.Session() as sess:
        sess.run(g.init)
        for found, value in zip(sess.run(tf.trainable_variables()), expected_values):
            np.testing.assert_array_equal(found, value)


def describe_ops(graph):
    """Return each op's type, its attributes (a constant's value, say) and the positions of the ops it reads."""
    ops = graph.get_operations()
    position = {op.name: i for i, op in enumerate(ops)}
    return [(op.type, read_attributes(op), [position[tensor.op.name] for tensor in op.inputs]) for op in ops]


def read_attributes(op):
    """Return what TensorFlow's own bookkeeping, whose names start with _, did not add."""
    attributes = op.node_def.attr.items()
    return {name: value.SerializeToString(deterministic=True) for name, value in attributes if name[0] != "_"}
