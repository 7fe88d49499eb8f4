"""python -m ref checkpoint: what a path stands for, what list and diff say, what is refused, what is left behind."""

import contextlib
import os
from pathlib import Path

import guest
import ml_dtypes
import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.__main__ import main
from ref.checkpoints import describe, read
from ref.common.session import new_graph

NAME = "my_model.ckpt"
VALUES = {"layer/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "step": np.array(7, np.int64)}


def save(prefix, values=VALUES, **settings):
    """Let TensorFlow's own Saver write ``values``."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default(), tf.Session() as sess:
        for name, value in values.items():
            tf.Variable(value, name=name, use_resource=False)
        sess.run(tf.global_variables_initializer())
        tf.train.Saver(**settings).save(sess, str(prefix))
    return prefix


def call(capsys, *argv):
    """Return the exit code, what was printed, and the errors."""
    code = 0
    try:
        main(["checkpoint", *map(str, argv)])
    except SystemExit as error:
        code = error.code
    said = capsys.readouterr()
    return code, said.out, said.err


def assert_one_line(result, *parts):
    code, out, errors = result
    assert (code, out) == (2, "")
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    assert "expected" in errors
    for part in parts:
        assert part in errors


def list_files(directory):
    return {str(path.relative_to(directory)): path.lstat().st_size for path in directory.rglob("*")}


# What a path stands for.


def leave_prefix(directory):
    return directory / NAME


def leave_a_state_of_elsewhere(directory):
    (directory / "checkpoint").write_text('model_checkpoint_path: "D:/BookStudy/book4/model/my_model.ckpt"\n')
    save(directory / "another.ckpt", {"other": np.zeros(1)}, save_relative_paths=True)
    (directory / "checkpoint").write_text('model_checkpoint_path: "D:\\\\book4\\\\my_model.ckpt"\n')
    return directory


def leave_no_state(directory):
    (directory / "checkpoint").unlink()
    return directory


def leave_a_spoilt_state(directory):
    (directory / "checkpoint").write_bytes(b"\xff no text")
    return directory


def leave_a_saved_model(directory):
    (directory / "variables").mkdir()
    for path in directory.glob(f"{NAME}.*"):
        path.rename(directory / "variables" / path.name.replace(NAME, "variables"))
    (directory / "checkpoint").unlink()
    return directory


PATHS = {
    "prefix": leave_prefix,
    "index": lambda d: d / f"{NAME}.index",
    "meta": lambda d: d / f"{NAME}.meta",
    "data": lambda d: d / f"{NAME}.data-00000-of-00001",
    "state": lambda d: d / "checkpoint",
    "directory": lambda d: d,
    "a state of elsewhere": leave_a_state_of_elsewhere,
    "no state": leave_no_state,
    "a spoilt state": leave_a_spoilt_state,
    "a SavedModel's": leave_a_saved_model,
}


@pytest.mark.parametrize("form", PATHS)
def test_what_a_path_stands_for(form, tmp_path):
    directory = tmp_path / "a [model] é"
    save(directory / NAME)
    found = read.read(PATHS[form](directory))
    assert found.keys() == VALUES.keys()
    for name, value in VALUES.items():
        np.testing.assert_array_equal(found[name], value)
        assert found[name].dtype == value.dtype


@pytest.mark.parametrize("is_sharded", [False, True])
@pytest.mark.parametrize("version", [tf.train.SaverDef.V1, tf.train.SaverDef.V2])
def test_checkpoints_of_either_version_in_shards_or_not(version, is_sharded, tmp_path):
    prefix = save(tmp_path / NAME, sharded=is_sharded, write_version=version)
    (tmp_path / "checkpoint").unlink()
    paths = {prefix, *(path for path in tmp_path.iterdir() if path.name.startswith(NAME))}
    assert len(paths) > 1
    for path in paths:
        assert read.read(path).keys() == VALUES.keys(), path


@pytest.mark.parametrize("path", ["", "my_model_one_at_a_time.ckpt", "my_model_one_at_a_time.ckpt.index", "checkpoint"])
def test_a_run_is_its_newest_whole_generation(path, run_tiny, tmp_path, capsys):
    run = run_tiny(7, "--n-hidden1", "4", "--n-hidden2", "3")
    directory = run.directory / path
    newest = (run.directory / "generations" / "current").resolve()
    expected = read.read(newest)
    assert not list(describe.compare(read.read(directory), expected))
    data = newest / "my_model_one_at_a_time.ckpt.data-00000-of-00001"
    os.chmod(data, 0o644)
    data.write_bytes(bytes(data.stat().st_size))
    code, out, errors = call(capsys, "diff", directory, newest.with_name(f"{int(newest.name) - 1:06d}"))
    assert (code, out.splitlines()[-1]) == (0, "26 of 26 variables equal to the bit")
    assert "the generation before it is read" in errors


def test_the_process_that_calls_is_left_as_it_was(tmp_path, capsys):
    save(tmp_path / NAME)
    before = guest.snapshot()
    file, again = tmp_path / "values.npz", tmp_path / "again.ckpt"
    for words in (["list", tmp_path], ["export", tmp_path, "-o", file], ["import", file, "-o", again]):
        assert call(capsys, *words)[0] == 0
    assert call(capsys, "list", tmp_path / "nothing")[0] == 2
    assert not guest.compare(before, guest.snapshot())


# What list says.


def build_with_optimizers():
    """Make a graph with slots of many kinds; return what each variable is, by the optimizers' own words."""
    weights = tf.get_variable("w", [2, 3])
    with tf.variable_scope("hidden"):
        tf.get_variable("kernel", [3])
    loss = tf.add_n([tf.reduce_sum(variable) for variable in tf.trainable_variables()])
    variables, roles = tf.trainable_variables(), {}
    for optimizer in (tf.train.AdamOptimizer(), tf.train.AdamOptimizer(), tf.train.MomentumOptimizer(0.1, 0.9)):
        is_adam = isinstance(optimizer, tf.train.AdamOptimizer)
        with tf.name_scope("phase") if is_adam else tf.variable_scope("training"):
            optimizer.minimize(loss)
        for slot in optimizer.get_slot_names():
            for variable in variables:
                what = f"Adam's {slot}" if is_adam else f"Momentum of {variable.op.name}"
                roles[optimizer.get_slot(variable, slot).op.name] = what
        if is_adam:
            roles |= {variable.op.name: "Adam's power" for variable in optimizer._get_beta_accumulators()}
    assert weights.op.name == "w"
    return roles


def test_what_an_optimizer_keeps_is_marked():
    with new_graph(1):
        roles = build_with_optimizers()
        names = {variable.op.name: np.zeros(variable.shape.as_list()) for variable in tf.global_variables()}
    expected = dict.fromkeys(names, "") | roles
    assert {name: describe.find_role(name, names) for name in names} == expected
    assert sorted(set(expected.values()))[:3] == ["", "Adam's m", "Adam's power"]
    assert describe.count(names) == "16 variables, 58 numbers: 2 of the graph, 12 Adam's, 2 other slots"


@pytest.mark.parametrize("name", ["w/Adam", "w/Adam_1", "Adam", "beta1_power_of_mine", "dense/kernel"])
def test_what_only_sounds_like_it_is_not(name):
    """A slot has its owner beside it, in the same shape."""
    assert describe.find_role(name, {name: np.zeros(2), "w": np.zeros(3)}) == ""


def test_list_measures(tmp_path, capsys):
    values = {
        "a": np.array([1.0, 2.0, 6.0], np.float32),
        "a/Adam": np.array([0.0, np.nan, np.inf], np.float32),
        "empty": np.zeros((0, 2), np.float32),
        "flag": np.array([True, False]),
        "half": np.array([60000.0] * 3, np.float16),
        "text": np.array(["graph"], object),
    }
    save(tmp_path / NAME, values)
    code, out, errors = call(capsys, "list", tmp_path)
    assert (code, errors) == (0, "")
    rows = [line.split(maxsplit=5) for line in out.splitlines()]
    assert rows[:3] == [
        ["variable", "shape", "dtype", "mean", "deviation", "what"],
        ["a", "(3)", "float32", "3", "2.16025"],  # sqrt((4 + 1 + 9) / 3)
        ["a/Adam", "(3)", "float32", "nan", "nan", "Adam's m, 1 NaN and 1 infinite"],
    ]
    assert out.splitlines()[3:] == [
        "empty     (0, 2)  float32  -      -",
        "flag      (2)     bool     0.5    0.5",
        "half      (3)     float16  60000  0",
        "text      (1)     text     -      -",
        "6 variables, 12 numbers: 5 of the graph, 1 Adam's",
    ]


# What diff says.

F32 = np.float32
DIFFERENCES = {
    "nothing": ({"w": F32([1, 2])}, {"w": F32([1, 2])}, ["1 of 1 variables equal to the bit"]),
    "the same NaN": ({"w": F32([np.nan])}, {"w": F32([np.nan])}, ["1 of 1 variables equal to the bit"]),
    "only in A": ({"w": F32([1]), "v": F32(1)}, {"w": F32([1])}, ["v: only in A, () float32"]),
    "only in B": ({"w": F32([1])}, {"w": F32([1]), "v": F32([[1]])}, ["v: only in B, (1, 1) float32"]),
    "shape": ({"w": F32([[1, 2]])}, {"w": F32([1, 2])}, ["w: (1, 2) float32 | (2) float32"]),
    "type": ({"w": F32([1])}, {"w": np.array([1.0])}, ["w: (1) float32 | (1) float64"]),
    "values": (
        {"w": F32([[1, 2], [3, 4]]), "v": F32([1])},
        {"w": F32([[1, 2.5], [3, 2]]), "v": F32([1])},
        ["w: 2 of 4 differ, by 2 at most, at [1, 1] 4.0 | 2.0"],
    ),
    "a scalar": ({"w": F32(1)}, {"w": F32(1.25)}, ["w: 1 of 1 differ, by 0.25 at most, 1.0 | 1.25"]),
    "integers": (
        {"w": np.uint8([1, 255])},
        {"w": np.uint8([2, 1])},
        ["w: 2 of 2 differ, by 2.5e+02 at most, at [1] 255 | 1"],
    ),
    "a NaN": ({"w": F32([1, 2])}, {"w": F32([3, np.nan])}, ["w: 2 of 2 differ, by inf at most, at [1] 2.0 | nan"]),
    "a zero's sign": (
        {"w": F32([0.0])},
        {"w": F32([-0.0])},
        ["w: equal numbers, other bits: a zero's sign, or another NaN"],
    ),
    "flags": (
        {"w": np.array([True])},
        {"w": np.array([False])},
        ["w: 1 of 1 differ, by 1 at most, at [0] True | False"],
    ),
}


@pytest.mark.parametrize("case", DIFFERENCES)
@pytest.mark.parametrize("ending", [".ckpt", ".npz"])
def test_diff(ending, case, tmp_path, capsys):
    a, b, lines = DIFFERENCES[case]
    for name, values in (("a", a), ("b", b)):
        path = tmp_path / f"{name}{ending}"
        np.savez(path, **values) if ending == ".npz" else save(path, values)
    code, out, errors = call(capsys, "diff", tmp_path / f"a{ending}", tmp_path / f"b{ending}")
    is_equal = "equal to the bit" in lines[0]
    n_names = len(a.keys() | b.keys())
    assert out.splitlines() == (lines if is_equal else [*lines, f"1 of {n_names} variables differ"])
    assert (code, errors) == (0 if is_equal else 1, "")


# What is refused.


def make_text(path):
    path.write_text("# not a checkpoint\n" * 99)
    return path


def make_fifo(path):
    os.mkfifo(path)
    return path


def make_bare_directory(path):
    path.mkdir()
    return path


def make_two(path):
    for name in ("one.ckpt", "two.ckpt"):
        save(path / name)
    (path / "checkpoint").unlink()
    return path


def lose_the_data(path):
    os.unlink(f"{save(path)}.data-00000-of-00001")
    return path


def put_a_fifo_for_the_data(path):
    lose_the_data(path)
    os.mkfifo(f"{path}.data-00000-of-00001")
    return path


def put_a_fifo_for_the_index(path):
    os.unlink(f"{save(path)}.index")
    os.mkfifo(f"{path}.index")
    return path


def flip(path):
    data = Path(f"{save(path)}.data-00000-of-00001")
    content = bytearray(data.read_bytes())
    content[5] ^= 1
    data.write_bytes(content)
    return path


def halve_the_index(path):
    index = Path(f"{save(path)}.index")
    index.write_bytes(index.read_bytes()[:60])
    return path


def link_to_itself(path):
    path.symlink_to(path)
    return path


BAD = {
    "nothing": (lambda path: path, "no checkpoint"),
    "no directory": (lambda path: path / "b" / "c.ckpt", "no checkpoint"),
    "text": (make_text, "no checkpoint"),
    "a FIFO": (make_fifo, "no regular file"),
    "a device": (lambda path: Path("/dev/null"), "no regular file"),
    "an empty directory": (make_bare_directory, "no checkpoint in it"),
    "two in a directory": (make_two, "2 checkpoints (one.ckpt, two.ckpt, …)"),
    "no data": (lose_the_data, "missing"),
    "a FIFO for data": (put_a_fifo_for_the_data, "no regular file"),
    "a FIFO for an index": (put_a_fifo_for_the_index, "no checkpoint"),
    "a bit flipped": (flip, "damaged"),
    "half an index": (halve_the_index, "not a checkpoint that can be read"),
    "a link to itself": (link_to_itself, ""),
    "a name too long": (lambda path: path.with_name("x" * 300), "too long"),
}


@pytest.mark.parametrize("verb", ["list", "diff", "export"])
@pytest.mark.parametrize("case", BAD)
def test_what_is_no_checkpoint_is_one_line(case, verb, tmp_path, capsys):
    make, reason = BAD[case]
    path = make(tmp_path / "bad.ckpt")
    good = save(tmp_path / "good" / NAME)
    before = list_files(tmp_path)
    more = {"list": [], "diff": [good], "export": ["-o", tmp_path / "out" / "bad.npz"]}[verb]
    assert_one_line(call(capsys, verb, path, *more), reason)
    assert list_files(tmp_path) == before


def test_a_name_nearby_is_offered(tmp_path, capsys):
    save(tmp_path / NAME)
    assert_one_line(call(capsys, "list", tmp_path / "mymodel.ckpt"), f"did you mean {NAME}?")


def test_a_bit_flipped_anywhere_in_an_index_is_bad_input_or_nothing(tmp_path):
    """TensorFlow's reader raises IndexError and others over some."""
    index = Path(f"{save(tmp_path / NAME)}.index")
    content = index.read_bytes()
    for bit in range(0, 8 * len(content), 5):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        index.write_bytes(flipped)
        with contextlib.suppress(read.BadInputError):
            read.read(tmp_path / NAME)


WRONG_WORDS = {
    "unknown verb": (["lst", "a"], "did you mean list?"),
    "nothing to list": (["list"], "PATH"),
    "one of two": (["diff", "a"], "B"),
    "one too many": (["list", "a", "b"], "a value too many"),
    "no output": (["export", "a"], "--out"),
    "an empty path": (["list", ""], "'' found"),
    "another format": (["export", "a", "-o", "a.h5"], ".npz or .safetensors"),
    "a format unknown": (["import", "a.h5", "-o", "a.ckpt"], ".npz or .safetensors"),
    "unknown flag": (["list", "a", "--outt", "b"], "unknown flag"),
}


@pytest.mark.parametrize("case", WRONG_WORDS)
def test_wrong_words_are_one_line(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words, reason = WRONG_WORDS[case]
    code, out, errors = call(capsys, *words)
    assert (code, out) == (2, "")
    assert errors.count("\n") == 1
    assert reason in errors
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [[], ["--help"], ["help"], ["list", "--help"], ["import", "-h"]])
def test_help_is_not_an_error(words, capsys):
    code, out, errors = call(capsys, *words)
    assert (code, errors) == (0, "")
    assert "python -m ref checkpoint" in out


# Export and import.


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_text_of_tensorflow_2s_is_left_out_and_said(ending, tmp_path, capsys):
    tf.compat.v2.train.Checkpoint(w=tf.compat.v2.Variable([1.0, 2.0])).write(str(tmp_path / NAME))
    code, out, errors = call(capsys, "export", tmp_path / NAME, "-o", tmp_path / f"w{ending}")
    assert (code, out) == (0, f"{tmp_path / f'w{ending}'}: 1 variables\n")
    assert errors == f"{tmp_path / f'w{ending}'}: without _CHECKPOINTABLE_OBJECT_GRAPH, which is text\n"
    found = read.read(tmp_path / f"w{ending}")
    np.testing.assert_array_equal(found["w/.ATTRIBUTES/VARIABLE_VALUE"], F32([1, 2]))


def test_bfloat16_goes_by_safetensors_and_comes_back(tmp_path, capsys):
    values = {"w": np.array([1.5, -2], ml_dtypes.bfloat16)}
    save(tmp_path / NAME, values)
    assert_one_line(call(capsys, "export", tmp_path / NAME, "-o", tmp_path / "w.npz"), "export to .safetensors")
    assert not (tmp_path / "w.npz").exists()
    assert call(capsys, "export", tmp_path / NAME, "-o", tmp_path / "w.safetensors")[0] == 0
    assert call(capsys, "import", tmp_path / "w.safetensors", "-o", tmp_path / "again.ckpt")[0] == 0
    assert call(capsys, "diff", tmp_path / NAME, tmp_path / "again.ckpt")[0] == 0


def test_an_import_takes_the_place_of_a_checkpoint_and_of_links_to_a_run(run_tiny, tmp_path, capsys):
    run = run_tiny(7, "--n-hidden1", "4", "--n-hidden2", "3")
    prefix = run.directory / "my_model_one_at_a_time.ckpt"
    generations = list_files(run.directory / "generations")
    call(capsys, "export", run.directory, "-o", tmp_path / "seven.npz")
    values = {name: value * 2 for name, value in np.load(tmp_path / "seven.npz").items()}
    for factor in (2, 4):
        np.savez(tmp_path / "twice.npz", **values)
        assert call(capsys, "import", tmp_path / "twice.npz", "-o", prefix)[:2] == (0, f"{prefix}: 26 variables\n")
        np.testing.assert_array_equal(read.read(run.directory)["weights1"], values["weights1"])
        values = {name: value * 2 for name, value in values.items()}
    assert list_files(run.directory / "generations") == generations
    assert not [path for path in run.directory.iterdir() if path.name.startswith(".")]


def put_file_for_parent(tmp_path):
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / NAME


def put_directory(ending):
    def put(tmp_path):
        (tmp_path / f"{NAME}{ending}").mkdir()
        return tmp_path / NAME

    return put


def put_fifo(tmp_path):
    os.mkfifo(tmp_path / f"{NAME}.index")
    return tmp_path / NAME


BAD_PREFIXES = {
    "below a file": (put_file_for_parent, "cannot be written (File exists"),
    "a directory": (put_directory(""), "no regular file"),
    "a directory for the index": (put_directory(".index"), "no regular file"),
    "a directory for the data": (put_directory(".data-00000-of-00001"), "no regular file"),
    "a FIFO for the index": (put_fifo, "no regular file"),
    "a file's name": (lambda tmp_path: tmp_path / "again.npz", "a checkpoint's prefix; say again.ckpt\n"),
    "an index": (lambda tmp_path: tmp_path / f"{NAME}.index", f"expected a checkpoint's prefix; say {NAME}\n"),
    "data": (lambda tmp_path: tmp_path / f"{NAME}.data-00000-of-00002", f"a checkpoint's prefix; say {NAME}\n"),
}


@pytest.mark.parametrize("case", BAD_PREFIXES)
def test_where_nothing_can_be_imported_to(case, tmp_path, capsys):
    make, reason = BAD_PREFIXES[case]
    prefix = make(tmp_path)
    np.savez(tmp_path / "values.npz", w=F32([1]))
    before = list_files(tmp_path)
    assert_one_line(call(capsys, "import", tmp_path / "values.npz", "-o", prefix), reason)
    assert list_files(tmp_path) == before


BAD_VALUES = {
    "none": ({}, "no arrays"),
    "a tensor's name": ({"w:0": F32([1])}, "rename it w"),
    "a name with a space": ({"my w": F32([1])}, "can be no variable's name"),
    "text": ({"w": np.array(["a"])}, "w is of <U1"),
    "times": ({"w": np.array([0], "datetime64[s]")}, "w is of datetime64"),
    "bytes of bfloat16": ({"w": np.array([1], ml_dtypes.bfloat16)}, "take .safetensors"),
}


@pytest.mark.parametrize("case", BAD_VALUES)
def test_what_can_be_no_variable(case, tmp_path, capsys):
    values, reason = BAD_VALUES[case]
    np.savez(tmp_path / "values.npz", **values)
    before = list_files(tmp_path)
    assert_one_line(call(capsys, "import", tmp_path / "values.npz", "-o", tmp_path / NAME), reason)
    assert list_files(tmp_path) == before


def test_a_disk_that_fills_leaves_the_checkpoint_that_was_there(tmp_path, monkeypatch, capsys):
    from ref.checkpoints import write

    save(tmp_path / NAME)
    np.savez(tmp_path / "values.npz", w=F32([1]))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def fill_the_disk(prefix, values):
        Path(f"{prefix}.data-00000-of-00001").write_bytes(b"half")
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(write, "_save", fill_the_disk)
    assert_one_line(call(capsys, "import", tmp_path / "values.npz", "-o", tmp_path / NAME), "No space left on device")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
