"""Every port, once, on tiny data: what it prints, writes and draws, that a second run gives the same digits.

Then what a run records at the edges, and the sessions and sheets that the ports share.
"""

import gzip
import hashlib
import importlib
import json
import re
import struct

import matplotlib.image
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from conftest import make_tiny_arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy_reference.primitives import elu, sigmoid
from scipy.special import rel_entr
from test_captions import check_layout

from ref.chapter import BY_NAME, SCRIPTS
from ref.common.captions import CAPTIONS
from ref.common.figures import plot_images
from ref.common.runs import Run
from ref.common.session import Session, new_graph, open_session
from ref.data.idx import FILES

NUMBER = r"(\d+\.\d+(e[-+]\d+)?|nan|inf)"
MSE = rf"[01] Train MSE: {NUMBER}"
VAE = rf"[01] Train total loss: {NUMBER} \tReconstruction loss: {NUMBER} \tLatent loss: {NUMBER}"
SPARSE = rf"[01] Train MSE: {NUMBER} \tSparsity loss: {NUMBER} \tTotal loss: {NUMBER}"
PHASES = ["Training phase #1", MSE, MSE, "Training phase #2", MSE, MSE, f"Test MSE: {NUMBER}"]
LINES = {
    **{n: [] for n in (1, 9, 10)},
    **{n: [MSE] * 2 for n in (2, 3, 11, 12)},
    4: [rf"[01] Train accuracy: {NUMBER} Test accuracy: {NUMBER}"] * 2,
    5: [rf"[01] Train accuracy: {NUMBER}\tTest accuracy: {NUMBER}"] * 2,
    6: [MSE] * 4,
    7: PHASES,
    8: PHASES,
    13: [SPARSE] * 2,
    14: [SPARSE] * 2,
    15: [VAE] * 2,
    16: [VAE] * 2,
}
FIGURE_SHAPES = {
    1: {"codings_val": (100, 2)},
    **{n: {"X_test": (2, 784), "outputs_val": (2, 784)} for n in (2, 3, 6, 9, 12, 14, 15)},
    10: {"features": (5, 784)},
    13: {"X_test": (2, 784), "outputs_val": (2, 784), "q": (500,), "kl_div": (500,), "mse": (500,)},
    16: {"generated": (60, 784), "X_test": (3, 784), "outputs_val": (3, 784), "interpolated": (24, 784)},
}
# The listings' figsize in inches times its dpi, 100 unless it says otherwise.
FIGURE_SIZES = {
    "codings": (4 * 300, 3 * 300),
    "reconstructions": (800, 600),
    "features": (1000, 200),
    "sparsity_loss": (640, 480),
    "generated": (1100, 700),
    "encoded_decoded": (800, 900),
    "interpolated": (1100, 600),
}
SHEETS = {  # the figures that are sheets of images: their rows and columns
    "reconstructions": (2, 2),
    "features": (1, 5),
    "generated": (6, 10),
    "encoded_decoded": (3, 2),
    "interpolated": (4, 6),
}
# The names that the original scripts give their variables under TensorFlow 1, Adam's included.
FOUR_LAYERS = [f"{kind}{i}" for kind in ("weights", "biases") for i in (1, 2, 3, 4)]
NAMES = {
    2: [f"fully_connected{i}/{kind}" for i in ("", "_1", "_2", "_3") for kind in ("weights", "biases")],
    3: [name for name in FOUR_LAYERS if name not in ("weights3", "weights4")],
    4: [f"{kind}{i}" for kind in ("weights", "biases") for i in (1, 2, 3)],
    5: [f"{kind}{i}" for kind in ("weights", "biases") for i in (1, 2, 3)],
    7: FOUR_LAYERS,
    8: FOUR_LAYERS,
    **{
        n: [f"{h}/{k}" for h in ("hidden1", "hidden2", "hidden3", "outputs") for k in ("kernel", "bias")]
        for n in (11, 12)
    },
    **{n: [f"dense{i}/{kind}" for i in ("", "_1") for kind in ("kernel", "bias")] for n in (13, 14)},
    **{
        n: [f"dense{i}/{k}" for i in ("", "_1", "_2", "_3", "_4", "_5", "_6") for k in ("kernel", "bias")]
        for n in (15, 16)
    },
}
# In one name scope Adam's two powers carry the scope's name: phase 1 made them, and phase 2 shares them.
POWERS_SCOPE = {7: "phase1/", 8: "phase1/"}


def load_drawn(run):
    """Return the arrays of the run's figures.npz, which it has if it draws."""
    path = run.directory / "figures.npz"
    if not path.exists():
        return {}
    with np.load(path) as drawn:
        return dict(drawn)


