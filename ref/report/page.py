"""What the report's template reads: a section for each run, in the order of the chapter."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from ref.chapter import BY_NAME, CHAPTER_ORDER
from ref.fidelity.golden.held import Held, hold
from ref.fidelity.golden.printed import read_recorded
from ref.pages.series import read_series
from ref.pages.words import Text
from ref.report import facts
from ref.report.captions import caption
from ref.report.curves import draw_curves
from ref.report.gather import MOST_CHARACTERS, Gathered, Run, Unfinished
from ref.report.numbers import Row, Table, make_table
from ref.report.pictures import read_pictures
from ref.report.verdicts import give_verdict

TITLE = Text("My runs of the autoencoder chapter", "自动编码器一章：我的运行结果")
N_LINES = 60  # printed by a user's own script, shown
N_FILES = 40
N_SERIES = 12


def make_values(found: Gathered, out: str, language: str) -> dict:
    """Return what the template reads, in ``language``; ``out`` is the directory as commands name it."""
    runs = [describe_run(run, f"run-{i}", language) for i, run in enumerate(found.runs)]
    there = {run.result["script"] for run in found.runs} | {one.directory.name for one in found.unfinished}
    there |= {directory.name for directory in found.broken}
    return {
        "runs": runs,
        "unfinished": [describe_unfinished(one, f"unfinished-{i}", language) for i, one in enumerate(found.unfinished)],
        "originals": [describe_original(run, f"own-{i}", language) for i, run in enumerate(found.originals)],
        "broken": list(found.broken.values()),
        "missing": [f"autoencoder_{number}" for number in CHAPTER_ORDER if f"autoencoder_{number}" not in there],
        "out_flag": "" if out == "runs" else f" --out {shlex.quote(out)}",
    }


def describe_run(run: Run, anchor: str, language: str) -> dict:
    """Return the section of a run of the chapter's that ended."""
    result, name = run.result, run.result["script"]
    compared = hold(result)
    lines = _cut(run.lines)
    table = make_table(lines, compared)
    return {
        "id": anchor,
        "script": BY_NAME[name],
        "headline": _find_headline(table, BY_NAME[name].book),
        "directory": run.directory.name if run.directory.name != name else "",
        "verdict": give_verdict(result, compared),
        "recorded_seed": compared.recorded["seed"],
        "other_data": "data" in compared.differing,
        "other_settings": bool({"hyper-parameters", "seed"} & {*compared.differing}),
        "table": table,
        "curves": list(_draw(lines, compared, anchor, language)),
        "pictures": [(one, caption(one.name)) for one in read_pictures(run.directory, result.get("figures"))],
        "settings": facts.list_settings(result, compared.recorded),
        "seed": result["seed"],
        "origin": _describe_origin(result),
        **_describe_circumstances(result, compared.recorded),
    }


def _find_headline(table: Table, book: str) -> Row | None:
    """Return the last number of the kind that the ``book`` published, or else the last of all."""
    published = [row for row in table.last if book.lower().startswith(row.label.lower())]
    return next(reversed(published or table.last), None)


def _describe_circumstances(result: dict, recorded: dict | None) -> dict:
    recorded_data = (recorded or {}).get("data") or {}
    hashes = facts.list_hashes(result)
    times, checkpoint = result.get("times"), result.get("checkpoint")
    return {
        "data": facts.name_data(result),
        "hashes": hashes,
        "is_mnist": bool(hashes) and dict(hashes) == recorded_data.get("sha256"),
        "place": facts.list_place(result, recorded),
        "has_recorded": recorded is not None,
        "seconds": facts.write_seconds(result),
        "phases": facts.list_phases(result),
        "accounts": facts.list_accounts(result),
        "attempts": facts.write_number(times.get("attempts"), 0) if isinstance(times, dict) else "",
        "checkpoint": checkpoint if isinstance(checkpoint, str) else "",
    }


def _describe_origin(result: dict) -> tuple[str, str] | None:
    """Return the checkpoint of another run that a run began with, and what is known of its making."""
    restored = result.get("restored")
    if not isinstance(restored, dict):
        return None
    return facts.write_value(restored.get("checkpoint")), facts.write_value(restored.get("origin"))


def _draw(lines: list[str], compared: Held | None, anchor: str, language: str) -> Iterator:
    recorded = read_series(compared.lines) if compared else []
    yield from draw_curves(read_series(lines)[:N_SERIES], recorded, anchor, language)


def _cut(lines: list[str]) -> list[str]:
    return [line[:MOST_CHARACTERS] for line in lines]


def describe_unfinished(run: Unfinished, anchor: str, language: str) -> dict:
    """Return the section of a run that has not ended: how far it is, and the curves so far."""
    name, lines, state = run.directory.name, _cut(run.lines), run.state
    recorded_lines, recorded = read_recorded(name, 42)
    arguments = state.get("arguments") if isinstance(state.get("arguments"), dict) else {}
    return {
        "id": anchor,
        "script": BY_NAME[name],
        "other_data": bool(state) and dict(facts.list_hashes(state)) != (recorded["data"] or {}).get("sha256", {}),
        "other_settings": False,
        "recorded_seed": 0,
        "is_saved": bool(state),
        "phase": facts.write_value(state.get("phase")),
        "epoch": facts.write_value(state.get("epoch")),
        "n_epochs": facts.write_value(arguments.get("n_epochs")),
        "seed": facts.write_value(arguments.get("seed")),
        "data": facts.name_data(state),
        "table": make_table(lines),
        "curves": list(draw_curves(read_series(lines)[:N_SERIES], read_series(recorded_lines), anchor, language)),
    }


def describe_original(run: Run, anchor: str, language: str) -> dict:
    """Return the section of a user's own script: what it was given, printed, drew and wrote."""
    result, lines = run.result, _cut(run.lines)
    steps, settings = (result.get(key) if isinstance(result.get(key), dict) else {} for key in ("steps", "settings"))
    arguments = result.get("arguments") if isinstance(result.get("arguments"), list) else []
    return {
        "id": anchor,
        "other_data": False,
        "other_settings": False,
        "name": result["script"],
        "file": result["file"],
        "code": result["code"],
        "reason": facts.write_value(result.get("reason")) if result.get("reason") else "",
        "seed": facts.write_value(result.get("seed")),
        "steps": [(str(op), facts.write_number(count, 0)) for op, count in list(steps.items())[:N_SERIES]],
        "set": [(str(key), facts.write_value(value)) for key, value in settings.items()],
        "arguments": " ".join(map(facts.write_value, arguments)),
        "lines": lines if len(lines) <= N_LINES else [*lines[: N_LINES // 2], "…", *lines[-N_LINES // 2 :]],
        "n_lines": len(lines),
        "curves": list(_draw(lines, None, anchor, language)),
        "pictures": [(one, caption(one.name)) for one in read_pictures(run.directory, result.get("figures"))],
        "files": list_files(run.directory, {"result.json", "error.txt", ".lock"}),
        "n_files": N_FILES,
        **_describe_circumstances(result, None),
    }


def list_files(directory: Path, left_out: set[str]) -> list[tuple[str, int]]:
    """Return what a script wrote below ``directory``, at most N_FILES + 1 of it: names and bytes, in their order."""
    found = []
    for parent, directories, names in os.walk(directory):
        directories.sort()
        for name in sorted(names):
            path = Path(parent) / name
            if path.is_file() and not (parent == str(directory) and name in left_out):
                found.append((path.relative_to(directory).as_posix(), path.stat().st_size))
            if len(found) > N_FILES:
                return found
    return found
