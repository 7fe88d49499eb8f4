"""What a run does not take from the user's environment: other Pythons' packages, a notebook's backend, styles."""

import contextlib
import functools
import logging
import os
import re
import subprocess
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

from ref.common.errors import BadInputError

COMPILER_FLAGS = ("TF_XLA_FLAGS", "XLA_FLAGS")
COMPILE = "import tensorflow as tf; tf.function(lambda x: x + 1, jit_compile=True)(tf.constant(1.0))"
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


@functools.cache
def check_compiler_flags(compiles: bool) -> None:
    """Try in another process what TF_XLA_FLAGS and XLA_FLAGS hold: TensorFlow ends over words that it does not know.

    XLA's own flags are looked at where the run ``compiles``, or where TensorFlow's may have it compile.

    Raises:
      BadInputError: TensorFlow ends over them.
    """
    names = [name for name in COMPILER_FLAGS if os.environ.get(name)]
    if not names or (names == ["XLA_FLAGS"] and not compiles):
        return
    own = {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "2"}
    tried = subprocess.run(
        [sys.executable, "-c", COMPILE],
        env=os.environ | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    found = re.findall(r"^F\d{4} .*?\] (.*)$", tried.stderr.decode(errors="replace"), re.MULTILINE)
    if not found and tried.returncode >= 0:  # if Python failed, the run will say why
        return
    reason = found[0][:200] if found else f"signal {-tried.returncode}"
    settings = " ".join(f"{name}={os.environ[name]}" for name in names)
    raise BadInputError(
        f"{settings}: TensorFlow ends over it ({reason}), expected flags that it knows; mend or unset it"
    )


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
