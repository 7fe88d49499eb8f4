"""What result.json says of a run is so: versions, device, threads, seeds, where a checkpoint comes from."""

import gzip
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shlex

import pytest
import tensorflow.compat.v1 as tf

from ref import autoencoder_09_show_reconstructions
from ref.common.errors import BadInputError
from ref.common.origins import describe_origin
from ref.data.directory import load_directory


@pytest.fixture
def read_result(run_tiny):
    """A function that runs a port and reads its result.json."""

    def read(number, *flags):
        return json.loads((run_tiny(number, *flags).directory / "result.json").read_text())

    return read


def test_versions_are_those_of_the_packages(read_result):
    found = read_result(1)["versions"]
    expected = {name: importlib.metadata.version(name) for name in ("tensorflow", "numpy")}
    assert found == expected | {"python": platform.python_version()}


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no affinity here")
@pytest.mark.parametrize("n", [1, 7])
def test_threads_are_the_cores_that_this_process_may_use(n, read_result, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(n)))
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert read_result(1)["threads"] == n


@pytest.mark.parametrize(("seed", "seeds"), [(0, "tf2"), (7, "tf1")])
def test_seeds_are_those_that_were_given(seed, seeds, read_result):
    result = read_result(1, "--seed", str(seed), "--seeds", seeds)
    assert (result["seed"], result["seeds"]) == (seed, seeds)


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_device_is_what_was_computed_on(device, read_result):
    has_gpu = device == "auto" and bool(tf.config.list_physical_devices("GPU"))
    assert read_result(1, "--device", device)["device"] == ("gpu" if has_gpu else "cpu")


def test_settings_of_the_libraries_are_named(read_result, monkeypatch):
    monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "2")
    assert "TF_NUM_INTEROP_THREADS=2" in read_result(1)["settings"]


def test_where_a_checkpoint_comes_from(run_tiny):
    run_tiny(7, "--seed", "0", "--n-epochs", "1", "2")
    run = run_tiny(9, "--seed", "3")
    origin = "data tiny, seed 0, n_epochs [2, 2]"
    assert run.result["restored"] == {"checkpoint": "autoencoder_7/my_model_one_at_a_time.ckpt", "origin": origin}
    assert run.result["seed"] == 3


def test_hashes_are_those_of_the_unzipped_files(tiny_data):
    found = load_directory(tiny_data, "tiny").sha256
    unzipped = {path.name: gzip.decompress(path.read_bytes()) for path in tiny_data.iterdir()}
    assert found == {name.removesuffix(".gz"): hashlib.sha256(text).hexdigest() for name, text in unzipped.items()}


@pytest.mark.parametrize(
    ("out", "command"),
    [("runs", "make autoencoder_7"), ("mine", "make autoencoder_7 OUT=mine"), ("my 'own'", "make autoencoder_7 OUT=")],
)
def test_the_command_that_makes_a_checkpoint_can_be_followed(out, command, tiny_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInputError) as error:
        autoencoder_09_show_reconstructions.main(["--data", str(tiny_data), "--out", out])
    found = re.search("make it with '(.*)'$", str(error.value))[1]
    assert found.startswith(command)
    assert shlex.split(found)[2:] == ([] if out == "runs" else [f"OUT={out}"])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"hyper_parameters": {}, "data": null}', "\xff"])
def test_an_origin_that_is_not_known_is_not_made_up(text, tmp_path):
    (tmp_path / "result.json").write_bytes(text.encode("latin-1"))
    assert describe_origin(tmp_path) is None
    assert describe_origin(tmp_path / "nowhere") is None
