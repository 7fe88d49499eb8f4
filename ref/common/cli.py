"""The command line: a port is run with its flags; one line for an error, exit codes."""

import contextlib
import importlib
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

from ref.chapter import BY_NAME, Script
from ref.common import checks, cuda, environment, streams
from ref.common.errors import BadInputError
from ref.common.flags import find_hyper_parameters, make_parser
from ref.common.reasons import explain
from ref.common.signals import hold_signals
from ref.common.terminal import is_watched
from ref.common.times import note_imports

ENDINGS = {signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}  # what is said of a signal that ends a run


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
    from ref.common.layers import NotCoveredError
    from ref.common.session import describe_device, new_graph, tf32
    from ref.data.data_sets import count_examples

    defaults, choices = find_hyper_parameters(functions)
    parser = make_parser(name, defaults, choices)
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
    environment.check_compiler_flags(hyper_parameters.get("engine") == "xla")
    checks.check_files(script, Path(args["out"]), BY_NAME.get(f"autoencoder_{script.needs}"))
    if args.get("needed_first"):
        make_needed(script, args, hyper_parameters)
    kind, watching = choose_kind(args)
    run = kind(
        name,
        args["data"],
        args["seed"],
        args["out"],
        args["device"],
        hyper_parameters,
        recorded=recorded,
        checks_numerics=args["check_numerics"],
        **watching,
    )
    run.result["seeds"] = args["seeds"]
    run.draws_losses |= args["plot"]
    try:
        n_train, n_test = count_examples(run.load()) if script.reads_data else (0, 0)
        if describe_device(run.device) == "cpu":  # a GPU has a memory of its own
            checks.check_memory(script, hyper_parameters, n_train, n_test)
        checks.check_room(run.directory, checks.count_bytes(script, hyper_parameters, n_train))
        with new_graph(run.seed, args["seeds"]), environment.default_style(), tf32(False, run.device):
            functions[0](run, **hyper_parameters)
        run.finish()
    except (KeyboardInterrupt, SystemExit):
        run.say_how_to_go_on()
        raise
    except BrokenPipeError:
        raise
    except NotCoveredError as error:  # of a port that somebody has changed
        raise BadInputError(f"{name}: {error}") from error
    except (MemoryError, OSError, tf.errors.ResourceExhaustedError) as error:
        raise BadInputError(describe_shortage(error, name, run.directory)) from error
    finally:
        run.close()
    return run


def choose_kind(args: dict) -> tuple[type, dict]:
    """Return the kind of Run that ``args`` ask for, and its own arguments; no other kind's file is imported."""
    if args["logdir"] is not None:
        from ref.common.logged_run import LoggedRun

        return LoggedRun, {"logdir": Path(args["logdir"]), "log_every": args["log_every"]}
    if is_watched():
        from ref.common.watched_run import WatchedRun

        return WatchedRun, {}
    from ref.common.runs import Run

    return Run, {}


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
    from ref.common.checkpoints import is_anothers, list_numbered
    from ref.data import data_sets, sources

    needed = BY_NAME[f"autoencoder_{script.needs}"]
    module = import_port(needed.module)
    checkpoint = Path(args["out"]) / needed.name / needed.checkpoint
    index = Path(f"{checkpoint}.index")
    if index.exists() and index.stat().st_mtime >= os.stat(module.__file__).st_mtime:
        return
    make = checks.name_target(needed.name, Path(args["out"]))
    is_numbered = not index.exists() and list_numbered(checkpoint)
    if is_anothers(checkpoint, f"make it with '{make}'") or is_numbered:
        print(
            f"{needed.name}: its checkpoint was laid there by somebody, and is taken as it is; '{make}' trains one, "
            "and keeps this one",
            file=sys.stderr,
        )
        return
    if script.reads_data:  # what would be refused after the other's training is refused before
        args["data"] = args["data"] or sources.choose_data()
        arrays = sources.load(args["data"], script.uses_labels)
        checks.check_batches(script, hyper_parameters, *data_sets.count_examples(arrays), arrays.name)
    print(f"{needed.name} first: its checkpoint is missing or older than the script", file=sys.stderr)
    shared = ("data", "seed", "seeds", "epochs", "out", "device", "logdir", "log_every", "n_hidden1", "n_hidden2")
    flags = [f"--{key.replace('_', '-')}={args[key]}" for key in shared if args[key] is not None]
    with contextlib.redirect_stdout(sys.stderr):
        module.main(flags)


def import_port(module: str, takes_gpu: bool = True) -> ModuleType:
    """Import a port by its module's name, and TensorFlow with it, without the chatter of TensorFlow's start.

    CUDA's libraries are loaded before, where they are installed and ``takes_gpu`` says that a GPU may be computed on.

    Raises:
      BadInputError: a package is missing, or cannot be loaded.
    """
    if "tensorflow" in sys.modules:  # nothing left to quieten, in a process that may not be ours
        return importlib.import_module(module)
    with hold_signals(), environment.of_start(), streams.hold_back_stderr():
        try:
            start_s = time.perf_counter()
            if takes_gpu:
                cuda.preload()
            port = importlib.import_module(module)
            note_imports(time.perf_counter() - start_s)
            return port
        except (ImportError, OSError) as error:
            remedy = "run 'make setup' and take .venv/bin/python ('make doctor' says what is there)"
            if "failed to map segment" in str(error):
                remedy = "give it more memory (ulimit -v)"
            raise BadInputError(
                f"{module}: cannot be imported ({error}), expected the pinned packages, loaded; {remedy}"
            ) from error


@contextlib.contextmanager
def exit_codes() -> Iterator[None]:
    """Turn BadInputError into one line and exit code 2, Ctrl-C into 130, SIGTERM into 143, a closed pipe into 141.

    A terminal that goes is 129 (SIGHUP), unless that is ignored, as under nohup. Standard output that is closed or full
    is bad input, too.
    """

    def terminate(number, _):
        print(ENDINGS[number], file=sys.stderr)
        sys.exit(128 + number)

    ours = ENDINGS if threading.current_thread() is threading.main_thread() else ()
    ours = [number for number in ours if signal.getsignal(number) not in (None, signal.SIG_IGN)]
    before = {number: signal.signal(number, terminate) for number in ours}
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
            for number, handler in before.items():
                signal.signal(number, handler)
