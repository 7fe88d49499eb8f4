"""What replaces what of TensorFlow 1: initial values, regularizers, layers, and what a row is.

Expressions are Python, with these names: ``tf`` (TensorFlow 1.15.5 in ``old``; tensorflow.compat.v1 with tf_keras as
``tf.keras`` and ``tf.layers`` elsewhere), ``slim`` (tf_slim), ``layers`` (ref.common.layers), ``x`` (32, 6), ``image``
(2, 8, 8, 3), ``w`` (6, 3), ``logits`` and ``onehot`` (4, 5), ``ids`` (4,), ``series`` (2, 5, 3), ``training`` (a bool
that is True), ``l2`` (contrib's regularizer of 0.1), ``ones`` (an initializer). Python 3.7.
"""

from typing import NamedTuple


class Near(NamedTuple):
    """What is taken for a replacement and is none: ``measure`` of it against the old is ``expected``.

    Measures: ``ratio`` of what both compute, element by element; ``deviation``, the ratio of the standard deviations;
    ``kurtosis``, of what it draws; ``excess``, its difference; ``relu``, whether a ReLU brings it to the old (1.0);
    ``differs``, whether it is another (1.0).
    """

    code: str
    measure: str
    expected: float
    words: str


class Row(NamedTuple):
    """``wrap`` makes a tensor of an expression, for the proof; ``exact`` are bit-equal to ``old``, or to rounding."""

    old: str
    exact: tuple
    near: tuple = ()
    wrong: str = ""
    wrap: str = "{}"


