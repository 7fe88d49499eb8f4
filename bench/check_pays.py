"""Is what ``python -m ref pays`` says what comes? python -m bench.check_pays ROWS INPUTS FROZEN TRAINED BATCH [ENGINE]

Foretells, then trains an epoch with and one without the cache, on arrays of the full size, and fills the cache for all
rows; prints both, and how far apart they are. FROZEN and TRAINED are widths with commas between.
"""

import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from ref.common import machine
from ref.common.cli import exit_codes, import_port
from ref.common.flags import Parser, parse_count
from ref.pays.cli import parse_rows, parse_widths
from ref.pays.sizes import Room, Sizes

N_EPOCHS = 4  # of which the total is made
N_TIMED, N_SLICES = 1, 8  # epochs that are trained, slices of each


def train(sizes: Sizes, engine: str, directory: Path) -> dict[str, tuple[float, float]]:
    """Return the seconds of filling and of an epoch, by what is trained on.

    The epochs of all are trained in slices, in turn: a machine that grows slower does so for all of them.
    """
    from ref.common.session import new_graph, open_session
    from ref.engines import make_phase2
    from ref.pays.graph import build
    from ref.pays.measure import reads_file

    rnd = np.random.RandomState(1)
    images = np.resize(rnd.uniform(size=(1000, sizes.inputs)).astype(np.float32), (sizes.rows, sizes.inputs))
    with new_graph(1):
        g = build(sizes.inputs, sizes.frozen, sizes.trained)
        make = partial(make_phase2, engine, g, frozen=g.frozen)
        phases = {"inputs": make(cached=False), "memory": make()}
        phases |= {"file": make(memmap=True)} if reads_file(engine) else {}
        with open_session("cpu") as sess:
            sess.run(g.init)
            fill_s, epoch_s = {}, dict.fromkeys(phases, 0.0)
            for name, phase in phases.items():
                start_s = time.perf_counter()
                phase.load(sess, images, directory)
                fill_s[name] = time.perf_counter() - start_s
                phase.train(sess, phase.draw(rnd, sizes.batch)[: -(-sizes.n_batches // N_SLICES)])  # compiles
            for _ in range(N_TIMED):
                rest = {}
                for _ in range(N_SLICES):
                    for name, phase in phases.items():
                        start_s = time.perf_counter()
                        batches = rest[name] if name in rest else phase.draw(rnd, sizes.batch)
                        n_steps = min(len(batches), -(-sizes.n_batches // N_SLICES))
                        if n_steps:
                            phase.train(sess, batches[:n_steps])
                        rest[name] = batches[n_steps:]
                        epoch_s[name] += (time.perf_counter() - start_s) / N_TIMED
    return {name: (fill_s[name], epoch_s[name]) for name in phases}


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.check_pays")
    for name, kind in (("rows", parse_rows), ("inputs", parse_count), ("frozen", parse_widths)):
        parser.add_argument(name, type=kind)
    parser.add_argument("trained", type=parse_widths)
    parser.add_argument("batch", type=parse_count)
    parser.add_argument("engine", nargs="?", default="epoch-shuffle")
    args = vars(parser.parse_args(argv))
    engine = args.pop("engine")
    sizes = Sizes(**args, epochs=N_EPOCHS)
    measure, report = import_port("ref.pays.measure"), import_port("ref.pays.report")
    with tempfile.TemporaryDirectory(dir=".") as directory:
        room = Room(machine.count_available_memory(), machine.count_free_disk(Path(directory)))
        measured = measure.measure(sizes, engine, "cpu", Path(directory), room)
        estimates = report.make_estimates(sizes, measured)
        print(report.describe(sizes, engine, "cpu", measured, room), file=sys.stderr)
        found = train(sizes, engine, Path(directory))
    print(f"\n{' '.join(argv)}\n{'':<28}{'foretold':>12}{'measured':>12}{'off by':>9}")
    without_s = N_EPOCHS * found["inputs"][1]
    rows = [("recomputed, an epoch", estimates["memory"].recomputed_epoch_s, found["inputs"][1])]
    for name, estimate in estimates.items():
        fill_s, epoch_s = found[name]
        with_s = fill_s + N_EPOCHS * epoch_s
        rows += [
            (f"{name}, to fill", estimate.fill.middle, fill_s),
            (f"{name}, an epoch", estimate.cached_epoch_s, epoch_s),
            (f"{name}, {N_EPOCHS} epochs", estimate.with_cache_s, with_s),
            (f"{name}, times as fast", estimate.without_s / estimate.with_cache_s, without_s / with_s),
        ]
        gain = estimate.gain
        rows.append((f"{name}, gain", gain.middle, without_s - with_s))
        print(f"{name}: gain {without_s - with_s:.3f}, said {gain.low:.3f} to {gain.high:.3f}")
    for what, foretold, real in rows:
        print(f"{what:<28}{foretold:>12.4g}{real:>12.4g}{foretold / real - 1:>9.0%}")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
