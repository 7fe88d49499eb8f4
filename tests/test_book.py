"""The book's own digits: what is read of a notebook, how digits are counted, and that the record is whole."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from ref.common.errors import BadInputError
from scripts import record_book, render_book, run_book
from scripts.tf1 import ops_of_2017

CONTENT = json.loads(render_book.BOOK.read_text(encoding="utf-8"))
EACH_CELL = pytest.mark.parametrize("cell", CONTENT["cells"], ids=lambda cell: str(cell["script"]))
RUNS = (*record_book.TF1_RUNS, *record_book.OUR_RUNS)


def test_numbers_of_lines():
    lines = [
        "Training phase #1",
        "0 Train MSE: 0.5",
        "19% Train MSE: 2.5e-05",
        "2 Train accuracy: 1.0\tTest accuracy: 0.946",
        "INFO: restoring ./a.ckpt",
    ]
    assert record_book.read_numbers(lines) == [
        {"Train MSE": "0.5"},
        {"Train MSE": "2.5e-05"},
        {"Train accuracy": "1.0", "Test accuracy": "0.946"},
    ]


def test_a_notebook_is_read_cell_by_cell(tmp_path):
    outputs = [{"output_type": "stream", "text": ["\r0%\r0 Train MSE: 0.5\n", "Test MSE: 0.25\n"]}, {"data": {}}]
    cells = [{"cell_type": "markdown", "source": []}, *[{"cell_type": "code", "outputs": outputs}] * 12]
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    numbers = [{"Train MSE": "0.5"}, {"Test MSE": "0.25"}]
    assert record_book.read_notebook(path) == {0: [], **dict.fromkeys(range(1, 13), numbers)}
    path.write_text(json.dumps({"cells": cells[:-1]}))
    with pytest.raises(BadInputError, match="11 cells printed numbers, expected 12 that trained"):
        record_book.read_notebook(path)


@pytest.mark.parametrize("text", [None, "", "{}", "[]", '{"cells": [1]}', '{"cells": 1}'])
def test_what_is_no_notebook_is_refused(text, tmp_path):
    path = tmp_path / "book.ipynb"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInputError, match="cannot be read as a notebook"):
        record_book.read_notebook(path)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("0.0150667", "0.015066667", 6),
        ("0.0150667", "0.015066945", 5),
        ("0.94", "0.94", 6),
        ("0.94", "0.9400001", 6),
        ("0.94", "0.9403", 3),
        ("17792.6", "17792.705", 5),
        ("10926.0", "10926.164", 5),
        ("0.3", "0.4", 0),
        ("0.1", "0.01", 0),
        ("-0.5", "0.5", 0),
        ("1.0", "0.999999", 0),
    ],
)
def test_digits_that_agree(left, right, expected):
    assert render_book.count_digits(left, right) == render_book.count_digits(right, left) == expected


def test_another_reader_is_refused():
    cells = [{"state": {"position": 0}} for _ in run_book.CELLS]
    other = [*cells[:-1], {"state": {"position": 1}}]
    record_book.check_states({"tf1": {"cells": cells}, "ours": {"cells": cells}})
    with pytest.raises(BadInputError, match="autoencoder_16: ours began with another reader"):
        record_book.check_states({"tf1": {"cells": cells}, "ours": {"cells": other}})


@EACH_CELL
def test_each_number_printed_then_is_recorded_in_every_run(cell):
    for run in RUNS:
        assert [line.keys() for line in cell[run]] == [line.keys() for line in cell["then"]]
    assert all(cell["then"])
    assert cell["state"].keys() == {"images_sha256", "labels_sha256", "position", "generator_sha256"}


def test_each_script_that_the_notebook_trains_is_recorded():
    assert [cell["script"] for cell in CONTENT["cells"]] == [cell.script for cell in run_book.CELLS]
    assert CONTENT["provenance"]["runs"].keys() == set(RUNS)
    for readme in render_book.HEADERS:
        assert render_book.render_tables(readme)


def test_a_sum_in_fours():
    values = np.random.RandomState(7).rand(3, 37).astype(np.float32)
    lanes = np.zeros(4, np.float32)
    for index in range(0, 108, 4):
        lanes += values.ravel()[index : index + 4]
    expected = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
    for value in values.ravel()[108:]:
        expected += value
    assert ops_of_2017.sum_in_fours(values) == expected
    assert ops_of_2017.sum_in_fours(values[0, :3]) == np.float32(values[0, 0] + values[0, 1]) + values[0, 2]


def test_only_scalars_are_added_up_anew():
    import tensorflow.compat.v1 as tf

    class Session(tf.Session):
        pass

    ops_of_2017.sum_as_then(Session)
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    with tf.Graph().as_default():
        X = tf.placeholder(tf.float32, [None, 4])
        g = SimpleNamespace(mean=tf.reduce_mean(X), columns=tf.reduce_mean(X, axis=0), op=tf.no_op())
        g.total = g.mean + 0.5 * tf.reduce_sum(X)
        with Session() as sess:
            mean, total = sess.run([g.mean, g.total], {X: values})
            assert (mean, total) == (5.5, 38.5)
            assert sess.run(g.op) is None
            assert sess.run(g.columns, {X: values}).tolist() == [4, 5, 6, 7]
