"""Random ops are numbered as TensorFlow 1 does it: by the ops that their graph held before them."""

import gc
import importlib
import platform
import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.chapter import SCRIPTS
from ref.common import layers, session
from ref.common.errors import BadInputError
from ref.common.session import new_graph
from ref.fidelity.record.recorder import hash_array


def read_seeds(graph):
    ops = graph.get_operations()
    return [(op.get_attr("seed"), op.get_attr("seed2")) for op in ops if "seed2" in op.node_def.attr]


def count_before(graph):
    return [i for i, op in enumerate(graph.get_operations()) if "seed2" in op.node_def.attr]


def draw_twice():
    tf.random_normal([2])
    tf.no_op()
    tf.random_uniform([2])


def check(graph, seed):
    assert read_seeds(graph) == [(seed, n) for n in count_before(graph)]


@pytest.mark.parametrize("seed", [0, 42, 2**31 - 2])
def test_a_random_op_has_the_number_of_ops_before_it(seed):
    with new_graph(seed) as graph:
        draw_twice()
    assert len(count_before(graph)) == 2
    check(graph, seed)
    with graph.as_default():  # after it, too
        tf.truncated_normal([3])
    check(graph, seed)


def test_seeds_of_0_and_the_first_op_are_not_those_of_chance():
    with new_graph(0) as graph:
        assert session.random_seed.get_seed(None) == (0, 2**31 - 1)
    assert not graph.get_operations()


@pytest.mark.parametrize("seed", [0, 5, 2**31 - 2])
def test_a_seed_of_its_own_stays_and_an_unseeded_graph_stays_unseeded(seed):
    with new_graph(42) as graph:
        tf.no_op()
        tf.random_uniform([2], seed=seed)
        with tf.Graph().as_default() as unseeded:
            tf.random_uniform([2])
    assert read_seeds(graph) == [(42, seed)]
    assert read_seeds(unseeded) == [(0, 0)]


def build_seeded(seed):
    with tf.Graph().as_default() as graph:  # as in autoencoder_6
        tf.set_random_seed(seed)
        draw_twice()
    return graph


def test_a_second_graph_and_nested_ones_are_numbered_for_themselves():
    with new_graph(1) as outer:
        draw_twice()
        second = build_seeded(2)
        with new_graph(3, seeds="tf2") as inner:
            draw_twice()
            inner_second = build_seeded(4)
        draw_twice()
        third = build_seeded(5)
    for graph, seed in ((outer, 1), (second, 2), (third, 5)):
        check(graph, seed)
    assert read_seeds(inner) == [(3, 0), (3, 1)]
    assert read_seeds(inner_second) == [(4, 0), (4, 1)]


def test_after_a_nested_graph_of_tensorflow_1s_numbers_come_tensorflow_2s():
    with new_graph(1, seeds="tf2") as outer:
        with new_graph(2) as inner:
            draw_twice()
        second = build_seeded(3)
        draw_twice()
    check(inner, 2)
    assert read_seeds(outer) == [(1, 0), (1, 1)]
    assert read_seeds(second) == [(3, 0), (3, 1)]


def test_a_second_graph_stays_numbered_as_it_began():
    with new_graph(1):
        second = build_seeded(2)
    with second.as_default():
        draw_twice()
    thread = threading.Thread(target=draw_in, args=(second,))
    thread.start()
    thread.join()
    assert len(count_before(second)) == 6
    check(second, 2)


def draw_in(graph):
    with graph.as_default():
        draw_twice()


def test_no_graph_is_kept():
    with new_graph(1) as graph:
        kept = [weakref.ref(graph), weakref.ref(build_seeded(2))]
    del graph
    gc.collect()
    assert [ref() for ref in kept] == [None, None]


@pytest.mark.parametrize(("number", "n_random_ops"), [(2, [4]), (6, [2, 2, 0]), (11, [5])])
@pytest.mark.parametrize("seeds", ["tf1", "tf2"])
def test_a_run_numbers_all_its_graphs_as_it_was_asked(number, n_random_ops, seeds, run_tiny, monkeypatch):
    graphs = []

    class Session(session.Session):
        def __init__(self, *args, **keywords):
            super().__init__(*args, **keywords)
            graphs.append(self.graph)

    monkeypatch.setattr(session, "Session", Session)
    run = run_tiny(number, "--seeds", seeds, "--seed", "5", "--epochs", "1")
    assert run.result["seeds"] == seeds
    graphs = list(dict.fromkeys(graphs))  # a script may open several sessions on one
    assert [len(count_before(graph)) for graph in graphs] == n_random_ops
    for graph in graphs:
        numbers = count_before(graph) if seeds == "tf1" else range(len(count_before(graph)))
        assert read_seeds(graph) == [(5, n) for n in numbers]


