"""Run the two sides of a comparison, each in a process of its own, recorded."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from ref.chapter import BY_NAME, Script
from ref.common.errors import BadInputError
from ref.fidelity.loaded import Loaded, read_settings
from ref.originals.listing import Listing, find_scripts
from ref.originals.run import run_original

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Setting:
    """What both sides are run with: ``steps`` of each training op, or None for all; A under TensorFlow 1 with ``judge``."""

    seed: int
    data: str
    steps: int | None
    judge: str = "tf2"
    n_looked_at: int = 20

    @property
    def looked_at(self) -> list[int]:
        return sorted({1, 2, self.steps or self.n_looked_at})


@dataclass(frozen=True)
class Port:
    """A port of the chapter, or a copy of one in ``file``."""

    script: Script
    file: Path | None = None

    @property
    def name(self) -> str:
        return self.script.name

    @property
    def path(self) -> Path:
        return self.file or ROOT / (self.script.module.replace(".", os.sep) + ".py")

    @property
    def label(self) -> str:
        path = self.path
        return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def run_listing(listing: Listing, setting: Setting, out: Path, record: dict, on: str, role: str) -> Loaded:
    """Run a script, recorded.

    Raises:
      BadInputError: it could not run, or opened no session.
    """
    directory = Path(record["directory"])
    outcome = run_original(
        listing,
        on=on,
        seed=setting.seed,
        data=setting.data,
        out=out,
        stop_after=setting.steps,
        record=record,
        capture=True,
    )
    if outcome.code:
        raise BadInputError(
            outcome.reason or f"{listing.label}: it ended with sys.exit({outcome.code}), expected it to run"
        )
    settings = read_settings(listing.text)
    loaded = Loaded(directory, role, {listing.label: listing.text}, settings, outcome.result["lines"])
    check_sessions(loaded, listing.label)
    return loaded


def run_port(port: Port, setting: Setting, out: Path, record: dict, role: str) -> Loaded:
    """Run a port, recorded; what it needs of another is made first, as long."""
    directory = Path(record["directory"])
    directory.mkdir(parents=True, exist_ok=True)
    flags = ["--data", setting.data, "--seed", str(setting.seed), "--out", str(out)]
    if port.script.needs and not (out / f"autoencoder_{port.script.needs}").exists():
        needed = Port(BY_NAME[f"autoencoder_{port.script.needs}"])
        start_port(needed, flags, setting.steps, None, directory)
    report = start_port(port, flags, setting.steps, record, directory)
    sources = {str(port.path): port.path.read_text(encoding="utf-8")}
    loaded = Loaded(directory, role, sources, report["hyper_parameters"], report["lines"])
    check_sessions(loaded, port.label)
    return loaded


def start_port(port: Port, flags: list[str], steps: int | None, record: dict | None, directory: Path) -> dict:
    job = {"module": port.script.module, "file": str(port.file) if port.file else None, "flags": flags}
    paths = directory / f"{port.name}.job.json", directory / f"{port.name}.report.json"
    paths[0].write_text(
        json.dumps(job | {"stop_after": steps, "record": record, "report": str(paths[1])}), encoding="utf-8"
    )
    command = [sys.executable, "-m", "ref.fidelity.port", str(paths[0])]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", env=make_environment())
    if ended.returncode:
        lines = [line for line in ended.stderr.splitlines() if line.strip()] or [f"ended with {ended.returncode}"]
        said = next((line for line in lines if line.startswith("error: ")), lines[-1]).removeprefix("error: ")
        raise BadInputError(f"{port.label}: {said}")
    return json.loads(paths[1].read_text(encoding="utf-8"))


def make_environment() -> dict[str, str]:
    return os.environ | {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": "0"}


def check_sessions(loaded: Loaded, label: str) -> None:
    """Raise BadInputError where a script has opened no session in which something was computed."""
    events = [event for event in loaded.record["events"] if event["kind"] in ("step", "evaluation")]
    if not events:
        raise BadInputError(
            f"{label}: no session computed anything in it, expected a script that trains or evaluates a graph; name the "
            "script that does (eager code has no graph to compare)"
        )


def find_side(spec: str, match_script) -> Port | Listing:
    """Return the port or the script that ``spec`` names.

    Raises:
      BadInputError: there is none, or it names several.
    """
    path = Path(spec)
    script = match_script(spec)
    if script and not path.is_file():
        return Port(script)
    listings = find_scripts(spec)
    if len(listings) > 1:
        names = ", ".join(f"{listing.name}.py" for listing in listings[:4])
        raise BadInputError(
            f"{spec}: holds {len(listings)} listings ({names}, …), expected one; name it: {spec}:{listings[0].name}.py"
        )
    listing = listings[0]
    if "ref.common.cli" in listing.text and "run_script(" in listing.text:
        return Port(find_own_script(listing), Path(os.path.abspath(listing.path)))
    return listing


def find_own_script(listing: Listing) -> Script:
    found = next((script for name, script in BY_NAME.items() if f'run_script("{name}"' in listing.text), None)
    if found is None:
        raise BadInputError(
            f'{listing.label}: calls run_script for no script of the chapter, expected run_script("autoencoder_N", …)'
        )
    return found


@contextlib.contextmanager
def run_both(a: Listing, b: Port | Listing, setting: Setting):
    """Run both at the same time; yield (A, B, a function that runs A again, nudged). Everything is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        home = Path(name)
        record_a = {"directory": str(home / "record-a"), "steps": setting.looked_at}
        record_b = {"directory": str(home / "record-b"), "steps": setting.looked_at, "against": str(home / "record-a")}
        prepare(a, setting, home / "a")
        problems: list[BaseException] = []
        found: dict[str, Loaded] = {}

        def run_a():
            try:
                found["a"] = run_listing(a, setting, home / "a", record_a, setting.judge, "original")
            except BaseException as error:
                problems.append(error)
                write_empty_record(home / "record-a")

        thread = threading.Thread(target=run_a)
        thread.start()
        try:
            found["b"] = run_side(b, setting, home / "b", record_b)
        except BadInputError as error:
            problems.append(error)
        finally:
            thread.join()
        if problems:
            raise problems[0]

        def run_nudged() -> Loaded:
            record = {"directory": str(home / "record-nudged"), "steps": [], "nudge": True}
            prepare(a, setting, home / "nudged")
            return run_listing(a, setting, home / "nudged", record, setting.judge, "original")

        yield found["a"], found["b"], run_nudged


