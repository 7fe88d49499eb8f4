"""Leg 2: every port against its model in float64 NumPy (tests/numpy_reference), gradients by hand.

Weights, batches and noise are injected, so no random generator is trusted. The tolerances are those of float32 sums,
and are measured against each array's largest element: RTOL_STEP within one step, RTOL_20 after 20 steps on their own.

Each port is built twice: with the original text's hyper-parameters, by default, and with another value of every one.
Its single steps are held at two edges, too: where a hyper-parameter that may be 0 is, and where all are large, so that
gradients are, on layers that are as wide as what goes into them.
"""

import importlib
import inspect
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.chapter import SCRIPTS
from ref.common.session import new_graph, open_session

RTOL_STEP = 2e-5
RTOL_20 = 2e-3
RTOL_ADAM = 1e-4  # of a move: Adam's powers are float32, and 1 - 0.999 ** step loses five digits of them at step 1
N_STEPS, N_STEPS_OTHER, N_STEPS_EDGE = 20, 4, 2
BETA1, BETA2 = 0.9, 0.999
ZERO = {"learning_rate": 0.0, "l2_reg": 0.0, "noise_level": 0.0, "sparsity_weight": 0.0}
LARGE = {"learning_rate": 0.5, "l2_reg": 30.0, "noise_level": 20.0, "dropout_rate": 0.9, "sparsity_weight": 50.0}
WIDTH = 6


def load_reference(number):
    return importlib.import_module(f"numpy_reference.autoencoder_{number:02d}")


class Setting(NamedTuple):
    """What the port's ``build`` is called with, and every hyper-parameter as the reference is to take it."""

    name: str
    keywords: dict
    hyper_parameters: dict
    n_steps: int


def list_settings(number):
    reference = load_reference(number)
    text = Setting("text", reference.SIZES, reference.SIZES | reference.TEXT, N_STEPS)
    return text, Setting("other", reference.OTHER, reference.OTHER, N_STEPS_OTHER)


def list_edges(number):
    other = load_reference(number).OTHER
    zero = {name: ZERO.get(name, value) for name, value in other.items()}
    if number in (3, 4, 5, 7, 8):  # which, at 0, end with an error under contrib, too
        zero["l2_reg"] = 1e-30
    large = {name: WIDTH if name.startswith("n_") else LARGE.get(name, value) for name, value in other.items()}
    return [Setting(name, values, values, N_STEPS_EDGE) for name, values in (("zero", zero), ("large", large))]


TRAINING = [script for script in SCRIPTS if hasattr(load_reference(script.number), "OPS")]
BUILDS = [(script, setting) for script in TRAINING for setting in list_settings(script.number)]
OPS = [(script, op, setting) for script, setting in BUILDS for op in load_reference(script.number).OPS]
EACH_TRAINING = pytest.mark.parametrize("script", TRAINING, ids=lambda script: str(script.number))
EACH_BUILD = pytest.mark.parametrize(("script", "setting"), BUILDS, ids=[f"{s.number}-{p.name}" for s, p in BUILDS])
EDGES = [
    (script, op, edge)
    for script in TRAINING
    for edge in list_edges(script.number)
    for op in load_reference(script.number).OPS
]


def parametrize(ops):
    ids = [f"{script.number}-{op}-{setting.name}" for script, op, setting in ops]
    return pytest.mark.parametrize(("script", "op", "setting"), ops, ids=ids)


EACH_OP = parametrize(OPS)


def is_close(found, expected, rtol):
    """Is every element within ``rtol`` of the array's largest? Elements are sums, and cancel."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    assert found.shape == expected.shape
    scale = np.max(np.abs(expected), initial=1e-3)
    return np.max(np.abs(found - expected), initial=0.0) <= rtol * scale


class Port:
    """A port's graph under a setting, at the reference's small sizes, with weights and biases drawn by NumPy."""

    def __init__(self, script, reference, rnd, keywords=None):
        build = importlib.import_module(script.module).build
        keywords = dict(reference.SIZES if keywords is None else keywords)
        if "output_activation" in keywords:
            keywords["output_activation"] = getattr(tf.nn, keywords["output_activation"])
        with new_graph(seed=0) as self.graph:
            self.g = build(**keywords)
            self.variables = tf.trainable_variables()
            init = tf.global_variables_initializer()
            values = {v.op.name: rnd.normal(size=v.shape.as_list(), scale=0.4) for v in self.variables}
            for name, value in getattr(reference, "START", {}).items():
                values[name] += value
            load = [tf.assign(v, values[v.op.name].astype(np.float32)) for v in self.variables]
            self.sess = open_session()
        self.tensors = reference.TENSORS
        self.sess.run(init)
        self.sess.run(load)

    def feed(self, feeds, names=None):
        """Return the feed_dict, in float32, for ``feeds`` by the book's names."""
        return {
            self.graph.get_tensor_by_name(self.tensors[name]) if name in self.tensors else getattr(self.g, name): value
            for name, value in feeds.items()
            if names is None or name in names
        }

    def read(self):
        """Return all global variables by name, float64."""
        with self.graph.as_default():
            variables = tf.global_variables()
        return {v.op.name: value.astype(np.float64) for v, value in zip(variables, self.sess.run(variables))}


