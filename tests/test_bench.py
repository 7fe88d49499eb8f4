"""The benchmarks' own judgement: other work is refused, slower runs are told, TensorFlow 1 is timed as ours are."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from bench import compare, peers, tf1
from bench import work as bench_work
from bench.candidate import Candidate
from bench.workers.blas_floor import Worker as BlasFloor
from bench.workers.ours import Worker as Ours
from ref.common.errors import BadInputError
from ref.fidelity.record.times import Stopwatch

ROOT = Path(__file__).resolve().parents[1]
WHO = {"ours", "keras", "torch", "torch-compile", "jax", "jax-scan", "blas-floor"}


@pytest.fixture(scope="module")
def work():
    rnd = np.random.RandomState(0)
    images = rnd.uniform(size=(200, 784)).astype(np.float32)
    shapes = {"weights1": (784, 300), "weights2": (300, 150), "weights3": (150, 300)}
    initial = {name: (0.05 * rnd.normal(size=shape)).astype(np.float32) for name, shape in shapes.items()}
    initial |= {f"biases{i}": np.zeros(n, np.float32) for i, n in ((1, 300), (2, 150), (3, 300))}
    z1 = images @ initial["weights1"]
    cache = np.where(z1 > 0, z1, np.expm1(np.minimum(z1, 0))).astype(np.float32)
    batches = rnd.permutation(200)[:180].astype(np.int32).reshape(6, 30)
    return bench_work.Work(images, cache, initial, batches, "noise")


class InProcess:
    """A candidate without a process: it answers as bench.serve does."""

    name = "in process"

    def __init__(self, work, worker):
        self.work, self.worker, self.deviation = work, worker, {}

    def ask(self, command, *arguments):
        if command == "reset":
            self.worker.reset()
        elif command == "train":
            self.worker.train(self.work.batches[: arguments[0]])
        elif command == "save":
            np.savez(arguments[0], **self.worker.get_weights())


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("engine", ["book", "resident"])
def test_our_worker_does_the_work(engine, cached, work, tmp_path):
    candidate = InProcess(work, Ours(work, cached, engine))
    peers.check_work(candidate, work, tmp_path)
    assert all(abs(deviation) < 1e-4 for deviation in candidate.deviation.values())


def test_other_work_is_refused(work, tmp_path):
    worker = Ours(work, True, "epoch-shuffle")
    train = worker.train
    worker.train = lambda batches: train(batches[:-1])  # a step less
    with pytest.raises(BadInputError, match="does not do the same work"):
        peers.check_work(InProcess(work, worker), work, tmp_path)


def test_the_floor_multiplies_what_a_step_multiplies(work, monkeypatch):
    """2 · m · k · n of each product: forward 300·150 and 150·300, back the same twice less one, and 784·300."""
    n_flops, matmul = [], np.matmul

    def count(a, b, out):
        n_flops.append(2 * a.shape[0] * a.shape[1] * b.shape[1])
        return matmul(a, b, out=out)

    monkeypatch.setattr(np, "matmul", count)
    for cached, expected in ((True, 5 * 2 * 30 * 300 * 150), (False, 5 * 2 * 30 * 300 * 150 + 2 * 30 * 784 * 300)):
        n_flops.clear()
        BlasFloor(work, cached).train(work.batches[:1])
        assert sum(n_flops) == expected


def write_run(path, **ms_per_step):
    benchmarks = [{"name": name, "extra_info": {"ms_per_step": ms}} for name, ms in ms_per_step.items()]
    path.write_text(json.dumps({"benchmarks": benchmarks}))
    return str(path)


def test_compare_tells_what_became_slower(tmp_path, capsys):
    kept = write_run(tmp_path / "kept.json", a=1.0, b=1.0, only_old=1.0)
    compare.main([kept, write_run(tmp_path / "new.json", a=1.2, b=0.5, only_new=9.0)])
    assert "1.20" in capsys.readouterr().out
    with pytest.raises(BadInputError, match=r"a 1\.60"):
        compare.main([kept, write_run(tmp_path / "new.json", a=1.6, b=0.5)])
    with pytest.raises(BadInputError, match="no benchmark in common"):
        compare.main([kept, write_run(tmp_path / "new.json", c=1.0)])


def test_compare_without_a_kept_run(tmp_path):
    with pytest.raises(BadInputError, match="make bench"):
        compare.main([str(tmp_path / "no.json"), write_run(tmp_path / "new.json", a=1.0)])


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"benchmarks": [{}]}'])
def test_compare_with_another_file(content, tmp_path):
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(BadInputError, match="not a file of make bench's"):
        compare.main([str(tmp_path / "other.json")] * 2)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--batch", "0"], "at least 1"),
        (["--rounds", "1"], "at least 1 and 2"),
        (["--summary", "."], "is a directory"),
        (["--peers", "no-such-python", "--summary", "no-such.json"], "no Python with keras"),
        (["--foo"], "--foo: unknown flag"),
    ],
)
def test_peers_refuses_before_it_measures(flags, said, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench_work, "make_work", lambda *_: pytest.fail("measured"))
    with pytest.raises(BadInputError, match=said):
        peers.main(flags)
    assert not list(tmp_path.iterdir())


def test_summary_has_a_row_for_everyone():
    rows = json.loads((ROOT / "bench" / "results" / "summary.json").read_text())
    assert {row["who"] for row in rows} - {"tf1"} == WHO  # TensorFlow 1 is measured where it is installed
    assert {(row["engine"], row["cached"]) for row in rows if row["who"] == "ours"} == {
        (engine, cached) for engine in peers.ENGINES for cached in (True, False)
    }
    for row in rows:
        assert list(row) == ["who", "engine", "cached", "device", "batch", "ms_per_step", "examples_per_s"]
        assert row["examples_per_s"] == pytest.approx(row["batch"] / row["ms_per_step"] * 1e3, rel=1e-3)


def test_summarize_takes_the_median():
    candidate = SimpleNamespace(who="jax", engine=None, cached=True, ms_per_step=[9.0, 1.0, 2.0])
    assert peers.summarize(candidate, 150)["ms_per_step"] == 2.0


@pytest.mark.parametrize(("engine", "cached"), [("book", True), ("epoch-shuffle", False)])
@pytest.mark.skipif(not tf1.PYTHON.exists(), reason="TensorFlow 1.15.5 is not installed: make tf1")
def test_tensorflow_1_does_the_work(engine, cached, work, tmp_path):
    work.save(tmp_path)
    candidate = Candidate("tf1", engine, cached, tmp_path, peers.PEERS_PYTHON)
    try:
        peers.check_work(candidate, work, tmp_path)
        assert candidate.ask("train", 2) > 0
    finally:
        candidate.stop()
    assert all(abs(deviation) < 1e-4 for deviation in candidate.deviation.values())
    assert candidate.name == f"tf1 {engine}"


def test_without_tensorflow_1_a_line_says_how_to_get_it(monkeypatch, tmp_path, capsys):
    measured = []
    monkeypatch.setattr(tf1, "PYTHON", tmp_path / ".venv-tf1" / "bin" / "python")
    monkeypatch.setattr(peers, "find_versions", lambda _: {})
    monkeypatch.setattr(bench_work, "make_work", lambda *_: SimpleNamespace(batches=[1], save=lambda _: None))
    monkeypatch.setattr(peers, "measure", lambda *arguments: measured.extend(arguments[-1]) or [])
    peers.main(["--summary", str(tmp_path / "summary.json")])
    assert {who for who, _ in measured} == WHO
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("tf1: not measured")
    assert error.endswith("run make tf1\n")


def test_stopwatch_times_training_steps_alone():
    with tf.Graph().as_default():
        fed = tf.placeholder(tf.float32, [])
        variable = tf.Variable(0.0)
        steps, init = [variable.assign_add(fed).op, variable.assign_sub(fed).op], tf.global_variables_initializer()

        class Session(tf.Session):
            pass

        stopwatch = Stopwatch(Session)
        with Session() as sess, stopwatch.watch():
            init.run()
            for n_steps, step in zip((3, 2), steps):
                for _ in range(n_steps):
                    sess.run(step, {fed: 1.0})
                variable.eval()
        with Session() as sess:
            init.run()
            sess.run(steps[0], {fed: 1.0})
    assert [n_steps for _, n_steps in stopwatch.result()] == [3, 2]
    assert all(0 < seconds < 10 for seconds, _ in stopwatch.result())


def test_sum_up_takes_the_best_of_each_phase():
    assert tf1.sum_up([[[2.0, 100], [1.0, 50]], [[1.0, 100], [4.0, 50]]]) == {
        "steps": [100, 50],
        "steps_per_s": [100.0, 50.0],
        "ms_per_step": [10.0, 20.0],
    }
    with pytest.raises(BadInputError, match="differ between rounds"):
        tf1.sum_up([[[2.0, 100]], [[2.0, 99]]])
