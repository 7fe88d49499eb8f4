"""Original scripts in processes of their own: their numbers, what they leave behind, how they end.

Numbers are held against NumPy, batches against ref.data (which TensorFlow 1.15.5 is the truth of, test_reader_tf1.py).
"""

import ast
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ref.common.errors import BadInputError
from ref.data import data_sets, sources
from ref.originals import job_process, run
from ref.originals.listing import Listing, find_scripts
from ref.originals.run import run_original

ROOT = Path(__file__).resolve().parents[1]
IN_CHILD = (
    *("originals/child", "originals/process", "originals/places", "originals/redirect", "originals/figures"),
    *("originals/streams", "originals/settings", "originals/failures", "common/cuda"),
)

TRAIN = """
import os, sys
import numpy as np
import tensorflow as tf
import matplotlib.pyplot as plt

tf.flags.DEFINE_string("note", "none", "printed")
n_steps = 50
learning_rate = 1.0
X = tf.placeholder(tf.float32, [None, 3])
weights = tf.Variable(tf.zeros([3, 1]), name="weights")
loss = tf.reduce_mean(tf.square(tf.matmul(X, weights) - 1.0))
training_op = tf.train.GradientDescentOptimizer(learning_rate).minimize(loss)
saver = tf.train.Saver()


def main(_):
    if not os.path.exists("/nowhere/model"):
        os.makedirs("/nowhere/model")
    writer = tf.summary.FileWriter("D:\\\\logs\\\\one", tf.get_default_graph())
    writer.close()
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for step in range(n_steps):
            sess.run(training_op, {X: np.random.rand(5, 3)})
            sys.stdout.write("\\r%d%%" % step)
            sys.stdout.flush()
        print("\\rdone", tf.flags.FLAGS.note)
        print(saver.save(sess, "/nowhere/model/m.ckpt"))
    with tf.Session() as sess:
        saver.restore(sess, tf.train.latest_checkpoint("/nowhere/model"))
        print(repr(sess.run(weights).ravel().tolist()))
    np.savetxt("E:/book/x.txt", np.eye(2))
    print(np.loadtxt("E:/book/x.txt").sum(), tf.gfile.Exists("D:/logs/one"))
    for n in (1, 2):
        plt.plot([0, n])
        plt.show()


if __name__ == "__main__":
    tf.app.run()
"""

READ = """
from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets("D:/data/MNIST", one_hot=True)
for _ in range(15):
    images, labels = mnist.train.next_batch(50)
    print(repr(float(images.sum())), labels.argmax(1).tolist())
"""


def make_listing(directory: Path, text: str, name: str = "it's mine") -> Listing:
    path = directory / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return find_scripts(path)[0]


def test_a_script_trains_and_leaves_all_it_writes_at_home(tmp_path):
    listing = make_listing(tmp_path, TRAIN)
    outcome = run_original(
        listing,
        seed=7,
        out=tmp_path / "out",
        settings=["learning_rate=0.1"],
        stop_after=4,
        argv=["--note", "a b"],
        capture=True,
    )
    assert (outcome.code, outcome.reason) == (0, None)
    rnd, weights = np.random.RandomState(7), np.zeros((3, 1), np.float32)
    for step in range(50):
        batch = rnd.rand(5, 3).astype(np.float32)
        if step < 4:
            weights -= np.float32(0.1) * 2 / 5 * batch.T @ (batch @ weights - 1)
    lines = outcome.stdout.splitlines()
    assert lines[:2] == ["done a b", "/nowhere/model/m.ckpt"]
    np.testing.assert_allclose(ast.literal_eval(lines[2]), weights.ravel(), rtol=1e-5)
    assert lines[3:] == ["2.0 True"]
    home = tmp_path / "out" / "it's mine"
    names = {path.name for path in home.rglob("*") if path.is_file()}
    events = {name for name in names if "tfevents" in name}
    checkpoint = {"m.ckpt.index", "m.ckpt.meta", "m.ckpt.data-00000-of-00001", "checkpoint"}
    assert names - events == {*checkpoint, "x.txt", "figure-1.png", "figure-2.png", "result.json"}
    assert len(events) == 1
    assert not os.path.exists("/nowhere")
    result = json.loads((home / "result.json").read_text(encoding="utf-8"))
    assert list(result["steps"].values()) == [4]
    assert (result["seed"], result["settings"], result["lines"]) == (7, {"learning_rate": "0.1"}, lines)
    assert result["versions"]["numpy"] == np.__version__
    assert (result["figures"], result["data"]) == (["figure-1.png", "figure-2.png"], None)
    assert not list(Path(run.tempfile.gettempdir()).glob(f"original-{os.getpid()}-*"))


