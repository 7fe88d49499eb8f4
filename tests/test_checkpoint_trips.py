"""From TensorFlow 1.15.5's checkpoint to Keras 3, to PyTorch, and back: the examples of ref/checkpoints/README.md.

They are run as they stand there. What the models make of test images is held against what TensorFlow 1.15.5 made of
them, which tests/golden/tf1/checkpoint/expected.json keeps.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref import autoencoder_07_single_graph as port_7
from ref.__main__ import main
from ref.checkpoints import read
from ref.common.session import new_graph, open_session
from ref.data import data_sets, sources
from ref.fidelity.record.recorder import hash_array
from scripts import record_crossing as crossing

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "ref" / "checkpoints" / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
KEPT = json.loads((crossing.CHECKPOINT / "expected.json").read_text(encoding="utf-8"))
SLOTS = {name.removeprefix("variable ") for name in KEPT["sha256"] if re.search(r"/Adam(_1)?$|_power$", name)}
WEIGHTS = {name.removeprefix("variable ") for name in KEPT["sha256"]} - SLOTS
WIDEST = 5e-6  # of the largest magnitude, as in tests/test_crossing.py
PEERS = ROOT / ".venv-peers"
needs_peers = pytest.mark.skipif(
    not (PEERS / "installed").exists(), reason="needs PyTorch, JAX and Keras in .venv-peers (make bench-peers)"
)
needs_tf1 = pytest.mark.skipif(not crossing.PYTHON.exists(), reason="needs TensorFlow 1.15.5 (make tf1)")


@pytest.fixture(scope="module")
def X_test():  # noqa: N802
    return data_sets.read_data_sets(sources.load("digits"), seed=42).test.images[: crossing.shared["N_IMAGES"]]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A directory, and the working one, with TensorFlow 1.15.5's checkpoint in model/, and what the page exports."""
    shutil.copytree(crossing.CHECKPOINT, tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    run_shell("What is in it")
    return tmp_path


def find_blocks(section, language):
    return re.findall(rf"^```{language}\n(.*?)^```", SECTIONS[section], re.MULTILINE | re.DOTALL)


def run_shell(section):
    """Run the section's commands, which are all of ours, in this process."""
    (block,) = find_blocks(section, "sh")
    for line in block.splitlines():
        python, flag, package, *argv = shlex.split(line)
        assert (python, flag, package) == (".venv/bin/python", "-m", "ref")
        main(argv)


def assert_close(outputs_val):
    expected = np.array(KEPT["numbers"]["tensor outputs"])
    assert np.abs(crossing.thin(outputs_val) - expected).max() <= WIDEST * np.abs(expected).max()


def restore_as_the_script_does(path):
    """Return the variables that the graph's own Saver restores from ``path``."""
    with new_graph(seed=1):
        g = port_7.build(**crossing.NARROW)
        with open_session() as sess:
            g.saver.restore(sess, path)
            return sess.run({variable.op.name: variable for variable in tf.global_variables()})


def assert_weights_alone_are_halved(place):
    """Go back as the page does; the script's Saver finds the weights of the model, and Adam's slots to the bit."""
    before = np.load("seven.npz")
    run_shell("Back to the script")
    found = restore_as_the_script_does("model/my_model_one_at_a_time.ckpt")
    assert found.keys() == WEIGHTS | SLOTS
    for name in WEIGHTS:
        np.testing.assert_array_equal(found[name], before[name] / 2, err_msg=name)
    for name in SLOTS:
        assert hash_array(found[name]) == KEPT["sha256"][f"variable {name}"], name


def test_every_block_of_the_page_is_run_here():
    languages = {section: re.findall(r"^```(\w+)$", text, re.MULTILINE) for section, text in SECTIONS.items()}
    assert languages == {
        "What is in it": ["sh"],
        "To Keras 3": ["python", "python"],
        "To PyTorch": ["python", "python"],
        "Back to the script": ["sh"],
    }


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readmes_commands_are_the_pages(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    found = re.findall(r"^(\.venv/bin/python -m ref checkpoint .*?)(?: +#.*)?$", text, re.MULTILINE)
    assert set(found) <= {
        line for section in SECTIONS for block in find_blocks(section, "sh") for line in block.split("\n")
    }


def test_to_keras_and_back(place, X_test):
    there, back = find_blocks("To Keras 3", "python")
    cell = {"X_test": X_test}
    exec(compile(there, "To Keras 3", "exec"), cell)
    assert cell["keras"].__version__.startswith("3")
    assert_close(cell["outputs_val"])
    for layer in cell["model"].layers:
        layer.set_weights([value / 2 for value in layer.get_weights()])
    exec(compile(back, "To Keras 3", "exec"), cell)
    assert_weights_alone_are_halved(place)


def run_with_the_peers(place, section, X_test, more_training):
    there, back = find_blocks(section, "python")
    np.save(place / "X_test.npy", X_test)
    before, after = "import numpy as np\nX_test = np.load('X_test.npy')\n", "np.save('outputs_val.npy', outputs_val)\n"
    (place / "peer.py").write_text(before + there + after + more_training + back)
    unset = ("PYTHON", "TF_", "KERAS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    command = [PEERS / "bin" / "python", "peer.py"]
    done = subprocess.run(
        command, cwd=place, env=environment | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return np.load(place / "outputs_val.npy")


@needs_peers
def test_to_pytorch_and_back(place, X_test):
    halve = "with torch.no_grad():\n    for parameter in model.parameters():\n        parameter /= 2\n"
    assert_close(run_with_the_peers(place, "To PyTorch", X_test, halve))
    assert_weights_alone_are_halved(place)


@needs_peers
def test_to_keras_on_jax_and_back(place, X_test):
    halve = "for layer in model.layers:\n    layer.set_weights([value / 2 for value in layer.get_weights()])\n"
    assert_close(run_with_the_peers(place, "To Keras 3", X_test, halve))
    assert_weights_alone_are_halved(place)


def test_what_the_pytorch_example_computes(place, X_test):
    """In NumPy, where PyTorch is not installed: nn.Linear is x @ weight.T + bias, nn.ELU exp(x) - 1 below 0."""
    weights, hidden = np.load("seven.npz"), X_test.astype(np.float64)
    for n in range(1, 5):
        linear_weight, linear_bias = weights[f"weights{n}"].T, weights[f"biases{n}"]
        hidden = hidden @ linear_weight.T + linear_bias
        if n < 4:
            hidden = np.where(hidden > 0, hidden, np.expm1(np.minimum(hidden, 0)))
    assert_close(hidden)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_there_and_back_is_equal_to_the_bit(ending, place):
    main(["checkpoint", "export", "model", "-o", f"seven.{ending}"])
    main(["checkpoint", "import", f"seven.{ending}", "-o", "again/seven.ckpt"])
    for found in (read.read(Path("again/seven.ckpt")), restore_as_the_script_does("again/seven.ckpt")):
        assert {f"variable {name}": hash_array(value) for name, value in found.items()} == KEPT["sha256"]


@needs_tf1
def test_tensorflow_1s_own_script_restores_what_was_imported(tmp_path):
    """Listing 5, whose Saver asks for every variable, Adam's slots among them, under TensorFlow 1.15.5."""
    sizes = {"n_hidden1": 4, "n_hidden2": 3}
    text = (ROOT / "tests" / "listings" / "autoencoder_5.py").read_text(encoding="utf-8")
    place = crossing.make_place(tmp_path, {5: text})
    with new_graph(42):
        crossing.importlib.import_module(crossing.SCRIPTS[5 - 1].module).build(**sizes)
        shapes = {variable.op.name: variable.shape.as_list() for variable in tf.global_variables()}
    random = np.random.RandomState(0)
    values = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    np.savez(tmp_path / "five.npz", **values)
    main(["checkpoint", "import", str(tmp_path / "five.npz"), "-o", str(tmp_path / "out" / "five.ckpt")])
    settings = [f"{name}={size}" for name, size in sizes.items()]
    found = crossing.call_tf1(place, "restore", 5, tmp_path / "out", settings, "--checkpoint", "five.ckpt")
    for name, value in values.items():
        np.testing.assert_array_equal(found[f"variable {name}"], value, err_msg=name)
