"""A process that calls us is left as it was, and what else it does goes on meanwhile."""

import contextlib
import importlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import guest
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from tensorflow.python import tf2
from tensorflow.python.framework import random_seed

from ref.__main__ import main
from ref.autoencoder_07_single_graph import build
from ref.common import cli, session, streams
from ref.common.errors import BadInputError
from ref.common.graph_mode import SWITCHES, graph_mode
from ref.common.session import new_graph, open_session

X_BATCH = np.ones((3, 784), np.float32)


def build_and_train():
    g = build(n_hidden1=4, n_hidden2=2)
    with open_session() as sess:
        sess.run(g.init)
        for _ in range(2):
            sess.run(g.training_ops[0], {g.X: X_BATCH})
    return g


def train_in_a_block(run_tiny):
    with new_graph(1):
        build_and_train()


def nest(run_tiny):
    with new_graph(1), new_graph(2, seeds="tf2"):
        build_and_train()
        with new_graph(3), contextlib.suppress(KeyError):
            raise KeyError


def raise_an_exception(run_tiny):
    with contextlib.suppress(KeyError), new_graph(1), open_session():
        raise KeyError


def return_from_within(run_tiny):
    for _ in range(2):
        with new_graph(1):
            break


def close_a_generator(run_tiny):
    def train():
        with new_graph(1):
            yield build_and_train()
            raise AssertionError

    next(train())  # and it is closed, being nobody's


def refuse_a_device(run_tiny):
    with contextlib.suppress(BadInputError), new_graph(1):
        open_session("tpu")
        raise BadInputError


def use_threads(run_tiny):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(train_in_a_block, range(4)))


def run_a_port(run_tiny):
    run_tiny(12)  # dropout
    run_tiny(1)  # a figure


def use_the_command_line(run_tiny):
    main(["list"])
    main()
    for argv in (
        ["run", "autoencoder_1", "--help"],
        ["run", "autoencoder_99"],
        ["run", "autoencoder_3", "--seed", "-"],
    ):
        with pytest.raises(SystemExit):
            main(argv)


@pytest.mark.parametrize(
    "call",
    [
        train_in_a_block,
        nest,
        raise_an_exception,
        return_from_within,
        close_a_generator,
        refuse_a_device,
        use_threads,
        run_a_port,
        use_the_command_line,
    ],
)
def test_the_process_is_left_as_it_was(call, run_tiny):
    before = guest.snapshot()
    call(run_tiny)
    assert not guest.compare(before, guest.snapshot())


def test_a_notebooks_day(tiny_data, tmp_path):
    """Our command line, the README's snippets, then TensorFlow 2 and Keras 3, in a process of its own."""
    tests = Path(__file__).parent
    unset = ("TF_USE_LEGACY_KERAS", "TF_CPP_MIN_LOG_LEVEL", "MPLCONFIGDIR", "KERAS_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment["PYTHONPATH"] = f"{tests.parent}{os.pathsep}{tests}"
    command = [sys.executable, str(tests / "guest_process.py"), str(tiny_data)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stdout


def test_tensorflow_1_within_and_tensorflow_2_after():
    with new_graph(1) as graph:
        g = build_and_train()
        assert not tf.executing_eagerly()
        assert not tf.executing_eagerly_outside_functions()
        assert not tf2.enabled()
        assert type(g.weights1).__name__ == "RefVariable"
        assert g.X.shape[1].value == 784
        assert {g.weights1: 1, g.X: 2}[g.X] == 2
        assert g.weights2 not in [g.weights1]
    with new_graph(1) as graph:
        tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0])
        assert {"Enter", "Switch", "Merge"} <= {op.type for op in graph.get_operations()}
    guest.work_as_tensorflow_2_does()
    guest.fit_with_keras()


@pytest.mark.parametrize("is_in_the_main_thread", [True, False])
def test_eager_code_beside_a_graph(is_in_the_main_thread):
    """One thread is in new_graph while the other, begun before or meanwhile, uses TensorFlow 2; both are right."""
    is_inside, is_done = threading.Event(), threading.Event()

    def use_tensorflow_1():
        with new_graph(7):
            tf.no_op()
            is_inside.set()
            assert is_done.wait(300)
            assert type(tf.Variable([1.0, 2.0])).__name__ == "RefVariable"
            assert tf.placeholder(tf.float32, [None, 5]).shape[1].value == 5
            return tf.random_uniform([1]).op.get_attr("seed2")

    def use_tensorflow_2():
        assert is_inside.wait(300)
        try:
            guest.work_as_tensorflow_2_does()
            with tf.Graph().as_default():
                tf.set_random_seed(7)
                tf.no_op()
                return tf.random_uniform([1]).op.get_attr("seed2")
        finally:
            is_done.set()

    here, there = use_tensorflow_1, use_tensorflow_2
    if not is_in_the_main_thread:
        here, there = there, here
    guest.work_as_tensorflow_2_does()  # which makes a default graph, the first time
    before = guest.snapshot()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(there)
        seeds = {here: here(), there: other.result()}
    assert seeds[use_tensorflow_2] == 0
    assert seeds[use_tensorflow_1] > 1
    assert not guest.compare(before, guest.snapshot())


