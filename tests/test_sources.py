"""Where data comes from: the names that archives leave, labels that are not used, MNIST_DIR, the embedded digits."""

import errno
import gzip
import hashlib
import json
import os
import tempfile

import numpy as np
import pytest
from conftest import TINY_TEST, TINY_TRAIN, make_tiny_arrays

from ref import __main__ as command_line
from ref.chapter import BY_NAME, SCRIPTS
from ref.common.errors import BadInputError
from ref.data import digits, idx, names, sources
from ref.data.directory import load_directory
from scripts import torture_data

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = idx.FILES


def write(directory, names, arrays=None):
    """Write the tiny data set to ``directory``, each file under its name in ``names``, gzipped where that says so."""
    arrays = arrays or make_tiny_arrays()
    for file, name in zip(idx.FILES, names):
        content = idx.encode_idx(arrays[file])
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content) if name.lower().endswith(".gz") else content)
    return str(directory)


def as_in(archive):
    """Return the four names that ``archive`` gives, a pattern with the split, the kind and its number of dimensions."""
    return [archive(split, kind, n) for split in ("train", "t10k") for kind, n in (("images", 3), ("labels", 1))]


ARCHIVES = {
    "MNIST": as_in(lambda split, kind, n: f"{split}-{kind}-idx{n}-ubyte.gz"),
    "MNIST, unzipped": as_in(lambda split, kind, n: f"{split}-{kind}-idx{n}-ubyte"),
    "Kaggle": as_in(lambda split, kind, n: f"{split}-{kind}.idx{n}-ubyte"),
    "Kaggle's folders": as_in(lambda split, kind, n: f"{split}-{kind}-idx{n}-ubyte/{split}-{kind}-idx{n}-ubyte"),
    "a dot, gzipped": as_in(lambda split, kind, n: f"{split}-{kind}.idx{n}-ubyte.gz"),
    "underscores": as_in(lambda split, kind, n: f"{split}_{kind}_idx{n}_ubyte"),
    "dots": as_in(lambda split, kind, n: f"{split}.{kind}.idx{n}.ubyte.gz"),
    "no more than idx": as_in(lambda split, kind, n: f"{split}-{kind}.idx{n}"),
    "EMNIST": as_in(lambda split, kind, n: f"emnist-letters-{split.replace('t10k', 'test')}-{kind}-idx{n}-ubyte.gz"),
    "test": as_in(lambda split, kind, n: f"{split.replace('t10k', 'test')}-{kind}-idx{n}-ubyte"),
    "Fashion": as_in(lambda split, kind, n: f"fashion-mnist_{split}-{kind}-idx{n}-ubyte.gz"),
    "capitals": as_in(
        lambda split, kind, n: f"Train-{kind}.IDX{n}-UBYTE" if split == "train" else f"T10K-{kind}.idx{n}"
    ),
}


@pytest.mark.parametrize("archive", ARCHIVES)
def test_the_names_that_archives_leave_are_found(archive, tmp_path):
    found, arrays = sources.load(write(tmp_path / "set", ARCHIVES[archive])), make_tiny_arrays()
    np.testing.assert_array_equal(found.train_images, arrays[TRAIN_IMAGES])
    np.testing.assert_array_equal(found.train_labels, arrays[TRAIN_LABELS])
    np.testing.assert_array_equal(found.test_images, arrays[TEST_IMAGES])
    np.testing.assert_array_equal(found.test_labels, arrays[TEST_LABELS])
    assert found.name == "set"
    assert found.sha256 == {file: hashlib.sha256(idx.encode_idx(arrays[file])).hexdigest() for file in idx.FILES}


def test_kaggles_archive_has_each_file_twice(tmp_path):
    write(tmp_path, ARCHIVES["Kaggle"])
    assert len(sources.load(write(tmp_path, ARCHIVES["Kaggle's folders"])).train_images) == TINY_TRAIN


def test_mnists_own_names_go_before_all_others(tmp_path):
    other = {file: array[:9] for file, array in make_tiny_arrays().items()}
    for archive in ("EMNIST", "underscores"):
        write(tmp_path, ARCHIVES[archive], other)
    found = sources.load(write(tmp_path, ARCHIVES["MNIST"]))
    assert (len(found.train_images), len(found.test_labels)) == (TINY_TRAIN, TINY_TEST)


