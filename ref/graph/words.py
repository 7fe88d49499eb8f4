"""What a picture says beside a graph's own names, in English and Chinese: one table of pairs."""

from typing import Literal, get_args

from ref.common.errors import BadInputError

Language = Literal["en", "zh"]
WORDS = {
    # the legend
    "input": ("placeholder: fed by feed_dict", "占位符：由 feed_dict 馈送"),
    "fed": ("tensor fed in place of what it computes", "直接馈送的张量：不再计算"),
    "variable": ("variables", "变量"),
    "layer": ("layer", "层"),
    "value": ("computed value", "中间结果"),
    "noise": ("random noise, drawn at every run", "随机噪声，每次运行重新抽取"),
    "dropout": ("dropout", "dropout（随机丢弃）"),
    "penalty": ("regularization loss", "正则化损失"),
    "loss": ("loss", "损失"),
    "training": ("training op", "训练操作"),
    "op": ("op", "操作"),
    "moved": ("moved by the training op", "被训练操作更新"),
    "moved_by": ("moved by the training op of that number", "被该编号的训练操作更新"),
    "frozen": ("frozen: trainable, and not moved", "冻结：可训练，但不被更新"),
    "restored": ("restored from a checkpoint", "从检查点恢复"),
    "data": ("a tensor and its shape", "张量及其形状"),
    "variable_arrow": ("a variable's value", "变量的值"),
    "transposed": ("the variable, transposed", "变量的转置"),
    "minimized": ("what it minimizes", "最小化的对象"),
    "waits": ("waits for it (control input)", "控制依赖"),
    "scope": ("scope", "作用域"),
    "not_run": ("not run", "不运行"),
    # in boxes and beside arrows
    "batch": ("batch", "batch"),
    "is_moved": ("moved", "更新"),
    "is_frozen": ("frozen", "冻结"),
    "is_restored": ("restored", "恢复"),
    "is_fed": ("fed; not run: {formula}", "直接馈送；不运行：{formula}"),
    "is_transposed": ("transposed", "转置"),
    "learning_rate": ("{optimizer}, learning rate {rate}", "{optimizer}，学习率 {rate}"),
    # titles and notes
    "phase": ("{name} · phase {phase}", "{name} · 第 {phase} 阶段"),
    "graph": ("{title} · graph {number} of {count}", "{title} · 第 {number} 个图（共 {count} 个）"),
    "every_op": ("{title} · every op", "{title} · 全部操作"),
    "moves": ("{op} minimizes {loss} and moves {moved}.", "{op} 最小化 {loss}，更新 {moved}。"),
    "moves_all": ("{op} minimizes {loss} and moves all variables.", "{op} 最小化 {loss}，更新全部变量。"),
    "moves_unknown": ("{op} moves {moved}.", "{op} 更新 {moved}。"),
    "freezes": ("Frozen, being not in var_list: {frozen}.", "冻结（不在 var_list 中）：{frozen}。"),
    "is_cut": ("{fed} is fed; what only {fed} needs is not run.", "直接馈送 {fed}，只为计算 {fed} 所需的部分不运行。"),
    "is_cut_later": (
        "{op} is fed {fed} itself, from a cache: --phase {phase} draws that.",
        "{op} 直接馈送 {fed}（取自缓存）：见 --phase {phase}。",
    ),
    "restores": ("Restored from a checkpoint: {variables}.", "从检查点恢复：{variables}。"),
    "evaluates": ("Nothing is trained; evaluated: {evaluated}.", "不训练，只求值：{evaluated}。"),
    "no_training": ("No training op.", "没有训练操作。"),
    "is_fed_by": ("Fed: {inputs}.", "馈送：{inputs}。"),
    "layers": ("From inputs to outputs: {layers}.", "从输入到输出：{layers}。"),
    "losses": ("Losses: {losses}.", "损失：{losses}。"),
    "ties": ("Tied: {ties}.", "权重绑定：{ties}。"),
    "tie": ("{block} takes {variable}, transposed", "{block} 使用 {variable} 的转置"),
    "left_out": (
        "{count} of {all} ops are left out, the last ones; --phase N draws what one training op needs.",
        "共 {all} 个操作，略去最后 {count} 个；--phase N 只画一个训练操作所需的部分。",
    ),
    "counts": ("{ops} ops, {arrows} arrows.", "{ops} 个操作，{arrows} 个箭头。"),
    "and": (", ", "、"),
}


def say(language: Language, key: str, **values) -> str:
    """Return a text of the table in ``language``, with ``values`` put in.

    Raises:
      BadInputError: there is no such language.
    """
    if language not in get_args(Language):
        raise BadInputError(
            f"language {language!r}: unknown, expected {' or '.join(get_args(Language))}; name one of them"
        )
    return WORDS[key][get_args(Language).index(language)].format(**values)


def list_names(language: Language, names) -> str:
    return say(language, "and").join(names)
