"""What holds a port to what it did: its goldens and their tolerances, in sentences."""

import json

from ref.chapter import Script
from ref.fidelity.golden import spread
from ref.pages.words import Text
from scripts.golden import read_golden, read_spread
from scripts.site.recorded import RECORDED


def describe_goldens(script: Script) -> list[Text]:
    """Return a sentence for each kind of what is held: what is exact, losses, what follows, TensorFlow 1.15.5."""
    values = spread.list_values(read_golden(script.number)["mnist"])
    measured = read_spread(script.number)
    tolerances = {name: (tier, spread.get_tolerance(name, tier, measured)) for name, (_, tier, _) in values.items()}
    n_exact = sum(tier == "exact" for tier, _ in tolerances.values())
    path = f"tests/golden/autoencoder_{script.number:02d}.json"
    sentences = [
        Text(
            f"`{path}` holds {len(values):,} values of a short run on each of two small data sets, MNIST's first "
            f"images and the embedded digits; {n_exact:,} of them have to be equal exactly: names, shapes, batches, "
            "what each training op moves.",
            f"`{path}` 里有 {len(values):,} 个值，来自两个小数据集（MNIST 的前若干张图和内置数字）上的一次短运行；"
            f"其中 {n_exact:,} 个必须完全相等：名字、形状、批次、每个训练操作更新了哪些变量。",
        )
    ]
    steps = {name: one for name, (tier, one) in tolerances.items() if name.startswith("step ")}
    if steps:
        first, last = next(iter(steps.values())), max(steps.values())
        sentences.append(
            Text(
                f"A loss may be {_say_part(first)} off at the first step, and up to {_say_part(last)} within 20 steps: "
                f"{spread.MARGIN:.0f} times what 13 numeric environments differ by, and never less than a floor.",
                f"第一步的损失允许相差 {_say_part(first)}，20 步之内至多 {_say_part(last)}：取 13 种数值环境实测差别的 "
                f"{spread.MARGIN:.0f} 倍，并设有下限。",
            )
        )
    late = {name: one for name, (tier, one) in tolerances.items() if tier == "epoch"}
    if late:
        widest = max(late, key=late.get)
        sentences.append(
            Text(
                "What follows the steps (printed lines, evaluations, final variables, figures) is held in the same way "
                f"with a tolerance of at most {_say_part(late[widest])}, that of `{widest}`.",
                f"这些步之后的打印行、求值、最终变量和图也照此检验；最宽的容差是 {_say_part(late[widest])}，属于 "
                f"`{widest}`。",
            )
        )
    return [*sentences, *describe_proof(script)]


def _say_part(tolerance: float) -> str:
    return f"{100 * tolerance:.2g} %"


def describe_proof(script: Script) -> list[Text]:
    """Return what was found equal to the bit beside TensorFlow 1.15.5."""
    proof = json.loads((RECORDED / "proof.json").read_text(encoding="utf-8"))["proof"][str(script.number)]
    equal = proof.get("mnist", proof["digits"])["equal"]
    (seeds, of_seeds), (initial, of_initial), (draws, of_draws) = (
        equal[key] for key in ("random_ops", "initial", "draws")
    )
    english = [f"{seeds} of {of_seeds} seeds of random ops"] * bool(of_seeds)
    english += [f"{initial} of {of_initial} initial values"] * bool(of_initial)
    english += [f"{draws} of {of_draws} draws of noise"] * bool(of_draws)
    chinese = [f"随机操作的种子 {of_seeds} 个中的 {seeds} 个"] * bool(of_seeds)
    chinese += [f"初始值 {of_initial} 个中的 {initial} 个"] * bool(of_initial)
    chinese += [f"噪声抽取 {of_draws} 次中的 {draws} 次"] * bool(of_draws)
    if not english:
        return []
    return [
        Text(
            f"Beside TensorFlow 1.15.5, over the seeds 42, 7 and 2019, {', '.join(english)} are equal to the bit.",
            f"与 TensorFlow 1.15.5 相比，种子 42、7、2019 合计，{'、'.join(chinese)}逐比特相同。",
        )
    ]
