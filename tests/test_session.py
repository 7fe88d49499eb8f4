"""Sessions: a step that was prepared does what TensorFlow's own session does, whatever was run before it."""

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.common.session import Session, describe_device, new_graph, open_session, read_variables, tf32


@pytest.fixture
def g():
    with new_graph(0) as graph:
        a, b = (tf.placeholder(tf.float32, [None, 2], name=name) for name in "ab")
        total = tf.Variable(0.0, name="total")
        difference = tf.subtract(a, b)
        add = total.assign_add(tf.reduce_sum(difference)).op
        return SimpleNamespace(graph=graph, a=a, b=b, total=total, difference=difference, add=add)


def run(sess, fetches, feed_dict):
    """Return what comes of a call, or the error's type and text."""
    try:
        return sess.run(fetches, feed_dict)
    except (ValueError, TypeError, tf.errors.OpError) as error:
        return type(error), str(error)


ONE, TWO = np.ones((1, 2), np.float32), np.full((3, 2), 2.0, np.float32)


def test_each_call_gives_what_tensorflows_session_gives(g):
    calls = [
        (g.difference, {g.a: ONE, g.b: ONE + 1}),
        (g.difference, {g.b: ONE, g.a: ONE + 1}),  # the same feeds in another order
        (g.difference, {g.a: TWO, g.b: ONE}),  # of other shapes
        (g.difference, {g.a: TWO[0], g.b: ONE}),  # of a shape that cannot be fed
        (g.difference, {g.a: TWO.astype(np.float64), g.b: [[1, 2]]}),  # of other types
        (g.difference, {g.a: [[1, 2], [3]], g.b: ONE}),
        (g.difference.name, {g.a: ONE, g.b: TWO}),
        (g.difference, {"a:0": ONE, g.b: TWO}),
        ([g.difference, g.a], {g.a: ONE, g.b: TWO}),
        (g.difference, {g.a: ONE, g.b: ONE + 1}),
        (g.difference, {g.difference: TWO}),
    ]
    with Session(graph=g.graph) as ours, tf.Session(graph=g.graph) as tensorflows:
        for fetches, feed_dict in calls:
            np.testing.assert_equal(run(ours, fetches, feed_dict), run(tensorflows, fetches, feed_dict))


def test_sessions_of_one_graph_have_their_own_variables(g):
    feeds = {g.a: TWO, g.b: ONE}
    with Session(graph=g.graph) as first, Session(graph=g.graph) as second:
        for sess, n_steps in ((first, 3), (second, 2)):
            tf.Session.run(sess, g.total.initializer)
            for _ in range(n_steps):
                assert sess.run(g.add, feeds) is None
        assert (first.run(g.total), second.run(g.total)) == (3 * 6.0, 2 * 6.0)


def test_options_and_metadata_are_heard(g):
    feeds, metadata = {g.a: TWO, g.b: ONE}, tf.RunMetadata()
    with Session(graph=g.graph) as sess:
        sess.run(g.difference, feeds)
        sess.run(g.difference, feeds, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), metadata)
        assert metadata.step_stats.dev_stats
        with sess.graph.as_default():
            waiting = tf.FIFOQueue(1, tf.float32, [[]]).dequeue() + g.difference
        with pytest.raises(tf.errors.DeadlineExceededError):
            sess.run(waiting, feeds, tf.RunOptions(timeout_in_ms=20))


def test_all_variables_are_read_those_that_are_not_trained_too():
    with new_graph(0) as graph:
        weights, step = tf.Variable([1.0, 2.0], name="weights"), tf.Variable(3, name="step", trainable=False)
        tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.square(weights)))
        init = tf.global_variables_initializer()
        with open_session("cpu", graph) as sess:
            sess.run(init)
            with graph.as_default():
                weights.load([np.nan, 5.0], sess)
            values = read_variables(sess)
    slots = {"weights/Adam": [0.0, 0.0], "weights/Adam_1": [0.0, 0.0], "beta1_power": 0.9, "beta2_power": 0.999}
    expected = {"weights": [np.nan, 5.0], "step": 3, **slots}
    assert values.keys() == expected.keys()
    for name, value in values.items():
        np.testing.assert_array_equal(value, np.float32(expected[name]))


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_nothing_that_changes_digits_is_set(device, g):
    """Threads, optimizers, everything but where ops go and how memory is taken is as TensorFlow has it by itself."""
    with open_session(device, g.graph) as sess:
        config = tf.ConfigProto()
        config.CopyFrom(sess._config)
    config.ClearField("gpu_options")
    config.ClearField("device_count")
    defaults = tf.ConfigProto()
    with tf.Session(graph=g.graph, config=defaults) as plain:
        defaults.CopyFrom(plain._config)
    for found in (config, defaults):
        found.experimental.ClearField("session_metadata")
    assert config == defaults


@pytest.mark.parametrize("device", ["auto", "cpu", "gpu"])
def test_only_cpu_hides_the_gpus(device, g, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    with open_session(device, g.graph) as sess:
        assert dict(sess._config.device_count) == ({"GPU": 0} if device == "cpu" else {})
        assert sess._config.gpu_options.allow_growth


@pytest.mark.parametrize(
    ("device", "gpus", "expected"),
    [
        ("auto", ["GPU"], "gpu"),
        ("gpu", ["GPU"], "gpu"),
        ("cpu", ["GPU"], "cpu"),
        ("auto", [], "cpu"),
        ("cpu", [], "cpu"),
    ],
)
def test_what_a_session_computes_on_is_said(device, gpus, expected, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    assert describe_device(device) == expected


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("enabled", [True, False])
def test_tensorfloat_32_is_as_it_was_afterwards(enabled, before, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    is_enabled = tf.config.experimental.tensor_float_32_execution_enabled
    default = is_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(before)
    try:
        with contextlib.suppress(KeyError), tf32(enabled, "gpu"):
            assert is_enabled() == enabled
            raise KeyError  # whatever a run ends with
        assert is_enabled() == before
        with tf32(not before, "cpu"):
            assert is_enabled() == before
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(default)


def test_a_run_on_a_gpu_says_that_it_is_without_tensorfloat_32(run_tiny, monkeypatch):
    assert "tf32" not in run_tiny(1).result
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    assert run_tiny(1).result["tf32"] is False
    assert tf.config.experimental.tensor_float_32_execution_enabled()
