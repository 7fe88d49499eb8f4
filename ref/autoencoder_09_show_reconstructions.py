"""autoencoder_9.py · 重建可视化 · Visualizing the reconstructions.

Network: autoencoder_7's, restored from its checkpoint. Prints nothing; draws two test digits and what comes out.

What differs from the listing, and why:
- The graph is imported from the port that wrote the checkpoint, so that the two cannot drift apart; the listing repeats
  it up to ``outputs``. Its saver restores Adam's slots too, which the listing leaves alone.
- The reader's and plotting lines are ref.common's, being the same in every listing; the figure is saved, so that no
  display is needed, at the 8 by 6 inches of the other listings, where this one left it to matplotlib.

Run: make autoencoder_9, or python -m ref run autoencoder_9. Needs my_model_one_at_a_time.ckpt of autoencoder_7.
"""

from ref.autoencoder_07_single_graph import build
from ref.common.cli import run_script
from ref.common.figures import draw_reconstructions


def show(run, n_test_digits=2, n_hidden1=300, n_hidden2=150):
    """Restore the trained network and draw test digits beside their reconstructions."""
    g = build(n_hidden1=n_hidden1, n_hidden2=n_hidden2)
    mnist = run.read_data_sets()
    X_test = mnist.test.images[:n_test_digits]  # (n_test_digits, 784)

    with run.open_session() as sess:
        run.restore(g.saver, sess, "my_model_one_at_a_time.ckpt", "autoencoder_7")
        outputs_val = g.outputs.eval(feed_dict={g.X: X_test})

    draw_reconstructions(run, X_test, outputs_val)


def main(argv=None):
    return run_script("autoencoder_9", show, argv=argv)
