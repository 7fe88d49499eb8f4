"""Checkpoints under the listings' own names, written whole or not at all."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import tensorflow.compat.v1 as tf

from ref.common.errors import BadInputError
from ref.common.signals import hold_signals


def save(saver: tf.train.Saver, sess: tf.Session, path: Path) -> None:
    """Write ``path``'s data, index and meta files, and the directory's ``checkpoint`` file.

    TensorFlow writes them in a temporary directory beside ``path``; then they are moved into place one after the other,
    with Ctrl-C and SIGTERM held back for that moment, so that an interrupted run leaves its last checkpoint whole. Only
    SIGKILL or a power cut just then can leave files of two checkpoints, which TensorFlow's checksums tell apart.

    Raises:
      OSError: they cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=path.parent) as directory:
        try:
            saver.save(sess, os.path.join(directory, path.name), write_state=False)
            moves = [(file, path.parent / file.name) for file in sorted(Path(directory).iterdir())]
            for target in (*(target for _, target in moves), path.parent / "checkpoint"):
                if target.is_dir():
                    raise IsADirectoryError(f"{target} is a directory")
            with hold_signals():
                for file, target in moves:
                    os.replace(file, target)
                tf.train.update_checkpoint_state(str(path.parent), path.name)
        except (tf.errors.OpError, ValueError) as error:  # TensorFlow's words for a full disk
            raise OSError(str(error).splitlines()[-1]) from error


def restore(saver: tf.train.Saver, sess: tf.Session, path: Path, variables: Sequence[tf.Variable], make: str):
    """Restore ``variables``, which are the saver's, from the checkpoint ``path``.

    Raises:
      BadInputError: there is no checkpoint, it cannot be read, or it does not hold every variable in its shape;
        the message names ``make``, the command that makes it.
    """
    remedy = f"make it with '{make}'"
    if not os.path.exists(f"{path}.index"):
        raise BadInputError(f"{path}: no checkpoint there, expected one; {remedy}")
    try:
        shapes = tf.train.load_checkpoint(str(path)).get_variable_to_shape_map()
        for variable in variables:
            found, expected = shapes.get(variable.op.name), variable.shape.as_list()
            if found != expected:
                found = f"has the shape {found}" if found is not None else "is missing"
                raise BadInputError(
                    f"{path}: variable {variable.op.name} {found}, expected {expected}; "
                    f"{remedy}, or give the sizes it was trained with"
                )
        saver.restore(sess, str(path))
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        reason = next((line for line in str(error).splitlines() if "Error" in line or ":" in line), str(error))
        raise BadInputError(f"{path}: damaged checkpoint ({reason}), expected a readable one; {remedy}") from error