def test_of_several_sets_none_is_guessed(tmp_path):
    letters = ARCHIVES["EMNIST"]
    write(tmp_path, letters)
    write(tmp_path, [name.replace("letters", "digits") for name in letters])
    with pytest.raises(BadInputError, match=r"several sets \(emnist-digits, emnist-letters\), expected one; put"):
        sources.load(str(tmp_path))
    for name in letters[:3]:  # nor is one put together from two
        (tmp_path / name).unlink()
    (tmp_path / letters[1].replace("letters", "digits")).unlink()
    with pytest.raises(BadInputError, match="train-labels-idx1-ubyte is missing"):
        sources.load(str(tmp_path))


def test_of_two_files_for_one_none_is_guessed(tmp_path):
    write(tmp_path, ARCHIVES["Kaggle"])
    write(tmp_path, ARCHIVES["underscores"])
    with pytest.raises(BadInputError, match=r"t10k-images.idx3-ubyte, t10k_images_idx3_ubyte could each be"):
        sources.load(str(tmp_path))


def test_a_file_beside_its_gzipped_self_is_no_question(tmp_path):
    write(tmp_path, ARCHIVES["Kaggle"])
    write(tmp_path, [f"{name}.gz" for name in ARCHIVES["Kaggle"]])
    assert len(sources.load(str(tmp_path)).train_images) == TINY_TRAIN