def hash_files(directory):
    return {
        file: hashlib.sha256(gzip.decompress((directory / f"{file}.gz").read_bytes())).hexdigest() for file in FILES
    }


def run_with_needs(run_tiny, number, **keywords):
    needs = BY_NAME[f"autoencoder_{number}"].needs
    if needs:
        run_tiny(needs, **keywords)
    return run_tiny(number, **keywords)


@pytest.fixture
def drawn_figures(monkeypatch):
    """The figures that runs save, by name."""
    figures, save_figure = {}, Run.save_figure

    def keep(self, name, fig, **drawn):
        figures[name] = fig
        save_figure(self, name, fig, **drawn)

    monkeypatch.setattr(Run, "save_figure", keep)
    return figures


def check_sheet(fig, images, shape):
    """Each of ``images``, (n, 784), fills its own place, row by row: ink dark, pixels sharp, all of its range shown."""
    assert len(fig.axes) == len(images)
    for index, (ax, image) in enumerate(zip(fig.axes, images)):
        assert ax.get_subplotspec().get_geometry() == (*shape, index, index)
        (drawn,) = ax.images
        np.testing.assert_array_equal(drawn.get_array(), image.reshape(28, 28))
        assert drawn.get_clim() == (image.min(), image.max())
        assert (drawn.get_cmap().name, drawn.get_interpolation(), ax.axison) == ("Greys", "nearest", False)


