"""The data set that a script is given, whatever directory it names: four gzipped IDX files."""

import os
import re
from pathlib import Path

from ref.originals.listing import Listing

READS_DATA = re.compile(r"mnist|input_data", re.IGNORECASE)


def give_data(listing: Listing, data: str | None, directory: Path) -> tuple[dict, dict | None]:
    """Make the directory of four gzipped files that a script which names MNIST is to read.

    Returns what the job says of it, and what result.json does. Data that is not asked for is not read.

    Raises:
      BadInputError: it is not what it must be.
    """
    if not READS_DATA.search(listing.text):
        return {"data": str(directory), "validation_size": 0}, None
    from ref.data import data_sets, idx, sources

    data = data or sources.choose_data()
    arrays = sources.load(data)
    if not link_files(data, directory):
        four = (arrays.train_images, arrays.train_labels, arrays.test_images, arrays.test_labels)
        idx.write_gzipped(directory, four)
    n_validation = data_sets.count_validation(len(arrays.train_images))
    described = {"name": arrays.name, "sha256": arrays.sha256}
    return {"data": str(directory), "validation_size": n_validation}, described


def link_files(data: str, directory: Path) -> bool:
    """Have ``directory`` hold links to the files of the data set, where those are gzipped; return whether they are."""
    from ref.data import idx, names, sources

    if data == "digits":
        return False
    source = sources.mnist_dir() if data == "mnist" else Path(data)
    paths = names.find_files(source)
    for path in paths.values():
        with open(path, "rb") as file:
            if file.read(2) != b"\x1f\x8b":
                return False
    if len(paths) != len(idx.FILES):
        return False
    directory.mkdir(parents=True)
    for name, path in paths.items():
        (directory / f"{name}.gz").symlink_to(os.path.abspath(path))
    return True
