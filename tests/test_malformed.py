"""The IDX reader and files that are cut, damaged, lie or are something else: refused, with the true reason, in time."""

import contextlib
import gzip
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from malformed import ARRAYS, NAMES, make_cases, zip_by_gzip

from ref.common.errors import BadInputError
from ref.data import idx, stream

ROOT = Path(__file__).resolve().parents[1]
CASES = [(kind, name, *case) for kind in NAMES for name, case in make_cases(kind).items()]
MAX_MIB, MAX_S = 64, 2


def read(path, content):
    """Return the array that the reader makes of ``content``, or None where it is refused."""
    path.write_bytes(content)
    with contextlib.suppress(BadInputError):
        return idx.read_idx(path)


def test_there_are_enough_cases():
    for kind in NAMES:
        assert sum(case[0] == kind for case in CASES) >= 80


@pytest.mark.parametrize(("kind", "name", "content", "says"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_a_malformed_file_is_refused_with_its_reason(kind, name, content, says, tmp_path):
    """Gzipped ones lie under a plain name, and the others under one that ends in .gz."""
    path = tmp_path / (NAMES[kind] + ("" if content[:2] == b"\x1f\x8b" else ".gz"))
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=says) as error:
        idx.read_idx(path)
    assert str(error.value).startswith(f"{path}: ")
    assert str(error.value).isprintable()
    assert f"expected {'28x28 images' if kind == 'images' else 'labels from 0 to 9'} in bytes" in str(error.value)


READ_ALL = f"""
import resource, sys, time
from pathlib import Path
from malformed import NAMES, make_cases
from ref.common.errors import BadInputError
from ref.data import idx

path = Path(sys.argv[1])
cases = [(kind, *case) for kind in NAMES for case in make_cases(kind).items()]
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limit = size + {MAX_MIB} * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for kind, name, (content, _) in cases:
    file = path / NAMES[kind]
    file.write_bytes(content)
    start = time.process_time()
    try:
        idx.read_idx(file)
        print("accepted:", name)
    except BadInputError as error:
        if "memory" in str(error):
            print("too much memory:", name)
    if time.process_time() - start > {MAX_S}:
        print("too slow:", name, time.process_time() - start)
print(len(cases))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="address space is limited on Linux alone")
@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_malformed_files_take_little_memory_and_time(flags, tmp_path):
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, *flags, "-c", READ_ALL, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.splitlines(), done.stderr) == ([str(len(CASES))], "")


READ_LARGE = """
import resource, sys
from pathlib import Path
from ref.data import idx

size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**25, size + 2**25))
try:
    idx.read_idx(Path(sys.argv[1]))
except idx.BadInputError as error:
    print(error)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="address space is limited on Linux alone")
