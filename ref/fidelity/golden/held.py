"""A run's result.json, read and held against the recorded run of its script: settings, numbers, verdict."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ref.chapter import BY_NAME
from ref.common.errors import BadInputError
from ref.common.files import read_json
from ref.fidelity.golden import printed
from ref.fidelity.golden.spread import Compared

DECIDING = ("random ops numbered as", "data", "hyper-parameters", "seed")
KEYS = {"script": str, "hyper_parameters": dict, "seed": int, "printed": list, "versions": dict, "device": str}
EXPECTED = "expected the result.json of a script of the chapter"
EQUAL = "equal to the digit"
AS_MACHINES = "differs as machines differ: inside the measured spread"
IN_CODE = "differs in the code or the data"
ON_GPU = "outside the spread measured on CPUs"
REFUSED = "cannot be held against the recorded run"
# Flags that came after the recorded runs, which did what is their default.
SINCE = {"engine_form": "auto", "safe_kl": False, "safe_latent": False}


class Held(NamedTuple):
    """A run's result held against the recorded one.

    Attributes:
      verdict: EQUAL, AS_MACHINES, IN_CODE, ON_GPU or REFUSED.
      recorded: what the recorded run was run with.
      lines: what the recorded run printed.
      settings: (what, recorded, here) of all that may decide digits.
      differing: those of the DECIDING that differ: the verdict is REFUSED.
      other_words: where the lines, their numbers apart, are not the recorded ones; None where they are.
      compared: every number beside the recorded one, where only numbers differ.
      measured: the runs that tolerances were found from.
    """

    verdict: str
    recorded: dict
    lines: list[str]
    settings: list[tuple[str, object, object]]
    differing: list[str]
    other_words: str | None = None
    compared: Sequence[Compared] = ()
    measured: Sequence[printed.Measured] = ()


def hold(result: dict) -> Held:
    """Return ``result`` held against the recorded run of its script and seed, or of seed 42 where there is none."""
    name, seed = result["script"], result["seed"]
    recorded_lines, recorded = printed.read_recorded(name, seed) or printed.read_recorded(name, 42)
    settings = list_settings(recorded, result)
    differing = [what for what, old, new in settings if what in DECIDING and old != new]
    about = (recorded, recorded_lines, settings, differing)
    if differing:
        return Held(REFUSED, *about)
    lines = [row["line"] for row in result["printed"]]
    if lines == recorded_lines:
        return Held(EQUAL, *about)
    if (words := find_other_words(recorded_lines, lines)) is not None:
        return Held(IN_CODE, *about, words)
    measured = printed.read_measured(name)
    others = printed.list_others(name, seed, measured)
    size = result["hyper_parameters"].get("batch_size", 1)
    tolerances = printed.find_tolerances(recorded_lines, measured, others, size)
    compared = printed.compare_printed(recorded_lines, lines, tolerances)
    if not any(one.is_outside for one in compared):
        verdict = AS_MACHINES
    else:
        verdict = IN_CODE if result["device"] == "cpu" else ON_GPU
    return Held(verdict, *about, None, compared, measured)


def is_chance(compared: list[Compared]) -> bool:
    """Return whether no number is held closely enough to tell a machine from a fault."""
    return all(one.tolerance > printed.CLOSE for one in compared)


def read_result(path: Path) -> tuple[Path, dict]:
    """Return the file, or directory's file, of a script that prints numbers, and what it holds."""
    path = path / "result.json" if path.is_dir() else path
    result = read_any(path)
    if not printed.read_recorded(result["script"], 42)[0]:
        raise BadInputError(
            f"{path}: {result['script']} prints no numbers, expected a script that does; its steps are compared by "
            f"python -m ref compare ORIGINAL {result['script']}"
        )
    return path, result


def read_any(path: Path) -> dict:
    """Return what the result.json of any script of the chapter holds.

    Raises:
      BadInputError: it is none.
    """
    expected = f"{EXPECTED}; name one, runs/autoencoder_7/result.json say"
    try:
        result = read_json(path)
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such file, {expected}, or make it: python -m ref run autoencoder_7") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInputError(f"{path}: cannot be read ({reason}), {expected}") from error
    check_form(path, result, expected)
    return result


def check_form(path: Path, result: dict, expected: str = EXPECTED) -> None:
    """Check that ``result``, read from ``path``, is that of a script of the chapter.

    Raises:
      BadInputError: it is not.
    """
    for key, kind in KEYS.items():
        if key not in result:
            raise BadInputError(f"{path}: no {key!r} in it, {expected}")
        if not isinstance(result[key], kind):
            raise BadInputError(f"{path}: {key!r} is {result[key]!r:.40}, {expected}")
    if result["script"] not in BY_NAME:
        raise BadInputError(f"{path}: of {result['script']!r:.60}, {expected}")
    rows = result["printed"]
    if not all(isinstance(row, dict) and isinstance(row.get("line"), str) for row in rows):
        raise BadInputError(f"{path}: 'printed' holds what is no printed line, {expected}")
    data = result.get("data")
    if data is not None and not (isinstance(data, dict) and isinstance(data.get("sha256"), dict)):
        raise BadInputError(f"{path}: 'data' is {data!r:.40}, {expected}")


def list_settings(old: dict, new: dict) -> list[tuple[str, object, object]]:
    """Return (what, recorded, here) of all that may decide digits."""
    rows = [("seed", old["seed"], new["seed"]), ("random ops numbered as", old.get("seeds"), new.get("seeds"))]
    rows.append(("data", *map(_describe_data, (old, new))))
    rows.append(("hyper-parameters", *(add_since(old["hyper_parameters"], new["hyper_parameters"]))))
    for package in ("tensorflow", "numpy", "python"):
        rows.append((package, old["versions"].get(package), new["versions"].get(package)))
    rows += [(key, old.get(key), new.get(key)) for key in ("device", "cpu", "threads", "settings")]
    return rows


def add_since(old: dict, new: dict) -> tuple[dict, dict]:
    """Return the hyper-parameters of two runs, each with those of SINCE that the other has."""
    added = {key: value for key, value in SINCE.items() if key in old or key in new}
    return {**added, **old}, {**added, **new}


def _describe_data(result: dict) -> str:
    data = result.get("data")
    if not data:
        return "none"
    short = sorted(f"{name[:8]} {str(digest)[:8]}" for name, digest in data["sha256"].items())
    return f"{data.get('name')}, sha256 {', '.join(short)}"


def find_other_words(recorded: list[str], lines: list[str]) -> str | None:
    """Return where the lines, their numbers apart, are not the recorded ones; None where they are."""
    if len(lines) != len(recorded):
        return f"{len(lines)} lines, recorded are {len(recorded)}"
    pairs = enumerate(zip(printed.hide_numbers(recorded), printed.hide_numbers(lines)), 1)
    row = next((row for row, (old, new) in pairs if old != new), None)
    return None if row is None else f"line {row} is {lines[row - 1]!r:.60}, recorded is {recorded[row - 1]!r:.60}"
