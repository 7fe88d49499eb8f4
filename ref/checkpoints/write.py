"""A checkpoint that ``tf.train.Saver`` restores, of arrays from anywhere."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from ref.checkpoints.arrays import FORMATS, refuse_what_is_no_file
from ref.checkpoints.read import OF_A_FILE
from ref.common.errors import BadInputError
from ref.common.files import UNFINISHED, sync
from ref.common.reasons import explain
from ref.common.signals import hold_signals

_ENDINGS = (".index", ".data-00000-of-00001")
_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")  # what TensorFlow takes for an op's


def check(path: Path, values: Mapping[str, np.ndarray]) -> None:
    """Raise BadInputError where one of ``values``, which are of the file ``path``, can be no variable's."""
    if not values:
        raise BadInputError(f"{path}: holds no arrays, expected one for each variable; write it anew")
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            hint = f"rename it {name.removesuffix(':0')}" if name.endswith(":0") else "rename it"
            raise BadInputError(
                f"{path}: {name!r} can be no variable's name, expected one as a graph has, hidden1/kernel say; {hint}"
            )
        with contextlib.suppress(TypeError):
            if tf.as_dtype(value.dtype) != tf.string:
                continue
        raise BadInputError(
            f"{path}: {name} is of {value.dtype}, expected a number's type that TensorFlow has; cast it, or take "
            ".safetensors for bfloat16"
        )


def write(prefix: Path, values: Mapping[str, np.ndarray]) -> None:
    """Write ``values`` as the checkpoint ``prefix``, version 2, an index and a data file, in the place of an older one.

    A graph or ``checkpoint`` file that lies there stays. Killed while it puts the files in place, it leaves no
    checkpoint rather than a mixed one.

    Raises:
      BadInputError: it cannot be written.
    """
    if found := re.search(rf"{OF_A_FILE}|({'|'.join(FORMATS)})$", prefix.name):
        instead = prefix.name[: found.start()] + (".ckpt" if prefix.suffix in FORMATS else "")
        raise BadInputError(f"{prefix}: ends as a file does, expected a checkpoint's prefix; say {instead}")
    targets = [prefix.with_name(prefix.name + ending) for ending in _ENDINGS]
    for path in (prefix, *targets):
        refuse_what_is_no_file(path)
    temporary = None
    try:
        prefix.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{prefix.name}-", dir=prefix.parent))
        _save(temporary / prefix.name, values)
        for ending in _ENDINGS:
            sync(temporary / f"{prefix.name}{ending}")
        with hold_signals():
            targets[0].unlink(missing_ok=True)
            for path in reversed(targets):  # the index last: where it is, everything is
                os.replace(temporary / path.name, path)
            sync(prefix.parent)
    except (OSError, tf.errors.OpError) as error:
        raise BadInputError(
            f"{prefix}: cannot be written ({explain(error)}), expected room and the right to; make room, or choose "
            "another directory"
        ) from error
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


def _save(prefix: Path, values: Mapping[str, np.ndarray]) -> None:
    with tf.Graph().as_default(), tf.Session() as sess:  # not eagerly: who calls us may have switched that off
        tensors = [tf.placeholder(value.dtype, value.shape) for value in values.values()]
        save = tf.raw_ops.SaveV2(
            prefix=str(prefix), tensor_names=list(values), shape_and_slices=[""] * len(values), tensors=tensors
        )
        sess.run(save, dict(zip(tensors, values.values())))
