"""What somebody else laid under the book's name: left alone until there is a copy, kept, taken first, said."""

import os
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref import autoencoder_07_single_graph as port_7
from ref.common import checkpoints, generations, links
from ref.common.errors import BadInputError
from ref.common.session import new_graph, open_session

NAME = "my_model_one_at_a_time.ckpt"
INDEX, DATA, META = f"{NAME}.index", f"{NAME}.data-00000-of-00001", f"{NAME}.meta"
FORMS = {
    "of one file": (INDEX, DATA, META),
    "without a graph": (INDEX, DATA),
    "sharded": (INDEX, f"{NAME}.data-00000-of-00002", f"{NAME}.data-00001-of-00002", META),
    "of version 1": (NAME, META),
    "in part": (META,),
    "what is the newest": ("checkpoint",),
}
WHOLE = [form for form in FORMS if FORMS[form][0] in (INDEX, NAME)]


def write(directory):
    for name in (INDEX, DATA, META, "state.npz"):
        (directory / name).write_text(f"ours {name}")
    return {"ours": True}


def lay(directory, form, kind="files"):
    """Lay a stranger's checkpoint in the place of our links; return what its files hold."""
    for path in directory.glob("my_model*"):
        path.unlink()
    laid = {name: f"stranger's {name}".encode() for name in FORMS[form]}
    (directory.parent / "elsewhere").mkdir()
    for name, content in laid.items():
        elsewhere, path = directory.parent / "elsewhere" / name, directory / name
        elsewhere.write_bytes(content)
        path.unlink(missing_ok=True)
        if kind == "links":
            path.symlink_to(elsewhere)
        elif kind == "hard links":
            os.link(elsewhere, path)
        else:
            path.write_bytes(content)
    return laid


def read(directory, names):
    return {name: (directory / name).read_bytes() for name in names}


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "autoencoder_7"
    path.mkdir()
    return path


