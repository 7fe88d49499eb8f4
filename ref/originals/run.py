"""Run a TensorFlow 1 script, unmodified, in a process of its own: on TensorFlow 2, or under TensorFlow 1.15.5."""

import ast
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ref.common.errors import BadInputError
from ref.common.files import make_directory, open_atomically
from ref.common.locks import DirectoryLock
from ref.common.suggest import did_you_mean
from ref.originals import job_process
from ref.originals.given_data import give_data
from ref.originals.listing import Listing, check_syntax
from ref.originals.settings import SettingError, apply_settings

ROOT = Path(__file__).resolve().parents[2]
TF1_PYTHON = ROOT / ".venv-tf1" / "bin" / "python"
OWN_FILES = re.compile(r"figure-[0-9]+\.png|result\.json|error\.txt")  # of an earlier run, replaced

KEPT = ("directory", "against")  # of a recording's arguments, those that are directories


@dataclass
class Outcome:
    """How a script ended.

    ``code`` is its exit code: 0, what it gave to ``sys.exit``, 2 where ``reason``, one line, says why it could not run
    or ended with an error, 130 after Ctrl-C. ``result`` is what result.json holds; ``traceback`` is the script's own.
    ``stdout`` is what it printed where that was captured, ``home`` where all that it wrote went.
    """

    code: int
    reason: str | None = None
    stdout: str | None = None
    traceback: str | None = None
    result: dict = field(default_factory=dict)
    home: Path | None = None


def run_original(
    listing: Listing,
    *,
    on: Literal["tf1", "tf2"] = "tf2",
    seed: int | None = None,
    seeds: Literal["tf1", "tf2"] = "tf1",
    data: str | None = None,
    out: str | Path,
    settings: Sequence[str] = (),
    stop_after: int | None = None,
    argv: Sequence[str] = (),
    record: dict | None = None,
    timeout_s: float | None = None,
    capture: bool = False,
    run: Callable[[str, str, dict[str, str]], tuple[int, str, str]] | None = None,
) -> Outcome:
    """Run ``listing`` and return how it ended; what it writes goes to ``out/NAME/``, result.json among it.

    ``data`` is ``mnist``, ``digits`` or a directory, read only where the script names MNIST. ``settings`` are
    ``NAME=VALUE``. ``record`` holds the arguments of ref.fidelity.record's recording, its "directory" among them.
    ``run`` runs the job in the place of a new Python (ref.originals.job_process).

    Raises:
      BadInputError: it cannot be started: its syntax, a setting, the data, the directory, TensorFlow 1.15.5 or a
        package is not what it must be.
    """
    check_syntax(listing)
    pairs = check_settings(listing, settings)
    python = find_python(on)
    home = Path(os.path.abspath(out)) / listing.name
    make_directory(home)
    lock = DirectoryLock(home)
    sweep()
    directory = Path(tempfile.mkdtemp(prefix=f"original-{os.getpid()}-"))
    try:
        places = find_places(home)
        for path in home.iterdir():
            if OWN_FILES.fullmatch(path.name):
                path.unlink()
        data_job, described = give_data(listing, data, directory / "data")
        if record is not None:
            record = record | {name: os.path.abspath(record[name]) for name in KEPT if record.get(name)}
            make_directory(Path(record["directory"]))
        job = {
            "text": listing.text,
            "label": listing.label,
            "file": str(Path(os.path.abspath(listing.path)).with_name(f"{listing.name}.py")),
            "home": str(home),
            "read_from": [os.getcwd(), str(Path(os.path.abspath(listing.path)).parent)],
            "untouched": [str(directory), *(record[name] for name in KEPT if record and record.get(name))],
            "places": places,
            "seed": seed,
            "seeds": seeds,
            "settings": pairs,
            "stop_after": stop_after,
            "argv": list(argv),
            "record": record,
            "report": str(directory / "report.json"),
            **data_job,
        }
        ended = job_process.run_job(python, job, directory, seed is not None, timeout_s, capture, run)
        outcome = conclude(listing, ended, directory / "report.json")
        outcome.home = Path(out) / listing.name
        outcome.result |= {
            "script": listing.name,
            "file": listing.label,
            "on": on,
            "seed": seed,
            "seeds": seeds,
            "settings": dict(pairs),
            "arguments": list(argv),
            "stop_after": stop_after,
            "data": described,
            "code": outcome.code,
            "reason": outcome.reason,
        }
        write_result(home, outcome)
        return outcome
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        lock.close()


