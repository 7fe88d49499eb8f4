"""A run's pictures, to stand in the page itself: PNG files, looked through before they are shown."""

import base64
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from ref.common.files import open_regular
from ref.pages.words import Text

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_BYTES = 4 << 20  # of a file: a page that is sent has an end
MAX_PIXELS = 40_000_000
MAX_PICTURES = 24  # of a run


class Picture(NamedTuple):
    """A picture as a data: URI with its size in pixels; or why it is not shown."""

    name: str
    uri: str = ""
    width: int = 0
    height: int = 0
    problem: Text = Text("", "")


def read_pictures(directory: Path, names: object) -> list[Picture]:
    """Return the pictures ``names`` of a run's ``directory``; of more than MAX_PICTURES the first, and how many."""
    names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    found = [_read(directory, name) for name in names[:MAX_PICTURES]]
    if n_more := len(names) - len(found):
        found.append(Picture("…", problem=Text(f"{n_more} more, not shown here", f"还有 {n_more} 张，这里不显示")))
    return found


def _read(directory: Path, name: str) -> Picture:
    path = directory / name
    try:
        if Path(name).name != name or path.resolve().parent != directory.resolve():
            return Picture(name, problem=Text("not in the run's own directory", "不在这次运行自己的目录里"))
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Picture(name, problem=Text("missing", "找不到这个文件"))
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        reason = getattr(error, "strerror", None) or "no file's name"
        return Picture(name, problem=Text(f"cannot be read ({reason})", f"无法读取（{reason}）"))
    if len(content) > MAX_BYTES:
        return Picture(name, problem=_say_large(f"{MAX_BYTES >> 20} MiB"))
    size = measure_png(content)
    if size is None:
        return Picture(name, problem=Text("no whole PNG file", "不是完整的 PNG 文件"))
    if size[0] * size[1] > MAX_PIXELS:
        return Picture(name, problem=_say_large(f"{MAX_PIXELS // 1_000_000} MP"))
    return Picture(name, "data:image/png;base64," + base64.b64encode(content).decode(), *size)


def _say_large(limit: str) -> Text:
    return Text(f"larger than {limit}, not shown here", f"超过 {limit}，这里不显示")


def measure_png(content: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a PNG file, in pixels; None where it is none, or not whole (each chunk has a CRC)."""
    if not content.startswith(SIGNATURE):
        return None
    place, size = len(SIGNATURE), None
    while place + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 4 : place + 8 + length]
        crc = content[place + 8 + length : place + 12 + length]
        if crc != zlib.crc32(body).to_bytes(4, "big"):
            return None
        if kind == b"IHDR" and length == 13:
            size = struct.unpack(">II", body[4:12])
        if kind == b"IEND":
            return size
        place += 12 + length
    return None
