"""Plant a changed file in a copy of the checkout, and run tests there; the checkout itself is never touched.

Tests run in a forked process of one that has imported TensorFlow already, which saves its start. Each copy has one
process at a time; what tests start themselves, Pythons and makes, runs from the copy, too.
"""

import contextlib
import importlib
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ref.data.digits import load_digits

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("ref", "tests", "scripts", "bench")  # and the files beside them
OURS = (*COPIED, "conftest")  # modules that are imported anew, from the copy
TIMED_OUT = -signal.SIGKILL
KEPT_OUTPUT = 2000  # characters
HEAVY = ("tensorflow.compat.v1", "tf_keras", "tf_slim", "matplotlib.figure", "scipy.special", "sklearn.datasets")


@dataclass(frozen=True)
class Trial:
    """``module``, relative to the checkout, holds ``text``: pytest is run on ``tests``, with ``plugins``."""

    module: Path
    text: str
    tests: Sequence[str]
    plugins: Sequence[object] = ()
    timeout_s: float = 600.0
    label: object = None


def import_heavy_modules() -> None:
    """Import once, before forking, what most tests import; none starts a thread before a session does."""
    for name in HEAVY:
        importlib.import_module(name)


def run_trials(trials: Iterable[Trial], n_jobs: int) -> Iterator[tuple[Trial, int, float, str]]:
    """Run ``trials``, ``n_jobs`` at a time; yield each with pytest's exit code, its seconds and its last output.

    The exit code is TIMED_OUT where it took too long.
    """
    waiting, running = iter(trials), {}
    load_digits(ROOT / "data")  # made here once, not in every copy
    with tempfile.TemporaryDirectory(prefix="planted-") as directory:
        free = [_copy_checkout(Path(directory) / str(i)) for i in range(n_jobs)]
        try:
            while True:
                while free and (trial := next(waiting, None)):
                    checkout = free.pop()
                    _write(checkout / trial.module, trial.text)
                    running[_start(trial, checkout)] = trial, checkout, time.monotonic()
                if not running:
                    return
                pid, code = _wait({pid: start + trial.timeout_s for pid, (trial, _, start) in running.items()})
                trial, checkout, start = running.pop(pid)
                said = (checkout / "output").read_text(errors="replace")[-KEPT_OUTPUT:]
                _write(checkout / trial.module, (ROOT / trial.module).read_text(encoding="utf-8"))
                free.append(checkout)
                yield trial, code, time.monotonic() - start, said
        finally:
            for pid in running:
                _kill(pid)


def _copy_checkout(target: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    for path in (path for path in ROOT.iterdir() if path.is_file()):
        shutil.copy(path, target)
    shutil.copytree(ROOT / "data" / "digits", target / "data" / "digits")
    return target


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    if path.suffix == ".py":  # compiled, it may pass for another text of the same size and second
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def _start(trial: Trial, checkout: Path) -> int:
    """Fork; in the child, run the tests in ``checkout``; return the child's process id."""
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):  # it has done so itself, and ended
            os.setpgid(pid, pid)
        return pid
    code = 3
    try:
        os.setpgid(0, 0)
        descriptor = os.open(checkout / "output", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.chdir(checkout)
        for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
            del sys.modules[name]
        others = [path for path in sys.path if not Path(path).resolve().is_relative_to(ROOT / "tests")]
        sys.path[:] = [str(checkout)] + [path for path in others if Path(path).resolve() != ROOT]
        code = _run_pytest(trial, checkout)
    finally:
        os._exit(code)


def _run_pytest(trial: Trial, checkout: Path) -> int:
    import pytest

    options = ["-x", "-q", "--rootdir", str(checkout), "--basetemp", str(checkout / "tmp"), "--tb=short"]
    without = [word for name in ("cacheprovider", "xdist", "randomly") for word in ("-p", f"no:{name}")]
    return int(pytest.main([*options, *without, *trial.tests], plugins=list(trial.plugins)))


def _wait(deadlines_s: dict[int, float]) -> tuple[int, int]:
    """Wait for one of the processes, killing who is late; return its id and how it ended."""
    while True:
        for pid, deadline_s in deadlines_s.items():
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return pid, os.waitstatus_to_exitcode(status)
            if time.monotonic() > deadline_s:
                _kill(pid)
                return pid, TIMED_OUT
        time.sleep(0.02)


def _kill(pid: int) -> None:
    """Kill a process of tests, and all that it has started."""
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
