"""--logdir: event files that others read, of a run whose digits are the same."""

import itertools
import struct
import sys
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref import autoencoder_03_tied_weights, autoencoder_08_frozen_cache
from ref.common import cli, generations
from ref.common.errors import BadInputError
from ref.common.events import EventFile, make_histogram
from ref.common.session import new_graph, open_session
from ref.common.step_losses import StepLosses

CASES = [(n, ()) for n in (1, 4, 6, 7, 8, 11, 12, 15)]
CASES += [(8, ("--engine", engine)) for engine in ("epoch-shuffle", "resident", "loop")]


def read(directory):
    """Return what TensorFlow's own reader finds in the one file there: {kind: {tag: [(step, value)]}}."""
    (path,) = directory.glob("events.out.tfevents.*")
    return collect(tf.train.summary_iterator(str(path)))


def collect(events):
    found = defaultdict(lambda: defaultdict(list))
    for event in events:
        if event.graph_def:
            found["graph"][""].append((event.step, tf.GraphDef.FromString(event.graph_def)))
        for value in event.summary.value:
            kind = value.WhichOneof("value")
            found[kind][value.tag].append((event.step, getattr(value, kind)))
    return found


def crc32c(data, table=[]):  # noqa: B006, computed once
    """RFC 3720's Castagnoli polynomial, reflected."""
    if not table:
        for byte in range(256):
            for _ in range(8):
                byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
            table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def mask(crc):
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read_records(data):
    """Yield the whole records of a TFRecord file: length, its checksum, the data, its checksum."""
    while len(data) >= 12:
        (length,) = struct.unpack("<Q", data[:8])
        if len(data) < length + 16:
            return
        record = data[12 : 12 + length]
        assert struct.unpack("<I", data[8:12]) == (mask(crc32c(data[:8])),)
        assert struct.unpack("<I", data[12 + length : 16 + length]) == (mask(crc32c(record)),)
        yield record
        data = data[16 + length :]


def read_left(run):
    """Return what decides digits: what was printed, and the bytes of the checkpoint and of its graph."""
    left = {path.name: path.read_bytes() for path in run.directory.glob("my_model*") if path.is_file()}
    return run.result["printed"], left


@pytest.mark.parametrize(("number", "flags"), CASES, ids=str)
def test_a_run_that_is_logged_is_the_same_to_the_bit(number, flags, run_tiny, tmp_path):
    plain = run_tiny(number, *flags)
    logged = run_tiny(number, *flags, "--logdir", str(tmp_path / "logs"), "--log-every", "3", out="logged")
    assert read_left(logged) == read_left(plain)
    found = read(tmp_path / "logs" / f"autoencoder_{number}" / "run_1")
    printed = [(label, value) for row in plain.result["printed"] for label, value in row.items() if label != "line"]
    graphs = [found, *map(read, sorted((tmp_path / "logs").rglob("graph_*")))]
    in_events = [
        (tag.partition("/")[2], float(np.float32(value)))
        for one in graphs
        for tag, values in one["simple_value"].items()
        for _, value in values
        if "epochs/" in tag or "end/" in tag
    ]
    assert sorted(in_events) == sorted((label, float(np.float32(value))) for label, value in printed)


def test_what_a_run_has_logged(run_tiny, tmp_path):
    run = run_tiny(8, "--logdir", str(tmp_path / "logs"), "--log-every", "4")
    directory = tmp_path / "logs" / "autoencoder_8" / "run_1"
    found = read(directory)
    for phase in (1, 2):  # of 220 examples, 11 batches of 20 an epoch
        assert [step for step, _ in found["simple_value"][f"phase {phase} steps/loss"]] == [0, 4, 8, 12, 16, 20]
    checkpoint = tf.train.load_checkpoint(str(run.directory / "my_model_cache_frozen.ckpt"))
    assert sorted(found["histo"]) == sorted(f"{kind}{i}" for kind in ("weights", "biases") for i in range(1, 5))
    for name, histograms in found["histo"].items():
        assert [step for step, _ in histograms] == [0, 1, 2, 3]
        value, histogram = checkpoint.get_tensor(name), histograms[-1][1]
        assert histogram.num == sum(histogram.bucket) == value.size
        assert (histogram.min, histogram.max) == (value.min(), value.max())
        assert histogram.sum == pytest.approx(value.sum(dtype=float))
        for (low, high), count in zip(
            itertools.pairwise([value.min(), *histogram.bucket_limit[:-1]]), histogram.bucket
        ):
            assert np.count_nonzero((value >= low) & (value < high)) == pytest.approx(count, abs=1)
    frozen, moved = (found["histo"][name] for name in ("weights1", "weights2"))
    assert frozen[1][1] == frozen[3][1]
    assert moved[1][1] != moved[3][1]
    ((_, image),) = found["image"]["figures/losses"]
    assert image.encoded_image_string == (run.directory / "losses.png").read_bytes()
    assert (image.width, image.height) == struct.unpack(">II", image.encoded_image_string[16:24])
    ((_, graph),) = found["graph"][""]
    with new_graph(seed=42) as built:
        autoencoder_08_frozen_cache.build()
    assert [node.name for node in graph.node] == [op.name for op in built.get_operations()]
    settings = found["tensor"]["settings"][0][1].string_val[0].decode()
    assert "| seed | 42 |" in settings
    assert "20, 20" in settings


