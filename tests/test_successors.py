"""The originals, as they are, on TensorFlow 2's successors of what they import: each port prints the same digits.

tests/listings has 5, 15 and 16. With NOTES naming the notes' Markdown, all others are run, too: NOTES=FILE make test.
12 is left out: its dropout is TensorFlow 1.15.5's here, not the successors'.
"""

import importlib
import os
import sys
import types
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import tensorflow as tf2
import tf_slim

from ref.chapter import SCRIPTS
from ref.common.session import new_graph
from ref.data import data_sets, sources
from ref.fidelity.golden import observe, small_data
from scripts import prove_tf1, record_tf1
from scripts.tf1.run_listing import Printer, set_values

tf = tf2.compat.v1
SEED = 7
NOTES = os.environ.get("NOTES")
DRAWN = {1: ["codings_val"], 9: ["X_test", "outputs_val"], 10: ["features"]}
NUMBERS = [n for n in prove_tf1.NUMBERS if n != 12] if NOTES else [5, 15, 16]


def make_modules(data):
    """Return the modules that the originals import, by their names."""

    def read_data_sets(_):
        sets = data_sets.read_data_sets(sources.load(str(data)), SEED)
        for one in (sets.train, sets.validation, sets.test):
            one._rnd = np.random  # the originals' own generator, which they draw from, too
        np.random.seed(SEED)
        return sets

    def make(name, **members):
        module = types.ModuleType(name)
        module.__dict__.update(members)
        return module

    layers = make(
        "tensorflow.contrib.layers",
        fully_connected=tf_slim.layers.fully_connected,
        variance_scaling_initializer=tf_slim.variance_scaling_initializer,
        l2_regularizer=tf_slim.l2_regularizer,
    )
    framework = make("tensorflow.contrib.framework", arg_scope=tf_slim.arg_scope)
    contrib = make("tensorflow.contrib", layers=layers, framework=framework)
    tutorial = make("tensorflow.examples.tutorials.mnist", input_data=make("input_data", read_data_sets=read_data_sets))
    names = [name for name in dir(tf) if not name.startswith("__")]
    tensorflow = make("tensorflow", contrib=contrib, **{name: getattr(tf, name) for name in names})
    modules = [tensorflow, contrib, layers, framework, make("tensorflow.examples"), tutorial]
    return {module.__name__: module for module in [*modules, make("tensorflow.examples.tutorials")]}


def run_original(number, source, data, out, monkeypatch):
    """Return the original's names when it has ended, ``print`` among them; its checkpoints are in ``out``."""

    def place(path):
        name = os.path.basename(path)
        owner = next(script.name for script in SCRIPTS if script.checkpoint == name)
        (out / owner).mkdir(parents=True, exist_ok=True)
        return str(out / owner / name)

    save, restore = tf.train.Saver.save, tf.train.Saver.restore
    monkeypatch.setattr(tf.train.Saver, "save", lambda self, sess, path, *rest, **k: save(self, sess, place(path)))
    monkeypatch.setattr(tf.train.Saver, "restore", lambda self, sess, path: restore(self, sess, place(path)))
    for name, module in make_modules(data).items():
        monkeypatch.setitem(sys.modules, name, module)
    source = set_values(source, record_tf1.SETTINGS[number] + ([f"seed={SEED}"] if number == 6 else []))
    matplotlib.use("Agg")
    np.random.seed(SEED)
    names = {"__name__": "__main__", "print": Printer()}
    with new_graph(SEED):
        exec(compile(source, f"autoencoder_{number}.py", "exec"), names)
    return names


@pytest.mark.parametrize("number", NUMBERS)
def test_the_port_prints_what_its_original_prints(number, tmp_path, monkeypatch):
    texts = record_tf1.read_listings(Path(NOTES)) if NOTES else {}
    source = texts.get(number) or (record_tf1.LISTINGS / f"autoencoder_{number}.py").read_text(encoding="utf-8")
    data = small_data.write_small_data("digits", tmp_path / "data")
    script = SCRIPTS[number - 1]
    common = ["--data", str(data), "--seed", str(SEED), "--out", str(tmp_path / "port")]
    with observe.quiet(), observe.no_drawing():
        if script.needs:
            needed = SCRIPTS[script.needs - 1]
            importlib.import_module(needed.module).main([*common, *prove_tf1.NEEDED_FLAGS])
        run = importlib.import_module(script.module).main([*common, *prove_tf1.FLAGS[number]])
    out = tmp_path / ("port" if script.needs else "original")
    names = run_original(number, source, data, out, monkeypatch)
    assert [row["line"] for row in run.result["printed"]] == names["print"].text.splitlines()
    if number in DRAWN:  # these print nothing
        drawn = {**names, "features": names["weights1_val"].T[:5] if number == 10 else None}
        for name in DRAWN[number]:
            np.testing.assert_array_equal(run.drawn[name], drawn[name])
    else:
        assert run.result["printed"]
