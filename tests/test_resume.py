"""A run that is interrupted goes on to the same bits, from every epoch boundary, and again from there."""

import importlib
import itertools
import json
import re

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from conftest import TINY_FLAGS, make_tiny_arrays

from ref import autoencoder_07_single_graph
from ref.chapter import BY_NAME, SCRIPTS
from ref.common import checkpoints, generations, machine
from ref.common.draws import Draws
from ref.common.errors import BadInputError
from ref.common.session import new_graph
from ref.data.idx import write_gzipped

RESUMABLE = [script.number for script in SCRIPTS if script.number not in (1, 9, 10)]  # 1 takes a second, 9 and 10 less
EPOCHS = ["--epochs", "2"]
ENGINES = [
    ["--engine", engine, *switch]
    for engine in ("book", "epoch-shuffle", "block-shuffle", "resident", "loop", "xla")
    for switch in ([], ["--recompute"], ["--memmap"])
    if not (switch == ["--memmap"] and engine not in ("book", "epoch-shuffle", "block-shuffle"))
]
CASES = [(number, []) for number in RESUMABLE] + [(8, flags) for flags in ENGINES[1:]] + [(5, ["--freeze"])]


class StoppedError(Exception):
    """Stands for the moment just after a generation was renamed."""


@pytest.fixture
def start(tiny_data, tmp_path, monkeypatch, capsys):
    """A function that starts a port, to be stopped after ``stop_after`` generations, and gives what it printed."""
    commit = generations.commit

    def run(number, out, *flags, stop_after=None):
        count = itertools.count(1)

        def watched(*arguments):
            path = commit(*arguments)
            if next(count) == stop_after:
                raise StoppedError
            return path

        monkeypatch.setattr(generations, "commit", watched)
        script = BY_NAME[f"autoencoder_{number}"]
        common = ["--data", str(tiny_data), "--out", str(tmp_path / out), *EPOCHS, *TINY_FLAGS.get(number, [])]
        capsys.readouterr()
        try:
            importlib.import_module(script.module).main([*common, *flags])
        except StoppedError:
            assert stop_after
        return capsys.readouterr()

    return run


def read_results(directory):
    """Return all that a run leaves, but for what is time: the checkpoint's bytes, results, arrays, pictures."""
    left = {}
    for path in sorted(directory.iterdir()):
        if (directory.name, path.name) == ("autoencoder_8", "losses.png"):
            continue  # it has times
        if path.name == "result.json":
            result = json.loads(path.read_text())
            assert result.pop("wall_time_s") > 0
            times = result.pop("times")
            result["steps"] = [phase["steps"] for phase in times["phases"]]  # of each attempt what was saved, once
            left[path.name] = result
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                left[path.name] = {name: array.tobytes() for name, array in arrays.items()}
        elif path.is_file() and path.name != ".lock" and path.suffix != ".npy":
            left[path.name] = path.read_bytes()
    return left


def find_differences(found, expected):
    """Return the names of the files that are not the same."""
    return {file for file in {*found, *expected} if found.get(file) != expected.get(file)}


@pytest.mark.parametrize(
    ("number", "flags"), CASES, ids=lambda value: "".join(value) if isinstance(value, list) else None
)
def test_a_run_stopped_after_every_epoch_ends_in_the_same_bits(number, flags, start, tmp_path):
    name = f"autoencoder_{number}"
    if number == 5:
        start(8, "whole")
        start(8, "stopped")
    whole = start(number, "whole", *flags).out
    expected = read_results(tmp_path / "whole" / name)
    first = 3 if "xla" in flags else 1  # compiling takes seconds: its first stop is in its own phase
    printed = [start(number, "stopped", *flags, stop_after=first)]
    while not (tmp_path / "stopped" / name / "result.json").exists():
        printed.append(start(number, "stopped", *flags, "--resume", stop_after=1))
        assert len(printed) < 9
    assert len(printed) == 1 + (4 if number in (6, 7, 8) else 2) - (first - 1)
    for one in printed[1:]:
        assert f"{name}: goes on after phase" in one.err
        assert "not bit-exact" not in one.err
    assert whole.endswith(printed[-1].out)
    assert [line for one in printed for line in one.out.split("\n")[:-1]] == whole.splitlines()
    different = find_differences(read_results(tmp_path / "stopped" / name), expected)
    assert {
        file for file in different if not (flags and file.endswith(".meta"))
    } == set()  # XLA's functions are numbered


