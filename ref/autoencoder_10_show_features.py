"""autoencoder_10.py · 特征可视化 · Visualizing features.

Network: autoencoder_7's, restored from its checkpoint. Prints nothing; draws, for each of the first five neurons of the
first hidden layer, the weights that connect it to the 784 pixels.

What differs from the listing, and why:
- The graph is imported from the port that wrote the checkpoint, so that the two cannot drift apart; the listing repeats
  it up to ``outputs``. Its saver restores Adam's slots too, which the listing leaves alone.
- The plotting lines are ref.common's; the figure is saved, so that no display is needed, and cut to its one row,
  10 by 2 inches.

Run: make autoencoder_10, or python -m ref run autoencoder_10. Needs my_model_one_at_a_time.ckpt of autoencoder_7.
"""

from ref.autoencoder_07_single_graph import build
from ref.common.cli import run_script
from ref.common.figures import plot_images


def show(run, n_hidden1=300, n_hidden2=150):
    """Restore the trained network and draw the weights of five neurons."""
    g = build(n_hidden1=n_hidden1, n_hidden2=n_hidden2)

    with run.open_session() as sess:
        run.restore(g.saver, sess, "my_model_one_at_a_time.ckpt", "autoencoder_7")
        weights1_val = g.weights1.eval()  # (784, 300)

    features = weights1_val.T[:5]  # (5, 784)
    fig = plot_images(features, n_columns=5, figsize=(10, 2))
    run.save_figure("features", fig, features=features)


def main(argv=None):
    return run_script("autoencoder_10", show, argv=argv)
