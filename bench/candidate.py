"""A worker process of bench/peers.py, of whichever library, and what is known of it."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from bench import tf1
from bench.workers import NAMES
from ref.common.errors import BadInputError

ROOT = Path(__file__).resolve().parents[1]
PEERS = [name for name in NAMES if name not in ("ours", "blas-floor")]


class Candidate:
    """A worker process and what is known of it."""

    def __init__(self, who: str, engine: str | None, cached: bool, directory: Path, peers_python: Path):
        self.who, self.engine, self.cached = who, engine, cached
        self.ms_per_step: list[float] = []
        self.deviation: dict[str, float] = {}
        self._log = open(directory / f"{self.name}, {self.frozen_layer}.log", "w+")  # noqa: SIM115  closed with the process
        python, module = sys.executable, "bench.workers"
        if who in PEERS:
            python = str(peers_python)
        elif who == "tf1":
            python, module = str(tf1.PYTHON), "bench.tf1_worker"
        cache = ROOT / ".venv-peers" / "cache"
        environment = {
            "CUDA_VISIBLE_DEVICES": "-1",
            "JAX_PLATFORMS": "cpu",
            "KERAS_HOME": str(cache / "keras"),
            "MPLCONFIGDIR": str(cache / "matplotlib"),
            "TORCHINDUCTOR_CACHE_DIR": str(cache / "torch"),
        }
        self._process = subprocess.Popen(
            [python, "-m", module, who, engine or "-", self.frozen_layer, str(directory), "cpu"],
            cwd=ROOT,
            env=os.environ | environment,
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
