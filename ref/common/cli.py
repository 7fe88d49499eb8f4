"""The command line: flags from a port's own signatures, one line for an error, exit codes."""

import argparse
import contextlib
import importlib
import inspect
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import NoReturn, get_args

from ref.common.errors import BadInputError
from ref.common.reasons import explain
from ref.common.signals import hold_signals
from ref.data.sources import DATA_DIR

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
    """An ArgumentParser whose errors are BadInputError: one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError(f"{self.prog}: {message}; see {self.prog} --help")


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
    from ref.common.session import new_graph

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
        with new_graph(run.seed, args["seeds"]):
            functions[0](run, **hyper_parameters)
        run.finish()
    except (KeyboardInterrupt, SystemExit):
        run.say_how_to_go_on()
        raise
    except BrokenPipeError:
        raise
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        raise BadInputError(f"{name}: out of memory, expected sizes that fit in it; use smaller ones") from error
    except OSError as error:  # a full disk, a directory in the place of a file
        reason = explain(error)
        raise BadInputError(
            f"{run.directory}: cannot be written ({reason}), expected room for a checkpoint and figures; make room, or "
            "choose another (--out)"
        ) from error
    finally:
        run.close()
    return run


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
    """Import a port by its module's name, and TensorFlow with it, without the chatter of TensorFlow's start."""
    if "tensorflow" in sys.modules:  # of a process that is not ours alone, or started already: nothing left to quieten
        return importlib.import_module(module)
    with hold_signals(), _environment_of_start(), _no_stderr():
        return importlib.import_module(module)


@contextlib.contextmanager
def exit_codes() -> Iterator[None]:
    """Turn BadInputError into one line and exit code 2, Ctrl-C into 130, SIGTERM into 143, a closed pipe into 141."""
    is_ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is not None

    def terminate(*_):
        print("terminated", file=sys.stderr)
        sys.exit(143)

    before = signal.signal(signal.SIGTERM, terminate) if is_ours else None
    try:
        yield
        sys.stdout.flush()
    except BadInputError as error:
        print("error: " + str(error).replace("\n", "\\n"), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # whoever read standard output, head say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
    parser = Parser(prog=f"python -m ref run {name}", allow_abbrev=False)
    add_common_flags(parser)
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
    return text


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


@contextlib.contextmanager
def _environment_of_start() -> Iterator[None]:
    """Set what the libraries read once, when they are imported, where the user has not set it."""
    defaults = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Matplotlib and Keras would write to the home directory.
        "MPLCONFIGDIR": str(DATA_DIR / "cache" / "matplotlib"),
        "KERAS_HOME": str(DATA_DIR / "cache" / "keras"),
    }
    added = defaults.keys() - os.environ.keys()
    os.environ.update({name: defaults[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def _no_stderr() -> Iterator[None]:
    """Swallow what C++ code writes to file descriptor 2, which no log level of TensorFlow's reaches at import.

    Where the block raises, what was swallowed is shown. What other threads write there meanwhile is swallowed, too.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as swallowed:
        os.dup2(swallowed.fileno(), 2)
        try:
            yield
        except Exception:
            swallowed.seek(0)
            os.write(stderr, swallowed.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
