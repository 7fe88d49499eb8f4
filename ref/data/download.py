"""Fetch MNIST's four files from one of two mirrors, and let nothing in that is not MNIST's."""

import gzip
import hashlib
import urllib.request
import zlib
from pathlib import Path

from tqdm import tqdm

from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.data.idx import CHUNK_BYTES, FILES

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


def download(directory: Path, mirrors: tuple[str, ...] = MIRRORS) -> None:
    """Fetch MNIST's four files over https into ``directory``; those already there and intact are kept.

    A file is unzipped and its sha256 checked before it takes its name. The second mirror is asked where the first
    fails.

    Raises:
      BadInputError: no mirror gave a file with the right hash, or ``directory`` cannot be written.
    """
    for file in FILES:
        path = directory / f"{file}.gz"
        if path.exists() and _check_download(path.read_bytes(), file) is None:
            continue
        failures = []
        for mirror in mirrors:
            url = f"{mirror}/{file}.gz"
            try:
                content = _fetch(url)
            except (OSError, ValueError) as error:
                failures.append(f"{url}: {error}")
                continue
            problem = _check_download(content, file)
            if problem is None:
                with open_atomically(path) as out:
                    out.write(content)
                break
            failures.append(f"{url}: {problem}")
        else:
            raise BadInputError(
                f"{path}: could not be fetched ({'; '.join(failures)}), expected one of {len(mirrors)} mirrors to give "
                "MNIST's own file; check the connection and run it again, or put the four files there by hand"
            )


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:
        total = int(response.headers.get("Content-Length") or 0) or None
        with tqdm(total=total, unit="B", unit_scale=True, desc=url.rsplit("/", 1)[1], disable=None) as bar:
            chunks = []
            while chunk := response.read(CHUNK_BYTES):
                chunks.append(chunk)
                bar.update(len(chunk))
    return b"".join(chunks)


def _check_download(content: bytes, file: str) -> str | None:
    """Return what is wrong with the gzipped ``content`` of MNIST's ``file``, or None."""
    try:
        found = hashlib.sha256(gzip.decompress(content)).hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        return f"not an intact gzip file ({error})"
    return None if found == MNIST_SHA256[file] else f"sha256 {found}, expected {MNIST_SHA256[file]}"
