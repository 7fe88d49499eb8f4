"""Does a cache pay? What is asked, what is measured in short, what is made of it, and the screen it is said on."""

import itertools
import math
import os
import re

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.common import machine
from ref.common.checks import FLOAT_BYTES
from ref.common.errors import BadInputError
from ref.common.session import new_graph, open_session
from ref.pays import cli, measure, report
from ref.pays.estimate import Estimate, Interval, estimate, estimate_median
from ref.pays.graph import build
from ref.pays.measure import Measured
from ref.pays.sizes import Room, Sizes

SMALL = ["--rows", "400", "--inputs", "20", "--frozen", "9,7", "--trained", "5", "--batch", "30", "--epochs", "3"]
ROOMY = Room(1e12, 1e12)


@pytest.fixture
def short(monkeypatch):
    """Measures for a moment."""
    for name, value in {"ROUND_S": 0.001, "FILL_S": 0.001, "READ_S": 0.01, "N_ROUNDS": 3, "N_DISTINCT": 40}.items():
        monkeypatch.setattr(measure, name, value)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--rows", "0"], "'0' found, expected a whole number from 1"),
        (["--rows", "abc"], "'abc' found"),
        (["--inputs", "-1"], "'-1' found"),
        (["--epochs", "1.5"], "'1.5' found"),
        (["--frozen", "300,"], "'300,' found, expected whole numbers"),
        (["--frozen", "300,0"], "'300,0' found"),
        (["--trained", "a,b"], "'a,b' found"),
        (["--trained", ",".join(["1"] * 21)], "21 widths found, expected 20"),
        (["--batch", "55001"], "--batch 55001 is larger than --rows 55000"),
        (["--rows", "1" + "0" * 13], "expected a whole number from 1 to 1000000000000"),
        (["--frozen", "1000000", "--inputs", "1000000"], "GB of memory at least"),
        (["--batch", "1000000", "--rows", "1000000", "--inputs", "1000000"], "GB of memory at least"),
        (["--engine", "loops"], "unknown, expected one of"),
        (["--engine", "xla", "--trained", "9,8"], "2 trained widths"),
        (["--layers", "3"], "unknown flag"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_line(flags, said, monkeypatch):
    monkeypatch.setattr(measure, "measure", lambda *_: pytest.fail("measured"))
    with pytest.raises(BadInputError) as caught:
        cli.main(flags)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_defaults_are_the_listings():
    assert vars(cli.make_parser().parse_args([])) == {
        "rows": 55_000,
        "inputs": 784,
        "frozen": (300,),
        "trained": (150,),
        "batch": 150,
        "epochs": 4,
        "engine": "epoch-shuffle",
        "device": "auto",
        "out": "runs",
    }


def test_a_step_is_counted_as_numpy_does():
    sizes = Sizes(rows=100, inputs=11, frozen=(7, 5), trained=(3,), batch=10)
    arrays = [np.zeros(shape, np.float32) for shape in ((11, 7), (7, 5))]
    arrays += [np.zeros(shape, np.float32) for shape in ((5, 3), (3, 5)) for _ in range(4)]
    arrays += [np.zeros((10, width), np.float32) for width in (11, 7, 5, 5, 3, 5)]
    assert sizes.count_step_bytes() == sum(array.nbytes for array in arrays)
    assert sizes.cache_bytes == np.zeros((100, 5), np.float32).nbytes
    assert sizes.n_batches == 10


def test_room_is_for_the_cache_beside_its_inputs():
    sizes = Sizes(rows=10, inputs=3, frozen=(2,), batch=1)
    assert Room(10 * 5 * FLOAT_BYTES, 0).holds_cache(sizes)
    assert not Room(10 * 5 * FLOAT_BYTES - 1, 0).holds_cache(sizes)
    assert Room(0, 80).holds_file(sizes)
    assert not Room(0, 79).holds_file(sizes)


def test_the_graph_is_that_of_its_sizes():
    rnd = np.random.RandomState(0)
    x = rnd.normal(size=(6, 8)).astype(np.float32)

    def elu(z):
        return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))

    with new_graph(1):
        g = build(8, (7, 5), (4, 3))
        with open_session("cpu") as sess:
            sess.run(g.init)
            layers = sess.run([*itertools.chain(*g.frozen), *g.train_vars])
            hidden1, loss = sess.run([g.hidden1, g.loss], {g.X: x})
            before = sess.run(tf.trainable_variables())
            sess.run(g.phase2_training_op, {g.X: x})
            after = sess.run(tf.trainable_variables())
    expected, penalty = x, 0.0
    for number, (weights, biases) in enumerate(zip(layers[::2], layers[1::2])):
        expected = elu(expected @ weights + biases)
        if number == 1:
            np.testing.assert_allclose(hidden1, expected, rtol=1e-5, atol=1e-6)
        penalty += 0.0001 * np.sum(weights**2) / 2 * (number > 1)
    assert loss == pytest.approx(np.mean((expected - hidden1) ** 2) + penalty, rel=1e-5)
    assert [(a != b).any() for a, b in zip(before, after)] == [False] * 4 + [True] * 6


