"""Stop runs in every way, go on, and compare to the bit: python -m scripts.torture_runs [--kills N] [--ports N …].

For one port of each family, on a small set: a SIGKILL before every file operation of a save; the disk full or failing
at each of them; then, at random moments, SIGKILL, SIGINT and SIGTERM, and files that may grow no further, which
TensorFlow's own writing meets too. After each, what is on the disk must be whole, and what is left of the run must end
in the same bits as one that was never stopped. Exits with 2 where anything differs.
"""

import contextlib
import errno
import importlib
import itertools
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import matplotlib.image
import numpy as np
import tensorflow.compat.v1 as tf
from conftest import TINY_FLAGS, make_tiny_arrays
from sabotage import FailAt, KillAt, run_in_fork, watch
from tqdm import tqdm

from ref.chapter import BY_NAME
from ref.common import epochs, generations
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser
from ref.data.idx import write_gzipped

FAMILIES = {3: "plain", 8: "phases and a cache", 11: "noise", 12: "dropout", 13: "KL", 16: "variational"}
FAILING = (3, 8)  # the ports whose saves are let fail, too: what answers that is the same for all
SIGNALS = {  # and how a process ends then; one that was faster ends with 0, one that has no handler yet by the signal
    signal.SIGKILL: {0, -signal.SIGKILL},
    signal.SIGINT: {0, 130},
    signal.SIGTERM: {0, 143, -signal.SIGTERM},
}


