"""Our engines beside TensorFlow 1, Keras, PyTorch, JAX and the BLAS floor, on the same work, interleaved in one run.

    python -m bench.peers [--data mnist|digits|DIR] [--batch 150] [--rounds 12] [--summary FILE] [--peers PYTHON]

Every candidate, cached and recomputed, is a process of its own (bench/workers.py, bench/tf1_worker.py) with all of this
process's CPUs; TensorFlow 1.15.5 is among them where it is installed (make tf1). All are warmed up, then checked: from
the same weights, on the same batches, each must come to the loss that float64 NumPy comes to, or the run fails. Then
all take turns, an epoch a turn, in an order that is drawn anew for each round. What is printed and kept is the median,
with the quartiles; standard error says where they are far apart.
"""

import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from tqdm import tqdm

from bench import tf1
from bench import work as bench_work
from bench.candidate import PEERS, Candidate
from ref.common.cli import exit_codes, import_port
from ref.common.errors import BadInputError
from ref.common.files import make_directory, open_atomically
from ref.common.flags import Parser

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
# In memory block-shuffle takes the steps of epoch-shuffle.
ENGINES = [engine for engine in import_port("ref.engines").ENGINES if engine != "block-shuffle"]
# TensorFlow 1's are named after the engines of ours that draw and feed as they do.
TF1_CANDIDATES = [("tf1", engine) for engine in ("book", "epoch-shuffle")]
CANDIDATES = [("ours", engine) for engine in ENGINES] + TF1_CANDIDATES + [(who, None) for who in (*PEERS, "blas-floor")]
PAUSE_S = 0.05  # in which the threads of the one before fall asleep
MAX_SPREAD = 0.25  # of the quartiles, in medians; on a quiet machine it is about 0.1


def check_work(candidate: Candidate, work: bench_work.Work, directory: Path) -> None:
    """Let the candidate do the work anew, and keep how far it is from the expected losses.

    Raises:
      BadInputError: it does other work.
    """

    def train_anew(n_steps: int) -> dict[str, np.ndarray]:
        candidate.ask("reset")
        candidate.ask("train", n_steps)
        candidate.ask("save", str(directory / "weights.npz"))
        with np.load(directory / "weights.npz") as weights:
            return dict(weights)

    candidate.deviation = bench_work.check_work(work, candidate.name, train_anew)


def measure(
    work: bench_work.Work, n_rounds: int, peers_python: Path, directory: Path, whom: list[tuple[str, str | None]]
) -> list[Candidate]:
    """Return those of ``whom`` that work, cached ones first, with their milliseconds a step, one number a round."""
    n_steps = len(work.batches)
    candidates: list[Candidate] = []
    try:
        cases = [(cached, *candidate) for cached in (True, False) for candidate in whom]
        for cached, who, engine in tqdm(cases, desc="warm-up", leave=False, disable=None):
            candidate = None
            try:
                candidate = Candidate(who, engine, cached, directory, peers_python)
                for n in (n_steps, bench_work.N_CHECKED_STEPS):
                    candidate.ask("train", n)
            except BadInputError as error:  # no compiler for torch-compile, say
                if who == "ours":
                    raise
                print(f"{who}: not measured, {error}", file=sys.stderr)
                if candidate:
                    candidate.stop()
                continue
            candidates.append(candidate)
            check_work(candidate, work, directory)
        order = random.Random(0)
        for _ in tqdm(range(n_rounds), desc="rounds", leave=False, disable=None):
            for candidate in order.sample(candidates, len(candidates)):
                time.sleep(PAUSE_S)
                candidate.ask("train", bench_work.N_CHECKED_STEPS)  # wakes its threads and fills the caches
                candidate.ms_per_step.append(candidate.ask("train", n_steps) / n_steps * 1e3)
    finally:
        for candidate in candidates:
            candidate.stop()
    return candidates


def summarize(candidate: Candidate, batch_size: int) -> dict:
    """Return the row of summary.json."""
    ms_per_step = statistics.median(candidate.ms_per_step)
    return {
        "who": candidate.who,
        "engine": candidate.engine,
        "cached": candidate.cached,
        "device": "cpu",
        "batch": batch_size,
        "ms_per_step": round(ms_per_step, 4),
        "examples_per_s": round(batch_size / ms_per_step * 1e3),
    }