def test_an_archive_of_one_file_is_named(tmp_path):
    write(tmp_path, ARCHIVES["MNIST"])
    (tmp_path / f"{TRAIN_IMAGES}.gz").rename(tmp_path / f"{TRAIN_IMAGES}.zip")
    (tmp_path / f"{TRAIN_IMAGES}.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(BadInputError, match=r"is a zip archive, .*; unpack it"):
        sources.load(str(tmp_path))


def test_an_archive_beside_what_was_in_it_is_no_question(tmp_path):
    names = ARCHIVES["Kaggle"]
    for name in names:
        (tmp_path / f"{name}.zip").write_bytes(b"PK\x03\x04")
    assert len(sources.load(write(tmp_path, names)).train_images) == TINY_TRAIN


def test_what_a_mac_leaves_beside_a_file_is_no_file(tmp_path):
    names = ARCHIVES["Kaggle"]
    for name in names:
        (tmp_path / f"._{name}").write_bytes(b"\x00\x05\x16\x07")
    assert len(sources.load(write(tmp_path, names)).train_images) == TINY_TRAIN


def test_a_missing_file_is_named_and_what_is_there(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / ".train-images-idx3-ubyte.gz-half").write_bytes(b"")
    with pytest.raises(BadInputError, match=r"train-images-idx3-ubyte is missing.*\(raw found\)"):
        sources.load(str(tmp_path))
    write(tmp_path, ARCHIVES["MNIST"])
    (tmp_path / f"{TEST_IMAGES}.gz").unlink()
    with pytest.raises(BadInputError, match="t10k-images-idx3-ubyte is missing"):
        sources.load(str(tmp_path), uses_labels=False)


def test_a_directory_in_a_files_place_is_named(tmp_path):
    write(tmp_path, ARCHIVES["MNIST"])
    (tmp_path / f"{TRAIN_IMAGES}.gz").unlink()
    (tmp_path / f"{TRAIN_IMAGES}.gz").mkdir()
    with pytest.raises(BadInputError, match="is a directory"):
        sources.load(str(tmp_path))


@pytest.mark.parametrize(("name", "reason"), [("nowhere", "No such file"), ("file", "Not a directory")])
def test_what_is_no_directory_is_named(name, reason, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInputError, match=rf"{reason}.*four IDX files \({idx.FILES[0]}, …\)"):
        sources.load(str(tmp_path / name))


LABELS = {
    "missing": (None, "is missing"),
    "damaged": (b"\x1f\x8b", "truncated gzip"),
    "no file": ("directory", "is a directory"),
    "of another count": (idx.encode_idx(np.zeros(7, np.uint8)), f"holds 7 labels, expected {TINY_TRAIN}"),
    "letters": (idx.encode_idx(np.resize(np.arange(1, 27, dtype=np.uint8), TINY_TRAIN)), "label 10 at index 9"),
    "QMNIST's": (b"\0\0\x0c\2" + bytes(8), "2 dimensions"),
}


@pytest.fixture
def with_labels(tmp_path):
    """A function that makes the tiny data set with the unfit training labels of ``case``; it returns the directory."""

    def make(case):
        directory = write(tmp_path / "set", ARCHIVES["MNIST"])
        path, content = tmp_path / "set" / f"{TRAIN_LABELS}.gz", LABELS[case][0]
        path.unlink()
        if content == "directory":
            path.mkdir()
        elif content:
            path.write_bytes(content)
        return directory

    return make


@pytest.mark.parametrize("case", LABELS)
def test_labels_matter_to_who_uses_them(case, with_labels):
    directory = with_labels(case)
    with pytest.raises(BadInputError, match=rf"{LABELS[case][1]}.*\(autoencoder_4 and 5 use labels; the others"):
        sources.load(directory)
    found = sources.load(directory, uses_labels=False)
    np.testing.assert_array_equal(found.train_images, make_tiny_arrays()[TRAIN_IMAGES])
    np.testing.assert_array_equal(found.train_labels, np.zeros(TINY_TRAIN, np.uint8))
    np.testing.assert_array_equal(found.test_labels, make_tiny_arrays()[TEST_LABELS])
    assert list(found.sha256) == [TRAIN_IMAGES, TEST_IMAGES, TEST_LABELS]


def test_labels_that_fit_are_kept_though_nobody_uses_them(tiny_data):
    assert sources.load(str(tiny_data), uses_labels=False).sha256 == sources.load(str(tiny_data)).sha256


def test_the_chapter_knows_who_uses_labels():
    """Those whose graph has a placeholder for them; ``y_batch`` is in most listings, and feeds nothing."""
    for script in SCRIPTS:
        source = (sources.DATA_DIR.parent / (script.module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        assert script.uses_labels == ("g.y:" in source), script.name
    assert [script.number for script in SCRIPTS if script.uses_labels] == [4, 5]


def test_letters_train_an_autoencoder_and_no_classifier(with_labels, tmp_path, capsys):
    flags = ["--data", with_labels("letters"), "--out", str(tmp_path), "--epochs", "1", "--batch-size", "20"]
    command_line.run(BY_NAME["autoencoder_3"], flags)
    result = json.loads((tmp_path / "autoencoder_3" / "result.json").read_text(encoding="utf-8"))
    assert list(result["data"]["sha256"]) == [TRAIN_IMAGES, TEST_IMAGES, TEST_LABELS]
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        command_line.main(["run", "autoencoder_4", *flags])
    assert stop.value.code == 2
    assert "label 10 at index 9, expected labels from 0 to 9" in capsys.readouterr().err


@pytest.fixture
def own_places(tmp_path, monkeypatch):
    """Nothing of the user's is looked at: the data, home, cache and temporary directories are made in ``tmp_path``."""
    monkeypatch.setattr(sources, "DATA_DIR", tmp_path / "data")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("MNIST_DIR", raising=False)
    return tmp_path


@pytest.fixture
def tiny_digits(own_places, monkeypatch):
    """The tiny data set in the place of the embedded digits, of which it gives the hashes."""
    arrays = make_tiny_arrays()
    sha256 = {name: hashlib.sha256(idx.encode_idx(arrays[name])).hexdigest() for name in idx.FILES}
    monkeypatch.setattr(digits, "build_digits", lambda: [arrays[name] for name in idx.FILES])
    monkeypatch.setattr(digits, "DIGITS_SHA256", sha256)
    return sha256


def test_without_a_name_it_is_mnist_where_that_is_there(tiny_data, tiny_digits, monkeypatch, capsys):
    assert sources.load(None).name == "digits"
    assert "make mnist" in capsys.readouterr().err
    monkeypatch.setenv("MNIST_DIR", str(tiny_data))
    assert sources.load(None).name == "mnist"
    assert "data: mnist" in capsys.readouterr().err
    assert sources.load("mnist").name == "mnist"


def make_unusable(directory, how):
    if how != "missing":
        directory.parent.mkdir(exist_ok=True)
        directory.write_bytes(b"") if how == "a file" else directory.mkdir()
    if how == "other files":
        (directory / "notes.txt").write_bytes(b"")
    if how == "several sets":
        write(directory, ARCHIVES["EMNIST"])
        write(directory, ARCHIVES["Fashion"])
    if how == "damaged":
        write(directory, ARCHIVES["MNIST"])
        (directory / f"{TEST_IMAGES}.gz").write_bytes(b"")
    if how == "half":
        write(directory, ARCHIVES["MNIST"][:1])


UNUSABLE = {
    "missing": "No such file",
    "a file": "Not a directory",
    "empty": "nothing found",
    "other files": "notes.txt found",
    "several sets": "several sets",
    "damaged": "is empty",
    "half": "t10k-images-idx3-ubyte is missing",
}


@pytest.mark.parametrize("how", UNUSABLE)
@pytest.mark.parametrize("data", [None, "mnist"])
def test_mnist_that_is_asked_for_and_unusable_is_an_error(how, data, tiny_digits, tmp_path, monkeypatch):
    make_unusable(tmp_path / "my-mnist", how)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "my-mnist"))
    with pytest.raises(BadInputError, match=UNUSABLE[how]) as error:
        sources.load(data)
    assert str(tmp_path / "my-mnist") in str(error.value)
    assert sources.load("digits").name == "digits"


def test_mnist_by_name_is_an_error_where_there_is_none(tiny_digits, tmp_path):
    with pytest.raises(
        BadInputError, match=f"{tmp_path}/data/mnist: no MNIST there .*expected train-images.*'make mnist' fetches"
    ):
        sources.load("mnist")


def test_embedded_digits_are_the_known_ones(tmp_path):
    arrays = load_directory(digits.make_digits([tmp_path / "digits"]), "digits")
    assert arrays.sha256 == digits.DIGITS_SHA256
    assert arrays.train_images.shape == (12000, 28, 28)
    assert arrays.test_images.shape == (2000, 28, 28)
    assert len(np.unique(arrays.train_labels)) == 10
    ink = arrays.test_images.astype(float)
    centre = (ink.sum(axis=(0, 2)) * np.arange(28)).sum() / ink.sum()
    assert abs(centre - 13.5) < 0.5


def damage(path, how):
    if how == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    if how == "missing":
        path.unlink()
    if how == "of another set":
        path.write_bytes(idx.encode_idx(idx.read_idx(path)[::-1]))


@pytest.mark.parametrize("file", idx.FILES)
@pytest.mark.parametrize("how", ["cut", "missing", "of another set"])
def test_a_damaged_copy_of_the_embedded_digits_is_made_again(file, how, tiny_digits, tmp_path, capsys):
    directory = tmp_path / "data" / "digits"
    sources.load("digits")
    (directory / "of the user's").write_bytes(b"")
    damage(directory / f"{file}.gz", how)
    before = directory.stat().st_ino
    assert sources.load("digits").sha256 == tiny_digits
    assert gzip.decompress((directory / f"{file}.gz").read_bytes()) == idx.encode_idx(make_tiny_arrays()[file])
    assert directory.stat().st_ino == before  # not deleted: others may read there
    assert (directory / "of the user's").exists()
    capsys.readouterr()
    sources.load("digits")
    assert capsys.readouterr().err == ""


def deny(*places):
    """Put a file where each directory would have to be, which keeps the superuser out, too."""
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"")


