"""Every session loop as it comes, on as many images as MNIST has, in a session in which a step costs nothing."""

import collections
import importlib
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.chapter import BY_NAME
from ref.common import session
from ref.common.runs import Run

N_TRAIN, N_TEST = 55_000, 10_000
STEPS = {  # of each training op: the text's epochs (15's and 16's are the book's), times the whole batches in one
    1: [1000],
    2: [30 * 366],
    3: [5 * 366],
    **{n: [4 * 133] for n in (4, 5)},
    **{n: [4 * 366, 4 * 366] for n in (6, 7, 8)},
    **{n: [10 * 366] for n in (11, 12)},
    **{n: [100 * 55] for n in (13, 14)},
    **{n: [50 * 366] for n in (15, 16)},
}
EVALUATED = {  # on how many rows: a batch, all that was trained on, all test images, what is drawn
    1: {100},
    **{n: {150, 2} for n in (2, 3, 12, 15)},
    **{n: {150, N_TEST} for n in (4, 5, 7)},
    6: {150, N_TRAIN, 2},
    8: {150, N_TRAIN, N_TEST},
    11: {150},
    **{n: {1000, 2} for n in (13, 14)},
    16: {150, 60, 6},
}
PERMUTED = {4: {20_000}, 5: {20_000}, 6: {N_TRAIN}, 8: {N_TRAIN}}


def make_free_session(steps, evaluated):
    """Return a class of sessions that add what they are fed to ``steps`` and ``evaluated``, and answer with zeros."""

    class FreeSession(session.Session):
        def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
            if not feed_dict:
                return super().run(fetches, feed_dict, options, run_metadata)
            if isinstance(fetches, tf.Operation):
                steps[fetches] += 1
                return None
            (n_rows,) = {len(value) for value in feed_dict.values()}
            evaluated.add(n_rows)
            shapes = [[n_rows if d is None else d for d in t.shape.as_list()] for t in tf.nest.flatten(fetches)]
            return tf.nest.pack_sequence_as(fetches, [np.zeros(shape, np.float32)[()] for shape in shapes])

    return FreeSession


class FreeRandomState(np.random.RandomState):
    """A generator that tells of how many numbers it gave permutations."""

    def __init__(self, seed):
        super().__init__(seed)
        self.permuted = set()

    def permutation(self, n):
        self.permuted.add(n)
        return np.arange(n)


def make_data_sets(rnd):
    def make_set(n):
        images = np.broadcast_to(np.zeros(784, np.float32), (n, 784))
        labels = np.broadcast_to(np.uint8(0), n)
        return SimpleNamespace(
            num_examples=n,
            images=images,
            labels=labels,
            next_batch=lambda batch_size: (images[:batch_size], labels[:batch_size]),
            check_batch_size=lambda batch_size: None,
        )

    return SimpleNamespace(train=make_set(N_TRAIN), validation=make_set(5000), test=make_set(N_TEST), rnd=rnd)


@pytest.mark.parametrize("number", STEPS)
def test_loop_takes_the_texts_steps(number, tmp_path):
    port = importlib.import_module(BY_NAME[f"autoencoder_{number}"].module)
    rnd, steps, evaluated = FreeRandomState(0), collections.Counter(), set()
    with (
        mock.patch.object(session, "Session", make_free_session(steps, evaluated)),
        mock.patch.object(Run, "read_data_sets", return_value=make_data_sets(rnd)),
        mock.patch.multiple(Run, save=mock.DEFAULT, restore=mock.DEFAULT),
    ):
        port.main(["--out", str(tmp_path)])
    assert list(steps.values()) == STEPS[number]
    assert evaluated == EVALUATED[number]
    assert rnd.permuted == PERMUTED.get(number, set())
