"""The directory that a run writes to: taken, put in order, and what an earlier run has left there said."""

import sys
from pathlib import Path

from ref.common import checks, generations, resume
from ref.common.errors import BadInputError
from ref.common.files import make_directory
from ref.common.locks import DirectoryLock


def take(directory: Path) -> DirectoryLock:
    """Make ``directory``, lock it, and remove what an earlier run has left unfinished there.

    Raises:
      BadInputError: TensorFlow would not find a checkpoint in it again, it cannot be written, another run writes to it,
        or what is there cannot be put in order.
    """
    checks.check_path(directory)
    make_directory(directory)
    lock = DirectoryLock(directory)
    try:
        generations.sweep(directory)
    except OSError as error:
        lock.close()
        raise BadInputError(
            f"{error.filename or directory}: cannot be put in order after an earlier run ({error.strerror}), "
            "expected what a run has left; move it away, or choose another directory (--out)"
        ) from error
    return lock


def say_what_is_anothers(name: str, directory: Path, checkpoint: str) -> None:
    """Say which files that no run has written have the names that the run's ``checkpoint`` gets."""
    foreign = generations.find_foreign(directory, checkpoint) if checkpoint else []
    if foreign:
        names = ", ".join(path.name for path in foreign)
        print(
            f"{name}: in {directory} is a checkpoint that no run here has written ({names}); it is kept, as "
            f"{generations.name_next(directory, generations.ADOPTED)}, when this run's first epoch takes its place",
            file=sys.stderr,
        )


def say_what_is_there(name: str, directory: Path) -> None:
    """Say where a run that was interrupted could be gone on with, before this one takes its place."""
    unfinished = resume.find_unfinished(directory)
    if unfinished:
        state = unfinished.state
        print(
            f"{name}: in {directory} is a run that was interrupted after phase {state['phase']}, epoch "
            f"{state['epoch']}; --resume (make: RESUME=1) goes on with it; this run starts anew, and replaces it once "
            "an epoch of its own is saved",
            file=sys.stderr,
        )
