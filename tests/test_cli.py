"""The command line: each error is one line on standard error and exit code 2; nothing is written."""

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref import __main__ as command_line
from ref.chapter import CHAPTER_ORDER, SCRIPTS
from ref.common import cli
from ref.common.cli import import_port
from ref.common.errors import BadInputError

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def fail(capsys):
    """A function that runs the command line, wants exit code 2 and one line, and returns that line."""

    def run(*argv):
        with pytest.raises(SystemExit) as stop:
            command_line.main([str(word) for word in argv])
        output = capsys.readouterr()
        errors = [line for line in output.err.splitlines() if not line.startswith("data: ")]
        assert stop.value.code == 2
        assert len(errors) == 1
        assert errors[0].startswith("error: ")
        assert output.out == ""
        return errors[0]

    return run


def test_unknown_script(fail):
    line = fail("run", "autoencoder_17")
    assert "autoencoder_17: unknown script, expected autoencoder_1 to autoencoder_16" in line
    assert "did you mean" not in line


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["lst"], "did you mean list?"),
        (["chpater", "--epochs", "1"], "did you mean chapter?"),
        (["autoencoder_7"], "did you mean run autoencoder_7?"),
        (["7"], "did you mean run autoencoder_7?"),
        (["run", "autoencodr_7"], "did you mean autoencoder_7?"),
        (["run", "--seed", "7", "autoencoder_7"], "expected the script's name before it"),
        (["list", "all"], "takes nothing after it"),
        (["run", "autoencoder_7", "--batch-size", "3"], "did you mean --batch-sizes?"),
        (["run", "autoencoder_3", "--n_hidden_1", "3"], "did you mean --n-hidden1?"),
        (["run", "autoencoder_3", "--epoch=3"], "did you mean --epochs?"),
        (["run", "autoencoder_3", "-seed", "3"], "did you mean --seed?"),
        (["run", "autoencoder_3", "--epochs", "3", "4"], "4: a value too many"),
        (["chapter", "--epcohs", "3"], "did you mean --epochs?"),
        (["chapter", "--ep", "3"], "did you mean --epochs?"),
        (["chapter", "--EPOCHS=3"], "did you mean --epochs?"),
        (["run", "autoencoder_7", "--Seeed", "3"], "did you mean --seed?"),
        (["run", "autoencoder_7", "--check", "3"], "did you mean --check-numerics?"),
        (["run", "autoencoder_8", "--n-hid", "3"], "did you mean --n-hidden1?"),
        (["run", "autoencoder_7", "--xp", "3"], "--xp: unknown flag; see"),
        (["LIST"], "did you mean list?"),
    ],
)
def test_a_near_miss_is_met_half_way(fail, argv, hint):
    assert hint in fail(*argv)


@pytest.mark.parametrize(
    "name",
    ["autoencoder_7", "autoencoder7", "autoencoder_07", "Autoencoder-7", "7", "07", "autoencoder_7.py"]
    + ["autoencoder_07_single_graph", "ref/autoencoder_07_single_graph.py", "ref.autoencoder_07_single_graph"],
)
def test_names_of_a_script(name):
    assert command_line.find_script(name).number == 7


@pytest.mark.parametrize("name", ["autoencoder_", "autoencoder_0", "autoencoder_77", "7.5", "single_graph", ""])
def test_names_of_no_script(name):
    with pytest.raises(BadInputError, match="unknown script"):
        command_line.find_script(name)


def test_every_flag_is_known_by_the_books_name(run_tiny):
    run = run_tiny(8, "--n_hidden1", "9", "--learning_rate=0.02", "--batch_sizes", "20", "40", "--l2_reg", "0.5")
    found = run.hyper_parameters
    assert (found["n_hidden1"], found["learning_rate"], found["l2_reg"]) == (9, 0.02, 0.5)
    assert list(found["batch_sizes"]) == [20, 40]


def test_a_value_keeps_its_underscores(run_tiny, tmp_path):
    assert run_tiny(1, f"--out={tmp_path}/a_b").directory == tmp_path / "a_b" / "autoencoder_1"


