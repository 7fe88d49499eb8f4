"""Generations of a run: directories that appear by one rename, each with a manifest of what belongs in it.

    OUT/autoencoder_7/generations/000004/   my_model_one_at_a_time.ckpt.index, ….data-…, ….meta, state.npz, manifest
    OUT/autoencoder_7/generations/000005/
    OUT/autoencoder_7/generations/current -> 000005
    OUT/autoencoder_7/my_model_one_at_a_time.ckpt.index -> generations/current/my_model_one_at_a_time.ckpt.index

A directory whose name is a number is whole. Who reads takes the newest that its manifest agrees with. The links are for
who does not know of generations, as the book's own ``Saver``: all of them turn at once, with ``current``.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ref.common.files import UNFINISHED, hash_file, open_atomically, sync
from ref.common.signals import hold_signals

DIRECTORY = "generations"
MANIFEST = "manifest.json"
KEPT = 2


@dataclass(frozen=True)
class Generation:
    """A whole generation: where it lies, and the ``state`` that it was written with (empty where it was adopted)."""

    path: Path
    state: dict


def commit(
    directory: Path, write: Callable[[Path], dict], own: list[Path], make_way: Callable[[], None] = lambda: None
) -> Path:
    """Let ``write`` fill a new generation of ``directory``, and make it the newest by one rename; return its path.

    ``write`` is given the directory to put files in, and returns the state, JSON's types, that goes into the manifest.
    ``make_way`` is called just before the rename. Then old generations go: ``own`` are those that this run has written,
    of which the last are kept; others are of an earlier run.

    Raises:
      OSError: it cannot be written; the generations are as they were.
    """
    root = directory / DIRECTORY
    root.mkdir(exist_ok=True)
    numbers = [int(path.name) for path in _list(root)]
    temporary, target = root / f"{UNFINISHED}generation", root / f"{max(numbers, default=0) + 1:06d}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        _write_manifest(temporary, write(temporary))
        sync(temporary)
        with hold_signals():
            _link_names(directory, temporary, only_new=True)
            make_way()
            os.rename(temporary, target)
            sync(root)
            _replace_link(root / "current", target.name)
            _link_names(directory, target)
            keep = [*own, target][-KEPT:]
            for old in _list(root):
                if old not in keep:
                    _remove(old)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return target


def adopt(directory: Path, checkpoint: str) -> None:
    """Make a generation of a checkpoint's plain files, where they lie in ``directory`` in the place of our links."""
    index = directory / f"{checkpoint}.index"
    if not index.is_file() or index.is_symlink():
        return
    plain = [path for path in directory.glob(f"{checkpoint}.*") if path.is_file() and not path.is_symlink()]

    def copy(target: Path) -> dict:
        for path in plain:
            try:
                os.link(path, target / path.name)
            except OSError:
                shutil.copyfile(path, target / path.name)
        return {}

    commit(directory, copy, [])


def find_generations(directory: Path, passed_over: list[str] | None = None) -> Iterator[Generation]:
    """Yield ``directory``'s generations, the newest first, without those that their manifest disagrees with.

    Why those are passed over is appended to ``passed_over``, or said on standard error where that is None.
    """
    for path in reversed(_list(directory / DIRECTORY)):
        try:
            yield Generation(path, _verify(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            if not path.exists():  # it went just now, when a newer one came
                continue
            reason = f"{error.filename or 'a file'} is missing" if isinstance(error, FileNotFoundError) else error
            if passed_over is None:
                print(f"{path}: passed over, {reason}", file=sys.stderr)
            else:
                passed_over.append(f"{path}: {reason}")


def sweep(directory: Path) -> None:
    """Remove what a run that was killed had not finished writing. Only for who holds the directory's lock."""
    for parent in (directory, directory / DIRECTORY):
        for path in parent.glob(f"{UNFINISHED}*"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for generation in find_generations(directory):
        _replace_link(generation.path.parent / "current", generation.path.name)
        _link_names(directory, generation.path)
        break


def remove_all(directory: Path) -> None:
    """Remove all generations of ``directory``: of a listing that saves nothing, when it has come to its end."""
    for generation in _list(directory / DIRECTORY):
        _remove(generation)
    shutil.rmtree(directory / DIRECTORY, ignore_errors=True)


def _list(root: Path) -> list[Path]:
    """Return the whole generations in ``root``, the oldest first."""
    with contextlib.suppress(OSError):
        return sorted(
            (path for path in root.iterdir() if re.fullmatch(r"\d{6,}", path.name)), key=lambda p: int(p.name)
        )
    return []


def _remove(generation: Path) -> None:
    """Take the number from a generation, so that none with a number is ever in part, and then remove it."""
    gone = generation.with_name(f"{UNFINISHED}{generation.name}")
    os.rename(generation, gone)
    shutil.rmtree(gone, ignore_errors=True)


def _write_manifest(directory: Path, state: dict) -> None:
    """Write the manifest, last: names, sizes and sha256 of the files, the state, and the sha256 of both."""
    files = {}
    for path in sorted(directory.iterdir()):
        files[path.name] = {"size": path.stat().st_size, "sha256": hash_file(path)}
        os.chmod(path, 0o444)  # who copies another checkpoint over the book's name must not write through the link
        sync(path)
    manifest = {"files": files, "state": state}
    manifest["sha256"] = _hash(manifest)
    with open(directory / MANIFEST, "wb") as file:
        file.write(json.dumps(manifest).encode() + b"\n")
    sync(directory / MANIFEST)


def _verify(path: Path) -> dict:
    """Return the state of a generation.

    Raises:
      OSError, ValueError, KeyError, TypeError: its manifest cannot be read, or a file is not what it says.
    """
    manifest = json.loads((path / MANIFEST).read_bytes())
    if manifest.pop("sha256") != _hash(manifest):
        raise ValueError("its manifest has another sha256 than it says")
    for name, expected in manifest["files"].items():
        found = {"size": (path / name).stat().st_size, "sha256": hash_file(path / name)}
        if found != expected:
            raise ValueError(f"{name} has {found['size']} bytes and another sha256 than the manifest says")
    return manifest["state"]


def _hash(manifest: dict) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _link_names(directory: Path, generation: Path, only_new: bool = False) -> None:
    """Let the book's name in ``directory`` lead to ``current``; ``only_new``: where nothing has the name yet."""
    names = [path.name for path in generation.glob("*.ckpt.*")]
    for path in (directory / name for name in names):
        if not (only_new and os.path.lexists(path)):
            _replace_link(path, os.path.join(DIRECTORY, "current", path.name))
    for name in (name.removesuffix(".index") for name in names if name.endswith(".index")):
        text = f'model_checkpoint_path: "{name}"\nall_model_checkpoint_paths: "{name}"\n'.encode()
        path = directory / "checkpoint"
        if not path.is_file() or path.read_bytes() != text:
            with open_atomically(path) as file:
                file.write(text)


def _replace_link(path: Path, target: str) -> None:
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