def test_an_intact_file_that_memory_is_too_small_for_is_one_line(tmp_path):
    path = tmp_path / NAMES["images"]
    path.write_bytes(idx.encode_idx(np.zeros((60_000, 28, 28), np.uint8)))
    command = [sys.executable, "-c", READ_LARGE, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{path}: is larger than the memory that is left, ")
    assert len(done.stdout.splitlines()) == 1


SMALL = {"images": (ARRAYS["images"][:1] == 7) * np.uint8(200), "labels": ARRAYS["labels"]}


@pytest.mark.parametrize("kind", NAMES)
def test_every_bit_flip_of_a_gzip_file_is_refused_or_changes_nothing(kind, tmp_path):
    whole, path = zip_by_gzip(idx.encode_idx(SMALL[kind])), tmp_path / NAMES[kind]
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        found = read(path, flipped)
        if found is not None:  # the time it was made, say, or a bit that fills a byte up
            np.testing.assert_array_equal(found, SMALL[kind])
        elif bit // 8 in range(4, 10):
            raise AssertionError(f"bit {bit}, of the time, how it was made and where, was not read over")


@pytest.mark.parametrize("kind", NAMES)
def test_every_bit_flip_of_a_plain_file_is_refused_or_is_the_value_that_it_hits(kind, tmp_path):
    """A plain file has no checksum: another pixel is another image. Its header's 4 or 16 bytes are all looked at."""
    whole, path = idx.encode_idx(SMALL[kind]), tmp_path / NAMES[kind]
    n_header = len(whole) - SMALL[kind].size
    n_bits = 8 * n_header if kind == "images" else 8 * len(whole)
    for bit in range(n_bits):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        found = read(path, flipped)
        if bit // 8 < n_header or flipped[bit // 8] > 9:
            assert found is None, bit
        else:
            assert found.tobytes() == flipped[n_header:]


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("pack", [bytes, zip_by_gzip])
def test_every_cut_is_refused(kind, pack, tmp_path):
    whole = pack(idx.encode_idx(SMALL[kind]))
    for n in range(len(whole)):
        assert read(tmp_path / NAMES[kind], whole[:n]) is None, n


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_content_decides_whether_it_is_gzip(kind, suffix, tmp_path):
    whole, path = idx.encode_idx(ARRAYS[kind]), tmp_path / f"{NAMES[kind]}{suffix}"
    packed = {
        "plain": whole,
        "gzip": zip_by_gzip(whole),
        "stored": gzip.compress(whole, 0),
        "members": b"".join(zip_by_gzip(whole[i : i + 5]) for i in range(0, len(whole), 5)),
        "an empty member last, as bgzip has": zip_by_gzip(whole) + zip_by_gzip(b""),
        "padding": zip_by_gzip(whole) + bytes(512),
    }
    for name, content in packed.items():
        np.testing.assert_array_equal(read(path, content), ARRAYS[kind], err_msg=name)


def test_what_gzip_says_a_file_was_called_is_read_over(tmp_path):
    path = tmp_path / NAMES["labels"]
    with gzip.GzipFile("a name", "wb", fileobj=open(path, "wb")) as file:
        file.write(idx.encode_idx(ARRAYS["labels"]))
    np.testing.assert_array_equal(idx.read_idx(path), ARRAYS["labels"])


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's whole path has to be short
        listener.bind(path.name)
        os.chdir(here)


NOT_REGULAR = {
    "a FIFO": os.mkfifo,
    "a directory": os.mkdir,
    "a socket": make_socket,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("found", NOT_REGULAR)
def test_what_is_no_regular_file_is_refused_at_once(found, tmp_path):
    path = tmp_path / NAMES["images"]
    NOT_REGULAR[found](path)
    with pytest.raises(BadInputError, match=f"is {found}, expected 28x28 images .*; remove it"):
        idx.read_idx(path)


def test_what_becomes_a_fifo_before_it_is_opened_is_refused_at_once(tmp_path, monkeypatch):
    path, check, seen = tmp_path / NAMES["images"], stream._check_regular, []

    def check_the_second_time(status):
        seen.append(status)
        if len(seen) == 2:
            check(status)

    monkeypatch.setattr(stream, "_check_regular", check_the_second_time)
    os.mkfifo(path)
    with pytest.raises(BadInputError, match="is a FIFO"):
        idx.read_idx(path)


def test_a_link_to_a_file_is_as_good_as_the_file(tmp_path):
    (tmp_path / "elsewhere").write_bytes(idx.encode_idx(ARRAYS["labels"]))
    path = tmp_path / NAMES["labels"]
    path.symlink_to(tmp_path / "elsewhere")
    np.testing.assert_array_equal(idx.read_idx(path), ARRAYS["labels"])
    (tmp_path / "elsewhere").unlink()
    with pytest.raises(BadInputError, match=r"cannot be read \(No such file"):
        idx.read_idx(path)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path, check = tmp_path / NAMES["labels"], idx._check

    def check_and_cut(*args):
        shape = check(*args)
        os.truncate(path, 12)
        return shape

    monkeypatch.setattr(idx, "_check", check_and_cut)
    path.write_bytes(idx.encode_idx(ARRAYS["labels"]))
    with pytest.raises(BadInputError, match="changed while it was read"):
        idx.read_idx(path)


def test_reading_leaves_no_file_open(tmp_path):
    before = len(os.listdir("/dev/fd"))
    for content in (idx.encode_idx(ARRAYS["labels"]), b"", zip_by_gzip(b"x")[:-1]):
        read(tmp_path / NAMES["labels"], content)
    assert len(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("images", b"\0\0\x08\x03\0\0\0\x01", "which has 16 bytes"),
        ("labels", b"\0\0\x08\x01\0", "which has 8 bytes"),
        ("images", b"\0\0\x0d\x03" + b"\0" * 20, "from 0 to 255"),
        ("labels", b"\0\0\x0d\x01" + b"\0" * 20, "from 0 to 9"),
        # Little-endian sizes would be 28, not 5.
        ("images", b"\0\0\x08\x03\x05\0\0\0\x05\0\0\0\x05\0\0\0", "has a damaged header, which announces"),
        ("images", b"\0\0\x08\x03\x05\0\0\0\x1c\0\0\0\x1c\0\0\0", "little-endian order"),
    ],
)
def test_what_a_header_lacks_is_said(name, content, says, tmp_path):
    path = tmp_path / f"{name}.idx"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=says):
        idx.read_idx(path)
