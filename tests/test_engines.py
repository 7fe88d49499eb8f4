"""The engines of phase 2: the same batches lead to the same weights, the saver finds them, and no cache is stale."""

import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from conftest import make_tiny_arrays
from numpy_reference.autoencoder_07 import TEXT, phase2_from
from numpy_reference.primitives import Adam, elu

from ref import autoencoder_08_frozen_cache
from ref.autoencoder_08_frozen_cache import build
from ref.common import machine
from ref.common.errors import BadInputError
from ref.common.session import new_graph, open_session
from ref.engines import ENGINES, make_phase2
from ref.engines.cache import map_cache
from ref.engines.draws import draw_per_batch, draw_per_epoch
from ref.engines.xla import elu as xla_elu
from ref.pays import graph

SIZES = {"n_hidden1": 40, "n_hidden2": 20}
OTHER = {"learning_rate": 0.02, "l2_reg": 0.005}  # than the listing's
TRAINED = ("weights2", "biases2", "weights3", "biases3")
N, BATCH = 90, 17  # odd, as is the number of batches: neither has two halves of one size
# Of each array, to its largest value, after 10 steps: float32 beside float64, and Adam divides by small roots.
TOLERANCE = 5e-5


@pytest.fixture(scope="module")
def images():
    return np.random.RandomState(0).uniform(size=(N, 784)).astype(np.float32)


def train(engine, cached, images, directory, memmap=False, n_epochs=2):
    """Return every variable by name before and after phase 2, and the frozen layer's outputs."""
    with new_graph(42):
        g = build(**SIZES, **OTHER)
        phase2 = make_phase2(engine, g, cached, memmap)
        with open_session("cpu") as sess:
            g.init.run()
            for _ in range(3):
                sess.run(g.phase1_training_op, {g.X: images[:BATCH]})
            before = sess.run({v.op.name: v for v in tf.global_variables()})
            cache = g.hidden1.eval({g.X: images})
            phase2.load(sess, images, directory)
            rnd = np.random.RandomState(1)
            for _ in range(n_epochs):
                batches = phase2.draw(rnd, BATCH)
                batches = batches if isinstance(batches, np.ndarray) else list(batches)
                np.testing.assert_array_equal(phase2.train(sess, batches), batches[-1])
            g.saver.save(sess, str(directory / "model.ckpt"))
            reader = tf.train.load_checkpoint(str(directory / "model.ckpt"))
            return before, {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}, cache


