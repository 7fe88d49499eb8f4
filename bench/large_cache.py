"""A cache that is larger than memory, read from the disk: python -m bench.large_cache [--rows N]; make bench-large.

The cache's file is larger than what the process may take (RLIMIT_DATA, set here), and than the share of it that may
lie in the system's page cache: before each way of reading it is dropped from there, and again whenever more than
``KEPT_BYTES`` have come in (counted with mincore), so that a row that is read again is read from the disk again. No
right of a superuser is needed. What lies below, such as a host's own cache of a virtual disk, cannot be dropped.

Recomputing has its inputs in memory, which favours it: they are larger than the cache.
"""

import ctypes
import mmap
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench.work import describe_machine
from ref.common.cli import exit_codes, import_port
from ref.common.errors import BadInputError
from ref.common.flags import Parser, parse_count
from ref.common.machine import count_free_disk
from scripts.markdown import make_table

N_INPUTS, WIDTH, N_TRAINED, BATCH = 784, 300, 150, 150
KEPT_BYTES = 1 << 28
LIMIT_BYTES = 1 << 30  # of what the process itself takes: TensorFlow, the inputs of the recomputed steps, the buffers
N_INPUT_ROWS = 30_000
WAY_S = 5.0


def set_limit(file_bytes: int) -> str:
    """Limit what this process may take to less than the file; return what was set.

    Raises:
      BadInputError: the system knows no such limit, or the file is smaller.
    """
    if not sys.platform.startswith("linux"):
        raise BadInputError("bench-large: not measured: limits of memory are set as Linux has them; run it there")
    if file_bytes <= LIMIT_BYTES:
        raise BadInputError(
            f"--rows: a file of {file_bytes:,} bytes, expected more than the limit, {LIMIT_BYTES:,}; use more"
        )
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT_BYTES, LIMIT_BYTES))
    return f"RLIMIT_DATA {LIMIT_BYTES / 1e6:,.0f} MB; at most {KEPT_BYTES / 1e6:,.0f} MB of the file in the page cache"