def test_a_home_directory_that_the_shell_left_alone(run_tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run_tiny(1, "--out=~/runs").directory == tmp_path / "runs" / "autoencoder_1"


@pytest.mark.parametrize("argv", [[], ["help"], ["--help"], ["-h"], ["list", "--help"], ["run", "-h"]])
def test_help_is_the_usage(argv, capsys):
    command_line.main(argv)
    assert capsys.readouterr().out == command_line.USAGE


def test_a_notebooks_arguments_are_not_read(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "/run/kernel.json"])
    monkeypatch.chdir(tmp_path)
    command_line.main()
    assert capsys.readouterr().out == command_line.USAGE
    monkeypatch.setattr(cli, "make_needed", lambda *_: pytest.fail("nobody asked for it"))
    assert import_port("ref.autoencoder_01_linear_pca").main().directory == Path("runs/autoencoder_1")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--no-such-flag"], "--no-such-flag"),
        (["--epochs", "0"], "'0' found, expected a whole number from 1 to"),
        (["--epochs", "x"], "'x' found"),
        (["--batch-size", "-1"], "expected"),
        (["--n-hidden1", "0"], "from 1 to"),
        (["--n-hidden1", "99999999999"], "from 1 to"),
        (["--learning-rate", "nan"], "'nan' found"),
        (["--seed", "-1"], "--seed"),
        (["--seed", str(2**31)], "--seed"),
        (["--device", "tpu"], "tpu"),
        (["--epoch", "3"], "--epoch"),
    ],
)
def test_bad_flag(fail, flags, message, tmp_path):
    assert message in fail("run", "autoencoder_3", "--out", tmp_path / "runs", *flags)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("number", [3, 4, 5, 7, 8])
@pytest.mark.parametrize("zero", ["0", "-0.0", "0e9"])
def test_a_penalty_of_0_where_the_listing_adds_two_of_them(number, zero, fail, tmp_path):
    """Under TensorFlow 1.15.5 each of these ends with ``None + None``, a TypeError."""
    line = fail("run", f"autoencoder_{number}", "--out", tmp_path / "runs", f"--l2-reg={zero}")
    assert f"--l2-reg: {zero!r} found, expected a number above 0" in line
    assert not (tmp_path / "runs").exists()


def test_share_out_of_range(fail, tmp_path):
    assert "between 0 and 1" in fail("run", "autoencoder_13", "--out", tmp_path, "--sparsity-target", "1")


def test_missing_data(fail, tmp_path):
    assert "No such file" in fail("run", "autoencoder_3", "--data", tmp_path / "nowhere", "--out", tmp_path / "runs")
    assert [path.name for path in (tmp_path / "runs" / "autoencoder_3").iterdir()] == []


@pytest.mark.parametrize(("number", "flag"), [(3, "--batch-size"), (4, "--batch-size"), (7, "--batch-sizes")])
def test_batch_larger_than_the_set(fail, tiny_data, tmp_path, number, flag):
    sizes = ["20", "221"] if number == 7 else ["221"]
    line = fail("run", f"autoencoder_{number}", "--data", tiny_data, "--out", tmp_path, flag, *sizes)
    assert f"{flag} 221: larger than the 220 training examples" in line


def test_batch_larger_than_the_labelled_part(fail, tiny_data, tmp_path):
    flags = ["--data", tiny_data, "--out", tmp_path, "--n-labeled-instances", "30", "--batch-size", "31"]
    assert "larger than the 30 training examples" in fail("run", "autoencoder_4", *flags)


def test_batch_larger_than_the_test_set(fail, tiny_data, tmp_path):
    line = fail("run", "autoencoder_16", "--data", tiny_data, "--out", tmp_path, "--batch-size", "41")
    assert "--batch-size 41: larger than the 40 test examples" in line