def train_in_numpy(before, cache, engine, n_epochs=2):
    """Return the trained variables and Adam's slots as float64 NumPy makes them; three steps of Adam went before."""
    variables = {name: before[name].astype(np.float64) for name in TRAINED}
    adam, rnd = Adam(OTHER["learning_rate"]), np.random.RandomState(1)
    adam.step = 3
    for _ in range(n_epochs):
        permutation = None if engine == "book" else rnd.permutation(N)
        for i in range(N // BATCH):
            indices = rnd.permutation(N)[:BATCH] if engine == "book" else permutation[i * BATCH : (i + 1) * BATCH]
            adam.apply(variables, phase2_from(variables, cache[indices].astype(np.float64), OTHER)[1])
    slots = {f"{name}/Adam": value for name, value in adam.m.items()}
    return variables | slots | {f"{name}/Adam_1": value for name, value in adam.v.items()}


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "recomputed"])
@pytest.mark.parametrize("engine", ENGINES)
def test_engine_takes_the_listings_steps(engine, cached, images, tmp_path):
    before, after, cache = train(engine, cached, images, tmp_path)
    expected = train_in_numpy(before, cache, engine)
    assert after.keys() == before.keys()
    powers = {name: value for name, value in before.items() if "_power" in name}
    n_steps = 2 * (N // BATCH)
    for name, value in after.items():
        if name in expected:
            scale = np.abs(expected[name]).max()
            np.testing.assert_allclose(value, expected[name], rtol=0, atol=TOLERANCE * scale, err_msg=name)
        elif name in powers:
            beta = 0.9 if "beta1" in name else 0.999
            np.testing.assert_allclose(value, beta ** (1 + 3 + n_steps), rtol=1e-4)
        else:
            np.testing.assert_array_equal(value, before[name], err_msg=name)


@pytest.mark.parametrize("engine", ["resident", "loop", "xla"])
def test_engine_recomputes_every_frozen_layer(engine, images):
    with new_graph(42):
        g = graph.build(784, (8, 8, 8), (4,))
        phase2 = make_phase2(engine, g, cached=False, frozen=g.frozen)
        trained = dict(zip(TRAINED, g.train_vars, strict=True))
        with open_session("cpu") as sess:
            sess.run(g.init)
            layers, before = sess.run(g.frozen), sess.run(trained)
            phase2.load(sess, images)
            phase2.train(sess, draw_per_epoch(np.random.RandomState(1), N, BATCH))
            after = sess.run(trained)
    hidden1 = images.astype(np.float64)
    for weights, biases in layers:
        hidden1 = elu(hidden1 @ weights + biases)
    expected, adam = {name: value.astype(np.float64) for name, value in before.items()}, Adam(TEXT["learning_rate"])
    for indices in draw_per_epoch(np.random.RandomState(1), N, BATCH):
        adam.apply(expected, phase2_from(expected, hidden1[indices])[1])
    for name, value in after.items():
        np.testing.assert_allclose(value, expected[name], rtol=0, atol=TOLERANCE * np.abs(expected[name]).max())


def test_a_checkpoint_of_one_engine_goes_on_in_another(images, tmp_path):
    train("xla", True, images, tmp_path)
    with new_graph(0):
        g = build(**SIZES)
        phase2 = make_phase2("resident", g)
        with open_session("cpu") as sess:
            g.saver.restore(sess, str(tmp_path / "model.ckpt"))
            phase2.load(sess, images)
            phase2.train(sess, phase2.draw(np.random.RandomState(0), BATCH))
            assert np.isfinite(g.phase2_loss.eval({g.X: images}))


def test_samplers_draw_as_the_book_and_once_an_epoch():
    rnd = np.random.RandomState(3)
    expected = [rnd.permutation(10)[:4] for _ in range(2)]
    np.testing.assert_array_equal(list(draw_per_batch(np.random.RandomState(3), 10, 4)), expected)
    expected = np.random.RandomState(3).permutation(10)[:8].reshape(2, 4)
    drawn = draw_per_epoch(np.random.RandomState(3), 10, 4)
    np.testing.assert_array_equal(drawn, expected)
    assert drawn.dtype == np.int32


def test_elu_is_elu():
    z = np.array([-20.0, -1.0, -1e-3, 0.0, 1e-3, 3.0], np.float32)
    with new_graph(0):
        X = tf.placeholder(tf.float32, [None])
        value = xla_elu(X)
        slope = tf.gradients(value, X)[0]
        with open_session("cpu") as sess:
            found, found_slope = sess.run([value, slope], {X: z})
    np.testing.assert_allclose(found, elu(z.astype(np.float64)), atol=1e-7)
    np.testing.assert_allclose(found_slope, np.exp(np.minimum(z, 0.0)), atol=1e-7)


class TestCacheInAFile:
    @pytest.fixture
    def session_and_graph(self):
        with new_graph(42):
            g = build(**SIZES)
            assign = {name: getattr(g, name).assign(tf.ones_like(getattr(g, name))) for name in ("weights1", "biases1")}
            with open_session("cpu") as sess:
                g.init.run()
                yield sess, g, assign

    def test_it_holds_the_frozen_layers_outputs(self, session_and_graph, images, tmp_path):
        sess, g, _ = session_and_graph
        cache = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path, block=7)
        assert isinstance(cache, np.memmap)
        np.testing.assert_allclose(cache, g.hidden1.eval({g.X: images}), rtol=1e-5, atol=1e-6)

    def test_it_is_filled_once(self, session_and_graph, images, tmp_path):
        sess, g, _ = session_and_graph
        path = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path).filename
        with open(path, "r+b") as file:  # a mark that a second filling would remove
            file.seek(-4, 2)
            file.write(np.float32(123.0).tobytes())
        assert map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path)[-1, -1] == 123.0

    @pytest.mark.parametrize("what", ["weights1", "biases1", "images", "last image", "order"])
    def test_it_is_never_stale(self, what, session_and_graph, images, tmp_path):
        sess, g, assign = session_and_graph
        images = np.resize(images, (1201, 784))
        map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path)
        if what in assign:
            sess.run(assign[what])
        halved = images.copy()
        halved[-1 if what == "last image" else 0 :] *= 0.5
        other = {"images": halved, "last image": halved, "order": images[::-1]}.get(what, images)
        cache = map_cache(sess, g, [(g.weights1, g.biases1)], other, tmp_path)
        np.testing.assert_allclose(cache, g.hidden1.eval({g.X: other}), rtol=1e-5, atol=1e-6)
        assert len(list(tmp_path.iterdir())) == 1

    def test_a_file_cut_short_is_filled_again(self, session_and_graph, images, tmp_path):
        sess, g, _ = session_and_graph
        path = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path).filename
        with open(path, "r+b") as file:
            file.truncate(1000)
        cache = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path)
        np.testing.assert_allclose(cache, g.hidden1.eval({g.X: images}), rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("kind", ["empty", "archive", "float64"])
    def test_another_file_of_its_name_is_not_taken(self, kind, session_and_graph, images, tmp_path):
        sess, g, _ = session_and_graph
        path = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path).filename
        with open(path, "wb") as file:
            if kind == "archive":
                np.savez(file, a=np.zeros(3))
            elif kind == "float64":
                np.save(file, np.zeros((N, SIZES["n_hidden1"])))
        cache = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path)
        np.testing.assert_allclose(cache, g.hidden1.eval({g.X: images}), rtol=1e-5, atol=1e-6)

    def test_training_from_it_is_training_from_memory(self, images, tmp_path):
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        _, from_file, _ = train("epoch-shuffle", True, images, tmp_path / "a", memmap=True)
        _, from_memory, _ = train("epoch-shuffle", True, images, tmp_path / "b")
        for name in TRAINED:
            np.testing.assert_allclose(from_file[name], from_memory[name], rtol=1e-5, atol=1e-6)