def test_other_graphs_keep_tensorflow_2s_numbers():
    with pytest.raises(KeyError), new_graph(1):
        raise KeyError
    assert read_seeds(build_seeded(4)) == [(4, 0), (4, 1)]


def test_threads_do_not_disturb_each_other():
    graphs, barrier = {}, threading.Barrier(3)

    def build(seed, seeds):
        with new_graph(seed, seeds) as graph:
            barrier.wait()
            for _ in range(20):
                draw_twice()
            barrier.wait()
        graphs[seed] = graph

    threads = [threading.Thread(target=build, args=args) for args in ((1, "tf1"), (2, "tf2"), (3, "tf1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(graphs[1], 1)
    check(graphs[3], 3)
    assert read_seeds(graphs[2]) == [(2, n) for n in range(40)]


def test_our_graph_is_numbered_from_another_thread_too():
    with new_graph(8) as graph:
        thread = threading.Thread(target=draw_in, args=(graph,))
        thread.start()
        thread.join()
    check(graph, 8)


def test_a_tensorflow_that_has_moved_its_seeds_is_refused(monkeypatch):
    with new_graph(1):
        pass
    monkeypatch.setattr(session.random_seed, "get_seed", session._get_seed_of_tf2)
    monkeypatch.setattr(session, "random_seed", SimpleNamespace())
    with pytest.raises(BadInputError, match=r"a random op has the seeds \(7, 0\), expected \(7, 2\)"), new_graph(1):
        pass
    with new_graph(1, seeds="tf2") as graph:
        draw_twice()
    assert read_seeds(graph) == [(1, 0), (1, 1)]
    monkeypatch.undo()  # the refusal leaves nothing behind
    assert read_seeds(build_seeded(4)) == [(4, 0), (4, 1)]


def test_values_follow_the_number():
    with new_graph(42):
        tf.no_op()
        drawn = tf.random_uniform([50])
        number = count_before(drawn.graph)[0]
        with tf.Session() as sess:
            found = sess.run(drawn)
    with tf.Graph().as_default(), tf.Session() as sess:
        expected = sess.run(tf.raw_ops.RandomUniform(shape=[50], dtype=tf.float32, seed=42, seed2=number))
    np.testing.assert_array_equal(found, expected)


# What TensorFlow 1.15.5 has with l2_reg = 0.0: the second numbers of the random ops, and the sha256 of initial weights.
WITHOUT_PENALTY = [
    (
        2,
        42,
        {
            4: "574feb1401f7b675970dc605c69e5e54d416e75e1ac4789ad33407afaa954146",
            20: "39bc998d8efcf066880c0526c1a51503708c0b732c6d4337b7cfa591ddcecf8d",
            36: "94e4b937f682cfab8368cea26e027a7654a00be79c6e971447b4b3d5c9da9f7a",
            52: "ed467fd46653ce228a381e129e9f318c73dc307bd6c535ee44741b08e66e0dfc",
        },
    ),
    (
        2,
        7,
        {
            4: "adafdae73229c7b2c168afe18c2c782aa0a1cbbe087cf0b6a635c43584f00540",
            20: "8b4ec764c66f2740f1354a3b4505262bdc71a75cb82b8fb64ee9216397f27962",
            36: "16970bbd3041ef521e0daf767df54e0f696c9e7e50cdc8710089088550ab67d2",
            52: "2738554a758c205e09bf5788cd7e2fd75d3c0c5af75f970c5e78ba852d783b07",
        },
    ),
    (
        6,
        42,
        {
            4: "574feb1401f7b675970dc605c69e5e54d416e75e1ac4789ad33407afaa954146",
            20: "b13f397e54c965beed1b4dd8439af0315b852a4eff5ace8ce6282a7eb20e0efe",
        },
    ),
    (
        6,
        7,
        {
            4: "adafdae73229c7b2c168afe18c2c782aa0a1cbbe087cf0b6a635c43584f00540",
            20: "72ebbfc219843414a9e7c49e7d6f24c2b2bd13b42a59d48d4e36eb5a41f96a42",
        },
    ),
]


@pytest.mark.parametrize(("number", "seed", "expected"), WITHOUT_PENALTY)
def test_without_a_penalty_numbers_and_values_are_tensorflow_1s(number, seed, expected):
    with new_graph(seed) as graph:
        g = importlib.import_module(SCRIPTS[number - 1].module).build(l2_reg=0.0)
        assert read_seeds(graph) == [(seed, number) for number in expected]
        with tf.Session() as sess:
            g.init.run()
            weights = [variable for variable in tf.trainable_variables() if variable.shape.ndims == 2]
            found = [hash_array(value) for value in sess.run(weights)]
    if platform.machine() == "x86_64":
        assert found == list(expected.values())


@pytest.mark.parametrize("seed", [None, 3.7, 3.0, "3", np.float32(3)])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(BadInputError, match=r"seed=.* found, expected a whole number"), new_graph(seed):
        pass


@pytest.mark.parametrize("seeds", ["tf3", None, "", "TF1", 1, ["tf1"]])
def test_a_numbering_that_there_is_none_of_is_refused(seeds):
    with pytest.raises(BadInputError, match=r"seeds=.* found, expected 'tf1' or 'tf2'"), new_graph(1, seeds):
        pass


def test_a_seed_of_numpys_is_a_whole_number():
    with new_graph(np.int64(9)) as graph:
        draw_twice()
    check(graph, 9)


def regularize(weights):
    return layers.l2_regularizer(0.1)(weights)


def make_input():
    return tf.placeholder(tf.float32, [None, 4])


# The README's table: how many ops there were, and the random op's number, under TensorFlow 1.15.5 and TensorFlow 2.21.
OTHER_OPS = {
    "random_uniform": (lambda: tf.random_uniform([5]), (7, 3), (2, 1)),
    "random_uniform, bounds": (lambda: tf.random_uniform([5], 0.0, 1.0), (7, 3), (7, 3)),
    "random_gamma": (lambda: tf.random_gamma([5], 1.0), (9, 5), (11, 7)),
    "nn.dropout": (lambda: tf.nn.dropout(make_input(), rate=0.3), (17, 5), (9, 4)),
    "dropout, a constant": (lambda: layers.dropout(make_input(), 0.3, tf.constant(True)), (18, 6), (26, 11)),
    "dropout, a placeholder": (
        lambda: layers.dropout(make_input(), 0.3, tf.placeholder_with_default(False, ())),
        (27, 12),
        (27, 12),
    ),
    "get_variable, a regularizer": (lambda: tf.get_variable("v", [3, 2], regularizer=regularize), (13, 3), (16, 3)),
}


@pytest.mark.parametrize("name", OTHER_OPS)
def test_where_tensorflow_2_builds_other_ops_is_known(name):
    build, _, expected = OTHER_OPS[name]
    with new_graph(42) as graph:
        build()
    assert (len(graph.get_operations()), *count_before(graph)) == expected


def test_a_number_of_its_own_makes_the_values_tensorflow_1s():
    """Which these four, without ``seed=``, drew under TensorFlow 1.15.5, one after the other in one graph."""
    with new_graph(42), tf.Session() as sess:
        uniform, gamma, dropped, after = sess.run(
            [
                tf.random_uniform([5], seed=3),
                tf.random_gamma([5], 1.0, seed=12),
                tf.nn.dropout(tf.ones([1, 12]), rate=0.3, seed=21),
                tf.random_uniform([3], seed=36),
            ]
        )
    np.testing.assert_array_equal(
        uniform,
        np.float32([0.6378996372, 0.1604787111, 0.1935530901, 0.2528008223, 0.3193125725]),
    )
    np.testing.assert_allclose(  # by a logarithm, which is the processor's own
        gamma,
        [0.3824997246, 0.4869098067, 0.0613570586, 0.7421768308, 0.1106423959],
        rtol=1e-6,
    )
    assert (dropped[0] != 0).tolist() == [n not in (0, 3, 10) for n in range(12)]
    np.testing.assert_array_equal(after, np.float32([0.3812386990, 0.8318126202, 0.7636892796]))