def test_the_tutorial_reader_gives_the_batches_of_ours(tmp_path, tiny_data):
    outcome = run_original(
        make_listing(tmp_path, READ), seed=3, data=str(tiny_data), out=tmp_path / "out", capture=True
    )
    assert outcome.code == 0, outcome.reason
    arrays = sources.load(str(tiny_data))
    train = data_sets.read_data_sets(arrays, 3).train
    for line in outcome.stdout.splitlines():
        images, labels = train.next_batch(50)
        total, _, classes = line.partition(" ")
        assert float(total) == pytest.approx(float(images.sum()), rel=1e-6)
        assert ast.literal_eval(classes) == labels.tolist()
    assert outcome.result["data"]["sha256"] == arrays.sha256
    assert outcome.result["steps"] == {}


ENDS = """
import sys
import numpy as np
try:
    input()
except EOFError as error:
    print("no input")
try:
    import socket
    socket.create_connection(("127.0.0.1", 1), timeout=1)
except OSError:
    print("no network")
try:
    import tensorflow as tf
    tf.Session().run(tf.placeholder(tf.float32, name="x"))
except tf.errors.InvalidArgumentError:
    print("no value")
sys.exit(5)
"""


def test_a_script_sees_errors_as_they_are_and_its_exit_code_is_passed_on(tmp_path):
    outcome = run_original(make_listing(tmp_path, ENDS), out=tmp_path / "out", capture=True)
    assert (outcome.code, outcome.reason) == (5, None)
    assert outcome.stdout.splitlines() == ["no input", "no network", "no value"]


def test_an_error_is_one_line_with_the_scripts_own_line(tmp_path):
    text = "import tensorflow as tf\n\ndef f():\n    raise ValueError('first\\nsecond')\n\nf()\n"
    outcome = run_original(make_listing(tmp_path, text), out=tmp_path / "out", capture=True)
    assert outcome.code == 2
    assert outcome.reason == f"{tmp_path}/it's mine.py line 4: ValueError: first"
    traceback = (tmp_path / "out" / "it's mine" / "error.txt").read_text()
    assert re.findall(r'File "(.*)", line (\d+)', traceback) == [
        (f"{tmp_path}/it's mine.py", "6"),
        (f"{tmp_path}/it's mine.py", "4"),
    ]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_ends_the_command_ends_the_script(tmp_path, number, code):
    pid = tmp_path / "pid"
    text = "import os\nprint(os.getpid(), flush=True)\nimport time\nwhile True:\n    time.sleep(0.01)\n"
    listing = make_listing(tmp_path, text)
    command = [sys.executable, "-m", "ref", "original", str(listing.path), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        child = int(process.stdout.readline())
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert len(errors.splitlines()) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.parametrize(
    ("number", "says"), [(signal.SIGKILL, "memory"), (signal.SIGSEGV, "crashed (SIGSEGV)"), (signal.SIGHUP, "outside")]
)
def test_a_process_that_the_system_ended_is_one_line(number, says):
    assert says in job_process.explain_signal(number)


def test_what_is_not_installed_is_named_with_what_installs_it(tmp_path, monkeypatch):
    listing = make_listing(tmp_path, "x = 1\n")
    monkeypatch.setattr(run, "TF1_PYTHON", tmp_path / "none")
    with pytest.raises(BadInputError, match=r"--on tf1: .*'make tf1'"):
        run_original(listing, on="tf1", out=tmp_path / "out")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInputError, match=r"tf_slim is not installed.*'make original'"):
        run_original(listing, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_data_that_is_not_there_is_one_line_before_the_script_runs(tmp_path):
    with pytest.raises(BadInputError, match="--data"):
        run_original(make_listing(tmp_path, READ), data=str(tmp_path / "none"), out=tmp_path / "out")
    assert not list(Path(run.tempfile.gettempdir()).glob(f"original-{os.getpid()}-*"))


@pytest.mark.parametrize("name", IN_CHILD)
def test_what_runs_under_tensorflow_1_is_python_3_7(name):
    text = (ROOT / "ref" / f"{name}.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 7))
    assert not re.search(r"^\s*(from|import) ref\.(?!originals|fidelity|common import cuda)", text, re.M)
    assert "removeprefix" not in text
    assert "removesuffix" not in text


def test_importing_costs_nothing():
    code = (
        "import sys, ref.originals.cli; print(*[n for n in ('tensorflow', 'numpy', 'matplotlib') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
