"""TensorFlow 1 mode for the thread that asks for it, while it asks; the rest of the process keeps TensorFlow 2.

``tf.disable_v2_behavior()`` switches the whole process, for good. What it switches that a graph depends on is here off
by thread: resource variables, functional control flow, shapes without ``Dimension``, and ``tf2.enabled()``, which the
legacy layers ask. The rest needs no switch: ``graph.as_default()`` ends eager execution, tensors of a graph are then
compared by identity, and ``tf.compat.v1.data`` is TensorFlow 1's. That TensorFlow 1 is deprecated is not logged.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator

from tensorflow import __version__ as tf_version
from tensorflow.python import tf2
from tensorflow.python.framework import tensor_shape
from tensorflow.python.ops import control_flow_util
from tensorflow.python.platform import tf_logging

from ref.common.errors import BadInputError

try:
    from tensorflow.python.ops import resource_variables_toggle
except ImportError:  # before TensorFlow 2.16, which a hosted notebook may have
    from tensorflow.python.ops import variable_scope as resource_variables_toggle

_lock = threading.Lock()
_n_inside = 0  # how often graph_mode is entered now, in all threads
_installed: list[tuple[object, str, object, object]] = []  # module, name, what was found there, what stands there now
_here = threading.local()  # .depth: how often this thread has entered it


def _is_inside() -> bool:
    return getattr(_here, "depth", 0) > 0


class _Switch:
    """In the place of a module's switch: off in a thread in TensorFlow 1 mode, elsewhere as it was found."""

    def __init__(self, found: bool | None):
        self._found = found

    def __bool__(self) -> bool:
        if _is_inside():
            return False
        return tf2.enabled() if self._found is None else bool(self._found)


class _Tf2:
    """In the place of the C++ module behind ``tf2.enabled()``, likewise."""

    def __init__(self, found):
        self.enable, self._found = found.enable, found

    def is_enabled(self) -> bool:
        return not _is_inside() and self._found.is_enabled()


def _is_worth_logging(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR or not _is_inside()


# TensorFlow reads each of them anew whenever a variable, a loop or a layer is made, or a shape is looked at.
SWITCHES = (
    (resource_variables_toggle, "_DEFAULT_USE_RESOURCE", _Switch),
    (control_flow_util, "ENABLE_CONTROL_FLOW_V2", _Switch),
    (tensor_shape, "_TENSORSHAPE_V2_OVERRIDE", _Switch),
    (tf2, "_pywrap_tf2", _Tf2),
)


def _check_switches() -> None:
    for module, name, _ in SWITCHES:
        if not hasattr(module, name):
            raise BadInputError(
                f"TensorFlow {tf_version}: {module.__name__} has no {name}, expected that switch of TensorFlow 1 mode; "
                "install the pinned packages (requirements.txt)"
            )


@contextlib.contextmanager
def graph_mode() -> Iterator[None]:
    """Be in TensorFlow 1 mode within, in this thread; may be nested, and entered by many threads at once.

    The last one out leaves every switch as the first one in found it, but for those that others have set meanwhile.

    Raises:
      BadInputError: this TensorFlow has no such switch.
    """
    global _n_inside
    with _lock:
        if not _n_inside:
            _check_switches()
            for module, name, make in SWITCHES:
                found = getattr(module, name)
                _installed.append((module, name, found, make(found)))
                setattr(module, name, _installed[-1][-1])
            tf_logging.get_logger().addFilter(_is_worth_logging)
        _n_inside += 1
    _here.depth = getattr(_here, "depth", 0) + 1
    try:
        yield
    finally:
        _here.depth -= 1
        with _lock:
            _n_inside -= 1
            if not _n_inside:
                for module, name, found, ours in _installed:
                    if getattr(module, name) is ours:
                        setattr(module, name, found)
                _installed.clear()
                tf_logging.get_logger().removeFilter(_is_worth_logging)
