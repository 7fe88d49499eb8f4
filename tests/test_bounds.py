"""Bounds of flags and of checks: the last value that will do does, the next does not."""

import importlib

import pytest

from ref.chapter import BY_NAME
from ref.common import checks, machine
from ref.common.errors import BadInputError
from ref.common.flags import MAX_COUNT

# Number of a port, flag; what will do; what will not.
CASES = [
    (3, "--seed", ["0", "1", str(2**31 - 2)], ["-1", str(2**31 - 1), "1.0", "²"]),
    (3, "--epochs", ["1", str(MAX_COUNT)], ["0", str(MAX_COUNT + 1), "-1"]),
    (3, "--n-hidden1", ["1", "1000000"], ["0", "1000001"]),
    (2, "--l2-reg", ["0", "0.0", "3.4e38"], ["-1e-9", "3.5e38", "inf", "nan"]),
    (3, "--learning-rate", ["0", "1e-30"], ["-0.1", "-inf"]),
    (12, "--dropout-rate", ["1e-9", "0.999999"], ["0", "1", "1.5", "nan"]),
    (13, "--sparsity-target", ["1e-9", "0.999999"], ["0", "1", "-0.5"]),
]


def parse(number, tmp_path, *flags):
    """Return what is wrong: with a flag, or, where all are fine, with the data, which is nowhere."""
    script = BY_NAME[f"autoencoder_{number}"]
    with pytest.raises(BadInputError) as error:
        importlib.import_module(script.module).main(["--data", "/nowhere", "--out", str(tmp_path), *flags])
    return str(error.value)


@pytest.mark.parametrize(
    ("number", "flag", "value", "is_fine"),
    [(number, flag, value, value in fine) for number, flag, fine, bad in CASES for value in (*fine, *bad)],
)
def test_flags(number, flag, value, is_fine, tmp_path):
    says = parse(number, tmp_path, f"{flag}={value}")
    assert says.startswith("--data /nowhere" if is_fine else f"python -m ref run autoencoder_{number}: argument {flag}")


@pytest.mark.parametrize("sizes", [(20, 221), (221, 20), (221, 221)])
@pytest.mark.parametrize("number", [7, 8])
def test_the_larger_batch_is_the_one_that_must_fit(sizes, number):
    script = BY_NAME[f"autoencoder_{number}"]
    with pytest.raises(BadInputError, match="--batch-sizes 221: larger than the 220 training examples"):
        checks.check_batches(script, {"batch_sizes": sizes}, 220, 40, "tiny")
    checks.check_batches(script, {"batch_sizes": (220, 220)}, 220, 40, "tiny")


def test_what_fits_exactly_fits(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "count_free_disk", lambda _: 5000)
    checks.check_room(tmp_path, 5000)
    with pytest.raises(BadInputError, match="can be written there"):
        checks.check_room(tmp_path, 5001)
    script, sizes = BY_NAME["autoencoder_2"], {"n_hidden1": 3, "n_hidden2": 2, "batch_size": 5}
    needed = 4 * (4 * 2 * (784 * 3 + 3 * 2) + 5 * 3 + (10 + 7) * 784)
    monkeypatch.setattr(machine, "count_available_memory", lambda: needed)
    checks.check_memory(script, sizes, 10, 7)
    monkeypatch.setattr(machine, "count_available_memory", lambda: needed - 1)
    with pytest.raises(BadInputError, match="GB of memory at least"):
        checks.check_memory(script, sizes, 10, 7)
