"""Print a Python 3.7 that TensorFlow 1.15.5 can be installed in.

PATH, else python3.7 of the search path, pyenv's newest 3.7, or the one that uv finds; exit code 2 where there is none.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser


def list_candidates() -> list[str]:
    """Return the Pythons 3.7 that may be there, the likeliest first."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [shutil.which("python3.7"), *map(str, sorted(pyenv.glob("3.7.*/bin/python"), reverse=True))]
    if uv := shutil.which("uv") or shutil.which("uv", path=Path(sys.executable).parent):
        found = subprocess.run([uv, "python", "find", "3.7"], capture_output=True, text=True)
        candidates.append(found.stdout.strip() if found.returncode == 0 else None)
    return [candidate for candidate in candidates if candidate]


def is_python_3_7(python: str) -> bool:
    """Return whether ``python`` starts, and is a Python 3.7 with venv."""
    command = [python, "-c", "import sys, venv; sys.exit(sys.version_info[:2] != (3, 7))"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def find_python(wanted: str | None = None) -> str:
    """Return ``wanted``, or the first Python 3.7 that there is.

    Raises:
      BadInputError: there is none, or TensorFlow 1.15.5 was never built for this processor.
    """
    if platform.machine() not in ("x86_64", "AMD64") or sys.platform != "linux":
        raise BadInputError(
            f"{sys.platform} on {platform.machine()}: TensorFlow 1.15.5 cannot be installed, expected Linux on x86-64; "
            "its recorded values are in tests/golden/tf1"
        )
    for candidate in [wanted] if wanted else list_candidates():
        if is_python_3_7(candidate):
            return candidate
    found = f"TF1_PYTHON={wanted}: not a Python 3.7 with venv" if wanted else "no Python 3.7 found"
    raise BadInputError(
        f"{found}, expected one for TensorFlow 1.15.5; 'pyenv install 3.7' or 'uv python install 3.7' brings it, "
        "TF1_PYTHON=PATH says where it is"
    )


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.tf1.find_python", description=__doc__)
    parser.add_argument("path", nargs="?", metavar="PATH", help="a Python 3.7")
    print(find_python(parser.parse_args(argv).path))


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