@pytest.mark.parametrize("cache", ["absolute", "relative", "none"])
def test_digits_go_to_the_users_cache_where_the_checkout_cannot_be_written(
    cache, tiny_digits, tmp_path, monkeypatch, capsys
):
    deny(tmp_path / "data")
    monkeypatch.setenv("XDG_CACHE_HOME", {"absolute": str(tmp_path / "xdg"), "relative": "xdg", "none": ""}[cache])
    place = tmp_path / ("xdg" if cache == "absolute" else "home/.cache") / "graph-mode-autoencoders" / "digits"
    assert sources.load("digits").sha256 == tiny_digits
    assert capsys.readouterr().err == (
        f"data: made the embedded digits in {place} (once, as {tmp_path}/data/digits cannot be written)\n"
    )
    assert sources.load("digits").sha256 == tiny_digits
    assert capsys.readouterr().err == ""


def test_digits_go_to_a_temporary_directory_where_there_is_no_cache(tiny_digits, tmp_path, monkeypatch, capsys):
    deny(tmp_path / "data", tmp_path / "home")
    (tmp_path / "tmp").mkdir()
    assert sources.load("digits").sha256 == tiny_digits
    place = tmp_path / "tmp" / f"graph-mode-autoencoders-{os.getuid()}" / "digits"
    assert f"made the embedded digits in {place} (once, as" in capsys.readouterr().err
    (place / f"{TRAIN_IMAGES}.gz").write_bytes(idx.encode_idx(np.ones((TINY_TRAIN, 28, 28), np.uint8)))
    assert sources.load("digits").sha256 == tiny_digits  # whoever put other images there


