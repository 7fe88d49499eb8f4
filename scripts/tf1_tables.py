"""The README's tables beside TensorFlow 1.15.5, from what is equal, how far the rest is, what is printed."""

import json
import re
from pathlib import Path

from ref.chapter import SCRIPTS, Script
from scripts.markdown import make_table

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "ref" / "recorded"
TF1_RECORDED = RECORDED / "tf1.json"  # scripts/record_tf1_chapter.py
PROOF = RECORDED / "proof.json"  # scripts/prove_tf1.py
TF1_GOLDEN = ROOT / "tests" / "golden" / "tf1"  # scripts/record_tf1.py
HEADERS = {
    "README.md": ("script", "seed", "printed", "first epoch: TF 1.15.5", "ours", "last line: TF 1.15.5", "ours"),
    "README.zh-CN.md": ("脚本", "种子", "打印的数", "第一轮：TF 1.15.5", "本项目", "最后一行：TF 1.15.5", "本项目"),
}
PROOF_HEADERS = {
    "README.md": (
        "script", "seeds", "initial values", "draws", "loss of step 1", "step 25",
        "TF 1.15.5 after a nudge, step 25", "epoch 1", "whole training",
    ),
    "README.zh-CN.md": (
        "脚本", "种子", "初始值", "随机抽取", "第 1 步损失", "第 25 步",
        "TF 1.15.5 改动最后一个比特后，第 25 步", "第 1 轮", "全部训练",
    ),
}  # fmt: skip


def read_number(line: str) -> tuple[str, str] | None:
    """Return label and digits of a printed line's first number, or of its test number where it has one."""
    numbers = re.findall(r"((?:Train|Test)[^:]*): (\S+)", line)
    return (numbers[-1] if numbers and numbers[-1][0].startswith("Test") else numbers[0]) if numbers else None


def read_ours(script: Script, seed: int) -> list[str]:
    """Return what the recorded run of ``seed`` printed."""
    if seed == 42:
        result = json.loads((RECORDED / script.name / "result.json").read_text(encoding="utf-8"))
        return [row["line"] for row in result["printed"]]
    return json.loads((RECORDED / f"seed-{seed}.json").read_text(encoding="utf-8"))["lines"][script.name]


def list_printed(script: Script) -> dict[int, tuple]:
    """Return, for each seed: label, TensorFlow 1.15.5's first number, ours, and the same of the last line."""
    printed = {}
    for seed, lines in json.loads(TF1_RECORDED.read_text(encoding="utf-8"))["lines"].items():
        theirs = [found for line in lines[script.name] if (found := read_number(line))]
        ours = [found for line in read_ours(script, int(seed)) if (found := read_number(line))]
        if theirs:
            labels = ", ".join(dict.fromkeys((theirs[0][0], theirs[-1][0])))
            printed[int(seed)] = (labels, theirs[0][1], ours[0][1], theirs[-1][1], ours[-1][1])
    return printed


def render_printed(readme: str) -> str:
    """Return what TensorFlow 1.15.5 printed beside what we print, after one epoch and at the end."""
    rows = [(script.number, seed, *row) for script in SCRIPTS for seed, row in list_printed(script).items()]
    return make_table(HEADERS[readme], rows)


def render_proof(readme: str) -> str:
    """Return how many values are equal to the bit, and how far the others are from TensorFlow 1.15.5's."""
    proof = json.loads(PROOF.read_text(encoding="utf-8"))["proof"]
    return make_table(PROOF_HEADERS[readme], [render_row(script, proof[str(script.number)]) for script in SCRIPTS])


def render_row(script: Script, proof: dict) -> tuple[str, ...]:
    one = proof["mnist"]
    golden = json.loads((TF1_GOLDEN / f"autoencoder_{script.number:02d}.json").read_text(encoding="utf-8"))["mnist"]
    equal = ["{} / {}".format(*one["equal"][kind]) if one["equal"][kind][1] else "–" for kind in one["equal"]]
    losses = [kind for kind in one["apart"] if kind.startswith("losses")]

    def widest(found, step):
        return format_apart(max(found[kind][step] for kind in losses)) if losses else "–"

    printed = list_printed(script).values()
    apart = [
        format_apart(max(abs(float(row[i + 1]) / float(row[i]) - 1) for row in printed)) if printed else "–"
        for i in (1, 3)
    ]
    steps = [widest(one["apart"], 0), widest(one["apart"], -1), widest(golden["after_a_nudge"], -1)]
    return (str(script.number), *equal, *steps, *apart)


def format_apart(value: float) -> str:
    return f"{value:.0e}" if value else "0"


TABLES = {"proof": render_proof, "tf1": render_printed}
