"""What an engine trains on: the frozen layers' outputs, kept in memory or in a file, or the images they are made of."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf

from ref.common import machine
from ref.common.files import open_atomically
from ref.common.progress import Bar

Layers = Sequence[tuple[tf.Variable, tf.Variable]]  # weights and biases of the frozen layers, the lowest first


class Recomputed:
    """No cache: rows are images, (n, 784), and every step computes the frozen layers anew."""

    def __init__(self, g: SimpleNamespace, frozen: Layers):
        self.tensor, self.layers = g.X, frozen  # what stands for a batch of rows; what is above it and frozen

    def fill(self, sess: tf.Session, images: np.ndarray, directory: Path) -> np.ndarray:
        """Return the rows, float32 (n, width of ``tensor``)."""
        return images


class CachedInMemory:
    """Rows are the frozen layers' outputs, (n, 300), of one run of the graph."""

    def __init__(self, g: SimpleNamespace, frozen: Layers):
        self.tensor, self.layers, self._g, self._frozen = g.hidden1, (), g, frozen

    def fill(self, sess: tf.Session, images: np.ndarray, directory: Path) -> np.ndarray:
        """Return the rows, float32 (n, width of ``tensor``)."""
        return self._g.hidden1.eval({self._g.X: images}, sess)


class CachedInFile(CachedInMemory):
    """The same rows in a file, which may be larger than memory."""

    def fill(self, sess: tf.Session, images: np.ndarray, directory: Path) -> np.ndarray:
        """Return the rows, float32 (n, width of ``tensor``), mapped from a file in ``directory``."""
        rows = map_cache(sess, self._g, self._frozen, images, directory)
        if rows.nbytes > machine.count_available_memory():
            print(
                f"{rows.filename}: {rows.nbytes / 1e9:,.1f} GB, more than memory keeps; --engine block-shuffle reads "
                "it in blocks, the others row by row",
                file=sys.stderr,
            )
        return rows


Rows = Recomputed | CachedInMemory


def map_cache(
    sess: tf.Session,
    g: SimpleNamespace,
    frozen: Sequence[tuple[tf.Variable, tf.Variable]],
    images: np.ndarray,
    directory: Path,
    block: int = 5000,
) -> np.ndarray:
    """Return the frozen layer's outputs for ``images``, float32 (n, 300), mapped from a file in ``directory``.

    The file is filled ``block`` rows at a time, so that neither filling nor reading it takes their memory. Its name
    holds the sha256 of the frozen weights and of the images: one of others is never taken, but removed.

    Raises:
      OSError: the file cannot be written.
    """
    digest = hashlib.sha256()
    for array in (*sess.run([variable for layer in frozen for variable in layer]), images):
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    path = directory / f"hidden1_cache-{digest.hexdigest()}.npy"
    shape = (len(images), g.hidden1.shape[1].value)
    if _has_shape(path, shape):
        return np.load(path, mmap_mode="r")
    for old in directory.glob("hidden1_cache-*.npy"):
        old.unlink()
    with open_atomically(path) as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in Bar(range(0, len(images), block), desc="frozen layer", unit="block", leave=False, disable=None):
            file.write(g.hidden1.eval({g.X: images[start : start + block]}, sess).astype("<f4").tobytes())
    return np.load(path, mmap_mode="r")


def _has_shape(path: Path, shape: tuple[int, int]) -> bool:
    try:
        found = np.load(path, mmap_mode="r")
        return found.shape == shape and found.dtype == np.float32
    except (OSError, ValueError, EOFError, AttributeError):  # not there, cut short, empty, another kind of file
        return False
