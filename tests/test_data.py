"""The IDX reader, the tutorial reader's batches, the download and the embedded digits."""

import functools
import gzip
import hashlib
import http.server
import struct
import threading

import numpy as np
import pytest
from conftest import TINY_TEST, TINY_TRAIN, make_tiny_arrays

from ref.common.errors import BadInputError
from ref.data import data_sets, digits, download, idx, sources

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def test_images_are_flat_and_scaled_and_split(tiny_data):
    sets = data_sets.read_data_sets(sources.load(str(tiny_data)), seed=42)
    arrays = make_tiny_arrays()
    n_validation = TINY_TRAIN // 12
    assert sets.train.num_examples == TINY_TRAIN - n_validation
    assert (sets.validation.num_examples, sets.test.num_examples) == (n_validation, TINY_TEST)
    assert sets.train.images.dtype == np.float32
    expected = arrays[IMAGES][n_validation:].reshape(-1, 784).astype(np.float32) * np.float32(1 / 255)
    np.testing.assert_array_equal(sets.train.images, expected)
    expected = arrays[IMAGES][:n_validation].reshape(-1, 784).astype(np.float32) * np.float32(1 / 255)
    np.testing.assert_array_equal(sets.validation.images, expected)
    np.testing.assert_array_equal(sets.validation.labels, arrays[LABELS][:n_validation])


@pytest.mark.parametrize(("n", "n_validation"), [(60_000, 5_000), (59_999, 4_999), (60_012, 5_000), (100_000, 5_000)])
def test_mnists_own_split_is_5000_and_no_set_has_a_larger_one(n, n_validation):
    arrays = data_sets.Arrays("x", np.zeros((n, 1, 1), np.uint8), np.zeros(n), *[np.zeros((1, 1, 1))] * 2, {})
    sets = data_sets.read_data_sets(arrays, seed=0)
    assert (sets.train.num_examples, sets.validation.num_examples) == (n - n_validation, n_validation)


def draw_as_the_tutorial_did(n, batch_size, n_batches, seed):
    """TensorFlow 1.15's DataSet.next_batch, written out over a row of indices and NumPy's global generator.

    Gives, for each batch, its indices and the order in which it leaves the whole set.
    """
    state = np.random.get_state()
    np.random.seed(seed)
    index, epochs_completed, at, drawn = np.arange(n), 0, 0, []
    for _ in range(n_batches):
        start = at
        if epochs_completed == 0 and start == 0:
            perm0 = np.arange(n)
            np.random.shuffle(perm0)
            index = index[perm0]
        if start + batch_size > n:
            epochs_completed += 1
            rest = index[start:]
            perm = np.arange(n)
            np.random.shuffle(perm)
            index = index[perm]
            at = batch_size - len(rest)
            drawn.append((np.concatenate([rest, index[:at]]), index))
        else:
            at += batch_size
            drawn.append((index[start:at], index))
    np.random.set_state(state)
    return drawn


@pytest.mark.parametrize(("n", "batch_size"), [(20, 6), (20, 5), (20, 20), (7, 3)])
@pytest.mark.parametrize("look_every", [1, 3, 17])
def test_next_batch_is_the_tutorials(n, batch_size, look_every):
    """And so is the order of the whole set, which a look at it between two batches does not change."""
    images = np.arange(n, dtype=np.uint8).reshape(n, 1, 1)
    train = data_sets.DataSet(images, np.arange(n), np.random.RandomState(5))
    for i, (expected, order) in enumerate(draw_as_the_tutorial_did(n, batch_size, 17, seed=5), 1):
        image_batch, label_batch = train.next_batch(batch_size)
        np.testing.assert_array_equal(label_batch, expected)
        np.testing.assert_array_equal(image_batch[:, 0], expected.astype(np.float32) * np.float32(1 / 255))
        if i % look_every == 0:
            np.testing.assert_array_equal(train.images[:, 0], order.astype(np.float32) * np.float32(1 / 255))
            np.testing.assert_array_equal(train.labels, order)


def test_a_batch_larger_than_the_set_is_refused():
    train = data_sets.DataSet(np.zeros((4, 1, 1), np.uint8), np.arange(4), np.random.RandomState(0))
    with pytest.raises(BadInputError, match="a batch of 5 was asked of 4"):
        train.next_batch(5)


def test_plain_files_and_gzipped_ones_are_the_same(tiny_data):
    zipped = sources.load(str(tiny_data))
    for path in list(tiny_data.iterdir()):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    plain = sources.load(str(tiny_data))
    np.testing.assert_array_equal(plain.train_images, zipped.train_images)
    content = (tiny_data / IMAGES).read_bytes()
    assert plain.sha256 == zipped.sha256
    assert plain.sha256[IMAGES] == hashlib.sha256(content).hexdigest()


def header(*dims, magic=0x803):
    return struct.pack(f">{1 + len(dims)}I", magic, *dims)


