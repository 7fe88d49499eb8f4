"""Flags: those of every script, and one for each hyper-parameter of a port's, by its own signatures."""

import argparse
import contextlib
import inspect
import os
import re
from collections.abc import Callable
from types import ModuleType
from typing import NoReturn, get_args

from ref.chapter import BY_NAME
from ref.common.errors import BadInputError
from ref.common.suggest import did_you_mean

MAX_SEED = 2**31 - 2  # TensorFlow takes seeds modulo 2**31 - 1
MAX_FLOAT = 3.4e38  # float32's
MAX_COUNT = 1_000_000  # of units, examples or epochs: far beyond what is of use, far below what TensorFlow cannot count
NOT_FLAGS = {"n_inputs", "n_outputs"}  # the data's form, not a choice
BELOW_ONE = {"sparsity_target", "dropout_rate"}
ADDING_PENALTIES = {f"autoencoder_{n}" for n in (3, 4, 5, 7, 8)}  # of contrib, which are None, not 0, for --l2-reg 0
SWITCHES = {  # what is no hyper-parameter of the listing's, and so has no name in the book
    "engine": "how phase 2 reaches TensorFlow, see ref/engines",
    "engine_form": "a form of the engine's, see ref/engines/forms.py; auto: the fastest here, measured at first use",
    "recompute": "phase 2 without the cache",
    "memmap": "the cache is a file, which may be larger than memory",
    "freeze": "the pretrained layers stay as they are",
    "safe_kl": "the KL divergence in a form that is finite where units saturate",
    "safe_latent": "the latent loss in a form that is finite where it would overflow",
    "fix_output": "ELU on the second autoencoder's output, as it is stacked",
}


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are BadInputError: one line, without the usage.

    ``--n_hidden1``, as the book spells it, is ``--n-hidden1``.
    """

    def __init__(self, *args, **keywords):
        super().__init__(*args, allow_abbrev=False, **keywords)

    def parse_known_args(self, args=None, namespace=None):
        words = [re.sub(r"^--[\w-]+", lambda flag: flag[0].replace("_", "-"), word) for word in args or ()]
        return super().parse_known_args(words, namespace)

    def parse_args(self, args=None, namespace=None):
        """Parse ``args``, none of them where that is None: ``sys.argv`` may be a notebook's own."""
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            flag = unknown[0].partition("=")[0]
            kind = "unknown flag" if flag.startswith("-") else "a value too many"
            self.error(f"{flag}: {kind}", did_you_mean(flag, self._option_string_actions))
        return parsed

    def print_help(self, file=None):
        print(self.format_help(), end="", file=file)  # argparse's own is silent where that cannot be written

    def error(self, message: str, hint: str = "") -> NoReturn:
        raise BadInputError(f"{self.prog}: {message}; {hint}see {self.prog} --help")


def add_common_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that every script takes."""
    parser.add_argument(
        "--data", type=parse_path, metavar="mnist|digits|DIR", help="default: mnist if there, else digits"
    )
    parser.add_argument("--seed", type=parse_seed, default=42, help="default: %(default)s")
    parser.add_argument(
        "--seeds",
        choices=("tf1", "tf2"),
        default="tf1",
        help="whose numbers random ops have: TensorFlow 1's, or TensorFlow 2's, as before; default: %(default)s",
    )
    parser.add_argument("--epochs", type=parse_count, metavar="N", help="of every phase; default: the listing's own")
    parser.add_argument(
        "--out",
        type=parse_path,
        default="runs",
        metavar="DIR",
        help="results go to DIR/autoencoder_N; default: %(default)s",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="default: %(default)s")
    parser.add_argument(
        "--check-numerics",
        action="store_true",
        help="name the first op whose values are not finite; slow, and equal within rounding only",
    )
    parser.add_argument("--resume", action="store_true", help="go on with a run that was interrupted, to the same bits")


def find_device(flags: list[str]) -> str | None:
    """Return what ``flags`` have after ``--device``, None without one; they are not judged."""
    parser = Parser(add_help=False)
    parser.add_argument("--device", nargs="?")
    return parser.parse_known_args(flags)[0].device


def find_defaults(module: ModuleType) -> dict:
    """Return the default of each of the port's hyper-parameters."""
    loop = getattr(module, "train", None) or module.show
    return find_hyper_parameters((module.build, loop))[0]  # where both have one of a name, the loop's


def find_hyper_parameters(functions: tuple[Callable, ...]) -> tuple[dict, dict]:
    """Return the default of each keyword parameter, and what it can be where it is annotated as a Literal."""
    defaults, choices = {}, {}
    for function in functions:
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is not parameter.empty and parameter.name not in NOT_FLAGS:
                defaults[parameter.name] = parameter.default
                choices[parameter.name] = get_args(parameter.annotation)
    return defaults, choices


def make_parser(name: str, defaults: dict, choices: dict) -> Parser:
    """Return the parser of a script: the flags of all, and one for each of its hyper-parameters."""
    parser = Parser(prog=f"python -m ref run {name}")
    add_common_flags(parser)
    if needs := BY_NAME[name].needs:
        says = f"run autoencoder_{needs} first, with the flags that both have, if its checkpoint is missing or outdated"
        parser.add_argument("--needed-first", action="store_true", help=says)
    for key, default in defaults.items():
        flag = f"--{key.replace('_', '-')}"
        if isinstance(default, bool):
            parser.add_argument(flag, action="store_true", help=f"{SWITCHES[key]}; default: no")
        elif isinstance(default, str):
            says = f"{', '.join(choices[key])}: {SWITCHES[key]}; default: %(default)s"
            parser.add_argument(flag, choices=choices[key], default=default, metavar="NAME", help=says)
        elif isinstance(default, tuple):
            parser.add_argument(
                flag,
                type=parse_count,
                nargs=len(default),
                default=default,
                metavar="N",
                help=f"one per phase; default: {' '.join(map(str, default))}",
            )
        else:
            kind = parse_count if isinstance(default, int) else _share if key in BELOW_ONE else _not_negative
            if key == "l2_reg" and name in ADDING_PENALTIES:
                kind = _penalty
            parser.add_argument(flag, type=kind, default=default, metavar="N", help="default: %(default)s")
    return parser


def parse_count(text: str, most: int = MAX_COUNT) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} found, expected a whole number from 1 to {most}")
    return int(text)


def parse_seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} found, expected a whole number from 0 to {MAX_SEED}")
    return int(text)


def parse_path(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("'' found, expected a name")
    return os.path.expanduser(text)  # --out=~/runs, which a shell leaves as it is


def _not_negative(text: str) -> float:
    with contextlib.suppress(ValueError):
        if text.isascii() and 0 <= (value := float(text)) <= MAX_FLOAT:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} found, expected a number from 0 to {MAX_FLOAT}")


def _penalty(text: str) -> float:
    if value := _not_negative(text):
        return value
    raise argparse.ArgumentTypeError(
        f"{text!r} found, expected a number above 0: at 0 the listing ends with an error, too; 1e-30 is next to none"
    )


def _share(text: str) -> float:
    with contextlib.suppress(ValueError):
        if text.isascii() and 0 < (value := float(text)) < 1:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} found, expected a number between 0 and 1")
