"""The command line: flags from a port's own signatures, one line for an error, exit codes."""

import argparse
import contextlib
import importlib
import inspect
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import NoReturn, get_args

from ref.chapter import BY_NAME, Script
from ref.common import checks, environment, streams
from ref.common.errors import BadInputError
from ref.common.reasons import explain
from ref.common.signals import hold_signals
from ref.common.suggest import did_you_mean

MAX_SEED = 2**31 - 2  # TensorFlow takes seeds modulo 2**31 - 1
MAX_FLOAT = 3.4e38  # float32's
MAX_COUNT = 1_000_000  # of units, examples or epochs: far beyond what is of use, far below what TensorFlow cannot count
NOT_FLAGS = {"n_inputs", "n_outputs"}  # the data's form, not a choice
BELOW_ONE = {"sparsity_target", "dropout_rate"}
ADDING_PENALTIES = {f"autoencoder_{n}" for n in (3, 4, 5, 7, 8)}  # of contrib, which are None, not 0, for --l2-reg 0
SWITCHES = {  # what is no hyper-parameter of the listing's, and so has no name in the book
    "engine": "how phase 2 reaches TensorFlow, see ref/engines.py",
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


def run_script(name: str, *functions: Callable, argv: list[str] | None = None):
    """Run a port: parse ``argv``, call ``functions[0](run, **hyper_parameters)`` in a fresh graph, write the results.

    Without ``argv`` everything is as its default says: ``sys.argv`` may be a notebook's, and is not read.
    The keyword parameters of all ``functions`` (the session loop and, mostly, ``build``) are the hyper-parameters: each
    is a flag, of the type of its default. Returns the finished Run.

    Raises:
      BadInputError: a flag, the data, a checkpoint it needs, the device or the output directory is not what it must be.
    """
    import tensorflow.compat.v1 as tf

    from ref.common import resume, settings
    from ref.common.runs import Run
    from ref.common.session import describe_device, new_graph
    from ref.data.data_sets import count_examples

    defaults, choices = _find_hyper_parameters(functions)
    parser = _make_parser(name, defaults, choices)
    argv = argv or []
    args = vars(parser.parse_args(argv))
    recorded, directory = None, Path(args["out"]) / name
    if args["resume"]:
        if result := settings.find_finished(directory):
            settings.take_over(parser, argv, name, settings.describe_finished(result))
            print(f"{name}: ended well already, nothing to go on with", file=sys.stderr)
            return SimpleNamespace(name=name, directory=directory, result=result)
        if unfinished := resume.find_unfinished(directory):
            args = settings.take_over(parser, argv, name, settings.describe_unfinished(unfinished))
            recorded = resume.Recorded(unfinished)
        else:
            print(f"{name}: no epoch saved that it could go on after; it starts", file=sys.stderr)
    hyper_parameters = {key: args[key] for key in defaults}
    if args["epochs"] is not None:
        for key in {"n_epochs", "n_iterations"} & defaults.keys():
            is_per_phase = isinstance(defaults[key], tuple)
            hyper_parameters[key] = (args["epochs"],) * len(defaults[key]) if is_per_phase else args["epochs"]
    script = BY_NAME[name]
    checks.check_files(script, Path(args["out"]), BY_NAME.get(f"autoencoder_{script.needs}"))
    if args.get("needed_first"):
        make_needed(script, args, hyper_parameters)
    run = Run(
        name,
        args["data"],
        args["seed"],
        args["out"],
        args["device"],
        hyper_parameters,
        recorded,
        args["check_numerics"],
    )
    run.result["seeds"] = args["seeds"]
    try:
        n_train, n_test = count_examples(run.load()) if script.reads_data else (0, 0)
        if describe_device(run.device) == "cpu":  # a GPU has a memory of its own
            checks.check_memory(script, hyper_parameters, n_train, n_test)
        checks.check_room(run.directory, checks.count_bytes(script, hyper_parameters, n_train))
        with new_graph(run.seed, args["seeds"]), environment.default_style():
            functions[0](run, **hyper_parameters)
        run.finish()
    except (KeyboardInterrupt, SystemExit):
        run.say_how_to_go_on()
        raise
    except BrokenPipeError:
        raise
    except (MemoryError, OSError, tf.errors.ResourceExhaustedError) as error:
        raise BadInputError(describe_shortage(error, name, run.directory)) from error
    finally:
        run.close()
    return run


def describe_shortage(error: Exception, name: str, directory: Path) -> str:
    """Return the line that says what a training ran out of, or could not write."""
    reason = explain(error)
    if isinstance(error, MemoryError) or "emory" in reason:
        shape = re.search(r"with shape ?([\[(][^\])]*[\])])", str(error))
        of_what = f" for a tensor of shape {shape[1]}" if shape else ""
        return f"{name}: out of memory{of_what}, expected sizes that fit in it; use smaller ones"
    remedy = "make room" if re.search("space|quota|too large", reason) else "mend that"
    return (
        f"{directory}: cannot be written ({reason}), expected room for a checkpoint and figures; {remedy}, or choose "
        "another (--out)"
    )


def make_needed(script: Script, args: dict, hyper_parameters: dict) -> None:
    """Run the script that ``script`` needs first, where its checkpoint is missing or older than its file.

    It is given the flags that both have. What it prints goes to standard error, its numbers being another script's.
    """
    from ref.data import data_sets, sources

    needed = BY_NAME[f"autoencoder_{script.needs}"]
    module = import_port(needed.module)
    index = Path(args["out"]) / needed.name / f"{needed.checkpoint}.index"
    if index.exists() and index.stat().st_mtime >= os.stat(module.__file__).st_mtime:
        return
    if script.reads_data:  # what would be refused after the other's training is refused before
        args["data"] = args["data"] or sources.choose_data()
        arrays = sources.load(args["data"], script.uses_labels)
        checks.check_batches(script, hyper_parameters, *data_sets.count_examples(arrays), arrays.name)
    print(f"{needed.name} first: its checkpoint is missing or older than the script", file=sys.stderr)
    shared = ("data", "seed", "seeds", "epochs", "out", "device", "n_hidden1", "n_hidden2")
    flags = [f"--{key.replace('_', '-')}={args[key]}" for key in shared if args[key] is not None]
    with contextlib.redirect_stdout(sys.stderr):
        module.main(flags)


def find_defaults(module: ModuleType) -> dict:
    """Return the default of each of the port's hyper-parameters."""
    loop = getattr(module, "train", None) or module.show
    return _find_hyper_parameters((module.build, loop))[0]  # where both have one of a name, the loop's


def add_common_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that every script takes."""
    parser.add_argument("--data", type=_path, metavar="mnist|digits|DIR", help="default: mnist if there, else digits")
    parser.add_argument("--seed", type=_seed, default=42, help="default: %(default)s")
    parser.add_argument(
        "--seeds",
        choices=("tf1", "tf2"),
        default="tf1",
        help="whose numbers random ops have: TensorFlow 1's, or TensorFlow 2's, as before; default: %(default)s",
    )
    parser.add_argument("--epochs", type=_count, metavar="N", help="of every phase; default: the listing's own")
    parser.add_argument(
        "--out", type=_path, default="runs", metavar="DIR", help="results go to DIR/autoencoder_N; default: %(default)s"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="default: %(default)s")
    parser.add_argument(
        "--check-numerics",
        action="store_true",
        help="name the first op whose values are not finite; slow, and equal within rounding only",
    )
    parser.add_argument("--resume", action="store_true", help="go on with a run that was interrupted, to the same bits")


def import_port(module: str) -> ModuleType:
    """Import a port by its module's name, and TensorFlow with it, without the chatter of TensorFlow's start.

    Raises:
      BadInputError: a package is missing, or cannot be loaded.
    """
    if "tensorflow" in sys.modules:  # nothing left to quieten, in a process that may not be ours
        return importlib.import_module(module)
    with hold_signals(), environment.of_start(), streams.hold_back_stderr():
        try:
            return importlib.import_module(module)
        except (ImportError, OSError) as error:
            remedy = "run 'make setup' and take .venv/bin/python"
            if "failed to map segment" in str(error):
                remedy = "give it more memory (ulimit -v)"
            raise BadInputError(
                f"{module}: cannot be imported ({error}), expected the pinned packages, loaded; {remedy}"
            ) from error


@contextlib.contextmanager
def exit_codes() -> Iterator[None]:
    """Turn BadInputError into one line and exit code 2, Ctrl-C into 130, SIGTERM into 143, a closed pipe into 141.

    Standard output that is closed or full is bad input, too.
    """
    is_ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is not None

    def terminate(*_):
        print("terminated", file=sys.stderr)
        sys.exit(143)

    before = signal.signal(signal.SIGTERM, terminate) if is_ours else None
    with streams.guard() as has_output:
        try:
            if not has_output:
                raise BadInputError("standard output: closed, expected it open; send it elsewhere (> FILE)")
            try:
                yield
            except SystemExit:  # after --help
                sys.stdout.flush()
                raise
            sys.stdout.flush()
        except BadInputError as error:
            print("error: " + str(error).replace("\n", "\\n"), file=sys.stderr)
            sys.exit(2)
        except MemoryError as error:
            print(
                f"error: out of memory ({error}), expected data and sizes that fit in it; use smaller ones",
                file=sys.stderr,
            )
            sys.exit(2)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            sys.exit(130)
        except BrokenPipeError:  # whoever read standard output, head say, has had enough
            sys.exit(141)
        finally:
            if is_ours:
                signal.signal(signal.SIGTERM, before)


def _find_hyper_parameters(functions: tuple[Callable, ...]) -> tuple[dict, dict]:
    """Return the default of each keyword parameter, and what it can be where it is annotated as a Literal."""
    defaults, choices = {}, {}
    for function in functions:
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is not parameter.empty and parameter.name not in NOT_FLAGS:
                defaults[parameter.name] = parameter.default
                choices[parameter.name] = get_args(parameter.annotation)
    return defaults, choices


def _make_parser(name: str, defaults: dict, choices: dict) -> Parser:
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
            says = f"{SWITCHES[key]}; default: %(default)s"
            parser.add_argument(flag, choices=choices[key], default=default, help=says)
        elif isinstance(default, tuple):
            parser.add_argument(
                flag,
                type=_count,
                nargs=len(default),
                default=default,
                metavar="N",
                help=f"one per phase; default: {' '.join(map(str, default))}",
            )
        else:
            kind = _count if isinstance(default, int) else _share if key in BELOW_ONE else _not_negative
            if key == "l2_reg" and name in ADDING_PENALTIES:
                kind = _penalty
            parser.add_argument(flag, type=kind, default=default, metavar="N", help="default: %(default)s")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{text!r} found, expected a whole number from 1 to {MAX_COUNT}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} found, expected a whole number from 0 to {MAX_SEED}")
    return int(text)


def _path(text: str) -> str:
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
