"""Files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ref.common.errors import BadInputError


@contextmanager
def open_atomically(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path`` for writing, and give it that name once the block has ended well.

    Raises:
      BadInputError: the directory cannot be made or written.
    """
    make_directory(path.parent)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def make_directory(directory: Path) -> None:
    """Make ``directory`` and its parents, and try that a file can be written there.

    Raises:
      BadInputError: it cannot.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise BadInputError(
            f"{directory}: cannot be written ({error.strerror}), expected a directory to write to; choose another"
        ) from error
