"""What is said to somebody who sits at a terminal, and to nobody else."""

import sys


def is_watched() -> bool:
    """Return whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def say_start(who: str, is_elsewhere: bool = False) -> None:
    """Say that ``who`` has started, where TensorFlow's import, seconds of silence, comes next.

    ``is_elsewhere`` says that it is another process that imports it.
    """
    if is_watched() and (is_elsewhere or "tensorflow" not in sys.modules):
        print(f"{who}: started; TensorFlow is being loaded", file=sys.stderr, flush=True)
