"""Which file of a directory is which of the four, under the names that archives leave behind.

MNIST, Fashion-MNIST and KMNIST: ``train-images-idx3-ubyte.gz``. Kaggle's MNIST: ``train-images.idx3-ubyte``, and
``train-images-idx3-ubyte/train-images-idx3-ubyte``. EMNIST: ``emnist-letters-test-images-idx3-ubyte.gz``, six sets
in one directory. QMNIST: ``qmnist-test-labels-idx2-int.gz``.
"""

import os
import re
from pathlib import Path

from ref.common.errors import BadInputError
from ref.data.idx import FILES

BETWEEN = "[-_. ]"
NAME = re.compile(
    rf"(?P<set>(?:.*{BETWEEN})?)(?P<split>train|t10k|test){BETWEEN}*(?P<kind>images|labels)"
    rf"{BETWEEN}*idx[0-9](?:{BETWEEN}*(?:ubyte|byte|int))?(?:\.(?:gz|zip|xz|bz2|zst|7z|tar))?",
    re.IGNORECASE,
)
ARCHIVES = (".zip", ".xz", ".bz2", ".zst", ".7z", ".tar")  # which the reader names, and does not unpack
N_NAMED = 6  # how many names an error line has at most


def find_files(directory: Path) -> dict[str, Path]:
    """Return the path of each of FILES that is in ``directory``: of MNIST's own names, or of one set of other names.

    Raises:
      BadInputError: several files or sets could be meant.
      OSError: ``directory`` cannot be read.
    """
    sets: dict[str, dict[str, list[str]]] = {}
    for name in sorted(os.listdir(directory)):
        if not name.startswith(".") and (match := NAME.fullmatch(name)):
            file = _name_as_mnist(match)
            sets.setdefault(match["set"].strip("-_. ").lower(), {}).setdefault(file, []).append(name)
    found = _choose_set(directory, sets)
    return {file: _enter(directory / _choose(directory, file, names), file) for file, names in found.items()}


def describe(directory: Path) -> str:
    """Return what is in ``directory``, in words, its first names."""
    names = [name for name in sorted(os.listdir(directory)) if not name.startswith(".")]
    return ", ".join(names[:N_NAMED]) + (", …" if len(names) > N_NAMED else "") or "nothing"


def _name_as_mnist(match: re.Match) -> str:
    is_train, is_images = match["split"].lower() == "train", match["kind"].lower() == "images"
    return FILES[(0 if is_train else 2) + (0 if is_images else 1)]


def _choose_set(directory: Path, sets: dict[str, dict[str, list[str]]]) -> dict[str, list[str]]:
    """Return the files of the only set, or of the only one that has both images, MNIST's own names first."""
    complete = [name for name, files in sets.items() if FILES[0] in files and FILES[2] in files]
    for names in (complete, list(sets)):
        if "" in names:
            return sets[""]
        if len(names) == 1:
            return sets[names[0]]
        if names:
            raise BadInputError(
                f"{directory}: holds several sets ({', '.join(names[:N_NAMED])}), expected one; put the four files of "
                "one in a directory of their own"
            )
    return {}


def _choose(directory: Path, file: str, names: list[str]) -> str:
    """Return MNIST's own name, else the only other one: a file before a folder, a folder before an archive."""
    folders = [name for name in names if os.path.isdir(directory / name)]
    archives = [name for name in names if name.lower().endswith(ARCHIVES)]
    files = [name for name in names if name not in folders and name not in archives]
    for name in (file, f"{file}.gz"):
        if name in files:
            return name
    unzipped = [name for name in files if name.removesuffix(".gz") == name or name.removesuffix(".gz") not in files]
    candidates = unzipped or folders or archives
    if len(candidates) > 1:
        named = ", ".join(candidates[:N_NAMED])
        raise BadInputError(f"{directory}: {named} could each be {file}, expected one; leave one of them there")
    return candidates[0]


def _enter(path: Path, file: str) -> Path:
    """Return the only file of that kind within the directory ``path``, where it is one, else ``path``."""
    if not os.path.isdir(path):
        return path
    matches = [match for name in sorted(os.listdir(path)) if (match := NAME.fullmatch(name))]
    within = [match.string for match in matches if _name_as_mnist(match) == file]
    return path / within[0] if len(within) == 1 else path
