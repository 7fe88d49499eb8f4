"""The process of a job: started, waited for, and ended with all that it started."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
PATIENCE_S = 5.0  # that a process is given to end by itself


@dataclass
class Ended:
    """How a process ended: its exit code, what it printed where that was captured, why it was no end of its own."""

    code: int
    stdout: str | None = None
    reason: str | None = None


def run_job(
    python: Path,
    job: dict,
    directory: Path,
    is_seeded: bool,
    timeout_s: float | None,
    capture: bool,
    run: Callable[[str, str, dict[str, str]], tuple[int, str, str]] | None = None,
) -> Ended:
    """Run ``job``, which is kept in ``directory``; return how its process ended. Nothing that it started is left.

    ``run("original", job file, environment)`` runs it in the place of a new Python; it returns code, output and errors.

    Raises:
      KeyboardInterrupt, SystemExit: this process is to end; the other one has.
    """
    path = directory / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    temporary = directory / "tmp"
    temporary.mkdir()
    own = {"TMPDIR": str(temporary), "PYTHONIOENCODING": "utf-8:backslashreplace"}
    if run:
        code, stdout, _ = run("original", str(path), own)
        return Ended(code, stdout, explain_signal(-code) if code < 0 else None)
    environment = os.environ | own
    if is_seeded:
        environment.setdefault("PYTHONHASHSEED", "0")  # the order of sets of names
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    sys.stdout.flush()
    process = subprocess.Popen(
        [str(python), "-B", str(CHILD), str(path)],
        stdin=None if is_terminal else subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        env=environment,
        start_new_session=not is_terminal,  # a terminal is for who is in its session
        encoding="utf-8",
        errors="replace",
    )
    try:
        stdout, _ = process.communicate(timeout=timeout_s)
        reason = explain_signal(-process.returncode) if process.returncode < 0 else None
        return Ended(process.returncode, stdout, reason)
    except subprocess.TimeoutExpired:
        end(process)
        stdout, _ = process.communicate()
        return Ended(2, stdout, f"not at its end after {timeout_s:g} s, expected less; give it more, or fewer steps")
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """End ``process``, and what it started."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(PATIENCE_S)
    if process.poll() is None:
        process.kill()
        process.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(0) != process.pid:
            os.killpg(process.pid, signal.SIGKILL)  # its group, where it has one of its own


def explain_signal(number: int) -> str:
    """Return what it means that the system ended a process with signal ``number``."""
    if number == signal.SIGKILL:
        return "was killed (SIGKILL), most likely as memory ran out, expected sizes that fit in it; use smaller ones"
    name = signal.Signals(number).name
    if number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE):
        return f"crashed ({name}) in TensorFlow or another library, expected it to run; use smaller sizes, or --on tf1"
    return f"was ended from outside ({name}), expected to run on; run it again"
