"""Files and directories that appear whole or not at all, and stay when the power goes."""

import contextlib
import errno
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ref.common.errors import BadInputError

UNFINISHED = ".writing-"  # what a name begins with until what it names is whole


@contextmanager
def open_atomically(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path`` for writing, and give it that name once the block has ended well.

    Raises:
      BadInputError: it cannot be written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f"{UNFINISHED}{path.name}-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        sync(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError, TypeError):
            os.unlink(temporary)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise BadInputError(
                f"{path}: cannot be written ({error.strerror or error}), expected room and the right to; make room, or "
                "choose another directory"
            ) from error
        raise


def sync(path: Path) -> None:
    """Wait until the file or directory ``path`` is on the disk, so far as its file system knows how to."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network file systems have it for files alone
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not path.is_dir():
            raise
    finally:
        os.close(descriptor)


def open_regular(path: Path) -> IO[bytes]:
    """Open a file for reading; a FIFO or device of its name, whose reader may wait for ever, is not opened.

    Raises:
      OSError: it is not there, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_json(path: Path) -> dict:
    """Return the object that a JSON file holds.

    Raises:
      OSError: it cannot be read.
      ValueError: it holds no JSON, or something else than an object.
    """
    with open_regular(path) as file:
        try:
            found = json.load(file)
        except RecursionError as error:
            raise ValueError(f"{path.name} is nested too deeply") from error
        except ValueError as error:
            raise ValueError(f"no JSON, {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} holds a {type(found).__name__}, expected an object")
    return found


def hash_file(path: Path) -> str:
    """Return the sha256 of a regular file's content."""
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


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
