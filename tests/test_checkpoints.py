"""Checkpoints of others are restored; those that are damaged are refused in one line that names the make target."""

import contextlib
import os
import shutil
import socket

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref import autoencoder_07_single_graph as port_7
from ref.common import checkpoints
from ref.common.errors import BadInputError
from ref.common.session import new_graph, open_session

NEEDS = {5: 8, 9: 7, 10: 7}
NAMES = {7: "my_model_one_at_a_time.ckpt", 8: "my_model_cache_frozen.ckpt"}
WEIGHTS = ("weights1", "weights2", "weights3", "weights4")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A directory with a checkpoint of 7's and 8's graph in each of the forms that TensorFlow has written."""
    directory = tmp_path_factory.mktemp("strangers")
    with new_graph(seed=3):
        g = port_7.build()
        savers = {
            "ours": tf.train.Saver(),
            "without slots": tf.train.Saver(tf.trainable_variables()),
            "sharded": tf.train.Saver(sharded=True),
            "version 1": tf.train.Saver(write_version=tf.train.SaverDef.V1),
            "with a step": tf.train.Saver([*tf.global_variables(), tf.Variable(7, name="global_step", dtype=tf.int64)]),
        }
        init = tf.global_variables_initializer()
        with open_session() as sess:
            sess.run(init)
            for form, saver in savers.items():
                for name in NAMES.values():
                    (directory / form).mkdir(exist_ok=True)
                    saver.save(sess, str(directory / form / name), write_meta_graph=False)
            weights1 = g.weights1.eval()
    return directory, weights1


def lay(written, form, number, out):
    """Put the checkpoint where the port ``number`` looks for it; return its directory and its name."""
    needs = NEEDS[number]
    target = out / f"autoencoder_{needs}"
    shutil.copytree(written / form, target, dirs_exist_ok=True)
    return target, NAMES[needs]


@pytest.mark.parametrize("form", ["ours", "without slots", "sharded", "version 1", "with a step"])
@pytest.mark.parametrize("number", NEEDS)
def test_a_strangers_checkpoint_is_restored(form, number, written, run_tiny, tmp_path, capsys):
    directory, weights1 = written
    lay(directory, form, number, tmp_path / "runs")
    run = run_tiny(number)
    if number == 10:
        np.testing.assert_array_equal(run.drawn["features"], weights1.T[:5])
    said = "the weights alone are restored" in capsys.readouterr().err
    assert said == (form == "without slots" and number != 5)


def spoil(path, change):
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


def write_other(directory, name, **variables):
    with tf.Graph().as_default():
        for variable, value in variables.items():
            tf.Variable(value, name=variable, use_resource=False)
        saver = tf.train.Saver()
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            saver.save(sess, str(directory / name), write_meta_graph=False)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's name is short
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def half(content):
    del content[min(len(content) // 2, 1000) :]


def flip(content):
    for place in range(10, len(content), len(content) // 50):
        content[place] ^= 0x40


F32 = np.float32
BAD = {
    "no data": lambda d, n: (d / f"{n}.data-00000-of-00001").unlink(),
    "no index": lambda d, n: (d / f"{n}.index").unlink(),
    "half the data": lambda d, n: spoil(d / f"{n}.data-00000-of-00001", half),
    "half the index": lambda d, n: spoil(d / f"{n}.index", half),
    "data flipped": lambda d, n: spoil(d / f"{n}.data-00000-of-00001", flip),
    "index flipped": lambda d, n: spoil(d / f"{n}.index", flip),
    "index empty": lambda d, n: (d / f"{n}.index").write_bytes(b""),
    "index of text": lambda d, n: (d / f"{n}.index").write_text("not a checkpoint\n" * 9),
    "index of zeros": lambda d, n: (d / f"{n}.index").write_bytes(bytes(400)),
    "index a directory": lambda d, n: ((d / f"{n}.index").unlink(), (d / f"{n}.index").mkdir()),
    "index a FIFO": lambda d, n: ((d / f"{n}.index").unlink(), os.mkfifo(d / f"{n}.index")),
    "index a socket": lambda d, n: ((d / f"{n}.index").unlink(), make_socket(d / f"{n}.index")),
    "other variables": lambda d, n: write_other(d, n, other=F32([1.0])),
    "other shapes": lambda d, n: write_other(d, n, **dict.fromkeys(WEIGHTS, np.zeros((3, 2), F32))),
    "float64": lambda d, n: write_other(d, n, weights1=np.zeros((784, 300)), weights2=np.zeros((300, 150))),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("number", NEEDS)
def test_a_bad_checkpoint_is_one_line_that_names_the_make_target(case, number, written, run_tiny, tmp_path):
    directory, name = lay(written[0], "ours", number, tmp_path / "runs")
    BAD[case](directory, name)
    with pytest.raises(BadInputError) as error:
        run_tiny(number)
    line = str(error.value)
    assert "\n" not in line
    assert len(line) < 600
    assert f"make autoencoder_{NEEDS[number]}" in line
    assert "expected" in line


def test_no_exception_but_ours_leaves_restore(written, tmp_path):
    """Of every 7th bit of the index flipped: TensorFlow's reader raises IndexError over some."""
    directory, name = lay(written[0], "ours", 10, tmp_path)
    index = directory / f"{name}.index"
    content = index.read_bytes()
    with new_graph(seed=0):
        g = port_7.build()
        variables = tf.global_variables()
        with open_session() as sess:
            for bit in range(0, 8 * len(content), 7):
                flipped = bytearray(content)
                flipped[bit // 8] ^= 1 << bit % 8
                index.write_bytes(flipped)
                with contextlib.suppress(BadInputError):
                    checkpoints.restore(g.saver, sess, directory / name, variables, "make autoencoder_7")


def test_a_generation_that_goes_while_it_is_read_is_followed_by_the_next(run_tiny, monkeypatch, tmp_path):
    run_tiny(7)
    find, found = checkpoints.find, []

    def find_and_lose(path, remedy):
        found.append(find(path, remedy))
        if len(found) == 1:  # 7 has saved again, and pruned it
            gone = found[0].parent
            shutil.copytree(gone, gone.with_name("000099"))
            shutil.rmtree(gone)
        return found[-1]

    monkeypatch.setattr(checkpoints, "find", find_and_lose)
    run_tiny(10)
    assert found[-1].parent.name == "000099"
