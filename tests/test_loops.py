"""Every session loop for more than one epoch, with no hyper-parameter and no seed at its default.

A port runs once, watched; each test holds a part of what was seen against what the listing and NumPy's generator say:
in what order the loop reads, initializes, restores, steps, evaluates and saves; what each of these is fed; with which
hyper-parameters the graph is built; from which initial values it starts.
"""

import importlib
import inspect
import itertools
import re
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from conftest import make_tiny_arrays
from scipy.special import expit, rel_entr

from ref.chapter import BY_NAME, SCRIPTS
from ref.common import session
from ref.common.runs import Run
from ref.common.session import new_graph
from ref.data.idx import FILES, write_gzipped

SEED = 7
N_VALIDATION = 20
SIZES = {"n_hidden1": 12, "n_hidden2": 5}
BATCHES = {"n_epochs": 2, "batch_size": 50}  # 50 does not divide 220: a batch crosses the end of the reader's epoch
PHASES = {"n_epochs": (3, 2), "batch_sizes": (50, 30)}
L2 = {"learning_rate": 0.02, "l2_reg": 0.002}
SPARSE = {"n_hidden1": 12, "learning_rate": 0.02, "sparsity_target": 0.2, "sparsity_weight": 0.1}
LABELED = {"n_epochs": 2, "batch_size": 40, "n_labeled_instances": 90}
HYPER_PARAMETERS = {
    1: {"n_iterations": 3, "learning_rate": 0.02},
    2: SIZES | BATCHES | {"learning_rate": 0.002, "l2_reg": 0.002},
    3: SIZES | BATCHES | L2,
    4: SIZES | LABELED | L2,
    5: SIZES | LABELED | L2,
    6: BATCHES | L2 | {"n_epochs": (3, 2), "n_neurons": (12, 5)},
    7: SIZES | PHASES | L2,
    8: SIZES | PHASES | L2,
    9: SIZES | {"n_test_digits": 12},
    10: SIZES,
    11: SIZES | BATCHES | {"learning_rate": 0.02, "noise_level": 0.5},
    12: SIZES | BATCHES | {"learning_rate": 0.02, "dropout_rate": 0.4},
    13: BATCHES | SPARSE,
    14: BATCHES | SPARSE,
    15: SIZES | BATCHES | {"n_hidden3": 4, "learning_rate": 0.002},
    16: SIZES | BATCHES | {"n_hidden3": 4, "learning_rate": 0.002, "batch_size": 30, "n_digits": 61},
}
STACKED = [(784, 12), (12, 5), (5, 12), (12, 784)]
VARIATIONAL = [(784, 12), (12, 5), (5, 4), (5, 4), (4, 5), (5, 12), (12, 784)]
WEIGHT_SHAPES = {  # of each graph, in the order in which they are made
    1: [[(3, 2), (2, 3)]],
    3: [STACKED[:2]],
    **{n: [[(784, 12), (12, 5), (5, 10)]] for n in (4, 5)},
    6: [[(784, 12), (12, 784)], [(12, 5), (5, 12)]],
    **{n: [STACKED] for n in (2, 7, 8, 11, 12)},
    **{n: [[(784, 12), (12, 784)]] for n in (13, 14)},
    **{n: [VARIATIONAL] for n in (15, 16)},
}
SWITCHES = {5: {"freeze"}, 6: {"fix_output"}, 8: {"engine", "engine_form", "recompute", "memmap"}}
SWITCHES |= {**{n: {"safe_kl"} for n in (13, 14)}, **{n: {"safe_latent"} for n in (15, 16)}}
DATA_FORM = {"n_inputs", "n_outputs"}
ATOL_FED = {6: 1e-4, 8: 1e-4}  # where what is fed was computed by the graph, in float32; a pixel's step is 4e-3

EACH = pytest.mark.parametrize("number", range(1, 17))
EACH_TRAINING = pytest.mark.parametrize("number", [n for n in range(1, 17) if n not in (9, 10)])
EACH_SAVING = pytest.mark.parametrize("number", [script.number for script in SCRIPTS if script.checkpoint])


def get_parameters(number):
    return SimpleNamespace(**HYPER_PARAMETERS[number])


def make_flags(number):
    return [
        text
        for name, value in HYPER_PARAMETERS[number].items()
        for text in (f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, tuple) else (value,)))
    ]