def test_a_file_read_in_blocks_trains_as_memory_does(tmp_path):
    """Of several blocks, the last of them short, in the order drawn: to the bit."""
    images = np.random.RandomState(0).uniform(size=(1100, 784)).astype(np.float32)
    trained = []
    for memmap in (False, True):
        directory = tmp_path / str(memmap)
        directory.mkdir()
        trained.append(train("block-shuffle", True, images, directory, memmap)[1])
    for name, value in trained[0].items():
        np.testing.assert_array_equal(trained[1][name], value, err_msg=name)


def test_a_file_larger_than_memory_says_which_engine_reads_it(images, tmp_path, monkeypatch, capsys):
    train("epoch-shuffle", True, images, tmp_path, memmap=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(machine, "count_available_memory", lambda: 1000)
    train("epoch-shuffle", True, images, tmp_path, memmap=True)
    said = capsys.readouterr().err
    assert "--engine block-shuffle reads it in blocks" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("flags", [["--memmap", "--engine", "xla"], ["--memmap", "--recompute"]])
def test_nothing_to_map_is_refused(flags, run_tiny, tmp_path):
    with pytest.raises(BadInputError, match="--memmap with"):
        run_tiny(8, *flags)
    assert not list((tmp_path / "runs" / "autoencoder_8").iterdir())


@pytest.mark.parametrize("flags", [["--engine", e] for e in ENGINES] + [["--recompute"], ["--memmap"]], ids="".join)
def test_port_runs_each_engine(flags, tiny_data, tmp_path, capsys, monkeypatch):
    made, loops, make = [], [], autoencoder_08_frozen_cache.make_phase2

    def make_watched(engine, g, cached, memmap, *rest):
        made.append((engine, cached, memmap, *rest))
        phase2 = make(engine, g, cached, memmap, *rest)
        run_phase2 = phase2.run

        def note(run, sess, mnist, *loop):
            loops.append(loop)
            run_phase2(run, sess, mnist, *loop)

        phase2.run = note
        return phase2

    monkeypatch.setattr(autoencoder_08_frozen_cache, "make_phase2", make_watched)
    phases = ["--n-epochs", "1", "2", "--batch-sizes", "20", "30"]
    run = autoencoder_08_frozen_cache.main(["--data", str(tiny_data), "--out", str(tmp_path / "runs"), *phases, *flags])
    engine = flags[1] if flags[0] == "--engine" else "book"
    is_listing = flags == ["--engine", "book"]
    expected = (engine, flags != ["--recompute"], flags == ["--memmap"], "auto", 30, "auto")
    assert made == ([] if is_listing else [expected])
    assert loops == ([] if is_listing else [(2, 30)])

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        *("Training phase #1", "0 Train MSE"),
        *("Training phase #2", "0 Train MSE", "1 Train MSE", "Test MSE"),
    ]
    result = json.loads((run.directory / "result.json").read_text())
    assert result["hyper_parameters"]["engine"] == engine
    assert result["checkpoint"] == "my_model_cache_frozen.ckpt"

    saved = tf.train.load_checkpoint(str(run.directory / result["checkpoint"]))
    images = outputs = make_tiny_arrays()["t10k-images-idx3-ubyte"].reshape(-1, 784) / 255
    for i in range(1, 5):
        z = outputs @ saved.get_tensor(f"weights{i}") + saved.get_tensor(f"biases{i}")
        outputs = z if i == 4 else elu(z)
    assert result["printed"][-1]["Test MSE"] == pytest.approx(np.mean((outputs - images) ** 2), rel=1e-4)


def test_the_books_engine_is_the_listing(run_tiny):
    """Phase 2 by the engine that draws as the listing gives the digits of the listing's own loop."""
    by_listing = run_tiny(8, out="a").result["printed"]
    by_engine = run_tiny(8, "--memmap", out="b").result["printed"]
    for a, b in zip(by_listing, by_engine):
        assert [value for key, value in b.items() if key != "line"] == pytest.approx(
            [value for key, value in a.items() if key != "line"], rel=1e-4
        )