def find_versions(peers_python: Path) -> dict[str, str]:
    """Return the peers' versions.

    Raises:
      BadInputError: that Python has not all of them.
    """
    code = (
        "import importlib.metadata as m, json; print(json.dumps({p: m.version(p) for p in ('keras', 'torch', 'jax')}))"
    )
    try:
        said = subprocess.run([peers_python, "-c", code], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadInputError(
            f"{peers_python}: no Python with keras, torch and jax ({error}), expected one; run make bench-peers, which "
            "installs them"
        ) from error
    return json.loads(said)


def find_tf1_versions() -> dict[str, str] | None:
    """Return TensorFlow 1's versions; None, and a line on standard error, where it is not installed."""
    try:
        return tf1.find_versions()
    except BadInputError as error:
        print(f"tf1: not measured, {error}", file=sys.stderr)
        return None


def write_json(path: Path, content) -> None:
    with open_atomically(path) as file:
        file.write((json.dumps(content, indent=1) + "\n").encode())


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.peers")
    parser.add_argument("--data", help="mnist, digits or a directory; default: mnist if there, else digits")
    parser.add_argument("--batch", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--summary", type=Path, help="write the summary there, and nothing to bench/results")
    parser.add_argument("--peers", type=Path, default=PEERS_PYTHON, help="a Python that has torch, jax and keras")
    args = parser.parse_args(argv)
    if args.batch < 1 or args.rounds < 2:
        raise BadInputError(f"--batch {args.batch} --rounds {args.rounds}: expected at least 1 and 2; use more")
    summary = args.summary or RESULTS / "summary.json"
    if summary.is_dir():
        raise BadInputError(f"{summary}: is a directory, expected the name of a file; choose another (--summary)")
    make_directory(summary.parent)
    versions = find_versions(args.peers)
    tf1_versions = find_tf1_versions()
    whom = [candidate for candidate in CANDIDATES if tf1_versions or candidate not in TF1_CANDIDATES]
    rows, details, noisy = [], [], []
    with tempfile.TemporaryDirectory() as directory:
        work = bench_work.make_work(args.data, args.batch)
        if not len(work.batches):
            raise BadInputError(
                f"--batch {args.batch}: larger than the {len(work.images)} rows, expected no more; use a smaller one"
            )
        work.save(Path(directory))
        for candidate in measure(work, args.rounds, args.peers, Path(directory), whom):
            row, quartiles_ms = summarize(candidate, args.batch), candidate.quartiles_ms
            rows.append(row)
            details.append(
                row
                | {"quartiles_ms": quartiles_ms}
                | {f"deviation_{name}": float(f"{value:.1e}") for name, value in candidate.deviation.items()}
            )
            print(
                f"{candidate.name:<20}{candidate.frozen_layer:<11}{row['ms_per_step']:>8.3f} ms/step "
                "({:.3f} to {:.3f})".format(*quartiles_ms)
                + f"{row['examples_per_s']:>10,} examples/s"
                + "".join(f"{value:>+9.0e} after the {when}" for when, value in candidate.deviation.items()),
                flush=True,
            )
            if quartiles_ms[1] - quartiles_ms[0] > MAX_SPREAD * row["ms_per_step"]:
                noisy.append(f"{candidate.name}, {candidate.frozen_layer}")
    if noisy:
        print(f"noisy, to be measured again on a quiet machine: {'; '.join(noisy)}", file=sys.stderr)
    if args.summary:
        write_json(args.summary, rows)
        return
    machine = bench_work.describe_machine() | versions | {"machine": platform.machine()}
    machine |= {"tf1": tf1_versions} if tf1_versions else {}
    work_done = {"data": work.data, "rows": len(work.images), "batch": args.batch, "rounds": args.rounds}
    write_json(
        RESULTS / f"{bench_work.name_machine()}-peers.json", {"machine": machine, "work": work_done, "rows": details}
    )
    write_json(summary, rows)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