def test_the_first_one_out_takes_nothing_from_the_others():
    is_inside, is_left = threading.Event(), threading.Event()

    def stay():
        with new_graph(2):
            is_inside.set()
            assert is_left.wait(300)
            return type(tf.Variable(0.0)).__name__, tf.placeholder(tf.float32, [3]).shape[0].value

    guest.work_as_tensorflow_2_does()  # which makes a default graph, the first time
    before = guest.snapshot()
    with ThreadPoolExecutor(1) as pool:
        with new_graph(1):
            stayed = pool.submit(stay)
            assert is_inside.wait(300)
        guest.work_as_tensorflow_2_does()  # while the other is inside
        is_left.set()
        assert stayed.result() == ("RefVariable", 3)
    assert not guest.compare(before, guest.snapshot())


@pytest.mark.parametrize("index", range(3))
def test_what_others_switch_meanwhile_stays(index, monkeypatch):
    module, name, _ = SWITCHES[index]
    monkeypatch.setattr(module, name, getattr(module, name))  # put back in the end
    with graph_mode():
        setattr(module, name, False)
    assert getattr(module, name) is False


def test_a_tensorflow_without_the_switches_is_refused(monkeypatch):
    monkeypatch.delattr(SWITCHES[-1][0], SWITCHES[-1][1])
    before = [getattr(module, name) for module, name, _ in SWITCHES[:-1]]
    with pytest.raises(BadInputError, match="has no _pywrap_tf2, expected that switch"), new_graph(1):
        pass
    assert [getattr(module, name) for module, name, _ in SWITCHES[:-1]] == before


def test_a_thread_adds_to_the_graph():
    def add(graph):
        with graph_mode(), graph.as_default():
            return type(tf.Variable(0.0)).__name__

    with new_graph(1) as graph, ThreadPoolExecutor(1) as pool:
        assert pool.submit(add, graph).result() == "RefVariable"


def test_deprecations_are_not_logged_within_and_errors_are(caplog):
    logger = tf.get_logger()
    logger.addHandler(caplog.handler)
    try:
        with new_graph(1), ThreadPoolExecutor(1) as pool:
            logger.warning("deprecated")
            logger.error("broken")
            pool.submit(logger.warning, "of another thread").result()
        logger.warning("of the user's code")
    finally:
        logger.removeHandler(caplog.handler)
    words = [record.getMessage() for record in caplog.records if record.name == logger.name]
    assert list(dict.fromkeys(words)) == ["broken", "of another thread", "of the user's code"]


def test_standard_error_is_not_taken_from_who_has_tensorflow(monkeypatch):
    monkeypatch.setattr(streams, "hold_back_stderr", lambda: pytest.fail("file descriptor 2 is swapped"))
    assert cli.import_port("ref.autoencoder_07_single_graph").build is build


def test_seeds_of_others_are_tensorflows():
    with new_graph(1):
        pass
    assert random_seed.get_seed is session._get_seed  # for graphs of ours, which may be added to after their block
    for op_seed in (None, 0, 3):
        with tf.Graph().as_default() as graph:
            expected = session._get_seed_of_tf2(op_seed)
            graph.seed = 5
            expected_seeded = session._get_seed_of_tf2(op_seed)
        with tf.Graph().as_default() as graph:
            assert random_seed.get_seed(op_seed) == expected
            graph.seed = 5
            assert random_seed.get_seed(op_seed) == expected_seeded


def test_a_graph_that_is_left_open_takes_ops_and_its_session_runs_them():
    with new_graph(1) as graph:
        g = build(n_hidden1=4, n_hidden2=2)
        with open_session(finalize=False) as sess:
            sess.run(g.init)
            before = [sess.run(g.outputs, {g.X: X_BATCH}) for _ in range(2)][-1]
            total = tf.reduce_sum(g.outputs)
            tf.summary.scalar("total", total)
            totals = [sess.run(total, {g.X: X_BATCH}) for _ in range(2)]
            np.testing.assert_allclose(totals, before.sum(), rtol=1e-5)
            np.testing.assert_array_equal(sess.run(g.outputs, {g.X: X_BATCH}), before)
        assert not graph.finalized
        with open_session(), pytest.raises(RuntimeError, match="finalized"):
            tf.no_op()


def test_after_the_block_a_session_goes_on(tmp_path):
    with new_graph(1) as graph:
        g = build(n_hidden1=4, n_hidden2=2)
        sess = open_session()
        sess.run(g.init)
    outputs = [sess.run(g.outputs, {g.X: X_BATCH}) for _ in range(2)]
    np.testing.assert_array_equal(*outputs)
    with sess:
        g.saver.save(sess, str(tmp_path / "x.ckpt"))
        g.biases4.load(np.ones(784, np.float32))
        assert np.all(g.biases4.eval() == 1)
        g.saver.restore(sess, str(tmp_path / "x.ckpt"))
        np.testing.assert_array_equal(sess.run(g.outputs, {g.X: X_BATCH}), outputs[0])
    assert tf.executing_eagerly()


@pytest.mark.parametrize("argv", [None, []])
def test_main_does_not_read_a_notebooks_arguments(argv, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "kernel-1.json"])
    monkeypatch.chdir(tmp_path)
    run = importlib.import_module("ref.autoencoder_01_linear_pca").main(argv)
    assert run.hyper_parameters["n_iterations"] == 1000
    assert (tmp_path / "runs" / "autoencoder_1" / "result.json").exists()
