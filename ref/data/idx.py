"""The IDX file format of MNIST and its kin: four files of bytes, images and labels.

Source: http://yann.lecun.com/exdb/mnist/ ("the IDX file format").
"""

import gzip
import hashlib
import math
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ref.common.errors import BadInputError
from ref.common.files import open_atomically

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
IMAGE_SHAPE = (28, 28)
N_LABELS = 10
MAX_IMAGES = 1_000_000  # as float32, 3 GB
CHUNK_BYTES = 1 << 20


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of uint8, gzipped where its name ends in ``.gz``: images (n, 28, 28) or labels (n,).

    Nothing in the file is trusted: memory grows with what is really there, never with what the header announces.

    Raises:
      BadInputError: unreadable, not gzip, truncated, another magic number, a header that disagrees with the length,
        images of another size, labels above 9, or nothing in it.
    """
    n_dims = 3 if "idx3" in path.name else 1
    magic = struct.pack(">BBBB", 0, 0, 8, n_dims)
    remedy = "put an intact file there"
    try:
        if not path.is_file():
            raise BadInputError(f"{path}: not a regular file, expected an IDX file; {remedy}")
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            header = file.read(4 + 4 * n_dims)
            if header[:4] != magic:
                raise BadInputError(
                    f"{path}: starts with 0x{header[:4].hex()}, expected the magic number 0x{magic.hex()} of an IDX "
                    f"file of bytes in {n_dims} dimension(s); {remedy}"
                )
            if len(header) < 4 + 4 * n_dims:
                raise BadInputError(f"{path}: ends within its header, expected {4 + 4 * n_dims} bytes of it; {remedy}")
            shape = struct.unpack(f">{n_dims}I", header[4:])
            if shape[1:] != IMAGE_SHAPE[: n_dims - 1] or not 0 < shape[0] <= MAX_IMAGES:
                expected = f"{'(n, 28, 28)' if n_dims == 3 else '(n,)'} with n from 1 to {MAX_IMAGES}"
                raise BadInputError(f"{path}: its header says {shape}, expected {expected}; {remedy}")
            body = _read_at_most(file, math.prod(shape) + 1)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BadInputError(f"{path}: not a gzip file or a damaged one ({error}), expected gzip; {remedy}") from error
    except EOFError as error:
        raise BadInputError(f"{path}: truncated gzip file, expected its end-of-stream marker; {remedy}") from error
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be read ({error.strerror or error}), expected an IDX file; {remedy}"
        ) from error
    if len(body) != math.prod(shape):
        found = "more" if len(body) > math.prod(shape) else f"{len(body)}"
        raise BadInputError(
            f"{path}: holds {found} bytes after its header, which announces {shape} = {math.prod(shape)}; {remedy}"
        )
    array = np.frombuffer(body, np.uint8).reshape(shape)
    if n_dims == 1 and array.max() >= N_LABELS:
        raise BadInputError(f"{path}: label {array.max()} at index {array.argmax()}, expected 0 to 9; {remedy}")
    return array


def _read_at_most(file, n_bytes: int) -> bytes:
    chunks = []
    while n_bytes > 0 and (chunk := file.read(min(CHUNK_BYTES, n_bytes))):
        chunks.append(chunk)
        n_bytes -= len(chunk)
    return b"".join(chunks)


def encode_idx(array: np.ndarray) -> bytes:
    """Return the unzipped IDX file that holds the uint8 ``array``."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_gzipped(directory: Path, arrays: Iterable[np.ndarray]) -> None:
    """Write the four ``arrays`` to ``directory``, under the names of FILES, in their order, gzipped.

    Raises:
      BadInputError: ``directory`` cannot be written.
    """
    for file, array in zip(FILES, arrays):
        with open_atomically(directory / f"{file}.gz") as out:
            out.write(gzip.compress(encode_idx(array), compresslevel=6, mtime=0))


def hash_array_file(array: np.ndarray) -> str:
    """Return the sha256 of the unzipped IDX file that holds ``array``."""
    return hashlib.sha256(encode_idx(array)).hexdigest()
