"""Write the README's tables and picture from the recorded runs: python -m scripts.render_tables [--check].

With --check nothing is written; where a table or the picture is not what the recorded runs say, that is one line and
exit code 2.
"""

import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import imread
from PIL import Image

from ref.chapter import SCRIPTS, Script
from ref.common.captions import CAPTIONS
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from scripts import pictures, render_book, tf1_tables
from scripts.markdown import make_table, replace_between

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "ref" / "recorded"
BEGIN, END = "<!-- table: scripts (make tables) -->", "<!-- end of table -->"
HEADERS = {
    "README.md": ("script", "what it teaches", "run it", "book", "ours, on MNIST", "s"),
    "README.zh-CN.md": ("脚本", "内容", "运行", "书中", "本项目（MNIST）", "秒"),
}
CHINESE = {
    "train MSE": "训练 MSE",
    "test MSE": "测试 MSE",
    "test accuracy": "测试准确率",
    "train total loss": "训练总损失",
    "sparsity loss": "稀疏损失",
    "cross-entropy": "交叉熵",
    ", then ": "，然后 ",
    "figure": "图",
}
# Which printed numbers to show: the label in result.json, its name in the table, and the row it was printed in.
SHOWN = {
    **{n: [("Train MSE", "train MSE", -1)] for n in (2, 3, 11, 12)},
    **{n: [("Test accuracy", "test accuracy", -1)] for n in (4, 5)},
    6: [("Train MSE", "train MSE", 3), ("Train MSE", "then", -1)],
    **{n: [("Test MSE", "test MSE", -1)] for n in (7, 8)},
    13: [("Train MSE", "train MSE", -1), ("Sparsity loss", "sparsity loss", -1)],
    14: [("Train MSE", "cross-entropy", -1), ("Sparsity loss", "sparsity loss", -1)],
    **{n: [("Train total loss", "train total loss", -1)] for n in (15, 16)},
}
INPUT_OUTPUT = "input | output"
PANELS = (  # picture: row by row, which figure, how wide it is there, and its caption in the place of the figure's own
    (
        ("autoencoder_1", "codings", 3, "codings of test points"),
        ("autoencoder_2", "reconstructions", 2, INPUT_OUTPUT),
        ("autoencoder_9", "reconstructions", 2, INPUT_OUTPUT),
    ),
    (
        ("autoencoder_13", "sparsity_loss", 3, "sparsity loss"),
        ("autoencoder_12", "reconstructions", 2, INPUT_OUTPUT),
        ("autoencoder_15", "reconstructions", 2, INPUT_OUTPUT),
    ),
    (
        ("autoencoder_16", "generated", 4, "generated, output only"),
        ("autoencoder_16", "interpolated", 4, "interpolated downwards, output only"),
    ),
)


PICTURES = RECORDED / "pictures.json"


def list_pictures() -> pictures.Sources:
    """Return the README's picture, with the recorded figures and the code that it is drawn from."""
    figures = [RECORDED / name / f"{figure}.png" for row in PANELS for name, figure, _, _ in row]
    return {RECORDED / "chapter.png": [*figures, Path(__file__), ROOT / "ref" / "common" / "captions.py"]}


def format_number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if value >= 100 else f"{value:.4f}" if value >= 0.01 else f"{value:.5f}"


def render_table(readme: str) -> str:
    return make_table(HEADERS[readme], (render_row(script, readme) for script in SCRIPTS))


def render_row(script: Script, readme: str) -> tuple[str, ...]:
    result = json.loads((RECORDED / script.name / "result.json").read_text(encoding="utf-8"))
    ours = ", ".join(
        f"{name} {format_number(result['printed'][row][label])}" for label, name, row in SHOWN.get(script.number, [])
    )
    book, ours, is_chinese = script.book or "–", ours or "figure", readme == "README.zh-CN.md"
    if is_chinese:
        for english, chinese in CHINESE.items():
            book, ours = book.replace(english, chinese), ours.replace(english, chinese)
    path = script.module.replace(".", "/") + ".py"
    title, teaches = (script.title_zh, script.teaches_zh) if is_chinese else (script.title, script.teaches)
    colon = "：" if is_chinese else ": "
    return (
        f"[{script.number}]({path})",
        f"{title}{colon}{teaches}",
        f"`make {script.name}`",
        book,
        ours,
        f"{result['wall_time_s']:.0f}",
    )


def render(readme: str) -> tuple[str, str]:
    """Return the README as it is, and as it should be."""
    found = (ROOT / readme).read_text(encoding="utf-8")
    expected = replace_between(found, BEGIN, END, render_table(readme))
    for name, render_one in {**tf1_tables.TABLES, "book": render_book.render_tables}.items():
        begin, end = f"<!-- table: {name} (make tables) -->", f"<!-- end of table {name} -->"
        expected = replace_between(expected, begin, end, render_one(readme))
    return found, expected


def draw_picture() -> Figure:
    fig = Figure(figsize=(10, 9.4))
    for row, subfigure in zip(PANELS, fig.subfigures(len(PANELS), 1)):
        axes = subfigure.subplots(1, len(row), width_ratios=[width for _, _, width, _ in row])
        for ax, (name, figure, _, caption) in zip(axes, row):
            ax.imshow(crop(read_without_captions(name, figure)), interpolation="antialiased")
            ax.set_title(f"{name}: {caption}", fontsize=9)
            ax.axis("off")
        subfigure.subplots_adjust(left=0.02, right=0.98, top=0.9, bottom=0.02, wspace=0.08)
    return fig


def read_without_captions(name: str, figure: str) -> np.ndarray:
    """Return the recorded figure, (height, width, channels) in [0, 1], without its captions: too small to read here."""
    path, captions = RECORDED / name / f"{figure}.png", CAPTIONS[name, figure]
    with Image.open(path) as picture:
        dpi = picture.info["dpi"][0]
    return imread(path)[round(captions.top_in * dpi) :, round(captions.left_in * dpi) :]


def crop(image: np.ndarray) -> np.ndarray:
    """Return ``image``, (height, width, channels) in [0, 1], without its white margins."""
    inked = image[..., :3].min(axis=2) < 1
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.render_tables", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    is_check = parser.parse_args(argv).check
    for readme in HEADERS:
        found, expected = render(readme)
        if found == expected:
            continue
        if is_check:
            raise BadInputError(
                f"{readme}: its table is not what ref/recorded says, expected it to be; run 'make tables'"
            )
        with open_atomically(ROOT / readme) as file:
            file.write(expected.encode())
    if is_check:
        pictures.check(PICTURES, list_pictures(), "make tables")
        return
    with open_atomically(RECORDED / "chapter.png") as file:
        draw_picture().savefig(file, format="png", dpi=100)
    pictures.write(PICTURES, list_pictures())


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
