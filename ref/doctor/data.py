"""The data sets that are found, with the sha256 of their unzipped files."""

import os
from pathlib import Path

from ref.common.errors import BadInputError
from ref.doctor.rows import Row, Section


def examine() -> list[Section]:
    """Return which data sets are here, whether they are what is known under their names, and what is broken."""
    try:
        from ref.data import digits, download, sources
    except ImportError as error:
        return [Section("data", [Row("data", f"not looked at without its packages ({error})")])]
    mnist, made = sources.mnist_dir(), digits.list_places(sources.DATA_DIR)
    place = next((place for place in made if place.is_dir()), made[0])
    rows = _examine_set("digits", place, digits.DIGITS_SHA256, "not made yet; the first run that needs them makes them")
    return [
        Section("mnist", _examine_set("mnist", mnist, download.MNIST_SHA256, "'make mnist' fetches it there")),
        Section("digits", [row._replace(problem="") for row in rows]),  # what is broken there is made anew
    ]


def _examine_set(name: str, directory: Path, known: dict[str, str], remedy: str) -> list[Row]:
    from ref.data.directory import load_directory
    from ref.data.names import find_files

    try:
        if not directory.is_dir() or not find_files(directory):
            is_expected = name == "mnist" and os.environ.get("MNIST_DIR")
            problem = f"MNIST_DIR={directory}: no MNIST there; {remedy}, or unset MNIST_DIR" if is_expected else ""
            return [Row("where", f"not in {directory}; {remedy}", problem)]
        found = load_directory(directory, name).sha256
    except (BadInputError, OSError) as error:
        return [Row("where", f"broken: {error}", f"{name} is broken: {error}")]
    others = [file for file in known if found[file] != known[file]]
    is_known = f"other than the known {name} in {', '.join(others)}" if others else f"the known {name}, four files"
    return [Row("where", f"{directory}: {is_known}"), *(Row(file.partition("-idx")[0], found[file]) for file in known)]
