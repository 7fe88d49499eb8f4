"""What a golden of a port is, and how it is recorded.

A golden is what a port does on a small part of a data set at the listing's own sizes, seed 42: the initial values, the
losses of the first 20 steps of each training op and where they end, the numbers printed after that one short epoch, the
metrics on held-out images before and after it, the figures' arrays; and exactly: which variables each op moves, what
each step and each evaluation is fed, where the random generator stands in the end. What a script computes as its own
data is recorded as numbers, not to the bit. The port's own session loop runs, called as the command line calls it.
"""

import importlib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock

import numpy as np

from ref.chapter import BY_NAME
from ref.common import session
from ref.common.runs import Run
from ref.data import data_sets, sources
from ref.fidelity.golden.observe import N_STEPS, catch_graphs, no_drawing, observe, quiet
from ref.fidelity.golden.summaries import hash_arrays, shorten, summarize

SEED = 42
FLAGS = {
    **{n: ["--epochs", "1"] for n in range(2, 17)},
    1: ["--n-iterations", str(N_STEPS)],
    **{n: ["--epochs", "1", "--batch-size", "150"] for n in (13, 14)},  # 20 batches, as of the others
    # Where sigma passes 0 its latent loss has a pole: at the listing's 0.001 rounding grows to chance in three steps.
    15: ["--epochs", "1", "--learning-rate", "0.000001"],
}
# 8's phase 2 is chaotic: at its own rate it would leave 5 another start on every machine, and a golden of nothing.
# Of another seed, so that what is not restored shows.
FLAGS_OF_NEEDED = {5: [*FLAGS[8], "--learning-rate", "0.0001", "--seed", "7"]}
HELD_OUT = {
    **{n: ("accuracy", "cross_entropy") for n in (4, 5)},
    **{n: ("reconstruction_loss",) for n in (2, 3, 7, 8, 11, 12)},
    **{n: ("reconstruction_loss", "sparsity_loss") for n in (13, 14)},
    **{n: ("reconstruction_loss", "latent_loss") for n in (15, 16)},
}


def record(number: int, data: Path, out: Path, port: ModuleType | None = None) -> dict:
    """Return the golden of a port (``port``, where it is not the script's own module) on the small data set ``data``.

    ``out`` is where runs write; what a script needs from another is made there first.
    """
    script = BY_NAME[f"autoencoder_{number}"]
    port = port or importlib.import_module(script.module)
    out = out / f"for-{number}" if number in FLAGS_OF_NEEDED else out
    argv = ["--data", str(data), "--seed", str(SEED), "--out", str(out), *FLAGS[number]]
    if script.needs:
        needed = BY_NAME[f"autoencoder_{script.needs}"]
        if not (out / needed.name / f"{needed.checkpoint}.index").exists():
            with quiet():
                importlib.import_module(needed.module).main(
                    [*argv[:6], *FLAGS_OF_NEEDED.get(number, FLAGS[needed.number])]
                )
    observed = observe(number, port, argv)
    run, g, rnd = _run_plainly(port, argv)
    golden = {
        **observed,
        "printed": [{k: v for k, v in row.items() if k != "line"} for row in run.result["printed"]],
        "lines": [row["line"].split(":")[0] for row in run.result["printed"]],
        **_measure_held_out(number, run, g, data),
        "figures": {name: summarize(array) for name, array in run.drawn.items()},
    }
    if rnd is not None:
        golden["rnd_sha256"] = hash_arrays(rnd.get_state()[1], np.int64(rnd.get_state()[2]))
    return golden


def _run_plainly(port: ModuleType, argv: list[str]) -> tuple[Run, SimpleNamespace, np.random.RandomState | None]:
    """Run the port and return its Run, its last graph, and the generator of its data sets."""
    seen, rnds, read = SimpleNamespace(g=None), [None], Run.read_data_sets

    def watched_read(self):
        data_sets = read(self)
        rnds.append(data_sets.rnd)
        return data_sets

    with mock.patch.object(Run, "read_data_sets", watched_read), quiet(), no_drawing(), catch_graphs(port, seen):
        run = port.main(argv)
    return run, seen.g, rnds[-1]


def _measure_held_out(number: int, run: Run, g: SimpleNamespace, data: Path) -> dict[str, dict]:
    """Return the metrics on the test images: of the initial values, which no chaos blurs, and of the checkpoint."""
    if number not in HELD_OUT:
        return {"untrained": {}, "held_out": {}}
    test = data_sets.read_data_sets(sources.load(str(data)), SEED).test
    feed_dict = {g.X: test.images} | ({g.y: test.labels} if hasattr(g, "y") else {})
    checkpoint, measured = str(run.directory / run.result["checkpoint"]), {}
    for name, prepare in (
        ("untrained", lambda sess: sess.run(g.init)),
        ("held_out", lambda sess: g.saver.restore(sess, checkpoint)),
    ):
        with session.open_session(graph=g.X.graph) as sess:  # each its own: noise begins anew
            prepare(sess)
            measured[name] = {
                metric: shorten(np.mean(sess.run(getattr(g, metric), feed_dict))) for metric in HELD_OUT[number]
            }
    return measured
