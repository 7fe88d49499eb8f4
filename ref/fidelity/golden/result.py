"""Is it my machine or my code? A run's result.json beside the recorded run of its script, on one screen."""

import textwrap
from pathlib import Path

from ref.chapter import BY_NAME
from ref.common.errors import BadInputError
from ref.common.files import read_json
from ref.fidelity.golden import printed, report
from ref.fidelity.golden.spread import MARGIN, Compared

N_ROWS = 8
INDENT, WIDTH = 25, 95
DECIDING = ("random ops numbered as", "data", "hyper-parameters", "seed")
KEYS = {"script": str, "hyper_parameters": dict, "seed": int, "printed": list, "versions": dict, "device": str}
EQUAL = "equal to the digit"
AS_MACHINES = "differs as machines differ: inside the measured spread"
IN_CODE = "differs in the code or the data"


def compare_result(path: str | Path) -> int:
    """Print a run's settings and numbers beside the recorded run's, and the verdict.

    Returns 0 where all is equal to the digit, 1 where a number differs, 2 where the run cannot be held against what is
    recorded: other data, hyper-parameters or seed.

    Raises:
      BadInputError: ``path`` is no result.json, or directory of one, that a script of the chapter wrote.
    """
    path, result = read_result(Path(path))
    name, seed = result["script"], result["seed"]
    lines, recorded = printed.read_recorded(name, seed) or printed.read_recorded(name, 42)
    show("result", str(path))
    show("recorded", f"{name} on MNIST, the listing's own hyper-parameters, seed {recorded['seed']}, full length")
    settings = list_settings(recorded, result)
    for what, old, new in settings:
        show(what, describe_setting(what, old, new))
    if differing := [what for what, old, new in settings if what in DECIDING and old != new]:
        show("verdict", explain_refusal(name, result, differing))
        return 2
    return hold(result, lines, [row["line"] for row in result["printed"]])


def show(what: str, text: str) -> None:
    """Print a line, or several below each other, with ``what`` it is about in front."""
    for line in text.split("\n"):
        for part in textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False):
            print(f"{what:{INDENT}}{part}")
            what = ""


def read_result(path: Path) -> tuple[Path, dict]:
    """Return the file and what it holds."""
    path = path / "result.json" if path.is_dir() else path
    expected = "expected the result.json of a script of the chapter; name one, runs/autoencoder_7/result.json say"
    try:
        result = read_json(path)
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: no such file, {expected}, or make it: python -m ref run autoencoder_7") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInputError(f"{path}: cannot be read ({reason}), {expected}") from error
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
    if not printed.read_recorded(result["script"], 42)[0]:
        raise BadInputError(
            f"{path}: {result['script']} prints no numbers, expected a script that does; its steps are compared by "
            f"python -m ref compare ORIGINAL {result['script']}"
        )
    return path, result


def list_settings(old: dict, new: dict) -> list[tuple[str, object, object]]:
    """Return (what, recorded, here) of all that may decide digits."""
    rows = [("seed", old["seed"], new["seed"]), ("random ops numbered as", old.get("seeds"), new.get("seeds"))]
    rows.append(("data", *map(_describe_data, (old, new))))
    rows.append(("hyper-parameters", old["hyper_parameters"], new["hyper_parameters"]))
    for package in ("tensorflow", "numpy", "python"):
        rows.append((package, old["versions"].get(package), new["versions"].get(package)))
    rows += [(key, old.get(key), new.get(key)) for key in ("device", "cpu", "threads", "settings")]
    return rows


def _describe_data(result: dict) -> str:
    data = result.get("data")
    if not data:
        return "none"
    short = sorted(f"{name[:8]} {str(digest)[:8]}" for name, digest in data["sha256"].items())
    return f"{data.get('name')}, sha256 {', '.join(short)}"


def describe_setting(what: str, old, new) -> str:
    """Return the value, or both where they differ; of hyper-parameters how many are equal, and those that differ."""
    if what == "hyper-parameters":
        names = list(dict.fromkeys([*old, *new]))
        differing = [name for name in names if old.get(name) != new.get(name)]
        pairs = "".join(f"; {name} {old.get(name)} | here {new.get(name)}" for name in differing)
        return f"{len(names) - len(differing)} of {len(names)} equal{pairs}"
    old, new = (value if value not in (None, "") else "-" for value in (old, new))
    return str(new) if old == new else f"{old}\nhere {new}" if what == "data" else f"{old} | here {new}"


