"""Numbers moved by their last bit. Python 3.7, too; nothing of ours imported."""

import numpy as np

UP = 0  # the seed of what is moved in one direction: errors of an approximated function add up, and cancel nowhere


def nudge(array, seed):
    """Return the array with each number moved by its last bit: up or down at random, with ``UP`` away from zero."""
    if array.dtype.kind != "f":
        return array
    up = array > 0 if seed == UP else np.random.RandomState(seed).random_sample(array.shape) < 0.5
    towards = np.where(up, np.inf, -np.inf).astype(array.dtype)
    return np.where(array == 0, array, np.nextafter(array, towards)).astype(array.dtype)
