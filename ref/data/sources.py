"""Where data comes from: MNIST, the embedded digits, or a directory of the user's."""

import os
import shutil
import sys
from pathlib import Path

from ref.common.errors import BadInputError
from ref.data.data_sets import Arrays
from ref.data.digits import make_digits
from ref.data.idx import FILES, hash_array_file, read_idx

DATA_DIR = Path(__file__).resolve().parents[2] / "data"


def load(data: str | None) -> Arrays:
    """Read the data set ``mnist``, ``digits``, or the four IDX files of a directory.

    Without a name it is MNIST where that is there, else the embedded digits; standard error says which.

    Raises:
      BadInputError: a file is missing or is not what its name and header say.
    """
    data = data or choose_data()
    if data == "digits":
        directory = make_digits(DATA_DIR / "digits")
        try:
            return _load_directory(directory, "digits")
        except BadInputError:  # a damaged copy: the files can be made again
            shutil.rmtree(directory)
            return _load_directory(make_digits(directory), "digits")
    if data == "mnist":
        if not is_mnist_there():
            raise BadInputError(f"{mnist_dir()}: no MNIST there, expected {FILES[0]} and three more; run 'make mnist'")
        return _load_directory(mnist_dir(), "mnist")
    return _load_directory(Path(data), Path(data).resolve().name)


def choose_data() -> str:
    """Return ``mnist`` where that is there, else ``digits``; say on standard error which, and how to get the other."""
    if is_mnist_there():
        print("data: mnist (--data digits for the embedded set)", file=sys.stderr)
        return "mnist"
    wanted = os.environ.get("MNIST_DIR")
    missed = f"no MNIST in MNIST_DIR={wanted}; " if wanted else ""
    print(f"data: digits ({missed}'make mnist' fetches the real MNIST)", file=sys.stderr)
    return "digits"


def mnist_dir() -> Path:
    """Return where MNIST is looked for and downloaded to: ``$MNIST_DIR``, else ``data/mnist`` of this checkout."""
    return Path(os.environ.get("MNIST_DIR") or DATA_DIR / "mnist")


def is_mnist_there() -> bool:
    """Return whether the first of MNIST's files is in ``mnist_dir()``."""
    return any(os.path.exists(mnist_dir() / (FILES[0] + suffix)) for suffix in ("", ".gz"))


def _load_directory(directory: Path, name: str) -> Arrays:
    try:
        os.listdir(directory)
    except OSError as error:
        raise BadInputError(
            f"--data {directory}: cannot be read ({error.strerror}), expected mnist, digits or a directory with four "
            f"IDX files ({FILES[0]}, …)"
        ) from error
    arrays, sha256 = [], {}
    for file in FILES:
        arrays.append(read_idx(_find(directory, file)))
        sha256[file] = hash_array_file(arrays[-1])
    for split, images, labels in (("train", *arrays[:2]), ("t10k", *arrays[2:])):
        if len(images) != len(labels):
            raise BadInputError(
                f"{directory}: {len(images)} {split} images but {len(labels)} labels, expected as many of each; "
                "put files of one data set there"
            )
    return Arrays(name, *arrays, sha256)


def _find(directory: Path, file: str) -> Path:
    for path in (directory / file, directory / f"{file}.gz"):
        if os.path.exists(path):
            return path
    raise BadInputError(f"{directory}: {file} is missing, gzipped (.gz) or not; put the four IDX files there")
