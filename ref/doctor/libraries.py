"""CUDA's libraries by name: found where, or missing, or there and not to be loaded."""

import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from ref.common import cuda
from ref.common.files import open_regular
from ref.doctor import probe
from ref.doctor.rows import Row

SYSTEM = ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64")  # where the loader looks last
TOOLKITS = "/usr/local/cuda*/lib*"  # where it does not look, unless told to
CUDNN_PARTS = ("graph", "ops", "cnn", "adv", "heuristic", "engines_precompiled", "engines_runtime_compiled")
MACHINES = {3: "x86", 40: "32-bit ARM", 62: "x86_64", 183: "aarch64", 243: "riscv64"}  # e_machine, in elf.h
N_NAMED = 3
MISSING = "missing"


def examine(toolkits: str = TOOLKITS) -> list[Row]:
    """Return a row for each library that TensorFlow asks for; where one that it needs cannot be had, that is a problem.

    ``toolkits``: a pattern of the directories that NVIDIA's own installers fill.
    """
    tried = try_each()
    rows = [_describe(library, tried[library.name], toolkits) for library in cuda.LIBRARIES]
    missing = [library for library, row in zip(cuda.LIBRARIES, rows) if row.problem == MISSING]
    together = f"missing: {', '.join(library.name for library in missing)}; "
    if removed := [library for library in missing if _is_installed(library)]:  # pip would do nothing
        together += f"{_uninstall(removed)}, then "
    together += "'make setup GPU=1' installs what TensorFlow needs"
    problems = {library.name: together if library is missing[0] else "" for library in missing}
    return [row._replace(problem=problems.get(row.label, row.problem)) for row in rows]


def try_each() -> dict[str, dict]:
    """Return what loading each library came to: ``path``, ``error``, and ``failed`` where it could not be had at all.

    One that the process dies of is left out of the next process.
    """
    tried: dict[str, dict] = {}
    lethal: list[str] = []
    for _ in cuda.LIBRARIES:
        answer = probe.ask("libraries", *lethal)
        tried |= {one["name"]: one for one in answer.found}
        if not answer.ending or not answer.found:
            break
        lethal.append(answer.found[-1]["name"])
        tried[lethal[-1]] = {"path": "", "error": answer.ending, "failed": True}
    untried = {"path": "", "error": f"not tried: {answer.ending}", "failed": True}
    return {library.name: tried.get(library.name, untried) for library in cuda.LIBRARIES}


def _describe(library: cuda.Library, tried: dict, toolkits: str) -> Row:
    is_needed = library.needed_by == "TensorFlow"
    if not tried["error"]:
        path = Path(tried["path"])
        return Row(library.name, f"{shorten(path)}{_describe_parts(library, path)}{_describe_others(path, toolkits)}")
    copies = (place / library.name for place in _list_searched())
    path = next((copy for copy in copies if os.path.lexists(copy)), None)
    if path is None and tried["error"].startswith(f"{library.name}:"):
        text = f"missing; needed by {library.needed_by}{_describe_others(Path(library.name), toolkits)}"
        return Row(library.name, text, MISSING if is_needed else "")
    reason = (path and describe_elf(path)) or tried["error"]
    reason = reason.removeprefix(f"{path}: ")
    text = f"cannot be loaded{f' from {shorten(path)}' if path else ''}: {reason}"
    problem = f"{library.name} {text}; {_name_remedy(library, path, reason)}"
    taken = "" if tried.get("failed") else f"; that of {shorten(Path(tried['path']))} is there, too"
    return Row(library.name, f"{text}{taken}", problem if is_needed else "")


def _name_remedy(library: cuda.Library, path: Path | None, reason: str) -> str:
    if re.match(r"lib[\w.-]+: cannot open shared object file", reason):  # of another, which it needs
        return "'make setup GPU=1' installs what it needs"
    if path is not None and shorten(path).startswith("pip's"):
        return f"{_uninstall([library])}, remove what is left, then 'make setup GPU=1'"
    return f"mend or remove {path or 'it'}"


def _uninstall(broken: list[cuda.Library]) -> str:
    """Return the command after which pip installs the packages of ``broken`` again."""
    return f"'.venv/bin/python -m pip uninstall -y {' '.join(dict.fromkeys(map(_name_package, broken)))}'"


def _name_package(library: cuda.Library) -> str:
    return f"nvidia-{library.package.replace('_', '-')}-cu12"


def _is_installed(library: cuda.Library) -> bool:
    try:
        return bool(metadata.version(_name_package(library)))
    except metadata.PackageNotFoundError:
        return False


def _describe_parts(library: cuda.Library, path: Path) -> str:
    """Return which of cuDNN's parts, which it loads itself when it is used, are not beside it."""
    if library.package != "cudnn":
        return ""
    files = {part: path.with_name(library.name.replace("cudnn", f"cudnn_{part}")) for part in CUDNN_PARTS}
    missing = [part for part, file in files.items() if not file.exists()]
    return f", without its parts {', '.join(missing)}" if missing else f", with its {len(files)} parts"


def _describe_others(path: Path, toolkits: str) -> str:
    """Return where else a library of that name lies, and its other versions, in words."""
    stem, found = path.name.partition(".so")[0], {}
    unseen = [place for place in sorted(Path("/").glob(toolkits.lstrip("/"))) if place.is_dir()]
    for place in [*_list_searched(), *unseen]:
        for other in sorted(place.glob(f"{stem}.so.*")):
            found.setdefault(os.path.realpath(other), other)
    found.pop(os.path.realpath(path), None)
    named = ", ".join(str(other) for other in list(found.values())[:N_NAMED])
    return f"; not taken: {named}" if named else ""


def _list_searched() -> list[Path]:
    """Return where libraries are looked for: pip's packages, LD_LIBRARY_PATH, the system's directories."""
    packaged = [path for place in sys.path for path in sorted(Path(place).glob("nvidia/*/lib"))]
    named = [Path(place) for place in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if place]
    return [*packaged, *named, *map(Path, SYSTEM)]


def describe_elf(path: Path) -> str:
    """Return why ``path`` can be no library of this machine, as its first bytes tell, or nothing.

    Of what is built for another machine, the loader says that it is not there.
    """
    try:
        with open_regular(path) as file:
            start = file.read(20)
    except OSError as error:
        return "a link to nothing" if path.is_symlink() and not path.exists() else str(error.strerror)
    if start[:4] != b"\x7fELF" or len(start) < 20:
        return "no library (no ELF file)" if start else "an empty file"
    machine = MACHINES.get(int.from_bytes(start[18:20], "little" if start[5] == 1 else "big"), "another machine")
    return "" if machine == platform.machine() else f"built for {machine}, this machine is {platform.machine()}"


def shorten(path: Path) -> str:
    """Return the directory of ``path``; of pip's packages what follows ``site-packages``."""
    directory = str(path.parent)
    for place in filter(None, sys.path):
        if directory.startswith(os.path.join(place, "nvidia")):
            return f"pip's {os.path.relpath(directory, place)}"
    return directory
