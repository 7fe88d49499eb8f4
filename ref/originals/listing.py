"""Scripts in files: a .py file, or the listings of a text whose ```python blocks say ``@file: NAME``."""

import ast
import codecs
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

from ref.common.errors import BadInputError
from ref.common.suggest import did_you_mean

FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)^(?P=fence)", re.M | re.S)
NAMED = re.compile(r"@file\s*[:：]\s*(?P<name>[^\s`]+)")
LISTING_LANGUAGES = {"python", "python2", "python3", "py"}
MAX_BYTES = 10_000_000  # far beyond any script
PYTHON_2 = (
    (r"^\s*print\s+[^\s(=]|^\s*print\s*>>|^\s*print\s*\(.*\)\s*%|^\s*print$", "print statement"),
    (r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:|^\s*except\s*\(.*\)\s*,\s*\w+\s*:", "except X, e"),
    (r"^\s*exec\s+[^(\s]", "exec statement"),
    (r"^\s*raise\s+[\w.]+\s*,", "raise X, text"),
    (r"<>", "<> for !="),
    (r"`[^`]+`", "backquotes for repr"),
    (r"\b0[0-7]+\b|\b[0-9]+[lL]\b", "an octal or long number"),
    (r"\b[uU][rR]['\"]", "ur'…'"),
    (r"lambda\s*\(|def\s+\w+\s*\(.*\(\s*\w+\s*,", "parameters in parentheses"),
)


@dataclass(frozen=True)
class Listing:
    """A script: its ``name`` without ``.py``, the file ``path`` that holds it, its ``text``.

    ``first_line`` is the line of ``path`` that the text's first line stands in; lines are counted from 1 in the text.
    """

    name: str
    path: Path
    text: str
    first_line: int = 1

    @property
    def label(self) -> str:
        """What error lines and tracebacks call it: ``script.py``, or ``notes.md:autoencoder_7.py``."""
        return str(self.path) if self.first_line == 1 else f"{self.path}:{self.name}.py"


def find_scripts(spec: str | Path) -> list[Listing]:
    """Return the scripts that ``spec`` names: FILE.py, all listings of NOTES.md, or NOTES.md:NAME.py, in their order.

    Raises:
      BadInputError: there is no such file or listing, or it is not Python 3.
    """
    path, wanted = _split(str(spec))
    text = _read(path)
    blocks = [] if path.suffix == ".py" else _find_blocks(path, text)
    if wanted:
        name = wanted.removesuffix(".py")
        found = [block for block in blocks if block.name in (name, f"autoencoder_{name}")]
        if not found:
            names = [f"{block.name}.py" for block in blocks]
            has = f"it has {', '.join(names)}" if names else "it has none (```python blocks with an @file: line)"
            hint = did_you_mean(f"{name}.py", names)
            raise BadInputError(f"{path}:{wanted}: no such listing, {has}; {hint or 'name one of these'}".rstrip())
        blocks = found
    if not blocks and (path.suffix.lower() in (".md", ".markdown", ".rst") or FENCE.search(text)):
        raise BadInputError(
            f"{path}: no listing found, expected ```python blocks that hold a line @file: NAME.py; add that line"
        )
    scripts = blocks or [Listing(path.stem, path, text)]
    if not (len(scripts) > 1):
        check_syntax(scripts[0])
    return scripts


def _split(spec: str) -> tuple[Path, str | None]:
    """Return the file and, after a colon, the listing that is meant."""
    path = Path(spec).expanduser()
    if not path.exists() and ":" in spec:
        before, _, after = spec.rpartition(":")
        if before and Path(before).expanduser().is_file():
            return Path(before).expanduser(), after
    return path, None


def _read(path: Path) -> str:
    """Return the text of ``path``, in the encoding that it declares as Python files do."""
    try:
        if path.is_dir():
            raise BadInputError(f"{path}: a directory, expected a Python file or notes with listings; name the file")
        if not path.is_file() and path.exists():
            raise BadInputError(f"{path}: no regular file, expected a Python file or notes with listings")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be read ({error.strerror}), expected a TensorFlow 1 script, or notes that hold listings"
            + _guess_sibling(path)
        ) from error
    if len(content) > MAX_BYTES or b"\0" in content:
        raise BadInputError(f"{path}: not Python (binary data), expected the text of a script; name the .py file")
    if content.startswith(codecs.BOM_UTF8):
        content = content[3:]
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise BadInputError(
            f"{path}: not Python text ({str(error).splitlines()[0]}), expected UTF-8, or the encoding that its first "
            "lines declare (# -*- coding: gbk -*-); save it as UTF-8"
        ) from error
    _refuse_notebook(path, text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _guess_sibling(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    hint = did_you_mean(path.name, names).rstrip()
    return f"; {hint}" if hint else "; name one that is there"


def _refuse_notebook(path: Path, text: str) -> None:
    if text.lstrip().startswith("{"):
        try:
            is_notebook = "cells" in json.loads(text)
        except ValueError:
            is_notebook = False
        if is_notebook:
            raise BadInputError(
                f"{path}: a notebook, expected a Python file; jupyter nbconvert --to script makes one of it"
            )


def _find_blocks(path: Path, text: str) -> list[Listing]:
    blocks: dict[str, Listing] = {}
    for match in FENCE.finditer(text):
        named = NAMED.search(match["body"])
        if match["language"].lower() in LISTING_LANGUAGES and named:
            name = re.split(r"[\\/]", named["name"])[-1].removesuffix(".py")
            first_line = text.count("\n", 0, match.start("body")) + 1
            blocks.setdefault(name, Listing(name, path, match["body"], first_line))
    return list(blocks.values())


def check_syntax(listing: Listing) -> None:
    """Raise BadInputError, which says where and what, where the listing is not Python 3."""
    try:
        ast.parse(listing.text)
    except RecursionError:
        raise BadInputError(f"{listing.label}: nested too deeply for Python, expected a script") from None
    except (SyntaxError, ValueError) as error:
        number = getattr(error, "lineno", None) or 1
        lines = listing.text.split("\n")
        line = lines[number - 1] if number <= len(lines) else ""
        where = f"{listing.label} line {number}"
        if form := _find_python_2(error, line):
            raise BadInputError(
                f"{where}: Python 2 syntax ({form}: {_shorten(line)}), expected Python 3; 2to3 -w, of Python 3.12 or "
                "older, converts a copy of it"
            ) from error
        if re.match(r"\s*[%!?]", line):
            raise BadInputError(
                f"{where}: a notebook's command ({_shorten(line)}), expected Python; take that line out of a copy"
            ) from error
        message = getattr(error, "msg", None) or str(error)
        raise BadInputError(
            f"{where}: not Python ({message}: {_shorten(line)}), expected a script that Python 3 can read; mend that "
            "line, or name another file"
        ) from error


def _find_python_2(error: Exception, line: str) -> str | None:
    if isinstance(error, TabError):
        return "tabs and spaces mixed"
    if "Missing parentheses in call to 'print'" in str(error):
        return "print statement"
    return next((form for pattern, form in PYTHON_2 if re.search(pattern, line)), None)


def _shorten(line: str) -> str:
    line = line.strip()
    return line if len(line) <= 60 else f"{line[:57]}…"
