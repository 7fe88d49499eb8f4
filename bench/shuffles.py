"""What a shuffle of blocks does to training, in the worst case: python -m bench.shuffles; make bench-large.

The training set's rows are sorted by label, so that a block holds one kind of digit, and the blocks are made so small
and the buffer so short that it holds a fraction of the set, as with a set of many millions of rows. Phase 2 of
autoencoder_8 is trained from the same weights, on the same cache, by a shuffle of all rows, by shuffles of blocks, and
in order; the loss is that of the whole training set.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

from ref.common.cli import exit_codes, import_port
from ref.common.flags import Parser, parse_count, parse_path
from ref.data import data_sets, sources
from scripts.markdown import make_table

BATCH, BLOCK_ROWS = 150, 50
BUFFERS = (64, 16, 4, 1)  # blocks


def measure(data: str | None, n_epochs: int, n_seeds: int, directory: Path) -> list[dict]:
    """Return a row for each way to draw."""
    build = import_port("ref.autoencoder_08_frozen_cache").build
    from ref.common.session import new_graph, open_session
    from ref.engines.blocks import draw_by_blocks
    from ref.engines.draws import draw_per_epoch

    train = data_sets.read_data_sets(sources.load(data, uses_labels=True), 42).train
    images = train.images[np.argsort(train.labels, kind="stable")]
    n = len(images)
    ways = {"all rows": lambda rnd: draw_per_epoch(rnd, n, BATCH)}
    for n_blocks in BUFFERS:
        ways[f"{n_blocks} of {n // BLOCK_ROWS} blocks at once"] = lambda rnd, k=n_blocks: draw_by_blocks(
            rnd, n, BATCH, BLOCK_ROWS, k
        )
    ways["none, rows in order"] = lambda rnd: np.arange(n // BATCH * BATCH).reshape(-1, BATCH)
    losses = {way: [] for way in ways}
    with new_graph(42):
        g = build()
        with open_session("cpu") as sess:
            g.init.run()
            for _ in range(n // BATCH):
                sess.run(g.phase1_training_op, {g.X: train.next_batch(BATCH)[0]})
            checkpoint = g.saver.save(sess, str(directory / "start"), write_meta_graph=False)
            cache = g.hidden1.eval({g.X: images})
            for seed in range(n_seeds):
                for way, draw in ways.items():
                    g.saver.restore(sess, checkpoint)
                    rnd = np.random.RandomState(seed)
                    for _ in range(n_epochs):
                        for indices in draw(rnd):
                            sess.run(g.phase2_training_op, {g.hidden1: cache[indices]})
                    losses[way].append(sess.run(g.phase2_reconstruction_loss, {g.hidden1: cache}))
    full = statistics.mean(losses["all rows"])
    print(f"{n:,} rows sorted by label, batch {BATCH}, {n_epochs} epochs, {n_seeds} seeds.\n")
    return [
        {
            "shuffled": way,
            "two neighbours meet in a batch": f"{count_meetings(ways[way](np.random.RandomState(0))):.1%}",
            "loss": f"{statistics.mean(found):.5f}",
            "of the seeds": f"{min(found):.5f} to {max(found):.5f}",
            "to all rows'": f"{statistics.mean(found) / full:.3f}",
        }
        for way, found in losses.items()
    ]


def count_meetings(batches: np.ndarray) -> float:
    """Return of which share of rows the next one is in the same batch."""
    place = np.full(batches.max() + 2, -1)
    for number, indices in enumerate(batches):
        place[indices] = number
    is_drawn = (place[:-1] >= 0) & (place[1:] >= 0)
    return float(np.mean(place[:-1][is_drawn] == place[1:][is_drawn]))


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.shuffles")
    parser.add_argument(
        "--data", type=parse_path, metavar="mnist|digits|DIR", help="default: mnist if there, else digits"
    )
    parser.add_argument("--epochs", type=parse_count, default=4, help="default: %(default)s")
    parser.add_argument("--seeds", type=parse_count, default=5, help="default: %(default)s")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as directory:
        table = measure(args.data or sources.choose_data(), args.epochs, args.seeds, Path(directory))
    print(make_table(list(table[0]), [list(row.values()) for row in table]))


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