def check_settings(listing: Listing, settings: Sequence[str]) -> list[tuple[str, str]]:
    """Return ``settings`` as pairs.

    Raises:
      BadInputError: one is no NAME=VALUE, or the script has no such name.
    """
    pairs = []
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise BadInputError(f"--set {setting}: expected NAME=VALUE, such as --set n_epochs=1")
        pairs.append((name.strip(), value.strip()))
    try:
        apply_settings(ast.parse(listing.text), pairs)
    except SettingError as error:
        if error.names is None:
            raise BadInputError(
                f"--set {error.name}={error.value}: not a value that Python can read, expected a number, a list, or "
                f"text in quotes ({error.name}='…')"
            ) from None
        hint = did_you_mean(error.name, error.names)
        expected = f"expected one that it assigns ({', '.join(error.names[:8])}, …)" if error.names else "it has none"
        raise BadInputError(
            f"--set {error.name}: no such value in {listing.label}, {hint.strip() or expected}"
        ) from None
    return pairs


def sweep() -> None:
    """Remove what runs that were killed have left among the temporary files."""
    for path in Path(tempfile.gettempdir()).glob("original-[0-9]*-*"):
        number = int(path.name.split("-")[1])
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            shutil.rmtree(path, ignore_errors=True)
        except OSError:  # another user's
            continue


def find_places(home: Path) -> dict[str, str]:
    """Return where an earlier run put the directories that its script named, as its result.json says."""
    with contextlib.suppress(OSError, ValueError, KeyError, AttributeError):
        return dict(json.loads((home / "result.json").read_text(encoding="utf-8"))["places"].items())
    return {}


def find_python(on: str) -> Path:
    """Return the Python that has the TensorFlow which ``on`` names.

    Raises:
      BadInputError: that is not installed.
    """
    if on == "tf1":
        if not TF1_PYTHON.exists():
            raise BadInputError(
                "--on tf1: TensorFlow 1.15.5 is not installed (.venv-tf1), expected it there; 'make tf1' installs it"
            )
        return TF1_PYTHON
    import importlib.util

    for name in ("tf_slim", "tf_keras"):
        if importlib.util.find_spec(name) is None:
            raise BadInputError(
                f"{name} is not installed, expected it for originals on TensorFlow 2; 'make original' installs it, as "
                "does 'pip install -r requirements-originals.txt'"
            )
    return Path(sys.executable)


def conclude(listing: Listing, ended: job_process.Ended, report_path: Path) -> Outcome:
    """Return the Outcome of a process that has ended, with or without a report."""
    report = {}
    with contextlib.suppress(OSError, ValueError):
        report = json.loads(report_path.read_text(encoding="utf-8"))
    outcome = Outcome(ended.code, stdout=ended.stdout)
    if ended.reason or not report:
        outcome.code = ended.code if ended.code in (130, 143) else 2
        outcome.reason = f"{listing.label}: {ended.reason or f'its process ended with {ended.code}, and said nothing'}"
        return outcome
    outcome.code, outcome.reason, outcome.traceback = report["code"], report["line"], report.pop("traceback", None)
    names = ["status", "steps", "was_cut", "lines", "figures", "versions", "threads", "device", "places", "wall_time_s"]
    names += ["tf32"] if report.get("device") == "gpu" else []
    outcome.result = {name: report.get(name) for name in names}
    return outcome


def write_result(home: Path, outcome: Outcome) -> None:
    """Write result.json, and error.txt with the traceback of a script that failed."""
    if outcome.traceback:
        with open_atomically(home / "error.txt") as file:
            file.write(outcome.traceback.encode(errors="replace"))
    with open_atomically(home / "result.json") as file:
        file.write(json.dumps(outcome.result, indent=1, ensure_ascii=False).encode(errors="replace") + b"\n")
