"""What was probably meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(found: str, names: Iterable[str]) -> str:
    """Return ``did you mean NAME? `` for the name that is nearest to ``found``, or nothing where none is near."""
    near = difflib.get_close_matches(found, list(names), n=1)
    return f"did you mean {near[0]}? " if near else ""
