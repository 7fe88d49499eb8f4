"""What the cells of chapter.ipynb call beside a port: TensorFlow's version, a graph's pictures, what a run drew.

It shows things through IPython, which a notebook brings; the rest of ref does without. Every sentence is said in both
languages.
"""

import base64
import html
import importlib.util
import json
import sys
from typing import Literal

import numpy as np

from ref.chapter import BY_NAME
from ref.common.cli import import_port
from ref.common.environment import ROOT
from ref.doctor.packages import read_pins

PACKAGE = "pygraphviz"  # what draws graphs


def say_versions() -> None:
    """Import TensorFlow, quietly, and say whether it is the pinned version, and what it means if not.

    Raises:
      BadInputError: there is none, or it cannot be loaded.
    """
    found, (pinned,) = import_port("tensorflow").__version__, read_pins(ROOT / "requirements.txt")["tensorflow"]
    if found == pinned:
        print(f"TensorFlow {found}, as pinned: the digits are this project's.")
        print(f"TensorFlow {found}，即本项目固定的版本：数字应与本项目的记录一致。")
        return
    print(
        f"TensorFlow {found} found, {pinned} pinned: the notebook runs on it. Initial weights and batches are the "
        "same; computed numbers may differ in their last places, after many steps in more. Should this version lack "
        "something that TensorFlow 1 mode needs, a cell says so in one line."
    )
    print(
        f"当前是 TensorFlow {found}，本项目固定的是 {pinned}：照样可以运行。初始权重和批次相同；"
        "算出的数字末几位可能不同，步数多了相差更大。如果这一版缺少 TensorFlow 1 模式所需的东西，相应单元会用一行说明。"
    )


def draw(name: str, language: Literal["en", "zh"] = "en", phase: int | None = None) -> None:
    """Show the graph of the script ``name``, or what one phase needs of it; where nothing can draw, say what can.

    Raises:
      BadInputError: there is no such script, language or phase.
    """
    if importlib.util.find_spec(PACKAGE) is None:
        remedy = f'%pip install "{PACKAGE}>=2.0"'  # whose wheels hold Graphviz
        print(
            f"no picture, {PACKAGE} is not installed: {remedy} in a cell, then this one again · 请安装后重新运行本单元"
        )
        return
    from IPython.display import HTML, display

    from ref.graph.draw import draw_port

    for picture in draw_port(name, phase, language):
        display(HTML(make_figure(picture.svg, picture.title, picture.description)))


def make_figure(svg: str, title: str, description: str) -> str:
    """Return an SVG picture as HTML: an image of its own, so that it neither takes nor leaves a style."""
    source = base64.b64encode(svg.encode()).decode()
    style = "max-width: 100%; background: white; color-scheme: light"  # a notebook's theme is not the system's
    image = f'<img alt="{html.escape(description)}" src="data:image/svg+xml;base64,{source}" style="{style}"/>'
    return f"<figure><figcaption>{html.escape(title)}</figcaption>{image}</figure>"


def look(run) -> None:
    """Show the figures of a finished Run, and its last line beside the recorded run's and the book's number."""
    from IPython.display import Image, display

    for line in compare_numbers(run.name, run.result):
        print(line)
    sys.stdout.flush()  # what is displayed comes after it
    for name in run.result["figures"]:
        display(Image(filename=run.directory / name, alt=f"{run.name}: {name}"))


def compare_numbers(name: str, result: dict) -> list[str]:
    """Return the last line that a run printed, that of the recorded run, and the book's number, as far as there are."""
    recorded = json.loads((ROOT / "ref" / "recorded" / name / "result.json").read_text(encoding="utf-8"))
    rows = []
    for label, one in (("here 本次", result), ("recorded 记录", recorded)):
        if one["printed"]:
            epochs = np.sum(one["hyper_parameters"]["n_epochs"])  # of all phases
            rows.append(f"{label} · {one['data']['name']}, epochs 轮数 {epochs} · {one['printed'][-1]['line']}")
    if book := BY_NAME[name].book:
        rows.append(f"book 原书 · {book.replace(' *', ' (other hyper-parameters 超参数不同)')}")
    return rows
