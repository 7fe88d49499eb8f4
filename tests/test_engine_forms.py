"""The forms of ``xla``: all take the same steps, the fastest is taken, and what was taken is kept and said."""

import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from numpy_reference.autoencoder_07 import TEXT, phase2_from
from numpy_reference.primitives import Adam, elu

from bench import bench_growth
from ref import engines
from ref.autoencoder_08_frozen_cache import build
from ref.common import machine
from ref.common.errors import BadInputError
from ref.common.session import new_graph, open_session
from ref.engines import forms, make_phase2
from ref.engines.draws import draw_per_epoch
from ref.engines.forms import FORMS
from ref.engines.phase2 import Phase2

TRAINED = ("weights2", "biases2", "weights3", "biases3")
measure_forms = forms.measure_forms  # before a test puts another in its place
TOLERANCE = 5e-5  # as of the engines, tests/test_engines.py


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The file that the fastest forms are kept in."""
    monkeypatch.setattr(forms, "KEPT", tmp_path / "data" / "engine_forms.json")
    return forms.KEPT


@pytest.fixture
def timed(monkeypatch):
    """A list of the cases that were measured; ``halves`` is always the fastest."""
    cases = []

    def measure(make, g, rows, batch_size, device):
        cases.append((batch_size, device, len(rows.layers)))
        return {name: 1.0 if name == "halves" else 2.0 for name in FORMS}

    monkeypatch.setattr(forms, "measure_forms", measure)
    return cases


# Odd batches, which have no two halves of one size; more, and fewer, than a turn of the loop or a block takes.
@pytest.mark.parametrize(("n", "batch"), [(90, 17), (1400, 107)])
@pytest.mark.parametrize(
    ("form", "cached"),
    [(name, cached) for name, form in FORMS.items() for cached in (True, False) if not (cached and form.rows_frozen)],
)
def test_every_form_takes_the_same_steps(form, cached, n, batch):
    images = np.random.RandomState(0).uniform(size=(n, 784)).astype(np.float32)
    batches = draw_per_epoch(np.random.RandomState(1), n, batch)
    with new_graph(42):
        g, frozen = bench_growth.build(width=8, n_frozen=2)
        phase2 = make_phase2("xla", g, cached, form=form, frozen=frozen)
        trained = {name: getattr(g, name) for name in TRAINED}
        with open_session("cpu") as sess:
            sess.run(g.init)
            layers, before = sess.run(frozen), sess.run(trained)
            phase2.load(sess, images)
            phase2.train(sess, batches)
            after = sess.run(trained)
    hidden1 = images.astype(np.float64)
    for weights, biases in layers:
        hidden1 = elu(hidden1 @ weights + biases)
    expected, adam = {name: value.astype(np.float64) for name, value in before.items()}, Adam(TEXT["learning_rate"])
    for indices in batches:
        adam.apply(expected, phase2_from(expected, hidden1[indices])[1])
    for name, value in after.items():
        np.testing.assert_allclose(value, expected[name], rtol=0, atol=TOLERANCE * np.abs(expected[name]).max())


def choose(batch_size=10, cached=True, device="cpu", **sizes):
    with new_graph(0):
        return make_phase2("xla", build(**sizes), cached, batch_size=batch_size, device=device).form


def test_the_fastest_is_measured_once_for_each_case_and_kept(kept, timed, capsys, monkeypatch):
    assert choose() == choose() == "halves"
    assert "xla: takes the form halves" in capsys.readouterr().err
    assert len(timed) == 1
    for other in ({"batch_size": 11}, {"cached": False}, {"n_hidden1": 20}, {"n_hidden2": 20}):
        choose(**other)
    assert timed == [(10, "cpu", 0), (11, "cpu", 0), (10, "cpu", 1), (10, "cpu", 0), (10, "cpu", 0)]
    for name, found in (("count_threads", 77), ("describe_cpu", "another"), ("describe_settings", "XLA_FLAGS=1")):
        monkeypatch.setattr(machine, name, lambda found=found: found)
        choose()
    monkeypatch.setattr(tf, "__version__", "3.0.0")
    choose()
    assert len(timed) == 9
    assert len(json.loads(kept.read_text())) == 9
    choose(device="auto")  # which is the CPU, too
    assert len(timed) == 9


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "\0"])
def test_a_broken_file_is_measured_anew(text, kept, timed):
    choose()
    kept.write_text(text)
    assert choose() == "halves"
    assert len(timed) == 2
    assert list(json.loads(kept.read_text()).values())[-1] == "halves"


def test_a_form_that_is_gone_is_measured_anew(kept, timed):
    choose()
    kept.write_text(kept.read_text().replace("halves", "thirds"))
    assert choose() == "halves"


@pytest.mark.parametrize("name", [1, None, ["halves"], {"halves": 1}])
def test_what_is_no_name_of_a_form_is_measured_anew(name, kept, timed):
    choose()
    kept.write_text(json.dumps(dict.fromkeys(json.loads(kept.read_text()), name)))
    assert choose() == "halves"
    assert len(timed) == 2


def test_what_cannot_be_kept_is_said_and_used(kept, timed, capsys):
    kept.parent.write_text("a file where the directory would be")
    assert choose() == "halves"
    assert "not kept" in capsys.readouterr().err


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "recomputed"])
def test_all_forms_that_differ_are_measured_on_the_real_shapes(cached, kept, monkeypatch):
    monkeypatch.setattr(forms, "MEASURED_S", 0.0)
    made, make = [], engines.xla.Xla

    def watch(g, rows, form):
        made.append((form, rows.tensor.shape.as_list(), [v.shape.as_list() for v in g.train_vars], len(rows.layers)))
        return make(g, rows, form)

    with new_graph(0) as graph:
        g = build(n_hidden1=20, n_hidden2=10)
        phase2 = make_phase2("resident", g, cached)
        n_ops = len(graph.get_operations())
        ms_per_step = measure_forms(watch, g, phase2._rows, 30, "cpu")
        assert len(graph.get_operations()) == n_ops
        assert tf.get_default_graph() is graph
    expected = [name for name, form in FORMS.items() if not (cached and form.rows_frozen)]
    width = 20 if cached else 784
    shapes = [[20, 10], [10], [10, 20], [20]]
    assert made == [(name, [None, width], shapes, not cached) for name in expected]
    assert list(ms_per_step) == expected
    assert all(ms > 0 for ms in ms_per_step.values())


def test_a_large_batch_is_measured_in_whole_turns_of_every_form(monkeypatch):
    monkeypatch.setattr(forms, "MEASURED_S", 0.0)
    monkeypatch.setattr(forms, "N_EXAMPLES", 60)
    n_steps = []

    class Watched(engines.loop.Loop):
        def train(self, sess, batches, progress=iter):
            n_steps.append(len(batches))
            return super().train(sess, batches, progress)

    with new_graph(0):
        g = build(n_hidden1=4, n_hidden2=2)
        rows = make_phase2("resident", g)._rows
        measure_forms(lambda g, rows, form: Watched(g, rows), g, rows, 40, "cpu")
    assert min(n_steps) >= max(form.steps for form in FORMS.values())


@pytest.mark.parametrize("flags", [["--engine", "xla", "--engine-form", "thirds"], ["--engine-form", "halves"]])
def test_an_unknown_form_is_refused(flags, run_tiny, kept):
    with pytest.raises(BadInputError, match=f"--engine-form.*{flags[-1]}.*(choose from .auto|expected auto)"):
        run_tiny(8, *flags)


def test_the_result_says_which_form_was_taken(run_tiny, kept, timed):
    assert run_tiny(8, "--engine", "xla", out="a").result["hyper_parameters"]["engine_form"] == "halves"
    pinned = run_tiny(8, "--engine", "xla", "--engine-form", "whole", out="b").result
    assert pinned["hyper_parameters"]["engine_form"] == "whole"
    assert len(timed) == 1


def test_an_engine_of_ones_own_is_one_class(monkeypatch):
    monkeypatch.setattr(Phase2, "kinds", dict(Phase2.kinds))

    class Mine(engines.fed.EpochShuffle, name="mine"):
        pass

    with new_graph(0):
        assert isinstance(make_phase2("mine", build()), Mine)
