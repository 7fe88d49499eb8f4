"""The embedded data set: scikit-learn's bundled handwritten digits, brought to MNIST's form.

1,797 real scans of 8x8 pixels (UCI "Optical Recognition of Handwritten Digits") become 12,000 training and 2,000 test
images of 28x28: enlarged to about 20x20, centred by mass, and varied by small shifts, rotations and scalings. Training
and test images come from different scans.

Every pixel is made by elementary float64 operations in a fixed order, and the angles' sines and cosines are literals,
so that the files hold the same bytes, once unzipped, on every machine.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from ref.common.errors import BadInputError
from ref.data.data_sets import Arrays
from ref.data.directory import load_directory
from ref.data.idx import FILES, hash_array_file, write_gzipped

CACHE_NAME = "graph-mode-autoencoders"  # in a user's cache directory
N_TRAIN, N_TEST = 12_000, 2_000
N_TEST_SCANS = 257
SIDE = 28
SCALES = (2.25, 2.5, 2.75)  # 18, 20 and 22 pixels for the scan's 8
COS_SIN = ((1.0, 0.0), (0.9945, 0.1045), (0.9945, -0.1045), (0.9781, 0.2079), (0.9781, -0.2079))  # 0, ±6, ±12 degrees
INK_FLOOR, CONTRAST = 4.0, 2.0  # enlarging blurs a stroke's edge: cut its foot off, steepen its flank
SHIFTS = (-1.0, 0.0, 1.0)  # pixels, in both directions
DIGITS_SHA256 = dict(
    zip(
        FILES,
        (
            "becd5e84202e4ec148a240a53b6a5954c78101253d0860ec6506f6fb454eeaed",
            "dc30c7364cd9406d753ad2393f35c8e1c2e99c0aee0cb817e1ea88115f9bb5fd",
            "e8052155dfedb9a515fa4d1922a115a1cbc9e63558c9fe67a5532082b6de32af",
            "972f18263dd0b5888b9fb341d8d3643a51f2354b71b423cddbdc8ef3133326d3",
        ),
    )
)


def load_digits(data_dir: Path) -> Arrays:
    """Read the embedded digits from ``data_dir``, or from where it is possible, and make them where there are none.

    Raises:
      BadInputError: they are nowhere, and no place for them can be written.
    """
    places = list_places(data_dir)
    arrays = _read_intact(places)
    if arrays is None:  # none yet, or damaged ones: another process may be at the same, which does no harm
        arrays = _read_intact([make_digits(places)])
    if arrays is None:
        raise BadInputError(
            f"{places[0]}: the embedded digits were changed while they were made, expected nobody else to write there; "
            "run it again"
        )
    return arrays


def list_places(data_dir: Path) -> list[Path]:
    """Return where the embedded digits are kept, the next where the one before it cannot be written.

    In this checkout, else in the user's cache directory, else where temporary files are.
    """
    caches = [os.environ.get("XDG_CACHE_HOME", ""), os.path.join(os.path.expanduser("~"), ".cache")]
    places = [data_dir / "digits"]
    places += [Path(cache) / CACHE_NAME / "digits" for cache in caches if os.path.isabs(cache)][:1]
    with contextlib.suppress(FileNotFoundError):  # where no temporary file can be written either
        places.append(Path(tempfile.gettempdir()) / f"{CACHE_NAME}-{os.getuid()}" / "digits")
    return places


def _read_intact(places: list[Path]) -> Arrays | None:
    """Return the digits from the first place that has all of them, intact, whoever put them there."""
    for place in places:
        try:
            arrays = load_directory(place, "digits")
        except BadInputError:
            continue
        if arrays.sha256 == DIGITS_SHA256:
            return arrays
    return None


def make_digits(places: list[Path]) -> Path:
    """Make the four IDX files in the first of ``places`` that can be written, over what is there, and return it.

    Each file appears whole, always with the same content, so that others may read or make the same files meanwhile.

    Raises:
      BadInputError: no place can be written, or what came out is not the set whose hashes are known.
    """
    arrays = build_digits()
    for file, array in zip(FILES, arrays):
        if hash_array_file(array) != DIGITS_SHA256[file]:
            raise BadInputError(
                f"{file}: the embedded digits came out with sha256 {hash_array_file(array)}, expected "
                f"{DIGITS_SHA256[file]}; install the pinned scikit-learn and NumPy (make setup)"
            )
    refusals = []
    for place in places:
        try:
            write_gzipped(place, arrays)
        except BadInputError as error:
            refusals.append(error)
            continue
        instead = f", as {places[0]} cannot be written" if refusals else ""
        print(f"data: made the embedded digits in {place} (once{instead})", file=sys.stderr)
        return place
    raise refusals[0]


def build_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return train images (12000, 28, 28), train labels (12000,), test images (2000, 28, 28), test labels, uint8."""
    from sklearn.datasets import load_digits

    scans = load_digits()
    rnd = np.random.RandomState(0)
    order = rnd.permutation(len(scans.images))
    sets = []
    for chosen, n_images in ((order[N_TEST_SCANS:], N_TRAIN), (order[:N_TEST_SCANS], N_TEST)):
        index = np.resize(chosen, n_images)[rnd.permutation(n_images)]
        sets += [_vary(scans.images[index], rnd), scans.target[index].astype(np.uint8)]
    return tuple(sets)


