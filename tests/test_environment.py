"""The user's environment stays outside: other packages, a notebook's backend, styles, warnings, pip's settings."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

from ref.common import environment
from ref.common.cli import import_port
from ref.common.errors import BadInputError
from scripts.install import make_environment

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = {
    "MPLBACKEND": "module://no_such_package.backend_inline",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "ascii",
    "LC_ALL": "C",
    "KERAS_BACKEND": "none",
    "TMPDIR": "/nonexistent",
    "HOME": "/nonexistent",
}


@pytest.fixture
def strangers(tmp_path):
    """A directory with packages and settings that break or change whatever takes them."""
    directory = tmp_path / "strangers"
    directory.mkdir()
    for name in ("numpy", "tqdm", "matplotlib", "tensorflow"):
        (directory / f"{name}.py").write_text("raise RuntimeError('not this one')\n")
    (directory / "matplotlibrc").write_text("savefig.facecolor: red\nfigure.dpi: 30\nlines.linewidth: 9\n")
    return directory


def run(code, **variables):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, timeout=120)


def test_a_run_is_the_same_in_any_environment(strangers, tmp_path):
    """Not even standard input and error are there."""
    import_port("ref.autoencoder_01_linear_pca").main(["--epochs", "1", "--out", str(tmp_path / "plain")])
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "MPL", "LC_", "LANG"))}
    own = {"PYTHONPATH": str(strangers), "MATPLOTLIBRC": str(strangers), "MPLCONFIGDIR": str(strangers)}
    command = f"exec {sys.executable} -m ref run autoencoder_1 --epochs 1 --out '{tmp_path}/hostile' <&- 2>&-"
    subprocess.run(["sh", "-c", command], cwd=ROOT, env=kept | HOSTILE | own, check=True, timeout=120)
    drawn = [(tmp_path / name / "autoencoder_1" / "codings.png").read_bytes() for name in ("plain", "hostile")]
    assert drawn[0] == drawn[1]


def test_a_style_is_not_taken_and_not_changed():
    with matplotlib.rc_context({"figure.dpi": 30}):
        with environment.default_style():
            assert matplotlib.rcParams["figure.dpi"] == matplotlib.rcParamsDefault["figure.dpi"]
        assert matplotlib.rcParams["figure.dpi"] == 30


@pytest.mark.parametrize("with_checkout", [False, True])
def test_packages_of_pythonpath_are_forgotten(with_checkout, strangers):
    paths = [str(strangers), *([str(ROOT)] if with_checkout else [])]
    code = (
        "import sys\n"
        "from ref.common import environment\n"
        "environment.shut_out()\n"
        f"assert {str(strangers)!r} not in sys.path\n"
        f"assert {str(ROOT)!r} in sys.path or '' in sys.path\n"
        "import tqdm, json, sqlite3\n"
    )
    done = run(code, PYTHONPATH=os.pathsep.join(paths))
    assert done.returncode == 0, done.stderr


def test_list_needs_no_package_at_all():
    """So it runs with a system's Python, and says what a script needs before anything is installed."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "ref", "list"], cwd=ROOT, env={}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_a_process_that_is_not_ours_keeps_its_environment(monkeypatch):
    monkeypatch.setenv("MPLCONFIGDIR", "theirs")
    monkeypatch.delenv("KERAS_HOME", raising=False)
    before = dict(os.environ)
    with environment.of_start():
        assert os.environ["MPLCONFIGDIR"] == "theirs"
        assert os.environ["KERAS_HOME"]
    assert dict(os.environ) == before


def test_pip_keeps_only_what_it_takes_to_reach_packages():
    settings = (
        "global.index-url='https://mirror.example/simple'\n"
        "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'\n"
        "global.user='true'\n"
        "install.target='/elsewhere'\n"
        "freeze.timeout='1'\n"
        ":env:.cert='/etc/roots.pem'\n"
        ":env:.index-url='https://nearer.example/simple'\n"
    )
    found = make_environment(settings, {"PATH": "/bin", "PIP_USER": "1", "PIP_TARGET": "/x", "https_proxy": "http://p"})
    assert found == {
        "PATH": "/bin",
        "https_proxy": "http://p",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://nearer.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
        "PIP_CERT": "/etc/roots.pem",
    }


@pytest.mark.parametrize(
    ("variable", "number", "flags"),
    [("TF_XLA_FLAGS", 3, []), ("XLA_FLAGS", 8, ["--engine", "xla"]), ("XLA_FLAGS", 3, None)],
)
def test_flags_that_abort_tensorflow_are_refused_before_training(variable, number, flags, run_tiny, monkeypatch):
    """Not where nothing reads them: XLA_FLAGS may be somebody's for another program."""
    monkeypatch.setenv(variable, "--junk")
    environment.check_compiler_flags.cache_clear()
    if flags is None:
        environment.check_compiler_flags(False)
        return
    with pytest.raises(BadInputError, match=rf"{variable}=--junk: .*Unknown flags? in {variable}: --junk.*unset it"):
        run_tiny(number, *flags)
    environment.check_compiler_flags.cache_clear()


def test_flags_that_tensorflow_knows_are_no_error(monkeypatch):
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=2")
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=false")
    environment.check_compiler_flags.cache_clear()
    environment.check_compiler_flags(True)
    environment.check_compiler_flags.cache_clear()


def test_nothing_that_changes_digits_is_set(monkeypatch):
    """Threads, oneDNN and XLA are the user's to set."""
    for name in [name for name in os.environ if name.startswith("TF_")]:
        monkeypatch.delenv(name)
    before = set(os.environ)
    with environment.of_start():
        assert set(os.environ) - before <= {"TF_CPP_MIN_LOG_LEVEL", "MPLCONFIGDIR", "KERAS_HOME"}


def test_what_changes_figures_or_the_import_is_forgotten_and_what_is_documented_stays():
    removed = ("MPLBACKEND", "MATPLOTLIBRC", "KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "PYTHONPATH", "PYTHONWARNINGS")
    kept = ("TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "TF_CPP_MIN_LOG_LEVEL", "MNIST_DIR", "https_proxy")
    code = "import os; from ref.common import environment; environment.shut_out(); print(*os.environ)"
    names = run(code, **dict.fromkeys(removed, "ignore"), **dict.fromkeys(kept, "1")).stdout.split()
    assert not set(removed) & set(names)
    assert set(kept) <= set(names)
