"""Committed pictures and what each was drawn from, by their hashes: so that a stale one is told without drawing it.

A file of them holds, for each picture, the sha256 of the picture and of all that it is drawn from: data and code.
"""

import hashlib
import json
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.files import open_atomically

Sources = dict[Path, list[Path]]  # of each picture, the files that it is drawn from


def hash_files(paths: list[Path]) -> str:
    """Return the sha256 of the sha256 of each file, in their order; one that is missing has none."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "" for path in paths]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def describe(pictures: Sources, root: Path) -> dict[str, dict[str, str]]:
    """Return the hashes of the pictures and of their sources, by the pictures' paths under ``root``."""
    return {
        picture.relative_to(root).as_posix(): {"picture": hash_files([picture]), "drawn_from": hash_files(sources)}
        for picture, sources in sorted(pictures.items())
    }


def write(file: Path, pictures: Sources) -> None:
    """Write to ``file``, which lies in a folder above all of them, what the pictures are and were drawn from."""
    with open_atomically(file) as stream:
        stream.write((json.dumps(describe(pictures, file.parent), indent=1) + "\n").encode())


def check(file: Path, pictures: Sources, remedy: str) -> None:
    """Raise BadInputError where a picture, or what it is drawn from, is not what ``file`` says; ``remedy`` draws it."""
    expected = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    found = describe(pictures, file.parent)
    for name in sorted({*expected, *found}):
        if expected.get(name) != found.get(name):
            what = "no longer drawn" if name not in found else "not drawn from what is there now"
            raise BadInputError(f"{name} in {file.parent.name}: {what}, expected a picture of it; run {remedy}")