def _vary(scans: np.ndarray, rnd: np.random.RandomState) -> np.ndarray:
    """Draw each scan, (n, 8, 8) of 0 to 16, shifted, turned and scaled at random, as (n, 28, 28) of 0 to 255."""
    n = len(scans)
    scale = np.take(SCALES, rnd.randint(len(SCALES), size=n))[:, None, None]
    cos, sin = np.take(COS_SIN, rnd.randint(len(COS_SIN), size=n), axis=0).T[:, :, None, None]
    shift_y, shift_x = np.take(SHIFTS, rnd.randint(len(SHIFTS), size=(2, n)))[:, :, None, None]
    mass = scans.sum(axis=(1, 2))  # whole numbers, so the sums are exact
    at = np.arange(8.0)
    centre_y = ((scans.sum(axis=2) * at).sum(axis=1) / mass)[:, None, None]
    centre_x = ((scans.sum(axis=1) * at).sum(axis=1) / mass)[:, None, None]
    y = np.arange(SIDE)[None, :, None] - (SIDE - 1) / 2 - shift_y
    x = np.arange(SIDE)[None, None, :] - (SIDE - 1) / 2 - shift_x
    source_y = (y * cos - x * sin) / scale + centre_y
    source_x = (y * sin + x * cos) / scale + centre_x
    ink = _interpolate(scans, source_y, source_x)
    crisp = (ink - INK_FLOOR) * CONTRAST
    return np.rint(np.clip(crisp, 0.0, 16.0) * (255.0 / 16.0)).astype(np.uint8)


def _interpolate(scans: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Sample each scan at its own points by Catmull-Rom splines; beyond the scan there is no ink."""
    margin = 3
    padded = np.pad(scans, ((0, 0), (margin, margin), (margin, margin)))
    top, left = np.floor(y), np.floor(x)
    weights_y, weights_x = _catmull_rom(y - top), _catmull_rom(x - left)
    image = np.arange(len(scans))[:, None, None]
    last = padded.shape[1] - 1
    total = np.zeros(y.shape)
    for i, weight_y in enumerate(weights_y):
        row = np.clip(top.astype(int) + (i - 1 + margin), 0, last)
        for j, weight_x in enumerate(weights_x):
            column = np.clip(left.astype(int) + (j - 1 + margin), 0, last)
            total += padded[image, row, column] * weight_y * weight_x
    return total


def _catmull_rom(t: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the weights of the four neighbours of a point that lies ``t`` past the second."""
    return (
        0.5 * t * (t * (2.0 - t) - 1.0),
        0.5 * (t * t * (3.0 * t - 5.0) + 2.0),
        0.5 * t * (t * (4.0 - 3.0 * t) + 1.0),
        0.5 * t * t * (t - 1.0),
    )
