"""A saboteur at the file operations of a process: it kills at the nth, lets it fail, or writes down what was done."""

import builtins
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

# Each is called before it is done; so "killed at n" is also "killed after n - 1".
NAMES = ("mkdir", "rename", "replace", "symlink", "link", "unlink", "remove", "rmdir", "chmod", "fsync", "truncate")


@contextlib.contextmanager
def watch(react: Callable[[str, str], None], directory: Path) -> Iterator[None]:
    """Call ``react(operation, path)`` before every file operation of Python's within ``directory``.

    Opening for writing is one; every write to what was so opened is another.
    """
    paths: dict[int, str] = {}
    before = {name: getattr(os, name) for name in (*NAMES, "open")}
    open_before = builtins.open

    def tell(operation, path, dir_fd=None):
        if isinstance(path, int):
            path = paths.get(path) or os.readlink(f"/proc/self/fd/{path}")
        elif dir_fd is not None:
            path = os.path.join(os.readlink(f"/proc/self/fd/{dir_fd}"), path)
        if str(path).startswith(str(directory)):
            react(operation, str(path))

    def wrap(name):
        def wrapped(*args, **keywords):
            target = args[1] if name in ("symlink", "link") else args[0]
            tell(name, target, keywords.get("dir_fd"))
            return before[name](*args, **keywords)

        return wrapped

    def watched_os_open(path, flags, *args, **keywords):
        if flags & (os.O_WRONLY | os.O_RDWR):
            tell("open", path, keywords.get("dir_fd"))
        return before["open"](path, flags, *args, **keywords)

    def watched_open(file, mode="r", *args, **keywords):
        if set(mode) & set("wax+") and not isinstance(file, int):
            tell("open", file)
        opened = open_before(file, mode, *args, **keywords)
        if set(mode) & set("wax+"):
            return _Watched(opened, lambda: tell("write", os.readlink(f"/proc/self/fd/{opened.fileno()}")))
        return opened

    patches = [mock.patch.object(os, name, wrap(name)) for name in NAMES]
    patches += [mock.patch.object(os, "open", watched_os_open), mock.patch.object(builtins, "open", watched_open)]
    patches += [mock.patch.object(os, "fdopen", watched_open)]
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        yield


class _Watched:
    def __init__(self, file, tell):
        self._file, self._tell = file, tell

    def write(self, data):
        self._tell()
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        self._file.__enter__()
        return self

    def __exit__(self, *args):
        return self._file.__exit__(*args)


class KillAt:
    """Send SIGKILL to this process at operation ``n``."""

    def __init__(self, n: int):
        self.n, self.count = n, 0

    def __call__(self, operation: str, path: str) -> None:
        self.count += 1
        if self.count == self.n:
            os.kill(os.getpid(), signal.SIGKILL)


class FailAt:
    """Let operation ``n``, and, where it is to last, every one that writes after it, fail with ``code``."""

    def __init__(self, n: int, code: int = errno.ENOSPC, lasts: bool = False):
        self.n, self.code, self.lasts, self.count, self.failed = n, code, lasts, 0, None

    def __call__(self, operation: str, path: str) -> None:
        self.count += 1
        is_writing = operation not in ("unlink", "remove", "rmdir")
        if (self.count == self.n or (self.lasts and self.count > self.n)) and is_writing:
            self.failed = self.failed or (operation, path)
            raise OSError(self.code, os.strerror(self.code), path)


def run_in_fork(function: Callable[[], None]) -> int:
    """Run ``function`` in a forked process; return how it ended: an exit code, or minus the signal's number."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            function()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
