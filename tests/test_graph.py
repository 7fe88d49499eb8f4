"""Pictures of the ports' graphs, held against steps that are run, TensorFlow's own tensors, and an XML parser."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from ref.chapter import BY_NAME, SCRIPTS
from ref.common.cli import import_port
from ref.common.errors import BadInputError
from ref.common.session import new_graph
from ref.graph import cli, words
from ref.graph.draw import USES, WIDEST, draw_graph, draw_port, read_port
from ref.graph.read import read_meta
from ref.graph.roles import find_training
from ref.graph.scene import Use, make_scene
from ref.graph.style import COLOURS, DARK, LIGHT

pytest.importorskip("pygraphviz", reason="pygraphviz is not installed: pip install -r requirements-pages.txt")
ROOT = Path(__file__).resolve().parents[1]
EACH_PORT = pytest.mark.parametrize("name", BY_NAME)
SVG = "{http://www.w3.org/2000/svg}"


@cache
def read(name):
    return tuple(read_port(BY_NAME[name]))


def draw(name, phase=None, language="en", prefix=""):
    graphs, use = read(name), USES.get(name, Use())
    return [
        draw_graph(graph, use, name, language, prefix, phase, number, len(graphs))
        for number, graph in enumerate(graphs, 1)
    ]


def make_port_scene(name, phase=None):
    return make_scene(read(name)[0], name, "en", phase, USES.get(name, Use()))


def find_box(scene, name):
    return next(box for box in scene.boxes if box.name == name or any(row.name == name for row in box.rows))


@pytest.mark.parametrize("name", [script.name for script in SCRIPTS if script.number not in (9, 10)])
def test_moved_are_the_variables_that_a_step_changes(name):
    training = find_training(read(name)[0])
    random = np.random.RandomState(0)
    with new_graph(seed=42) as graph:
        g = import_port(BY_NAME[name].module).build()
        feeds = {
            g.X: random.uniform(0.1, 0.9, (50, g.X.shape[1])),
            **({g.y: np.arange(50) % 10} if hasattr(g, "y") else {}),
        }
        with tf.Session(graph=graph) as sess:
            sess.run(g.init)
            for one in training:
                before = sess.run({v.op.name: v for v in tf.trainable_variables()})
                sess.run(graph.get_operation_by_name(one.op), feeds)
                after = sess.run({v.op.name: v for v in tf.trainable_variables()})
                assert {v for v in after if not np.array_equal(before[v], after[v])} == set(one.moved)
    assert len(training) == (2 if name in ("autoencoder_7", "autoencoder_8") else 1)


@EACH_PORT
def test_shapes_and_losses_are_tensorflows_own(name, monkeypatch):
    losses, expected = [], read(name)[0]
    compute = tf.train.Optimizer.compute_gradients
    monkeypatch.setattr(
        tf.train.Optimizer,
        "compute_gradients",
        lambda self, loss, *a, **k: losses.append(loss.op.name) or compute(self, loss, *a, **k),
    )
    with new_graph(seed=42) as graph:
        import_port(BY_NAME[name].module).build()
    ops = expected.ops
    assert list(ops) == [op.name for op in graph.get_operations()]
    for op in graph.get_operations():
        found = [None if tensor.shape.dims is None else tuple(tensor.shape.as_list()) for tensor in op.outputs]
        assert list(ops[op.name].shapes) == found
    assert [loss for one in find_training(expected) for loss in one.losses] == losses


@pytest.mark.parametrize("name", ["autoencoder_8", *(f"autoencoder_{n}" for n in (1, 3, 4, 5, 7, 11, 12, 13, 15))])
def test_what_is_fed_is_what_the_recorded_run_feeds(name):
    golden = json.loads((ROOT / f"tests/golden/autoencoder_{BY_NAME[name].number:02}.json").read_text(encoding="utf-8"))
    graph = read(name)[0]
    called = {key.partition(":")[0]: own for key, own in graph.names.items()}
    tensors = {
        op: {called[tensor] for feed in feeds for tensor in feed} for op, feeds in golden["digits"]["fed"].items()
    }
    placeholders = {
        called[op.name] for op in graph.ops.values() if op.type.startswith("Placeholder") and op.name in called
    }
    declared = {op: set(fed) for op, fed in USES.get(name, Use()).fed}
    assert {op: fed - placeholders for op, fed in tensors.items() if fed - placeholders} == declared


def test_what_is_restored_is_what_the_ports_restore():
    with new_graph(seed=42):
        pretrained = import_port(BY_NAME["autoencoder_5"].module).build().pretrained_vars
    assert {variable.op.name for variable in pretrained} == set(USES["autoencoder_5"].restored)
    for name in ("autoencoder_9", "autoencoder_10"):
        assert set(USES[name].restored) == read(name)[0].trainable


def test_tied_weights_are_one_variable_with_two_arrows():
    scene = make_port_scene("autoencoder_3")
    rows = [row.name for box in scene.boxes for row in box.rows]
    assert sorted(rows) == ["biases1", "biases2", "biases3", "biases4", "weights1", "weights2"]
    arrows = {
        (arrow.source, arrow.target, arrow.kind) for arrow in scene.arrows if arrow.kind in ("variable", "transposed")
    }
    for variable, layer, mirror in (("weights1", "hidden1", "outputs"), ("weights2", "hidden2", "hidden3")):
        source = find_box(scene, variable).id
        assert (source, find_box(scene, layer).id, "variable") in arrows
        assert (source, find_box(scene, mirror).id, "transposed") in arrows


@pytest.mark.parametrize("name", ["autoencoder_7", "autoencoder_8"])
def test_phase_2_freezes_hidden1_and_8_does_not_run_it(name):
    scene = make_port_scene(name, 2)
    marks = {row.name: row.mark for box in scene.boxes for row in box.rows}
    assert {variable for variable, mark in marks.items() if mark == "frozen"} == {"weights1", "biases1"}
    assert {variable for variable, mark in marks.items() if mark == "moved"} == {
        "weights2",
        "biases2",
        "weights3",
        "biases3",
    }
    (said,) = re.findall(r"Frozen[^.]*\.", draw(name, 2)[0].description)
    assert set(re.findall(r"(?:weights|biases)[1-4]", said)) == {"weights1", "biases1"}
    not_run = {box.name or box.rows[0].name for box in scene.boxes if not box.is_run}
    assert not_run == ({"weights1", "X"} if name == "autoencoder_8" else set())
    assert find_box(scene, "hidden1").kind == ("fed" if name == "autoencoder_8" else "layer")


@pytest.mark.parametrize(
    ("name", "box", "kind"),
    [
        ("autoencoder_11", "X_noisy", "noise"),
        ("autoencoder_12", "X_drop", "dropout"),
        ("autoencoder_13", "sparsity_loss", "loss"),
        ("autoencoder_15", "noise", "noise"),
        ("autoencoder_15", "latent_loss", "loss"),
        ("autoencoder_3", "reg_loss", "penalty"),
        ("autoencoder_4", "accuracy", "value"),
        ("autoencoder_12", "training", "input"),
    ],
)
def test_each_is_what_it_is(name, box, kind):
    assert find_box(make_port_scene(name), box).kind == kind


@pytest.mark.parametrize("language", ["en", "zh"])
@EACH_PORT
def test_svg_is_whole_no_wider_than_a_page_and_its_own(name, language):
    pictures = draw(name, language=language, prefix="a-") + draw(name, language=language, prefix="b-")
    ids = []
    for picture in pictures:
        root = ElementTree.fromstring(picture.svg)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert float(root.get("viewBox").split()[2]) <= WIDEST
        assert root.find(f"{SVG}title").text == picture.title
        assert root.find(f"{SVG}desc").text == picture.description
        ids += [one.get("id") for one in root.iter() if one.get("id")]
        assert set(root.get("aria-labelledby").split()) <= set(ids)
        style = root.find(f"{SVG}style").text
        rules = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{", "", style))
        selectors = [part for rule in rules for part in rule.split(",")]
        assert all(f'svg[id="{root.get("id")}"]' in selector for selector in selectors)
    assert len(ids) == len(set(ids))


def test_same_bytes_whatever_the_hash_seed():
    draw_8 = "draw_port('autoencoder_8', 2, 'zh', 'p')[0].svg"
    code = f"import sys; from ref.graph.draw import draw_port; sys.stdout.write({draw_8})"
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"}
    other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, check=True).stdout
    assert other.decode() == draw("autoencoder_8", 2, "zh", "p")[0].svg


def test_draw_port_leaves_the_process_as_it_was():
    graph, is_eager = tf.get_default_graph(), tf.executing_eagerly()
    (picture,) = draw_port("autoencoder_1")
    assert "reconstruction_loss" in picture.description
    assert tf.get_default_graph() is graph
    assert tf.executing_eagerly() == is_eager


def test_every_op_is_drawn_with_ops():
    graph = read("autoencoder_1")[0]
    root = ElementTree.fromstring(draw_graph(graph, Use(), "x", ops=True).svg)
    named = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "name"]
    assert len(graph.ops) <= len(named)
    assert "ApplyAdam" in {text.text for text in root.iter(f"{SVG}text")}


def test_meta_file_gives_the_same_graph(tmp_path):
    with new_graph(seed=42) as graph:
        import_port(BY_NAME["autoencoder_7"].module).build()
        tf.train.export_meta_graph(str(tmp_path / "m.meta"), graph=graph)
    found, expected = read_meta(tmp_path / "m.meta"), read("autoencoder_7")[0]
    assert found.ops == expected.ops
    assert found.trainable == expected.trainable
    cli.main([str(tmp_path / "m.meta"), "-o", str(tmp_path / "m.svg"), "--phase", "2"])
    assert "weights2" in (tmp_path / "m.svg").read_text(encoding="utf-8")


SCRIPT = """
import tensorflow as tf
import numpy as np
x = tf.placeholder(tf.float32, [None, 4])
W = tf.Variable(tf.ones([4, 2])); V = tf.Variable(tf.ones([2, 1]))
h = tf.nn.relu(tf.matmul(x, W))
cost = tf.reduce_mean(tf.matmul(h, V))
first = tf.train.AdamOptimizer(0.1).minimize(cost, var_list=[W])
second = tf.train.GradientDescentOptimizer(0.5).minimize(cost, var_list=[V])
with tf.Session() as s:
    s.run(tf.global_variables_initializer())
    for i in range(9):
        s.run(first, {x: np.zeros((2, 4))})
        s.run(second, {h: np.ones((2, 2))})
