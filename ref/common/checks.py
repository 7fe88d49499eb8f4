"""What can be known before a training, checked before it: names, rights, sizes, memory, room on the disk."""

import os
import shlex
import stat
import sys
import tempfile
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from ref.chapter import Script
from ref.common import machine
from ref.common.errors import BadInputError

N_PIXELS = 28 * 28
FLOAT_BYTES = 4
IN_CHECKPOINT = 3  # a variable and Adam's two slots of it
IN_TRAINING = 4  # and its gradient
WITHOUT_DECODER = (3, 4, 5)  # tied weights, classifiers
KINDS = {stat.S_IFDIR: "directory", stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket"}


def check_path(directory: Path) -> None:
    """Raise BadInputError where TensorFlow would not find a checkpoint in ``directory`` again.

    TensorFlow takes every path for UTF-8, whatever the locale says, and patterns in it for patterns.
    """
    text = str(directory)
    try:
        is_found = os.fsencode(text) == text.encode() and not any(character in "*?[]\\\0" for character in text)
    except UnicodeEncodeError:
        is_found = False
    if not is_found:
        raise BadInputError(
            f"{text!r}: TensorFlow cannot find checkpoints there, expected a path without * ? [ ] and \\, in UTF-8 as "
            f"the locale's names are (they are in {sys.getfilesystemencoding()}); choose another (--out), or set "
            "LC_ALL=C.UTF-8"
        )


def check_files(script: Script, out: Path, needed: Script | None = None) -> None:
    """Check that what ``script`` writes under ``out``, and reads of ``needed``, are files, or are not there yet.

    Raises:
      BadInputError: a directory, FIFO or device lies there, or nothing can be written.
    """
    directory = out / script.name
    check_path(directory)
    _check_writable(directory)
    _check_regular(directory / name for name in _list_files(script))
    _check_regular(directory.glob("hidden1_cache-*.npy"))
    if needed:
        make = f", and make it with '{name_target(needed.name, out)}'"
        _check_regular((out / needed.name / name for name in _list_files(needed)), make)


def name_target(script_name: str, out: Path) -> str:
    """Return the make command that runs a script with its results under ``out``."""
    return f"make {script_name}" + ("" if str(out) == "runs" else f" OUT={shlex.quote(str(out))}")


def _list_files(script: Script) -> list[str]:
    model = script.checkpoint
    saved = ["checkpoint", *(model + suffix for suffix in (".index", ".meta", ".data-00000-of-00001"))]
    drawn = ["figures.npz", *(f"{name}.png" for name in script.figures)]
    return ["result.json", *(saved if model else ()), *(drawn if script.figures else ())]


def _check_regular(paths: Iterable[Path], make: str = "") -> None:
    for path in paths:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadInputError(
                f"{path}: cannot be looked at ({error.strerror}), expected a file; choose another (--out)"
            ) from error
        if not stat.S_ISREG(mode):
            kind = KINDS.get(stat.S_IFMT(mode), "device")
            raise BadInputError(
                f"{path}: is a {kind}, so it cannot be written or read as a file, expected one, or none; move it "
                f"away{make}, or choose another (--out)"
            )


def _check_writable(directory: Path) -> None:
    """Raise BadInputError where no file could be made in ``directory``, which may have to be made itself."""
    existing = _find_existing(directory)
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise BadInputError(
            f"{existing}: cannot be written ({error.strerror}), expected a directory; choose another (--out)"
        ) from error


def _find_existing(directory: Path) -> Path:
    return next(path for path in (directory, *directory.absolute().parents) if os.path.lexists(path))


def find_batch_limits(script: Script, hyper_parameters: Mapping, n_train: int, n_test: int) -> dict[str, int]:
    """Return how large a batch can be, by the split that the script takes one of: ``training``, ``test``."""
    limits = {"training": min(n_train, hyper_parameters.get("n_labeled_instances", n_train))}
    return limits | ({"test": n_test} if script.encodes_a_test_batch else {})


def check_batches(script: Script, hyper_parameters: Mapping, n_train: int, n_test: int, data: str) -> None:
    """Raise BadInputError where a batch is larger than the set, or the labelled part of it, that it is taken from."""
    limits = find_batch_limits(script, hyper_parameters, n_train, n_test)
    for name in ("batch_size", "batch_sizes"):
        batch_size = _max(hyper_parameters.get(name, 0))
        for split, limit in limits.items():
            if batch_size > limit:
                raise BadInputError(
                    f"--{name.replace('_', '-')} {batch_size}: larger than the {limit} {split} examples of {data}, "
                    "expected no more; use a smaller batch"
                )


def check_chapter_batches(defaults: Mapping[Script, Mapping], n_train: int, n_test: int, data: str) -> None:
    """Raise BadInputError, naming every script whose default batch is larger than the set; ``defaults`` are each's."""
    too_large = []
    for script, hyper_parameters in defaults.items():
        batch_size = max(_max(hyper_parameters.get(name, 0)) for name in ("batch_size", "batch_sizes"))
        limit = min(find_batch_limits(script, hyper_parameters, n_train, n_test).values())
        if batch_size > limit:
            too_large.append((script, batch_size, limit))
    if too_large:
        script, batch_size, limit = max(too_large, key=lambda found: found[1])
        names = ", ".join(str(script.number) for script, _, _ in too_large)
        flag = "--batch-sizes" if "batch_sizes" in defaults[script] else "--batch-size"
        raise BadInputError(
            f"{data}: {n_train} training and {n_test} test examples, expected at least a batch of each script (not so: "
            f"{names}; {script.name} takes {batch_size} at once); take a larger set, or the scripts one by one, such "
            f"as python -m ref run {script.name} --data {shlex.quote(data)} {flag} {limit}"
        )


def _max(sizes: int | tuple[int, ...]) -> int:
    return max(sizes) if isinstance(sizes, tuple | list) else sizes


def count_weights(script: Script, hyper_parameters: Mapping) -> int:
    """Return how many weights the network has at least: biases, and a layer's second head, are left out."""
    layers = [a * b for a, b in pairwise([N_PIXELS, *_list_widths(hyper_parameters)])]
    if script.number == 6:  # one autoencoder after the other
        return 2 * max(layers)
    return sum(layers) * (1 if script.number in WITHOUT_DECODER else 2)


def _list_widths(hyper_parameters: Mapping) -> list[int]:
    if "n_neurons" in hyper_parameters:
        return list(hyper_parameters["n_neurons"])
    return [hyper_parameters[name] for name in ("n_hidden1", "n_hidden2", "n_hidden3") if name in hyper_parameters]


def check_memory(script: Script, hyper_parameters: Mapping, n_train: int, n_test: int) -> None:
    """Raise BadInputError where the run surely needs more memory than there is: TensorFlow would abort.

    Counted is what has to be there at one time: images, variables, Adam's slots, gradients, and the first layer's
    outputs for as many images as are fed at once.
    """
    n_fed = max(_max(hyper_parameters.get(name, 1)) for name in ("batch_size", "batch_sizes"))
    if script.number in (4, 5, 7, 8):  # all test images are evaluated at once
        n_fed = max(n_fed, n_test)
    if script.number == 6 or (
        script.number == 8 and not hyper_parameters["memmap"] and not hyper_parameters["recompute"]
    ):
        n_fed = max(n_fed, n_train)  # for the second autoencoder, for the cache
    copies = IN_TRAINING if script.checkpoint or script.number == 6 else IN_CHECKPOINT
    n_floats = (
        copies * count_weights(script, hyper_parameters)
        + n_fed * next(iter(_list_widths(hyper_parameters)), 0)
        + (n_train + n_test) * N_PIXELS
    )
    n_bytes, available = n_floats * FLOAT_BYTES, machine.count_available_memory()
    if n_bytes > available:
        raise BadInputError(
            f"{script.name}: needs {n_bytes / 1e9:,.1f} GB of memory at least, expected no more than the "
            f"{available / 1e9:,.1f} GB that are free; {_list_sizes(hyper_parameters)}"
        )


def count_bytes(script: Script, hyper_parameters: Mapping, n_train: int) -> int:
    """Return how many bytes the run surely writes: its checkpoint, and the cache's file."""
    n_floats = IN_CHECKPOINT * count_weights(script, hyper_parameters) if script.checkpoint else 0
    if hyper_parameters.get("memmap"):
        n_floats += n_train * hyper_parameters["n_hidden1"]
    return n_floats * FLOAT_BYTES


def check_room(directory: Path, n_bytes: int) -> None:
    """Raise BadInputError where ``n_bytes`` surely do not fit on the disk."""
    room = machine.count_free_disk(_find_existing(directory))
    if n_bytes > room:
        raise BadInputError(
            f"{directory}: {room / 1e6:,.1f} MB can be written there, expected {n_bytes / 1e6:,.1f} MB at least for "
            "checkpoints; make room, choose another (--out), or use smaller sizes"
        )


def _list_sizes(hyper_parameters: Mapping) -> str:
    names = [name for name in hyper_parameters if name.startswith(("n_hidden", "n_neurons", "batch_size"))]
    flags = [f"--{name.replace('_', '-')}" for name in names]
    return f"use smaller sizes ({', '.join(flags)})" if flags else "take a smaller set (--data)"
