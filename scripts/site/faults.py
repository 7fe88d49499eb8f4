"""Which fault is it? The exercises: curves of a sound and a faulty port, a golden's report, the line as the answer."""

import difflib
from collections.abc import Iterator
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ref.chapter import BY_NAME
from ref.fidelity.golden.printed import list_numbers
from ref.pages import figures
from ref.pages.render import Page
from ref.pages.words import Text, choose
from scripts import exercises
from scripts.exercises import EXERCISES, Exercise

PATH = "faults.html"
TITLE = Text("Which fault is it?", "错在哪里？")
SHOWN = {  # of what the ports print, the numbers that are drawn, by label
    "Train MSE": Text("training MSE", "训练 MSE"),
    "Test MSE": Text("test MSE", "测试 MSE"),
    "Sparsity loss": Text("sparsity loss", "稀疏损失"),
    "Train accuracy": Text("training accuracy", "训练准确率"),
    "Test accuracy": Text("test accuracy", "测试准确率"),
    "Reconstruction loss": Text("reconstruction loss", "重建损失"),
    "Latent loss": Text("latent loss", "潜在损失"),
}
SOUND, FAULTY = Text("sound", "正确"), Text("faulty", "有错")
EPOCH, PHASE = Text("epoch", "轮"), Text("{}, phase {}", "{}，第 {} 阶段")
LOG_FROM = 20.0  # largest to smallest value, from which on an axis is logarithmic
LOG_TICKS_FROM = 300.0  # likewise: from which on powers of ten are ticks enough


class Change(NamedTuple):
    """A line of a diff, cut where it differs: what is before, the part that differs, what is after."""

    sign: str
    before: str
    differs: str
    after: str


def make_pages() -> Iterator[Page]:
    """Yield the page.

    Raises:
      BadInputError: what is recorded is missing.
    """
    recorded = exercises.read_recorded()
    yield Page(PATH, "faults.html", TITLE, lambda language: make_values(language, recorded))


def make_values(language: str, recorded: dict) -> dict:
    """Return what the template reads: the exercises but those whose curves are stale, and how many these are."""
    stale = exercises.list_stale(recorded)
    return {
        "exercises": [
            make_exercise(language, number, exercise, recorded["exercises"][exercises.get_key(exercise)])
            for number, exercise in enumerate(EXERCISES, 1)
            if exercise not in stale
        ],
        "n_stale": len(stale),
        "provenance": recorded["provenance"],
        "setting": recorded["setting"],
    }


def make_exercise(language: str, number: int, exercise: Exercise, recorded: dict) -> dict:
    """Return an exercise: its question, with the curves and the golden's words, and its answer."""
    fault = exercises.find_fault(exercise)
    script = BY_NAME[f"autoencoder_{exercise.number}"]
    curves, ends = split_numbers(recorded["sound"]), split_numbers(recorded["faulty"])
    path = exercises.get_module_path(fault)
    text = path.read_text(encoding="utf-8")
    return {
        "number": number,
        "script": script,
        "is_large": sum(len(values) > 1 for values in curves.values()) > 1,
        "plot": draw(language, f"exercise-{number}", curves, ends),
        "ends": [
            (choose(language, SHOWN[label]), sound[0], ends[label, phase][0])
            for (label, phase), sound in curves.items()
            if len(sound) == 1
        ],
        "golden": recorded["golden"],
        "choices": sorted(
            (exercises.get_name(name) for name in (exercise.fault, *exercise.decoys)), key=lambda name: name.en
        ),
        "answer": exercises.get_name(exercise.fault),
        "path": path.relative_to(exercises.ROOT).as_posix(),
        "line": text[: text.index(fault.old)].count("\n") + 1,
        "changes": list_changes(text, fault.old, fault.new),
        "why": exercise.why,
    }


def split_numbers(lines: list[str]) -> dict[tuple[str, str], list[float]]:
    """Return the printed numbers that are shown, an epoch after the other, by label and phase."""
    found: dict[tuple[str, str], list[float]] = {}
    for label, value in list_numbers(lines).values():
        label, _, phase = label.rpartition(" ")
        if label in SHOWN:
            found.setdefault((label, phase), []).append(value)
    return found


def draw(language: str, prefix: str, sound: dict, faulty: dict) -> str:
    """Return the curves of both as inline SVG, a panel for each number and phase that has more than one epoch."""
    keys = [key for key, values in sound.items() if len(values) > 1]
    n_phases = len({phase for _, phase in keys})
    title = choose(language, Text("Curves of the sound and the faulty run", "正确与有错的运行的曲线"))
    with figures.drawing():
        fig = Figure(figsize=(4.4 * len(keys), 2.8), layout="constrained")
        for ax, key in zip(fig.subplots(1, len(keys), squeeze=False)[0], keys):
            draw_panel(ax, language, sound[key], faulty[key])
            label = choose(language, SHOWN[key[0]])
            ax.set_title(label if n_phases == 1 else choose(language, PHASE).format(label, key[1]), loc="left")
        fig.axes[0].legend()
        return figures.write_svg(fig, prefix, title)


def draw_panel(ax: Axes, language: str, sound: list[float], faulty: list[float]) -> None:
    ax.plot(sound, "-o", color=figures.BLUE, ms=4, label=choose(language, SOUND))
    ax.plot(faulty, "--s", color=figures.ORANGE, ms=4, label=choose(language, FAULTY))
    values = [*sound, *faulty]
    if min(values) > 0 and max(values) > LOG_FROM * min(values):
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(
            LogLocator(subs=(1.0, 3.0) if max(values) < LOG_TICKS_FROM * min(values) else (1.0,))
        )
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(choose(language, EPOCH))
    ax.set_xticks(range(0, len(sound), 2))
    ax.grid(True)


def list_changes(text: str, old: str, new: str) -> list[Change]:
    """Return the lines of ``text`` that ``old`` stands in and, after them, what they are with ``new``."""
    before, after = text.splitlines(), text.replace(old, new).splitlines()
    changes = []
    for kind, i, i_end, j, j_end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            removed, added = before[i:i_end], after[j:j_end]
            is_pair = len(removed) == len(added) == 1
            others = (added[0], removed[0]) if is_pair else ("", "")
            changes += [_cut("-", line, others[0]) for line in removed]
            changes += [_cut("+", line, others[1]) for line in added]
    return changes


def _cut(sign: str, line: str, other: str) -> Change:
    """Cut ``line`` where it leaves ``other`` and where it comes back to it."""
    start = 0
    while start < min(len(line), len(other)) and line[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(line), len(other)) - start and line[len(line) - 1 - end] == other[len(other) - 1 - end]:
        end += 1
    return Change(sign, line[:start], line[start : len(line) - end], line[len(line) - end :])
