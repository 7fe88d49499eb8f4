"""Standard streams that are closed, full or no longer read; and what C++ code writes to standard error."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TextIO

from ref.common.errors import BadInputError

# Shows what it was given once nobody can write to it any more.
HOLD_BACK = "import sys; text = sys.stdin.buffer.read(); sys.stderr.buffer.write(text)"


class _Descriptor(io.FileIO):
    """Standard output or error, unbuffered."""

    def write(self, data) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            if self.fileno() == 2:  # nowhere to say it, and no reason to stop a training
                return len(data)
            raise BadInputError(
                f"standard output: cannot be written ({error.strerror}), expected room for the printed lines; send "
                "them elsewhere (> FILE)"
            ) from error


@contextlib.contextmanager
def guard() -> Iterator[bool]:
    """Have the process's standard output raise BadInputError where it cannot be written, and its error be silent then.

    Streams that somebody put there, a notebook or a test, stay as they are. A closed descriptor is first opened on
    /dev/null, so that no file of ours gets its number, and with it what C++ code prints. Yields whether standard output
    was open.
    """
    is_open = sys.stdout is not None
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    before = sys.stdout, sys.stderr
    guarded = []
    if sys.stdout is sys.__stdout__:
        sys.stdout = _wrap(1, sys.stdout, "replace")  # Chinese titles on a terminal that has none
        guarded.append(sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _wrap(2, sys.stderr, "backslashreplace")
        guarded.append(sys.stderr)
    try:
        yield is_open
    finally:
        for stream in guarded:
            with contextlib.suppress(BadInputError, OSError):
                stream.flush()
        sys.stdout, sys.stderr = before


def _wrap(descriptor: int, stream: TextIO | None, errors: str) -> TextIO:
    is_by_line = descriptor == 2
    if stream is not None:
        stream.flush()
        is_by_line = is_by_line or stream.line_buffering or stream.write_through
    return io.TextIOWrapper(
        io.BufferedWriter(_Descriptor(descriptor, "w", closefd=False)),
        encoding=stream.encoding if stream else "utf-8",
        errors=errors,
        line_buffering=is_by_line,
    )


@contextlib.contextmanager
def hold_back_stderr() -> Iterator[None]:
    """Swallow what C++ code writes to descriptor 2; show it where the block raises, or where the process dies in it.

    It is another process that holds it, and that is killed when all went well: after an abort nothing of ours runs.
    """
    try:
        holder = subprocess.Popen(
            [sys.executable, "-IS", "-c", HOLD_BACK],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not for it
        )
    except OSError:  # no process to be had: better chatter than nothing at all
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    stderr = os.dup(2)
    os.dup2(holder.stdin.fileno(), 2)
    try:
        yield
        holder.kill()
    except BadInputError:  # says all there is to say
        holder.kill()
        raise
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        holder.stdin.close()
        holder.wait()
