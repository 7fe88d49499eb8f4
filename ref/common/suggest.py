"""What was probably meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(found: str, names: Iterable[str]) -> str:
    """Return ``did you mean NAME? `` for the name that ``found`` begins, or that is nearest, or nothing.

    Neither capitals count nor the dashes before a flag, which all flags have alike.
    """
    by_letters = {name.lstrip("-").lower(): name for name in names}
    letters = found.lstrip("-").lower()
    begun = sorted((one for one in by_letters if len(letters) > 1 and one.startswith(letters)), key=len)
    near = begun or difflib.get_close_matches(letters, list(by_letters), n=1)
    return f"did you mean {by_letters[near[0]]}? " if near else ""