@pytest.mark.parametrize(
    ("number", "flags"),
    [
        (3, ["--batch-size", "220"]),
        (4, ["--batch-size", "30", "--n-labeled-instances", "30"]),
        (7, ["--batch-sizes", "220", "220"]),
    ],
)
def test_a_batch_of_all_there_is_will_do(run_tiny, capsys, number, flags):
    run_tiny(number, *flags, "--epochs", "1")
    n_phases = 2 if number == 7 else 1
    assert len(re.findall(r"^0 Train (?:MSE|accuracy): \d", capsys.readouterr().out, re.M)) == n_phases


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="there is a GPU")
def test_no_gpu(fail, tmp_path):
    line = fail("run", "autoencoder_1", "--device", "gpu", "--out", tmp_path / "runs")
    assert "sees no GPU" in line
    assert "'make doctor' says why" in line
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("name", ["my_model_tying_weights.ckpt.index", "checkpoint", "result.json", "figures.npz"])
def test_a_directory_in_the_place_of_a_result(fail, tiny_data, tmp_path, name):
    (tmp_path / "autoencoder_3" / name).mkdir(parents=True)
    flags = ["--data", tiny_data, "--out", tmp_path, "--batch-size", "20", "--epochs", "1"]
    assert f"{name}: is a directory" in fail("run", "autoencoder_3", *flags)
    assert [path.name for path in (tmp_path / "autoencoder_3").iterdir()] == [name]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
            "cannot be written (No space left on device), .*; make room,",
        ),
        (OSError(errno.EACCES, os.strerror(errno.EACCES), "x/y"), "(Permission denied: x/y), .*; mend that, or choose"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "autoencoder_1: out of memory, expected sizes that fit"),
        (
            MemoryError("Unable to allocate 3 GiB for an array with shape (9, 7) and"),
            "a tensor of shape (9, 7), expected",
        ),
        (
            tf.errors.ResourceExhaustedError(
                None, None, "OOM when allocating tensor with shape[784,300] and type float"
            ),
            "out of memory for a tensor of shape [784,300], expected sizes",
        ),
        (
            tf.errors.ResourceExhaustedError(None, None, "x.tempstate; No space left on device\n\t [[node save]]"),
            "cannot be written (No space left on device), .*; make room, or choose another (--out)",
        ),
    ],
)
def test_the_reason_is_the_reason(error, message, fail, monkeypatch, tmp_path):
    def train(run, **_):
        raise error

    monkeypatch.setattr(import_port("ref.autoencoder_01_linear_pca"), "train", train)
    pattern = re.escape(message).replace(re.escape(".*"), ".*")
    assert re.search(pattern, fail("run", "autoencoder_1", "--out", tmp_path))


@pytest.mark.parametrize("name", ["b[1]", "back\\slash", "\udcff"])
def test_output_that_tensorflow_cannot_find_again(fail, tmp_path, name):
    assert "TensorFlow cannot find" in fail("run", "autoencoder_3", "--out", f"{tmp_path}/{name}")
    assert not list(tmp_path.iterdir())