def run_side(b: Port | Listing, setting: Setting, out: Path, record: dict) -> Loaded:
    if isinstance(b, Port):
        return run_port(b, setting, out, record, "port")
    return run_listing(b, setting, out, record, "tf2", "script")


def write_empty_record(directory: Path) -> None:
    """Let go who waits for a record that will not come."""
    if not (directory / "record.json").exists():
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "record.json").write_text('{"points": [], "graphs": [], "events": []}', encoding="utf-8")


def prepare(a: Listing, setting: Setting, out: Path) -> None:
    """Run before a listing of notes the one that saves what it restores, if there is one."""
    import re

    restored = re.findall(r"restore\([^,]+,\s*[\"'](?:[^\"']*[\\/])?([^\"'\\/]+)[\"']", a.text)
    if not restored or a.first_line == 1:
        return
    for other in find_scripts(a.path):
        if other.name != a.name and any(
            re.search(rf"save\([^,]+,\s*[\"'][^\"']*{re.escape(name)}[\"']", other.text) for name in restored
        ):
            outcome = run_original(
                other,
                on=setting.judge,
                seed=setting.seed,
                data=setting.data,
                out=out,
                stop_after=setting.steps,
                capture=True,
            )
            if outcome.code:
                raise BadInputError(outcome.reason or f"{other.label}: ended with {outcome.code}")
            return
