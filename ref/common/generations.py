"""Generations of a run: directories that appear by one rename, each with a manifest of what belongs in it.

    OUT/autoencoder_7/generations/000004-adopted/   what somebody else had laid under the book's name; it is kept
    OUT/autoencoder_7/generations/000005/   my_model_one_at_a_time.ckpt.index, ….data-…, ….meta, state.npz, manifest
    OUT/autoencoder_7/generations/000006/

A directory whose name is a number is whole. Who reads takes the newest that its manifest agrees with. For who does not
know of generations, as the book's own ``Saver``, links lead to the newest: ref.common.links.
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

from ref.common import links
from ref.common.files import UNFINISHED, hash_file, read_json, sync
from ref.common.links import DIRECTORY
from ref.common.signals import hold_signals

MANIFEST = "manifest.json"
KEPT = 2
ADOPTED = "-adopted"
NAME = re.compile(rf"\d{{6,}}({ADOPTED})?")


class ChangedError(ValueError):
    """A generation's file is not what was written."""


UNVERIFIED = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


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
    of which the last are kept; others are of an earlier run. What no run has written is adopted, and stays.

    Raises:
      OSError: it cannot be written; the generations are as they were.
    """

    def prune(target: Path) -> None:
        keep = [*own, target][-KEPT:]
        for old in _list(directory / DIRECTORY):
            if old not in keep and not old.name.endswith(ADOPTED):
                _remove(old)

    return _add(directory, write, "", make_way, prune)


def adopt(directory: Path, checkpoint: str) -> Path | None:
    """Make a generation, which is never pruned, of a copy of what others laid under our names; return its path.

    Nothing is done, and None returned, where there is no such thing.
    """
    files = find_foreign(directory, checkpoint)

    def copy(target: Path) -> dict:
        for path in files:
            if path.is_file():
                shutil.copyfile(path, target / path.name)
        return {}

    return _add(directory, copy, ADOPTED) if files else None


def find_foreign(directory: Path, checkpoint: str) -> list[Path]:
    """Return what in ``directory`` has the names of ``checkpoint``'s files, and was not written by a run of ours."""
    if not links.find_foreign(directory, checkpoint, None):  # no generation need be read
        return []
    newest = next(find_generations(directory, []), None)
    return links.find_foreign(directory, checkpoint, newest and newest.path)


def place(directory: Path, checkpoint: Path) -> int | None:
    """Return how many generations of a run are newer than the one that ``checkpoint`` lies in; None if in none."""
    own = [path for path in reversed(_list(directory / DIRECTORY)) if not path.name.endswith(ADOPTED)]
    return own.index(checkpoint.parent) if checkpoint.parent in own else None


def name_next(directory: Path, suffix: str = "") -> Path:
    """Return the path that the next generation of ``directory`` gets."""
    root = directory / DIRECTORY
    return root / f"{max(map(_number, _list(root)), default=0) + 1:06d}{suffix}"


def _add(
    directory: Path,
    write: Callable[[Path], dict],
    suffix: str,
    make_way: Callable[[], None] = lambda: None,
    prune: Callable[[Path], None] = lambda _: None,
) -> Path:
    root = directory / DIRECTORY
    root.mkdir(exist_ok=True)
    temporary = root / f"{UNFINISHED}generation{suffix}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        _write_manifest(temporary, write(temporary))
        sync(temporary)
        if not suffix:
            for checkpoint in links.list_checkpoints(temporary):
                adopt(directory, checkpoint)
        with hold_signals():
            target = name_next(directory, suffix)
            links.link_names(directory, temporary, only_new=True)
            make_way()
            os.rename(temporary, target)
            sync(root)
            links.turn(directory, target)
            prune(target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return target


def find_generations(directory: Path, passed_over: list[str] | None = None) -> Iterator[Generation]:
    """Yield ``directory``'s generations, the newest first, without those that their manifest disagrees with.

    Why those are passed over is appended to ``passed_over``, or said on standard error where that is None.
    """
    for path in reversed(_list(directory / DIRECTORY)):
        try:
            yield Generation(path, _verify(path))
        except UNVERIFIED as error:
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
    _take_in_current(directory / DIRECTORY)
    _set_changed_aside(directory / DIRECTORY)
    for generation in find_generations(directory):
        if checkpoints := links.list_checkpoints(generation.path):
            links.replace_link(generation.path.parent / links.CURRENT, generation.path.name)
            if not any(find_foreign(directory, checkpoint) for checkpoint in checkpoints):
                links.link_names(directory, generation.path)
            break


def _take_in_current(root: Path) -> None:
    """Make a generation of the directory that is there for the link ``current``, unless it is a copy of one.

    So it is where a run's directory was copied with its links followed.
    """
    current = root / links.CURRENT
    if current.is_symlink() or not os.path.lexists(current):
        return
    try:
        suffix = "" if _verify(current) else ADOPTED
        content = (current / MANIFEST).read_bytes()
        is_copy = any((one.path / MANIFEST).read_bytes() == content for one in find_generations(root.parent, []))
    except UNVERIFIED:
        _set_aside(current, "not-whole")
        return
    if is_copy:
        _remove(current)
    else:
        os.rename(current, name_next(root.parent, suffix))


def _set_changed_aside(root: Path) -> None:
    """Give another name to the newest generations, as far as something was written into their files: a stranger's
    checkpoint, perhaps, over our links. Else they would be pruned."""
    for generation in reversed(_list(root)):
        try:
            _verify(generation)
        except ChangedError as error:
            print(f"{generation}: {error}", file=sys.stderr)
            _set_aside(generation, "changed")
        except UNVERIFIED:
            continue
        else:
            return


def _set_aside(path: Path, word: str) -> None:
    names = (path.with_name(f"{path.name}-{word}{suffix}") for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    target = next(name for name in names if not os.path.lexists(name))
    os.rename(path, target)
    print(f"{path}: not what a run has left there, kept as {target}", file=sys.stderr)


def remove_all(directory: Path) -> None:
    """Remove all generations of ``directory``: of a listing that saves nothing, when it has come to its end."""
    for generation in _list(directory / DIRECTORY):
        _remove(generation)
    shutil.rmtree(directory / DIRECTORY, ignore_errors=True)


def _list(root: Path) -> list[Path]:
    """Return the whole generations in ``root``, the oldest first."""
    with contextlib.suppress(OSError):
        return sorted((path for path in root.iterdir() if NAME.fullmatch(path.name)), key=_number)
    return []


def _number(generation: Path) -> int:
    return int(generation.name.removesuffix(ADOPTED))


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
      UNVERIFIED: its manifest cannot be read, or a file is not what it says.
    """
    manifest = read_json(path / MANIFEST)
    if manifest.pop("sha256") != _hash(manifest):
        raise ValueError("its manifest has another sha256 than it says")
    for name, expected in manifest["files"].items():
        found = {"size": (path / name).stat().st_size, "sha256": hash_file(path / name)}
        if found != expected:
            raise ChangedError(
                f"{name} has {found['size']} bytes and another sha256 than the manifest says; was another checkpoint "
                "copied over the links that lead here (root can)? Then remove the links first, and copy it again"
            )
    if not isinstance(manifest["state"], dict):
        raise ValueError("its manifest has a state that is no object")
    return manifest["state"]


def _hash(manifest: dict) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
