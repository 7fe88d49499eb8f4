"""The Makefile: what it hands on, whatever is in it; what it refuses; what of the user's environment it passes on.

Recipes run a Python that only writes down how it was called.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ref.chapter import SCRIPTS

ROOT = Path(__file__).resolve().parents[1]
PYTHON = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done
env | grep -E '^(PYTHON|MPL|PIP)' >> environment
"""
STRANGE = ["plain", "two words", "it's", 'a "b" c', "$HOME and $(x)", "a;b|c&d", "#", "back\\slash", "é · 中"]


@pytest.fixture
def make(tmp_path):
    """A function that runs make, and returns its exit code, the words that Python was called with, and the errors."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON)
    python.chmod(0o755)
    stamps = (".venv/runtime", ".venv/dev", ".venv/originals", ".venv/pages")
    for name in (
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-originals.txt",
        "requirements-pages.txt",
        "requirements-gpu.txt",
        *stamps,
    ):
        (tmp_path / name).touch()

    def run(*words, **variables):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        done = subprocess.run(
            ["make", "--no-print-directory", *words], cwd=tmp_path, env=kept | variables, capture_output=True, text=True
        )
        return done.returncode, done.stdout.splitlines(), done.stderr

    return run


@pytest.mark.parametrize("value", STRANGE)
def test_paths_arrive_as_they_are(make, value):
    code, words, errors = make("autoencoder_3", f"OUT={value}", f"DATA={value}")
    assert (code, errors) == (0, "")
    assert words == ["-m", "ref", "run", "autoencoder_3", "--out", value, "--data", value]


@pytest.mark.parametrize("value", STRANGE)
def test_an_original_may_be_any_file(make, value):
    code, words, errors = make("original", f"FILE={value}", f"SET=name={value}", "ON=tf2", "STOP_AFTER=5", "SEED=7")
    assert (code, errors) == (0, "")
    given = ["--out", "runs", "--seed", "7", "--on", "tf2", "--stop-after", "5", "--set", f"name={value}"]
    assert words == ["-m", "ref", "original", value, *given]


def test_an_original_is_not_named_by_the_environment(make):
    words = make("original", FILE="stray.py", ON="tf2", SET="a=1", STOP_AFTER="3")[1]
    assert words == ["-m", "ref", "original", "--out", "runs"]


def test_every_variable_is_handed_on(make):
    given = [
        "SEED=7",
        "EPOCHS=3",
        "DEVICE=cpu",
        "RESUME=1",
        "PLOT=1",
        "LOGDIR=my logs",
        "ARGS=--n-hidden1 9 --out 'my runs'",
    ]
    _, words, _ = make("chapter", *given)
    assert words[:3] == ["-m", "ref", "chapter"]
    flags = "--out runs --seed 7 --epochs 3 --device cpu --resume --plot --logdir my logs --n-hidden1 9 --out"
    assert " ".join(words[3:-1]) == flags
    assert "my logs" in words
    assert words[-1] == "my runs"


def test_tensorboard_shows_the_directory_that_is_given_and_says_where_there_is_none(make, tmp_path):
    (tmp_path / "requirements-tensorboard.txt").touch()
    (tmp_path / ".venv" / "tensorboard").touch()
    code, words, errors = make("tensorboard")
    assert (code, words) == (2, [])
    assert errors.startswith("error: runs/logs: no such directory, expected event files; ")
    (tmp_path / "it's $HOME").mkdir()
    _, words, _ = make("tensorboard", "LOGDIR=it's $HOME", "ARGS=--port 7")
    assert words == ["-m", "tensorboard.main", "--logdir", "it's $HOME", "--port", "7"]


def test_a_checkpoints_words_are_handed_on(make):
    _, words, _ = make("checkpoint", "ARGS=diff 'my runs/a' runs/b")
    assert words == ["-m", "ref", "checkpoint", "diff", "my runs/a", "runs/b"]


def test_the_sizes_of_a_question_are_handed_on(make):
    given = ["ROWS=10000000", "FROZEN=1000,500", "BATCH=512", "EPOCHS=9", "ENGINE=xla", "OUT=my runs"]
    flags = ["--rows", "10000000", "--frozen", "1000,500", "--batch", "512", "--epochs", "9", "--engine", "xla"]
    assert make("pays", *given)[1] == ["-m", "ref", "pays", *flags, "--out", "my runs"]
    assert make("pays", ROWS="7", BATCH="9")[1] == ["-m", "ref", "pays"]


@pytest.mark.parametrize("value", STRANGE)
def test_a_report_is_of_any_directory_in_any_file(make, value):
    given = make("report", f"OUT={value}", f"FILE={value}", "ARGS=--language zh")
    assert given == (0, ["-m", "ref", "report", "--out", value, "-o", value, "--language", "zh"], "")
    assert make("report", FILE="stray.html")[1] == ["-m", "ref", "report", "--out", "runs"]


@pytest.mark.parametrize("seed", ["0", "00", "7"])
def test_a_seed_of_0_is_a_seed(make, seed):
    assert make("autoencoder_3", f"SEED={seed}")[1][-2:] == ["--seed", seed]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.number))
def test_what_a_script_needs_is_run_first(make, script):
    _, words, _ = make(script.name)
    assert ("--needed-first" in words) == (script.needs is not None)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("EPOCH=1", "did you mean EPOCHS?"),
        ("epochs=1", "did you mean EPOCHS?"),
        ("OUTDIR=a b", "did you mean OUT?"),
        ("BATHC=512", "did you mean BATCH?"),
        ("LEARNING_RATE=0.1", "ARGS='--flag …'"),
        ("CC=gcc", "no target reads CC"),
    ],
)
def test_a_variable_that_no_target_reads_is_refused(make, given, hint):
    code, words, errors = make("autoencoder_3", given)
    assert (code, words) == (2, [])
    assert f"{given}: no target reads" in errors
    assert hint in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["autoencoder_3", "BATCH=512"], "autoencoder_3 does not read BATCH, expected a benchmark; a script's"),
        (["bench-ports", "WIDTH=5"], "bench-ports does not read WIDTH, expected THREADS;"),
        (["bench", "bench-growth", "FROZEN=2"], "bench-growth does not read FROZEN"),
        (["THREADS=2"], "help does not read THREADS"),
        (["bench", "SEED=3"], "bench does not read SEED, expected BATCH WIDTH FROZEN THREADS TF32 or none"),
        (["bench-report", "EPOCHS=2"], "bench-report does not read EPOCHS, expected DATA or none"),
        (["mnist", "bench-ports", "ROWS=7"], "bench-ports does not read ROWS, expected THREADS or none"),
    ],
)
def test_a_size_that_a_target_does_not_read_is_refused(make, words, said):
    code, called, errors = make(*words)
    assert (code, called) == (2, [])
    assert said in errors
    assert len(errors.splitlines()) == 1


def test_sizes_are_handed_on(make):
    given = ["BATCH=0", "WIDTH=a b", "FROZEN=2", "THREADS=1", "ARGS=--threshold 2"]
    sizes = ["--batch", "0", "--width", "a b", "--frozen", "2", "--threads", "1", "--threshold", "2"]
    assert make("bench", *given)[1] == ["-m", "bench.run", "engines", *sizes]
    assert make("bench-compare", *given)[1] == ["-m", "bench.run", "engines", "--compare", *sizes]
    assert make("bench-growth", "THREADS=1", "DEVICE=gpu")[1][3:] == ["--device", "gpu", "--threads", "1"]
    assert make("bench", BATCH="9", WIDTH="9", FROZEN="9", THREADS="9")[1] == ["-m", "bench.run", "engines"]


@pytest.mark.skipif(
    os.uname().sysname != "Linux" or os.uname().machine != "x86_64", reason="CUDA's libraries are for it"
)
@pytest.mark.parametrize("value", ["1", "yes"])
def test_cudas_libraries_are_installed_when_asked_for(make, value):
    assert make("setup", f"GPU={value}")[1] == ["-m", "scripts.install", "--quiet", "requirements-gpu.txt"]


@pytest.mark.parametrize("words", [["setup"], ["setup", "GPU="], ["setup", "GPU=0"]])
def test_cudas_libraries_are_not_installed_otherwise(make, words):
    code, words, _ = make(*words, GPU="1")
    assert (code, "scripts.install" in words) == (0, False)


def test_cudas_libraries_are_refused_where_they_are_not_for(make, tmp_path):
    uname = tmp_path / "bin" / "uname"
    uname.parent.mkdir()
    uname.write_text("#!/bin/sh\necho Darwin arm64\n")
    uname.chmod(0o755)
    code, words, errors = make("setup", "GPU=1", PATH=f"{uname.parent}:{os.environ['PATH']}")
    assert (code, words) == (2, [])
    assert "Darwin arm64 found, expected Linux x86_64" in errors


def test_doctor_installs_nothing(make, tmp_path):
    (tmp_path / ".venv" / "runtime").unlink()
    assert make("doctor", "ARGS=--json")[1] == ["-m", "ref", "doctor", "--json"]
    python = tmp_path / ".venv" / "bin" / "python"
    python.rename(tmp_path / "python")
    assert make("doctor", f"PYTHON={tmp_path / 'python'}")[1] == ["-m", "ref", "doctor"]


@pytest.mark.parametrize(("value", "is_given"), [("1", True), ("0", False), ("", False)])
def test_benchmarks_with_tensorfloat_32_when_asked_for(make, value, is_given):
    assert ("--tf32" in make("bench", "DEVICE=gpu", f"TF32={value}")[1]) == is_given
    assert "bench-ports does not read TF32" in make("bench-ports", f"TF32={value}")[2]


def test_variables_that_are_read_are_known():
    """Each that a recipe or a flag looks at can be given."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    known = [name for line in re.findall(r"^(?:READ|MEASURED) := (.*)$", text, re.M) for name in line.split()]
    looked_at = re.findall(r"call (?:quote|is_given),([A-Z][A-Z0-9_]+)\)|\$\(if \$\(([A-Z]+)\)", text)
    assert {first or second for first, second in looked_at} <= {*known, "MEANT"}


def test_a_shell_may_be_given_and_a_strange_port_may_lie_about(make):
    assert make("autoencoder_3", "SHELL=/bin/sh")[0] == 0
    assert "--port" not in make("golden", PORT="8080", SAMPLE="3")[1]
    assert make("golden", "PORT=7")[1][-2:] == ["--port", "7"]
    assert make("golden", "PORT=7", "ALL=1")[1][-3:] == ["--all", "--port", "7"]


def test_the_users_settings_of_python_stay_outside(make, tmp_path):
    hostile = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONSAFEPATH", "PYTHONWARNINGS", "PYTHONOPTIMIZE")
    variables = dict.fromkeys((*hostile, "PYTHONIOENCODING", "MPLBACKEND", "MPLCONFIGDIR"), "theirs")
    make("autoencoder_3", **variables, PYTHONUNBUFFERED="1")
    seen = dict(line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines())
    assert not {*hostile, "PYTHONIOENCODING", "MPLBACKEND"} & seen.keys()
    assert seen["PYTHONUNBUFFERED"] == "1"
    assert seen["MPLCONFIGDIR"] == str(tmp_path / ".venv" / "cache" / "matplotlib")
