"""What a step multiplies is counted from its graph: beside a count by hand, for each port at the book's sizes."""

import importlib

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from bench.shares import tabulate_share
from bench.step_flop import count_step_flop, note_steps
from ref.chapter import SCRIPTS
from ref.common.session import Session, new_graph

# Of each port the layers that a step goes through, as (inputs, units), and how many of them pass no gradient back:
# the first of all, whose inputs are the images, and what is before the first that is trained.
STACKED = [(784, 300), (300, 150), (150, 300), (300, 784)]
CLASSIFIER = [(784, 300), (300, 150), (150, 10)]
SPARSE = [(784, 1000), (1000, 784)]
LAYERS = {**dict.fromkeys((2, 3, 11, 12), STACKED), **dict.fromkeys((4, 5), CLASSIFIER)} | dict.fromkeys(
    (13, 14), SPARSE
)


def count(layers, batch):
    """Two operations a weight and row, forward, for the weights' gradient, and, but for the first layer, back."""
    return sum(2 * n_in * n_out * batch * (2 if i == 0 else 3) for i, (n_in, n_out) in enumerate(layers))


@pytest.mark.parametrize("number", LAYERS)
def test_a_ports_step(number):
    with new_graph(42):
        g = importlib.import_module(SCRIPTS[number - 1].module).build()
        fed = {g.X: (150, 784)}
        fed |= {g.y: (150,)} if number in (4, 5) else {g.training: ()} if number == 12 else {}
        assert count_step_flop(g.training_op, fed) == count(LAYERS[number], 150)


@pytest.mark.parametrize("number", [15, 16])
def test_a_variational_step_has_two_layers_side_by_side(number):
    layers = [(784, 500), (500, 500), (500, 20), (500, 20), (20, 500), (500, 500), (500, 784)]
    with new_graph(42):
        g = importlib.import_module(SCRIPTS[number - 1].module).build()
        assert count_step_flop(g.training_op, {g.X: (150, 784)}) == count(layers, 150)


def test_what_is_fed_in_the_middle_is_not_computed():
    """Listing 8 feeds hidden1, listing 7's phase 2 computes it; neither computes the outputs, nor a gradient below."""
    with new_graph(42):
        g = importlib.import_module(SCRIPTS[7].module).build()
        trained = 2 * 150 * 300 * 150 * 5
        assert count_step_flop(g.training_ops[1], {g.hidden1: (150, 300)}) == trained
        assert count_step_flop(g.training_ops[1], {g.X: (150, 784)}) == trained + 2 * 150 * 784 * 300
        assert count_step_flop(g.training_ops[0], {g.X: (150, 784)}) == count([(784, 300), (300, 784)], 150)


def test_a_shape_that_does_not_follow_is_an_error():
    with new_graph(42):
        a = tf.placeholder(tf.float32, [None, 3])
        product = tf.matmul(a, tf.ones([3, 2]), name="product")
        with pytest.raises(ValueError, match="product: None x 3 x 2"):
            count_step_flop(product.op, {})


def test_steps_are_noted_once_and_in_their_order():
    with new_graph(42) as graph:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        total = tf.Variable(0.0)
        first, second = (total.assign_add(scale * tf.reduce_sum(x)).op for scale in (1.0, 2.0))
        before = Session.run
        with note_steps() as fed, Session(graph=graph) as sess:
            sess.run(total.initializer)
            for op, n_rows in ((second, 3), (first, 4), (second, 5)):
                sess.run(op, {x: np.ones((n_rows, 2))})
        assert Session.run is before
        assert list(fed.items()) == [(second, {x: (3, 2)}), (first, {x: (4, 2)})]


def test_a_share_is_said_a_phase():
    row = {"mflop_per_step": [500.0, 75.0], "ms_per_step": [4.0, 1.0]}
    assert tabulate_share(row, 250.0) == {"products, MFLOP/step": "500.0, 75.0", "of the peak": "50%, 30%"}
    assert tabulate_share(row, None) == {"products, MFLOP/step": "500.0, 75.0"}
    assert tabulate_share({"ms_per_step": [4.0]}, 250.0) == {}
