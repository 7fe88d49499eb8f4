"""A directory that one process at a time writes to."""

import errno
import fcntl
import os
import stat
from pathlib import Path

from ref.common.errors import BadInputError


class DirectoryLock:
    """A lock on ``directory``, held until ``close``, or until the process ends, however it ends.

    Raises:
      BadInputError: another run holds it, or it cannot be locked.
    """

    def __init__(self, directory: Path):
        self._directory, self._path = directory, directory / ".lock"
        while True:
            self._descriptor = self._open()
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                owner = os.read(self._descriptor, 20).decode(errors="replace").strip() or "not known yet"
                os.close(self._descriptor)
                if not isinstance(error, BlockingIOError):
                    raise self._refuse(error) from error
                raise BadInputError(
                    f"{directory}: another run writes there (process {owner}), expected none; wait for it, or choose "
                    "another directory (--out)"
                ) from None
            if self._is_there():
                break
            os.close(self._descriptor)  # its owner has removed it between our opening and our locking it
        os.truncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        """Let others lock the directory."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        try:
            if os.path.lexists(self._path) and not stat.S_ISREG(os.lstat(self._path).st_mode):
                raise OSError(errno.EEXIST, "not a regular file")
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise self._refuse(error) from error

    def _refuse(self, error: OSError) -> BadInputError:
        return BadInputError(
            f"{self._path}: cannot be locked ({error.strerror}), expected a file of our own or none; remove it, or "
            "choose another directory (--out)"
        )

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False