@pytest.mark.parametrize("n", [3, 5, 6, 9, 11, 20])
def test_the_interval_holds_the_median_as_often_as_it_says(n):
    """Of many samples whose median is known: no less than 95 of 100, so far as so few can give that."""
    rnd = np.random.RandomState(n)
    intervals = [estimate_median(rnd.exponential(size=n)) for _ in range(4000)]
    held = np.mean([found.low <= math.log(2) <= found.high for found in intervals])
    assert held >= min(0.95, 1 - 2.0 ** (1 - n)) - 0.015
    assert all(found.low <= found.middle <= found.high for found in intervals)


def test_an_estimate_is_the_sum_of_its_parts():
    found = estimate(10, 100, 0.5, [0.03, 0.03, 0.031], [0.02, 0.02, 0.02], [4.0, 6.0, 4.5])
    assert found.recomputed_epoch_s == pytest.approx(100 * 0.03 + 0.5)
    assert found.without_s == pytest.approx(35)
    assert found.with_cache_s == pytest.approx(4.5 + 10 * 2.5)
    assert found.gain.middle == pytest.approx(found.without_s - found.with_cache_s)
    assert (found.gain.low, found.gain.high) == (pytest.approx(10 - 6), pytest.approx(11 - 4))
    assert found.break_even_epoch == 5  # 4.5 s to fill, 1 s less an epoch
    assert found.verdict == "pays"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n_cached", [3, 11])
def test_the_gain_is_what_the_times_beside_it_differ_by(seed, n_cached):
    """On rounds that jump about, too, and where the cache's were fewer: a reader subtracts the table's numbers."""
    rnd = np.random.RandomState(seed)
    recomputed, cached, fill = rnd.lognormal(size=11), rnd.lognormal(size=n_cached), rnd.lognormal(size=3)
    found = estimate(4, 10, 0.5, list(recomputed), list(cached), list(fill))
    assert found.without_s == pytest.approx(4 * (10 * np.median(recomputed) + 0.5))
    assert found.gain.middle == pytest.approx(found.without_s - found.with_cache_s)
    assert found.gain.low <= found.gain.middle <= found.gain.high


@pytest.mark.parametrize(
    ("gain_epoch", "fill", "verdict", "epoch"),
    [
        ((1, 2, 3), (1, 1, 1), "pays", 1),
        ((-3, -2, -1), (1, 1, 1), "does not pay", None),
        ((-1, 1, 2), (0, 0, 0), "not sure", 1),
        ((1, 2, 3), (9, 9, 9), "does not pay", 5),
        ((1, 2, 3), (3, 4.5, 5), "not sure", 3),
    ],
)
def test_a_verdict_is_no_surer_than_its_interval(gain_epoch, fill, verdict, epoch):
    found = Estimate(2, Interval(*fill), 1.0, 3.0, Interval(*gain_epoch))
    assert found.verdict == verdict
    assert found.break_even_epoch == epoch


def make_measured(**steps_s):
    fills_s = {"inputs": [0.0, 0.0, 0.0], "memory": [2.0, 4.0, 3.0], "file": [0.0, 0.0, 0.0]}
    return Measured(1000, 0.01, 0.2, fills_s, {name: [step_s] * 7 for name, step_s in steps_s.items()})


