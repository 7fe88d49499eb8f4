"""autoencoder_1.py · 使用不完整的线性自动编码器实现PCA · PCA with an undercomplete linear autoencoder.

Network: 3-2-3, linear, on 100 points near a plane in space. The listing prints nothing and publishes no number.

What differs from the listing, and why:
- ``contrib.layers.fully_connected`` comes from ref.common.layers: contrib is gone.
- The loop variable is ``iteration``: the listing's shadowed ``n_iterations``, which was harmless.
- The points come from a generator of their own with the listing's seed 4, not from NumPy's global one: same points.
- A bar on a terminal says how far it is; the listing says nothing.
- The graph is seeded (``--seed``), to compare digit for digit; the listing's was not. The figure is saved, so that no
  display is needed, and laid out so that its labels are not cut off.
- ``n_hidden`` is no flag: the figure draws two codings.
- ``--epochs N`` means N iterations: each iteration sees all 100 points.

Run: make autoencoder_1, or python -m ref run autoencoder_1. Needs and writes no checkpoint, and reads no data.
"""

from types import SimpleNamespace

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure
from sklearn.preprocessing import StandardScaler

from ref.common.cli import run_script
from ref.common.layers import fully_connected


def make_data():
    """Return the listing's training and test points, standardized, each float64 (100, 3)."""
    rnd = np.random.RandomState(4)
    m = 200
    w1, w2 = 0.1, 0.3
    noise = 0.1

    angles = rnd.rand(m) * 3 * np.pi / 2 - 0.5
    data = np.empty((m, 3))
    data[:, 0] = np.cos(angles) + np.sin(angles) / 2 + noise * rnd.randn(m) / 2
    data[:, 1] = np.sin(angles) * 0.7 + noise * rnd.randn(m) / 2
    data[:, 2] = data[:, 0] * w1 + data[:, 1] * w2 + noise * rnd.randn(m)

    scaler = StandardScaler()
    X_train = scaler.fit_transform(data[:100])
    X_test = scaler.transform(data[100:])
    return X_train, X_test


def build(learning_rate=0.01):
    """Build the listing's graph in the default graph; return its tensors under the book's names."""
    n_inputs = 3  # 3D inputs
    n_hidden = 2  # 2D codings
    n_outputs = n_inputs

    X = tf.placeholder(tf.float32, shape=[None, n_inputs])  # (batch, 3)
    hidden = fully_connected(X, n_hidden, activation_fn=None)  # (batch, 2)
    outputs = fully_connected(hidden, n_outputs, activation_fn=None)  # (batch, 3)

    reconstruction_loss = tf.reduce_mean(tf.square(outputs - X))  # MSE

    optimizer = tf.train.AdamOptimizer(learning_rate)
    training_op = optimizer.minimize(reconstruction_loss)

    init = tf.global_variables_initializer()
    codings = hidden
    return SimpleNamespace(**locals())


def train(run, n_iterations=1000, **settings):
    """Train as the listing does, then draw the test points' codings."""
    X_train, X_test = make_data()
    g = build(**settings)
    with run.open_session() as sess:
        g.init.run()
        for iteration in run.progress(n_iterations):
            g.training_op.run(feed_dict={g.X: X_train})
        codings_val = g.codings.eval(feed_dict={g.X: X_test})

    fig = Figure(figsize=(4, 3), dpi=300, layout="tight")
    ax = fig.add_subplot()
    ax.plot(codings_val[:, 0], codings_val[:, 1], "b.")
    ax.set_xlabel("$z_1$", fontsize=18)
    ax.set_ylabel("$z_2$", fontsize=18, rotation=0)
    run.save_figure("codings", fig, codings_val=codings_val)


def main(argv=None):
    return run_script("autoencoder_1", train, build, argv=argv)