class File:
    """The cache's file, of which the page cache keeps ``KEPT_BYTES`` at most."""

    def __init__(self, path: Path, n_rows: int):
        self.path, self.shape = path, (n_rows, WIDTH)
        self.rows = np.memmap(path, np.float32, "r", shape=self.shape)

    def drop(self) -> None:
        """Have the system forget all of it."""
        self.rows = None  # pages that are mapped stay
        descriptor = os.open(self.path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
        self.rows = np.memmap(self.path, np.float32, "r", shape=self.shape)

    def count_kept_bytes(self) -> int:
        """Return how much of it lies in the page cache."""
        n_pages = -(-self.rows.nbytes // mmap.PAGESIZE)
        pages = (ctypes.c_ubyte * n_pages)()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mincore(ctypes.c_void_p(self.rows.ctypes.data), ctypes.c_size_t(self.rows.nbytes), pages):
            raise OSError(ctypes.get_errno(), "mincore")
        return int(np.count_nonzero(np.frombuffer(pages, np.uint8) & 1)) * mmap.PAGESIZE


def fill(path: Path, n_rows: int, block: np.ndarray) -> float:
    """Write ``n_rows`` rows, ``block`` again and again; return the seconds until they are on the disk."""
    start_s = time.perf_counter()
    with open(path, "wb") as file:
        for first in range(0, n_rows, len(block)):
            file.write(block[: n_rows - first].tobytes())
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - start_s


def time_steps(take_step: Callable[[np.ndarray], object], batches: Iterator[np.ndarray], file: File | None) -> float:
    """Return the mean seconds of steps for ``WAY_S``; what the page cache keeps of ``file`` is looked at between."""
    steps_s, start_s = [], time.perf_counter()
    for n_steps, given in enumerate(batches):
        step_s = time.perf_counter()
        take_step(given)
        steps_s.append(time.perf_counter() - step_s)
        if file is not None and n_steps % 5 == 4 and file.count_kept_bytes() > KEPT_BYTES:
            file.drop()
        if time.perf_counter() - start_s > WAY_S:
            break
    return statistics.mean(steps_s[2:])


def measure(directory: Path, n_rows: int) -> tuple[str, list[dict]]:
    """Return the limit in words, and a row for each way of coming by a batch."""
    import_port("ref.pays.measure")
    from ref.common.session import new_graph, open_session
    from ref.engines.blocks import BLOCK_ROWS, draw_by_blocks, read_ahead
    from ref.pays.graph import build

    rnd = np.random.RandomState(0)
    inputs = np.resize(rnd.uniform(size=(1000, N_INPUTS)).astype(np.float32), (N_INPUT_ROWS, N_INPUTS))
    with new_graph(0):
        g = build(N_INPUTS, (WIDTH,), (N_TRAINED,))
        with open_session("cpu") as sess:
            sess.run(g.init)
            in_memory = g.hidden1.eval({g.X: inputs}, sess)
            fill_s = fill(directory / "cache", n_rows, in_memory)
            file = File(directory / "cache", n_rows)
            said = set_limit(n_rows * WIDTH * 4)
            step, fed = g.phase2_training_op, g.hidden1

            def draw(n: int) -> Iterator[np.ndarray]:
                while True:
                    yield rnd.randint(n, size=BATCH)

            def shuffle() -> Iterator[np.ndarray]:
                yield from rnd.permutation(n_rows)[: n_rows // BATCH * BATCH].reshape(-1, BATCH)

            def in_order() -> Iterator[np.ndarray]:
                yield from np.arange(n_rows // BATCH * BATCH).reshape(-1, BATCH)

            def train_on(rows) -> None:
                sess.run(step, {fed: rows})

            ways = {}
            ways["recomputed, inputs in memory"] = time_steps(
                lambda indices: sess.run(step, {g.X: inputs[indices]}), draw(N_INPUT_ROWS), None
            )
            ways["cache in memory"] = time_steps(lambda i: train_on(in_memory[i]), draw(N_INPUT_ROWS), None)
            file.drop()
            ways["file, rows in order (no shuffle)"] = time_steps(lambda i: train_on(file.rows[i]), in_order(), file)
            file.drop()
            ways["file, all rows shuffled"] = time_steps(lambda i: train_on(file.rows[i]), shuffle(), file)
            file.drop()
            with open(file.path, "rb", buffering=0) as raw:
                blocks = rnd.permutation(n_rows // BLOCK_ROWS)
                buffer = np.empty((BLOCK_ROWS, WIDTH), np.float32)
                start_s = time.perf_counter()
                for n_blocks, block in enumerate(blocks.tolist(), 1):
                    raw.seek(block * buffer.nbytes)
                    raw.readinto(buffer)
                    if time.perf_counter() - start_s > WAY_S:
                        break
                block_s = (time.perf_counter() - start_s) / n_blocks
            ways["file, blocks shuffled, reading alone"] = block_s / BLOCK_ROWS * BATCH
            file.drop()
            # Each block is read once, so that nothing of it has to be dropped between.
            batches = draw_by_blocks(rnd, n_rows, BATCH)
            start_s = time.perf_counter()
            with read_ahead(file.rows, batches) as all_rows:
                for rows in all_rows:
                    train_on(rows)
            ways["file, blocks shuffled, read ahead"] = (time.perf_counter() - start_s) / len(batches)
    recomputed_s = ways["recomputed, inputs in memory"]
    print(f"recomputing pays where a disk gives less than {BATCH / recomputed_s * WIDTH * 4 / 1e6:,.0f} MB/s; ", end="")
    print(f"written at {n_rows * WIDTH * 4 / fill_s / 1e6:,.0f} MB/s")
    return said, [
        {
            "a batch of rows": name,
            "ms/step": f"{step_s * 1e3:.2f}",
            "rows/s": f"{BATCH / step_s:,.0f}",
            "MB/s": f"{BATCH / step_s * WIDTH * 4 / 1e6:,.0f}" if name.startswith("file") else "-",
            "speed to recomputing's": f"{recomputed_s / step_s:.2f}",
        }
        for name, step_s in ways.items()
    ]


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.large_cache")
    parser.add_argument("--rows", type=parse_count, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--directory", default=".", help="on the disk that is measured; default: here")
    args = parser.parse_args(argv)
    n_bytes = args.rows * WIDTH * 4
    if (room := count_free_disk(Path(args.directory))) < n_bytes:
        raise BadInputError(
            f"{args.directory}: {room / 1e6:,.0f} MB are free, expected {n_bytes / 1e6:,.0f}; make room"
        )
    with tempfile.TemporaryDirectory(prefix=".large-cache-", dir=args.directory) as directory:
        limit, table = measure(Path(directory), args.rows)
    machine = describe_machine()
    print(
        f"{machine['cpu']}, {machine['threads']} threads; tensorflow {machine['tensorflow']}, numpy {machine['numpy']}."
    )
    print(f"{args.rows:,} rows of {WIDTH}, a file of {n_bytes / 1e6:,.0f} MB, batch {BATCH}; {limit}.\n")
    print(make_table(list(table[0]), [list(row.values()) for row in table]))


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
