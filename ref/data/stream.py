"""What is in a file, unzipped where its first bytes say gzip, piece by piece. Nothing in the file is trusted."""

import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

CHUNK_BYTES = 1 << 18
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WBITS = zlib.MAX_WBITS | 16  # zlib then reads gzip's header, and checks each member's CRC and length
MAX_OVERHEAD_BYTES = 1 << 20  # what headers, empty members and padding may take beyond the content itself
DOWNLOAD_AGAIN = "download it again"
KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class UnfitFileError(Exception):
    """A file is not what it must be: ``found`` says what it is instead, ``remedy`` what to do."""

    def __init__(self, found: str, remedy: str = DOWNLOAD_AGAIN):
        super().__init__(found)
        self.found, self.remedy = found, remedy


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file, or a link to one, for reading, unbuffered; nothing else is opened, or waited for.

    Raises:
      UnfitFileError: it is a FIFO, a device, a socket or a directory.
      OSError: it cannot be opened.
    """
    _check_regular(os.stat(path))  # a socket cannot be opened, and some devices act when they are
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _check_regular(os.fstat(descriptor))  # it may have been replaced since
        return open(descriptor, "rb", buffering=0)
    except BaseException:
        os.close(descriptor)
        raise


def _check_regular(status: os.stat_result) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        found = KINDS.get(kind, "no regular file")
        raise UnfitFileError(f"is {found}", "remove it, and put a regular file there")


def read_content(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what is in ``file``, from its start to its end, in chunks of at most CHUNK_BYTES, some of them empty.

    What begins as gzip is unzipped. As with gzip itself, several members are one content, and zero bytes after the last
    are padding; anything else there is refused.

    Raises:
      UnfitFileError: the gzip stream is cut or damaged, or more follows it. What was yielded before is worth nothing.
      OSError: it cannot be read.
    """
    file.seek(0)
    start = file.read(CHUNK_BYTES)
    if start[:2] == GZIP_MAGIC:
        yield from _unzip(file, start)
        return
    while start:
        yield start
        start = file.read(CHUNK_BYTES)


def has_content_of(path: Path, other: Path) -> bool:
    """Return whether the file ``path``, unzipped, holds what ``other`` does, which can be read."""
    with open_regular(other) as file:
        expected = hashlib.sha256()
        n_bytes = 0
        for chunk in read_content(file):
            expected.update(chunk)
            n_bytes += len(chunk)
    found = hashlib.sha256()
    try:
        with open_regular(path) as file:
            for chunk in read_content(file):
                found.update(chunk)
                n_bytes -= len(chunk)
                if n_bytes < 0:
                    return False
    except (UnfitFileError, OSError):
        return False
    return found.digest() == expected.digest()


def _unzip(file: IO[bytes], pending: bytes) -> Iterator[bytes]:
    n_unzipped = 0
    while pending and GZIP_MAGIC.startswith(pending[:2]):
        member = zlib.decompressobj(GZIP_WBITS)
        while not member.eof:
            try:
                chunk = member.decompress(pending, CHUNK_BYTES)
            except zlib.error as error:
                raise UnfitFileError(f"is a damaged gzip file ({error})") from error
            n_unzipped += len(chunk)
            if file.tell() > n_unzipped + CHUNK_BYTES + MAX_OVERHEAD_BYTES:
                raise UnfitFileError("is a gzip file with next to nothing in it")
            yield chunk
            pending = member.unconsumed_tail
            if not pending and not member.eof:
                pending = file.read(CHUNK_BYTES)
                if not pending:
                    raise UnfitFileError("is a truncated gzip file")
        pending = member.unused_data or file.read(CHUNK_BYTES)
    n_padding = 0
    while pending:
        n_padding += len(pending)
        if n_padding > MAX_OVERHEAD_BYTES or pending.strip(b"\0"):
            raise UnfitFileError("holds more after the end of its gzip stream")
        pending = file.read(CHUNK_BYTES)
