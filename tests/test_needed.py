"""--needed-first: another script's checkpoint is made where it is missing or older than that script, and only there."""

import json
import os

import pytest

from ref import autoencoder_07_single_graph, autoencoder_09_show_reconstructions
from ref.common import cli

FLAGS = ["--needed-first", "--seed", "5", "--n-hidden1", "20"]


@pytest.fixture
def show(run_tiny, tmp_path):
    """A function that runs 10 as make does, and returns when the checkpoint of 7 was made, in ns."""
    index = tmp_path / "runs" / "autoencoder_7" / "my_model_one_at_a_time.ckpt.index"

    def run(*flags):
        run_tiny(10, *FLAGS, *flags)
        return index.stat().st_mtime_ns

    return run


def test_it_is_made_with_what_both_have(show, tmp_path, capsys):
    show()
    output = capsys.readouterr()
    assert output.out == ""  # 10 prints no numbers, and 7's are not its own
    assert "autoencoder_7 first: its checkpoint is missing or older than the script" in output.err
    assert "Test MSE:" in output.err
    made = json.loads((tmp_path / "runs" / "autoencoder_7" / "result.json").read_text())
    assert (made["seed"], made["hyper_parameters"]["n_epochs"]) == (5, [2, 2])
    assert (made["hyper_parameters"]["n_hidden1"], made["hyper_parameters"]["n_hidden2"]) == (20, 150)
    assert made["data"]["name"] == "tiny"


def test_one_that_is_there_is_used_and_an_older_one_made_anew(show, tmp_path):
    made_ns = show()
    assert show() == made_ns
    script_ns = os.stat(autoencoder_07_single_graph.__file__).st_mtime_ns
    index = tmp_path / "runs" / "autoencoder_7" / "my_model_one_at_a_time.ckpt.index"
    os.utime(index, ns=(script_ns, script_ns))
    assert show() == script_ns  # as old as the script is not older
    os.utime(index, ns=(script_ns - 10**9, script_ns - 10**9))
    assert show() > script_ns - 10**9


def test_without_the_flag_nothing_is_made(run_tiny):
    with pytest.raises(cli.BadInputError, match="make autoencoder_8"):
        run_tiny(5)


def test_what_would_be_refused_later_is_refused_first(run_tiny, monkeypatch):
    monkeypatch.setattr("ref.autoencoder_08_frozen_cache.main", lambda *_: pytest.fail("trained"))
    with pytest.raises(cli.BadInputError, match="--batch-size 221: larger than the 220 training examples"):
        run_tiny(5, "--needed-first", "--n-labeled-instances", "500", "--batch-size", "221")


def test_only_who_needs_another_takes_the_flag(run_tiny):
    with pytest.raises(cli.BadInputError, match="--needed-first: unknown flag"):
        run_tiny(7, "--needed-first")


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        *(("--seed", seed) for seed in ("0", "7")),
        *(("--seeds", seeds) for seeds in ("tf1", "tf2")),
        *(("--epochs", "3"), ("--device", "cpu"), ("--n-hidden1", "20"), ("--n-hidden2", "9")),
    ],
)
def test_each_flag_that_both_have_is_handed_on(flag, value, tmp_path, tiny_data, monkeypatch):
    called = []

    def stop(flags):
        called.extend(flags)
        raise cli.BadInputError("enough")

    monkeypatch.setattr(autoencoder_07_single_graph, "main", stop)
    paths = ["--data", str(tiny_data), "--out", str(tmp_path / "my runs")]
    with pytest.raises(cli.BadInputError, match="enough"):
        autoencoder_09_show_reconstructions.main(["--needed-first", *paths, flag, value])
    handed_on = dict(word.split("=", 1) for word in called)
    expected = {"--data": str(tiny_data), "--out": str(tmp_path / "my runs"), flag: value}
    assert {name: handed_on.get(name) for name in expected} == expected