def feeds_of(reference, op, rnd, hyper_parameters):
    """Return the feeds of one step, rounded to float32 as the graph sees them; phase 2 of 8 is fed the cache alone."""
    feeds = reference.make_feeds(rnd, hyper_parameters)
    if "hidden1" in feeds:
        feeds = {"hidden1": feeds["hidden1"]} if op == "phase2_training_op" else {"X": feeds["X"]}
    return {
        name: value.astype(np.float32).astype(np.float64) if getattr(value, "dtype", None) == np.float64 else value
        for name, value in feeds.items()
    }


def slots_of(script, variables, name):
    return variables.get(f"{name}/Adam"), variables.get(f"{name}/Adam_1")


@EACH_TRAINING
def test_the_other_setting_differs_in_every_hyper_parameter(script):
    """No hyper-parameter can be a constant in the port unseen, and no layer's size be taken for another's."""
    parameters = dict(inspect.signature(importlib.import_module(script.module).build).parameters)
    for switch in ("safe_kl", "safe_latent"):  # of forms that are no listing's
        parameters.pop(switch, None)
    text, other = (setting.hyper_parameters for setting in list_settings(script.number))
    assert other.keys() == text.keys() == parameters.keys()
    assert not {name for name, value in other.items() if value in (text[name], parameters[name].default)}
    for setting in (text, other):
        sizes = [value for name, value in setting.items() if name.startswith("n_")]
        assert len(set(sizes)) == len(sizes)


@EACH_BUILD
def test_variables_have_the_references_shapes(script, setting):
    reference = load_reference(script.number)
    port = Port(script, reference, np.random.RandomState(0), setting.keywords)
    found = {v.op.name: tuple(v.shape.as_list()) for v in port.variables}
    assert found == reference.make_shapes(setting.hyper_parameters)


@parametrize(OPS + EDGES)
def test_each_step_is_the_references(script, op, setting):
    """Some steps, the reference set to the port's variables before each: losses, gradients, Adam's state, variables."""
    reference = load_reference(script.number)
    rnd = np.random.RandomState(1)
    port = Port(script, reference, rnd, setting.keywords)
    learning_rate = setting.hyper_parameters["learning_rate"]
    for step in range(1, setting.n_steps + 1):
        feeds = feeds_of(reference, op, rnd, setting.hyper_parameters)
        before = port.read()
        losses, gradients = reference.OPS[op](before, feeds, setting.hyper_parameters)
        fetched = port.sess.run({name: getattr(port.g, name) for name in losses}, port.feed(feeds))
        for name, expected in losses.items():
            found = fetched[name]
            pairs = zip(found, expected) if isinstance(expected, list) else [(found, expected)]
            for a, b in pairs:
                assert is_close(a, b, RTOL_STEP), f"step {step}: {name} is {a}, expected {b}"
        port.sess.run(getattr(port.g, op), port.feed(feeds))
        after = port.read()
        correction = np.sqrt(1 - BETA2**step) / (1 - BETA1**step)
        for name, gradient in gradients.items():
            (m, v), (new_m, new_v) = slots_of(script, before, name), slots_of(script, after, name)
            applied = (new_m - BETA1 * m) / (1 - BETA1)
            scale = max(np.abs(gradient).max(), np.abs(m).max())
            assert np.abs(applied - gradient).max() <= RTOL_STEP * scale, f"step {step}: gradient of {name}"
            assert is_close(new_v, BETA2 * v + (1 - BETA2) * gradient**2, 10 * RTOL_STEP), f"step {step}: v of {name}"
            moved = learning_rate * correction * new_m / (np.sqrt(new_v) + 1e-8)
            missed = np.abs(before[name] - moved - after[name]).max()
            rounding = 2e-7 * np.abs(after[name]).max()
            assert missed <= RTOL_ADAM * learning_rate + rounding, f"step {step}: {name}"
        for name in before:
            if name.split("/Adam")[0] not in gradients and not name.endswith("_power"):
                np.testing.assert_array_equal(after[name], before[name], err_msg=f"step {step}: {op} moved {name}")


