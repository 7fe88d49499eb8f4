"""A worker process of bench/peers.py, of whichever library, and what is known of it."""

import contextlib
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bench import tf1
from ref.common.errors import BadInputError

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".venv-peers" / "cache"
ENVIRONMENT = {
    "KERAS_HOME": str(CACHE / "keras"),
    "MPLCONFIGDIR": str(CACHE / "matplotlib"),
    "TORCHINDUCTOR_CACHE_DIR": str(CACHE / "torch"),
}
DEVICE_ENVIRONMENT = {
    "cpu": {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"},
    # Many processes share one GPU: none may take all of its memory.
    "gpu": {"JAX_PLATFORMS": "cuda", "XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"},
}


KINDS, VENVS = ("idiomatic", "tuned", "floor"), (".venv", ".venv-peers")


def find_worker(who: str):
    """Return a candidate's module of bench/workers: its KIND, VENV and FORMS. Its library is not imported.

    Raises:
      BadInputError: it imports a library that this Python has not, or doesn't say how it is written and what runs it.
    """
    name = f"bench.workers.{who.replace('-', '_')}"
    try:
        worker = importlib.import_module(name)
    except ImportError as error:
        raise BadInputError(f"{name}: {error}; expected libraries to be imported in Worker.__init__") from error
    kind, venv = getattr(worker, "KIND", None), getattr(worker, "VENV", None)
    if kind not in KINDS or venv not in VENVS:
        raise BadInputError(
            f"{name}: KIND {kind!r} and VENV {venv!r} found, expected one of {', '.join(KINDS)}, and of "
            f"{', '.join(VENVS)}; see bench/workers/__init__.py"
        )
    return worker


class Candidate:
    """A worker process and what is known of it.

    ``form`` is which of the forms of its file it takes; None, where it has some, lets it time them.
    """

    def __init__(
        self,
        who: str,
        engine: str | None,
        cached: bool,
        directory: Path,
        peers_python: Path,
        device: str = "cpu",
        form: str | None = None,
    ):
        self.who, self.engine, self.cached, self.device = who, engine, cached, device
        self.ms_per_step: list[float] = []
        self.deviation: dict[str, float] = {}
        self.weights: dict[str, np.ndarray] = {}  # after an epoch
        self.form, self.peak_rss_mb = None, None
        self.wall_cold_s: dict[str, float] = {}
        self.wall_warm_s: dict[str, float] = {}
        self._log = open(directory / f"{self.name}, {self.frozen_layer}.log", "w+")  # noqa: SIM115  closed with the process
        if who == "tf1":
            self.kind, python, module = "idiomatic", tf1.PYTHON, "bench.tf1_worker"
        else:
            worker = find_worker(who)
            self.kind, module = worker.KIND, "bench.workers"
            python = {".venv": sys.executable, ".venv-peers": peers_python}[worker.VENV]
        command = [python, "-m", module, who, self.frozen_layer, directory, "--device", device]
        if form or engine:
            command += ["--form", form or engine]
        start_s = time.perf_counter()
        self._process = subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            env=os.environ | ENVIRONMENT | DEVICE_ENVIRONMENT[device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        try:
            self._read()
        except BaseException:
            self.stop()
            raise
        self.ready_s = time.perf_counter() - start_s  # imports, graph, cache: all that comes before the first step

    @property
    def name(self) -> str:
        return f"{self.who} {self.engine}" if self.engine else self.who

    @property
    def frozen_layer(self) -> str:
        return "cached" if self.cached else "recomputed"

    @property
    def quartiles_ms(self) -> list[float]:
        first, _, third = statistics.quantiles(self.ms_per_step, n=4)
        return [round(first, 4), round(third, 4)]

    def ask(self, *command):
        """Return the worker's answer to ``command``."""
        with contextlib.suppress(BrokenPipeError):  # it has ended, and the answer will say so
            print(json.dumps(command), file=self._process.stdin, flush=True)
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            self._log.seek(0)
            said = self._log.read().strip().splitlines() or ["nothing"]
            raise BadInputError(f"{self.name} ended and said: {said[-1]}; expected an answer")
        return json.loads(line)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(BrokenPipeError):
                file.close()