def watch(port, argv):
    """Run the port and return its Run, the calls of ``build`` and what they gave, and all events in their order.

    An event has a kind: read, init, restore, save, evaluate, or the book's name of a training op; what was ``fed``, by
    the book's names; and the global variables' ``values`` just after it.
    """
    seen = SimpleNamespace(events=[], calls=[], graphs=[])
    build, run_save, run_restore, run_read = port.build, Run.save, Run.restore, Run.read_data_sets

    def watched_build(*args, **keywords):
        seen.calls.append(inspect.signature(build).bind(*args, **keywords).arguments)
        seen.graphs.append(build(*args, **keywords))
        return seen.graphs[-1]

    watched_build.__signature__ = inspect.signature(build)  # where the command line finds the flags

    def get_name(sess, thing):
        books = [vars(g).items() for g in seen.graphs if g.X.graph is sess.graph]
        return next((name for items in books for name, value in items if value is thing), None) or thing.op.name

    def get_values(sess):
        with sess.graph.as_default():
            return tf.Session.run(sess, {variable.op.name: variable for variable in tf.global_variables()})

    def add(kind, **what):
        seen.events.append(SimpleNamespace(kind=kind, **{"fed": {}, **what}))

    class WatchedSession(session.Session):
        def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
            result = super().run(fetches, feed_dict, options, run_metadata)
            fed = feed_dict or {}
            if not all(isinstance(tensor, tf.Tensor) for tensor in fed):  # a saver feeds by name
                return result
            fed = {get_name(self, tensor): np.array(value) for tensor, value in fed.items()}
            if isinstance(fetches, tf.Operation):
                add(get_name(self, fetches), fed=fed, values=get_values(self))
            elif fed:
                add("evaluate", fed=fed, result=result)
            return result

    def watched_save(self, saver, sess, name):
        run_save(self, saver, sess, name)
        reader = tf.train.load_checkpoint(str(self.directory / name))
        on_disk = {key: reader.get_tensor(key) for key in reader.get_variable_to_shape_map()}
        add("save", values=get_values(sess), on_disk=on_disk)

    def watched_restore(self, saver, sess, *args, **keywords):
        run_restore(self, saver, sess, *args, **keywords)
        add("restore", values=get_values(sess))

    def watched_read(self):
        add("read")
        return run_read(self)

    with (
        mock.patch.object(port, "build", watched_build),
        mock.patch.object(session, "Session", WatchedSession),
        mock.patch.object(Run, "save", watched_save),
        mock.patch.object(Run, "restore", watched_restore),
        mock.patch.object(Run, "read_data_sets", watched_read),
    ):
        seen.run = port.main(argv)
    return seen


@pytest.fixture(scope="module")
def watch_port(tmp_path_factory):
    """A function that runs port ``number``, once with the same flags, and returns what ``watch`` saw of it."""
    data = tmp_path_factory.mktemp("tiny")
    write_gzipped(data, make_tiny_arrays().values())
    out, watched = tmp_path_factory.mktemp("runs"), {}

    def run(number, *flags):
        script = BY_NAME[f"autoencoder_{number}"]
        if script.needs:
            run(script.needs)
        if (number, flags) not in watched:
            argv = ["--data", str(data), "--out", str(out), "--seed", str(SEED), *make_flags(number), *flags]
            watched[number, flags] = watch(importlib.import_module(script.module), argv)
        return watched[number, flags]

    return run


class Reader:
    """The tutorial reader written down once more, image by image: which indices does each batch take?"""

    def __init__(self, rnd, n):
        self.rnd, self.order, self.n_left = rnd, np.arange(n), 0

    def next_batch(self, batch_size):
        return np.array([self.next_index() for _ in range(batch_size)])

    def next_index(self):
        if not self.n_left:
            shuffled = np.arange(len(self.order))
            self.rnd.shuffle(shuffled)
            self.order, self.n_left = self.order[shuffled], len(self.order)
        self.n_left -= 1
        return self.order[len(self.order) - 1 - self.n_left]


def make_examples():
    """Return the images, float32 in [0, 1], and labels for training, then those for the test."""
    arrays = make_tiny_arrays()
    images, labels, test_images, test_labels = (arrays[file] for file in FILES)
    images, test_images = (a.reshape(len(a), 784) * np.float32(1 / 255) for a in (images, test_images))
    return images[N_VALIDATION:], labels[N_VALIDATION:], test_images, test_labels


