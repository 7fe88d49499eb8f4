"""Where data comes from: MNIST, the embedded digits, or a directory of the user's."""

import os
import sys
from pathlib import Path

from ref.common.errors import BadInputError
from ref.data.data_sets import Arrays
from ref.data.digits import load_digits
from ref.data.directory import load_directory
from ref.data.idx import FILES
from ref.data.names import describe, find_files

DATA_DIR = Path(__file__).resolve().parents[2] / "data"


def load(data: str | None, uses_labels: bool = True) -> Arrays:
    """Read the data set ``mnist``, ``digits``, or the four IDX files of a directory.

    Without a name it is MNIST where that is there, else the embedded digits; standard error says which. For who does
    not use labels, zeros stand in for those that are missing or unfit, and ``sha256`` has nothing of them.

    Raises:
      BadInputError: a file is missing or is not what its name and header say, or ``$MNIST_DIR`` is needed and has none.
    """
    data = data or choose_data()
    if data == "digits":
        return load_digits(DATA_DIR)
    if data == "mnist":
        if not is_mnist_there():
            raise _no_mnist()
        return load_directory(mnist_dir(), "mnist", uses_labels)
    return load_directory(Path(data), Path(data).resolve().name, uses_labels)


def choose_data() -> str:
    """Return ``mnist`` where that is there, else ``digits``; say on standard error which, and how to get the other.

    Raises:
      BadInputError: ``$MNIST_DIR`` is set, and there is no MNIST.
    """
    if is_mnist_there():
        print("data: mnist (--data digits for the embedded set)", file=sys.stderr)
        return "mnist"
    if os.environ.get("MNIST_DIR"):
        raise _no_mnist()
    print("data: digits ('make mnist' fetches the real MNIST)", file=sys.stderr)
    return "digits"


def mnist_dir() -> Path:
    """Return where MNIST is looked for and downloaded to: ``$MNIST_DIR``, else ``data/mnist`` of this checkout."""
    return Path(os.environ.get("MNIST_DIR") or DATA_DIR / "mnist")


def is_mnist_there() -> bool:
    """Return whether the first of MNIST's files is in ``mnist_dir()``."""
    try:
        return FILES[0] in find_files(mnist_dir())
    except OSError:
        return False


def _no_mnist() -> BadInputError:
    where = f"MNIST_DIR={mnist_dir()}" if os.environ.get("MNIST_DIR") else str(mnist_dir())
    try:
        found = f"{describe(mnist_dir())} found"
    except OSError as error:
        found = error.strerror
    return BadInputError(
        f"{where}: no MNIST there ({found}), expected {FILES[0]} and three more; 'make mnist' fetches them there, "
        "--data digits does without"
    )
