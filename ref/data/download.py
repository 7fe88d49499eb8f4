"""Fetch MNIST's four files from one of two mirrors, and let nothing in that is not MNIST's."""

import contextlib
import fcntl
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.files import make_directory, open_atomically
from ref.data.fetch import FetchError, Limits, fetch
from ref.data.idx import FILES, hash_array_file, read_idx
from ref.data.signatures import identify
from ref.data.stream import GZIP_MAGIC, UnfitFileError, open_regular, read_content

MNIST_SHA256 = dict(
    zip(
        FILES,
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    )
)
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist",
)
LIMITS = Limits()
MAX_UNZIPPED_BYTES = 50_000_000  # MNIST's largest file has 47,040,016


def download(directory: Path, mirrors: tuple[str, ...] = MIRRORS, limits: Limits = LIMITS) -> None:
    """Fetch MNIST's four files over https into ``directory``; those already there and intact are kept.

    A file is unzipped and its sha256 checked before it takes its name. The second mirror is asked where the first
    fails. Two downloads to one directory go one after the other.

    Raises:
      BadInputError: no mirror gave a file with the right hash, ``directory`` cannot be written, or what is there under
        a file's name is another data set's, or no file.
    """
    if all(_is_there(_find_place(directory, file), file) for file in FILES):
        return
    try:
        make_directory(directory)
    except BadInputError as error:
        raise BadInputError(f"{error} (MNIST_DIR)") from error
    with _lock(directory):
        for file in FILES:
            path = _find_place(directory, file)
            _sweep(path)
            if not _is_there(path, file):
                _write(path, _fetch_from_any(mirrors, file, limits, path))


def _find_place(directory: Path, file: str) -> Path:
    """Return where ``file`` is, plain or gzipped, in the order in which it is looked for, else where it will be."""
    plain = directory / file
    return plain if os.path.lexists(plain) else directory / f"{file}.gz"


def _is_there(path: Path, file: str) -> bool:
    """Return whether MNIST's own ``file`` is at ``path``; where not, nothing is lost by writing there.

    Raises:
      BadInputError: what is there is no file, cannot be read, or is another data set's.
    """
    expected = "expected MNIST's own file, or nothing"
    try:
        open_regular(path).close()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except UnfitFileError as error:
        raise BadInputError(f"{path}: {error.found}, {expected}; remove it") from error
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}), {expected}; make it readable") from error
    try:
        found = hash_array_file(read_idx(path))
    except BadInputError:
        return False
    if found != MNIST_SHA256[file]:
        raise BadInputError(
            f"{path}: is another data set's (sha256 {found}), {expected}; move it, or choose another"
            " directory (MNIST_DIR)"
        )
    return True


@contextlib.contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """Hold ``directory`` until the block ends, or its process does; wait for who holds it."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems have no locks, and two downloads do no harm
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    """Remove what downloads that were killed had begun to write."""
    for leftover in path.parent.glob(f".*{path.name}-*"):
        with contextlib.suppress(OSError):
            leftover.unlink()


def _fetch_from_any(mirrors: tuple[str, ...], file: str, limits: Limits, path: Path) -> bytes:
    failures = []
    for mirror in mirrors:
        url = f"{mirror}/{file}.gz"
        try:
            content = fetch(url, limits)
            _check_download(content, file)
        except (FetchError, UnfitFileError) as error:
            failures.append(f"{url}: {error}")
        else:
            return content
    raise BadInputError(
        f"{path}: could not be fetched ({'; '.join(failures)}), expected one of {len(mirrors)} mirrors to give MNIST's "
        "own file; check the connection and run it again, or put the four files there by hand"
    )


def _check_download(content: bytes, file: str) -> None:
    """Raise UnfitFileError where ``content`` is not MNIST's ``file``, gzipped."""
    if content[:2] != GZIP_MAGIC:
        found, _ = identify(content) or (f"no gzip file (0x{content[:4].hex()})", "")
        raise UnfitFileError(f"sends what is {found}")
    digest, n_bytes = hashlib.sha256(), 0
    for chunk in read_content(io.BytesIO(content)):
        digest.update(chunk)
        n_bytes += len(chunk)
        if n_bytes > MAX_UNZIPPED_BYTES:
            raise UnfitFileError(f"unzips to more than {MAX_UNZIPPED_BYTES} bytes")
    if digest.hexdigest() != MNIST_SHA256[file]:
        raise UnfitFileError(f"has sha256 {digest.hexdigest()}, expected {MNIST_SHA256[file]}")


def _write(path: Path, content: bytes) -> None:
    try:
        with open_atomically(path) as out:
            out.write(content)
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be written ({error.strerror or error}), expected room for {len(content)} bytes; make "
            "room, or choose another directory (MNIST_DIR)"
        ) from error
