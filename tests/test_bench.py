"""The benchmarks' own judgement: other work is refused, TensorFlow 1 is timed as ours are."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from bench import contest, networks, peers, serve, tf1, workers
from bench import work as bench_work
from bench.candidate import Candidate, find_worker
from bench.workers import NAMES
from bench.workers.blas_floor import Worker as BlasFloor
from bench.workers.ours import Worker as Ours
from ref.common.errors import BadInputError
from ref.fidelity.record.times import Stopwatch

ROOT = Path(__file__).resolve().parents[1]
needs_peers = pytest.mark.skipif(not peers.PEERS_PYTHON.exists(), reason="needs .venv-peers: make bench-peers")
FORMERLY = {"ours", "keras", "torch", "torch-compile", "jax", "jax-scan", "blas-floor"}  # what every kept run has


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

    name, kind = "in process", "tuned"

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
    candidate = InProcess(work, Ours(work, cached, "cpu", engine))
    contest.check_work(candidate, work, tmp_path)
    assert all(abs(deviation) < 1e-4 for deviation in candidate.deviation.values())


@pytest.mark.parametrize(("engine", "cached"), [("epoch-shuffle", True), ("xla", False)])
def test_our_worker_does_the_work_of_other_sizes(engine, cached, tiny_data):
    """The reference is float64 NumPy on outputs of the frozen layers, which are checked by hand here."""
    work = networks.make_work(str(tiny_data), batch_size=30, width=12, n_frozen=3)
    hidden1 = work.images.astype(np.float64)
    for i in ("", "_2", "_3"):
        z = hidden1 @ work.initial[f"weights1{i}"] + work.initial[f"biases1{i}"]
        hidden1 = np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    np.testing.assert_allclose(work.cache, hidden1, atol=1e-5)
    worker = Ours(work, cached, "cpu", engine, build_network=lambda: networks.build(12, 3))
    candidate = InProcess(work, worker)

    def train_anew(n_steps):
        candidate.ask("reset")
        candidate.ask("train", n_steps)
        return worker.get_weights()

    deviation = bench_work.check_work(work, engine, train_anew)
    assert all(abs(value) < 1e-4 for value in deviation.values())
    assert worker.get_weights()["weights2"].shape == (12, 6)


def test_other_work_is_refused(work, tmp_path):
    worker = Ours(work, True, "cpu", "epoch-shuffle")
    train = worker.train
    worker.train = lambda batches: train(batches[:-1])  # a step less
    with pytest.raises(BadInputError, match="does not do the same work"):
        contest.check_work(InProcess(work, worker), work, tmp_path)


@pytest.mark.parametrize("given", [(), ("weights2",), ("weights2", "biases2", "weights3")])
def test_who_trains_hands_all_weights_out(given, work, tmp_path):
    """Without them it could not be held to the work, and would be the fastest."""
    worker = SimpleNamespace(reset=lambda: None, train=lambda _: None)
    worker.get_weights = lambda: {name: work.initial[name] for name in given}
    candidate = InProcess(work, worker)
    with pytest.raises(BadInputError, match="expected all that are trained"):
        contest.check_work(candidate, work, tmp_path)
    candidate.kind = "floor"
    if not given:
        contest.check_work(candidate, work, tmp_path)
        assert candidate.deviation == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_library", "no_such_library.*expected libraries to be imported in Worker.__init__"),
        ("VENV = '.venv'", "KIND None"),
        ("KIND = 'tuned'", "VENV None"),
        ("KIND, VENV = 'fast', '.venv'", "KIND 'fast'"),
        ("KIND, VENV = 'tuned', '/usr'", "VENV '/usr'"),
    ],
)
def test_a_peer_s_file_that_does_not_say_what_it_is(text, said, tmp_path, monkeypatch):
    (tmp_path / "of_somebody.py").write_text(text)
    monkeypatch.setattr(workers, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "bench.workers.of_somebody", raising=False)
    with pytest.raises(BadInputError, match=said):
        find_worker("of-somebody")
    sys.modules.pop("bench.workers.of_somebody", None)


def test_the_floor_multiplies_what_a_step_multiplies(work, monkeypatch):
    """2 · m · k · n of each product: forward 300·150 and 150·300, back the same twice less one, and 784·300."""
    n_flops, matmul = [], np.matmul

    def count(a, b, out):
        n_flops.append(2 * a.shape[0] * a.shape[1] * b.shape[1])
        return matmul(a, b, out=out)

    monkeypatch.setattr(np, "matmul", count)
    for cached, expected in ((True, 5 * 2 * 30 * 300 * 150), (False, 5 * 2 * 30 * 300 * 150 + 2 * 30 * 784 * 300)):
        n_flops.clear()
        BlasFloor(work, cached, "cpu").train(work.batches[:1])
        assert sum(n_flops) == expected


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


def test_a_gpu_that_is_not_there_is_refused_before_anything_is_measured(monkeypatch, tmp_path):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: [])
    monkeypatch.setattr(bench_work, "make_work", lambda *_: pytest.fail("measured"))
    with pytest.raises(BadInputError, match="sees no GPU") as caught:
        peers.main(["--device", "gpu", "--summary", str(tmp_path / "summary.json")])
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_summary_has_the_documented_keys():
    rows = json.loads((ROOT / "bench" / "results" / "summary.json").read_text())
    assert {row["who"] for row in rows} >= FORMERLY
    assert {(row["engine"], row["cached"]) for row in rows if row["who"] == "ours"} == {
        (engine, cached) for engine in contest.ENGINES for cached in (True, False)
    }
    for row in rows:
        assert row.keys() >= {"who", "engine", "cached", "device", "batch", "ms_per_step", "examples_per_s"}
        assert row["examples_per_s"] == pytest.approx(row["batch"] / row["ms_per_step"] * 1e3, rel=1e-3)


def make_candidate(**facts):
    return SimpleNamespace(
        who="jax", engine=None, kind="idiomatic", form=None, cached=True, device="cpu", quartiles_ms=[1.0, 9.0], **facts
    )


def test_summarize_takes_the_median():
    assert contest.summarize(make_candidate(ms_per_step=[9.0, 1.0, 2.0]), 150)["ms_per_step"] == 2.0


def test_wall_times_are_the_sums_of_what_was_run_and_say_what_was_not():
    """Thirty epochs of ten steps of 100 ms; the first compiles for 2 s, after a start of 5 s or a fill of 1 s."""
    walls = {
        "wall_cold_s": contest.add_up(5.0, [3.0, 1.0, 1.0, 1.0], None),
        "wall_warm_s": contest.add_up(1.0, [1.0, 1.0, 1.0, 1.0], None),
    }
    row = contest.describe(make_candidate(ms_per_step=[100.0], peak_rss_mb=1, deviation={}, **walls), 150, 10)
    assert row["wall_cold_s"] == {"1": 8.0, "4": 11.0, "30": 37.0}
    assert row["wall_warm_s"] == {"1": 2.0, "4": 5.0, "30": 31.0}
    assert row["wall_more"] == "rounds"
    assert contest.add_up(5.0, [3.0, 1.0, 1.0, 1.0], 20.0) == {"1": 8.0, "4": 11.0, "30": 31.0}


def test_peak_memory_is_the_process_s_own():
    before = serve.read_peak_mb()
    np.ones(20_000_000)  # 160 MB, freed at once
    if before is not None:
        assert serve.read_peak_mb() >= before


def test_outputs_are_compared_cached_with_recomputed(work):
    def trained(cached, value):
        return SimpleNamespace(name="ours xla", cached=cached, weights={"weights2": np.array([1.0, value])})

    floor = SimpleNamespace(name="blas-floor", cached=True, weights={})
    outputs = contest.compare_outputs(work, [trained(True, 2.0), trained(False, 2.5), floor])
    assert outputs["weights"] == {"ours xla": 0.5}
    assert 0 <= outputs["max_difference"] < 1e-5


@pytest.mark.parametrize("who", NAMES)
def test_a_worker_s_file_says_what_it_is_and_imports_no_library(who):
    module = find_worker(who)
    assert module.KIND in ("idiomatic", "tuned", "floor")
    assert module.VENV in (".venv", ".venv-peers")
    assert {"fill", "reset", "train", "get_weights"} <= set(dir(module.Worker))
    assert all(hasattr(module, "FORMS") is False or module.FORMS[cached] for cached in (True, False))
    assert {"torch", "jax"}.isdisjoint(sys.modules)


@pytest.mark.parametrize(
    ("who", "form"),
    [
        ("tf-function", None),
        ("tf-function-jit", "halves, 2 steps"),
        ("keras-tuned", "no jit_compile"),
        *(
            pytest.param(*case, marks=needs_peers)
            for case in (("jax-tuned", "halves, blocks of 8"), ("torch-fused", None))
        ),
    ],
)
def test_a_library_does_the_work(who, form, work, tmp_path):
    """Twenty-five batches: whole blocks of steps, and one that is left over."""
    batches = np.random.RandomState(1).randint(0, len(work.images), (25, 30)).astype(np.int32)
    work = dataclasses.replace(work, batches=batches)
    work.save(tmp_path)
    python = peers.PEERS_PYTHON if who in ("jax-tuned", "torch-fused") else sys.executable  # TensorFlow brings Keras
    candidate = Candidate(who, None, False, tmp_path, python, "cpu", form)
    try:
        assert candidate.ask("fill") >= 0
        contest.check_work(candidate, work, tmp_path)
        assert candidate.ask("describe")["form"] == form
    finally:
        candidate.stop()
    assert all(abs(deviation) < 1e-4 for deviation in candidate.deviation.values())


MINE = """
import numpy as np
from bench.work import BETA1, BETA2, EPSILON, LEARNING_RATE, TRAINED, import_reference

