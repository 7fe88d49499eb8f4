"""The small part of a data set that goldens are recorded on."""

from pathlib import Path

from ref.common.errors import BadInputError
from ref.data import idx, sources

N_TRAIN, N_TEST = 3273, 500  # n // 12 are for validation: 3,001 are left, 20 batches of 150


def write_small_data(name: str, directory: Path) -> Path:
    """Write the first images of ``mnist`` or ``digits`` to ``directory``, and return it."""
    arrays = sources.load(name)
    small = (
        arrays.train_images[:N_TRAIN],
        arrays.train_labels[:N_TRAIN],
        arrays.test_images[:N_TEST],
        arrays.test_labels[:N_TEST],
    )
    idx.write_gzipped(directory, small)
    return directory


def find_sets() -> list[str]:
    """Return the data sets that goldens can be recorded on here: digits always, mnist where it is."""
    return ["digits", "mnist"] if sources.is_mnist_there() else ["digits"]


def check_sets() -> None:
    """Raise BadInputError where MNIST is not here: what is recorded holds both data sets."""
    if "mnist" not in find_sets():
        raise BadInputError(f"{sources.mnist_dir()}: no MNIST there, expected it for a record; run 'make mnist'")