@pytest.mark.parametrize("rows", [1, 1000, 10**12])
@pytest.mark.parametrize("width", [1, 10**6])
@pytest.mark.parametrize("step_s", [1e-7, 1e-3, 1e3])
@pytest.mark.parametrize("room", [ROOMY, Room(0, 1e15), Room(0, 0), Room(math.inf, math.inf)])
def test_the_answer_is_one_screen(rows, width, step_s, room):
    sizes = Sizes(rows, 10**6, (10**6,) * 20 if width > 1 else (1,), (width,), 1, 10**6)
    measured = make_measured(inputs=step_s, memory=step_s / 2, file=step_s, blocks=step_s * 2, single=step_s * 99)
    lines = report.describe(sizes, "epoch-shuffle", "cpu", measured, room).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith(("It pays:", "It does not pay:", "Not sure:")) for line in lines) == 1


def test_the_verdict_is_of_the_cache_that_there_is_room_for():
    sizes = Sizes(epochs=9)
    measured = make_measured(inputs=0.003, memory=0.001, file=0.002, blocks=0.004, single=0.4)
    said = report.describe(sizes, "epoch-shuffle", "cpu", measured, ROOMY).replace("\n", " ")
    assert "It pays: over 9 epochs the cache in memory" in said  # 3 s to fill, less than 1 s an epoch
    assert "after epoch 5" in said
    said = report.describe(sizes, "epoch-shuffle", "cpu", measured, Room(0, 1e12)).replace("\n", " ")
    said = said.replace("\n", " ")
    assert "It does not pay: over 9 epochs the cache in a file, read in blocks" in said
    assert "It never pays" in said
    assert "100 times as long" in said
    assert "The inputs do not fit either" in said


def test_what_there_is_no_room_for_does_not_pay():
    """However fast it were: without a file, too, because the engine reads none or the disk is too small."""
    sizes = Sizes(epochs=9)
    measured = make_measured(inputs=0.003, memory=0.001)
    said = report.describe(sizes, "xla", "cpu", measured, Room(0, 0)).replace("\n", " ")
    assert "It does not pay: there is no room for it here. If there were: over 9 epochs the cache in memory" in said
    assert "It pays" not in said


@pytest.mark.parametrize("engine", ["book", "block-shuffle", "epoch-shuffle", "resident", "loop"])
def test_a_short_measurement_answers(engine, short, tmp_path, capsys):
    cli.main([*SMALL, "--engine", engine, "--device", "cpu", "--out", str(tmp_path / "not" / "there")])
    said = capsys.readouterr()
    assert said.err == ""
    assert "400 rows of 20 · frozen 9, 7 · trained 5" in said.out
    assert ("cache in a file" in said.out) == (measure.reads_file(engine))
    assert re.search("^(It pays|It does not pay|Not sure): ", said.out, re.M)
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_larger_than_memory_is_read(short, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "BLOCK_ROWS", 16)
    sizes = Sizes(400, 20, (9,), (5,), 30, 3)
    measured = measure.measure(sizes, "epoch-shuffle", "cpu", tmp_path, Room(0, 1e9))
    assert measured.steps_s.keys() == {"inputs", "memory", "file", "blocks", "single"}
    assert all(step_s > 0 for steps_s in measured.steps_s.values() for step_s in steps_s)


def test_nothing_of_the_full_size_is_made(short, tmp_path, monkeypatch):
    """Ten million rows of 784, on a machine of little memory."""
    monkeypatch.setattr(machine, "count_available_memory", lambda: 1e8)
    sizes = Sizes(10_000_000, 784, (30,), (15,), 512, 1)
    measured = measure.measure(sizes, "epoch-shuffle", "cpu", tmp_path, Room(1e8, 1e12))
    assert measured.n_rows * 784 * FLOAT_BYTES <= 1e8 / 8 or measured.n_rows == 512


def test_no_place_for_a_sample_is_a_line(short, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="cannot be written"):
        cli.main([*SMALL, "--out", str(tmp_path / "file")])
