"""The pictures that the listings draw, without pyplot and its global state."""

from collections.abc import Sequence

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure

from ref.common.runs import Run
from ref.data.data_sets import DataSets


def plot_images(images: Sequence[np.ndarray], n_columns: int, figsize: tuple[float, float]) -> Figure:
    """Return a sheet of ``images``, each of 784 pixels, row by row: ink dark on white, no axes.

    ``figsize`` is (width, height) in inches.
    """
    n_rows = -(-len(images) // n_columns)
    fig = Figure(figsize=figsize)
    for index, image in enumerate(images):
        ax = fig.add_subplot(n_rows, n_columns, index + 1)
        ax.imshow(image.reshape(28, 28), cmap="Greys", interpolation="nearest")
        ax.axis("off")
    return fig


def draw_reconstructions(run: Run, X_test: np.ndarray, outputs_val: np.ndarray, name: str = "reconstructions") -> None:
    """Save the figure ``name``: each row a test digit, of ``X_test`` (n, 784), and beside it what came out."""
    pairs = [image for pair in zip(X_test, outputs_val) for image in pair]
    fig = plot_images(pairs, n_columns=2, figsize=(8, 3 * len(X_test)))
    run.save_figure(name, fig, X_test=X_test, outputs_val=outputs_val)


def show_reconstructed_digits(
    run: Run,
    mnist: DataSets,
    X: tf.Tensor,
    outputs: tf.Tensor,
    saver: tf.train.Saver | None = None,
    model_path: str | None = None,
    n_test_digits: int = 2,
) -> None:
    """Draw the first test digits beside their reconstructions, in a session of its own.

    ``X`` and ``outputs`` are (batch, 784). Where there is a ``model_path``, the run's checkpoint of that name is first
    restored with ``saver``.

    Raises:
      BadInputError: the checkpoint cannot be restored.
    """
    with run.open_session() as sess:
        if model_path:
            run.restore(saver, sess, model_path)
        X_test = mnist.test.images[:n_test_digits]
        outputs_val = outputs.eval(feed_dict={X: X_test})
    draw_reconstructions(run, X_test, outputs_val)