@pytest.mark.parametrize("kind", ["files", "links"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_before", [0, 2])
def test_a_start_leaves_it_alone(n_before, form, kind, directory):
    for _ in range(n_before):
        generations.commit(directory, write, [])
    laid = lay(directory, form, kind)
    generations.sweep(directory)
    assert read(directory, laid) == laid
    assert not any(links.is_ours(directory / name) for name in laid)


@pytest.mark.parametrize("kind", ["files", "links", "hard links"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_before", [0, 2])
def test_it_is_kept_when_a_run_takes_its_place(n_before, form, kind, directory):
    own = []
    for _ in range(n_before):
        generations.commit(directory, write, [])
    laid, expected = lay(directory, form, kind), generations.name_next(directory, generations.ADOPTED)
    for _ in range(4):
        own.append(generations.commit(directory, write, own))
    assert [path.name for path in directory.glob("generations/*-adopted")] == [expected.name]
    assert read(expected, laid) == laid
    assert len(list(directory.glob("generations/0*"))) == 1 + generations.KEPT
    assert read(directory, (INDEX, DATA)) == read(own[-1], (INDEX, DATA))
    for name in laid:
        elsewhere = directory.parent / "elsewhere" / name
        assert elsewhere.read_bytes() == laid[name]
        assert elsewhere.stat().st_mode & 0o200


def test_what_cannot_be_copied_is_not_replaced(directory, monkeypatch):
    laid = lay(directory, "of one file")
    monkeypatch.setattr("shutil.copyfile", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        generations.commit(directory, write, [])
    assert read(directory, laid) == laid


def test_the_runs_before_are_there_until_the_first_epoch_is_whole(directory):
    first = generations.commit(directory, write, [])
    lay(directory, "of one file")
    generations.adopt(directory, NAME)
    assert first in [generation.path for generation in generations.find_generations(directory)]


def test_a_copy_of_a_run_with_files_for_its_links_is_the_runs_own(directory):
    generations.commit(directory, write, [])
    for name in (INDEX, DATA, META):
        content = (directory / name).read_bytes()
        (directory / name).unlink()
        (directory / name).write_bytes(content)
    generations.sweep(directory)
    assert all(links.is_ours(directory / name) for name in (INDEX, DATA, META))
    generations.commit(directory, write, [])
    assert list(directory.glob("generations/*-adopted")) == []


def test_port_7_says_what_is_there_and_keeps_it(run_tiny, tmp_path, capsys):
    laid = lay(run_tiny(7).directory, "of one file")
    directory = tmp_path / "runs" / "autoencoder_7"
    capsys.readouterr()
    with pytest.raises(BadInputError, match="larger than"):
        run_tiny(7, "--batch-sizes", "100000", "1")
    with pytest.raises(BadInputError, match="expected finite"):
        run_tiny(7, "--learning-rate", "1e30")
    assert read(directory, laid) == laid
    capsys.readouterr()
    run_tiny(7)
    (kept,) = directory.glob("generations/*-adopted")
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "no run here has written" in line]
    assert f"{INDEX}, " not in line.split("(")[0]
    assert all(name in line for name in (*laid, str(kept)))
    assert read(kept, laid) == laid


@pytest.mark.parametrize("kind", ["files", "links"])
@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("n_before", [0, 2])
def test_it_is_read_before_a_runs_and_after_a_refused_start_too(n_before, form, kind, directory):
    for _ in range(n_before):
        generations.commit(directory, write, [])
    lay(directory, form, kind)
    for _ in range(2):
        assert checkpoints.find(directory / NAME, "make it") == directory / NAME
        generations.sweep(directory)


def test_links_that_lead_nowhere_are_not_ours_either(directory):
    generations.commit(directory, write, [])
    (directory / INDEX).unlink()
    (directory / INDEX).symlink_to("/no/such/disk")
    assert checkpoints.find(directory / NAME, "make it") == directory / NAME


def test_a_file_of_version_1_beside_our_links_is_not_guessed_about(directory):
    generations.commit(directory, write, [])
    (directory / NAME).write_text("stranger's")
    with pytest.raises(BadInputError, match=r"expected one of both; remove .*, or make it"):
        checkpoints.find(directory / NAME, "make it")


def test_data_without_an_index_is_not_passed_over(directory):
    generations.commit(directory, write, [])
    (directory / DATA).unlink()
    (directory / DATA).write_text("stranger's")
    with pytest.raises(BadInputError, match=r"data-00000-of-00001: lies there without .*, expected both; .*make it"):
        checkpoints.find(directory / NAME, "make it")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """A directory with a checkpoint of 7's variables that no run of ours wrote, and its first weights."""
    directory = tmp_path_factory.mktemp("theirs")
    with new_graph(seed=9):
        g = port_7.build()
        init = tf.global_variables_initializer()
        with open_session() as sess:
            sess.run(init)
            g.saver.save(sess, str(directory / NAME), write_state=False)
            weights1 = g.weights1.eval()
    return directory, weights1


def lay_theirs(theirs, directory, name=NAME):
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.glob("my_model*"):
        path.unlink()
    for path in theirs[0].iterdir():
        shutil.copyfile(path, directory / path.name.replace(NAME, name))


@pytest.mark.parametrize("is_beside_a_run", [False, True])
def test_what_is_said_of_a_runs_making_is_not_said_of_theirs(is_beside_a_run, theirs, run_tiny, tmp_path, capsys):
    if is_beside_a_run:
        run_tiny(7)
    lay_theirs(theirs, tmp_path / "runs" / "autoencoder_7")
    run = run_tiny(10)
    np.testing.assert_array_equal(run.drawn["features"], theirs[1].T[:5])
    origin = run.result["restored"]["origin"]
    assert "made elsewhere" in origin
    assert "seed" not in origin
    assert f"({origin})" in capsys.readouterr().err


def test_of_which_epoch_the_generation_before_the_newest_is_is_said(run_tiny, capsys):
    directory = run_tiny(7).directory
    assert "before its last" not in run_tiny(10).result["restored"]["origin"]
    newest = sorted(directory.glob("generations/0*"))[-1]
    (newest / "manifest.json").chmod(0o644)
    (newest / "manifest.json").write_text("null")
    origin = run_tiny(10).result["restored"]["origin"]
    assert "seed 42" in origin
    assert origin.endswith("; of 1 epoch before its last")


@pytest.mark.parametrize("names", [(NAME,), (f"{NAME}-400",)])
def test_needed_first_does_not_train_where_somebodys_checkpoint_is(names, theirs, run_tiny, tmp_path, capsys):
    for name in names:
        lay_theirs(theirs, tmp_path / "runs" / "autoencoder_7", name)
    for path in (tmp_path / "runs" / "autoencoder_7").iterdir():
        os.utime(path, (0, 0))  # as cp -p and tar leave it
    run = run_tiny(10, "--needed-first")
    np.testing.assert_array_equal(run.drawn["features"], theirs[1].T[:5])
    error = capsys.readouterr().err
    assert "its checkpoint was laid there by somebody, and is taken as it is; 'make autoencoder_7" in error
    assert "autoencoder_7 first" not in error


def test_the_only_one_with_the_number_of_a_step_is_taken_and_of_several_none(theirs, run_tiny, tmp_path, capsys):
    directory = tmp_path / "runs" / "autoencoder_7"
    lay_theirs(theirs, directory, f"{NAME}-400")
    np.testing.assert_array_equal(run_tiny(10).drawn["features"], theirs[1].T[:5])
    assert f"{NAME}-400 is taken, the only one with the number of a step" in capsys.readouterr().err
    for path in sorted(theirs[0].iterdir()):
        shutil.copyfile(path, directory / path.name.replace(NAME, f"{NAME}-1000"))
    found = rf"no checkpoint there \({NAME}-400, {NAME}-1000 found: rename .*make autoencoder_7"
    with pytest.raises(BadInputError, match=found):
        run_tiny(10)
