"""What a file is that was put in the place of an IDX file, told by its first bytes."""

from ref.data.stream import DOWNLOAD_AGAIN

DOWNLOAD = "download the file itself"
UNPACK = "unpack it, and put the IDX files there"
CONVERT = "convert it to the four IDX files"
SIGNATURES = (
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", DOWNLOAD),
    (b"\xfd7zXZ\x00", "an xz file", UNPACK),
    (b"\x5d\x00\x00", "an LZMA file", UNPACK),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 file", UNPACK),
    (b"\x1f\x9d", "a compress (.Z) file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"\x1f\x8b", "a gzip file within a gzip file", "unzip it once"),
    (b"\x93NUMPY", "a NumPy array (.npy)", CONVERT),
    (b"MATLAB 5.0", "a MATLAB file", CONVERT),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", CONVERT),
    (b"PAR1", "a Parquet file", CONVERT),
    (b"ARROW1", "an Arrow file", CONVERT),
    (b"\x80\x02", "a Python pickle", CONVERT),
    (b"\x80\x03", "a Python pickle", CONVERT),
    (b"\x80\x04", "a Python pickle", CONVERT),
    (b"\x80\x05", "a Python pickle", CONVERT),
    (b"\x89PNG", "a PNG image", CONVERT),
    (b"\xff\xd8\xff", "a JPEG image", CONVERT),
    (b"GIF8", "a GIF image", CONVERT),
    (b"%PDF", "a PDF file", DOWNLOAD),
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself (git lfs pull)"),
)
WEB_PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<error")
TAR_MAGIC, TAR_AT = b"ustar", 257
UTF8_MARK = b"\xef\xbb\xbf"
N_BYTES = 512  # how many of a file's first bytes are looked at


def identify(start: bytes) -> tuple[str, str] | None:
    """Return what a file is that begins with ``start``, and what to do about it; None where that is unknown."""
    start = start[:N_BYTES]
    if not start:
        return "empty", DOWNLOAD_AGAIN
    if start[:2] == b"PK" and b".npy" in start:
        return "NumPy arrays (.npz)", CONVERT
    if start[TAR_AT:].startswith(TAR_MAGIC):
        return "a tar archive", UNPACK
    for magic, name, remedy in SIGNATURES:
        if start.startswith(magic):
            return name, remedy
    text = start.removeprefix(UTF8_MARK).lstrip()
    if text.lower().startswith(WEB_PAGES):
        return "a web page (HTML or XML)", DOWNLOAD
    if text and all(byte >= 32 or byte in b"\t\r\n" for byte in text):
        return ("text with commas (CSV?)", CONVERT) if b"," in text else ("text", DOWNLOAD)
    return None
