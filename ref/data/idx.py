"""The IDX file format of MNIST and its kin: four files of bytes, images and labels.

Source: http://yann.lecun.com/exdb/mnist/ ("the IDX file format").
"""

import gzip
import hashlib
import math
import struct
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.data.signatures import N_BYTES, identify
from ref.data.stream import UnfitFileError, open_regular, read_content

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
IMAGE_SHAPE = (28, 28)
N_LABELS = 10
MAX_IMAGES = 1_000_000  # as float32, 3 GB
MAX_SIDE = 10_000  # of images that somebody may have: beyond it a header is damaged
UBYTE = 0x08
TYPES = {UBYTE: "bytes", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
EXPECTED = {3: "28x28 images in bytes", 1: "labels from 0 to 9 in bytes"}  # by the number of dimensions


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of uint8, gzipped or not: images (n, 28, 28) where its name says so, else labels (n,).

    Nothing in the file is trusted, nor its name's ending. It is read twice: to see that it is intact and holds what its
    header announces, and only then into memory.

    Raises:
      BadInputError: it is no regular file, cannot be read, is cut or damaged, or is anything but an IDX file of
        28x28 images, or of labels from 0 to 9, in bytes.
    """
    n_dims = 3 if "images" in path.name.lower() else 1
    try:
        with open_regular(path) as file:
            array = _read(file, _check(file, n_dims))
        if n_dims == 1 and array.max() >= N_LABELS:
            at = np.argmax(array >= N_LABELS)
            raise UnfitFileError(f"holds label {array[at]} at index {at}", "use a set of ten classes, numbered from 0")
    except UnfitFileError as error:
        found, remedy = error.found, error.remedy
    except MemoryError:
        found, remedy = "is larger than the memory that is left", "make room, or use a smaller set"
    except OSError as error:
        found, remedy = f"cannot be read ({error.strerror or error})", "put it there, readable"
    else:
        return array
    raise BadInputError(f"{path}: {found}, expected {EXPECTED[n_dims]} (IDX, gzipped or not); {remedy}")


def _check(file: IO[bytes], n_dims: int) -> tuple[int, ...]:
    """Return the shape that the header gives, once all of the content has been seen to fit it."""
    content = read_content(file)
    start = _read_start(content, N_BYTES)
    shape = _parse_header(start, n_dims)
    n_announced = math.prod(shape)
    n_bytes = len(start) - (4 + 4 * n_dims)
    for chunk in content:
        n_bytes += len(chunk)
        if n_bytes > n_announced:
            break
    if n_bytes != n_announced:
        held = "more bytes" if n_bytes > n_announced else f"{n_bytes} bytes"
        raise UnfitFileError(f"holds {held} after its header, which announces {n_announced}")
    return shape


def _read(file: IO[bytes], shape: tuple[int, ...]) -> np.ndarray:
    """Return the content that ``_check`` has gone through as an array of ``shape``, uint8."""
    array = np.empty(math.prod(shape), np.uint8)
    n_header, at = 4 + 4 * len(shape), 0
    content = read_content(file)
    changed = UnfitFileError("was changed while it was read", "run it again")
    for chunk in chain([_read_start(content, n_header)[n_header:]], content):
        place = array[at : at + len(chunk)]
        if len(place) != len(chunk):
            raise changed
        place[:] = np.frombuffer(chunk, np.uint8)
        at += len(chunk)
    if at != len(array):
        raise changed
    return array.reshape(shape)


def _read_start(content: Iterator[bytes], n_bytes: int) -> bytes:
    """Return at least ``n_bytes`` from the head of ``content``, fewer where there are no more."""
    start = b""
    while len(start) < n_bytes and (chunk := next(content, None)) is not None:
        start += chunk
    return start


def _parse_header(start: bytes, n_dims: int) -> tuple[int, ...]:
    """Return the shape in the header at the head of ``start``.

    Raises:
      UnfitFileError: it is no header of ``n_dims`` dimensions of bytes, or another shape than can be used.
    """
    if start[:2] != b"\0\0" and (found := identify(start)):
        raise UnfitFileError(f"is {found[0]}", found[1])
    if start[:2] != b"\0\0" or len(start) < 4:
        if start[2:4] == b"\0\0" and start[1] in TYPES:
            raise UnfitFileError("is an IDX file in little-endian order", "write its header in big-endian order")
        raise UnfitFileError(f"starts with 0x{start[:4].hex()}, where an IDX file has 0x000008{n_dims:02x}")
    if start[2] not in TYPES:
        raise UnfitFileError(f"has the IDX type 0x{start[2]:02x}, which there is not")
    _check_dimensions(start, n_dims)
    if start[2] != UBYTE:
        as_bytes = "0 to 255" if n_dims == 3 else "0 to 9"
        found = f"holds {TYPES[start[2]]} (IDX type 0x{start[2]:02x})"
        raise UnfitFileError(found, f"convert its values to bytes (0x08) from {as_bytes}")
    if len(start) < 4 + 4 * n_dims:
        raise UnfitFileError(f"ends within its header, which has {4 + 4 * n_dims} bytes")
    shape = struct.unpack_from(f">{n_dims}I", start, 4)
    _check_shape(shape, struct.unpack_from(f"<{n_dims}I", start, 4))
    return shape


def _check_dimensions(start: bytes, n_dims: int) -> None:
    match n_dims, start[3]:
        case (3, 3) | (1, 1):
            return
        case 3, 1:
            raise UnfitFileError("holds labels under an images file's name", "give each file its own name")
        case 1, 3:
            raise UnfitFileError("holds images under a labels file's name", "give each file its own name")
        case 3, 4:
            raise UnfitFileError("holds images of 4 dimensions (in colour?)", "convert them to grey: (n, 28, 28)")
        case 3, 2:
            raise UnfitFileError("holds images of 2 dimensions (flattened?)", "reshape them to (n, 28, 28)")
        case 1, 2:
            raise UnfitFileError("holds labels of 2 dimensions (one-hot, or QMNIST's?)", "keep the class alone: (n,)")
    raise UnfitFileError(f"holds {start[3]} dimensions")


def _check_shape(shape: tuple[int, ...], swapped: tuple[int, ...]) -> None:
    n, *side = shape
    if swapped[1:] == IMAGE_SHAPE[: len(side)] and side and 0 < swapped[0] <= MAX_IMAGES:
        raise UnfitFileError("has its sizes in little-endian order", "write its header in big-endian order")
    if not all(0 < pixels <= MAX_SIDE for pixels in side):
        raise UnfitFileError(f"has a damaged header, which announces {shape}")
    if side and tuple(side) != IMAGE_SHAPE:
        raise UnfitFileError(f"holds images of {'x'.join(map(str, side))} pixels", "resize them to 28x28 pixels")
    if n == 0:
        raise UnfitFileError("holds none", "put at least one there")
    if n > MAX_IMAGES:
        raise UnfitFileError(f"announces {n} of them, more than {MAX_IMAGES}", "use fewer, or download it again")


def encode_idx(array: np.ndarray) -> bytes:
    """Return the unzipped IDX file that holds the uint8 ``array``."""
    return _encode_header(array) + array.tobytes()


def _encode_header(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, UBYTE, array.ndim, *array.shape)


def write_gzipped(directory: Path, arrays: Iterable[np.ndarray]) -> None:
    """Write the four ``arrays`` to ``directory``, under the names of FILES, in their order, gzipped.

    Raises:
      BadInputError: ``directory`` cannot be written, or has no room for them.
    """
    try:
        for file, array in zip(FILES, arrays):
            with open_atomically(directory / f"{file}.gz") as out:
                out.write(gzip.compress(encode_idx(array), compresslevel=6, mtime=0))
    except OSError as error:
        raise BadInputError(
            f"{directory / file}.gz: cannot be written ({error.strerror or error}), expected room for a file, and "
            "nothing but a file, there; make room, or choose another directory"
        ) from error


def hash_array_file(array: np.ndarray) -> str:
    """Return the sha256 of the unzipped IDX file that holds the uint8 ``array``."""
    digest = hashlib.sha256(_encode_header(array))
    digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()
