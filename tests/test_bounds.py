"""Bounds of flags and of checks: the last value that will do does, the next does not."""

import importlib

import pytest

from ref.chapter import BY_NAME
from ref.common import checks, machine
from ref.common.errors import BadInputError
from ref.common.flags import MAX_COUNT, Parser, add_common_flags

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


def test_room_for_exactly_what_is_needed_will_do(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "count_free_disk", lambda _: 5000)
    checks.check_room(tmp_path, 5000)
    with pytest.raises(BadInputError, match="can be written there"):
        checks.check_room(tmp_path, 5001)


N_TRAIN, N_TEST, BATCH, N1, N2 = 100, 70, 20, 11, 5
SIZES = {"n_hidden1": N1, "n_hidden2": N2}
FED_CACHE = {"batch_sizes": (BATCH, 3), "memmap": False, "recompute": False}
# Number of a script, its sizes; weights; copies of them; images that are fed at once.
MEMORY = [
    (2, SIZES | {"batch_size": BATCH}, 2 * (784 * N1 + N1 * N2), 4, BATCH),
    (3, SIZES | {"batch_size": BATCH}, 784 * N1 + N1 * N2, 4, BATCH),
    (4, SIZES | {"batch_size": BATCH}, 784 * N1 + N1 * N2, 4, N_TEST),
    (5, SIZES | {"batch_size": BATCH}, 784 * N1 + N1 * N2, 4, N_TEST),
    (6, {"n_neurons": (N1, N2), "batch_size": BATCH}, 2 * 784 * N1, 4, N_TRAIN),
    (7, SIZES | {"batch_sizes": (3, BATCH)}, 2 * (784 * N1 + N1 * N2), 4, N_TEST),
    (8, SIZES | FED_CACHE, 2 * (784 * N1 + N1 * N2), 4, N_TRAIN),
    (8, SIZES | FED_CACHE | {"memmap": True}, 2 * (784 * N1 + N1 * N2), 4, N_TEST),
    (8, SIZES | FED_CACHE | {"recompute": True}, 2 * (784 * N1 + N1 * N2), 4, N_TEST),
    (9, SIZES | {"n_test_digits": 2}, 2 * (784 * N1 + N1 * N2), 3, 1),
    (13, {"n_hidden1": N1, "batch_size": BATCH}, 2 * 784 * N1, 4, BATCH),
]


@pytest.mark.parametrize(("number", "sizes", "n_weights", "copies", "n_fed"), MEMORY)
def test_memory_for_exactly_what_is_needed_will_do(number, sizes, n_weights, copies, n_fed, monkeypatch):
    needed = 4 * (copies * n_weights + n_fed * N1 + (N_TRAIN + N_TEST) * 784)
    script = BY_NAME[f"autoencoder_{number}"]
    monkeypatch.setattr(machine, "count_available_memory", lambda: needed)
    checks.check_memory(script, sizes, N_TRAIN, N_TEST)
    monkeypatch.setattr(machine, "count_available_memory", lambda: needed - 1)
    with pytest.raises(BadInputError, match="GB of memory at least"):
        checks.check_memory(script, sizes, N_TRAIN, N_TEST)


def test_of_scripts_whose_batch_is_too_large_the_largest_is_named():
    four, thirteen = BY_NAME["autoencoder_4"], BY_NAME["autoencoder_13"]
    defaults = {four: {"batch_size": 300, "n_labeled_instances": 250}, thirteen: {"batch_size": 500}}
    with pytest.raises(BadInputError, match=r"\(not so: 4, 13; autoencoder_13 takes 500 at once\).*--batch-size 220$"):
        checks.check_chapter_batches(defaults, 220, 40, "tiny")
    defaults[four]["batch_size"] = 700
    with pytest.raises(BadInputError, match=r"autoencoder_4 takes 700 at once.*--batch-size 220$"):
        checks.check_chapter_batches(defaults, 220, 40, "tiny")
    defaults[four]["n_labeled_instances"] = 30
    with pytest.raises(BadInputError, match=r"autoencoder_4 takes 700 at once.*--batch-size 30$"):
        checks.check_chapter_batches(defaults, 220, 40, "tiny")


def test_a_run_is_seeded_unless_told_otherwise():
    """The README says 42, with which the recorded runs were made."""
    parser = Parser(prog="a script")
    add_common_flags(parser)
    assert parser.parse_args([]).seed == 42
    assert parser.parse_args(["--seed", "0"]).seed == 0
