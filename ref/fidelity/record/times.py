"""Time the training steps of a script or a port. TensorFlow 1.15.5 and 2 alike.

It runs under Python 3.7 in .venv-tf1 too (scripts/tf1/run_listing.py), so that both sides are timed by the same lines,
and imports nothing of ours.
"""

import contextlib
import time

import tensorflow.compat.v1 as tf


class Stopwatch:
    """When training ops in sessions of ``session_class`` were called and had ended, while ``watch()`` lasts.

    A training op is an op, not a tensor, that a session is asked to run alone, initializers apart.
    """

    def __init__(self, session_class):
        self._session_class = session_class
        self._noted = {}  # of each op: when it was first called, when it last ended (seconds), how often

    @contextlib.contextmanager
    def watch(self):
        run = self._session_class.run

        def timed_run(session, fetches, feed_dict=None, options=None, run_metadata=None):
            if not isinstance(fetches, tf.Operation) or (not feed_dict and "init" in fetches.name):
                return run(session, fetches, feed_dict, options, run_metadata)
            start_s = time.perf_counter()
            result = run(session, fetches, feed_dict, options, run_metadata)
            first_s, _, n_steps = self._noted.get(fetches, (start_s, None, 0))
            self._noted[fetches] = (first_s, time.perf_counter(), n_steps + 1)
            return result

        self._session_class.run = timed_run
        try:
            yield
        finally:
            self._session_class.run = run

    def result(self):
        """Return, for each training op in the order of their first calls, [seconds from first to last, steps]."""
        return [[last_s - first_s, n_steps] for first_s, last_s, n_steps in self._noted.values()]
