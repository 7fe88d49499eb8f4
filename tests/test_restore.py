"""Which checkpoint is restored where there are several, and that all of it is looked at before it is."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.common import checkpoints, generations
from ref.common.errors import BadInputError
from ref.common.session import new_graph, open_session

NAME = "model.ckpt"


def save(directory, weight, slot=(1.0, 1.0), own=()):
    """Commit a generation of a trainable ``weight`` and a ``slot`` that is not; return its path."""
    with new_graph(0):
        weight, slot = tf.Variable(weight, name="weight"), tf.Variable(slot, name="slot", trainable=False)
        saver = tf.train.Saver()
        with open_session("cpu") as sess:
            sess.run([weight.initializer, slot.initializer])

            def write(path):
                checkpoints.save(saver, sess, path / NAME)
                return {"weight": float(sess.run(weight))}

            return generations.commit(directory, write, list(own))


def restore(directory, n_slots=2, dtype=tf.float32):
    with new_graph(0):
        weight = tf.Variable(0.0, name="weight")
        slot = tf.Variable(tf.zeros([n_slots], dtype), name="slot", trainable=False)
        saver = tf.train.Saver()
        with open_session("cpu") as sess:
            checkpoints.restore(saver, sess, directory / NAME, [weight, slot], "make autoencoder_7")
            return float(sess.run(weight))


def damage(generation):
    (path,) = generation.glob(f"{NAME}.data-*")
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)


def copy_plain(generation, directory):
    for path in generation.glob(f"{NAME}.*"):
        (directory / path.name).unlink(missing_ok=True)
        (directory / path.name).write_bytes(path.read_bytes())


def test_the_newest_generation_that_is_whole(tmp_path, capsys):
    first = save(tmp_path, 1.0)
    second = save(tmp_path, 2.0, own=[first])
    assert restore(tmp_path) == 2.0
    damage(second)
    assert restore(tmp_path) == 1.0
    assert "the generation before it is read" in capsys.readouterr().err
    damage(first)
    with pytest.raises(BadInputError, match="expected a whole generation, and there is no other; make it with"):
        restore(tmp_path)


def test_plain_files_that_were_put_there_go_before_generations(tmp_path):
    (tmp_path / "theirs").mkdir()
    theirs = save(tmp_path / "theirs", 7.0)
    save(tmp_path, 1.0)
    copy_plain(theirs, tmp_path)
    assert restore(tmp_path) == 7.0


def test_a_number_of_more_digits_is_newer(tmp_path):
    first = save(tmp_path, 1.0)
    first = first.rename(first.with_name("999999"))
    assert save(tmp_path, 2.0, own=[first]).name == "1000000"
    assert restore(tmp_path) == 2.0
    third = save(tmp_path, 3.0, own=[first.with_name("1000000")])
    assert third.name == "1000001"
    assert restore(tmp_path) == 3.0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_trained_is_finite_too(value, tmp_path):
    save(tmp_path, 1.0, slot=(1.0, value))
    with pytest.raises(BadInputError, match=r"slot has .* of 2 values, expected finite values; make it with"):
        restore(tmp_path)


def test_what_is_not_trained_has_its_shape_and_type_too(tmp_path):
    save(tmp_path, 1.0)
    with pytest.raises(BadInputError, match=r"variable slot has the shape \[2\], expected \[3\]; make it with"):
        restore(tmp_path, n_slots=3)
    with pytest.raises(BadInputError, match="variable slot is of float32, expected float64; make it with"):
        restore(tmp_path, dtype=tf.float64)


def test_who_saves_at_every_attempt_does_not_keep_us_for_ever(tmp_path, monkeypatch):
    """Each time what was found has gone when it is read: after some attempts that is an error, and not silence."""
    found, read = [], []

    def find(path, remedy):
        found.append(tmp_path / str(len(found)))
        return found[-1]

    def fail(saver, sess, path, *_):
        read.append(path)
        raise BadInputError(f"{path}: gone")

    monkeypatch.setattr(checkpoints, "find", find)
    monkeypatch.setattr(checkpoints, "_restore", fail)
    with pytest.raises(BadInputError, match="gone"):
        checkpoints.restore(None, None, tmp_path / NAME, [], "make autoencoder_7")
    assert len(read) == len(set(read)) == checkpoints.ATTEMPTS