def test_output_that_cannot_be_written(fail, tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be written" in fail("run", "autoencoder_1", "--out", tmp_path / "file")


@pytest.mark.parametrize(("number", "needs"), [(5, 8), (9, 7), (10, 7)])
def test_missing_checkpoint_names_the_make_target(fail, tiny_data, tmp_path, number, needs):
    flags = ["--batch-size", "9"] if number == 5 else []
    line = fail("run", f"autoencoder_{number}", "--data", tiny_data, "--out", tmp_path, *flags)
    assert f"'make autoencoder_{needs} OUT={tmp_path}'" in line


@pytest.mark.parametrize(("number", "needs"), [(5, 8), (9, 7), (10, 7)])
def test_checkpoint_of_another_shape(number, needs, fail, run_tiny, tiny_data, tmp_path, capsys):
    run_tiny(needs, "--n-hidden1", "30")
    capsys.readouterr()
    flags = ["--batch-size", "9"] if number == 5 else []
    line = fail("run", f"autoencoder_{number}", "--data", tiny_data, "--out", tmp_path / "runs", *flags)
    assert re.search(r"has the shape \[\S+, \d+\], expected \[\S+, \d+\]", line)


def test_damaged_checkpoint(fail, run_tiny, tmp_path, capsys):
    run = run_tiny(7)
    capsys.readouterr()
    for data in run.directory.glob("generations/0*/my_model_one_at_a_time.ckpt.data-00000-of-00001"):
        data.chmod(0o644)
        data.write_bytes(data.read_bytes()[:1000])
    assert "another sha256 than the manifest says" in fail("run", "autoencoder_10", "--out", tmp_path / "runs")


def test_damaged_checkpoint_of_anothers(fail, run_tiny, tmp_path, capsys):
    run = run_tiny(7)
    capsys.readouterr()
    data = run.directory / "my_model_one_at_a_time.ckpt.data-00000-of-00001"
    damaged = data.read_bytes()[:1000]
    data.unlink()  # a link to the newest generation: what stands in its place is taken first
    data.write_bytes(damaged)
    index = run.directory / "my_model_one_at_a_time.ckpt.index"
    content = index.read_bytes()
    index.unlink()
    index.write_bytes(content)
    assert "not a checkpoint that can be read" in fail("run", "autoencoder_10", "--out", tmp_path / "runs")


def test_list_names_every_script(capsys):
    command_line.main(["list"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [script.name for script in SCRIPTS]


def test_chapter_runs_all_in_order_and_closes_with_a_table(tiny_data, tmp_path, capsys, monkeypatch):
    flags = []
    monkeypatch.setattr(command_line, "run", lambda script, argv: flags.append((script.number, argv)) or FakeRun())
    command_line.main(["chapter", "--seed", "7", "--data", "digits"])
    assert flags == [(number, ["--seed", "7", "--data", "digits"]) for number in CHAPTER_ORDER]
    table = capsys.readouterr().out.split("\n\n")[1].splitlines()
    names = [line.split()[0] for line in table if not line.startswith(" ")]
    assert names == ["script", *(f"autoencoder_{number}" for number in CHAPTER_ORDER)]
    assert "0 Train MSE: 0.5" in table[1]
    assert "a.png" in table[2]


class FakeRun:
    result: ClassVar = {"printed": [{"line": "0 Train MSE: 0.5"}], "figures": ["a.png"], "wall_time_s": 1.0}


def test_the_chapter_needs_what_came_before():
    for script in SCRIPTS:
        if script.needs:
            assert CHAPTER_ORDER.index(script.needs) < CHAPTER_ORDER.index(script.number)


# A shell's background jobs, this suite among them, start with SIGINT ignored, or SIGHUP, and a child inherits that.
START = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
runpy.run_module("ref", run_name="__main__", alter_sys=True)
"""


def start(*argv):
    return subprocess.Popen(
        [sys.executable, "-c", START, *map(str, argv)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupted_run_leaves_its_last_checkpoint_whole(number, code, tiny_data, tmp_path):
    flags = ["--data", tiny_data, "--out", tmp_path, "--batch-size", "20", "--epochs", "100000"]
    path = tmp_path / "autoencoder_3" / "my_model_tying_weights.ckpt"
    path.parent.mkdir()
    (path.parent / "result.json").write_text('{"of": "an earlier run"}')
    process = start("run", "autoencoder_3", *flags)
    for _ in range(3):
        assert process.stdout.readline()
    process.send_signal(number)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == code
    assert "Traceback" not in errors
    assert "--resume (make: RESUME=1) goes on after the last epoch that was saved" in errors
    reader = tf.train.load_checkpoint(str(path))
    for name in reader.get_variable_to_shape_map():
        assert np.all(np.isfinite(reader.get_tensor(name)))
    assert not (path.parent / "result.json").exists()


def test_quiet_in_a_pipe(tiny_data, tmp_path):
    process = start(
        "run", "autoencoder_3", "--data", tiny_data, "--out", tmp_path, "--batch-size", "20", "--epochs", "1"
    )
    out, errors = process.communicate(timeout=300)
    assert re.fullmatch(r"0 Train MSE: \S+\n", out)
    lines = errors.splitlines()
    assert re.fullmatch(r"autoencoder_3: \S+ s, results in .*", lines[0])
    assert re.fullmatch(r"autoencoder_3: \d+ steps in \S+ s, \S+ ms a step, \S+ steps/s", lines[1])
    assert re.fullmatch(r"autoencoder_3: imports \(before\) \S+ s, start-up \S+ s, data \S+ s, evaluation .*", lines[2])
    assert len(lines) == 3


def test_importing_a_port_leaves_tensorflow_alone():
    modules = ", ".join(script.module for script in SCRIPTS)
    code = (
        f"import {modules}\n"
        "import tensorflow as tf\n"
        "assert tf.executing_eagerly()\n"
        "assert not tf.compat.v1.get_default_graph().get_operations()\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "TF_USE_LEGACY_KERAS"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True)


def test_list_does_not_wait_for_tensorflow():
    code = "import sys; from ref.__main__ import main; main(['list']); assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
