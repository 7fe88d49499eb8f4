"""A directory that one process at a time writes to."""

import errno
import fcntl
import os
import stat
from pathlib import Path
from typing import IO

from ref.common.errors import BadInputError


def lock_directory(directory: Path) -> IO[str]:
    """Lock ``directory`` for writing until what is returned is closed, or its process ends, however it ends.

    Raises:
      BadInputError: another run holds it, or it cannot be locked.
    """
    path = directory / ".lock"
    try:
        if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            raise OSError(errno.EEXIST, "not a regular file")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be locked ({error.strerror}), expected a file of our own or none; remove it, or choose "
            "another directory (--out)"
        ) from error
    file = os.fdopen(descriptor, "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = file.read().strip() or "not known yet"
        file.close()
        raise BadInputError(
            f"{directory}: another run writes there (process {owner}), expected none; wait for it, or choose another "
            "directory (--out)"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
