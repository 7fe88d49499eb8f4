"""Record the golden of a TensorFlow 1 script, with the spread that its own numbers have, and hold a run against it."""

import contextlib
import hashlib
import os
import platform
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ref.common import machine
from ref.common.errors import BadInputError
from ref.common.files import read_json
from ref.common.progress import Bar
from ref.fidelity.golden.script_golden import list_script_values, read_values
from ref.fidelity.golden.spread import MARGIN, Compared, compare, get_tolerance, measure_spread
from ref.originals.listing import Listing

FORMAT = 1
WIDEST = 1e9  # of a spread: JSON has no infinity
KEYS = ("format", "script", "script_sha256", "run", "provenance", "values", "spread", "not_held")
OTHER_ROUNDING = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}
MEASURED = {  # how a run is disturbed, and what that shows
    "nudge": "the first unit's weights moved by their last bit",
    "one_thread": "one thread, oneDNN off",
}


class Job(NamedTuple):
    """How a script is run: on which TensorFlow, its seed, how many steps of each training op, its data and settings."""

    on: str = "tf2"
    seed: int = 42
    n_steps: int = 20
    data: str | None = None
    settings: tuple[str, ...] = ()


def record(listing: Listing, job: Job) -> dict:
    """Run the script three times, plainly and disturbed, and return its golden.

    Raises:
      BadInputError: it cannot be run, or trains nothing.
    """
    runs = {}
    for how in Bar(["plain", *MEASURED], desc=listing.name, leave=False, disable=None):
        with other_rounding() if how == "one_thread" else contextlib.nullcontext():
            runs[how] = run(listing, job, is_nudged=how == "nudge")
    spread, not_held = measure({how: list_script_values(values) for how, (values, _) in runs.items()})
    values, result = runs["plain"]
    return {
        "format": FORMAT,
        "script": listing.name,
        "script_sha256": hash_text(listing.text),
        "run": {**job._asdict(), "settings": list(job.settings), "data": result["data"]},
        "provenance": describe_run(result),
        "measured": list(MEASURED.values()),
        "values": values,
        "spread": spread,
        "not_held": not_held,
    }


def run(listing: Listing, job: Job, is_nudged: bool = False) -> tuple[dict, dict]:
    """Run the script once, recorded; return the values of a golden, and the run's result.

    Raises:
      BadInputError: it cannot be run, or trains nothing.
    """
    from ref.originals.run import run_original

    with tempfile.TemporaryDirectory(prefix="golden-") as directory:
        place = Path(directory) / "record"
        place.mkdir()
        outcome = run_original(
            listing,
            on=job.on,
            seed=job.seed,
            data=job.data,
            out=Path(directory) / "out",
            settings=job.settings,
            stop_after=job.n_steps,
            record={"directory": str(place), "steps": [], "nudge": is_nudged, "losses": True},
            capture=True,
        )
        if outcome.reason:
            raise BadInputError(outcome.reason)
        if outcome.code:
            raise BadInputError(f"{listing.label}: ended with {outcome.code}, expected 0; mend that first")
        if not (outcome.result.get("steps") and (place / "record.json").exists()):
            raise BadInputError(
                f"{listing.label}: nothing in it trains, expected a script that runs a training op in a session"
            )
        return read_values(place, (outcome.stdout or "").splitlines()), outcome.result


@contextlib.contextmanager
def other_rounding() -> Iterator[None]:
    """Have child processes round otherwise than they would."""
    before = {name: os.environ.get(name) for name in OTHER_ROUNDING}
    os.environ.update(OTHER_ROUNDING)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def measure(runs: dict[str, dict[str, tuple]]) -> tuple[dict[str, float], list[str]]:
    """Return the widest difference from the plain run of each group of values, and the values that cannot be held.

    Those are to be equal, and are not in a run that is only disturbed: hashes of what was computed, a time of day. What
    is nudged differs at the start, as it is meant to.
    """
    plain, spread, not_held = runs["plain"], {}, []
    for how, values in runs.items():
        to_hold = {name: one for name, one in plain.items() if not (how == "nudge" and " at the start: " in name)}
        for name, (value, tier, _) in to_hold.items():
            if name not in values or (tier == "exact" and values[name][0] != value):
                not_held.append(name)
        left = {name: one for name, one in to_hold.items() if name in values and one[1] != "exact"}
        for (_, group), difference in measure_spread(left, values).items():
            spread[group] = max(spread.get(group, 0.0), float(f"{min(difference, WIDEST):.1e}"))
    return {group: widest for group, widest in spread.items() if widest}, list(dict.fromkeys(not_held))


def check(listing: Listing, golden: dict, on: str, data: str | None) -> list[Compared]:
    """Run the script as the golden's was, and return every value that is held, held against it.

    Raises:
      BadInputError: it cannot be run, or reads other data.
    """
    asked = golden["run"]
    job = Job(on, asked["seed"], asked["n_steps"], data, tuple(asked["settings"]))
    found, result = run(listing, job)
    check_data(asked["data"], result["data"])
    old, new = list_script_values(golden["values"]), list_script_values(found)
    left_out = set(golden["not_held"])
    if golden["provenance"]["machine"] != platform.machine():  # normal draws are made with another libm there
        left_out |= {name for name in old if name.endswith(" at the start: sha256")}
    old, new = ({name: value for name, value in side.items() if name not in left_out} for side in (old, new))
    return compare(old, new, lambda name, tier: get_tolerance(name, tier, golden["spread"]))


def check_data(recorded: dict | None, found: dict | None) -> None:
    if (recorded or {}).get("sha256") != (found or {}).get("sha256"):
        names = [(one or {}).get("name", "none") for one in (found, recorded)]
        raise BadInputError(
            f"--data: {names[0]} found, expected what the golden was recorded on ({names[1]}, of other bytes); name it "
            "with --data, or record anew"
        )


def describe_run(result: dict) -> dict:
    """Return where and with what a golden was recorded."""
    names = {name: result.get(name) for name in ("versions", "device", "threads")}
    facts = {"cpu": machine.describe_cpu(), "machine": platform.machine(), "settings": machine.describe_settings()}
    return {**names, **facts, "date": date.today().isoformat(), "margin": MARGIN}


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_golden(path: Path) -> dict:
    """Return a golden that ``record`` made.

    Raises:
      BadInputError: it is none.
    """
    remedy = f"expected a golden; make it with python -m ref golden record FILE -o {path}"
    try:
        golden = read_json(path)
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such file, {remedy}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInputError(f"{path}: cannot be read ({reason}), {remedy}") from error
    missing = [key for key in KEYS if key not in golden]
    if missing:
        raise BadInputError(f"{path}: no {missing[0]!r} in it, {remedy}")
    if golden["format"] != FORMAT:
        raise BadInputError(f"{path}: of format {golden['format']}, expected {FORMAT}; record it anew")
    return golden