@EACH_OP
def test_the_last_step_ends_where_the_references_does(script, op, setting):
    """The reference on its own: every variable after the first step and the last, the 20th."""
    from numpy_reference.primitives import Adam

    reference = load_reference(script.number)
    rnd = np.random.RandomState(2)
    port = Port(script, reference, rnd, setting.keywords)
    expected = {v.op.name: port.read()[v.op.name] for v in port.variables}
    adam = Adam(setting.hyper_parameters["learning_rate"])
    for step in range(1, setting.n_steps + 1):
        feeds = feeds_of(reference, op, rnd, setting.hyper_parameters)
        _, gradients = reference.OPS[op](expected, feeds, setting.hyper_parameters)
        adam.apply(expected, gradients)
        port.sess.run(getattr(port.g, op), port.feed(feeds))
        if step in (1, setting.n_steps):
            found = port.read()
            for name, value in expected.items():
                rtol = RTOL_STEP if step == 1 else RTOL_20
                assert is_close(found[name], value, rtol), f"after step {step}: {name}"


@EACH_OP
def test_the_references_gradients_are_central_differences(script, op, setting):
    reference = load_reference(script.number)
    rnd = np.random.RandomState(3)
    values = Port(script, reference, rnd, setting.keywords).read()
    variables = {name: values[name] for name in reference.make_shapes(setting.hyper_parameters)}
    feeds = feeds_of(reference, op, rnd, setting.hyper_parameters)
    loss_name = {"training_op": "loss"}.get(op, op.replace("training_op", "loss"))
    losses, gradients = reference.OPS[op](variables, feeds, setting.hyper_parameters)
    loss_name = loss_name if loss_name in losses else "reconstruction_loss"
    for name, gradient in gradients.items():
        for _ in range(10):
            index = tuple(rnd.randint(size) for size in gradient.shape)
            totals = []
            for delta in (1e-5, -1e-5):
                moved = {key: value.copy() for key, value in variables.items()}
                moved[name][index] += delta
                if op == "phase2_training_op" and script.number == 7:  # its target, hidden1, is a constant
                    assert name in ("weights2", "weights3", "biases2", "biases3")
                losses, _ = reference.OPS[op](moved, feeds, setting.hyper_parameters)
                totals.append(np.sum(losses[loss_name]))
            assert (totals[0] - totals[1]) / 2e-5 == pytest.approx(gradient[index], rel=1e-6, abs=1e-8), name


def test_adam_shares_its_step_count_between_phases():
    """Phase 1 for 3 steps, then phase 2 for 3: the second starts at step 4 of the one Adam, with slots of its own."""
    from numpy_reference.primitives import Adam

    reference = load_reference(7)
    rnd = np.random.RandomState(4)
    port = Port(SCRIPTS[6], reference, rnd)
    expected = {v.op.name: port.read()[v.op.name] for v in port.variables}
    adam, hyper_parameters = Adam(reference.TEXT["learning_rate"]), reference.SIZES | reference.TEXT
    for op in ["phase1_training_op"] * 3 + ["phase2_training_op"] * 3:
        feeds = feeds_of(reference, op, rnd, hyper_parameters)
        adam.apply(expected, reference.OPS[op](expected, feeds, hyper_parameters)[1])
        port.sess.run(getattr(port.g, op), port.feed(feeds))
    found = port.read()
    for name, value in expected.items():
        assert is_close(found[name], value, RTOL_20), name
    assert found["phase1/beta1_power"] == pytest.approx(BETA1**7, rel=1e-6)


def test_the_cached_step_is_the_uncached_one():
    """8's phase 2 on a batch of hidden1's own outputs moves every variable as phase 2 on the batch of X does.

    Not to the bit: a compiler like XLA may fuse hidden1 with what follows, and sums then round otherwise.
    """
    reference = load_reference(8)
    ends = []
    for is_cached in (False, True):
        rnd = np.random.RandomState(5)
        port = Port(SCRIPTS[7], reference, rnd)
        for _ in range(3):
            X = rnd.uniform(size=(6, 12)).astype(np.float32)
            hidden1 = port.sess.run(port.g.hidden1, {port.g.X: X})
            port.sess.run(port.g.phase2_training_op, {port.g.hidden1: hidden1} if is_cached else {port.g.X: X})
        ends.append(port.read())
    for name, value in ends[0].items():
        assert is_close(ends[1][name], value, RTOL_STEP), name
