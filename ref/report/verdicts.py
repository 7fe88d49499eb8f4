"""What is said of a run beside the recorded one: the verdict of ``ref compare``, in both languages."""

import math
from typing import NamedTuple

from ref.chapter import BY_NAME
from ref.fidelity.golden import held, printed
from ref.pages.words import Text

NAMES = {
    "random ops numbered as": Text("numbering of random ops", "随机操作的编号方式"),
    "data": Text("data", "数据"),
    "hyper-parameters": Text("hyper-parameters", "超参数"),
    "seed": Text("seed", "种子"),
}


class Verdict(NamedTuple):
    """``mark`` and ``short`` stand in a table, ``long`` is the sentence or two below a run's heading."""

    mark: str
    short: Text
    long: Text


NO_NUMBERS = Verdict(
    "–",
    Text("prints no numbers", "不打印数字"),
    Text(
        "This script prints no numbers: there is nothing to compare but its figures.",
        "这个脚本不打印数字，能看的只有图。",
    ),
)


def give_verdict(result: dict, compared: held.Held) -> Verdict:
    """Return the verdict on a ``result`` that was held against the recorded one."""
    if not compared.lines and not result["printed"]:
        return NO_NUMBERS
    match compared.verdict:
        case held.REFUSED:
            return _refuse(result, compared)
        case held.EQUAL:
            return Verdict(
                "=",
                Text("equal to the digit", "逐位相等"),
                Text(
                    "Equal to the digit: every printed number is the recorded run's.",
                    "逐位相等：打印出的每个数都与记录的运行一样。",
                ),
            )
        case held.AS_MACHINES:
            return _say_machine(compared)
    return _say_code(result, compared)


def _refuse(result: dict, compared: held.Held) -> Verdict:
    why = [_describe_difference(what, result, compared) for what in compared.differing]
    en, zh = "; ".join(one.en for one in why), "；".join(one.zh for one in why)
    short = [NAMES[what] for what in compared.differing]
    return Verdict(
        "–",
        Text(
            f"not comparable: other {', '.join(one.en for one in short)}",
            f"不可比：{'、'.join(one.zh for one in short)}不同",
        ),
        Text(
            f"Not comparable, so the numbers are not judged. Other {en}.",
            f"不可比，因此不对数字下结论：{zh}。",
        ),
    )


def _describe_difference(what: str, result: dict, compared: held.Held) -> Text:
    name = NAMES[what]
    if what == "data":
        here = (result.get("data") or {}).get("name") or "–"
        if here == (compared.recorded["data"] or {}).get("name"):
            return Text("data: `mnist`, but its files are not MNIST's", "数据不同：名为 `mnist`，文件却不是 MNIST 的")
        return Text(f"data: {here}; recorded is MNIST", f"数据不同：这里是 {here}，记录的是 MNIST")
    if what == "seed":
        seeds = printed.list_seeds()
        return Text(
            f"seed: {result['seed']}; recorded are {' and '.join(map(str, seeds))}",
            f"种子不同：这里是 {result['seed']}，记录的是 {' 和 '.join(map(str, seeds))}",
        )
    return Text(f"{name.en}, see below", f"{name.zh}不同，见下")


def _say_machine(compared: held.Held) -> Verdict:
    n_differ = sum(one.difference != 0 for one in compared.compared)
    n_numbers = len(compared.compared)
    en = (
        f"Differs as machines differ: {n_differ} of {n_numbers} numbers differ from the recorded ones, all inside the "
        "measured spread of machines."
    )
    zh = f"差别来自机器：{n_numbers} 个数中有 {n_differ} 个与记录的不同，都在实测的机器差异范围内。"
    if held.is_chance(compared.compared):
        en += f" But no number of this script is held closer than {printed.CLOSE:.0%}: rounding grows to chance in it."
        zh += f"不过这个脚本没有一个数能比到 {printed.CLOSE:.0%} 以内：舍入误差在训练中会放大到近乎随机。"
    return Verdict("≈", Text("differs as machines differ", "差别来自机器"), Text(en, zh))


def _say_code(result: dict, compared: held.Held) -> Verdict:
    if compared.other_words is not None:
        return Verdict(
            "≠",
            Text("differs in the code or the data", "差别来自代码或数据"),
            Text(
                f"Differs in the code or the data: printed {compared.other_words}.",
                "差别来自代码或数据：打印的文字与记录的不同；是哪一行，见 `python -m ref compare`。",
            ),
        )
    first = next(one for one in compared.compared if one.is_outside)
    row, _, what = first.place.removeprefix("line ").partition(": ")
    apart, tolerance = write_share(first.difference), write_share(first.tolerance)
    en = f"line {row} (`{what}`) is {apart} off, where machines differ by {tolerance} at most."
    zh = f"第 {row} 行（`{what}`）相差 {apart}，而机器之间最多差 {tolerance}。"
    if compared.verdict == held.ON_GPU:
        return Verdict(
            "?",
            Text("outside what CPUs differ by", "超出 CPU 之间的差异"),
            Text(
                f"Outside the spread measured on CPUs: {en} No GPU is among what was measured, so machine and code "
                "cannot be told apart; run it again with `--device cpu`.",
                f"超出在 CPU 上测得的范围：{zh}测过的都不是 GPU，分不清是机器还是代码；请加 `--device cpu` 重新运行。",
            ),
        )
    en, zh = f"Differs in the code or the data: {en}", f"差别来自代码或数据：{zh}"
    if needs := BY_NAME[result["script"]].needs:
        en += f" It starts from `autoencoder_{needs}`'s checkpoint: look at that run first."
        zh += f"它从 `autoencoder_{needs}` 的检查点开始：请先看那次运行。"
    return Verdict("≠", Text("differs in the code or the data", "差别来自代码或数据"), Text(en, zh))


def write_share(share: float) -> str:
    """Return a relative difference with one digit: ``3e-07``; ``–`` where it is no number."""
    return f"{share:.0e}" if math.isfinite(share) else "–"
