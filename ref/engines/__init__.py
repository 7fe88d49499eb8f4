"""Engines for phase 2 of autoencoder_8, whose steps are the listing's: what differs is how they reach TensorFlow.

    book           fed.py       the listing's own: a permutation of the whole set for every batch, and a feed
    epoch-shuffle  fed.py       one permutation an epoch, and a feed for every batch
    block-shuffle  blocks.py    blocks of rows are shuffled, and the rows in a buffer of blocks; of a cache in a file
                                they are read ahead: it may be larger than memory
    resident       resident.py  what is trained on is a tensor of the graph; only a batch's indices are fed
    loop           loop.py      an epoch in one Session.run: a tf.while_loop in the graph
    xla            xla.py       the same loop, compiled by XLA, in the form that is the fastest here (forms.py)

Each trains on the frozen layer's cached outputs, (num_examples, 300), or recomputes them from the images,
(num_examples, 784). But for book and block-shuffle all draw the same batches, and end, but for rounding, with the same
weights. All train the graph's own variables, Adam's slots included, so that its saver finds them.

A file in this folder with a ``class Mine(Phase2, name="mine")`` is another engine: flags, tests, benchmarks find it.
"""

import importlib
import pkgutil
from types import SimpleNamespace
from typing import Literal

from ref.common.errors import BadInputError
from ref.engines.cache import CachedInFile, CachedInMemory, Layers, Recomputed
from ref.engines.forms import FORMS
from ref.engines.phase2 import AUTO, Phase2

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
ENGINES: tuple[str, ...] = tuple(sorted(Phase2.kinds))
EngineName = Literal[ENGINES]
FormName = Literal[(AUTO, *FORMS)]


def make_phase2(
    engine: EngineName,
    g: SimpleNamespace,
    cached: bool = True,
    memmap: bool = False,
    form: FormName = AUTO,
    batch_size: int = 150,
    device: str = "auto",
    frozen: Layers | None = None,
) -> Phase2:
    """Return phase 2 of autoencoder_8 by one engine, made in the graph that ``g`` is of, before that is finalized.

    Args:
      engine: one of ``ENGINES``.
      g: what autoencoder_8's ``build`` returned.
      cached: whether to train on the frozen layer's outputs, or to recompute them from the images.
      memmap: whether the cache is a file, which may be larger than memory.
      form: of the engine, where it has several: a name, or ``auto`` for what is the fastest for batches of
        ``batch_size`` on ``device``, which is measured where it is not known yet.
      frozen: weights and biases of the frozen layers between ``g.X`` and ``g.hidden1``; the listing has one.

    Raises:
      BadInputError: ``memmap`` without a cache, or with an engine that holds it in the graph; an unknown form.
    """
    kind = Phase2.kinds[engine]
    if memmap and not (cached and kind.reads_file):
        readers = " or ".join(name for name in ENGINES if Phase2.kinds[name].reads_file)
        raise BadInputError(
            f"--memmap with {f'--engine {engine}' if cached else '--recompute'}: nothing that could be a file, "
            f"expected a cache that is fed; use --engine {readers}, and no --recompute"
        )
    layers = [(g.weights1, g.biases1)] if frozen is None else frozen
    rows = (CachedInFile if memmap else CachedInMemory if cached else Recomputed)(g, layers)
    return kind.make(g, rows, form, batch_size, device)
