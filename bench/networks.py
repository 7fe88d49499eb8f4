"""Phase 2 of autoencoder_8 in other sizes: any width, any number of frozen layers; and the work on it."""

from types import SimpleNamespace

import numpy as np

from bench.work import SEED, TRAINED, Work
from ref.common.session import new_graph, open_session
from ref.data import data_sets, sources
from ref.pays import graph

N_INPUTS = 784
BLOCK = 5000  # rows that the frozen layers compute at once


def build(width: int, n_frozen: int) -> tuple[SimpleNamespace, list]:
    """Build autoencoder_8's phase 2 on ``n_frozen`` frozen layers of ``width`` units; return it, and those layers.

    Trained are width-width/2-width, on the listing's terms. The frozen layers are weights1, biases1, weights1_2, … .
    """
    g = graph.build(N_INPUTS, (width,) * n_frozen, (width // 2,))
    named = dict(zip((*TRAINED, *name_frozen(n_frozen)), (*g.train_vars, *sum(g.frozen, ()))))
    return SimpleNamespace(**vars(g), **named), g.frozen


def name_frozen(n_frozen: int) -> list[str]:
    """Return the names of the frozen layers' variables, in order."""
    return [f"{kind}1{f'_{i}' if i > 1 else ''}" for i in range(1, n_frozen + 1) for kind in ("weights", "biases")]


def make_work(data: str | None, batch_size: int, width: int, n_frozen: int) -> Work:
    """Return the work of other sizes on ``data``, from initial weights: such a network has no phase 1 behind it."""
    arrays = sources.load(data, uses_labels=False)
    images = data_sets.read_data_sets(arrays, SEED).train.images
    with new_graph(SEED):
        g, frozen = build(width, n_frozen)
        with open_session("cpu") as sess:
            g.init.run()
            names = (*TRAINED, *name_frozen(n_frozen))
            initial = dict(zip(names, sess.run([*g.train_vars, *sum(frozen, ())])))
            cache = np.concatenate([g.hidden1.eval({g.X: images[i : i + BLOCK]}) for i in range(0, len(images), BLOCK)])
    return Work(images, cache, initial, np.empty((0, batch_size), np.int32), arrays.name).draw(batch_size)
