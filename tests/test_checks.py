"""What is known before a training is said before it: one line, for the whole chapter at once; nothing is written."""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow.compat.v1 as tf

from ref import __main__ as command_line
from ref.chapter import BY_NAME, CHAPTER_ORDER, SCRIPTS
from ref.common import checks, machine
from ref.common.cli import import_port
from ref.common.errors import BadInputError
from ref.common.flags import find_defaults
from ref.common.session import new_graph

ROOT = Path(__file__).resolve().parents[1]
TRAINED = [script for script in SCRIPTS if script.number not in (1, 9, 10)]
DEFAULTS = {script: find_defaults(import_port(script.module)) for script in SCRIPTS}


@pytest.mark.parametrize("script", TRAINED, ids=lambda script: str(script.number))
def test_no_more_is_counted_than_the_graph_has(script):
    with new_graph(seed=0) as graph:
        import_port(script.module).build()
    n_weights = sum(
        variable.shape.num_elements() for variable in graph.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES)
    )
    assert 0.97 * n_weights <= checks.count_weights(script, DEFAULTS[script]) <= n_weights


@pytest.mark.parametrize("number", [3, 7, 13])
def test_no_more_is_asked_of_the_disk_than_a_checkpoint_takes(number, run_tiny):
    script = BY_NAME[f"autoencoder_{number}"]
    run = run_tiny(number)
    size = (run.directory / f"{script.checkpoint}.data-00000-of-00001").stat().st_size
    assert 0.97 * size <= checks.count_bytes(script, DEFAULTS[script], n_train=220) <= size


def make_pipe(path):
    os.mkfifo(path)


PLACES = {"directory": Path.mkdir, "FIFO": make_pipe, "device": lambda path: path.symlink_to("/dev/null")}
SAVED = (
    "checkpoint",
    "my_model_sparse.ckpt.index",
    "my_model_sparse.ckpt.meta",
    "my_model_sparse.ckpt.data-00000-of-00001",
)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("name", ["result.json", "figures.npz", "sparsity_loss.png", "reconstructions.png", *SAVED])
def test_what_is_no_file(kind, name, tmp_path):
    """Nor does a FIFO hold up who reads it."""
    path = tmp_path / "autoencoder_13" / name
    path.parent.mkdir()
    PLACES[kind](path)
    with pytest.raises(BadInputError, match=f"{name}: is a {kind}, .*move it away"):
        checks.check_files(BY_NAME["autoencoder_13"], tmp_path)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("name", ["result.json", "my_model_one_at_a_time.ckpt.index"])
def test_what_is_no_file_of_the_script_that_is_needed(kind, name, tmp_path):
    path = tmp_path / "autoencoder_7" / name
    path.parent.mkdir()
    PLACES[kind](path)
    with pytest.raises(BadInputError, match=f"{name}: is a {kind}"):
        checks.check_files(BY_NAME["autoencoder_9"], tmp_path, BY_NAME["autoencoder_7"])


def test_a_cache_that_is_no_file(tmp_path):
    (tmp_path / "autoencoder_8").mkdir()
    make_pipe(tmp_path / "autoencoder_8" / "hidden1_cache-0.npy")
    with pytest.raises(BadInputError, match=r"0\.npy: is a FIFO"):
        checks.check_files(BY_NAME["autoencoder_8"], tmp_path)


def test_files_links_to_files_and_nothing_will_do(tmp_path):
    directory = tmp_path / "autoencoder_13"
    directory.mkdir()
    (directory / "result.json").write_text("{}")
    (directory / "checkpoint").symlink_to("result.json")
    (directory / "figures.npz").symlink_to("nowhere")
    checks.check_files(BY_NAME["autoencoder_13"], tmp_path)
    checks.check_files(BY_NAME["autoencoder_13"], tmp_path / "not" / "yet")
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize("kind", ["file", "FIFO", "nowhere"])
def test_results_that_cannot_go_there(kind, tmp_path):
    out = tmp_path / "out"
    {"file": Path.touch, "FIFO": make_pipe, "nowhere": lambda path: path.symlink_to("/proc/none")}[kind](out)
    with pytest.raises(BadInputError, match=r"cannot be written .*choose another"):
        checks.check_files(BY_NAME["autoencoder_1"], out)


@pytest.mark.parametrize("name", ["a*", "b?", "[c]", "back\\slash", "\udcff", "\0"])
def test_a_path_that_tensorflow_cannot_find_again(name):
    with pytest.raises(BadInputError, match=r"TensorFlow cannot find .*choose another"):
        checks.check_path(Path("runs") / name)