def check_picture(path, fig):
    """The PNG shows, pixel by pixel, what Matplotlib draws of ``fig`` on a canvas in memory."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    picture = np.rint(matplotlib.image.imread(path) * 255).astype(np.uint8)
    np.testing.assert_array_equal(picture, np.asarray(canvas.buffer_rgba()))


def check_captions(fig, captions):
    """All words of ``captions`` stand in the figure, columns and rows where they belong, and can be read."""
    check_layout(fig)
    assert fig.get_suptitle().endswith(f": {captions.says}")
    assert [ax.get_title() for ax in fig.axes[: len(captions.columns)]] == list(captions.columns)
    n_columns = fig.axes[0].get_subplotspec().get_gridspec().ncols
    assert [ax.texts[0].get_text() for ax in fig.axes[::n_columns] if captions.rows] == list(captions.rows)


def pair_up(X_test, outputs_val):
    return [image for pair in zip(X_test, outputs_val) for image in pair]


@pytest.mark.parametrize("number", range(1, 17))
def test_port(number, run_tiny, tiny_data, capsys, drawn_figures):
    script = BY_NAME[f"autoencoder_{number}"]
    if script.needs:
        run_tiny(script.needs, "--seed", "11")
        capsys.readouterr()
    run = run_tiny(number, "--seed", "7")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(LINES[number])
    for line, pattern in zip(lines, LINES[number]):
        assert re.fullmatch(pattern, line)

    result = json.loads((run.directory / "result.json").read_text())
    assert [row["line"] for row in result["printed"]] == lines
    printed = [float(text) for line in lines for text in re.findall(r": (\S+)", line)]
    recorded = [value for row in result["printed"] for key, value in row.items() if key != "line"]
    assert recorded == printed
    assert result["seed"] == 7
    assert result["data"] == ({"name": "tiny", "sha256": hash_files(tiny_data)} if script.reads_data else None)
    if script.needs:
        maker = BY_NAME[f"autoencoder_{script.needs}"]
        origin = "data tiny, seed 11, n_epochs [2, 2]"
        assert result["restored"] == {"checkpoint": f"{maker.name}/{maker.checkpoint}", "origin": origin}
    assert result["versions"]["tensorflow"] == tf.__version__

    assert result["figures"] == [f"{name}.png" for name in script.figures]
    for name in script.figures:
        path = run.directory / f"{name}.png"
        header = path.read_bytes()[:24]
        assert header.startswith(b"\x89PNG")
        assert struct.unpack(">II", header[16:]) == FIGURE_SIZES[name]
        check_picture(path, drawn_figures[name])
        check_captions(drawn_figures[name], CAPTIONS[script.name, name])
    drawn = load_drawn(run)
    assert {name: array.shape for name, array in drawn.items()} == FIGURE_SHAPES.get(number, {})
    for name in SHEETS.keys() & set(script.figures):
        images = drawn[name] if name in drawn else pair_up(drawn["X_test"], drawn["outputs_val"])
        check_sheet(drawn_figures[name], images, SHEETS[name])
    if "reconstructions" in script.figures:
        first_digits = make_tiny_arrays()["t10k-images-idx3-ubyte"][:2].reshape(2, 784) * np.float32(1 / 255)
        np.testing.assert_array_equal(drawn["X_test"], first_digits)

    assert (result["checkpoint"] or "") == script.checkpoint
    if script.checkpoint:
        reader = tf.train.load_checkpoint(str(run.directory / script.checkpoint))
        slots = [f"{name}/{slot}" for name in NAMES[number] for slot in ("Adam", "Adam_1")]
        powers = [POWERS_SCOPE.get(number, "") + power for power in ("beta1_power", "beta2_power")]
        assert sorted(reader.get_variable_to_shape_map()) == sorted(NAMES[number] + slots + powers)
        assert tf.train.latest_checkpoint(str(run.directory)) == str(run.directory / script.checkpoint)
        with tf.Graph().as_default():
            tf.train.import_meta_graph(str(run.directory / f"{script.checkpoint}.meta"))
            assert sorted(variable.op.name for variable in tf.global_variables()) == sorted(
                NAMES[number] + slots + powers
            )
    assert not [path for path in run.directory.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("number", range(1, 17))
def test_two_runs_with_one_seed_are_the_same(number, run_tiny):
    first, second = (run_with_needs(run_tiny, number, out=out) for out in ("a", "b"))
    assert first.result["printed"] == second.result["printed"]
    for key, value in load_drawn(first).items():
        np.testing.assert_array_equal(value, load_drawn(second)[key])


def test_another_seed_gives_other_digits(run_tiny):
    first, second = run_tiny(3), run_tiny(3, "--seed", "7", out="b")
    assert first.result["printed"] != second.result["printed"]


def test_freeze_moves_the_top_layer_alone(run_tiny):
    run_tiny(8)
    run = run_tiny(5, "--freeze")
    before = tf.train.load_checkpoint(str(run.out / "autoencoder_8" / "my_model_cache_frozen.ckpt"))
    after = tf.train.load_checkpoint(str(run.directory / "my_model_supervised_pretrained.ckpt"))
    for name in ("weights1", "weights2", "biases1", "biases2"):
        np.testing.assert_array_equal(before.get_tensor(name), after.get_tensor(name))
    assert np.any(after.get_tensor("biases3"))


@pytest.mark.parametrize("number", [4, 5])
def test_the_pretrain_saver_holds_the_lower_layers(number, tmp_path):
    port = importlib.import_module(BY_NAME[f"autoencoder_{number}"].module)
    with new_graph(seed=0):
        g = port.build(n_hidden1=3, n_hidden2=2)
        with open_session() as sess:
            g.init.run()
            path = g.pretrain_saver.save(sess, str(tmp_path / "lower.ckpt"))
    shapes = tf.train.load_checkpoint(path).get_variable_to_shape_map()
    assert shapes == {"weights1": [784, 3], "weights2": [3, 2], "biases1": [3], "biases2": [2]}


def test_fix_output_changes_the_second_autoencoder_alone(run_tiny, monkeypatch):
    """The second one's output is ELU, as it is in the stack; the oracle has the rest."""
    port, output_types = importlib.import_module(BY_NAME["autoencoder_6"].module), []
    build = port.build

    def watched(*args, **keywords):
        g = build(*args, **keywords)
        output_types.append(g.outputs.op.type)
        return g

    monkeypatch.setattr(port, "build", watched)
    first, second = run_tiny(6), run_tiny(6, "--fix-output", out="b")
    assert output_types == ["BiasAdd", "BiasAdd", "BiasAdd", "Elu"]
    assert first.result["printed"][:2] == second.result["printed"][:2]
    assert first.result["printed"][2:] != second.result["printed"][2:]


def test_two_phases_differ_only_in_the_second(run_tiny):
    seven, eight = run_tiny(7).result["printed"], run_tiny(8).result["printed"]
    assert seven[:3] == eight[:3]
    assert seven[4:] != eight[4:]


@pytest.mark.parametrize(("flags", "n_features"), [((), 5), (("--n-hidden1", "3"), 3)])
def test_checkpoint_of_seven_restores_to_the_bit(run_tiny, drawn_figures, flags, n_features):
    seven = run_tiny(7, *flags)
    nine, ten = (load_drawn(run_tiny(number, *flags)) for number in (9, 10))
    reader = tf.train.load_checkpoint(str(seven.directory / "my_model_one_at_a_time.ckpt"))
    features = reader.get_tensor("weights1").T[:n_features]
    np.testing.assert_array_equal(ten["features"], features)
    check_sheet(drawn_figures["features"], features, (1, 5))
    hidden = nine["X_test"].astype(np.float64)
    for i in (1, 2, 3, 4):
        hidden = hidden @ reader.get_tensor(f"weights{i}") + reader.get_tensor(f"biases{i}")
        hidden = elu(hidden) if i < 4 else hidden
    np.testing.assert_allclose(nine["outputs_val"], hidden, atol=1e-5)


