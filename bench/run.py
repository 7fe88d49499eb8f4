"""Run a benchmark of bench/bench_*.py and keep what it measured: python -m bench.run engines|growth|ports [flags].

The result goes to data/bench once every case has passed (bench/store.py); a run that fails or is interrupted leaves
what was there before. With --compare nothing is kept: the engines are measured anew and held against this machine's
own result, or else the one in bench/results.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import compare, limits, store
from bench import work as bench_work
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser, parse_count, parse_path

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")


def make_parser() -> Parser:
    parser = Parser(prog="python -m bench.run", description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True, parser_class=Parser)
    for kind in ("engines", "growth", "ports"):
        flags = kinds.add_parser(kind)
        if kind != "growth":  # whose rows are noise
            flags.add_argument("--data", type=parse_path, help="mnist, digits or a directory; default: mnist if there")
        flags.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="default: %(default)s")
        flags.add_argument("--threads", type=parse_count, help="so many of this process's cores; default: all")
        if kind != "ports":  # whose runs multiply float32 as float32
            flags.add_argument("--tf32", action="store_true", help="on a GPU: in TensorFloat-32; default: no")
        if kind == "engines":
            flags.add_argument("--batch", type=parse_count, help="one size, instead of 150, 1000 and 5000")
            flags.add_argument("--width", type=limits.parse_width, default=300, help="units of a frozen layer")
            flags.add_argument("--frozen", type=limits.parse_frozen, default=1, help="frozen layers")
            flags.add_argument("--compare", action="store_true", help="hold it against what is there; keep nothing")
            compare.add_flags(flags)
        if kind == "ports":
            flags.add_argument(
                "--notes", type=parse_path, help="the notes' Markdown: and each original under TF 1.15.5"
            )
    return parser


def describe_work(args: argparse.Namespace) -> dict:
    """Return what is to be measured, as a result says it.

    Raises:
      BadInputError: the data cannot be read, a batch is larger than them, the layers do not fit in memory, or a CPU
        shall use TensorFloat-32.
    """
    if getattr(args, "tf32", False) and args.device == "cpu":
        raise BadInputError("--tf32: on a CPU, which has none, expected a GPU; use --device gpu, or leave it out")
    computed = {"device": args.device}
    computed |= {"tf32": getattr(args, "tf32", False)} if args.device == "gpu" else {}
    if args.kind == "growth":
        return {"data": "noise", "rows": 10_000, **computed, **store.LISTING}
    work = store.describe_data(args.data) | computed
    if args.kind == "engines":
        limits.check_batch(args.batch, work["rows"], work["data"])
        limits.check_width(args.width, args.frozen, args.batch or store.LISTING["batch"])
        work |= {"batch": args.batch} if args.batch else {}
        work |= {"width": args.width, "frozen": args.frozen}
    return work


def describe_machine(device: str) -> dict:
    """Return the machine, its settings, the versions.

    Raises:
      BadInputError: the device is not there.
    """
    found = bench_work.describe_machine()
    if device == "gpu" and not found["gpu"]:
        raise BadInputError(
            f"--device gpu: TensorFlow {found['tensorflow']} sees no GPU on this machine, expected one; nothing is "
            "measured; make doctor says why"
        )
    return found


def measure(args: argparse.Namespace, data: str) -> tuple[list[dict], int]:
    """Return the rows of a benchmark, which runs in a process of its own, and how many rounds there were of each.

    Raises:
      BadInputError: a case failed, or none ran.
    """
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "benchmark.json"
        words = [*PYTEST, f"bench/bench_{args.kind}.py", f"--benchmark-json={path}", "--device", args.device]
        words += [] if args.kind == "growth" else ["--data", data]
        for name in ("batch", "width", "frozen", "notes"):
            value = getattr(args, name, None)
            words += [f"--{name}", str(value)] if value else []
        words += ["--tf32"] if getattr(args, "tf32", False) else []
        code = subprocess.run(words, cwd=store.ROOT).returncode
        if code:
            raise BadInputError(
                f"bench {args.kind}: a case failed ({code}), expected all to pass; see above; nothing is kept"
            )
        found = json.loads(path.read_text() or "{}") if path.exists() else {}
    benchmarks = found.get("benchmarks")
    if not benchmarks:
        raise BadInputError(f"bench {args.kind}: nothing was measured, expected a case at least; nothing is kept")
    return [benchmark["extra_info"] for benchmark in benchmarks], benchmarks[0]["stats"]["rounds"]


def measure_peak(device: str, tf32: bool) -> float:
    """Return the machine's peak in GFLOP/s, measured in a process that was started on these cores."""
    words = [sys.executable, "-m", "bench.peak", "--device", device, *(["--tf32"] if tf32 else [])]
    done = subprocess.run(words, cwd=store.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise BadInputError(f"bench.peak: {done.stderr.strip()}; expected a speed; nothing is kept")
    return max(json.loads(done.stdout).values())


def measure_and_keep(args: argparse.Namespace, new: dict) -> None:
    """Measure, and write what was measured to data/bench; where that fails, write nothing."""
    work = new["work"]
    rows, work["rounds"] = measure(args, getattr(args, "data", None) or work["data"])
    work["peak_gflop_per_s"] = measure_peak(args.device, getattr(args, "tf32", False))
    path = store.write_own(args.kind, new["machine"], work, rows)
    print(
        f"results: {path.relative_to(store.ROOT)}; make bench-report shows them, make bench-keep publishes them",
        file=sys.stderr,
    )


def measure_and_compare(args: argparse.Namespace, new: dict) -> None:
    """Measure, and hold that against what is there of the same; keep nothing."""
    path = find_old(args.kind, new["work"])
    old = store.read(path)
    compare.check_alike((path, old), ("this run", new), args.across_versions)  # before minutes are spent
    rows, _ = measure(args, args.data or new["work"]["data"])
    print(f"old: {path}\nnew: this run, which is not kept")
    compare.compare(old, new | {"rows": rows}, args.threshold)


def find_old(kind: str, work: dict) -> Path:
    """Return this machine's own result of such work, else the one that is kept.

    Raises:
      BadInputError: there is neither.
    """
    own = store.find_own(kind, work)
    kept = store.KEPT / own.relative_to(store.OWN)
    for path in (own, kept):
        if path.exists():
            return path
    raise BadInputError(
        f"{own}: not there, nor {kept}, expected a result of this machine to compare with; run make bench first"
    )


def main(argv: list[str]) -> None:
    args = make_parser().parse_args(argv)
    limits.limit_threads(args.threads)
    new = {"kind": args.kind, "work": describe_work(args), "machine": describe_machine(args.device)}
    if getattr(args, "compare", False):
        measure_and_compare(args, new)
    else:
        measure_and_keep(args, new)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