class Torture:
    """Runs of one port in a directory of their own, each in a forked process.

    ``expected`` is what a run that is never stopped leaves, and ``wall_time_s`` how long it takes.
    """

    def __init__(self, number: int, directory: Path, data: Path):
        self.number, self.script, self.directory = number, BY_NAME[f"autoencoder_{number}"], directory
        self.out = directory / "stopped"
        self.flags = ["--data", str(data), "--epochs", "2", *TINY_FLAGS[number]]
        self.flags += ["--n-hidden1", "20"] if number in (12, 13) else []
        whole = directory / "whole"
        start_s = time.perf_counter()
        if code := run_in_fork(lambda: self.run(whole)):
            raise BadInputError(f"{self.script.name}: ended with {code}, expected a whole run")
        self.wall_time_s = time.perf_counter() - start_s
        self.expected = read_results(whole / self.script.name)

    def run(self, out: Path, *flags: str) -> None:
        """Run the port, quietly."""
        with open(os.devnull, "w") as nothing, open(self.directory / "stderr", "w") as errors:
            os.dup2(nothing.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
            with exit_codes():
                importlib.import_module(self.script.module).main([*self.flags, "--out", str(out), *flags])

    def stop_and_go_on(self, stop: Callable[[], None], codes: set[int]) -> str | None:
        """Run ``stop``, which ends with one of ``codes``, then go on; return what is wrong, or None."""
        shutil.rmtree(self.out, ignore_errors=True)
        code = run_in_fork(stop)
        last = (self.directory / "stderr").read_text().strip().splitlines()[-1:]
        if code not in codes:
            return f"stopped with {code}, expected one of {sorted(codes)}: {last}"
        results = self.out / self.script.name
        if problem := find_what_is_torn(results):
            return f"after {code}: {problem}"
        if code := run_in_fork(lambda: self.run(self.out, "--resume")):
            return f"going on ended with {code}: {(self.directory / 'stderr').read_text().strip()}"
        found = read_results(results)
        different = sorted(key for key in {*found, *self.expected} if found.get(key) != self.expected.get(key))
        return f"other bits in {', '.join(different)}" if different else None

    def count_operations(self, at_epoch: int) -> int:
        """Return how many file operations the save of epoch ``at_epoch``, counted from 0, has."""
        log = self.directory / "operations"
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        run_in_fork(lambda: self.run_watched(at_epoch, lambda *_: os.write(descriptor, b".")))
        os.close(descriptor)
        return log.stat().st_size

    def run_watched(self, at_epoch: int, react: Callable[[str, str], None]) -> None:
        """Run the port with ``react`` at the file operations of the save of epoch ``at_epoch``."""
        end, count = epochs.Epochs.end, itertools.count()

        def watched(*args, **keywords):
            with watch(react, self.out) if next(count) == at_epoch else contextlib.nullcontext():
                return end(*args, **keywords)

        epochs.Epochs.end = watched  # of this forked process
        self.run(self.out)

    def run_limited(self, size: int) -> None:
        """Run the port where no file may grow beyond ``size`` bytes."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        self.run(self.out)

    def run_signalled(self, number: int, after_s: float) -> None:
        """Run the port, and send it the signal ``number`` after ``after_s`` seconds, wherever it then is."""
        me = os.getpid()
        if os.fork() == 0:
            time.sleep(after_s)
            with contextlib.suppress(ProcessLookupError):
                os.kill(me, number)
            os._exit(0)
        self.run(self.out)


def read_results(directory: Path) -> dict:
    """Return all that a run leaves, but for what is time."""
    left = {}
    for path in sorted(directory.iterdir()):
        if path.name == "result.json":
            left[path.name] = json.loads(path.read_text()) | {"wall_time_s": None, "times": None}
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                left[path.name] = {name: array.tobytes() for name, array in arrays.items()}
        elif path.is_file() and path.name not in (".lock", "losses.png"):  # in that of 8 there are times
            left[path.name] = path.read_bytes()
    return left


def find_what_is_torn(directory: Path) -> str | None:
    """Return what in a run's directory cannot be read, or None: JSON, pictures, arrays, checkpoints."""
    if not directory.is_dir():
        return None
    for path in directory.iterdir():
        try:
            if path.name.startswith("."):
                continue
            if path.suffix == ".json":
                json.loads(path.read_text())
            elif path.suffix == ".png":
                matplotlib.image.imread(path)
            elif path.suffix == ".npz":
                with np.load(path) as arrays:
                    dict(arrays)
            elif path.suffix == ".index" and path.exists():
                reader = tf.train.load_checkpoint(str(path.with_suffix("")))
                for name in reader.get_variable_to_shape_map():
                    reader.get_tensor(name)
        except (OSError, ValueError, SyntaxError, zipfile.BadZipFile, tf.errors.OpError, IndexError) as error:
            return f"{path.name} cannot be read ({error})"
    numbered = list((directory / generations.DIRECTORY).glob("0*"))
    whole = list(generations.find_generations(directory))
    return None if len(whole) == len(numbered) else f"{len(numbered) - len(whole)} generations do not verify"


def torture(number: int, directory: Path, data: Path, n_kills: int, rnd: random.Random) -> dict[str, list[str | None]]:
    """Stop the port ``number`` in every way; return, by the way, what was wrong each time, None where nothing."""
    one, found = Torture(number, directory, data), {}

    def go(name: str, stops: list[Callable[[], None]], codes: set[int]) -> None:
        bar = tqdm(stops, desc=f"{one.script.name}: {name}", leave=False, disable=None)
        found[name] = [one.stop_and_go_on(stop, codes) for stop in bar]

    n_operations = one.count_operations(at_epoch=1)
    kills = [partial(one.run_watched, 1, KillAt(n)) for n in range(1, n_operations + 1)]
    go("SIGKILL at each operation of a save", kills, {-signal.SIGKILL})
    for code in (errno.ENOSPC, errno.EIO) if number in FAILING else ():
        fails = [partial(one.run_watched, 1, FailAt(n, code, lasts=True)) for n in range(1, n_operations + 1)]
        go(f"{errno.errorcode[code]} from each operation of a save on", fails, {0, 2})
    limits = [partial(one.run_limited, rnd.randrange(1000, 2_000_000)) for _ in range(n_kills)]
    go("files that grow no further", limits, {0, 2})
    for number_, codes in SIGNALS.items():
        moments = [rnd.uniform(0.05, one.wall_time_s * 1.1) for _ in range(n_kills)]
        go(f"{number_.name} at random", [partial(one.run_signalled, number_, moment) for moment in moments], codes)
    return found


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.torture_runs", description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=50, metavar="N", help="of each signal; default: %(default)s")
    parser.add_argument("--ports", type=int, nargs="+", choices=FAMILIES, default=list(FAMILIES), metavar="N")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments; default: %(default)s")
    args = parser.parse_args(argv)
    rnd, n_wrong = random.Random(args.seed), 0
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        write_gzipped(Path(place) / "data", make_tiny_arrays().values())
        for number in args.ports:
            directory = Path(place) / str(number)
            directory.mkdir()
            for name, problems in torture(number, directory, Path(place) / "data", args.kills, rnd).items():
                wrong = [problem for problem in problems if problem]
                n_wrong += len(wrong)
                n_right = f"{len(problems) - len(wrong)} of {len(problems)}"
                print(f"autoencoder_{number} ({FAMILIES[number]}): {name}: {n_right}")
                for problem in wrong[:5]:
                    print(f"  {problem}")
                sys.stdout.flush()
    if n_wrong:
        raise BadInputError(f"{n_wrong} runs were torn or went on to other bits, expected none")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
