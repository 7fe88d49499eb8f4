"""Where a reader and NumPy's generator stand: said by the same lines under TensorFlow 1.15.5 and here; Python 3.7."""

import hashlib


def describe_state(train, position, rnd):
    """Return the sha256 of a training set in its order and of a generator, and the reader's position in the set.

    ``train`` has ``images`` and ``labels``; ``rnd`` is a RandomState, or ``numpy.random`` for the global one.
    """
    _, keys, index, has_gauss, gauss = rnd.get_state()
    return {
        "images_sha256": hashlib.sha256(train.images.tobytes()).hexdigest(),
        "labels_sha256": hashlib.sha256(train.labels.tobytes()).hexdigest(),
        "position": position,
        "generator_sha256": hashlib.sha256(keys.tobytes() + repr((index, has_gauss, gauss)).encode()).hexdigest(),
    }