def test_a_second_run_has_a_directory_of_its_own_and_so_has_a_second_graph(run_tiny, tmp_path):
    for _ in range(2):
        run_tiny(6, "--logdir", str(tmp_path))
    names = {path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("events.*")}
    graphs = ("", "/graph_2", "/graph_3")
    assert names == {f"autoencoder_6/run_{number}{graph}" for number in (1, 2) for graph in graphs}
    widths = []
    for graph in graphs:
        found = read(tmp_path / f"autoencoder_6/run_1{graph}")
        assert len(found["graph"][""]) == 1
        widths.append([len(histograms) for histograms in found["histo"].values()])
    assert widths == [[2] * 4, [2] * 4, []]


def test_every_record_has_its_checksum_and_a_file_that_is_cut_is_read_to_its_last_whole_one(tmp_path):
    assert crc32c(b"123456789") == 0xE3069283  # the standard's check value
    file = EventFile(tmp_path / "events.out.tfevents.1")
    for step in range(3):
        file.add_scalars({"loss": step / 2}, step)
        written = len((tmp_path / "events.out.tfevents.1").read_bytes())
        assert len(list(read_records((tmp_path / "events.out.tfevents.1").read_bytes()))) == step + 2, written
    file.close()
    data = (tmp_path / "events.out.tfevents.1").read_bytes()
    records = list(read_records(data))
    assert tf.Event.FromString(records[0]).file_version == "brain.Event:2"
    for size in range(len(data) - len(records[-1]) - 15, len(data)):
        whole = collect(map(tf.Event.FromString, read_records(data[:size])))
        assert whole["simple_value"]["loss"] == [(0, 0.0), (1, 0.5)]


class StoppedError(Exception):
    """Stands for the moment just after a generation was renamed."""


@pytest.mark.parametrize("number", [7, 12])
def test_a_run_that_goes_on_logs_each_step_once(number, run_tiny, tmp_path, monkeypatch):
    flags = ("--logdir", str(tmp_path / "logs"), "--log-every", "3")
    run_tiny(number, *flags, out="whole")
    commit = generations.commit

    def stopped_commit(*arguments):
        commit(*arguments)
        monkeypatch.setattr(generations, "commit", commit)
        raise StoppedError

    monkeypatch.setattr(generations, "commit", stopped_commit)
    with pytest.raises(StoppedError):
        run_tiny(number, *flags, out="stopped")
    directory = tmp_path / "logs" / f"autoencoder_{number}" / "run_2"
    first = directory / "events.out.tfevents.000001"
    at_commit = first.read_bytes()
    with open(first, "ab") as file:  # what a kill leaves of the steps that are taken again: whole records, half a one
        file.write(at_commit[:40] + at_commit[-30:])
    (directory / "events.out.tfevents.000002").write_bytes(at_commit)
    run_tiny(number, "--resume", out="stopped")
    assert first.read_bytes() == at_commit
    events = [tf.train.summary_iterator(str(path)) for path in sorted(directory.glob("events.*"))]
    found = collect(itertools.chain(*events))
    whole = read(tmp_path / "logs" / f"autoencoder_{number}" / "run_1")
    assert len(events) == 2
    assert found["simple_value"] == whole["simple_value"]
    assert found["histo"] == whole["histo"]
    assert found["graph"] == whole["graph"]
    for values in found["simple_value"].values():
        assert all(one < other for (one, _), (other, _) in itertools.pairwise(values))


