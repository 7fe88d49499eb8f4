"""Random ops are numbered as TensorFlow 1 does it: by the ops that their graph held before them."""

import gc
import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.common import session
from ref.common.errors import BadInputError
from ref.common.session import new_graph


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
