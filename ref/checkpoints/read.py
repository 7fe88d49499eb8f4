"""What a path stands for, and the values in it: TensorFlow's checkpoints of every age, a run's, an exported file."""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf
from google.protobuf import text_format
from tensorflow.python.training.checkpoint_state_pb2 import CheckpointState

from ref.checkpoints import arrays
from ref.common import checkpoints
from ref.common.errors import BadInputError
from ref.common.generations import find_generations
from ref.common.suggest import did_you_mean

REMEDY = "name a checkpoint's prefix, one of its files, or a directory that holds it"
OF_A_FILE = r"\.(index|meta|data-\d{5}-of-\d{5})$"
_SHARD = r"-\d{5}-of-\d{5}$"  # of the format of before TensorFlow 1.0, which has no index


def read(path: Path) -> dict[str, np.ndarray]:
    """Return the values in ``path`` by their names, sorted; text is of dtype object.

    ``path`` is a file that was exported, a checkpoint's prefix (``my_model.ckpt``), one of its files, a directory whose
    ``checkpoint`` file names one or in which there is one alone, or a run's, of which the newest whole generation is
    read.

    Raises:
      BadInputError: there is none, or it cannot be read.
    """
    try:
        if path.suffix in arrays.FORMATS and not Path(f"{path}.index").is_file():
            return arrays.read(path)
        return checkpoints.follow(find_prefix(path), REMEDY, _read_checkpoint)
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be read ({error.strerror}), expected the right to; change its permissions, or {REMEDY}"
        ) from error


def find_prefix(path: Path) -> Path:
    """Return the prefix of the checkpoint that ``path`` stands for, under the book's name where it is a run's.

    Raises:
      BadInputError: there is none, or there are several.
    """
    for ending in (OF_A_FILE, _SHARD):
        prefix = path.with_name(re.sub(ending, "", path.name) or path.name) if path.name else path
        if prefix != path and _is_checkpoint(prefix):
            return prefix
    if path.name and _is_checkpoint(path):
        return path
    if path.is_dir():
        return _find_in_directory(path)
    if path.name == "checkpoint" and path.is_file():
        return _find_in_directory(path.parent)
    found, hint = "no checkpoint", did_you_mean(path.name, _list_names(path.parent))
    if path.exists() or path.is_symlink():
        found = "no checkpoint" if path.is_file() else "no regular file and no directory"
    raise BadInputError(f"{path}: {found}, expected one; {hint}{REMEDY}")


def _is_checkpoint(prefix: Path) -> bool:
    """Return whether ``prefix`` is one; of plain files without an index (version 1), or of a run's generations, too."""
    if Path(f"{prefix}.index").is_file() or (prefix.is_file() and _looks_like_a_table(prefix)):
        return True
    if not prefix.parent.is_dir():
        return False
    is_shard = re.compile(re.escape(prefix.name) + _SHARD).fullmatch
    return prefix.name in _list_names(prefix.parent) or any(
        is_shard(path.name) and path.is_file() for path in prefix.parent.iterdir()
    )


def _looks_like_a_table(path: Path) -> bool:
    """Return whether a file ends as a checkpoint of version 1 does, with the number of LevelDB's tables."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 8))
        return file.read() == bytes.fromhex("57fb808b247547db")


def _find_in_directory(directory: Path) -> Path:
    names = _list_names(directory)
    if name := _read_state(directory / "checkpoint"):
        # Where it was written the directory may have been another one; the files have moved with it.
        for prefix in (directory / name, directory / re.split(r"[/\\]", name)[-1]):
            if _is_checkpoint(prefix):
                return prefix
    if len(names) == 1:
        return directory / names.pop()
    exported = directory / "variables" / "variables"  # of a SavedModel
    if _is_checkpoint(exported):
        return exported
    found = f"{len(names)} checkpoints ({', '.join(sorted(names)[:3])}, …)" if names else "no checkpoint"
    raise BadInputError(f"{directory}: {found} in it, expected one; {REMEDY}")


def _list_names(directory: Path) -> set[str]:
    """Return the names of the checkpoints in a directory, those of a run's newest whole generation among them."""
    if not directory.is_dir():
        return set()
    found = [path for path in directory.iterdir() if path.suffix == ".index" and path.is_file()]
    for generation in find_generations(directory, passed_over=[]):
        found += generation.path.glob("*.index")
        break
    return {path.name.removesuffix(".index") for path in found}


def _read_state(path: Path) -> str | None:
    """Return which checkpoint a ``checkpoint`` file, as Saver writes it, calls the newest."""
    try:
        if path.is_file():
            state = text_format.Parse(path.read_text(encoding="utf-8"), CheckpointState())
            return state.model_checkpoint_path
    except (text_format.ParseError, UnicodeDecodeError):
        pass  # the directory may hold but one
    return None


def _read_checkpoint(prefix: Path) -> dict[str, np.ndarray]:
    for path in prefix.parent.iterdir():
        if path.name.startswith(f"{prefix.name}.data-") and not path.is_file():  # TensorFlow would wait at a FIFO
            raise BadInputError(f"{path}: no regular file, expected the checkpoint's data; {REMEDY}")

    def get_values() -> dict[str, np.ndarray]:
        with _avoid_patterns(prefix) as plain:
            is_sharded = not any(Path(f"{plain}{ending}").is_file() for ending in ("", ".index"))
            reader = tf.train.NewCheckpointReader(f"{plain}-?????-of-?????" if is_sharded else str(plain))
            return {name: np.asarray(reader.get_tensor(name)) for name in sorted(reader.get_variable_to_shape_map())}

    return checkpoints.attempt(prefix, REMEDY, get_values)


@contextlib.contextmanager
def _avoid_patterns(prefix: Path) -> Iterator[Path]:
    """Yield a name for ``prefix`` that TensorFlow takes for no pattern: it finds nothing in ``model [2017]/``."""
    if not re.search(r"[][*?\\]", str(prefix)):
        yield prefix
        return
    with tempfile.TemporaryDirectory() as directory:
        plain = Path(directory) / "checkpoint"
        for path in prefix.parent.iterdir():
            if path.name.startswith(prefix.name):
                Path(f"{plain}{path.name.removeprefix(prefix.name)}").symlink_to(path.absolute())
        yield plain
