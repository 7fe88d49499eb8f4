"""Is it my machine or my code? A run's result.json beside the recorded run of its script, on one screen."""

import textwrap
from pathlib import Path

from ref.chapter import BY_NAME
from ref.fidelity.golden import printed, report
from ref.fidelity.golden.held import AS_MACHINES, EQUAL, IN_CODE, ON_GPU, REFUSED, Held, hold, is_chance, read_result
from ref.fidelity.golden.spread import MARGIN, Compared

N_ROWS = 8
INDENT, WIDTH = 25, 95


def compare_result(path: str | Path) -> int:
    """Print a run's settings and numbers beside the recorded run's, and the verdict.

    Returns 0 where all is equal to the digit, 1 where a number differs, 2 where the run cannot be held against what is
    recorded: other data, hyper-parameters or seed.

    Raises:
      BadInputError: ``path`` is no result.json, or directory of one, that a script of the chapter wrote.
    """
    path, result = read_result(Path(path))
    name, held = result["script"], hold(result)
    show("result", str(path))
    seed = held.recorded["seed"]
    show("recorded", f"{name} on MNIST, the listing's own hyper-parameters, seed {seed}, full length")
    for what, old, new in held.settings:
        show(what, describe_setting(what, old, new))
    if held.verdict == REFUSED:
        show("verdict", explain_refusal(name, result, held.differing))
        return 2
    if held.verdict == EQUAL:
        n_numbers = len(printed.list_numbers(held.lines))
        show("printed", f"{n_numbers} of {n_numbers} numbers equal")
        show("verdict", EQUAL)
        return 0
    if held.other_words is not None:
        show("verdict", f"{IN_CODE}: printed {held.other_words}")
        return 1
    show_numbers(held.compared)
    show("measured", describe_source(held.measured))
    show("verdict", explain_verdict(result, held))
    return 1


def show(what: str, text: str) -> None:
    """Print a line, or several below each other, with ``what`` it is about in front."""
    for line in text.split("\n"):
        for part in textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False):
            print(f"{what:{INDENT}}{part}")
            what = ""


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


def explain_verdict(result: dict, held: Held) -> str:
    """Return the verdict on numbers that differ, and what to do next."""
    name = result["script"]
    if held.verdict == AS_MACHINES:
        return AS_MACHINES + is_chance(held.compared) * (
            f"\nbut no number of this script is held closer than {printed.CLOSE:.0%}: rounding grows to chance in it. "
            f"Single steps tell more: python -m ref compare ORIGINAL {name}"
        )
    first = next(one for one in held.compared if one.is_outside)
    if held.verdict == ON_GPU:
        return (
            f"{ON_GPU}, at {first.place}; no GPU is among what was measured, so machine and "
            "code cannot be told apart: run it again with --device cpu"
        )
    text = f"{IN_CODE}: {first.place} is {first.difference:.0e} off, outside {first.tolerance:.0e}\n"
    if needs := BY_NAME[name].needs:
        text += f"it starts from autoencoder_{needs}'s checkpoint: compare that one's result.json first\n"
    return text + f"where, step by step: python -m ref compare ORIGINAL {name}"
