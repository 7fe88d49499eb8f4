"""Print the README's tables of the book's own digits, from ref/recorded/book.json (scripts/record_book.py)."""

import json
import sys
from pathlib import Path

from ref.common.cli import exit_codes
from ref.common.flags import Parser
from scripts.markdown import make_table

BOOK = Path(__file__).resolve().parents[1] / "ref" / "recorded" / "book.json"
N_DIGITS = 6  # that NumPy printed of a float32 in 2017, without trailing zeros
PHASE_2 = {6: 4, 7: 4, 8: 4}  # the line of a second phase's first epoch
HEADERS = {
    "README.md": (
        "script", "line", "printed then",
        "TF 1.15.5 today", "ours", "digits that agree",
        "2017's ops: TF 1.15.5", "ours", "digits that agree",
        "TF 1.15.5 with itself on one thread",
    ),
    "README.zh-CN.md": (
        "脚本", "行", "当年打印",
        "今天的 TF 1.15.5", "本项目", "相同位数",
        "2017 年的 op：TF 1.15.5", "本项目", "相同位数",
        "TF 1.15.5 与其单线程运行相同的位数",
    ),
}  # fmt: skip
COUNT_HEADERS = {
    "README.md": (
        "script", "numbers printed",
        "with all six digits: TF 1.15.5 today, ours", "with 2017's ops: TF 1.15.5, ours",
        "what keeps the others away",
    ),
    "README.zh-CN.md": (
        "脚本", "打印的数",
        "六位全同：今天的 TF 1.15.5、本项目", "用 2017 年的 op：TF 1.15.5、本项目",
        "其余为何不同",
    ),
}  # fmt: skip
WORDS = {
    "README.md": {"first": "first epoch", "phase 2": "phase 2, first epoch", "last": "last line"},
    "README.zh-CN.md": {"first": "第一轮", "phase 2": "阶段 2 第一轮", "last": "最后一行"},
}
REASONS = {
    2: (
        "chaotic in its first epoch: the notebook's three stored runs differ there, too; the end is stable",
        "第一轮混沌：笔记本存下的三次运行也各不相同；终点稳定",
    ),
    3: ("the order in which the squared errors are added up", "平方误差相加的次序"),
    4: ("in the last epoch a few test images were classified otherwise; not found out why",
        "最后一轮有几张测试图像分类不同；原因未明"),
    5: ("it starts from 8's chaotic second phase", "始于 8 的混沌的第二阶段"),
    6: (
        "the order of adding; the second autoencoder learns what the first one's last bits came to",
        "相加的次序；第二个自动编码器学习的是第一个的输出，最后几位已不同",
    ),
    7: ("phase 1: the order of adding; phase 2 is chaotic, in the notebook's stored runs, too",
        "第一阶段：相加的次序；第二阶段混沌，笔记本存下的运行亦然"),
    8: ("as 7", "同 7"),
    11: ("ReLU at this learning rate is chaotic within the first epoch", "此学习率下 ReLU 在第一轮内即混沌"),
    12: (
        "2017's dropout drew other masks; with its ops, as 11",
        "2017 年的 dropout 抽到别的掩码；用当年的 op 后同 11",
    ),
    13: (
        "the second layer's random op had another number: a bias of 1,000 zeros was one op; then chaotic, slowly",
        "第二层的随机操作编号不同：1,000 个零的偏置当年是一个操作；此后缓慢地混沌",
    ),
    15: ("the pole of the latent loss, in the first epoch", "第一轮中潜在损失的极点"),
    16: ("the order of adding; then last bits, amplified over fifty epochs", "相加的次序；此后是五十轮放大的最后一位"),
}  # fmt: skip


def round_as_then(digits: str) -> str:
    """Return a printed number in scientific notation, rounded to the digits that were printed in 2017."""
    return f"{float(digits):.{N_DIGITS - 1}e}"


def count_digits(left: str, right: str) -> int:
    """Return how many leading digits of two printed numbers agree, of six; 0 where their sizes or signs differ."""
    (left, left_power), (right, right_power) = (round_as_then(digits).split("e") for digits in (left, right))
    if left_power != right_power or left.startswith("-") != right.startswith("-"):
        return 0
    pairs = list(zip(left.strip("-").replace(".", ""), right.strip("-").replace(".", "")))
    return next((index for index, (one, other) in enumerate(pairs) if one != other), len(pairs))


def count_equal(cell: dict, run: str) -> int:
    """Return how many of a cell's numbers have all six digits that were printed then."""
    pairs = [(line[label], today[label]) for line, today in zip(cell["then"], cell[run]) for label in line]
    return sum(count_digits(*pair) == N_DIGITS for pair in pairs)


def choose_label(line: dict[str, str]) -> str:
    """Return the label of a line's test number where it has one, else of its first."""
    return next((label for label in line if label.startswith("Test")), next(iter(line)))


def render_tables(readme: str) -> str:
    """Return the numbers of each cell's first and last lines, and below how many of all its numbers were met, and why.

    Of the phases of 6, 7 and 8 each has its first line.
    """
    words, rows, counts = WORDS[readme], [], []
    for cell in json.loads(BOOK.read_text(encoding="utf-8"))["cells"]:
        script = cell["script"]
        lines = {"first": 0, "phase 2": PHASE_2.get(script), "last": len(cell["then"]) - 1}
        for kind, index in lines.items():
            if index is not None:
                label = choose_label(cell["then"][index])
                then = cell["then"][index][label]
                row = [script, f"{words[kind]}, {label}", then]
                for suffix in ("", "_2017"):
                    found = [cell[run + suffix][index][label] for run in ("tf1", "ours")]
                    row += [*found, ", ".join(str(count_digits(then, number)) for number in found)]
                rows.append([*row, count_digits(cell["tf1"][index][label], cell["tf1_one_thread"][index][label])])
        today, of_2017 = (
            ", ".join(str(count_equal(cell, run + suffix)) for run in ("tf1", "ours")) for suffix in ("", "_2017")
        )
        n_numbers = sum(map(len, cell["then"]))
        counts.append((script, n_numbers, today, of_2017, REASONS[script][readme == "README.zh-CN.md"]))
    return make_table(HEADERS[readme], rows) + "\n\n" + make_table(COUNT_HEADERS[readme], counts)


def main(argv: list[str]) -> None:
    Parser(prog="python -m scripts.render_book", description=__doc__).parse_args(argv)
    print(render_tables("README.md"))


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
