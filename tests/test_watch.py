"""What watching does to who is watched: nothing, but for steps that are to be left out."""

import collections

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.common.session import new_graph
from ref.fidelity.record.recording import recording
from ref.fidelity.record.store import Store
from ref.fidelity.record.watch import N_LEFT_OUT, watching

Fetched = collections.namedtuple("Fetched", "step loss")


@pytest.fixture
def g():
    """A graph that draws noise in every run, and again behind a switch."""
    with new_graph(seed=1) as graph:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        training = tf.placeholder_with_default(False, [])
        w = tf.Variable(tf.random_normal([3, 2]), name="w")
        noisy = x + tf.random_normal(tf.shape(x))
        dropped = tf.cond(training, lambda: noisy * tf.random_uniform(tf.shape(x)), lambda: noisy)
        loss = tf.reduce_mean(tf.square(tf.matmul(dropped, w)))
        step = tf.train.AdamOptimizer(0.1).minimize(loss)
        init = tf.global_variables_initializer()
        Graph = collections.namedtuple("Graph", "graph x training w loss step init")
        yield Graph(graph, x, training, w, loss, step, init)


def train(g, n_steps=6):
    """Return every loss that is fetched beside a step, and the weights in the end."""
    with tf.Session(graph=g.graph) as sess:
        sess.run(g.init)
        feeds = {g.x: np.ones([4, 3], np.float32)}
        losses = [sess.run([g.step, g.loss], {**feeds, g.training: i % 2 == 0})[1] for i in range(n_steps)]
        return losses, sess.run(g.w)


def test_a_run_that_is_recorded_is_the_same_to_the_bit(g, tmp_path):
    losses, weights = train(g)
    n_ops = len(g.graph.get_operations())
    with recording(str(tmp_path), steps=[1, 2, 6]) as seen:
        watched, their_weights = train(g)
    assert watched == losses
    np.testing.assert_array_equal(their_weights, weights)
    assert len(g.graph.get_operations()) == n_ops
    assert seen.steps == {"0|Adam": 6}


def test_what_was_drawn_is_kept_of_the_branch_that_was_taken(g, tmp_path):
    store = Store(str(tmp_path))
    with watching(store=store) as seen:
        train(g, 2)
    draws = [event["draws"] for event in seen.events if event["kind"] == "step"]
    assert [len(one) for one in draws] == [2, 1]
    first, second = (store.get(one["random_normal_1/RandomStandardNormal:0"]) for one in draws)
    assert first.shape == second.shape == (4, 3)
    assert not np.array_equal(first, second)


def test_what_was_patched_is_put_back(g):
    from tensorflow.python.client import session

    before = session.BaseSession.run, tf.train.Optimizer.compute_gradients, tf.train.Saver.save
    with pytest.raises(ZeroDivisionError), watching(stop_after=1):
        raise ZeroDivisionError
    assert before == (session.BaseSession.run, tf.train.Optimizer.compute_gradients, tf.train.Saver.save)


def test_steps_after_the_last_are_left_out_and_the_rest_of_the_fetch_is_run(g):
    with watching(stop_after=2) as seen, tf.Session(graph=g.graph) as sess:
        sess.run(g.init)
        feeds = {g.x: np.ones([4, 3], np.float32)}
        results = [sess.run(Fetched(g.step, {"loss": [g.loss]}), feeds) for _ in range(3)]
        trained = sess.run(g.w)
        assert sess.run(g.step, feeds) is None
        np.testing.assert_array_equal(sess.run(g.w), trained)
    assert [type(one) for one in results] == [Fetched] * 3
    assert all(one.step is None and np.isfinite(one.loss["loss"][0]) for one in results)
    assert seen.steps == {"0|Adam": 2}
    assert seen.calls == {"0|Adam": 4}


def test_a_loop_that_does_not_end_is_ended(g, monkeypatch):
    monkeypatch.setattr("ref.fidelity.record.watch.N_LEFT_OUT", 20)
    assert N_LEFT_OUT > 1000
    with watching(stop_after=2) as seen, tf.Session(graph=g.graph) as sess:
        sess.run(g.init)
        while True:
            sess.run(g.step, {g.x: np.ones([4, 3], np.float32)})
    assert seen.was_cut
    assert seen.calls["0|Adam"] == 2 + 21


def test_a_script_that_assigns_its_own_step_trains():
    with new_graph(seed=1) as graph, watching() as seen, tf.Session(graph=graph) as sess:
        theta = tf.Variable([1.0])
        counter = tf.Variable(0, trainable=False)
        step = tf.assign(theta, theta - 0.1 * theta)
        count = tf.assign_add(counter, 1)
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            sess.run([step, count])
            sess.run(count)
    assert seen.steps == {f"0|{step.name}": 3}
