"""A short measurement of what a training of given sizes does: its steps, the cache's filling, the sampler.

Nothing of ``rows`` × ``inputs`` is made: the engines are given some rows of noise, of 1 GB at most and of no more than
are filled in two seconds, whose frozen outputs are more than a CPU's caches hold, as the real ones are. What costs the
same for every row (filling, drawing) is measured on these, and taken times the number of rows.
"""

import itertools
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from ref.common import machine
from ref.common.checks import FLOAT_BYTES
from ref.common.errors import BadInputError
from ref.common.progress import Bar
from ref.common.session import new_graph, open_session
from ref.common.suggest import did_you_mean
from ref.engines import ENGINES, make_phase2
from ref.engines.blocks import BLOCK_ROWS, draw_by_blocks, read_ahead
from ref.engines.phase2 import Phase2
from ref.pays.graph import build
from ref.pays.sizes import Room, Sizes

N_ROUNDS = 11
ROUND_S, FILL_S, READ_S = 0.15, 2.0, 1.0
TABLE_BYTES = 1 << 30
N_DISTINCT = 2000  # rows of noise that differ
N_DRAWN = 4_000_000  # rows of a permutation that is timed
SEED = 0


@dataclass
class Measured:
    """Seconds, as measured; of filling and drawing, for all rows.

    ``steps_s`` are a step's in each round, by what it trains on: ``inputs``, ``memory``, ``file``; ``blocks`` are those
    of a file that is not in memory, read in blocks, and ``single`` row by row. What was not measured is not there.
    """

    n_rows: int
    sampler_epoch_s: float
    first_use_s: float = 0.0
    fills_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    steps_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def reads_file(engine: str) -> bool:
    """Return whether the engine's cache can be a file; it is one that is fed its rows, then."""
    return Phase2.kinds[engine].reads_file


def check_engine(engine: str, sizes: Sizes) -> None:
    """Raise BadInputError where there is no such engine, or where it has another form of the trained part."""
    if engine not in ENGINES:
        hint = did_you_mean(engine, ENGINES)
        raise BadInputError(f"pays: --engine {engine}: unknown, expected one of {', '.join(ENGINES)}; {hint}see --help")
    if not reads_file(engine) and len(sizes.trained) != 1:
        raise BadInputError(
            f"pays: --engine {engine} with {len(sizes.trained)} trained widths: its step is the listing's, expected "
            f"one; use one of {', '.join(filter(reads_file, ENGINES))}"
        )


def measure(sizes: Sizes, engine: str, device: str, directory: Path, room: Room) -> Measured:
    """Measure for half a minute, with a line of progress on a terminal; ``directory`` is for a file of the cache.

    Where ``room`` is too small for the cache in memory, its file is taken to have to be read again in every epoch.

    Raises:
      BadInputError: there is no such device, or the file cannot be written.
    """
    rnd = np.random.RandomState(SEED)
    with new_graph(SEED), Bar(desc="measuring", total=4 + N_ROUNDS, leave=False, disable=None) as bar:
        g = build(sizes.inputs, sizes.frozen, sizes.trained)
        make = partial(make_phase2, engine, g, batch_size=sizes.batch, device=device, frozen=g.frozen)
        phases = {"inputs": make(cached=False), "memory": make()}
        if room.holds_file(sizes) and reads_file(engine):
            phases["file"] = make(memmap=True)
        with open_session(device) as sess:
            sess.run(g.init)
            inputs = _make_inputs(sess, g, sizes, rnd)
            measured = Measured(len(inputs), _time_sampler(engine, sizes, rnd))
            bar.update()
            for name in phases:
                measured.fills_s[name] = _time_fills(partial(phases[name].load, sess), inputs, sizes, directory)
                bar.update()
            _time_steps(sess, phases, len(inputs), sizes.batch, rnd, measured, bar)
            if "file" in phases and not room.holds_cache(sizes):
                del phases  # which map the file
                path = next(directory.glob("*.npy"))
                measured.steps_s["blocks"] = [_time_blocks(sess, g, path, sizes.batch, rnd) for _ in range(3)]
                measured.steps_s["single"] = [_time_single_rows(sess, g, path, sizes.batch, rnd) for _ in range(3)]
    return measured


