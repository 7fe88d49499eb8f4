"""Named arrays in a file that needs no TensorFlow: NumPy's .npz, and .safetensors.

A .safetensors file is the length of a JSON header, the header (of each name the type, the shape, and where its bytes
begin and end), and the bytes: https://huggingface.co/docs/safetensors. That is less than a dependency, so it is
written out here; tests/test_checkpoint_files.py holds it against bytes that the package ``safetensors`` wrote.
"""

import json
import math
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np

from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.reasons import explain

FORMATS = (".npz", ".safetensors")
_INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
_NPZ_TYPES = {"bool", *_INTEGERS, "float16", "float32", "float64", "complex64", "complex128"}
_SAFETENSORS_TYPES = {
    "bool": "BOOL",
    **{name: name.upper().replace("INT", "" if name[0] == "u" else "I") for name in _INTEGERS},
    "float16": "F16",
    "bfloat16": "BF16",
    "float32": "F32",
    "float64": "F64",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "complex64": "C64",
}
_TYPES = {".npz": _NPZ_TYPES, ".safetensors": _SAFETENSORS_TYPES}
MAX_HEADER = 100_000_000  # bytes, as the format says


def write(path: Path, values: Mapping[str, np.ndarray]) -> list[str]:
    """Write ``values`` to ``path``, whose ending is the format; return the names of the text, which is left out.

    The same values give the same bytes.

    Raises:
      BadInputError: the format has no such type, or the file cannot be written.
    """
    check_output(path)
    text = [name for name, value in values.items() if value.dtype.kind in "OSU"]
    values = {name: np.asarray(value, order="C") for name, value in values.items() if name not in text}
    for name, value in values.items():
        if value.dtype.name not in _TYPES[path.suffix]:
            other = next((ending for ending, known in _TYPES.items() if value.dtype.name in known), None)
            raise BadInputError(
                f"{path}: {name} is of {value.dtype.name}, expected a type that {path.suffix} has; "
                + (f"export to {other}" if other else "neither format has it, cast it first")
            )
    with open_atomically(path) as file:
        (_write_npz if path.suffix == ".npz" else _write_safetensors)(file, values)
    return text


def read(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz or .safetensors file by their names, sorted.

    Raises:
      BadInputError: there is no such file, or it cannot be read.
    """
    if not path.is_file():
        found = "no regular file" if path.exists() else "no such file"
        raise BadInputError(f"{path}: {found}, expected one of {path.suffix}; export it, or name another")
    try:
        values = (_read_npz if path.suffix == ".npz" else _read_safetensors)(path)
    except OSError:
        raise
    except Exception as error:  # of NumPy, zipfile, zlib, struct, json, over whatever bytes
        raise BadInputError(
            f"{path}: cannot be read as {path.suffix} ({explain(error)}), expected a whole file of it; write it anew"
        ) from error
    return dict(sorted(values.items()))


def check_output(path: Path) -> None:
    """Raise BadInputError where ``path`` is no name for a file to write, or none of the formats."""
    if path.suffix not in FORMATS:
        raise BadInputError(f"{path}: no format has that ending, expected {' or '.join(FORMATS)}; rename it")
    refuse_what_is_no_file(path)


def refuse_what_is_no_file(path: Path) -> None:
    """Raise BadInputError where ``path`` is a directory, a FIFO, a device: what no file may take the place of."""
    if path.exists() and not path.is_file():
        raise BadInputError(f"{path}: is there and no regular file, expected the name of one; choose another")


def _write_npz(file: IO[bytes], values: Mapping[str, np.ndarray]) -> None:
    with zipfile.ZipFile(file, "w") as archive:  # np.savez has no place for a variable called file
        for name, value in values.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # of 1980, so that the bytes are the same tomorrow
            with archive.open(entry, "w", force_zip64=True) as out:
                np.lib.format.write_array(out, value, allow_pickle=False)


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    values = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            with archive.open(entry) as file:
                value = np.lib.format.read_array(file, allow_pickle=False)
            values[entry.removesuffix(".npy")] = value.astype(value.dtype.newbyteorder("="), copy=False)
    return values


def _write_safetensors(file: IO[bytes], values: Mapping[str, np.ndarray]) -> None:
    header, end = {}, 0
    # The widest type first, so that every array is aligned where the file is mapped into memory.
    for name, value in (ordered := sorted(values.items(), key=lambda item: -item[1].itemsize)):
        kind = _SAFETENSORS_TYPES[value.dtype.name]
        header[name] = {"dtype": kind, "shape": value.shape, "data_offsets": [end, end := end + value.nbytes]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    for _, value in ordered:
        file.write(value.tobytes())


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    import ml_dtypes  # noqa: F401  gives NumPy bfloat16 and float8

    names = {kind: name for name, kind in _SAFETENSORS_TYPES.items()}
    content = path.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    if length > min(len(content) - 8, MAX_HEADER):
        raise ValueError(f"a header of {length} bytes in a file of {len(content)}")
    header, content = json.loads(content[8 : 8 + length]), memoryview(content)[8 + length :]
    header.pop("__metadata__", None)
    values, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        if entry["dtype"] not in names:
            raise ValueError(f"{name} is of {entry['dtype']}")
        dtype, (begin, stop) = np.dtype(names[entry["dtype"]]), entry["data_offsets"]
        if begin != end or stop - begin != math.prod(entry["shape"]) * dtype.itemsize or stop > len(content):
            raise ValueError(f"{name} of shape {entry['shape']} in the bytes from {begin} to {stop} of {len(content)}")
        values[name] = np.frombuffer(content[begin:stop], dtype).reshape(entry["shape"])
        end = stop
    if end != len(content):
        raise ValueError(f"{len(content) - end} bytes that belong to no tensor")
    return values
