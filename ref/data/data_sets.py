"""The tutorial reader's ``DataSet``: the split, shuffles, batches.

Source: tensorflow/examples/tutorials/mnist/input_data.py of TensorFlow 1.15.
"""

import math
from dataclasses import dataclass

import numpy as np

from ref.common.errors import BadInputError


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
        self._rows = np.arange(self.num_examples)  # where in the file what lies in _images comes from
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

    def get_state(self) -> tuple[np.ndarray, tuple[int, bool]]:
        """Return the order of the images, as (num_examples,) places in the file, and where the next batch starts."""
        return self._rows[self._order], (self._start, self._is_shuffled)

    def set_state(self, order: np.ndarray, position: tuple[int, bool]) -> None:
        """Go on from what ``get_state`` returned, of this set or another of the same file."""
        places = np.empty_like(self._rows)
        places[self._rows] = np.arange(self.num_examples)
        self._order = places[order]
        self._start, self._is_shuffled = position
        self._is_in_order = False

    def _shuffle(self) -> None:
        order = np.arange(self.num_examples)
        self._rnd.shuffle(order)
        self._order = self._order[order]
        self._is_shuffled = True
        self._is_in_order = False

    def _bring_in_order(self) -> None:
        if not self._is_in_order:
            self._images, self._labels = self._images[self._order], self._labels[self._order]
            self._rows = self._rows[self._order]
            self._order = np.arange(self.num_examples)
            self._is_in_order = True


@dataclass(frozen=True)
class DataSets:
    """What ``read_data_sets`` gives: three sets, and the generator that all shuffles are drawn from."""

    train: DataSet
    validation: DataSet
    test: DataSet
    rnd: np.random.RandomState


def count_validation(n_images: int) -> int:
    """Return how many of ``n_images`` training images are for validation."""
    return min(5000, n_images // 12)


def count_examples(arrays: Arrays) -> tuple[int, int]:
    """Return how many examples there are for training, validation apart, and for the test."""
    n_images = len(arrays.train_images)
    return n_images - count_validation(n_images), len(arrays.test_images)


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
    n_validation = count_validation(len(arrays.train_images))
    return DataSets(
        train=DataSet(arrays.train_images[n_validation:], arrays.train_labels[n_validation:], rnd),
        validation=DataSet(arrays.train_images[:n_validation], arrays.train_labels[:n_validation], rnd),
        test=DataSet(arrays.test_images, arrays.test_labels, rnd),
        rnd=rnd,
    )