def test_a_path_that_the_locale_writes_otherwise(monkeypatch):
    checks.check_path(Path("runs/é"))
    monkeypatch.setattr(os, "fsencode", lambda text: text.encode("latin-1"))
    checks.check_path(Path("runs/e"))
    for name in ("é", "中"):  # one it writes otherwise than TensorFlow, one it cannot write
        with pytest.raises(BadInputError, match="LC_ALL"):
            checks.check_path(Path("runs") / name)


@pytest.mark.parametrize("script", TRAINED, ids=lambda script: str(script.number))
def test_memory_that_is_not_there(script, monkeypatch):
    monkeypatch.setattr(machine, "count_available_memory", lambda: 50e6)
    with pytest.raises(BadInputError, match=r"needs [\d.]+ GB of memory at least, .* the 0.1 GB that are free; .*--n-"):
        checks.check_memory(script, DEFAULTS[script], 55_000, 10_000)
    monkeypatch.setattr(machine, "count_available_memory", lambda: 500e6)
    checks.check_memory(script, DEFAULTS[script], 55_000, 10_000)


def test_memory_is_asked_for_what_is_evaluated_at_once():
    """784 x 10,000 weights are nothing; the cache of 55,000 rows of as many is."""
    sizes = {"n_hidden1": 10_000, "n_hidden2": 1, "batch_sizes": (150, 150), "memmap": False, "recompute": False}
    asked = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "count_available_memory", lambda: 0)
        for name, number, more in (("cache", 8, {}), ("file", 8, {"memmap": True}), ("none", 3, {})):
            with pytest.raises(BadInputError) as error:
                checks.check_memory(BY_NAME[f"autoencoder_{number}"], sizes | more, 55_000, 10_000)
            asked[name] = float(re.search(r"needs ([\d.]+) GB", str(error.value))[1])
    assert asked["cache"] - asked["file"] == pytest.approx(45_000 * 10_000 * 4e-9, abs=0.1)
    assert asked["none"] < asked["file"]


def test_room_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "count_free_disk", lambda _: 1e6)
    checks.check_room(tmp_path, 1_000_000)
    with pytest.raises(BadInputError, match=r"1.0 MB can be written there, expected 1.1 MB at least .*make room"):
        checks.check_room(tmp_path / "not" / "yet", 1_100_000)


def test_address_space_is_memory():
    code = (
        "import resource\n"
        "from ref.common import machine\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))\n"
        "assert 0 < machine.count_available_memory() < 2**31\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_limits_of_the_system_are_seen(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert machine.count_available_memory() > 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_345_678, before[1]))
    try:
        assert machine.count_free_disk(tmp_path) <= 12_345_678
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def chapter(capsys, monkeypatch):
    """A function that runs the chapter, wants it refused before its first script, and returns the one line."""
    monkeypatch.setattr(command_line, "run", lambda *_: pytest.fail("ran"))

    def run(*flags):
        with pytest.raises(SystemExit) as stop:
            command_line.main(["chapter", *map(str, flags)])
        output = capsys.readouterr()
        assert (stop.value.code, output.out) == (2, "")
        assert len(output.err.splitlines()) == 1
        return output.err

    return run


def test_a_set_too_small_for_the_chapter(chapter, tiny_data, tmp_path):
    """The remedy can be followed: each script that is named takes the flag, and the size is one that will do."""
    line = chapter("--data", tiny_data, "--out", tmp_path / "runs")
    assert "220 training and 40 test examples" in line
    assert "(not so: 13, 14, 16; autoencoder_13 takes 1000 at once)" in line
    assert f"python -m ref run autoencoder_13 --data {tiny_data} --batch-size 220" in line
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("number", [CHAPTER_ORDER[0], CHAPTER_ORDER[-1]])
def test_a_place_that_only_one_script_needs(chapter, number, tmp_path):
    (tmp_path / f"autoencoder_{number}").write_text("")
    line = chapter("--data", "digits", "--out", tmp_path)
    assert f"autoencoder_{number}: cannot be written (Not a directory)" in line


def test_a_disk_too_small_for_all_scripts_together(chapter, monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "count_free_disk", lambda _: 50e6)
    assert "50.0 MB can be written there" in chapter("--data", "digits", "--out", tmp_path)


def test_sizes_that_do_not_fit_are_refused_before_tensorflow_aborts(tiny_data, tmp_path):
    with pytest.raises(BadInputError, match=r"needs [\d,]+\.\d GB of memory"):
        import_port(BY_NAME["autoencoder_2"].module).main(
            ["--data", str(tiny_data), "--out", str(tmp_path), "--batch-size", "20"]
            + ["--n_hidden1", "1000000", "--n_hidden2", "1000000"]
        )