def make_points():
    """Return autoencoder_1's points of training, drawn and standardized by NumPy."""
    rnd = np.random.RandomState(4)
    angles = rnd.rand(200) * 3 * np.pi / 2 - 0.5
    x = np.cos(angles) + np.sin(angles) / 2 + 0.1 * rnd.randn(200) / 2
    y = np.sin(angles) * 0.7 + 0.1 * rnd.randn(200) / 2
    points = np.stack([x, y, 0.1 * x + 0.3 * y + 0.1 * rnd.randn(200)], axis=1)
    train = points[:100]
    return [(part - train.mean(axis=0)) / train.std(axis=0) for part in (train, points[100:])]


def elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def compute_hidden(images, values, weights, biases):
    return elu(images.astype(np.float64) @ values[weights] + values[biases])


def expect_points(p, seen):
    points, test_points = make_points()
    yield "init", {}
    for _ in range(p.n_iterations):
        yield "training_op", {"X": points}
    yield "evaluate", {"X": test_points}


def expect_epochs(p, rnd, **fed_too):
    """The epochs of 2, 3 and 11 to 16: batches of the tutorial reader, then the last batch's losses, then a save."""
    images = make_examples()[0]
    reader = Reader(rnd, len(images))
    yield "read", {}
    yield "init", {}
    for _ in range(p.n_epochs):
        for _ in range(len(images) // p.batch_size):
            batch = {"X": images[reader.next_batch(p.batch_size)]}
            yield "training_op", batch | fed_too
        yield "evaluate", batch
        yield "save", {}


def expect_reconstructions(p, seen, **fed_too):
    yield from expect_epochs(p, np.random.RandomState(SEED), **fed_too)
    yield "restore", {}
    yield "evaluate", {"X": make_examples()[2][:2]}


def expect_denoising(p, seen):
    yield from expect_epochs(p, np.random.RandomState(SEED))


def expect_dropout(p, seen):
    yield from expect_reconstructions(p, seen, training=np.array(True))


def expect_digits(p, seen):
    rnd = np.random.RandomState(SEED)
    test_images = make_examples()[2]
    yield from expect_epochs(p, rnd)
    yield "evaluate", {"hidden3": rnd.normal(size=(p.n_digits, p.n_hidden3))}
    yield "restore", {}
    yield "evaluate", {"X": test_images[Reader(rnd, len(test_images)).next_batch(p.batch_size)]}
    yield "restore", {}
    encoded = [event.result for event in seen.events if event.kind == "evaluate" and "X" in event.fed][-1]
    yield "evaluate", {"hidden3": encoded}
    yield "restore", {}
    codings = rnd.normal(size=(6, p.n_hidden3))
    for share in (0, 1, 2, 3):
        yield "evaluate", {"hidden3": codings + (np.roll(codings, -1, axis=0) - codings) * share / 3}


def expect_classifier(p, seen, is_pretrained=False):
    rnd = np.random.RandomState(SEED)
    images, labels, test_images, test_labels = make_examples()
    yield "read", {}
    yield "init", {}
    if is_pretrained:
        yield "restore", {}
    for _ in range(p.n_epochs):
        for _ in range(p.n_labeled_instances // p.batch_size):
            indices = rnd.permutation(p.n_labeled_instances)[: p.batch_size]
            batch = {"X": images[indices], "y": labels[indices]}
            yield "training_op", batch
        yield "evaluate", batch
        yield "save", {}
        yield "evaluate", {"X": test_images, "y": test_labels}


def expect_pretrained_classifier(p, seen):
    yield from expect_classifier(p, seen, is_pretrained=True)


def expect_two_graphs(p, seen):
    rnd = np.random.RandomState(SEED)
    images, _, test_images, _ = make_examples()
    n_batches = len(images) // p.batch_size
    steps = [event for event in seen.events if event.kind == "training_op"]
    hidden = compute_hidden(images, steps[p.n_epochs[0] * n_batches - 1].values, "hidden/kernel", "hidden/bias")
    yield "read", {}
    for n_epochs, X_train in zip(p.n_epochs, (images, hidden)):
        yield "init", {}
        for _ in range(n_epochs):
            for _ in range(n_batches):
                batch = {"X": X_train[rnd.permutation(len(X_train))[: p.batch_size]]}
                yield "training_op", batch
            yield "evaluate", batch
        yield "evaluate", {"X": X_train}
    yield "evaluate", {"Placeholder": test_images[:2]}


def expect_two_phases(p, seen, is_cached=False):
    rnd = np.random.RandomState(SEED)
    images, _, test_images, _ = make_examples()
    reader = Reader(rnd, len(images))
    yield "read", {}
    yield "init", {}
    for phase in (0, 1):
        if phase == 1 and is_cached:
            images = images[reader.order]
            yield "evaluate", {"X": images}
            values = [event.values for event in seen.events if event.kind == "phase1_training_op"][-1]
            cache = compute_hidden(images, values, "weights1", "biases1")
        batch_size = p.batch_sizes[phase]
        for _ in range(p.n_epochs[phase]):
            for _ in range(len(images) // batch_size):
                if phase == 1 and is_cached:
                    batch = {"hidden1": cache[rnd.permutation(len(images))[:batch_size]]}
                else:
                    batch = {"X": images[reader.next_batch(batch_size)]}
                yield f"phase{phase + 1}_training_op", batch
            yield "evaluate", batch
            yield "save", {}
    yield "evaluate", {"X": test_images}


def expect_cached_phase(p, seen):
    yield from expect_two_phases(p, seen, is_cached=True)


def expect_reconstruction_of_seven(p, seen):
    yield "read", {}
    yield "restore", {}
    yield "evaluate", {"X": make_examples()[2][: p.n_test_digits]}


def expect_features_of_seven(p, seen):
    yield "restore", {}


EXPECTED = {
    1: expect_points,
    4: expect_classifier,
    5: expect_pretrained_classifier,
    6: expect_two_graphs,
    7: expect_two_phases,
    8: expect_cached_phase,
    9: expect_reconstruction_of_seven,
    10: expect_features_of_seven,
    11: expect_denoising,
    12: expect_dropout,
    16: expect_digits,
    **{n: expect_reconstructions for n in (2, 3, 13, 14, 15)},
}


def list_expected(number, seen):
    return list(EXPECTED[number](get_parameters(number), seen))


@EACH
def test_loop_goes_as_the_listing_does(number, watch_port):
    """It reads once and initializes each graph once; each epoch has its steps and, at its end, its checkpoint."""
    seen = watch_port(number)
    assert [event.kind for event in seen.events] == [kind for kind, _ in list_expected(number, seen)]


@EACH
def test_each_step_and_each_evaluation_is_fed_what_the_seed_draws(number, watch_port):
    seen = watch_port(number)
    for event, (_, expected) in zip(seen.events, list_expected(number, seen)):
        assert event.fed.keys() == expected.keys()
        for name, array in expected.items():
            atol = 1e-12 if number == 1 else ATOL_FED.get(number, 0)
            np.testing.assert_allclose(event.fed[name], array, rtol=atol, atol=atol)


@EACH_SAVING
def test_checkpoint_of_each_epoch_holds_every_variable_as_it_is_then(number, watch_port):
    seen = watch_port(number)
    saves = [event for event in seen.events if event.kind == "save"]
    assert len(saves) == np.sum(get_parameters(number).n_epochs)
    for event in saves:
        assert event.on_disk.keys() == event.values.keys()
        for name, value in event.values.items():
            np.testing.assert_array_equal(event.on_disk[name], value)
    first, last = saves[0].values, saves[-1].values
    assert all(np.any(first[name] != last[name]) for name in first if re.search("(weights|kernel)[0-9]?$", name))


def expect_calls(number):
    p = HYPER_PARAMETERS[number]
    if number == 6:
        shared = {key: p[key] for key in ("learning_rate", "l2_reg")}
        sizes = [(784, p["n_neurons"][0]), (p["n_neurons"][0], p["n_neurons"][1])]
        return [{"n_inputs": n_inputs, "n_neurons": n, **shared} for n_inputs, n in sizes]
    port = importlib.import_module(BY_NAME[f"autoencoder_{number}"].module)
    of_build = SIZES if number in (9, 10) else inspect.signature(port.build).parameters.keys()
    return [{key: p[key] for key in of_build if key in p}]


@EACH
def test_every_flag_reaches_build(number, watch_port):
    calls = [
        {
            key: value
            for key, value in call.items()
            if key not in ("freeze", "output_activation", "safe_kl", "safe_latent")
        }
        for call in watch_port(number).calls
    ]
    assert calls == expect_calls(number)


@EACH
def test_no_flag_is_left_at_its_default(number):
    port = importlib.import_module(BY_NAME[f"autoencoder_{number}"].module)
    functions = [port.show] if number in (9, 10) else [port.train] if number == 6 else [port.train, port.build]
    defaults = {
        name: parameter.default
        for function in functions
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty and name not in DATA_FORM | SWITCHES.get(number, set())
    }
    given = HYPER_PARAMETERS[number]
    assert given.keys() == defaults.keys()
    assert all(np.all(np.not_equal(given[name], default)) for name, default in defaults.items())


@EACH_TRAINING
def test_first_step_moves_by_the_learning_rate(number, watch_port):
    """Adam's first step moves each weight by the learning rate, where its gradient is well above epsilon."""
    seen = watch_port(number)
    rate = HYPER_PARAMETERS[number]["learning_rate"]
    kinds = [event.kind for event in seen.events]
    steps = [kinds.index("phase1_training_op" if number in (7, 8) else "training_op")]
    if number == 6:
        second_init = kinds.index("init", kinds.index("init") + 1)
        steps.append(kinds.index("training_op", second_init))
    for step in steps:
        before, after = seen.events[step - 1].values, seen.events[step].values
        moved = max(np.max(np.abs(after[name] - before[name])) for name in before if not re.search("Adam|power", name))
        assert moved == pytest.approx(rate, rel=1e-2)


@EACH_TRAINING
def test_initial_values_are_drawn_with_the_seed(number, watch_port):
    """They are those of a new graph of that seed, and 42 draws others, for each variable that is drawn."""
    seen = watch_port(number)
    inits = [event for event in seen.events if event.kind == "init"]
    build = importlib.import_module(BY_NAME[f"autoencoder_{number}"].module).build
    assert len(inits) == len(seen.calls)
    for event, call in zip(inits, seen.calls):
        expected, others = (draw_initial_values(build, call, seed) for seed in (SEED, 42))
        drawn = [name for name in expected if np.any(expected[name]) and not name.endswith("_power")]
        assert len(drawn) >= 2
        assert event.values.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_array_equal(event.values[name], value)
        assert all(np.any(event.values[name] != others[name]) for name in drawn)


@EACH_TRAINING
def test_layers_have_the_sizes_that_were_asked_for(number, watch_port):
    found = [
        [value.shape for name, value in event.values.items() if value.ndim == 2 and "Adam" not in name]
        for event in watch_port(number).events
        if event.kind == "init"
    ]
    assert found == WEIGHT_SHAPES[number]


def draw_initial_values(build, call, seed):
    with new_graph(seed) as graph:
        build(**call)
        variables = {variable.op.name: variable for variable in tf.global_variables()}
        with tf.Session(graph=graph) as sess:
            sess.run(tf.global_variables_initializer())
            return sess.run(variables)


def test_pretrained_layers_are_those_of_eight(watch_port):
    pretrained = [event for event in watch_port(8).events if event.kind == "save"][-1].on_disk
    init, restore = (event for event in watch_port(5).events if event.kind in ("init", "restore"))
    for name, value in restore.values.items():
        is_pretrained = name in ("weights1", "weights2", "biases1", "biases2")
        np.testing.assert_array_equal(value, (pretrained if is_pretrained else init.values)[name])


@pytest.mark.parametrize("flags", [(), ("--freeze",)])
def test_freeze_moves_the_whole_top_layer_and_nothing_else(flags, watch_port):
    events = [event for event in watch_port(5, *flags).events if event.kind in ("restore", "training_op")]
    names = [f"{kind}{i}" for kind in ("weights", "biases") for i in (1, 2, 3)]
    for before, after in itertools.pairwise(events):
        moved = {name for name in names if np.any(before.values[name] != after.values[name])}
        assert moved == ({"weights3", "biases3"} if flags else set(names))


@pytest.mark.parametrize("flags", [(), ("--fix-output",)])
def test_output_of_the_second_autoencoder_is_under_elu_only_with_fix_output(flags, watch_port):
    """The MSE that is printed at the end of each epoch is that of the last batch under these activations."""
    seen = watch_port(6, *flags)
    p = get_parameters(6)
    printed = [row["Train MSE"] for row in seen.run.result["printed"]]
    n_batches = len(make_examples()[0]) // p.batch_size
    last_steps = [event for event in seen.events if event.kind == "training_op"][n_batches - 1 :: n_batches]
    assert len(printed) == len(last_steps) == sum(p.n_epochs)
    for i, (event, mse) in enumerate(zip(last_steps, printed)):
        X, v = event.fed["X"], event.values
        outputs = compute_hidden(X, v, "hidden/kernel", "hidden/bias") @ v["outputs/kernel"] + v["outputs/bias"]
        if flags and i >= p.n_epochs[0]:
            outputs = elu(outputs)
        assert mse == pytest.approx(np.mean((outputs - X) ** 2), rel=1e-4)


@pytest.mark.parametrize("number", [7, 8])
def test_each_phase_prints_its_own_mse(number, watch_port):
    """Phase 1's is of the outputs past hidden2 and hidden3, phase 2's of hidden3 to hidden1, the last of the stack."""
    seen, p = watch_port(number), get_parameters(number)
    saves = [event for event in seen.events if event.kind == "save"]
    last_steps = [seen.events[i - 2] for i, event in enumerate(seen.events) if event.kind == "save"]
    printed = [row for row in seen.run.result["printed"] if len(row) > 1]

    def compute_outputs(inputs, values, *layers):
        for i in layers:
            z = inputs @ values[f"weights{i}"] + values[f"biases{i}"]
            inputs = z if i == 4 else elu(z)
        return inputs

    assert len(printed) == sum(p.n_epochs) + 1 == len(saves) + 1
    for i, (save, step, row) in enumerate(zip(saves, last_steps, printed)):
        is_first = i < p.n_epochs[0]
        fed = step.fed["hidden1" if number == 8 and not is_first else "X"].astype(np.float64)
        hidden1 = fed if "hidden1" in step.fed else compute_outputs(fed, save.values, 1)
        outputs = compute_outputs(hidden1, save.values, *((4,) if is_first else (2, 3)))
        assert row["Train MSE"] == pytest.approx(np.mean((outputs - (fed if is_first else hidden1)) ** 2), rel=1e-4)
    test_images = make_examples()[2].astype(np.float64)
    outputs = compute_outputs(test_images, saves[-1].values, 1, 2, 3, 4)
    assert printed[-1]["Test MSE"] == pytest.approx(np.mean((outputs - test_images) ** 2), rel=1e-4)


@pytest.mark.parametrize("number", [13, 14])
def test_sparsity_loss_is_printed_for_the_target_and_the_weight_that_are_given(number, watch_port):
    seen, p = watch_port(number), get_parameters(number)
    saves = [event for event in seen.events if event.kind == "save"]
    batches = [event.fed["X"] for event in seen.events if event.kind == "evaluate"]
    printed = seen.run.result["printed"]
    assert len(printed) == p.n_epochs
    for save, X, row in zip(saves, batches, printed):
        q = expit(X.astype(np.float64) @ save.values["dense/kernel"] + save.values["dense/bias"]).mean(axis=0)
        sparsity_loss = np.sum(rel_entr(p.sparsity_target, q) + rel_entr(1 - p.sparsity_target, 1 - q))
        assert row["Sparsity loss"] == pytest.approx(sparsity_loss, rel=1e-4)
        total_loss = row["Train MSE"] + p.sparsity_weight * sparsity_loss
        assert row["Total loss"] == pytest.approx(total_loss, rel=1e-4)


def test_sparsity_loss_is_drawn_for_the_target_that_is_given(watch_port):
    drawn = watch_port(13).run.drawn
    q, target = np.linspace(0.001, 0.999, 500), HYPER_PARAMETERS[13]["sparsity_target"]
    np.testing.assert_allclose(drawn["kl_div"], rel_entr(target, q) + rel_entr(1 - target, 1 - q), atol=1e-12)
    np.testing.assert_allclose(drawn["mse"], (target - q) ** 2, atol=1e-12)


def test_as_many_digits_are_drawn_as_were_asked_for(watch_port):
    reconstructed, generated = watch_port(9).run.drawn, watch_port(16).run.drawn["generated"]
    np.testing.assert_array_equal(reconstructed["X_test"], make_examples()[2][:12])
    assert reconstructed["outputs_val"].shape == (12, 784)
    assert generated.shape == (61, 784)
