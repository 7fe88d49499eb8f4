"""Fuzz the IDX reader, guided by coverage, and hold what it accepts beside a reader of three lines.

    make fuzz RUNS=1000000

Needs atheris, which has wheels for Linux and some versions of Python. An input's first byte says whether it is read as
images or as labels, and as it is or gzipped, so that mutations reach what lies behind gzip's checksum. What is refused
is one line; what is accepted is what Python's own gzip module and NumPy make of it. libFuzzer's flags may follow.
"""

import gzip
import os
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser

MISSING = ""
try:
    import atheris

    with atheris.instrument_imports(include=["ref.data"]):
        from ref.data import idx
except ImportError as error:  # --help does without
    MISSING = str(error)

MODES = (("images", False), ("images", True), ("labels", False), ("labels", True))  # the name, whether to gzip it


def make_seeds() -> list[bytes]:
    """Return inputs to start from: small files of both kinds, whole, cut, and of two members."""
    images, labels = np.full((1, 28, 28), 7, np.uint8), np.arange(10, dtype=np.uint8)
    seeds = []
    for mode, whole in ((0, idx.encode_idx(images)), (2, idx.encode_idx(labels))):
        zipped = gzip.compress(whole, mtime=0)
        for content in (whole, zipped, zipped + bytes(9), gzip.compress(whole[:9]) + gzip.compress(whole[9:])):
            seeds.append(bytes([mode]) + content)
        seeds += [bytes([mode + 1]) + whole, bytes([mode + 1]) + whole[:-1], bytes([mode + 1]) + zipped]
    return seeds


def read_simply(content: bytes) -> np.ndarray:
    """Return the array in ``content``, which nothing is wrong with."""
    content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    n_dims = content[3]
    return np.frombuffer(content, np.uint8, offset=4 + 4 * n_dims).reshape(np.frombuffer(content, ">u4", n_dims, 4))


def read_input(path: Path, data: bytes) -> bool:
    """Write and read one input; return whether it was accepted.

    Raises:
      AssertionError: what was accepted is not what ``read_simply`` makes of it, or more than one line was said.
    """
    name, is_zipped = MODES[data[0] % len(MODES)] if data else MODES[0]
    content = gzip.compress(data[1:], compresslevel=1, mtime=0) if is_zipped else data[1:]
    path = path / name
    path.write_bytes(content)
    try:
        found = idx.read_idx(path)
    except BadInputError as error:
        if not str(error).isprintable():
            raise AssertionError(f"not one line: {str(error)!r}") from error
        return False
    expected = read_simply(content)
    if found.shape != expected.shape or found.tobytes() != expected.tobytes():
        raise AssertionError(f"another array than {expected.shape}: {found.shape}")
    if found.shape[1:] != ((28, 28) if name == "images" else ()) or (name == "labels" and found.max() > 9):
        raise AssertionError(f"{name} of {found.shape}, up to {found.max()}")
    return True


def main(argv: list[str]) -> None:
    parser = Parser(
        prog="python -m scripts.fuzz_idx", description=__doc__.splitlines()[0], epilog="-NAME=VALUE: libFuzzer's"
    )
    _, flags = parser.parse_known_args(argv)
    if unknown := [flag for flag in flags if not re.fullmatch(r"-\w+=.*", flag)]:
        parser.error(f"{unknown[0]}: unknown flag")
    if MISSING:
        raise BadInputError(f"{MISSING}, expected the packages of requirements-fuzz.txt; run 'make fuzz'")
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as directory:
        path, corpus = Path(directory), Path(directory) / "corpus"
        corpus.mkdir()
        for i, seed in enumerate(make_seeds()):
            (corpus / str(i)).write_bytes(seed)
        flags = ["-max_len=2048", "-len_control=0", *flags, str(corpus)]
        child = os.fork()
        if child == 0:  # Fuzz ends its process where it stands, and nothing would be cleared away
            atheris.Setup([sys.argv[0], *flags], lambda data: read_input(path, data) and None)
            atheris.Fuzz()
        _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
