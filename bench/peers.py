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

from bench import contest, limits, store, tf1
from bench import work as bench_work
from bench.peak import measure_peak_gflop_per_s
from ref.common.cli import exit_codes, import_port
from ref.common.errors import BadInputError
from ref.common.files import make_directory
from ref.common.flags import Parser, parse_count

ROOT = Path(__file__).resolve().parents[1]
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
MAX_SPREAD = 0.25  # of the quartiles, in medians; on a quiet machine it is about 0.1


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


def print_row(name: str, row: dict) -> None:
    """Print a candidate's milliseconds a step, its wall times, its memory, and how far from NumPy's losses it is."""
    form = f"  ({row['engine_form']})" if row["engine_form"] else ""
    walls = "  ".join(
        f"{name} " + " ".join(f"{seconds:.1f}" for seconds in row[key].values())
        for name, key in (("cold", "wall_cold_s"), ("warm", "wall_warm_s"))
    )
    print(
        f"{name:<20}{'cached' if row['cached'] else 'recomputed':<11}{row['ms_per_step']:>8.3f} ms/step "
        "({:.3f} to {:.3f})".format(*row["quartiles_ms"])
        + f"{row['examples_per_s']:>10,} examples/s  {walls} s"
        + (f"{row['peak_rss_mb']:>6} MB" if row["peak_rss_mb"] else "")
        + "".join(f"{row[key]:>+9.0e} after the {key[10:]}" for key in row if key.startswith("deviation_"))
        + form,
        flush=True,
    )


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m bench.peers")
    parser.add_argument("--data", help="mnist, digits or a directory; default: mnist if there, else digits")
    parser.add_argument("--batch", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--threads", type=parse_count, help="so many of this process's cores; default: all")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these alone, as xla jax-tuned; nothing is kept")
    parser.add_argument("--summary", type=Path, help="write the summary there, and nothing to data/bench")
    parser.add_argument("--peers", type=Path, default=PEERS_PYTHON, help="a Python that has torch, jax and keras")
    args = parser.parse_args(argv)
    if args.batch < 1 or args.rounds < 2:
        raise BadInputError(f"--batch {args.batch} --rounds {args.rounds}: expected at least 1 and 2; use more")
    limits.limit_threads(args.threads)
    summary = args.summary or store.OWN / store.SUMMARY
    if summary.is_dir():
        raise BadInputError(f"{summary}: is a directory, expected the name of a file; choose another (--summary)")
    import_port("ref.common.session").check_device(args.device)
    make_directory(summary.parent)
    versions = find_versions(args.peers)
    tf1_versions = find_tf1_versions()
    entries = contest.list_entries(bool(tf1_versions), args.device)
    entries = contest.select_entries(entries, args.only) if args.only else entries
    with tempfile.TemporaryDirectory() as directory:
        work = bench_work.make_work(args.data, args.batch)
        if not len(work.batches):
            raise BadInputError(
                f"--batch {args.batch}: larger than the {len(work.images)} rows, expected no more; use a smaller one"
            )
        peak_gflop_per_s = measure_peak_gflop_per_s(args.device)
        work.save(Path(directory))
        setting = contest.Setting(Path(directory), args.peers, args.device)
        candidates = contest.measure(work, args.rounds, setting, entries)
        outputs = contest.compare_outputs(work, candidates)
    rows = [contest.describe(candidate, args.batch, len(work.batches)) for candidate in candidates]
    noisy = []
    for candidate, row in zip(candidates, rows):
        print_row(candidate.name, row)
        if row["quartiles_ms"][1] - row["quartiles_ms"][0] > MAX_SPREAD * row["ms_per_step"]:
            noisy.append(f"{candidate.name}, {candidate.frozen_layer}")
    weights = ", ".join(f"{value:.0e} ({name})" for name, value in outputs["weights"].items())
    print(
        f"cached and recomputed, the frozen layer's outputs differ by at most {outputs['max_difference']:.0e}; "
        f"after an epoch the weights by {weights}"
    )
    if noisy:
        print(f"noisy, to be measured again on a quiet machine: {'; '.join(noisy)}", file=sys.stderr)
    summary_rows = [contest.summarize(candidate, args.batch) for candidate in candidates]
    if args.summary:
        store.write(args.summary, summary_rows)
    if args.summary or args.only:
        return
    machine = bench_work.describe_machine() | versions | {"machine": platform.machine()}
    machine |= {"tf1": tf1_versions} if tf1_versions else {}
    work_done = store.describe_data(args.data or work.data) | {
        "device": args.device,
        "batch": args.batch,
        "rounds": args.rounds,
    }
    work_done |= {"peak_gflop_per_s": round(peak_gflop_per_s, 1)}
    path = store.write_own("peers", machine, work_done, rows, outputs=outputs)
    store.write(summary, summary_rows)
    print(f"results: {path.relative_to(ROOT)}; make bench-report shows them", file=sys.stderr)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