KIND, VENV = "idiomatic", ".venv"


class Worker:
    def __init__(self, work, cached, device):
        self.work, self.cached = work, cached
        self.fill()
        self.reset()

    def fill(self):
        z = self.work.images @ self.work.initial["weights1"] + self.work.initial["biases1"]
        self.rows = np.where(z > 0, z, np.expm1(np.minimum(z, 0)))

    def reset(self):
        self.weights = {name: self.work.initial[name].astype(np.float64) for name in TRAINED}
        self.phase2_from, self.adam = import_reference()

    def train(self, batches):
        for indices in batches:
            self.adam.apply(self.weights, self.phase2_from(self.weights, self.rows[indices])[1])

    def get_weights(self):
        return self.weights
"""


def test_a_peer_of_one_s_own_is_one_file(work, tmp_path, monkeypatch):
    for name in ("ref", "scripts", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "bench", tmp_path / "bench", ignore=shutil.ignore_patterns("results", "__pycache__"))
    (tmp_path / "bench" / "workers" / "of_mine.py").write_text(MINE)
    work.save(tmp_path)
    code = """
import sys
from pathlib import Path
from bench import contest
from bench.work import read_work
here = Path(sys.argv[1])
assert ("of-mine", None) in contest.list_entries(False, "cpu")
work = read_work(here)
[one, other] = contest.measure(work, 2, contest.Setting(here, sys.executable, "cpu"), [("of-mine", None)])
print(one.who, one.kind, one.cached, len(other.ms_per_step), max(map(abs, one.deviation.values())) < 1e-3)
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "of-mine idiomatic True 2 True\n", done.stderr