@pytest.fixture
def g():
    """A graph with noise in its loss, and a loss without; each of a training op of its own."""
    losses = StepLosses()
    with losses.noting(), new_graph(seed=3) as graph:
        x = tf.placeholder(tf.float32, [None, 4])
        w = tf.Variable(tf.random_normal([4, 2]))
        plain = tf.square(tf.matmul(x, w))  # a vector of losses
        noisy = tf.reduce_mean(tf.square(tf.matmul(x + tf.random_normal(tf.shape(x)), w)))
        steps = [tf.train.GradientDescentOptimizer(0.1).minimize(loss) for loss in (plain, noisy)]
        other = w.assign(w * 0.5)
        init = tf.global_variables_initializer()
        yield SimpleNamespace(**locals())


def test_a_loss_is_that_before_its_step_and_nothing_is_drawn_for_it(g):
    feeds = {g.x: np.linspace(-1, 1, 20, dtype=np.float32).reshape(5, 4)}
    found, weights = [], []
    for looks in (True, False):
        with open_session(graph=g.graph) as sess:
            sess.run(g.init)
            for i in range(6):
                before, training_op = sess.run(g.w), g.steps[i % 2]
                if not looks:
                    sess.run(training_op, feeds)
                    continue
                loss = g.losses.take_step(sess, training_op, feeds)
                if i % 2 == 0:
                    assert loss == pytest.approx(np.sum(np.square(feeds[g.x] @ before)), rel=1e-5)
                found.append(loss)
            weights.append(sess.run(g.w))
    np.testing.assert_array_equal(*weights)
    with open_session(graph=g.graph) as sess:  # the draws of the same steps, fetched by TensorFlow's own means
        sess.run(g.init)
        for i in range(6):
            loss = tf.Session.run(sess, [g.noisy, g.steps[1]], feeds)[0] if i % 2 else sess.run(g.steps[0], feeds)
            assert loss is None or loss == found[i]


def test_a_training_op_whose_loss_is_not_known_has_none(g):
    with open_session(graph=g.graph) as sess:
        sess.run(g.init)
        before = sess.run(g.w)
        assert g.losses.take_step(sess, g.other.op, None) is None
        np.testing.assert_array_equal(sess.run(g.w), before / 2)


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_minimize_is_put_back(ends, run_tiny, tmp_path, monkeypatch):
    minimize = tf.train.Optimizer.minimize
    if ends == "well":
        run_tiny(3, "--logdir", str(tmp_path))
    else:
        monkeypatch.setattr(autoencoder_03_tied_weights, "build", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_tiny(3, "--logdir", str(tmp_path))
    assert tf.train.Optimizer.minimize is minimize


def test_a_logdir_that_cannot_be_written_is_said_before_a_step_and_the_run_can_be_started_again(run_tiny, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match=r"file: cannot be written .*, expected a directory"):
        run_tiny(3, "--logdir", str(tmp_path / "file"))
    run_tiny(3)


def test_an_engine_that_takes_an_epoch_in_one_call_says_that_its_steps_have_no_loss(run_tiny, tmp_path, capsys):
    run_tiny(8, "--engine", "loop", "--logdir", str(tmp_path))
    assert capsys.readouterr().err.count("no loss by the step in phase 2") == 1
    found = read(tmp_path / "autoencoder_8" / "run_1")["simple_value"]
    assert "phase 2 steps/loss" not in found
    assert [step for step, _ in found["phase 2 epochs/Train MSE"]] == [0, 1]


def test_who_does_not_ask_for_it_gets_a_plain_run(monkeypatch):
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: False))
    assert cli.choose_kind({"logdir": None})[0].__name__ == "Run"
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: True))
    assert cli.choose_kind({"logdir": None})[0].__name__ == "WatchedRun"


@pytest.mark.parametrize("n_watched", [11, 7])
def test_a_run_on_a_terminal_is_the_same_to_the_bit(n_watched, run_tiny, monkeypatch, capsys):
    from ref.common import watched_run

    plain = run_tiny(n_watched)
    monkeypatch.setattr(cli, "is_watched", lambda: True)
    monkeypatch.setattr(watched_run, "LOOKS_S", 0.0)  # at every step
    assert read_left(run_tiny(n_watched, out="watched")) == read_left(plain)


@pytest.mark.parametrize(
    "values", [np.zeros(7), np.full((2, 3), 1e30), np.array([1.0, np.nextafter(1, 2)]), np.arange(9)]
)
def test_whatever_is_distributed_is_counted_in_buckets_that_rise(values):
    histogram = make_histogram(values)
    assert sum(histogram.bucket) == histogram.num == values.size
    assert list(histogram.bucket_limit) == sorted(set(histogram.bucket_limit))
    assert len(histogram.bucket) == len(histogram.bucket_limit)
    assert histogram.sum_squares == pytest.approx(np.sum(np.square(values)))
