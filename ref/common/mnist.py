"""MNIST and its kin: the IDX reader, the tutorial reader's ``DataSet``, where data comes from, the download.

Source of the format: http://yann.lecun.com/exdb/mnist/ ("the IDX file format").
Source of ``DataSet``: tensorflow/examples/tutorials/mnist/input_data.py of TensorFlow 1.15.
"""

import gzip
import hashlib
import math
import os
import shutil
import struct
import sys
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ref.common.errors import BadInputError
from ref.common.files import open_atomically

DATA_DIR = Path(__file__).resolve().parents[2] / "data"
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
MNIST_SHA256 = dict(
    zip(
        FILES,
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    )
)
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist",
)
IMAGE_SHAPE = (28, 28)
N_LABELS = 10
MAX_IMAGES = 1_000_000  # as float32, 3 GB
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Arrays:
    """A data set as it lies in its four files.

    Images are uint8 of shape (n, 28, 28), labels uint8 of shape (n,). ``sha256`` maps each file's name to the hash of
    its unzipped content.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    sha256: dict[str, str]


class DataSet:
    """Images and labels in batches, as the tutorial reader gave them.

    ``images``: float32 (num_examples, 784) in [0, 1]; ``labels``: uint8 (num_examples,). Both are in the order of the
    last shuffle. The reader copied all images at every shuffle; here a batch is looked up when it is asked for, and the
    images are brought in order only for who asks for them.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, rnd: np.random.RandomState):
        flat = images.reshape(len(images), math.prod(images.shape[1:]))
        self._images = np.multiply(flat.astype(np.float32), 1.0 / 255.0)
        self._labels = labels
        self.num_examples = len(images)
        self._rnd = rnd
        self._start = 0
        self._order = np.arange(self.num_examples)
        self._is_shuffled = False
        self._is_in_order = True

    @property
    def images(self) -> np.ndarray:
        self._bring_in_order()
        return self._images

    @property
    def labels(self) -> np.ndarray:
        self._bring_in_order()
        return self._labels

    def check_batch_size(self, batch_size: int) -> None:
        """Raise BadInputError where a batch is larger than the set."""
        if batch_size > self.num_examples:
            raise BadInputError(
                f"a batch of {batch_size} was asked of {self.num_examples} images, expected no more than there are; "
                "use a smaller batch (--batch-size) or more data"
            )

    def next_batch(self, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the next ``batch_size`` images and labels.

        It shuffles before the first batch of all. Where an epoch ends within a batch, its rest is joined to the head
        of the next epoch, freshly shuffled from the order that the last shuffle left.

        Raises:
          BadInputError: the batch is larger than the set. The reader gave what there was, the set twice at most.
        """
        self.check_batch_size(batch_size)
        if not self._is_shuffled:
            self._shuffle()
        start, end = self._start, self._start + batch_size
        if end <= self.num_examples:
            self._start = end
            indices = self._order[start:end]
        else:
            rest = self._order[start:]
            self._shuffle()
            self._start = end = end - self.num_examples
            indices = np.concatenate([rest, self._order[:end]])
        return self._images[indices], self._labels[indices]

    def _shuffle(self) -> None:
        order = np.arange(self.num_examples)
        self._rnd.shuffle(order)
        self._order = self._order[order]
        self._is_shuffled = True
        self._is_in_order = False

    def _bring_in_order(self) -> None:
        if not self._is_in_order:
            self._images, self._labels = self._images[self._order], self._labels[self._order]
            self._order = np.arange(self.num_examples)
            self._is_in_order = True


@dataclass(frozen=True)
class DataSets:
    """What ``read_data_sets`` gives: three sets, and the generator that all shuffles are drawn from."""

    train: DataSet
    validation: DataSet
    test: DataSet
    rnd: np.random.RandomState


def read_data_sets(arrays: Arrays, seed: int) -> DataSets:
    """Split off the validation set and seed the shuffles.

    Of 60,000 training images the first 5,000 are for validation, as in the tutorial reader; of another number n the
    first ``n // 12``, but never more than 5,000, where that reader takes 5,000 whatever n is.

    The tutorial reader seeds NumPy's global generator, once for each of the three sets, and shuffles all of them with
    it: what this one generator does from here on. Its seed is the default graph's, modulo 2**31 - 1, whatever ops the
    graph holds and whatever NumPy was seeded with before; where the graph has none, one that the system gives, so that
    ``numpy.random.seed`` alone made nothing repeatable. Its own ``seed=``, which no listing gives, came before both.
    tests/test_reader_tf1.py holds every image of it beside TensorFlow 1.15.5's.
    """
    rnd = np.random.RandomState(seed)
    n_validation = min(5000, len(arrays.train_images) // 12)
    return DataSets(
        train=DataSet(arrays.train_images[n_validation:], arrays.train_labels[n_validation:], rnd),
        validation=DataSet(arrays.train_images[:n_validation], arrays.train_labels[:n_validation], rnd),
        test=DataSet(arrays.test_images, arrays.test_labels, rnd),
        rnd=rnd,
    )


def load(data: str | None) -> Arrays:
    """Read the data set ``mnist``, ``digits``, or the four IDX files of a directory.

    Without a name it is MNIST where that is there, else the embedded digits; standard error says which.

    Raises:
      BadInputError: a file is missing or is not what its name and header say.
    """
    data = data or choose_data()
    if data == "digits":
        from ref.common.digits import make_digits

        directory = make_digits(DATA_DIR / "digits")
        try:
            return _load_directory(directory, "digits")
        except BadInputError:  # a damaged copy: the files can be made again
            shutil.rmtree(directory)
            return _load_directory(make_digits(directory), "digits")
    if data == "mnist":
        if not is_mnist_there():
            raise BadInputError(f"{mnist_dir()}: no MNIST there, expected {FILES[0]} and three more; run 'make mnist'")
        return _load_directory(mnist_dir(), "mnist")
    return _load_directory(Path(data), Path(data).resolve().name)


def choose_data() -> str:
    """Return ``mnist`` where that is there, else ``digits``; say on standard error which, and how to get the other."""
    if is_mnist_there():
        print("data: mnist (--data digits for the embedded set)", file=sys.stderr)
        return "mnist"
    wanted = os.environ.get("MNIST_DIR")
    missed = f"no MNIST in MNIST_DIR={wanted}; " if wanted else ""
    print(f"data: digits ({missed}'make mnist' fetches the real MNIST)", file=sys.stderr)
    return "digits"


def mnist_dir() -> Path:
    """Return where MNIST is looked for and downloaded to: ``$MNIST_DIR``, else ``data/mnist`` of this checkout."""
    return Path(os.environ.get("MNIST_DIR") or DATA_DIR / "mnist")


def is_mnist_there() -> bool:
    """Return whether the first of MNIST's files is in ``mnist_dir()``."""
    return any(os.path.exists(mnist_dir() / (FILES[0] + suffix)) for suffix in ("", ".gz"))


def _load_directory(directory: Path, name: str) -> Arrays:
    try:
        os.listdir(directory)
    except OSError as error:
        raise BadInputError(
            f"--data {directory}: cannot be read ({error.strerror}), expected mnist, digits or a directory with four "
            f"IDX files ({FILES[0]}, …)"
        ) from error
    arrays, sha256 = [], {}
    for file in FILES:
        arrays.append(read_idx(_find(directory, file)))
        sha256[file] = hash_array_file(arrays[-1])
    for split, images, labels in (("train", *arrays[:2]), ("t10k", *arrays[2:])):
        if len(images) != len(labels):
            raise BadInputError(
                f"{directory}: {len(images)} {split} images but {len(labels)} labels, expected as many of each; "
                "put files of one data set there"
            )
    return Arrays(name, *arrays, sha256)


def _find(directory: Path, file: str) -> Path:
    for path in (directory / file, directory / f"{file}.gz"):
        if os.path.exists(path):
            return path
    raise BadInputError(f"{directory}: {file} is missing, gzipped (.gz) or not; put the four IDX files there")


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of uint8, gzipped where its name ends in ``.gz``: images (n, 28, 28) or labels (n,).

    Nothing in the file is trusted: memory grows with what is really there, never with what the header announces.

    Raises:
      BadInputError: unreadable, not gzip, truncated, another magic number, a header that disagrees with the length,
        images of another size, labels above 9, or nothing in it.
    """
    n_dims = 3 if "idx3" in path.name else 1
    magic = struct.pack(">BBBB", 0, 0, 8, n_dims)
    remedy = "put an intact file there"
    try:
        if not path.is_file():
            raise BadInputError(f"{path}: not a regular file, expected an IDX file; {remedy}")
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            header = file.read(4 + 4 * n_dims)
            if header[:4] != magic:
                raise BadInputError(
                    f"{path}: starts with 0x{header[:4].hex()}, expected the magic number 0x{magic.hex()} of an IDX "
                    f"file of bytes in {n_dims} dimension(s); {remedy}"
                )
            if len(header) < 4 + 4 * n_dims:
                raise BadInputError(f"{path}: ends within its header, expected {4 + 4 * n_dims} bytes of it; {remedy}")
            shape = struct.unpack(f">{n_dims}I", header[4:])
            if shape[1:] != IMAGE_SHAPE[: n_dims - 1] or not 0 < shape[0] <= MAX_IMAGES:
                expected = f"{'(n, 28, 28)' if n_dims == 3 else '(n,)'} with n from 1 to {MAX_IMAGES}"
                raise BadInputError(f"{path}: its header says {shape}, expected {expected}; {remedy}")
            body = _read_at_most(file, math.prod(shape) + 1)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BadInputError(f"{path}: not a gzip file or a damaged one ({error}), expected gzip; {remedy}") from error
    except EOFError as error:
        raise BadInputError(f"{path}: truncated gzip file, expected its end-of-stream marker; {remedy}") from error
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be read ({error.strerror or error}), expected an IDX file; {remedy}"
        ) from error
    if len(body) != math.prod(shape):
        found = "more" if len(body) > math.prod(shape) else f"{len(body)}"
        raise BadInputError(
            f"{path}: holds {found} bytes after its header, which announces {shape} = {math.prod(shape)}; {remedy}"
        )
    array = np.frombuffer(body, np.uint8).reshape(shape)
    if n_dims == 1 and array.max() >= N_LABELS:
        raise BadInputError(f"{path}: label {array.max()} at index {array.argmax()}, expected 0 to 9; {remedy}")
    return array


def _read_at_most(file, n_bytes: int) -> bytes:
    chunks = []
    while n_bytes > 0 and (chunk := file.read(min(CHUNK_BYTES, n_bytes))):
        chunks.append(chunk)
        n_bytes -= len(chunk)
    return b"".join(chunks)


def encode_idx(array: np.ndarray) -> bytes:
    """Return the unzipped IDX file that holds the uint8 ``array``."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def hash_array_file(array: np.ndarray) -> str:
    """Return the sha256 of the unzipped IDX file that holds ``array``."""
    return hashlib.sha256(encode_idx(array)).hexdigest()


def download(directory: Path, mirrors: tuple[str, ...] = MIRRORS) -> None:
    """Fetch MNIST's four files over https into ``directory``; those already there and intact are kept.

    A file is unzipped and its sha256 checked before it takes its name. The second mirror is asked where the first
    fails.

    Raises:
      BadInputError: no mirror gave a file with the right hash, or ``directory`` cannot be written.
    """
    for file in FILES:
        path = directory / f"{file}.gz"
        if path.exists() and _check_download(path.read_bytes(), file) is None:
            continue
        failures = []
        for mirror in mirrors:
            url = f"{mirror}/{file}.gz"
            try:
                content = _fetch(url)
            except (OSError, ValueError) as error:
                failures.append(f"{url}: {error}")
                continue
            problem = _check_download(content, file)
            if problem is None:
                with open_atomically(path) as out:
                    out.write(content)
                break
            failures.append(f"{url}: {problem}")
        else:
            raise BadInputError(
                f"{path}: could not be fetched ({'; '.join(failures)}), expected one of {len(mirrors)} mirrors to give "
                "MNIST's own file; check the connection and run it again, or put the four files there by hand"
            )


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:
        total = int(response.headers.get("Content-Length") or 0) or None
        with tqdm(total=total, unit="B", unit_scale=True, desc=url.rsplit("/", 1)[1], disable=None) as bar:
            chunks = []
            while chunk := response.read(CHUNK_BYTES):
                chunks.append(chunk)
                bar.update(len(chunk))
    return b"".join(chunks)


def _check_download(content: bytes, file: str) -> str | None:
    """Return what is wrong with the gzipped ``content`` of MNIST's ``file``, or None."""
    try:
        found = hashlib.sha256(gzip.decompress(content)).hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        return f"not an intact gzip file ({error})"
    return None if found == MNIST_SHA256[file] else f"sha256 {found}, expected {MNIST_SHA256[file]}"
