"""Our engines beside TensorFlow 1, Keras, PyTorch, JAX and the BLAS floor, on the same work, interleaved in one run.

    python -m bench.peers [--data mnist|digits|DIR] [--batch 150] [--rounds 12] [--device cpu|gpu] [--summary FILE]

Every candidate, cached and recomputed, is a process of its own (bench/workers, bench/tf1_worker.py) with all of this
process's CPUs; TensorFlow 1.15.5 is among them where it is installed (make tf1). Each is timed from its start for a few
epochs, then checked: from the same weights, on the same batches, it must come to the loss that float64 NumPy comes to,
or the run fails. Then all take turns, an epoch a turn, in an order that is drawn anew for each round. What is printed
and kept is the median, with the quartiles; standard error says where they are far apart.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from bench import contest, tf1
from bench import work as bench_work
from bench.candidate import DEVICE_ENVIRONMENT, Candidate
from bench.peak import measure_peak_gflop_per_s
from ref.common.cli import exit_codes, import_port
from ref.common.errors import BadInputError
from ref.common.files import make_directory, open_atomically
from ref.common.flags import Parser

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
MAX_SPREAD = 0.25  # of the quartiles, in medians; on a quiet machine it is about 0.1
FIND_VERSIONS = """
import importlib.metadata as m, json
print(json.dumps({p: m.version(p) for p in ("keras", "torch", "jax")}))
"""
FIND_GPUS = """
import json, jax, tensorflow, torch
def count_jax_gpus():
    try:
        return len(jax.devices("gpu"))
    except RuntimeError:
        return 0
counts = {"tensorflow": len(tensorflow.config.list_physical_devices("GPU")), "jax": count_jax_gpus(), "torch": torch.cuda.device_count()}
print(json.dumps(counts))
"""


def ask_peers(peers_python: Path, code: str, device: str = "cpu") -> dict:
    """Return what ``code`` prints in the peers' Python.

    Raises:
      BadInputError: that Python has not all of them.
    """
    environment = os.environ | DEVICE_ENVIRONMENT[device]
    try:
        said = subprocess.run(
            [peers_python, "-c", code], capture_output=True, text=True, check=True, env=environment
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadInputError(
            f"{peers_python}: no Python with keras, torch and jax ({error}), expected one; run make bench-peers, which "
            "installs them"
        ) from error
    return json.loads(said)