"""


def test_users_script_with_its_own_names(tmp_path):
    pytest.importorskip("tf_slim", reason="tf_slim is not installed: make original installs it")
    (tmp_path / "two.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "none.py").write_text("print(1)\n", encoding="utf-8")
    cli.main([str(tmp_path / "two.py"), "-o", str(tmp_path / "two.svg"), "--phase", "2"])
    root = ElementTree.parse(tmp_path / "two.svg").getroot()
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"h", "W", "V", "cost", "second"} <= set(texts)
    assert "Gradient Descent, learning rate 0.5" in texts
    assert "h is fed" in root.find(f"{SVG}desc").text
    with pytest.raises(BadInputError, match="builds no graph"):
        cli.main([str(tmp_path / "none.py"), "-o", str(tmp_path / "none.svg")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none.py", "two.py", "two.svg"]


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["autoencoder_99"], "no such script"),
        (["missing.meta"], "no such file"),
        (["missing.py"], "cannot be read"),
        (["text.meta"], "no MetaGraphDef"),
        (["cut.meta"], "not a whole one|no whole graph"),
        (["empty.meta"], "holds no op"),
        (["autoencoder_7", "--phase", "3"], "it has 2 training ops"),
        (["autoencoder_6", "-o", "-"], "has 2 graphs"),
        (["autoencoder_6", "--graph", "3"], "has 2 graphs"),
        (["autoencoder_1", "-o", "nowhere/a.svg"], "no directory nowhere"),
        (["autoencoder_1", "-o", "a.png"], "no .svg file"),
        (["autoencoder_1", "--set", "a=1"], "of a script of yours"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(flags, line, tmp_path, monkeypatch):
    with new_graph(seed=42) as graph:
        tf.Variable(tf.zeros([3]))
        whole = tf.train.export_meta_graph(graph=graph).SerializeToString()
    (tmp_path / "text.meta").write_text("hello there", encoding="utf-8")
    (tmp_path / "cut.meta").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.meta").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInputError, match=line) as error:
        cli.main(flags)
    assert "\n" not in str(error.value)
    assert sorted(tmp_path.iterdir()) == before


def get_luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_contrast(palette):
    boxes = ("paper", "input", "fed", "variable", "layer", "noise", "penalty", "loss")
    pairs = [("ink", box) for box in (*boxes, "moved_fill", "frozen_fill")]
    pairs += [("soft", "paper"), ("on_training", "training"), ("moved", "moved_fill"), ("frozen", "frozen_fill")]
    pairs += [("restored", fill) for fill in ("variable", "moved_fill", "frozen_fill")]
    for text, fill in pairs:
        low, high = sorted(get_luminance(palette[one]) for one in (text, fill))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text, fill)
    assert set(re.findall(r"\{(\w+)\}", COLOURS)) - {"id"} == set(palette)


def test_words_are_pairs_of_the_same_values():
    for key, pair in words.WORDS.items():
        assert len(pair) == 2
        assert len({tuple(sorted(re.findall(r"\{(\w+)\}", text))) for text in pair}) == 1, key


@pytest.mark.parametrize(("phase", "stays"), [(1, {"weights2", "biases3"}), (2, {"weights1", "weights4"})])
def test_a_phase_that_leaves_variables_alone_is_not_said_to_move_all(phase, stays):
    (note,) = (one for one in make_port_scene("autoencoder_7", phase).notes if "moves" in one)
    assert "all variables" not in note
    assert not any(name in note for name in stays)


def test_what_is_not_trainable_is_not_called_frozen(tmp_path):
    with new_graph(seed=42) as graph:
        x = tf.placeholder(tf.float32, [None, 3])
        moved, frozen = tf.get_variable("moved", [3, 2]), tf.get_variable("frozen", [2, 2])
        scale = tf.get_variable("scale", [2], trainable=False)
        loss = tf.reduce_mean(tf.square(tf.matmul(tf.matmul(x, moved), frozen) * scale))
        tf.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[moved])
        tf.train.export_meta_graph(str(tmp_path / "some.meta"), graph=graph)
    scene = make_scene(read_meta(tmp_path / "some.meta"), "some", "en")
    marks = {row.name: row.mark for box in scene.boxes for row in box.rows}
    assert marks == {"moved": "moved", "frozen": "frozen", "scale": "kept"}


def test_loops_and_resource_variables_without_a_training_op(tmp_path):
    with new_graph(seed=42) as graph:
        x = tf.placeholder(tf.float32)
        w = tf.get_variable("w", [3, 3], use_resource=True)
        _, total = tf.while_loop(lambda i, _: i < 5, lambda i, y: (i + 1, tf.matmul(y, w)), (0, tf.reshape(x, [-1, 3])))
        tf.reduce_sum(total, name="total")
        tf.train.export_meta_graph(str(tmp_path / "loop.meta"), graph=graph)
    scene = make_scene(read_meta(tmp_path / "loop.meta"), "loop", "en")
    (variables,) = (box for box in scene.boxes if box.kind == "variable")
    assert [(row.name, row.shape, row.mark) for row in variables.rows] == [("w", "(3, 3)", "kept")]
    assert "No training op." in scene.notes
    cli.main([str(tmp_path / "loop.meta"), "-o", str(tmp_path / "loop.svg")])
    ElementTree.parse(tmp_path / "loop.svg")