def _time(do: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    do()
    return time.perf_counter() - start_s


def _make_inputs(sess, g, sizes: Sizes, rnd: np.random.RandomState) -> np.ndarray:
    """Return as many rows of inputs, float32 (n, inputs), as memory and time allow; at least a batch."""
    distinct = rnd.uniform(size=(min(N_DISTINCT, sizes.rows), sizes.inputs)).astype(np.float32)
    fill = partial(sess.run, g.hidden1, {g.X: distinct})
    fill()
    n_in_time = FILL_S / _time(fill) * len(distinct)
    n_bytes = min(TABLE_BYTES, machine.count_available_memory() / 8)
    n_in_memory = n_bytes / (FLOAT_BYTES * max(sizes.inputs, sizes.width))
    return np.resize(distinct, (max(sizes.batch, int(min(sizes.rows, n_in_memory, n_in_time))), sizes.inputs))


def _time_sampler(engine: str, sizes: Sizes, rnd: np.random.RandomState) -> float:
    """Return the seconds that an epoch's permutations take."""
    n_drawn = min(sizes.rows, N_DRAWN)
    draw_s = _time(lambda: rnd.permutation(n_drawn)) / n_drawn * sizes.rows
    return draw_s * (sizes.n_batches if engine == "book" else 1)


def _time_fills(load: Callable, inputs: np.ndarray, sizes: Sizes, directory: Path) -> list[float]:
    """Return the seconds that all rows would take to be filled in, by two quarters of ``inputs`` and all of them."""
    quarter = max(sizes.batch, len(inputs) // 4)
    parts = (inputs[:quarter], inputs[-quarter:], inputs)
    return [_time(partial(load, part, directory)) / len(part) * sizes.rows for part in parts]


def _time_steps(sess, phases, n_rows: int, batch: int, rnd, measured: Measured, bar) -> None:
    """Time rounds of steps, in each round some of every phase; what a first call takes apart."""

    def draw(n: int) -> np.ndarray:
        return rnd.randint(n_rows, size=(n, batch)).astype(np.int32)

    def take(name: str, n: int) -> float:
        batches = draw(n)
        return _time(lambda: phases[name].train(sess, batches)) / n

    n_steps = {}
    for name in phases:
        measured.first_use_s += take(name, 1)
        n_steps[name] = min(1000, math.ceil(ROUND_S / take(name, 1)))
        take(name, n_steps[name])
    for _ in range(N_ROUNDS):
        for name, n in n_steps.items():
            measured.steps_s[name].append(take(name, n))
        bar.update()


def _forget(path: Path) -> None:
    """Have the system drop from memory what it keeps of a file that nobody maps, where it can be told to."""
    if not hasattr(os, "posix_fadvise"):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _time_blocks(sess, g, path: Path, batch: int, rnd: np.random.RandomState) -> float:
    """Return the seconds a step that the file's rows are read for in blocks, the first buffer's reading left out."""
    _forget(path)
    cache = np.load(path, mmap_mode="r")
    buffer_blocks = max(1, len(cache) // BLOCK_ROWS // 8)  # so that several go by
    batches = draw_by_blocks(rnd, len(cache), batch, buffer_blocks=buffer_blocks)
    n_left_out = min(len(batches) // 2, -(-buffer_blocks * BLOCK_ROWS // batch))
    with read_ahead(cache, batches, blocks_ahead=buffer_blocks) as all_rows:
        for rows in itertools.islice(all_rows, n_left_out):
            sess.run(g.phase2_training_op, {g.hidden1: rows})
        start_s, n_steps = time.perf_counter(), 0
        for rows in all_rows:
            sess.run(g.phase2_training_op, {g.hidden1: rows})
            n_steps += 1
            if (spent_s := time.perf_counter() - start_s) > READ_S:
                break
    return spent_s / n_steps


def _time_single_rows(sess, g, path: Path, batch: int, rnd: np.random.RandomState) -> float:
    """Return the seconds of a step whose rows are read from the file one by one; a later one would find some there."""
    _forget(path)
    cache = np.load(path, mmap_mode="r")
    indices = rnd.randint(len(cache), size=batch)
    return _time(lambda: sess.run(g.phase2_training_op, {g.hidden1: cache[indices]}))
