"""Which run made a checkpoint, in words, as far as it is known."""

import contextlib
from pathlib import Path

from ref.common import generations
from ref.common.files import read_json


def describe_origin(directory: Path) -> str | None:
    """Return which run left the results in ``directory``, in a few words, or None where nothing there says so."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        made = read_json(directory / "result.json")
        n_epochs = made["hyper_parameters"]["n_epochs"]
        return f"data {made['data']['name']}, seed {made['seed']}, n_epochs {n_epochs}"
    return None


def describe_checkpoint(directory: Path, found: Path, make: str) -> str:
    """Return what is known of the making of the checkpoint ``found``; result.json is of the newest generation.

    ``make`` is the command that makes it anew.
    """
    n_newer = generations.place(directory, found)
    if n_newer is None:
        return f"made elsewhere, laid there as {found.relative_to(directory)}; '{make}' makes one here"
    origin = describe_origin(directory) or (
        f"of a run that was interrupted, or made elsewhere: no result.json beside it; '{make}' makes it anew"
    )
    return f"{origin}; of {n_newer} epoch{'s' * (n_newer > 1)} before its last" if n_newer else origin