def test_every_script_is_in_the_chapter_once():
    assert [script.number for script in SCRIPTS] == list(range(1, 17))


def test_codings_are_drawn_as_the_listing_does(run_tiny, drawn_figures):
    codings_val = load_drawn(run_tiny(1))["codings_val"]
    (ax,) = drawn_figures["codings"].axes
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), codings_val)
    assert (line.get_color(), line.get_marker(), line.get_linestyle()) == ("b", ".", "None")
    labels = [(label.get_text(), label.get_fontsize()) for label in (ax.xaxis.label, ax.yaxis.label)]
    assert labels == [("$z_1$", 18), ("$z_2$", 18)]
    assert ax.yaxis.label.get_rotation() == 0


@pytest.mark.parametrize("p", [0.1, 0.3])
def test_sparsity_loss_is_drawn_as_the_book_does(run_tiny, drawn_figures, p):
    drawn = load_drawn(run_tiny(13, "--n-hidden1", "9", "--sparsity-target", str(p)))
    (ax,) = drawn_figures["sparsity_loss"].axes
    target, kl, mse = ax.lines
    np.testing.assert_array_equal(target.get_xydata(), [[p, 0.0], [p, 0.3]])
    q = np.linspace(0.001, 0.999, 500)
    np.testing.assert_array_equal(kl.get_xdata(), q)
    np.testing.assert_allclose(kl.get_ydata(), rel_entr(p, q) + rel_entr(1 - p, 1 - q), atol=1e-12)
    np.testing.assert_allclose(mse.get_xydata(), np.stack([q, (p - q) ** 2], axis=1))
    np.testing.assert_array_equal(drawn["q"], q)
    np.testing.assert_array_equal(drawn["kl_div"], kl.get_ydata())
    np.testing.assert_array_equal(drawn["mse"], mse.get_ydata())
    styles = [(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.lines]
    assert styles == [("k", ":", "None"), ("b", "-", "None"), ("r", "--", "None")]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["KL divergence", "MSE"]
    assert (*ax.get_xlim(), *ax.get_ylim()) == (0, 1, 0, 0.95)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.texts[0].get_text()) == ("Actual sparsity", "Cost", "Target\nsparsity")
    assert (ax.texts[0].get_position(), ax.texts[0].get_fontsize()) == (pytest.approx((p - 0.05, 0.32)), 14)
    assert ax.yaxis.label.get_rotation() == 0
    anchor = ax.get_legend().get_bbox_to_anchor().transformed(ax.transAxes.inverted())
    np.testing.assert_allclose(anchor.min, (0.1, 1))


def test_sheets_of_16_are_the_decoder_at_the_codings(run_tiny, drawn_figures, monkeypatch):
    """The checkpoint's decoder, in NumPy; from row to row each digit goes a third of the way to its right neighbour."""
    fed, run_in_session = [], Session.run

    def watched(self, fetches, feed_dict=None, *args, **keywords):
        fed.extend(value for value in (feed_dict or {}).values() if np.shape(value)[1:] == (20,))
        return run_in_session(self, fetches, feed_dict, *args, **keywords)

    monkeypatch.setattr(Session, "run", watched)
    run = run_tiny(16)
    reader = tf.train.load_checkpoint(str(run.directory / run.result["checkpoint"]))

    def decode(hidden):
        for layer, activation in (("dense_4", elu), ("dense_5", elu), ("dense_6", sigmoid)):
            hidden = activation(hidden @ reader.get_tensor(f"{layer}/kernel") + reader.get_tensor(f"{layer}/bias"))
        return hidden

    generated, encoded, start = fed[:3]
    assert [len(codings) for codings in fed] == [60, 20, 6, 6, 6, 6]
    way = start[[1, 2, 3, 4, 5, 0]] - start
    interpolated = np.concatenate([decode(start + way * row / 3) for row in range(4)])
    outputs_val = [ax.images[0].get_array().ravel() for ax in drawn_figures["encoded_decoded"].axes[1::2]]
    np.testing.assert_allclose(outputs_val, decode(encoded)[:3], atol=1e-5)
    for name, expected in (("generated", decode(generated)), ("interpolated", interpolated)):
        images = [ax.images[0].get_array().ravel() for ax in drawn_figures[name].axes]
        np.testing.assert_allclose(images, expected, atol=1e-5)


