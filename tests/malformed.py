"""Files that are no IDX file of images, or of labels, by kind: what a hand, a network, an archive or a lie leaves."""

import bz2
import gzip
import io
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib

import numpy as np

from ref.data.idx import encode_idx

NAMES = {"images": "train-images-idx3-ubyte", "labels": "train-labels-idx1-ubyte"}
ARRAYS = {
    "images": (np.arange(3 * 784) % 251).astype(np.uint8).reshape(3, 28, 28),
    "labels": np.arange(10, dtype=np.uint8),
}
DAMAGED, TRUNCATED, MORE = "damaged gzip.*download it again", "truncated gzip.*download it again", "holds more after"


def zip_by_gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def make_cases(kind: str) -> dict[str, tuple[bytes, str]]:
    """Return, by name, the content of each malformed file of ``kind``, and a pattern of what has to be said of it."""
    cases = {}
    for name, (content, says) in make_contents(kind).items():
        cases[f"{name}, plain"] = content, says
        cases[f"{name}, gzipped"] = zip_by_gzip(content), says
    return cases | make_gzip_cases(kind)


def make_contents(kind: str) -> dict[str, tuple[bytes, str]]:
    """Return what is wrong with a file's content, gzipped or not."""
    array = ARRAYS[kind]
    whole, n_header = encode_idx(array), 4 + 4 * array.ndim
    header, body = whole[:n_header], whole[n_header:]
    cases = {"empty": (b"", "is empty")}
    for n in range(1, 4):
        cases[f"{n} bytes"] = whole[:n], "starts with 0x00"
    for n in range(4, n_header, 2):
        cases[f"header cut at {n}"] = whole[:n], "ends within its header"
    lengths = {"no body": 0, "half a body": len(body) // 2, "a byte short": len(body) - 1}
    for name, n in lengths.items():
        cases[name] = header + body[:n], f"holds {n} bytes after its header.*download it again"
    cases["a byte more"] = whole + b"\0", "holds more bytes"
    cases["twice"] = whole + whole, "holds more bytes"
    for code, name in ((9, "int8"), (11, "int16"), (12, "int32"), (13, "float32"), (14, "float64")):
        cases[name] = bytes([0, 0, code]) + whole[3:], f"holds {name} .*0x{code:02x}.*convert"
    for code in (0, 7, 10, 15, 255):
        cases[f"type {code}"] = bytes([0, 0, code]) + whole[3:], "which there is not"
    for n_dims in (0, 1, 2, 3, 4, 255):
        if n_dims != array.ndim:
            says = {(3, 1): "labels under", (1, 3): "images under", (3, 2): "flattened", (3, 4): "convert them to grey"}
            expected = says.get((array.ndim, n_dims), "dimensions")
            cases[f"{n_dims} dimensions"] = bytes([0, 0, 8, n_dims]) + whole[4:], expected
    cases["little-endian magic"] = header[3::-1] + whole[4:], "little-endian.*big-endian order"
    cases["magic off by a byte"] = b"\0" + whole, "which there is not|holds . dimensions"
    cases["magic lost"] = whole[4:], "starts with|which there is not|holds|ends within|has the IDX type"
    cases["magic of ones"] = b"\xff" * 4 + whole[4:], "starts with 0xffffffff"
    for name, n in (("none", 0), ("one more", len(array) + 1), ("one less", len(array) - 1), ("all ones", 2**32 - 1)):
        says = {0: "holds none", 2**32 - 1: "announces 4294967295"}.get(n, "after its header, which announces")
        cases[f"count: {name}"] = whole[:4] + struct.pack(">I", n) + whole[8:], says
    cases["count: above what is read"] = whole[:4] + struct.pack(">I", 1_000_001) + whole[8:], "more than 1000000"
    cases |= make_image_contents(whole) if kind == "images" else make_label_contents()
    return cases | make_foreign_contents(whole)


def make_image_contents(whole: bytes) -> dict[str, tuple[bytes, str]]:
    cases = {"little-endian sizes": (whole[:4] + struct.pack("<3I", 3, 28, 28) + whole[16:], "in little-endian order")}
    for height, width in ((32, 32), (14, 14), (28, 27), (27, 28), (1, 784), (784, 1), (8, 8), (96, 96)):
        images = np.zeros((3, height, width), np.uint8)
        cases[f"{height}x{width}"] = encode_idx(images), f"images of {height}x{width}.*resize them to 28x28"
    for height, width in ((0, 28), (28, 0), (2**32 - 1, 28), (28, 2**31), (2**16, 2**16), (2**32 - 28, 2**32 - 28)):
        cases[f"{height}x{width}"] = whole[:8] + struct.pack(">2I", height, width) + whole[16:], "a damaged header"
    return cases


def make_label_contents() -> dict[str, tuple[bytes, str]]:
    cases = {}
    for labels, at in (([1, 9, 10, 2], 2), ([255, 1], 0), ([0] * 99 + [26], 99), ([10], 0), ([3, 128, 200], 1)):
        array = np.array(labels, np.uint8)
        cases[f"label {array[at]} at {at}"] = encode_idx(array), f"label {array[at]} at index {at}.*ten classes"
    cases["counted from 1"] = encode_idx(np.arange(1, 27, dtype=np.uint8)), "label 10 at index 9"
    cases["one-hot"] = encode_idx(np.eye(10, dtype=np.uint8)), "2 dimensions .one-hot"
    cases["QMNIST's"] = struct.pack(">BBBB2I", 0, 0, 12, 2, 3, 8) + bytes(96), "QMNIST"
    return cases


def make_foreign_contents(whole: bytes) -> dict[str, tuple[bytes, str]]:
    """Return files of other kinds, most of them with the intact file within."""
    zipped, npz, npy, tar = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("train-images-idx3-ubyte", whole)
    array = np.zeros((3, 28, 28), np.uint8)
    np.savez(npz, x_train=array)
    np.save(npy, array)
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("train-images-idx3-ubyte"))
    unpack, convert, download = "; unpack it", "; convert it", "; download the file itself"
    return {
        "zip": (zipped.getvalue(), f"is a zip archive.*{unpack}"),
        "npz": (npz.getvalue(), f"NumPy arrays .*npz.*{convert}"),
        "npy": (npy.getvalue(), f"a NumPy array.*{convert}"),
        "tar": (tar.getvalue(), f"a tar archive.*{unpack}"),
        "xz": (lzma.compress(whole), f"an xz file.*{unpack}"),
        "lzma": (lzma.compress(whole, lzma.FORMAT_ALONE), f"an LZMA file.*{unpack}"),
        "bzip2": (bz2.compress(whole), f"a bzip2 file.*{unpack}"),
        "zlib": (zlib.compress(whole), "starts with 0x789c"),
        "pickle": (pickle.dumps([1]), f"a Python pickle.*{convert}"),
        "Zstandard": (b"\x28\xb5\x2f\xfd" + whole, f"Zstandard.*{unpack}"),
        "7z": (b"7z\xbc\xaf\x27\x1c" + whole, f"7z.*{unpack}"),
        "MATLAB": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", f"MATLAB.*{convert}"),
        "HDF5": (b"\x89HDF\r\n\x1a\n" + whole, f"HDF5.*{convert}"),
        "PNG": (b"\x89PNG\r\n\x1a\n" + whole, f"PNG.*{convert}"),
        "web page": (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html lang=en>", f"a web page.*{download}"),
        "web page without a type": (b"<HTML><HEAD><TITLE>Error 404 (Not Found)", f"a web page.*{download}"),
        "S3's refusal": (b'<?xml version="1.0"?><Error><Code>AccessDenied', f"a web page.*{download}"),
        "text": (b"404 page not found\n", f"is text.*{download}"),
        "CSV": (b"label,1x1,1x2\n5,0,0\n", f"commas.*{convert}"),
        "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        "noise": (np.random.RandomState(1).bytes(999), "starts with 0x"),
    }


def make_gzip_cases(kind: str) -> dict[str, tuple[bytes, str]]:
    """Return what is wrong with gzip itself, or with what lies around it."""
    whole = encode_idx(ARRAYS[kind])
    good = zip_by_gzip(whole)
    half = len(good) // 2
    flags = {"FEXTRA": 4, "FNAME": 8, "FCOMMENT": 16, "reserved": 32, "all": 255}
    cases = {f"gzip cut at {n}": (good[:n], TRUNCATED) for n in (2, 3, 9, 10, 11, half, *range(-8, 0))}
    for name, flag in flags.items():
        cases[f"gzip flag {name}"] = good[:3] + bytes([flag]) + good[4:], "gzip"
    cases |= {
        "gzip method 7": (good[:2] + b"\7" + good[3:], DAMAGED),
        "gzip header's CRC": (good[:3] + b"\2" + good[4:10] + b"\0\0" + good[10:], DAMAGED),
        "gzip name without an end": (good[:3] + b"\x08" + good[4:10] + b"x" * (3 << 20), "next to nothing in it"),
        "gzip body": (good[:half] + b"\xff\xff\xff" + good[half + 3 :], "gzip"),
        "gzip body of noise": (good[:10] + np.random.RandomState(2).bytes(500), "gzip"),
        "gzip CRC": (good[:-8] + b"\1\2\3\4" + good[-4:], DAMAGED),
        "gzip length": (good[:-4] + b"\1\2\3\4", DAMAGED),
        "gzip header alone": (good[:10], TRUNCATED),
        "gzip twice over": (zip_by_gzip(good), "gzip file within a gzip file.*unzip it once"),
        "a byte after gzip": (good + b"x", MORE),
        "text after gzip": (good + b"<html>", MORE),
        "zeros and text after gzip": (good + bytes(512) + b"x", MORE),
        "endless zeros after gzip": (good + bytes(3 << 20), MORE),
        "half a member after gzip": (good + good[:half], "gzip|holds more bytes"),
        "two files in one": (good + good, "holds more bytes"),
        "a member too many": (good + zip_by_gzip(b"1"), "holds more bytes"),
        "a member too few": (zip_by_gzip(whole[:-1]), "bytes after its header"),
        "empty members": (zip_by_gzip(b"") * 100_000 + good, "next to nothing in it"),
        "bomb": (make_bomb(whole[:16], 2000), "holds more bytes|holds more after its header"),
        "bomb of the size announced": (make_bomb(announce(kind, 400_000), 300), "gzip|bytes after its header"),
    }
    return cases


def announce(kind: str, n: int) -> bytes:
    return struct.pack(">4I", 0x803, n, 28, 28) if kind == "images" else struct.pack(">2I", 0x801, n)


def make_bomb(start: bytes, n_mib: int) -> bytes:
    """Return a gzip file with ``start`` and ``n_mib`` MiB of zeros after it, a thousandth in size, and no right end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    mib = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + mib * n_mib + packer.flush()
