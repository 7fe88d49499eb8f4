"""Kill downloads, and make the embedded digits in two processes at once, and see that nothing is lost.

    python -m scripts.torture_data [--kills 50] [--starts 50] [--seed 0]

A download is killed (SIGKILL) at a random time; what lies under a file's name is then intact, and running it again
completes the set and leaves no other file. The mirror is on this machine, and slow, and its set is made of noise. Exits
with 2 where one of them fails.
"""

import contextlib
import gzip
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np

from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser
from ref.data import download, idx

ROOT = Path(__file__).resolve().parents[1]
N_IMAGES = (3000, 500)  # for training, for testing
CHUNK_BYTES, PAUSE_S = 1 << 16, 0.01
# A child says that it has imported all, and waits for a word. Then it downloads, or makes the digits, or noise in their
# place; at its file operation number KILL_AT it is killed.
CHILD = """
import json, os, signal, sys
from pathlib import Path
from unittest import mock
from ref.data import digits, download, sources
from scripts import torture_data

directory, url, sha256, kill_at = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4])
n_operations = 0

def count(event, arguments):
    global n_operations
    if event in ("open", "os.rename", "os.chmod", "os.remove", "os.mkdir") and directory in str(arguments[:2]):
        n_operations += 1
        if n_operations == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

print("ready", flush=True)
sys.stdin.readline()
sys.addaudithook(count)
if url:
    with mock.patch.multiple(download, MNIST_SHA256=sha256, FILES=tuple(sha256)):
        download.download(Path(directory), (url,))
else:
    sources.DATA_DIR = Path(directory)
    if sha256:
        digits.DIGITS_SHA256, digits.build_digits = sha256, torture_data.make_noise
    assert sources.load("digits").sha256 == digits.DIGITS_SHA256
"""


def make_noise() -> list[np.ndarray]:
    """Return images (n, 28, 28) and labels (n,) of noise, for training and for testing, uint8; always the same."""
    rnd, shapes = np.random.RandomState(0), [shape for n in N_IMAGES for shape in ((n, 28, 28), (n,))]
    return [rnd.randint(0, 10, shape).astype(np.uint8) for shape in shapes]


def start(directory: Path, url: str = "", sha256: dict[str, str] | None = None, kill_at: int = 0) -> subprocess.Popen:
    """Start a child that is ready to download from ``url`` to ``directory``, or to make the digits there."""
    command = [sys.executable, "-c", CHILD, str(directory), url, json.dumps(sha256), str(kill_at)]
    environment = os.environ | {"HOME": str(directory), "XDG_CACHE_HOME": str(directory / "cache")}
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes)
    if child.stdout.readline() != "ready\n":
        raise RuntimeError(child.communicate()[1])
    return child


@contextlib.contextmanager
def serve_noise(files: tuple[str, ...] = idx.FILES, pause_s: float = PAUSE_S) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a set of noise on this machine, slowly; give its URL and the sha256 of each of ``files``."""
    arrays = {file: array for file, array in zip(idx.FILES, make_noise()) if file in files}
    contents = {f"/{file}.gz": gzip.compress(idx.encode_idx(array), 1, mtime=0) for file, array in arrays.items()}
    sha256 = {file: idx.hash_array_file(array) for file, array in arrays.items()}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = contents[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked was killed
                for at in range(0, len(content), CHUNK_BYTES):
                    self.wfile.write(content[at : at + CHUNK_BYTES])
                    time.sleep(pause_s)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sha256
    finally:
        server.shutdown()
        server.server_close()


def find_faults(directory: Path, url: str, sha256: dict[str, str]) -> list[str]:
    """Return what is wrong in ``directory`` after a kill, and after the download is run again."""
    faults = []
    for file in sha256:
        path = directory / f"{file}.gz"
        with contextlib.suppress(FileNotFoundError):
            try:
                is_intact = idx.hash_array_file(idx.read_idx(path)) == sha256[file]
            except BadInputError:
                is_intact = not path.exists()
            faults += [] if is_intact else [f"{file} is not intact"]
    with mock.patch.multiple(download, MNIST_SHA256=sha256, FILES=tuple(sha256)):
        download.download(directory, (url,))
    found = {path.name: idx.hash_array_file(idx.read_idx(path)) for path in sorted(directory.iterdir())}
    return faults + ([] if found == {f"{file}.gz": sha256[file] for file in sorted(sha256)} else [f"then {found}"])


def kill_at_each_operation() -> tuple[int, list[str]]:
    """Kill a download of one file at its first file operation, its second, and so on; return how many, and faults."""
    faults, kill_at, code = [], 0, -signal.SIGKILL
    with serve_noise(idx.FILES[3:], pause_s=0) as (url, sha256), tempfile.TemporaryDirectory() as base:
        while code == -signal.SIGKILL:
            kill_at += 1
            directory = Path(base) / str(kill_at)
            child = start(directory, url, sha256, kill_at)
            child.communicate("go\n")
            code = child.returncode
            faults += [f"operation {kill_at}: {fault}" for fault in find_faults(directory, url, sha256)]
    return kill_at - 1, faults + ([f"ended with {code}"] if code else [])


def kill_at_random(n_times: int, seed: int) -> list[str]:
    """Kill downloads of four files at random times, and return what was wrong after it."""
    rnd, faults, n_started, n_killed = random.Random(seed), [], 0, 0
    with serve_noise() as (url, sha256), tempfile.TemporaryDirectory() as base:
        child = start(Path(base) / "whole", url, sha256)
        start_s = time.perf_counter()
        child.communicate("go\n")
        whole_s = time.perf_counter() - start_s
        while n_killed < n_times:
            n_started += 1
            directory = Path(base) / str(n_started)
            child = start(directory, url, sha256)
            child.stdin.write("go\n")
            child.stdin.flush()
            delay_s = rnd.uniform(0.0, whole_s)
            time.sleep(delay_s)
            child.kill()
            child.communicate()
            n_killed += child.returncode == -signal.SIGKILL
            found = find_faults(directory, url, sha256)
            faults += [f"download {n_started}, killed after {delay_s:.3f} s: {fault}" for fault in found]
    print(f"{n_killed} downloads killed within {whole_s:.2f} s, {n_started - n_killed} done before", file=sys.stderr)
    return faults


def start_at_once(n_times: int, is_small: bool = False) -> list[str]:
    """Make the embedded digits (noise, if small) in two processes at once, anew each time; return what went wrong."""
    faults, sha256 = [], {}
    if is_small:
        sha256 = dict(zip(idx.FILES, map(idx.hash_array_file, make_noise())))
    for i in range(n_times):
        with tempfile.TemporaryDirectory() as base:
            children = [start(Path(base) / "data", sha256=sha256) for _ in range(2)]
            for child in children:
                child.stdin.write("go\n")
                child.stdin.flush()
            for child in children:
                errors = child.communicate()[1]
                faults += [f"start {i}: {errors}"] if child.returncode or "Traceback" in errors else []
            found = sorted(path.name for path in (Path(base) / "data" / "digits").iterdir())
            faults += [] if found == sorted(f"{file}.gz" for file in idx.FILES) else [f"start {i}: left {found}"]
    return faults


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.torture_data", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--starts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    n_operations, faults = kill_at_each_operation()
    faults += kill_at_random(args.kills, args.seed)
    faults += start_at_once(args.starts)
    print(
        f"{n_operations} kills at each file operation of a download, {args.kills} at random, 2 x {args.starts} starts"
    )
    if faults:
        raise BadInputError(f"{'; '.join(faults)}; expected intact files after each")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
