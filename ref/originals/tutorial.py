"""The MNIST tutorial's reader on the data that a run is given, whatever directory the script names.

Under TensorFlow 1.15.5 its own reader is pointed at that data. On TensorFlow 2 this one stands for it, and gives the
same batches bit for bit: seeded as it was from the graph's seed, drawn from NumPy's one global generator.

Source: tensorflow/contrib/learn/python/learn/datasets/mnist.py of TensorFlow 1.15. Python 3.7.
"""

import collections
import contextlib
import functools
import gzip
import io
import os
import sys
import types

import numpy as np

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
Datasets = collections.namedtuple("Datasets", ["train", "validation", "test"])


def _open(file):
    """Return the bytes that a path, or an open file, of an IDX file holds unzipped, its name beside them."""
    if isinstance(file, (str, os.PathLike)):
        with gzip.open(file) as stream:
            return stream.read()
    with gzip.GzipFile(fileobj=file) as stream:
        return stream.read()


def extract_images(f):
    """Return the images of an IDX file, uint8 (n, rows, columns, 1)."""
    data = _open(f)
    magic, n_images, n_rows, n_columns = np.frombuffer(data, ">u4", 4).tolist()
    if magic != 2051:
        raise ValueError(f"Invalid magic number {magic} in MNIST image file: {getattr(f, 'name', f)}")
    return np.frombuffer(data, np.uint8, offset=16).reshape(n_images, n_rows, n_columns, 1)


def extract_labels(f, one_hot=False, num_classes=10):
    """Return the labels of an IDX file, uint8 (n,), or float64 (n, num_classes) where ``one_hot`` is set."""
    data = _open(f)
    magic, _ = np.frombuffer(data, ">u4", 2).tolist()
    if magic != 2049:
        raise ValueError(f"Invalid magic number {magic} in MNIST label file: {getattr(f, 'name', f)}")
    labels = np.frombuffer(data, np.uint8, offset=8)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense, num_classes=10):
    """Return labels (n,) as float64 (n, num_classes)."""
    labels_one_hot = np.zeros((len(labels_dense), num_classes))
    labels_one_hot.flat[np.arange(len(labels_dense)) * num_classes + labels_dense.ravel()] = 1
    return labels_one_hot


class DataSet:
    """Images and labels in batches: the reader's own class, which scripts make themselves, too."""

    def __init__(self, images, labels, fake_data=False, one_hot=False, dtype="float32", reshape=True, seed=None):
        from tensorflow.python.framework import dtypes, random_seed

        seed1, seed2 = random_seed.get_seed(seed)
        np.random.seed(seed1 if seed is None else seed2)
        dtype = dtypes.as_dtype(dtype).base_dtype
        if dtype not in (dtypes.uint8, dtypes.float32):
            raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
        if fake_data:
            self._num_examples = 10000
            self.one_hot = one_hot
        else:
            assert images.shape[0] == labels.shape[0], f"images.shape: {images.shape} labels.shape: {labels.shape}"
            self._num_examples = images.shape[0]
            if reshape:
                assert images.shape[3] == 1
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            if dtype == dtypes.float32:
                images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images = images
        self._labels = labels
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self):
        return self._images

    @property
    def labels(self):
        return self._labels

    @property
    def num_examples(self):
        return self._num_examples

    @property
    def epochs_completed(self):
        return self._epochs_completed

    def next_batch(self, batch_size, fake_data=False, shuffle=True):
        """Return the next ``batch_size`` images and labels; where an epoch ends, its rest and the next one's head."""
        if fake_data:
            label = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        if start + batch_size <= self._num_examples:
            self._index_in_epoch += batch_size
            return self._images[start : self._index_in_epoch], self._labels[start : self._index_in_epoch]
        self._epochs_completed += 1
        images, labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        end = self._index_in_epoch = batch_size - len(images)
        return np.concatenate([images, self._images[:end]]), np.concatenate([labels, self._labels[:end]])

    def _shuffle(self):
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]


def read_data_sets(
    data,
    default_validation_size,
    train_dir=None,
    fake_data=False,
    one_hot=False,
    dtype="float32",
    reshape=True,
    validation_size=None,
    seed=None,
    source_url=SOURCE_URL,
):
    """Do as the reader's ``read_data_sets`` does on the four files in ``data``; ``train_dir`` is not looked at."""
    if fake_data:
        return Datasets(*(DataSet([], [], True, one_hot, dtype, seed=seed) for _ in Datasets._fields))
    train_images, train_labels, test_images, test_labels = _read(data, one_hot)
    n = default_validation_size if validation_size is None else validation_size
    if not 0 <= n <= len(train_images):
        raise ValueError(f"Validation size should be between 0 and {len(train_images)}. Received: {n}.")
    options = {"dtype": dtype, "reshape": reshape, "seed": seed}
    return Datasets(
        train=DataSet(train_images[n:], train_labels[n:], **options),
        validation=DataSet(train_images[:n], train_labels[:n], **options),
        test=DataSet(test_images, test_labels, **options),
    )


def load_data(data, path="mnist.npz"):
    """Do as ``tf.keras.datasets.mnist.load_data`` does: ((images, labels), (images, labels)), uint8."""
    train_images, train_labels, test_images, test_labels = _read(data, one_hot=False)
    return (train_images[..., 0].copy(), train_labels.copy()), (test_images[..., 0].copy(), test_labels.copy())


def _read(data, one_hot):
    train_images, train_labels, test_images, test_labels = (os.path.join(data, name) for name in FILES)
    return (
        extract_images(train_images),
        extract_labels(train_labels, one_hot),
        extract_images(test_images),
        extract_labels(test_labels, one_hot),
    )


def make_input_data(data, validation_size):
    """Return the module ``input_data``: the reader on the four gzipped IDX files in the directory ``data``.

    ``validation_size`` is what a script gets that names none: 5,000 of 60,000 images, fewer of fewer.
    """
    module = types.ModuleType("tensorflow.examples.tutorials.mnist.input_data")
    module.read_data_sets = functools.partial(read_data_sets, data, validation_size)
    module.load_mnist = lambda train_dir="MNIST-data": module.read_data_sets(train_dir)
    module.maybe_download = lambda filename, *_: os.path.join(data, os.path.basename(filename))
    module.SOURCE_URL = module.DEFAULT_SOURCE_URL = SOURCE_URL
    for value in (DataSet, extract_images, extract_labels, dense_to_one_hot):
        setattr(module, value.__name__, value)
    module.numpy = np
    return module


def point_reader(data, validation_size):
    """Point TensorFlow 1.15.5's own readers, the tutorial's and Keras', at the four files in ``data``."""
    import tensorflow as tf
    from tensorflow.contrib.learn.python.learn.datasets import mnist
    from tensorflow.examples.tutorials.mnist import input_data

    read = mnist.read_data_sets

    def read_given(train_dir=None, *args, **keywords):
        if len(args) < 5:
            keywords.setdefault("validation_size", validation_size)
        with contextlib.redirect_stdout(io.StringIO()):  # "Extracting …", with a path of this machine
            return read(data, *args, **keywords)

    input_data.read_data_sets = mnist.read_data_sets = read_given
    mnist.load_mnist = lambda train_dir="MNIST-data": read_given(train_dir)
    tf.contrib.learn.datasets.mnist.read_data_sets = read_given
    tf.keras.datasets.mnist.load_data = functools.partial(load_data, data)
    sys.modules.setdefault("input_data", input_data)
