"""Checkpoints under the listings' own names: of a run's generations, or plain files of anyone's."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError
from ref.common.finite import describe_not_finite
from ref.common.generations import find_foreign, find_generations
from ref.common.reasons import explain

T = TypeVar("T")
ATTEMPTS = 5  # a run that saves meanwhile may remove what was just found


def save(saver: tf.train.Saver, sess: tf.Session, path: Path) -> None:
    """Write ``path``'s data, index and meta files.

    Raises:
      OSError: they cannot be written.
    """
    try:
        saver.save(sess, str(path), write_state=False)
    except (tf.errors.OpError, ValueError) as error:  # TensorFlow's words for a full disk
        raise OSError(explain(error)) from error


def find(path: Path, remedy: str) -> Path:
    """Return the prefix of the checkpoint ``path``: of what others laid there, else of the newest whole generation.

    Who laid files or links of that name there, laid them in the place of our links to a generation.

    Raises:
      BadInputError: there are generations, and none is whole; or which files are meant cannot be told.
    """
    if is_anothers(path, remedy):
        return path
    damaged: list[str] = []
    for generation in find_generations(path.parent, damaged):
        if any((generation.path / name).is_file() for name in (f"{path.name}.index", path.name)):
            for reason in damaged:
                print(f"{reason}; the generation before it is read", file=sys.stderr)
            return generation.path / path.name
    if damaged:
        raise BadInputError(f"{damaged[0]}, expected a whole generation, and there is no other; {remedy}")
    numbered = list_numbered(path)
    if len(numbered) != 1:
        return path
    print(f"{path}: is not there, {numbered[0].name} is taken, the only one with the number of a step", file=sys.stderr)
    return numbered[0]


def list_numbered(path: Path) -> list[Path]:
    """Return what was saved as ``path`` with ``global_step=``, as model.ckpt-400, by the numbers."""
    pattern = re.compile(re.escape(path.name) + r"-([0-9]+)(?:\.index)?")
    found = {}
    with contextlib.suppress(OSError):
        for file in path.parent.iterdir():
            if (match := pattern.fullmatch(file.name)) and file.is_file():
                found[int(match[1])] = path.with_name(file.name.removesuffix(".index"))
    return [found[number] for number in sorted(found)]


def is_anothers(path: Path, remedy: str) -> bool:
    """Return whether the checkpoint ``path`` was not written by a run, but laid there by somebody.

    Raises:
      BadInputError: which files are meant cannot be told.
    """
    index = f"{path.name}.index"
    foreign = {file.name for file in find_foreign(path.parent, path.name)}
    if index in foreign:
        return True
    if path.name in foreign:
        if os.path.exists(path.parent / index):  # TensorFlow would read that
            raise BadInputError(
                f"{path}: lies beside {index}, which is a run's, expected one of both; remove {path.name}.index and "
                f".data-* to have the one that was laid there, move it away to have the run's, or {remedy}"
            )
        return True
    data = sorted(name for name in foreign if name.startswith(f"{path.name}.data-"))
    if data:
        raise BadInputError(
            f"{path.parent / data[0]}: lies there without an {index} of its own, expected both; lay it beside, or "
            f"move the file away; or {remedy}"
        )
    return False


def restore(saver: tf.train.Saver, sess: tf.Session, path: Path, variables: Sequence[tf.Variable], make: str) -> Path:
    """Restore ``variables``, which are the saver's, from the checkpoint ``path``; return the one that was found.

    Where it has weights alone, without what the optimizer keeps beside them, that begins at its initial values.

    Raises:
      BadInputError: there is no checkpoint, it cannot be read, a value in it is not finite, or it does not hold every
        weight in its shape; the message names ``make``, the command that makes it.
    """
    remedy = f"make it with '{make}'"

    def read(found: Path) -> Path:
        _restore(saver, sess, found, variables, remedy)
        return found

    return follow(path, remedy, read)


def follow(path: Path, remedy: str, read: Callable[[Path], T]) -> T:
    """Return what ``read`` makes of the checkpoint ``path``, by the prefix of its newest generation or plain files.

    Raises:
      BadInputError: as ``read`` does, unless a newer generation has come meanwhile and it can read that.
    """
    for n_tried in range(1, ATTEMPTS + 1):
        found = find(path, remedy)
        try:
            return read(found)
        except BadInputError:
            if n_tried == ATTEMPTS or found == path or find(path, remedy) == found:
                raise


def _restore(saver, sess, path, variables, remedy) -> None:
    if not any(os.path.isfile(name) for name in (f"{path}.index", path)):
        raise BadInputError(f"{path}: no checkpoint there{_describe_others(path)}, expected one; {remedy}")
    for data in path.parent.glob(f"{path.name}.data-*"):
        if not data.is_file():
            raise BadInputError(f"{data}: not a regular file, expected one, or none; move it away, and {remedy}")
    reader = attempt(path, remedy, lambda: tf.train.load_checkpoint(str(path)))
    shapes = attempt(path, remedy, reader.get_variable_to_shape_map)
    dtypes = attempt(path, remedy, reader.get_variable_to_dtype_map)
    trainable = set(sess.graph.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES))
    slots = [variable for variable in variables if variable not in trainable and variable.op.name not in shapes]
    wanted = [variable for variable in variables if variable not in slots]
    for variable in wanted:
        name, expected = variable.op.name, variable.shape.as_list()
        if shapes.get(name) != expected:
            found = f"has the shape {shapes[name]}" if name in shapes else "is missing"
            raise BadInputError(
                f"{path}: variable {name} {found}, expected {expected}; {remedy}, or give the sizes it was trained with"
            )
        if dtypes[name] != variable.dtype.base_dtype:
            raise BadInputError(
                f"{path}: variable {name} is of {dtypes[name].name}, expected {variable.dtype.base_dtype.name}; "
                f"{remedy}"
            )
    values = {
        variable.op.name: attempt(path, remedy, lambda v=variable: reader.get_tensor(v.op.name)) for variable in wanted
    }
    if problem := describe_not_finite(values):
        raise BadInputError(f"{path}: {problem}, expected finite values; {remedy}")
    if not slots:
        attempt(path, remedy, lambda: saver.restore(sess, str(path)))
        return
    print(
        f"{path}: has no {slots[0].op.name}; the weights alone are restored, the optimizer begins anew", file=sys.stderr
    )
    sess.run([variable.initializer for variable in slots])
    for variable in wanted:
        variable.load(values[variable.op.name], sess)


def _describe_others(path: Path) -> str:
    """Return what is there instead of the checkpoint ``path``, in brackets, or nothing."""
    index = f"{path}.index"
    if os.path.islink(index):
        return f" (its .index is a link to {os.readlink(index)}, which is not there)"
    if numbered := list_numbered(path):
        return f" ({', '.join(one.name for one in numbered[-3:])} found: rename the files of one to {path.name}.*)"
    names = []
    with contextlib.suppress(OSError):
        names = sorted(file.name for file in path.parent.iterdir() if ".ckpt" in file.name)
    return f" ({', '.join(names[:3])} found)" if names else ""


def attempt(path: Path, remedy: str, call: Callable[[], T]) -> T:
    """Return what ``call`` returns; whatever it raises over damaged bytes, raise BadInputError."""
    try:
        return call()
    except Exception as error:  # TensorFlow's reader raises IndexError, SystemError and others over them, too
        raise BadInputError(
            f"{path}: not a checkpoint that can be read ({explain(error)}), expected a whole one; {remedy}"
        ) from error
