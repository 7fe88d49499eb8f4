"""What a run that goes on is given: each part of the state by itself, beside one that was not interrupted."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.common import files, generations, resume
from ref.common.draws import Draws
from ref.common.epochs import Epochs
from ref.common.errors import BadInputError
from ref.common.locks import DirectoryLock
from ref.common.runs import Run
from ref.common.session import new_graph
from ref.data.data_sets import DataSet, DataSets


def make_sets(n=300, seed=5):
    rnd = np.random.RandomState(seed)
    train, validation, test = (DataSet(np.zeros((k, 1, 1), np.uint8), np.arange(k), rnd) for k in (n, 7, 9))
    return DataSets(train, validation, test, rnd)


def interrupt(sets, directory):
    """Write the state of ``sets``, and return other sets of the same files that it was put back into."""
    resume.write_arrays(directory, sets, [])
    others = make_sets(sets.train.num_examples, seed=99)
    resume.Recorded(generations.Generation(directory, {"checkpoint": None})).put_back(others)
    return others


@pytest.mark.parametrize("n_batches", [0, 1, 4, 9, 13])
@pytest.mark.parametrize("looks", [False, True], ids=["", "images were looked at"])
def test_sets_go_on_where_they_were(n_batches, looks, tmp_path):
    sets = make_sets()
    for _ in range(n_batches):
        sets.train.next_batch(70)
        sets.test.next_batch(4)
        if looks:
            assert len(sets.train.labels) == 300
    others = interrupt(sets, tmp_path)
    for _ in range(11):
        for name, size in (("train", 70), ("validation", 3), ("test", 4)):
            found, expected = (getattr(one, name).next_batch(size)[1] for one in (others, sets))
            np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(others.train.labels, sets.train.labels)


@pytest.mark.parametrize("n_normals", [0, 1, 2, 1301])
def test_the_generator_goes_on_to_the_bit(n_normals, tmp_path):
    """Of two Gaussians that are made at once it keeps the second."""
    sets = make_sets()
    sets.rnd.normal(size=n_normals)
    others = interrupt(sets, tmp_path)
    np.testing.assert_array_equal(others.rnd.normal(size=5), sets.rnd.normal(size=5))
    np.testing.assert_array_equal(others.rnd.permutation(50), sets.rnd.permutation(50))


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"no archive"])
def test_a_state_that_cannot_be_read_is_one_line(content, tmp_path):
    if content is not None:
        (tmp_path / "state.npz").write_bytes(content)
    with pytest.raises(BadInputError, match=r"/state\.npz: cannot be read \(.*; run it again without --resume"):
        resume.Recorded(generations.Generation(tmp_path, {}))


def test_a_draw_counts_where_it_is_made():
    """What is fed in the place of a noisy tensor draws nothing, whichever call comes first."""
    with new_graph(1) as graph:
        X = tf.placeholder(tf.float32, [None])
        noisy = X + tf.random_normal([2])
        outputs = 2.0 * noisy
    zeros = np.zeros(2, np.float32)
    for feeds in ([noisy, X, noisy], [X, noisy, noisy]):
        draws = Draws(graph)
        for fed in feeds:
            draws.note(outputs, {fed: zeros})
        assert list(draws.counts.values()) == [1]


def test_time_of_the_interrupted_part_counts(tmp_path):
    times = {"seconds": [["steps", 1, 1000.0]], "loops": [[1, [[500, 1000.0]]]], "attempts": 1}
    state = {"n_done": 1, "draws": [], "times": times}
    epochs = Epochs("autoencoder_3", tmp_path, True, SimpleNamespace(path=tmp_path, state=state))
    assert epochs.end_again(SimpleNamespace(journal=SimpleNamespace(go_on=lambda *_: None))) == state
    assert 1000 <= epochs.times.measure_s() < 1060
    assert not epochs.times.is_catching_up


@pytest.mark.parametrize("key", ["tensorflow", "numpy", "cpu", "architecture", "threads", "device", "settings"])
def test_whatever_rounding_depends_on_is_said(key, capsys):
    before = resume.describe_environment("cpu")
    resume.warn_of_other_rounding("autoencoder_3", {"environment": before}, "cpu")
    assert capsys.readouterr().err == ""
    resume.warn_of_other_rounding("autoencoder_3", {"environment": before | {key: "another"}}, "cpu")
    assert capsys.readouterr().err == f"autoencoder_3: not bit-exact here: {key} another → {before[key]}\n"


@pytest.mark.parametrize(
    "name", ["TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "ONEDNN_MAX_CPU_ISA", "TF_XLA_FLAGS"]
)
def test_settings_that_change_digits_are_seen(name, monkeypatch):
    monkeypatch.delenv(name, raising=False)
    before = resume.describe_environment("cpu")
    monkeypatch.setenv(name, "1")
    assert resume.describe_environment("cpu") != before
    assert f"{name}=1" in resume.describe_environment("cpu")["settings"]


def test_a_strangers_checkpoint_is_no_run_to_go_on_with(tmp_path):
    (tmp_path / "model.ckpt.index").write_text("of TensorFlow 1")
    generations.adopt(tmp_path, "model.ckpt")
    assert len(list(generations.find_generations(tmp_path))) == 1
    assert resume.find_unfinished(tmp_path) is None


def test_a_finished_run_of_seed_0_is_a_finished_run(run_tiny):
    run_tiny(1, "--seed", "0")
    assert run_tiny(1, "--seed", "0", "--resume").result["seed"] == 0
    with pytest.raises(BadInputError, match=r"--seed is not what the run to go on with was called with \(0\)"):
        run_tiny(1, "--seed", "42", "--resume")


def test_who_is_refused_sweeps_nothing_away(tmp_path):
    directory = tmp_path / "autoencoder_3"
    unfinished = directory / "generations" / f"{files.UNFINISHED}generation"
    unfinished.mkdir(parents=True)
    lock = DirectoryLock(directory)
    with pytest.raises(BadInputError, match="another run writes there"):
        Run("autoencoder_3", None, 42, tmp_path, "cpu", {})
    assert unfinished.is_dir()
    lock.close()
    Run("autoencoder_3", None, 42, tmp_path, "cpu", {}).close()
    assert not unfinished.exists()
