"""The pictures that the listings draw, without pyplot and its global state."""

import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure


def plot_images(images, n_columns: int, figsize: tuple[float, float]) -> Figure:
    """Return a sheet of ``images``, an array (n, 784) or (n, 28, 28), row by row: ink dark on white, no axes.

    ``figsize`` is (width, height) in inches.
    """
    n_rows = -(-len(images) // n_columns)
    fig = Figure(figsize=figsize)
    for index, image in enumerate(images):
        ax = fig.add_subplot(n_rows, n_columns, index + 1)
        ax.imshow(image.reshape(28, 28), cmap="Greys", interpolation="nearest")
        ax.axis("off")
    return fig


def draw_reconstructions(run, X_test, outputs_val, name: str = "reconstructions") -> None:
    """Save the figure ``name``: each row a test digit, of ``X_test`` (n, 784), and beside it what came out."""
    pairs = [image for pair in zip(X_test, outputs_val) for image in pair]
    fig = plot_images(pairs, n_columns=2, figsize=(8, 3 * len(X_test)))
    run.save_figure(name, fig, X_test=X_test, outputs_val=outputs_val)


def show_reconstructed_digits(
    run, mnist, X: tf.Tensor, outputs: tf.Tensor, saver: tf.train.Saver, model_path: str, n_test_digits: int = 2
) -> None:
    """Restore ``model_path`` in a session of its own and draw the first test digits and their reconstructions."""
    with run.open_session() as sess:
        run.restore(saver, sess, model_path)
        X_test = mnist.test.images[:n_test_digits]
        outputs_val = outputs.eval(feed_dict={X: X_test})
    draw_reconstructions(run, X_test, outputs_val)
