"""Python, the packages that a run needs, and what else can be installed."""

import re
import sys
from importlib import metadata
from pathlib import Path

from ref.common.environment import ROOT
from ref.doctor.rows import Row, Section

PYTHONS = ((3, 10), (3, 13))  # first and last
NEEDED = ("tensorflow", "numpy", "matplotlib", "scikit-learn", "tqdm")
EXTRAS = {  # what tells that an extra is there, and what installs it
    "dev": ("pytest-xdist", "make test"),
    "originals": ("tf-slim", "make original"),
    "gpu": ("nvidia-cusolver-cu12", "make setup GPU=1"),
}
ENVIRONMENTS = {".venv-peers": "make bench-peers", ".venv-tf1": "make tf1"}


def examine(root: Path = ROOT) -> Section:
    """Return what is installed for this Python, and in the other environments beside it in ``root``."""
    pinned = read_pins(root / "requirements.txt")
    rows = [_describe_python(), *(_describe_package(name, pinned.get(name, set())) for name in NEEDED)]
    for name, (package, make) in EXTRAS.items():
        version = _find_version(package)
        rows.append(Row(name, f"installed ({package} {version})" if version else f"not installed; {make} installs it"))
    for name, make in ENVIRONMENTS.items():
        is_there = (root / name / "installed").exists() and (root / name / "bin" / "python").exists()
        rows.append(Row(name, "installed" if is_there else f"not installed; {make} installs it"))
    return Section("packages", rows)


def read_pins(requirements: Path) -> dict[str, set[str]]:
    """Return the versions of each package that a file of pinned packages names, one for each kind of Python."""
    pins: dict[str, set[str]] = {}
    if requirements.exists():
        for name, version in re.findall(
            r"^([\w.-]+)==([^\s;\\]+)", requirements.read_text(encoding="utf-8"), re.MULTILINE
        ):
            pins.setdefault(name, set()).add(version)
    return pins


def _describe_python() -> Row:
    version = ".".join(map(str, sys.version_info[:3]))
    first, last = (".".join(map(str, one)) for one in PYTHONS)
    text = f"{version}, {sys.executable}"
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return Row("python", text)
    return Row(
        "python", text, f"Python {version} found, expected {first} to {last}; say which with make setup PYTHON=…"
    )


def _describe_package(name: str, pinned: set[str]) -> Row:
    version = _find_version(name)
    if version is None:
        python = "" if sys.prefix != sys.base_prefix else f", or take {ROOT / '.venv' / 'bin' / 'python'}"
        return Row(name, "not installed", f"{name} is not installed for {sys.executable}; run 'make setup'{python}")
    expected = " or ".join(sorted(pinned))
    return Row(name, f"{version}, {'as pinned' if version in pinned else f'pinned is {expected}'}")


def _find_version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