BAD_FILES = {
    "not gzip": (b"plain text", "not a gzip file"),
    "truncated gzip": (gzip.compress(header(9, 28, 28) + bytes(9 * 784))[:-20], "truncated gzip"),
    "damaged gzip": (gzip.compress(header(9, 28, 28) + bytes(9 * 784))[:12] + b"\xff" * 40, "gzip"),
    "empty": (gzip.compress(b""), "magic number 0x00000803"),
    "wrong magic": (gzip.compress(header(9, magic=0x801) + bytes(784)), "starts with 0x00000801"),
    "short header": (gzip.compress(header(9)), "ends within its header"),
    "short body": (gzip.compress(header(9, 28, 28) + bytes(100)), "holds 100 bytes after its header"),
    "long body": (gzip.compress(header(9, 28, 28) + bytes(9 * 784 + 1)), "holds more bytes"),
    "absurd count": (gzip.compress(header(2**32 - 1, 28, 28) + bytes(784)), "expected \\(n, 28, 28\\) with n from 1"),
    "absurd size": (gzip.compress(header(9, 2**32 - 1, 2**32 - 1) + bytes(784)), "expected \\(n, 28, 28\\)"),
    "no images": (gzip.compress(header(0, 28, 28)), "with n from 1"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_image_file_is_refused(case, tmp_path):
    content, message = BAD_FILES[case]
    path = tmp_path / f"{IMAGES}.gz"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=message) as error:
        idx.read_idx(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("n", [1, 11])
def test_very_small_sets_are_read(n, tiny_data):
    for file, array in make_tiny_arrays().items():
        (tiny_data / f"{file}.gz").write_bytes(gzip.compress(idx.encode_idx(array[:n])))
    sets = data_sets.read_data_sets(sources.load(str(tiny_data)), seed=0)
    assert (sets.train.num_examples, sets.validation.images.shape) == (n, (0, 784))


def test_labels_above_nine_are_refused(tmp_path):
    path = tmp_path / LABELS
    path.write_bytes(header(4, magic=0x801) + bytes([1, 9, 10, 2]))
    with pytest.raises(BadInputError, match="label 10 at index 2"):
        idx.read_idx(path)


def test_a_missing_file_is_named(tiny_data):
    (tiny_data / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(BadInputError, match="t10k-labels-idx1-ubyte is missing"):
        sources.load(str(tiny_data))


def test_as_many_labels_as_images_are_wanted(tiny_data):
    (tiny_data / f"{LABELS}.gz").write_bytes(gzip.compress(idx.encode_idx(np.zeros(7, np.uint8))))
    with pytest.raises(BadInputError, match="240 train images but 7 labels"):
        sources.load(str(tiny_data))


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(BadInputError, match="No such file"):
        sources.load(str(tmp_path / "nowhere"))


def test_without_a_name_it_is_mnist_where_that_is_there(tiny_data, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MNIST_DIR", str(tiny_data))
    assert sources.load(None).name == "mnist"
    assert "data: mnist" in capsys.readouterr().err
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "empty"))
    monkeypatch.setattr(sources, "DATA_DIR", tmp_path)
    assert sources.load(None).name == "digits"
    assert "make mnist" in capsys.readouterr().err
    with pytest.raises(BadInputError, match="make mnist"):
        sources.load("mnist")


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A mirror on this machine with the tiny data set, which is expected in MNIST's place; gives its URL and folder."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    arrays = make_tiny_arrays()
    for file in idx.FILES:
        (folder / f"{file}.gz").write_bytes(gzip.compress(idx.encode_idx(arrays[file])))
    monkeypatch.setattr(download, "MNIST_SHA256", {file: idx.hash_array_file(arrays[file]) for file in idx.FILES})

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


def test_download_falls_back_to_the_second_mirror_and_resumes(mirror, tmp_path):
    url, folder = mirror
    target = tmp_path / "mnist"
    download.download(target, (f"{url}/nowhere", url))
    assert sorted(path.name for path in target.iterdir()) == sorted(f"{file}.gz" for file in idx.FILES)
    kept = target / f"{IMAGES}.gz"
    before = kept.stat().st_mtime_ns
    (target / f"{LABELS}.gz").write_bytes(b"half a fi")
    (folder / f"{IMAGES}.gz").unlink()  # what is intact is not asked for again
    download.download(target, (url,))
    assert kept.stat().st_mtime_ns == before
    assert len(sources.load(str(target)).train_labels) == TINY_TRAIN


def test_download_refuses_another_hash_and_leaves_nothing(mirror, tmp_path):
    url, folder = mirror
    (folder / f"{IMAGES}.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(BadInputError, match=r"sha256 .*, expected"):
        download.download(tmp_path / "mnist", (url,))
    assert not list((tmp_path / "mnist").glob("*"))


def test_mirrors_are_two_and_https():
    assert len(download.MIRRORS) == 2
    assert all(mirror.startswith("https://") for mirror in download.MIRRORS)


def test_embedded_digits_are_the_known_ones(tmp_path):
    arrays = load_directory(digits.make_digits(tmp_path / "digits"), "digits")
    assert arrays.sha256 == digits.DIGITS_SHA256
    assert arrays.train_images.shape == (12000, 28, 28)
    assert arrays.test_images.shape == (2000, 28, 28)
    assert len(np.unique(arrays.train_labels)) == 10
    ink = arrays.test_images.astype(float)
    centre = (ink.sum(axis=(0, 2)) * np.arange(28)).sum() / ink.sum()
    assert abs(centre - 13.5) < 0.5


@pytest.mark.parametrize("file", idx.FILES)
def test_a_damaged_copy_of_the_embedded_digits_is_made_again(file, tmp_path, monkeypatch):
    arrays = make_tiny_arrays()
    monkeypatch.setattr(sources, "DATA_DIR", tmp_path)
    monkeypatch.setattr(digits, "build_digits", lambda: [arrays[name] for name in idx.FILES])
    sha256 = {name: hashlib.sha256(idx.encode_idx(arrays[name])).hexdigest() for name in idx.FILES}
    monkeypatch.setattr(digits, "DIGITS_SHA256", sha256)
    sources.load("digits")
    path = tmp_path / "digits" / f"{file}.gz"
    path.write_bytes(path.read_bytes()[:-9])
    assert sources.load("digits").sha256 == sha256
    assert gzip.decompress(path.read_bytes()) == idx.encode_idx(arrays[file])