def test_nothing_to_go_on_with_starts(start, tmp_path):
    printed = start(3, "runs", "--resume")
    assert "no epoch saved that it could go on after; it starts" in printed.err
    assert printed.out.startswith("0 Train MSE")


def test_a_run_that_ended_well_is_left_as_it_is(start, tmp_path):
    start(3, "runs")
    before = read_results(tmp_path / "runs" / "autoencoder_3")
    printed = start(3, "runs", "--resume")
    assert printed.out == ""
    assert "ended well already, nothing to go on with" in printed.err
    assert read_results(tmp_path / "runs" / "autoencoder_3") == before


@pytest.mark.parametrize(
    ("flags", "flag"),
    [(["--seed", "7"], "--seed"), (["--epochs", "3"], "--epochs"), (["--learning-rate", "0.1"], "--learning-rate")],
)
@pytest.mark.parametrize("stop_after", [1, None])
def test_other_flags_than_the_interrupted_runs_are_refused(flags, flag, stop_after, start):
    start(3, "runs", stop_after=stop_after)
    with pytest.raises(BadInputError, match=f"{flag} is not what the run to go on with was called with"):
        start(3, "runs", "--resume", *flags)


def test_flags_are_taken_over(start, tmp_path, tiny_data):
    start(7, "runs", "--seed", "5", "--n-hidden1", "20", stop_after=3)
    capture = ["--out", str(tmp_path / "runs"), "--resume"]
    result = autoencoder_07_single_graph.main(capture).result
    assert (result["seed"], result["hyper_parameters"]["n_hidden1"]) == (5, 20)
    assert result["data"]["name"] == tiny_data.name
    assert result["hyper_parameters"]["n_epochs"] == (2, 2)


def test_other_data_is_refused(start, tmp_path, tiny_data):
    start(3, "runs", stop_after=1)
    write_gzipped(tiny_data, make_tiny_arrays(seed=1).values())
    with pytest.raises(BadInputError, match="not the images that the interrupted run has read"):
        start(3, "runs", "--resume")


def test_another_environment_is_said(start, monkeypatch):
    start(3, "runs", stop_after=1)
    monkeypatch.setattr(machine, "count_threads", lambda: 999)
    printed = start(3, "runs", "--resume")
    assert re.search(r"not bit-exact here: threads \d+ → 999", printed.err)
    assert printed.out.startswith("1 Train MSE")


@pytest.mark.parametrize(("before", "now"), [([], ["--check-numerics"]), (["--check-numerics"], [])])
def test_steps_that_are_looked_through_on_one_side_alone_are_said(before, now, start):
    start(3, "runs", *before, stop_after=1)
    printed = start(3, "runs", "--resume", *now)
    assert "not bit-exact here: --check-numerics " in printed.err


def test_a_new_run_says_what_is_there_and_keeps_it_until_its_own_epoch_is_whole(start, tmp_path, monkeypatch):
    start(2, "runs", stop_after=2)
    directory = tmp_path / "runs" / "autoencoder_2"
    (directory / "figures.npz").write_bytes(b"of an earlier run")
    (directory / "reconstructions.png").write_bytes(b"of an earlier run")
    before = {path.name for path in (directory / "generations").iterdir()}

    def stop(*_):
        raise StoppedError

    monkeypatch.setattr(checkpoints, "save", stop)
    printed = start(2, "runs", stop_after=1)
    assert "a run that was interrupted after phase 1, epoch 1; --resume (make: RESUME=1) goes on with it" in printed.err
    assert {path.name for path in (directory / "generations").iterdir()} == before


def test_draws_are_counted_in_whatever_form_they_are_fetched():
    with new_graph(1) as graph:
        noise, one = tf.random_normal([2]), tf.constant(1.0)
    draws = Draws(graph)
    for fetches in ([noise, one], (noise, one), {"a": noise, "b": one}, [noise, [one]]):  # as tf.Session.run takes them
        draws.note(fetches, None)
    assert list(draws.counts.values()) == [4]