DRAW = "tf.get_variable('drawn', [300, 100], initializer={})"
PENALTY = "{}(w)"
LINEAR = "linear: a ReLU is missing"
INITIALIZERS = (
    Row(
        "tf.contrib.layers.xavier_initializer()",
        ("slim.xavier_initializer()", "layers.xavier_initializer()", "tf.glorot_uniform_initializer()"),
        (Near("tf.glorot_normal_initializer()", "kurtosis", 2.36, "a truncated normal, not uniform; the same σ"),),
        "`tf.keras.initializers.GlorotNormal` for its name's sake",
        DRAW,
    ),
    Row(
        "tf.contrib.layers.xavier_initializer(uniform=False)",
        ("slim.xavier_initializer(uniform=False)",),
        (Near("tf.glorot_normal_initializer()", "ratio", 0.99711, "÷ 0.8796 in place of × √1.3"),),
        wrap=DRAW,
    ),
    Row(
        "tf.contrib.layers.variance_scaling_initializer()",
        ("slim.variance_scaling_initializer()", "layers.variance_scaling_initializer()"),
        (
            Near("tf.variance_scaling_initializer()", "ratio", 0.70506, "scale 1, not 2: σ is off by √2"),
            Near("tf.variance_scaling_initializer(scale=2.0)", "ratio", 0.99711, "÷ 0.8796 in place of × √1.3"),
            Near("tf.keras.initializers.he_normal()", "ratio", 0.99711, "the same as scale=2.0"),
            Near("tf.keras.initializers.he_uniform()", "kurtosis", 1.8, "uniform, not a truncated normal"),
        ),
        "`tf.keras.initializers.VarianceScaling()` with its defaults",
        DRAW,
    ),
    Row(
        "tf.truncated_normal_initializer(stddev=0.1)",
        ("tf.truncated_normal_initializer(stddev=0.1)",),
        (Near("tf.random_normal_initializer(stddev=0.1)", "deviation", 1.1369, "not cut at 2 σ, so 1 / 0.8796 wider"),),
        wrap=DRAW,
    ),
    Row(
        "tf.glorot_uniform_initializer()",
        ("tf.glorot_uniform_initializer()", "slim.xavier_initializer()"),
        (Near("tf.random_uniform_initializer(-1.0, 1.0)", "ratio", 8.165, "not scaled by √(6 / (fan_in + fan_out))"),),
        wrap=DRAW,
    ),
    Row("tf.orthogonal_initializer()", ("tf.orthogonal_initializer()",), wrap=DRAW),
    Row("tf.uniform_unit_scaling_initializer()", ("tf.uniform_unit_scaling_initializer()",), wrap=DRAW),
)
REGULARIZERS = (
    Row(
        "tf.contrib.layers.l2_regularizer(0.1)",
        ("slim.l2_regularizer(0.1)", "layers.l2_regularizer(0.1)", "tf.keras.regularizers.l2(0.05)"),
        (Near("tf.keras.regularizers.l2(0.1)", "ratio", 2.0, "Σw², not Σw² / 2"),),
        wrap=PENALTY,
    ),
    Row(
        "tf.contrib.layers.l1_regularizer(0.1)",
        ("slim.l1_regularizer(0.1)", "tf.keras.regularizers.l1(0.1)"),
        wrap=PENALTY,
    ),
    Row(
        "tf.contrib.layers.l1_l2_regularizer(0.1, 0.1)",
        ("slim.l1_l2_regularizer(0.1, 0.1)", "tf.keras.regularizers.l1_l2(0.1, 0.05)"),
        wrap=PENALTY,
    ),
    Row(
        "tf.contrib.layers.fully_connected(x, 3, weights_regularizer=l2, biases_initializer=ones)",
        (
            "slim.fully_connected(x, 3, weights_regularizer=l2, biases_initializer=ones)",
            "tf.layers.dense(x, 3, tf.nn.relu, kernel_regularizer=l2, bias_initializer=ones)",
        ),
        (
            Near(
                "slim.fully_connected(x, 3, biases_initializer=ones)",
                "excess",
                0.15,
                "with `l2` over `tf.trainable_variables()`: that takes the biases, too; here 3 of 1, 0.1 · 3 / 2 more",
            ),
        ),
        wrap="penalty({})",
    ),
)
LAYERS = (
    Row(
        "tf.contrib.layers.fully_connected(x, 3)",
        ("slim.fully_connected(x, 3)", "layers.fully_connected(x, 3)", "tf.layers.dense(x, 3, tf.nn.relu)"),
        (Near("tf.layers.dense(x, 3)", "relu", 1.0, LINEAR),),
        "`tf.keras.layers.Dense` of Keras 3, which a graph of `tf.compat.v1` does not take",
    ),
    Row("tf.contrib.layers.linear(x, 3)", ("slim.linear(x, 3)", "tf.layers.dense(x, 3)", "layers.dense(x, 3)")),
    Row(
        "tf.layers.dense(x, 3)",
        ("tf.layers.dense(x, 3)", "layers.dense(x, 3)", "slim.fully_connected(x, 3, activation_fn=None)"),
        (Near("slim.fully_connected(x, 3)", "differs", 1.0, "a ReLU, which is contrib's default"),),
    ),
    Row(
        "tf.contrib.layers.conv2d(image, 4, 3)",
        ("slim.conv2d(image, 4, 3)", "tf.layers.conv2d(image, 4, 3, padding='same', activation=tf.nn.relu)"),
        (Near("tf.layers.conv2d(image, 4, 3, padding='same')", "relu", 1.0, LINEAR),),
        "`tf.layers.conv2d(image, 4, 3)`: VALID, where contrib's default is SAME",
    ),
    Row(
        "tf.layers.conv2d(image, 4, 3)",
        ("tf.layers.conv2d(image, 4, 3)", "slim.conv2d(image, 4, 3, padding='VALID', activation_fn=None)"),
    ),
    Row(
        "tf.contrib.layers.conv2d_transpose(image, 4, 3, 2)",
        (
            "slim.conv2d_transpose(image, 4, 3, 2)",
            "tf.layers.conv2d_transpose(image, 4, 3, 2, padding='same', activation=tf.nn.relu)",
        ),
    ),
    Row(
        "tf.contrib.layers.max_pool2d(image, 3)",
        ("slim.max_pool2d(image, 3)", "tf.layers.max_pooling2d(image, 3, 2)"),
        wrong="`tf.nn.max_pool(…, padding='SAME')`: contrib's default is VALID, and a stride of 2",
    ),
    Row("tf.contrib.layers.flatten(image)", ("slim.flatten(image)", "tf.layers.flatten(image)")),
    Row("tf.contrib.layers.one_hot_encoding(ids, 5)", ("slim.one_hot_encoding(ids, 5)", "tf.one_hot(ids, 5)")),
    Row(
        "tf.contrib.layers.batch_norm(x)",
        ("slim.batch_norm(x)", "tf.layers.batch_normalization(x, momentum=0.999, scale=False, training=True)"),
    ),
    Row(
        "tf.contrib.layers.batch_norm(x)",
        ("slim.batch_norm(x)",),
        (
            Near(
                "tf.layers.batch_normalization(x, training=True)",
                "ratio",
                10.0,
                "momentum 0.99, not a decay of 0.999: the moving mean moves ten times as fast; and it has a γ",
            ),
        ),
        wrap="moving_mean({})",
    ),
    Row("tf.contrib.layers.layer_norm(x)", ("slim.layer_norm(x)",)),
    Row(
        "tf.contrib.layers.embed_sequence([[1, 2]], 5, 3)",
        ("tf.nn.embedding_lookup(tf.get_variable('embeddings', [5, 3]), [[1, 2]])",),
    ),
    Row(
        "tf.contrib.layers.dropout(x, keep_prob=0.75)",
        ("slim.dropout(x, keep_prob=0.75)", "tf.nn.dropout(x, rate=0.25)"),
        (Near("tf.nn.dropout(x, rate=0.75)", "differs", 1.0, "a rate is what is dropped: 1 − keep_prob"),),
    ),
    Row(
        "tf.layers.dropout(x, rate=0.25, training=training)",
        (
            "tf.layers.dropout(x, rate=0.25, training=training)",
            "layers.dropout(x, 0.25, training)",
        ),
        (Near("tf.layers.dropout(x, rate=0.25)", "differs", 1.0, "training is False by default: nothing is dropped"),),
    ),
)
