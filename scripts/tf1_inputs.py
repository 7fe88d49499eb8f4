"""What the scripts that record from TensorFlow 1.15.5 need, looked at before an hour is spent on it."""

import argparse
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.flags import MAX_SEED, Parser
from ref.data.download import MNIST_SHA256
from ref.data.idx import FILES, hash_array_file, read_idx

PYTHON = Path(__file__).resolve().parents[1] / ".venv-tf1" / "bin" / "python"


def make_parser(name: str, description: str) -> Parser:
    """Return a parser for ``python -m NAME`` whose help begins with the description, line by line as it is."""
    formatter = argparse.RawDescriptionHelpFormatter
    return Parser(prog=f"python -m {name}", description=description, formatter_class=formatter)


def add_python(parser: Parser) -> None:
    """Add --python, which ``check_python`` looks at."""
    parser.add_argument(
        "--python", default=str(PYTHON), metavar="FILE", help="of TensorFlow 1.15.5; default: that of make tf1"
    )


def whole_number(lowest: int) -> Callable[[str], int]:
    """Return what makes a number of an argument, and refuses any below ``lowest``."""

    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and lowest <= int(text) <= MAX_SEED:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text!r} found, expected a whole number from {lowest} to {MAX_SEED}")

    return parse


def check_python(python: str) -> None:
    """Raise BadInputError where ``python`` does not start, or has another TensorFlow than 1.15.5 or none."""
    command = [python, "-c", "import tensorflow; print('TensorFlow', tensorflow.__version__)"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        said = (done.stderr if done.returncode else done.stdout).strip().splitlines()
        found = said[-1] if said else "no TensorFlow"
    except OSError as error:
        found = error.strerror
    if found != "TensorFlow 1.15.5":
        raise BadInputError(
            f"--python {python}: {found}, expected a Python that has TensorFlow 1.15.5; run make tf1, or name another"
        )


def check_mnist(data: Path) -> dict[str, str]:
    """Return the sha256 of MNIST's four files, unzipped.

    Raises:
      BadInputError: they are not all in ``data``, not gzipped, as TensorFlow 1's reader wants them (it would download
        what is missing), or not the real MNIST, of which alone there are records.
    """
    for file in FILES:
        if not (data / f"{file}.gz").is_file():
            raise BadInputError(
                f"--data {data}: no {file}.gz there, expected MNIST's four gzipped files; make mnist fetches them"
            )
    sha256 = {file: hash_array_file(read_idx(data / f"{file}.gz")) for file in FILES}
    if sha256 != MNIST_SHA256:
        raise BadInputError(f"--data {data}: other images or labels found, expected the real MNIST; see make mnist")
    return sha256


def read_kept(path: Path) -> dict:
    """Return what an earlier call left in ``path``; {} where that is nothing, or was cut short."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
