"""Each engine is what its name says: how often TensorFlow is called, what it is fed, what is compiled, what is kept."""

import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.autoencoder_08_frozen_cache import build
from ref.common.session import new_graph, open_session
from ref.engines import ENGINES, make_phase2
from ref.engines.cache import map_cache
from ref.pays import graph

N, BATCH, WIDTH = 50, 8, 12


@pytest.fixture
def images():
    return np.random.RandomState(0).uniform(size=(N, 784)).astype(np.float32)


@pytest.fixture
def watch(images, monkeypatch, tmp_path):
    """A function that trains an epoch by an engine, and returns the phase, its feeds and its session's variables."""

    def train(engine, cached=True, memmap=False):
        with new_graph(1):
            g = build(n_hidden1=WIDTH, n_hidden2=4)
            phase2 = make_phase2(engine, g, cached, memmap)
            with open_session("cpu") as sess:
                sess.run(g.init)
                phase2.load(sess, images, tmp_path)
                fed, run = [], sess.run

                def note(fetches, feed_dict=None, *rest):
                    fed.extend(feed_dict.values())
                    return run(fetches, feed_dict, *rest)

                monkeypatch.setattr(sess, "run", note)
                batches = phase2.draw(np.random.RandomState(2), BATCH)
                phase2.train(sess, batches if isinstance(batches, np.ndarray) else list(batches))
                local = {variable.op.name: run(variable) for variable in tf.local_variables()}
        return sess.graph, fed, local

    return train


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "recomputed"])
@pytest.mark.parametrize("engine", ENGINES)
def test_engine_is_what_it_says(engine, cached, watch, images):
    graph, fed, local = watch(engine, cached)
    n_batches, width = N // BATCH, WIDTH if cached else 784
    shapes = {"resident": [(BATCH,)] * n_batches, **{name: [(n_batches, BATCH)] for name in ("loop", "xla")}}
    assert [value.shape for value in fed] == shapes.get(engine, [(BATCH, width)] * n_batches)
    assert {value.dtype.kind for value in fed} == {"i" if engine in shapes else "f"}
    assert [rows.shape for rows in local.values()] == ([(N, width)] if engine in shapes else [])
    if not cached:
        assert all((rows == images).all() for rows in local.values())
    assert is_compiled(graph) == (engine == "xla")


def is_compiled(graph):
    """Return whether XLA has to compile anything of ``graph``."""
    definition = graph.as_graph_def()
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    with_attributes = [*nodes, *definition.library.function]
    return any("_XlaMustCompile" in one.attr and one.attr["_XlaMustCompile"].b for one in with_attributes)


def test_a_cache_lies_in_the_runs_directory(watch, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    watch("book", memmap=True)
    assert len(list(tmp_path.glob("hidden1_cache-*.npy"))) == 1
    assert os.listdir() == []


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("part", [0, 1], ids=["weights", "biases"])
def test_a_cache_is_of_every_frozen_layer(layer, part, images, tmp_path):
    with new_graph(1):
        g = graph.build(784, (WIDTH,) * 3, (4,))
        frozen = g.frozen
        change = frozen[layer][part].assign_add(tf.fill(tf.shape(frozen[layer][part]), 0.1))
        with open_session("cpu") as sess:
            sess.run(g.init)
            map_cache(sess, g, frozen, images, tmp_path)
            sess.run(change)
            cache = map_cache(sess, g, frozen, images, tmp_path)
            np.testing.assert_allclose(cache, sess.run(g.hidden1, {g.X: images}), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(N - 1, WIDTH), (N, WIDTH - 1), (N, WIDTH, 1)])
def test_a_cache_of_another_shape_is_not_taken(shape, images, tmp_path):
    with new_graph(1):
        g = build(n_hidden1=WIDTH, n_hidden2=4)
        with open_session("cpu") as sess:
            sess.run(g.init)
            path = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path).filename
            np.save(path, np.zeros(shape, np.float32))
            cache = map_cache(sess, g, [(g.weights1, g.biases1)], images, tmp_path)
            np.testing.assert_allclose(cache, sess.run(g.hidden1, {g.X: images}), rtol=1e-5, atol=1e-6)
