"""A loss or a variable that is not finite stops the run, in one line, and is never saved over what is."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref import autoencoder_07_single_graph as port_7
from ref.chapter import SCRIPTS
from ref.common import numerics, session
from ref.common.errors import BadInputError
from ref.common.layers import dense
from ref.common.runs import Run
from ref.common.session import new_graph, open_session

TRAINING = [script.number for script in SCRIPTS if script.number not in (9, 10)]


def read_files(directory):
    return {
        path.relative_to(directory): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize("rate", ["1e12", "1e37"])
@pytest.mark.parametrize("number", TRAINING)
def test_what_is_not_finite_is_never_saved(number, rate, run_tiny, tmp_path, capsys):
    if number == 5:
        run_tiny(8, "--epochs", "1")
    directory = run_tiny(number, "--epochs", "1").directory
    before = read_files(directory)
    capsys.readouterr()
    try:
        run_tiny(number, "--learning-rate", rate)
    except BadInputError as error:
        line = str(error)
        assert line.startswith(f"autoencoder_{number}")
        assert "expected finite numbers; a smaller --learning-rate than" in line
        assert "\n" not in line
        assert read_files(directory) == before
    else:  # some take it: then all that is left is finite
        if directory.joinpath("checkpoint").exists():
            reader = tf.train.load_checkpoint(str(directory))
            assert all(np.isfinite(reader.get_tensor(name)).all() for name in reader.get_variable_to_shape_map())
        assert "nan" not in capsys.readouterr().out


def test_what_was_saved_before_is_kept_and_can_be_gone_on_with(run_tiny, tmp_path, monkeypatch):
    """Of three epochs the second ends with a variable that is not finite."""
    calls = spoil_a_variable(monkeypatch, at=2)
    with pytest.raises(BadInputError, match=r"autoencoder_3, phase 1, epoch 1: weights1 has 1 NaN and 0 infinite of"):
        run_tiny(3, "--epochs", "3")
    calls.at = None
    directory = tmp_path / "runs" / "autoencoder_3"
    reader = tf.train.load_checkpoint(str(directory))
    assert all(np.isfinite(reader.get_tensor(name)).all() for name in reader.get_variable_to_shape_map())
    assert len(run_tiny(3, "--epochs", "3", "--resume").result["printed"]) == 3


def spoil_a_variable(monkeypatch, at):
    read, calls = session.read_variables, SimpleNamespace(n=0, at=at)

    def spoiled(sess):
        values = read(sess)
        calls.n += 1
        if calls.n == calls.at:
            values["weights1"][0, 0] = np.nan
        return values

    monkeypatch.setattr(session, "read_variables", spoiled)
    return calls


@pytest.mark.parametrize(("number", "needs"), [(5, 8), (9, 7), (10, 7)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_checkpoint_that_is_not_finite_is_not_restored(number, needs, value, run_tiny, tmp_path):
    made = run_tiny(needs, "--epochs", "1")
    prefix = made.directory / made.result["checkpoint"]
    with new_graph(seed=0):
        g = port_7.build()
        weights = g.weights2.initial_value
        poisoned = tf.assign(g.weights2, tf.fill(weights.shape, np.float32(value)))
        with open_session() as sess:
            g.saver.restore(sess, str(prefix))
            sess.run(poisoned)
            shutil.rmtree(made.directory)
            made.directory.mkdir()
            g.saver.save(sess, str(prefix))
    with pytest.raises(
        BadInputError, match=f"weights2 has .* of 45000 values, expected finite .*make autoencoder_{needs}"
    ):
        run_tiny(number)


def test_numbers_that_are_printed_are_refused_where_they_are_not_finite(tmp_path, capsys):
    run = Run("autoencoder_3", None, 7, tmp_path, "cpu", {})
    run.print(0, "a:", np.float32(0.1))
    for value in ("nan", "inf", "-inf"):
        with pytest.raises(BadInputError, match=f"b is {value}"):
            run.print(0, "\ta:", np.float32(0.1), "\tb:", np.float32(value))


@pytest.mark.parametrize(("expression", "type_"), [(tf.log, "Log"), (tf.exp, "Exp"), (tf.sqrt, "Sqrt")])
def test_the_first_op_is_named_with_its_line(expression, type_):
    with new_graph(seed=0):
        x = tf.placeholder(tf.float32, [2])
        weights = tf.Variable([1.0, 1.0])
        bad = expression(x)  # where it begins
        loss = tf.reduce_sum(tf.square(bad * weights))
        step = tf.train.AdamOptimizer(0.1).minimize(loss)
        init = tf.global_variables_initializer()
        with open_session() as sess:
            sess.run(init)
            assert numerics.NumericsChecker().take_step(sess, step, {x: [1.0, 2.0]}) is None
            problem = numerics.NumericsChecker().take_step(sess, step, {x: [-1e3, 1e3]})
    assert f"made by {type_} at tests/test_not_finite.py:" in problem
    assert "bad = expression(x)  # where it begins" in problem


def test_a_layers_op_is_where_the_layer_is_called():
    with new_graph(seed=0):
        x = tf.placeholder(tf.float32, [None, 2])
        bad = dense(x, 3, activation=tf.log)  # whose line is meant
        step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(bad))
        init = tf.global_variables_initializer()
        with open_session() as sess:
            sess.run(init)
            problem = numerics.NumericsChecker().take_step(sess, step, {x: [[0.0, 0.0]]})
    assert "bad = dense(x, 3, activation=tf.log)  # whose line is meant" in problem


@pytest.mark.parametrize("number", [3, 11, 12])
def test_looking_for_it_changes_nothing_but_rounding(number, run_tiny):
    """The noise of 11 and the masks of 12 are drawn once a step, as without: other draws would move the third digit."""
    plain, checked = (run_tiny(number, *flags, out=f"runs{len(flags)}") for flags in ([], ["--check-numerics"]))
    found = [line["Train MSE"] for line in checked.result["printed"]]
    assert found == pytest.approx([line["Train MSE"] for line in plain.result["printed"]], rel=1e-4)
