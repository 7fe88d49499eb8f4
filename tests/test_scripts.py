"""Every script: help is help, what is unknown is refused, and nothing is written meanwhile."""

import os
import runpy
import signal
import sys
from pathlib import Path

import pytest

from ref.common import environment

ROOT = Path(__file__).resolve().parents[1]
MAIN = 'if __name__ == "__main__":'
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for directory in ("scripts", "bench", "ref")
    for path in sorted((ROOT / directory).rglob("*.py"))
    if MAIN in path.read_text(encoding="utf-8")
]


def list_files():
    """Return when each file of the checkout was written."""
    found = {}
    for directory in ("scripts", "bench", "ref", "tests", "runs"):
        for path in (ROOT / directory).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                found[path] = path.stat().st_mtime_ns
    return found | {path: path.stat().st_mtime_ns for path in ROOT.iterdir() if path.is_file()}


@pytest.fixture
def call(monkeypatch):
    """A function that runs a module as ``python -m`` does, in this process, within a minute, and returns its code."""

    def run(module, *argv):
        path = ROOT / (module.replace(".", "/") + ".py")
        monkeypatch.setattr(sys, "argv", [str(path), *argv])
        monkeypatch.setattr(sys, "path", list(sys.path))
        monkeypatch.setattr(environment, "shut_out", lambda: None)  # this process is not its own
        monkeypatch.setattr("os.environ", dict(os.environ))
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.alarm(60)
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            return ended.code
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
        return 0

    return run


def test_modules_are_found():
    assert {"scripts.golden", "scripts.tf1.run_listing", "bench.workers.__main__", "ref.__main__"} < set(MODULES)


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")
@pytest.mark.parametrize("module", MODULES)
def test_help_is_help(module, call, capsys):
    before = list_files()
    assert call(module, "--help") in (0, None)
    assert capsys.readouterr().out.startswith("usage: ")
    assert list_files() == before


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")
@pytest.mark.parametrize("module", MODULES)
def test_what_is_unknown_is_refused(module, call, capsys):
    before = list_files()
    assert call(module, "--no-such-flag") == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "error: " in output.err
    assert "Traceback" not in output.err
    assert list_files() == before
