"""The recorded runs, epoch by epoch: ours of two seeds, and what the book's notebook printed."""

import functools
import json
import re
from pathlib import Path
from typing import NamedTuple

from ref.chapter import SCRIPTS, Script
from ref.common.errors import BadInputError
from ref.common.files import read_json
from ref.fidelity.golden.printed import NUMBER, list_seeds, read_measured, read_recorded

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "ref" / "recorded"
WANTED = {"printed": list, "hyper_parameters": dict, "figures": list, "wall_time_s": (int, float), "cpu": str}


class Row(NamedTuple):
    """A printed line that has numbers: in which phase, after which epoch (None: of the whole), the digits by label."""

    phase: int
    epoch: int | None
    digits: dict[str, str]


def read_result(script: Script) -> dict:
    """Return the recorded run's result.json.

    Raises:
      BadInputError: it is missing, no JSON, or lacks what a page shows.
    """
    path = RECORDED / script.name / "result.json"
    remedy = "record it with python -m scripts.record_runs, or take it from Git again"
    try:
        result = read_json(path)
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path}: cannot be read ({error}), expected a recorded run; {remedy}") from None
    for key, kind in WANTED.items():
        if not isinstance(result.get(key), kind):
            raise BadInputError(f"{path}: {key} is {result.get(key)!r:.40}, expected a recorded run's; {remedy}")
    return result


def check_all() -> None:
    """Read every script's recorded run.

    Raises:
      BadInputError: one of them is missing or broken.
    """
    for script in SCRIPTS:
        read_result(script)


def list_rows(lines: list[str]) -> list[Row]:
    """Return the rows of a run's printed lines; a phase ends where epochs are counted anew."""
    rows, phase, last = [], 1, -1
    for line in lines:
        digits = {label.strip(): number for label, number in NUMBER.findall(line)}
        if not digits:
            continue
        epoch = re.match(r"[0-9]+", line)
        if epoch and int(epoch[0]) <= last:
            phase += 1
        last = int(epoch[0]) if epoch else last
        rows.append(Row(phase, last if epoch else None, digits))
    return rows


def list_own_rows(script: Script, seed: int = 42) -> list[Row]:
    """Return what our recorded run of ``seed`` printed."""
    return list_rows(read_recorded(script.name, seed)[0])


@functools.cache
def _read_notebook() -> dict[int, list[dict[str, str]]]:
    content = json.loads((RECORDED / "book.json").read_text(encoding="utf-8"))
    return {cell["script"]: cell["then"] for cell in content["cells"]}


def list_notebook_rows(script: Script) -> list[Row]:
    """Return what the book's notebook printed in 2017 in the place of our rows; none where it did not train that."""
    own, then = list_own_rows(script), _read_notebook().get(script.number, [])
    if [row.digits.keys() for row in own[: len(then)]] == [digits.keys() for digits in then]:
        return [row._replace(digits=digits) for row, digits in zip(own, then)]
    return [Row(1, epoch, digits) for epoch, digits in enumerate(then)]


def list_ends(script: Script, label: str) -> list[float]:
    """Return the last number of ``label`` of every full-length run of ours: three seeds, and other roundings."""
    page = (ROOT / "tests" / "golden" / "verify.md").read_text(encoding="utf-8")
    verified = re.findall(rf"^\| {script.number} \| {label} \|.*\| \**([0-9.]+)\** \| [^|]* \|$", page, re.MULTILINE)
    runs = [read_recorded(script.name, seed)[0] for seed in list_seeds()]
    runs += [one.lines for one in read_measured(script.name) if one.what.startswith("ours")]
    ends = [[row.digits[label] for row in list_rows(lines) if label in row.digits][-1] for lines in runs]
    return [float(digits) for digits in [*ends, *verified[-1:]]]  # seed 2019, the last column before the band's


def read_bench(script: Script, kind: str) -> list[dict]:
    """Return the rows of a benchmark on MNIST, ``ports`` or ``engines``, on the machine of the recorded run.

    Raises:
      BadInputError: there is no such result.
    """
    from bench.work import name_machine

    path = ROOT / "bench" / "results" / name_machine(read_result(script)) / f"{kind}-mnist.json"
    try:
        return read_json(path)["rows"]
    except (OSError, ValueError, KeyError) as error:
        raise BadInputError(
            f"{path}: cannot be read ({error}), expected the benchmark of the machine that recorded {script.name}; "
            "run 'make bench-keep' there"
        ) from None