@pytest.mark.parametrize(("engine", "cached"), [("book", True), ("epoch-shuffle", False)])
@pytest.mark.skipif(not tf1.PYTHON.exists(), reason="TensorFlow 1.15.5 is not installed: make tf1")
def test_tensorflow_1_does_the_work(engine, cached, work, tmp_path):
    work.save(tmp_path)
    candidate = Candidate("tf1", engine, cached, tmp_path, peers.PEERS_PYTHON)
    try:
        contest.check_work(candidate, work, tmp_path)
        assert candidate.ask("train", 2) > 0
    finally:
        candidate.stop()
    assert all(abs(deviation) < 1e-4 for deviation in candidate.deviation.values())
    assert candidate.name == f"tf1 {engine}"


def test_without_tensorflow_1_a_line_says_how_to_get_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(tf1, "PYTHON", tmp_path / ".venv-tf1" / "bin" / "python")
    assert peers.find_tf1_versions() is None
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("tf1: not measured")
    assert error.endswith("run make tf1\n")


def test_who_takes_part():
    for device in ("cpu", "gpu"):
        whom = [who for who, _ in contest.list_entries(True, device)]
        left_out = set() if device == "cpu" else {"tf1", "blas-floor"}
        assert set(whom) == {*NAMES, "tf1"} - left_out
    assert "tf1" not in {who for who, _ in contest.list_entries(False, "cpu")}


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


def test_some_take_part_by_their_names():
    entries = [("ours", "book"), ("ours", "xla"), ("tf1", "book"), ("jax", None), ("jax-tuned", None)]
    assert contest.select_entries(entries, ["xla", "jax"]) == [("ours", "xla"), ("jax", None)]
    assert contest.select_entries(entries, ["book"]) == [("ours", "book"), ("tf1", "book")]
    with pytest.raises(BadInputError, match=r"--only jax_tuned: nobody .*, jax-tuned,"):
        contest.select_entries(entries, ["xla", "jax_tuned"])
