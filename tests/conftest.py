"""What the tests share: a tiny data set on disk, and a way to run a port on it."""

import importlib
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"  # tf_slim and the legacy tf.layers, which the layers are held against, need it

import numpy as np
import pytest

from ref.chapter import BY_NAME
from ref.data.idx import write_gzipped

TINY_TRAIN, TINY_TEST = 240, 40  # 20 of the 240 are for validation
TINY_FLAGS = {
    **{n: ["--batch-size", "20"] for n in (2, 3, 6, 11, 12, 13, 14, 15, 16)},
    **{n: ["--batch-size", "20", "--n-labeled-instances", "100"] for n in (4, 5)},
    **{n: ["--batch-sizes", "20", "20"] for n in (7, 8)},
}


def make_tiny_arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """Return a data set in MNIST's form: each digit a patch of noise at a place of its own."""
    rnd = np.random.RandomState(seed)
    arrays = {}
    for split, n in (("train", TINY_TRAIN), ("t10k", TINY_TEST)):
        labels = np.resize(np.arange(10, dtype=np.uint8), n)
        images = np.zeros((n, 28, 28), np.uint8)
        for image, label in zip(images, labels):
            top, left = 4 + 10 * (label // 5), 2 + 5 * (label % 5)
            image[top : top + 8, left : left + 4] = rnd.randint(100, 256, (8, 4))
        arrays[f"{split}-images-idx3-ubyte"], arrays[f"{split}-labels-idx1-ubyte"] = images, labels
    return arrays


@pytest.fixture(autouse=True)
def measures_no_forms(monkeypatch, tmp_path_factory):
    """Let the engine ``xla`` take one form at once, and keep none: tests/test_engine_forms.py is about which."""
    if forms := sys.modules.get("ref.engines.forms"):
        monkeypatch.setattr(forms, "KEPT", tmp_path_factory.getbasetemp() / "engine_forms.json")
        monkeypatch.setattr(forms, "measure_forms", lambda *_: {"halves-2-steps": 1.0})


@pytest.fixture
def tiny_data(tmp_path):
    """A directory with the four gzipped IDX files of a tiny data set."""
    directory = tmp_path / "tiny"
    write_gzipped(directory, make_tiny_arrays().values())
    return directory


@pytest.fixture
def run_tiny(tiny_data, tmp_path):
    """A function that runs port ``number`` on the tiny data and returns its Run."""

    def run(number: int, *flags: str, out: str = "runs"):
        script = BY_NAME[f"autoencoder_{number}"]
        common = ["--data", str(tiny_data), "--out", str(tmp_path / out), "--epochs", "2"]
        return importlib.import_module(script.module).main([*common, *TINY_FLAGS.get(number, []), *flags])

    return run
