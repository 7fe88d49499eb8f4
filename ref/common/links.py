"""The book's name of a checkpoint: links to the newest generation, or what somebody else laid in their place.

    OUT/autoencoder_7/my_model_one_at_a_time.ckpt.index -> generations/current/my_model_one_at_a_time.ckpt.index
    OUT/autoencoder_7/generations/current -> 000005

A link that leads anywhere else, and a plain file, are not ours, and are never replaced before there is a copy of them.
"""

import contextlib
import os
import re
from pathlib import Path

from ref.common.files import UNFINISHED, hash_file, open_atomically, sync

DIRECTORY = "generations"
CURRENT = "current"
STATE = "checkpoint"  # TensorFlow's own file beside checkpoints, which says which is the newest


def is_ours(path: Path) -> bool:
    """Return whether ``path`` is a link that we laid, whatever it leads to now."""
    return path.is_symlink() and os.readlink(path) == _lead(path.name)


def find_foreign(directory: Path, checkpoint: str, newest: Path | None) -> list[Path]:
    """Return what lies in ``directory`` under the name ``checkpoint``, of TensorFlow's either format, and is not ours.

    Files that are those of the generation ``newest`` are ours too: a copy of a run's directory has them for the links.
    """
    foreign = [path for path in _list_names(directory, checkpoint) if not is_ours(path)]
    if newest and foreign and all(_is_same(path, newest / path.name) for path in foreign):
        foreign = []
    state = directory / STATE
    if state.is_file() and state.read_bytes() != _describe_state(checkpoint):
        foreign.append(state)
    return foreign


def turn(directory: Path, generation: Path) -> None:
    """Let the book's name lead to ``generation``: all links at once, with ``current``; then add and remove links.

    Nothing is done where it holds no checkpoint.
    """
    checkpoints = list_checkpoints(generation)
    if checkpoints:
        replace_link(directory / DIRECTORY / CURRENT, generation.name)
        link_names(directory, generation)
    for checkpoint in checkpoints:
        for path in _list_names(directory, checkpoint):
            if is_ours(path) and not path.exists():
                path.unlink()


def link_names(directory: Path, generation: Path, only_new: bool = False) -> None:
    """Let the book's name in ``directory`` lead to ``current``; ``only_new``: where nothing has the name yet."""
    for checkpoint in list_checkpoints(generation):
        for name in (path.name for path in _list_names(generation, checkpoint)):
            if not (only_new and os.path.lexists(directory / name)):
                replace_link(directory / name, _lead(name))
        state, text = directory / STATE, _describe_state(checkpoint)
        if not (only_new and state.is_file()) and not (state.is_file() and state.read_bytes() == text):
            with open_atomically(state) as file:
                file.write(text)


def list_checkpoints(directory: Path) -> list[str]:
    """Return the names of the checkpoints in a generation: of the index, or of the one file of TensorFlow's first
    format."""
    names = (path.name.removesuffix(".index") for path in directory.iterdir())
    return sorted({name for name in names if name.endswith(".ckpt")})


def replace_link(path: Path, target: str) -> None:
    """Let ``path`` be a link to ``target``, by one rename."""
    if path.is_symlink() and os.readlink(path) == target:
        return
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(21, "Is a directory", str(path))
    temporary = path.with_name(f"{UNFINISHED}{path.name}")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    os.symlink(target, temporary)
    os.replace(temporary, path)
    sync(path.parent)


def _lead(name: str) -> str:
    return os.path.join(DIRECTORY, CURRENT, name)


def _list_names(directory: Path, checkpoint: str) -> list[Path]:
    """Return the files and links of a checkpoint; its index last, so that it is the last to be replaced."""
    pattern = re.compile(re.escape(checkpoint) + r"(\.meta|\.data-\d{5}-of-\d{5}|\.index)?")
    found = []
    with contextlib.suppress(OSError):  # no such directory
        found = [path for path in directory.iterdir() if pattern.fullmatch(path.name)]
    return sorted(
        (path for path in found if path.is_symlink() or path.is_file()),
        key=lambda path: (path.suffix == ".index", path.name),
    )


def _describe_state(checkpoint: str) -> bytes:
    return f'model_checkpoint_path: "{checkpoint}"\nall_model_checkpoint_paths: "{checkpoint}"\n'.encode()


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.stat().st_size == other.stat().st_size and hash_file(path) == hash_file(other)
    except OSError:
        return False