def test_digits_that_can_be_nowhere_are_one_line(tiny_digits, tmp_path):
    deny(tmp_path / "data", tmp_path / "home", tmp_path / "tmp")
    with pytest.raises(BadInputError, match=f"{tmp_path}/data/digits.*: cannot be written"):
        sources.load("digits")


def test_a_full_disk_is_no_place_for_digits(tiny_digits, tmp_path, monkeypatch, capsys):
    class Full:
        def __init__(self, path):
            self.path = path

        def __enter__(self):
            if self.path.is_relative_to(tmp_path / "data"):
                raise OSError(errno.ENOSPC, "No space left on device")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file = open(self.path, "wb")
            return self.file

        def __exit__(self, *_):
            self.file.close()

    monkeypatch.setattr(idx, "open_atomically", Full)
    assert sources.load("digits").sha256 == tiny_digits
    assert f"{tmp_path}/home/.cache" in capsys.readouterr().err
    with pytest.raises(BadInputError, match=r"cannot be written \(No space left on device\)"):
        idx.write_gzipped(tmp_path / "data", make_tiny_arrays().values())


def test_two_processes_make_the_digits_at_once():
    assert torture_data.start_at_once(n_times=2, is_small=True) == []


@pytest.mark.parametrize(
    ("n", "described"), [(0, "nothing"), (1, "0"), (6, "0, 1, 2, 3, 4, 5"), (7, "0, 1, 2, 3, 4, 5, …")]
)
def test_a_directory_is_described_by_its_first_names(n, described, tmp_path):
    (tmp_path / ".hidden").touch()
    for i in range(n):
        (tmp_path / str(i)).touch()
    assert names.describe(tmp_path) == described


@pytest.mark.parametrize("archive", ["MNIST, unzipped", "Kaggle"])
@pytest.mark.parametrize("file", idx.FILES)
def test_of_a_file_and_its_gz_none_is_guessed(file, archive, tmp_path):
    write(tmp_path, ARCHIVES[archive])
    name = ARCHIVES[archive][idx.FILES.index(file)]
    zipped = tmp_path / f"{name}.gz"
    content = (tmp_path / name).read_bytes()
    zipped.write_bytes(gzip.compress(content[:50]) + gzip.compress(content[50:]))
    sources.load(str(tmp_path))
    zipped.write_bytes(gzip.compress(content[:-1] + bytes([content[-1] ^ 1])))
    with pytest.raises(BadInputError, match=rf"{name}\.gz beside it holds something else, expected the same, or one"):
        sources.load(str(tmp_path))
    if "labels" in file:
        sources.load(str(tmp_path), uses_labels=False)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", bytes(10**6), gzip.compress(bytes(10**8))])
def test_a_damaged_gz_beside_it_is_something_else(content, tmp_path):
    write(tmp_path, ARCHIVES["MNIST, unzipped"])
    (tmp_path / f"{TRAIN_IMAGES}.gz").write_bytes(content)
    with pytest.raises(BadInputError, match=r"ubyte\.gz beside it holds something else"):
        sources.load(str(tmp_path))
