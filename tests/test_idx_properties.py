"""The IDX reader held by properties, on files that hypothesis makes up."""

import gc
import gzip
import zlib
from itertools import pairwise

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from malformed import NAMES

from ref.common.errors import BadInputError
from ref.data import idx

# Always the same examples, and none kept: tests run in parallel, and the same everywhere.
FEW = hypothesis.settings(derandomize=True, database=None, deadline=None, max_examples=100)
LABELS = st.binary(min_size=1, max_size=40).map(lambda data: np.frombuffer(data, np.uint8) % 10)
IMAGES = st.tuples(st.integers(1, 3), st.integers(0, 255), st.integers(0, 783)).map(
    lambda drawn: np.roll(np.resize(np.arange(drawn[1] + 1), (drawn[0], 28, 28)).astype(np.uint8), drawn[2])
)
ARRAYS = st.one_of(LABELS, IMAGES)


@pytest.fixture(scope="module", autouse=True)
def collect_garbage_as_before():
    """hypothesis times the garbage collector ever after; a Ctrl-C that arrives in its callback would be lost there."""
    before = list(gc.callbacks)
    yield
    gc.callbacks[:] = before


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """A function that reads the content of a file of images (3 dimensions) or labels (1); None where it is refused."""
    directory = tmp_path_factory.mktemp("files")

    def read(content, n_dims):
        path = directory / NAMES["images" if n_dims == 3 else "labels"]
        path.write_bytes(content)
        try:
            return idx.read_idx(path)
        except BadInputError as error:
            assert str(error).isprintable()  # noqa: PT017
            return None

    return read


def split(content, cuts):
    """Return ``content`` in pieces, cut at ``cuts``."""
    at = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    return [content[start:end] for start, end in pairwise(at)]


@FEW
@hypothesis.given(array=ARRAYS, level=st.integers(0, 9), cuts=st.lists(st.integers(0, 3000), max_size=5))
def test_what_is_written_is_read_however_it_is_packed(read, array, level, cuts):
    whole = idx.encode_idx(array)
    members = b"".join(gzip.compress(piece, level, mtime=0) for piece in split(whole, cuts))
    flushing = zlib.compressobj(level, zlib.DEFLATED, 31)
    flushed = b"".join(flushing.compress(piece) + flushing.flush(zlib.Z_FULL_FLUSH) for piece in split(whole, cuts))
    for content in (whole, members, flushed + flushing.flush()):
        np.testing.assert_array_equal(read(content, array.ndim), array)


@FEW
@hypothesis.given(
    array=ARRAYS,
    is_zipped=st.booleans(),
    at=st.integers(0, 3000),
    n_removed=st.integers(0, 30),
    inserted=st.binary(max_size=30),
)
def test_an_edited_file_is_refused_or_holds_what_it_says(read, array, is_zipped, at, n_removed, inserted):
    """gzip's checksum lets no other content through; without it, what is read is what lies there."""
    whole = idx.encode_idx(array)
    whole = gzip.compress(whole, mtime=0) if is_zipped else whole
    at %= len(whole) + 1
    edited = whole[:at] + inserted + whole[at + n_removed :]
    found = read(edited, array.ndim)
    if found is not None and is_zipped and edited[:2] == b"\x1f\x8b":
        np.testing.assert_array_equal(found, array)
    elif found is not None:
        assert idx.encode_idx(found) == edited


@FEW
@hypothesis.given(content=st.binary(max_size=200), n_dims=st.sampled_from([1, 3]), is_zipped=st.booleans())
def test_noise_is_refused_or_is_a_file(read, content, n_dims, is_zipped):
    found = read(gzip.compress(content, 1, mtime=0) if is_zipped else content, n_dims)
    assert found is None or idx.encode_idx(found) == content


@FEW
@hypothesis.given(array=ARRAYS, sizes=st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3))
def test_a_header_that_lies_is_refused(read, array, sizes):
    dims = np.array(sizes[: array.ndim], ">u4")
    if tuple(dims) != array.shape:
        whole = idx.encode_idx(array)
        lie = whole[:4] + dims.tobytes() + whole[4 + 4 * array.ndim :]
        assert read(lie, array.ndim) is None
        assert read(gzip.compress(lie, 1, mtime=0), array.ndim) is None
