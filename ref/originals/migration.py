"""What replaces what of TensorFlow 1, to the digit: the one table that MIGRATION.md and its tests are made from.

Its other half, and what an expression may name: migration_layers.py. Python 3.7.
"""

from ref.originals.migration_layers import DRAW, INITIALIZERS, LAYERS, REGULARIZERS, Near, Row

__all__ = ["DRAW", "GROUPS", "ROWS", "Near", "Row"]

LOSSES = (
    Row(
        "tf.contrib.losses.softmax_cross_entropy(logits, onehot)",
        ("slim.losses.softmax_cross_entropy(logits, onehot)", "tf.losses.softmax_cross_entropy(onehot, logits)"),
        (Near("tf.losses.softmax_cross_entropy(logits, onehot)", "differs", 1.0, "labels come first in core"),),
    ),
    Row(
        "tf.contrib.losses.mean_squared_error(logits, onehot)",
        (
            "slim.losses.mean_squared_error(logits, onehot)",
            "tf.losses.mean_squared_error(onehot, logits)",
            "tf.reduce_mean(tf.square(logits - onehot))",
        ),
        (Near("tf.nn.l2_loss(logits - onehot)", "ratio", 10.0, "a sum over 20 numbers, halved, for their mean"),),
    ),
    Row(
        "tf.contrib.losses.sigmoid_cross_entropy(logits, onehot)",
        ("slim.losses.sigmoid_cross_entropy(logits, onehot)", "tf.losses.sigmoid_cross_entropy(onehot, logits)"),
    ),
    Row(
        "tf.gradients(tf.nn.softmax_cross_entropy_with_logits(labels=tf.nn.softmax(w), logits=w), w)[0]",
        (
            "tf.gradients(tf.nn.softmax_cross_entropy_with_logits(labels=tf.nn.softmax(w), logits=w), w)[0]",
            "tf.gradients(tf.nn.softmax_cross_entropy_with_logits_v2("
            "labels=tf.stop_gradient(tf.nn.softmax(w)), logits=w), w)[0]",
        ),
        (
            Near(
                "tf.gradients(tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.nn.softmax(w), logits=w), w)[0]",
                "differs",
                1.0,
                "v2's gradient flows into the labels, too; the value is the same",
            ),
        ),
    ),
    Row(
        "tf.contrib.legacy_seq2seq.sequence_loss_by_example([logits], [ids], [tf.ones([4])])",
        ("tf.nn.sparse_softmax_cross_entropy_with_logits(labels=ids, logits=logits)",),
        (Near("tf.losses.sparse_softmax_cross_entropy(ids, logits)", "differs", 1.0, "one number, their mean"),),
    ),
    Row("tf.contrib.metrics.accuracy(ids, ids)", ("tf.reduce_mean(tf.cast(tf.equal(ids, ids), tf.float32))",)),
)
CELLS = (
    Row(
        "tf.nn.dynamic_rnn(tf.contrib.rnn.BasicLSTMCell(4), series, dtype=tf.float32)[0]",
        ("tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(4), series, dtype=tf.float32)[0]",),
        (
            Near(
                "tf.keras.layers.LSTM(4, return_sequences=True)(series)",
                "differs",
                1.0,
                "gates in another order, two kernels, an orthogonal one; the forget bias is a variable",
            ),
        ),
    ),
    Row(
        "tf.nn.dynamic_rnn(tf.contrib.rnn.GRUCell(4), series, dtype=tf.float32)[0]",
        ("tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(4), series, dtype=tf.float32)[0]",),
        (
            Near(
                "tf.keras.layers.GRU(4, return_sequences=True)(series)",
                "differs",
                1.0,
                "biases of 0, not 1, and the hard sigmoid",
            ),
        ),
    ),
    Row(
        "tf.contrib.rnn.static_rnn(tf.contrib.rnn.BasicRNNCell(4), tf.unstack(series, 5, 1), dtype=tf.float32)[0][-1]",
        ("tf.nn.static_rnn(tf.nn.rnn_cell.BasicRNNCell(4), tf.unstack(series, 5, 1), dtype=tf.float32)[0][-1]",),
    ),
)
READER = (
    Row(
        "input_data.read_data_sets('DIR').train.next_batch(50)[0]",
        (
            "input_data.read_data_sets('DIR').train.next_batch(50)[0]",
            "read_data_sets(arrays, 42).train.next_batch(50)[0]",
        ),
        (
            Near(
                "tf.keras.datasets.mnist.load_data()[0][0][1000:1050]",
                "differs",
                1.0,
                "uint8 to 255, (n, 28, 28), no images kept for validation, not shuffled",
            ),
        ),
    ),
    Row(
        "input_data.read_data_sets('DIR', one_hot=True).test.labels[:20]",
        ("input_data.read_data_sets('DIR', one_hot=True).test.labels[:20]",),
    ),
)
GROUPS = {
    "Initial values": INITIALIZERS,
    "Regularizers": REGULARIZERS,
    "Layers": LAYERS,
    "Losses": LOSSES,
    "Cells": CELLS,
    "The tutorial's reader": READER,
}
ROWS = tuple(row for rows in GROUPS.values() for row in rows)