def explain_refusal(name: str, result: dict, differing: list[str]) -> str:
    """Return why a run cannot be held against the recorded ones, and which command makes one that can."""
    text = f"cannot be held against the recorded run: other {', '.join(differing)}"
    if "data" in differing and (result.get("data") or {}).get("name") == "digits":
        text += (
            "\nit ran on the embedded digits, of which no full-length run is recorded; on a small part of them "
            f"make golden PORT={BY_NAME[name].number} holds this script's first steps against recorded ones"
        )
    if "seed" in differing:
        text += f"\nrecorded are the seeds {' and '.join(map(str, printed.list_seeds()))}"
    needed = " --needed-first" if BY_NAME[name].needs else ""
    return f"{text}\na run that can: make mnist, then python -m ref run {name} --data mnist --seed 42{needed}"


def hold(result: dict, recorded: list[str], lines: list[str]) -> int:
    """Print the numbers beside the recorded ones, how far machines differ and where that was measured; the verdict."""
    name = result["script"]
    if lines == recorded:
        show("printed", f"{len(printed.list_numbers(lines))} of {len(printed.list_numbers(lines))} numbers equal")
        show("verdict", EQUAL)
        return 0
    if (words := find_other_words(recorded, lines)) is not None:
        show("verdict", f"{IN_CODE}: printed {words}")
        return 1
    measured = printed.read_measured(name)
    others = printed.list_others(name, result["seed"], measured)
    size = result["hyper_parameters"].get("batch_size", 1)
    tolerances = printed.find_tolerances(recorded, measured, others, size)
    compared = printed.compare_printed(recorded, lines, tolerances)
    show_numbers(compared)
    show("measured", describe_source(measured))
    show("verdict", judge_all(result, compared))
    return 1


def find_other_words(recorded: list[str], lines: list[str]) -> str | None:
    """Return where the lines, their numbers apart, are not the recorded ones; None where they are."""
    if len(lines) != len(recorded):
        return f"{len(lines)} lines, recorded are {len(recorded)}"
    pairs = enumerate(zip(printed.hide_numbers(recorded), printed.hide_numbers(lines)), 1)
    row = next((row for row, (old, new) in pairs if old != new), None)
    return None if row is None else f"line {row} is {lines[row - 1]!r:.60}, recorded is {recorded[row - 1]!r:.60}"


def show_numbers(compared: list[Compared]) -> None:
    """Print the first numbers that are outside, or else that differ, and the last of all."""
    outside = [one for one in compared if one.is_outside]
    differing = [one for one in compared if one.difference != 0]
    show("printed", f"{len(outside)} of {len(compared)} numbers outside the measured spread; {len(differing)} differ")
    first = (outside or differing)[:N_ROWS]
    rows = [("", "recorded", "here", "apart", "machines differ by", "")]
    for one in [*first, *([compared[-1]] if compared[-1] not in first else [])]:
        numbers = (str(one.old), str(one.new), f"{one.difference:.0e}", f"{one.tolerance:.0e}")
        rows.append((one.place, *numbers, report.judge(one)))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print(f"{'':{INDENT}}" + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    if (n_rest := len(outside or differing) - N_ROWS) > 0:
        print(f"{'':{INDENT}}… and {n_rest} more")


def describe_source(measured: list[printed.Measured]) -> str:
    """Return where the spread was measured."""
    seeds = {}
    for one in measured:
        seeds.setdefault(one.what, []).append(str(one.seed))
    return (
        f"{MARGIN:g} times the widest distance, up to that line, of these runs from ours of their seed (equal initial "
        f"values, draws and batches); no more than {printed.CHANCE:g} times that of runs of any seed, at any line; an "
        "accuracy by an image at least\n"
        + "\n".join(f"seed {', '.join(found)}: {what}" for what, found in seeds.items())
    )


def judge_all(result: dict, compared: list[Compared]) -> str:
    """Return the verdict, and what to do next."""
    name = result["script"]
    first = next((one for one in compared if one.is_outside), None)
    if first is None:
        is_chance = all(one.tolerance > printed.CLOSE for one in compared)
        return AS_MACHINES + is_chance * (
            f"\nbut no number of this script is held closer than {printed.CLOSE:.0%}: rounding grows to chance in it. "
            f"Single steps tell more: python -m ref compare ORIGINAL {name}"
        )
    if result["device"] != "cpu":
        return (
            f"outside the spread measured on CPUs, at {first.place}; no GPU is among what was measured, so machine and "
            "code cannot be told apart: run it again with --device cpu"
        )
    text = f"{IN_CODE}: {first.place} is {first.difference:.0e} off, outside {first.tolerance:.0e}\n"
    if needs := BY_NAME[name].needs:
        text += f"it starts from autoencoder_{needs}'s checkpoint: compare that one's result.json first\n"
    return text + f"where, step by step: python -m ref compare ORIGINAL {name}"
