"""What a run does not take from the user's environment: other Pythons' packages, a notebook's backend, styles."""

import contextlib
import logging
import os
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Settings of Matplotlib's, Keras' and Python's that change figures or the import; TensorFlow's own are the user's.
REMOVED = ("MPLBACKEND", "MATPLOTLIBRC", "KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "PYTHONPATH", "PYTHONWARNINGS")


def shut_out() -> None:
    """Forget what in the environment of this process, which is nobody else's, would change a run or break it.

    Packages that PYTHONPATH names come out of ``sys.path``, but for this checkout itself; Matplotlib and Keras read
    their settings from, and write to, a directory of ours.
    """
    strangers = {os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path}
    strangers -= {str(ROOT), *sysconfig.get_paths().values()}
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) not in strangers]
    if os.environ.get("PYTHONWARNINGS"):
        warnings.resetwarnings()
        for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", category)
    for name in REMOVED:
        os.environ.pop(name, None)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns of each line of a matplotlibrc that it rejects
    for name in ("MPLCONFIGDIR", "KERAS_HOME"):
        os.environ.pop(name, None)
    os.environ.update(_find_defaults())


@contextlib.contextmanager
def of_start() -> Iterator[None]:
    """Set what the libraries read once, when they are imported, where the user has not set it."""
    defaults = _find_defaults()
    added = defaults.keys() - os.environ.keys()
    os.environ.update({name: defaults[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def default_style() -> Iterator[None]:
    """Draw as Matplotlib does without a matplotlibrc; there may be one in the directory that it is started in."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


def _find_defaults() -> dict[str, str]:
    defaults = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
    if cache := _find_cache():  # else Matplotlib and Keras would write to the home directory
        defaults |= {"MPLCONFIGDIR": str(cache / "matplotlib"), "KERAS_HOME": str(cache / "keras")}
    return defaults


def _find_cache() -> Path | None:
    """Return a directory for the caches of libraries, or None where none can be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for cache in (ROOT / "data" / "cache", Path(home) / "graph-mode-autoencoders"):
        try:
            for name in ("matplotlib", "keras"):
                (cache / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if all(os.access(cache / name, os.W_OK | os.X_OK) for name in ("matplotlib", "keras")):
            return cache
    return None
