"""The four files of a directory as one data set."""

from pathlib import Path

import numpy as np

from ref.common.errors import BadInputError
from ref.data.data_sets import Arrays
from ref.data.idx import FILES, hash_array_file, read_idx
from ref.data.names import describe, find_files
from ref.data.stream import has_content_of


def load_directory(directory: Path, name: str, uses_labels: bool = True) -> Arrays:
    """Read the four IDX files of ``directory`` as the data set ``name``; labels as ref.data.sources.load does.

    Raises:
      BadInputError: a file is missing or is not what its name and header say.
    """
    try:
        paths = find_files(directory)
        if FILES[0] not in paths or FILES[2] not in paths:
            missing = FILES[2] if FILES[0] in paths else FILES[0]
            raise BadInputError(
                f"{directory}: {missing} is missing, gzipped (.gz) or not ({describe(directory)} found); put the four "
                "IDX files there"
            )
    except OSError as error:
        raise BadInputError(
            f"--data {directory}: cannot be read ({error.strerror}), expected mnist, digits or a directory with four "
            f"IDX files ({FILES[0]}, …)"
        ) from error
    arrays, sha256 = [], {}
    for images_file, labels_file in zip(FILES[::2], FILES[1::2]):
        images = read_idx(paths[images_file])
        _check_zipped(paths[images_file])
        sha256[images_file] = hash_array_file(images)
        try:
            labels = _read_labels(directory, labels_file, paths, len(images))
            sha256[labels_file] = hash_array_file(labels)
        except BadInputError as error:
            if uses_labels:
                raise BadInputError(f"{error} (autoencoder_4 and 5 use labels; the others do without)") from error
            labels = np.zeros(len(images), np.uint8)
        arrays += [images, labels]
    return Arrays(name, *arrays, sha256)


def _check_zipped(path: Path) -> None:
    """Raise BadInputError where beside ``path`` is a .gz of its name that holds something else."""
    zipped = path.with_name(f"{path.name}.gz")
    if zipped.is_file() and not has_content_of(zipped, path):
        raise BadInputError(
            f"{path}: {zipped.name} beside it holds something else, expected the same, or one of both; leave there the "
            "one that is meant"
        )


def _read_labels(directory: Path, file: str, paths: dict[str, Path], n_images: int) -> np.ndarray:
    if file not in paths:
        raise BadInputError(
            f"{directory}: {file} is missing, expected labels from 0 to 9, as many as images; put it there"
        )
    labels = read_idx(paths[file])
    _check_zipped(paths[file])
    if len(labels) != n_images:
        raise BadInputError(
            f"{paths[file]}: holds {len(labels)} labels, expected {n_images}, as many as images; put files of one data "
            "set there"
        )
    return labels