@pytest.mark.parametrize("flags", [(), ("--fix-output",)])
def test_the_stack_of_6_is_made_of_both_autoencoders(flags, run_tiny, monkeypatch):
    """With parameters of our own in the place of trained ones, whose biases are too small to show."""
    rnd = np.random.RandomState(0)
    shapes = ((784, 300), (300,), (300, 784), (784,)), ((300, 150), (150,), (150, 300), (300,))
    first, second = ([(0.1 * rnd.normal(size=shape)).astype(np.float32) for shape in part] for part in shapes)
    trained = iter([(None, *first), (None, *second)])
    port = importlib.import_module(BY_NAME["autoencoder_6"].module)
    monkeypatch.setattr(port, "train_autoencoder", lambda *args, **keywords: next(trained))
    run = run_tiny(6, *flags)
    (W1, b1, W4, b4), (W2, b2, W3, b3) = first, second
    with np.load(run.directory / "figures.npz") as drawn:
        hidden3 = elu(elu(elu(drawn["X_test"] @ W1 + b1) @ W2 + b2) @ W3 + b3)
        np.testing.assert_allclose(drawn["outputs_val"], hidden3 @ W4 + b4, rtol=1e-4, atol=1e-4)


def test_an_epoch_of_1_is_an_iteration(run_tiny, monkeypatch):
    steps, run_in_session = [], Session.run

    def watched(self, fetches, feed_dict=None, *args, **keywords):
        if isinstance(fetches, tf.Operation) and feed_dict:
            steps.append(fetches.name)
        return run_in_session(self, fetches, feed_dict, *args, **keywords)

    monkeypatch.setattr(Session, "run", watched)
    run_tiny(1, "--epochs", "2")
    assert steps == ["Adam", "Adam"]


SIZES = {"n_hidden1": 12, "n_hidden2": 5, "learning_rate": 0.02, "l2_reg": 0.002}
GIVEN = {  # nothing at its default, be it a number, one per phase, a choice or a switch
    1: {"n_iterations": 3, "learning_rate": 0.02},
    3: SIZES | {"n_epochs": 1, "batch_size": 50},
    8: SIZES
    | {"n_epochs": [2, 1], "batch_sizes": [50, 30], "engine": "epoch-shuffle", "memmap": True}
    | {"recompute": False, "engine_form": "auto"},  # which --memmap excludes
}


@pytest.mark.parametrize("number", GIVEN)
def test_result_holds_what_the_run_was_given(number, tiny_data, tmp_path):
    flags = ["--data", str(tiny_data), "--out", str(tmp_path), "--seed", "7"]
    for name, value in GIVEN[number].items():
        values = [] if value is True else value if isinstance(value, list) else [value]
        flags += [f"--{name.replace('_', '-')}", *map(str, values)] if value is not False else []
    script = BY_NAME[f"autoencoder_{number}"]
    importlib.import_module(script.module).main(flags)
    result = json.loads((tmp_path / script.name / "result.json").read_text())
    assert (result["script"], result["seed"], result["hyper_parameters"]) == (script.name, 7, GIVEN[number])


@pytest.mark.parametrize(("n", "n_columns", "n_rows"), [(25, 10, 3), (10, 10, 1), (11, 10, 2), (3, 5, 1), (1, 1, 1)])
def test_a_sheet_has_a_row_for_what_is_left_over(n, n_columns, n_rows):
    images = np.random.RandomState(0).rand(n, 784)
    check_sheet(plot_images(images, n_columns, figsize=(5, 2)), images, (n_rows, n_columns))


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 2])
def test_a_new_graph_draws_as_one_seeded_directly(seed):
    def draw(graph):
        with graph.as_default(), tf.Session(graph=graph) as sess:
            return sess.run(tf.random_uniform([8]))

    def draw_directly(seed):
        with (graph := tf.Graph()).as_default():
            tf.set_random_seed(seed)
        return draw(graph)

    with new_graph(seed, seeds="tf2") as graph:
        drawn = draw(graph)
    np.testing.assert_array_equal(drawn, draw_directly(seed))
    assert np.all(drawn != draw_directly(42))


@pytest.mark.parametrize("session", [Session, tf.Session], ids=["ours", "TensorFlow"])
def test_what_is_fed_can_be_fetched(session):
    X_val = np.arange(6, dtype=np.float32).reshape(2, 3)
    with new_graph(seed=0) as graph:
        X = tf.placeholder(tf.float32, [None, 3])
    with session(graph=graph) as sess:
        for factor in (1, 2, 3):
            np.testing.assert_array_equal(sess.run(X, {X: factor * X_val}), factor * X_val)
