"""A script's flags, read from its parser, with their sentences in both languages."""

import argparse
import ast
import inspect
from typing import NamedTuple

from ref.chapter import Script
from ref.common.cli import import_port
from ref.common.flags import SWITCHES, find_hyper_parameters, make_parser
from ref.pages.words import Text

CHINESE = {
    "data": "用哪个数据集；不给则有 mnist 用 mnist，否则用 digits",
    "seed": "随机种子",
    "seeds": "随机操作按谁的规则编号：TensorFlow 1 的，或 TensorFlow 2 的",
    "epochs": "每个阶段的轮数；不给则用原脚本的轮数",
    "out": "结果写到 DIR/autoencoder_N",
    "device": "在 CPU 还是 GPU 上算",
    "check_numerics": "指出第一个出现非有限值的操作；较慢，结果只在舍入误差之内相同",
    "resume": "接着被中断的运行继续，逐比特相同",
    "plot": "把打印的损失画成 losses.png",
    "logdir": "把事件文件写到 DIR/autoencoder_N/run_1、run_2……，用 `make tensorboard` 查看",
    "log_every": "事件文件里每隔多少步记一次损失",
    "needed_first": "所需的检查点缺失或过期时，先运行写出它的脚本",
    "engine": "第二阶段用哪种引擎，见 ref/engines",
    "engine_form": "引擎的形式，见 ref/engines/forms.py；auto 是第一次使用时在本机测出的最快形式",
    "recompute": "第二阶段不用缓存",
    "memmap": "缓存放在文件里，可以比内存大",
    "freeze": "预训练的层保持不动",
    "safe_kl": "KL 散度换一种写法，单元饱和时仍是有限值",
    "safe_latent": "潜在损失换一种写法，会溢出的地方仍是有限值",
    "fix_output": "第二个自动编码器的输出也用 ELU，与拼接后一致",
}
HYPER_PARAMETER = Text("a hyper-parameter, under the book's name", "超参数，用书中的名字")
SHORT = {
    "seed": "the seed of all that is drawn",
    "epochs": "epochs of every phase; without it, the listing's own",
    "device": "compute on the CPU or on a GPU",
    "logdir": "write event files to DIR/autoencoder_N/run_1, run_2, …, which `make tensorboard` shows",
    "log_every": "steps between two losses in the event files",
}


class Flag(NamedTuple):
    """A flag: itself, what may stand after it, its default, what it is for; the last is "" for a hyper-parameter."""

    flag: str
    values: str
    default: str
    says: Text | str


def list_flags(script: Script) -> list[Flag]:
    """Return the flags that the script's own parser takes, ``--help`` left out."""
    port = import_port(script.module, takes_gpu=False)
    functions = tuple(getattr(port, name) for name in find_functions(inspect.getsource(port)))
    parser = make_parser(script.name, *find_hyper_parameters(functions))
    return [describe(action) for action in parser._actions if not isinstance(action, argparse._HelpAction)]


def find_functions(source: str) -> list[str]:
    """Return the names of the functions that a port's ``main`` gives to ``run_script``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "run_script":
            return [argument.id for argument in node.args[1:]]
    return []


def describe(action: argparse.Action) -> Flag:
    values = " | ".join(action.choices) if action.choices else action.metavar or ""
    values = " ".join([values] * (action.nargs or 1)) if values else ""
    default = action.default if action.default not in (None, False) else ""
    default = " ".join(map(str, default)) if isinstance(default, (tuple, list)) else str(default)
    says: Text | str = ""
    if action.dest in CHINESE:
        english = SWITCHES.get(action.dest) or SHORT.get(action.dest) or (action.help or "").split("; default:")[0]
        says = Text(english, CHINESE[action.dest])
    return Flag(action.option_strings[0], values, default, says)
