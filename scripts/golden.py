"""The recorded goldens: record a port's numbers, compare, and write them anew.

    python -m scripts.golden               a dry run: old | new | difference of every value that differs
    python -m scripts.golden --port 7      the same for one port, then every value that does not differ
    python -m scripts.golden --write       write tests/golden, if the NumPy oracle agrees with the ports

A golden is what a port does on a small part of a data set at the listing's own sizes, seed 42: the initial values, the
losses of the first 20 steps of each training op and where they end, the numbers printed after that one short epoch, the
metrics on held-out images before and after it, the figures' arrays; and exactly: which variables each op moves, what
each step and each evaluation is fed, where the random generator stands in the end. What a script computes as its own
data is recorded as numbers, not to the bit. The port's own session loop runs, called as the command line calls it.
"""

import contextlib
import hashlib
import importlib
import inspect
import io
import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow.compat.v1 as tf
from matplotlib.figure import Figure

from ref.chapter import BY_NAME, SCRIPTS
from ref.common import machine, session
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.files import open_atomically
from ref.common.flags import Parser
from ref.common.runs import Run
from ref.data import data_sets, idx, sources

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
SEED = 42
N_STEPS = 20
N_TRAIN, N_TEST = 3273, 500  # n // 12 are for validation: 3,001 are left, 20 batches of 150
FLAGS = {
    **{n: ["--epochs", "1"] for n in range(2, 17)},
    1: ["--n-iterations", str(N_STEPS)],
    **{n: ["--epochs", "1", "--batch-size", "150"] for n in (13, 14)},  # 20 batches, as of the others
    # Where sigma passes 0 its latent loss has a pole: at the listing's 0.001 rounding grows to chance in three steps.
    15: ["--epochs", "1", "--learning-rate", "0.000001"],
}
# 8's phase 2 is chaotic: at its own rate it would leave 5 another start on every machine, and a golden of nothing.
# Of another seed, so that what is not restored shows.
FLAGS_OF_NEEDED = {5: [*FLAGS[8], "--learning-rate", "0.0001", "--seed", "7"]}
LOSSES = {  # of each step, before it; a vector's mean
    1: ("reconstruction_loss",),
    **{n: ("reconstruction_loss", "loss") for n in (2, 6)},
    3: ("reconstruction_loss", "reg_loss", "loss"),
    **{n: ("cross_entropy", "reg_loss", "loss", "accuracy") for n in (4, 5)},
    **{n: ("phase{}_reconstruction_loss", "phase{}_reg_loss", "phase{}_loss") for n in (7, 8)},
    **{n: ("reconstruction_loss",) for n in (11, 12)},
    **{n: ("reconstruction_loss", "sparsity_loss", "loss") for n in (13, 14)},
    **{n: ("reconstruction_loss", "latent_loss", "loss") for n in (15, 16)},
}
HELD_OUT = {
    **{n: ("accuracy", "cross_entropy") for n in (4, 5)},
    **{n: ("reconstruction_loss",) for n in (2, 3, 7, 8, 11, 12)},
    **{n: ("reconstruction_loss", "sparsity_loss") for n in (13, 14)},
    **{n: ("reconstruction_loss", "latent_loss") for n in (15, 16)},
}


def write_small_data(name: str, directory: Path) -> Path:
    """Write the first images of ``mnist`` or ``digits`` to ``directory``, and return it."""
    arrays = sources.load(name)
    small = (
        arrays.train_images[:N_TRAIN],
        arrays.train_labels[:N_TRAIN],
        arrays.test_images[:N_TEST],
        arrays.test_labels[:N_TEST],
    )
    idx.write_gzipped(directory, small)
    return directory


def record(number: int, data: Path, out: Path, port: ModuleType | None = None) -> dict:
    """Return the golden of a port (``port``, where it is not the script's own module) on the small data set ``data``.

    ``out`` is where runs write; what a script needs from another is made there first.
    """
    script = BY_NAME[f"autoencoder_{number}"]
    port = port or importlib.import_module(script.module)
    out = out / f"for-{number}" if number in FLAGS_OF_NEEDED else out
    argv = ["--data", str(data), "--seed", str(SEED), "--out", str(out), *FLAGS[number]]
    if script.needs:
        needed = BY_NAME[f"autoencoder_{script.needs}"]
        if not (out / needed.name / f"{needed.checkpoint}.index").exists():
            with quiet():
                importlib.import_module(needed.module).main(
                    [*argv[:6], *FLAGS_OF_NEEDED.get(number, FLAGS[needed.number])]
                )
    observed = _observe(number, port, argv)
    run, g, rnd = _run_plainly(port, argv)
    golden = {
        **observed,
        "printed": [{k: v for k, v in row.items() if k != "line"} for row in run.result["printed"]],
        "lines": [row["line"].split(":")[0] for row in run.result["printed"]],
        **_measure_held_out(number, run, g, data),
        "figures": {name: _summarize(array) for name, array in run.drawn.items()},
    }
    if rnd is not None:
        golden["rnd_sha256"] = _hash(rnd.get_state()[1], np.int64(rnd.get_state()[2]))
    return golden


def _observe(number: int, port: ModuleType, argv: list[str]) -> dict:
    """Run the port and watch each training step: initial values, feeds, losses before it, what it moved."""
    seen = SimpleNamespace(
        variables={}, batches={}, losses={}, moved={}, final={}, fed={}, evaluations=[], data={}, g=None
    )

    def keep_own_data(where, feed_dict):  # of a script that reads none; the first step's is every step's
        if not BY_NAME[f"autoencoder_{number}"].reads_data and where not in seen.data:
            seen.data[where] = {tensor.op.name: _summarize(value) for tensor, value in feed_dict.items()}

    class WatchedSession(session.Session):
        def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
            if not feed_dict or not all(isinstance(key, tf.Tensor) for key in feed_dict):  # a saver feeds by name
                return super().run(fetches, feed_dict, options, run_metadata)
            if not isinstance(fetches, tf.Operation):
                digest = hashlib.sha256()
                _add_fed(digest, feed_dict)
                seen.evaluations.append({"fed": _name_fed(feed_dict), "sha256": digest.hexdigest()})
                keep_own_data(f"evaluation {len(seen.evaluations)}", feed_dict)
                return super().run(fetches, feed_dict, options, run_metadata)
            op = _name_op(fetches, seen)
            with self.graph.as_default():
                variables = tf.global_variables()
            before = super().run({v.op.name: v for v in variables})
            if op not in seen.losses:
                seen.variables[op] = {v.op.name: _summarize(before[v.op.name]) for v in _trainable(self.graph)}
                seen.losses[op] = {name: [] for name in _loss_names(number, op)}
                seen.batches[op], seen.moved[op], seen.fed[op] = hashlib.sha256(), set(), set()
            seen.fed[op].add(tuple(_name_fed(feed_dict)))
            keep_own_data(op, feed_dict)
            if len(next(iter(seen.losses[op].values()))) < N_STEPS:
                for name, value in seen.losses[op].items():
                    value.append(_round(np.mean(super().run(getattr(seen.g, name), feed_dict))))
                _add_fed(seen.batches[op], feed_dict)
            result = super().run(fetches, feed_dict, options, run_metadata)
            after = super().run({v.op.name: v for v in variables})
            seen.final[op] = {v.op.name: _summarize(after[v.op.name]) for v in _trainable(self.graph)}
            seen.moved[op] |= {name for name, value in after.items() if not np.array_equal(value, before[name])}
            return result

    with mock.patch.object(session, "Session", WatchedSession), quiet(), no_drawing(), _catch_graphs(port, seen):
        port.main(argv)
    own_data = {"own_data": seen.data} if seen.data else {}
    return own_data | {
        "variables": seen.variables,
        "losses": seen.losses,
        "batches_sha256": {op: digest.hexdigest() for op, digest in seen.batches.items()},  # of images and labels fed
        "fed": {op: sorted(map(list, names)) for op, names in seen.fed.items()},
        "evaluations": seen.evaluations,
        "final": seen.final,
        "moved": {op: sorted(names) for op, names in seen.moved.items()},
    }


def _name_fed(feed_dict: dict) -> list[str]:
    return sorted(tensor.op.name for tensor in feed_dict)


def _add_fed(digest, feed_dict: dict) -> None:
    """Add the images and labels that are fed to the ``digest``; other feeds are results of floating-point sums."""
    for tensor, value in feed_dict.items():
        if tensor.shape.as_list()[1:] in ([784], []) and tensor.dtype != tf.bool:
            digest.update(np.ascontiguousarray(value).tobytes())


def _name_op(fetched: tf.Operation, seen) -> str:
    """Return the book's name of a training op, numbered where the port has several graphs."""
    names = ("training_op", "phase1_training_op", "phase2_training_op")
    name = next((name for name in names if getattr(seen.g, name, None) is fetched), fetched.name)
    return name if seen.n_graphs == 1 else f"{name}_{seen.n_graphs}"


def _loss_names(number: int, op: str) -> list[str]:
    return [name.format(op.removeprefix("phase")[0]) for name in LOSSES[number]]


def _trainable(graph: tf.Graph) -> list[tf.Variable]:
    with graph.as_default():
        return tf.trainable_variables()


@contextlib.contextmanager
def _catch_graphs(port: ModuleType, seen):
    """Keep what the port's ``build`` returns in ``seen.g``, and count the graphs."""
    build, seen.n_graphs = port.build, 0

    def watched(*args, **keywords):
        seen.g = build(*args, **keywords)
        seen.n_graphs += 1
        return seen.g

    # Its signature is where the command line finds the hyper-parameters.
    watched.__signature__ = inspect.signature(build)
    with mock.patch.object(port, "build", watched):
        yield


def _run_plainly(port: ModuleType, argv: list[str]) -> tuple[Run, SimpleNamespace, np.random.RandomState | None]:
    """Run the port and return its Run, its last graph, and the generator of its data sets."""
    seen, rnds, read = SimpleNamespace(g=None), [None], Run.read_data_sets

    def watched_read(self):
        data_sets = read(self)
        rnds.append(data_sets.rnd)
        return data_sets

    with mock.patch.object(Run, "read_data_sets", watched_read), quiet(), no_drawing(), _catch_graphs(port, seen):
        run = port.main(argv)
    return run, seen.g, rnds[-1]


def _measure_held_out(number: int, run: Run, g: SimpleNamespace, data: Path) -> dict[str, dict]:
    """Return the metrics on the test images: of the initial values, which no chaos blurs, and of the checkpoint."""
    if number not in HELD_OUT:
        return {"untrained": {}, "held_out": {}}
    test = data_sets.read_data_sets(sources.load(str(data)), SEED).test
    feed_dict = {g.X: test.images} | ({g.y: test.labels} if hasattr(g, "y") else {})
    checkpoint, measured = str(run.directory / run.result["checkpoint"]), {}
    for name, prepare in (
        ("untrained", lambda sess: sess.run(g.init)),
        ("held_out", lambda sess: g.saver.restore(sess, checkpoint)),
    ):
        with session.open_session(graph=g.X.graph) as sess:  # each its own: noise begins anew
            prepare(sess)
            measured[name] = {
                metric: _round(np.mean(sess.run(getattr(g, metric), feed_dict))) for metric in HELD_OUT[number]
            }
    return measured


def _summarize(array: np.ndarray) -> dict:
    flat = np.asarray(array, np.float64).ravel()
    return {
        "shape": list(np.shape(array)),
        "first": _round(flat[0]),
        "last": _round(flat[-1]),
        "sum": _round(flat.sum()),
        "norm": _round(np.sqrt((flat**2).sum())),
    }


def _round(value) -> float:
    return float(f"{float(value):.8g}")


def _hash(*arrays: np.ndarray) -> str:
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def no_drawing():
    """Leave the pictures empty: a golden holds the arrays that are drawn, and 16's 90 axes take half of its time."""
    return mock.patch.multiple(Figure, add_subplot=mock.DEFAULT, savefig=mock.DEFAULT)


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


# Comparing. A tier says what is compared: exact, initial (values), step (the first), steps (20), epoch (what follows).
# Machines that were not measured differ by more than those that were, and by chance a value may not spread at all.
MARGIN = 20.0
TIERS = ("exact", "initial", "step", "steps", "epoch")
N_SHOWN = 12
FLOOR = {"initial": 1e-6, "step": 1e-5, "steps": 1e-4, "epoch": 1e-4}


def list_values(golden: dict) -> dict[str, tuple]:
    """Return every value of a golden by a name that people can read: (value, tier, scale of its rounding errors)."""
    values = {}
    for where, feeds in golden.get("own_data", {}).items():
        for name, summary in feeds.items():
            values |= _list_summary(f"{name} fed to {where}", summary, "initial")
    for op, variables in golden["variables"].items():
        is_first = op == next(iter(golden["variables"]))
        for name, summary in variables.items():
            values |= _list_summary(f"{name} before {op}", summary, "initial" if is_first else "steps")
    for op, variables in golden["final"].items():
        for name, summary in variables.items():
            values |= _list_summary(f"{name} after {op}", summary, "epoch")
    for op, losses in golden["losses"].items():
        is_first = op == next(iter(golden["losses"]))
        for name, steps in losses.items():
            for step, value in enumerate(steps, 1):
                tier = "step" if step == 1 and is_first else "steps"
                values[f"step {step} of {op}: {name}"] = (value, tier, abs(value))
    for i, evaluation in enumerate(golden["evaluations"], 1):
        values[f"evaluation {i}"] = (evaluation, "exact", None)
    for key in ("batches_sha256", "fed", "moved"):
        for op, value in golden[key].items():
            values[f"{key} of {op}"] = (value, "exact", None)
    values["lines"] = (golden["lines"], "exact", None)
    if "rnd_sha256" in golden:
        values["rnd_sha256"] = (golden["rnd_sha256"], "exact", None)
    for row, numbers in enumerate(golden["printed"], 1):
        for label, value in numbers.items():
            values[f"printed line {row}: {label}"] = (value, "epoch", abs(value))
    for name, value in golden["untrained"].items():
        values[f"untrained {name}"] = (value, "step", abs(value))
    for name, value in golden["held_out"].items():
        values[f"held-out {name}"] = (value, "epoch", abs(value))
    for name, summary in golden["figures"].items():
        values |= _list_summary(f"figure's {name}", summary, "epoch")
    return values


def _list_summary(name: str, summary: dict, tier: str) -> dict[str, tuple]:
    size, norm = int(np.prod(summary["shape"])), summary["norm"]
    return {
        f"{name}: shape": (summary["shape"], "exact", None),
        f"{name}: first": (summary["first"], tier, norm / np.sqrt(size)),
        f"{name}: last": (summary["last"], tier, norm / np.sqrt(size)),
        f"{name}: sum": (summary["sum"], tier, norm * np.sqrt(size)),
        f"{name}: norm": (norm, tier, norm),
    }


def measure_difference(expected, found, scale) -> float:
    """Return 0 where both are the same, else how far apart in units of ``scale``; inf where exactness is due."""
    if expected == found:
        return 0.0
    if scale is None or not np.isfinite(found):
        return float("inf")
    return abs(found - expected) / max(scale, 1e-6)


def get_group(name: str) -> str:
    """Return what a value shares its tolerance with: a step's losses, a variable's summary, a printed line."""
    return name.split(": ")[0]


def get_tolerance(name: str, tier: str, spread: dict[str, float]) -> float:
    """Return 0 where a value has to be exact; else MARGIN times the measured ``spread`` of its group.

    It is no less than the FLOOR of its tier, which is the tolerance where nothing was measured.
    """
    return 0.0 if tier == "exact" else max(FLOOR[tier], MARGIN * spread.get(get_group(name), 0.0))


def find_failures(number: int, expected: dict, found: dict, spread: dict[str, float]) -> list[str]:
    """Return a line for each value that is further from its golden than its tolerance; what comes first, first."""
    old, new = list_values(expected), list_values(found)
    failures = [f"autoencoder_{number}: {name}: missing or new" for name in sorted(old.keys() ^ new.keys())]
    for name in sorted(old, key=lambda name: TIERS.index(old[name][1])):
        if name not in new:
            continue
        value, tier, scale = old[name]
        difference = measure_difference(value, new[name][0], scale)
        tolerance = get_tolerance(name, tier, spread)
        if not difference <= tolerance:
            failures.append(
                f"autoencoder_{number}: {name}: expected {value}, got {new[name][0]}, {difference:.1e} apart, "
                f"tolerance {tolerance:.1e} ({tier})"
            )
    return failures


def describe_failures(number: int, name: str, failures: list[str]) -> str:
    """Return what a person is to read of the failures on the data set ``name``: how many, the first, where to look."""
    n_rest = len(failures) - N_SHOWN
    head = f"autoencoder_{number} on {name}: {len(failures)} values are off; look closer: make golden PORT={number}"
    return "\n".join([head, *failures[:N_SHOWN], *([f"… and {n_rest} more"] if n_rest > 0 else [])])


def get_path(number: int) -> Path:
    """Return where a port's golden is kept."""
    return GOLDEN / f"autoencoder_{number:02d}.json"


def read_golden(number: int) -> dict:
    """Return a port's golden: its provenance, and what was recorded on each data set, by its name."""
    return json.loads(get_path(number).read_text(encoding="utf-8"))


def read_spread(number: int) -> dict[str, float]:
    """Return how far each group of a port's values spreads over numeric environments (scripts/measure_spread.py)."""
    return json.loads((GOLDEN / "spread.json").read_text(encoding="utf-8"))["spread"][str(number)]


def describe_environment() -> dict:
    """Return where and with what the goldens were recorded."""
    flags = ""
    with contextlib.suppress(OSError):
        flags = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), "")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "cpu": machine.describe_cpu(),
        "cpu_flags": sorted(set(flags.split()) & {"avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"}),
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "threads": machine.count_threads(),
        "commit": commit.stdout.strip(),
        "date": date.today().isoformat(),
    }


def find_sets() -> list[str]:
    """Return the data sets that goldens can be recorded on here: digits always, mnist where it is."""
    return ["digits", "mnist"] if sources.is_mnist_there() else ["digits"]


def check_sets() -> None:
    """Raise BadInputError where MNIST is not here: what is recorded holds both data sets."""
    if "mnist" not in find_sets():
        raise BadInputError(f"{sources.mnist_dir()}: no MNIST there, expected it for a record; run 'make mnist'")


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.golden")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--port", type=int, choices=range(1, 17))
    args = parser.parse_args(argv)
    if args.write:
        check_sets()
        oracle = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/test_oracle.py"], cwd=ROOT)
        if oracle.returncode:
            raise BadInputError("tests/test_oracle.py: red, expected green; mend the port before its golden is written")
    with tempfile.TemporaryDirectory() as directory:
        data = {name: write_small_data(name, Path(directory) / name) for name in find_sets()}
        for script in SCRIPTS:
            if args.port in (None, script.number):
                new = {
                    name: record(script.number, path, Path(directory) / f"out-{name}") for name, path in data.items()
                }
                _report(script.number, new, is_verbose=args.port is not None)
                if args.write:
                    content = {"provenance": describe_environment(), **new}
                    with open_atomically(get_path(script.number)) as file:
                        file.write(dump(content).encode())


def _report(number: int, new: dict, is_verbose: bool) -> None:
    """Print a line for each value that differs, and, where ``is_verbose``, after those for each that does not.

    A line that begins with ! is further off than its tolerance.
    """
    old = read_golden(number) if get_path(number).exists() else {}
    spread = read_spread(number)
    differing, same = [], []
    for name, golden in new.items():
        before = list_values(old[name]) if name in old else {}
        for key, (value, tier, scale) in list_values(golden).items():
            was = before.get(key, (None, tier, scale))[0]
            difference = measure_difference(was, value, scale) if was is not None else float("nan")
            tolerance = get_tolerance(key, tier, spread)
            mark = " " if difference <= tolerance else "!"
            (differing if difference != 0 else same).append(
                f"{mark} autoencoder_{number} on {name} | {key} | {was} | {value} | {difference:.1e}, tolerance "
                f"{tolerance:.1e} ({tier})"
            )
    print(*differing, *(same if is_verbose else []), sep="\n", end="\n" if differing or is_verbose else "")
    print(f"autoencoder_{number}: {len(differing)} values differ", file=sys.stderr)


def dump(content: dict) -> str:
    """Return JSON with a line per innermost list or dict, so that a diff shows what changed."""

    def write(value, indent):
        if isinstance(value, dict) and any(isinstance(item, dict | list) for item in value.values()):
            inner = ",\n".join(
                f"{indent} {json.dumps(key)}: {write(item, indent + ' ')}" for key, item in value.items()
            )
            return f"{{\n{inner}\n{indent}}}"
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            inner = ",\n".join(f"{indent} {write(item, indent + ' ')}" for item in value)
            return f"[\n{inner}\n{indent}]"
        return json.dumps(value, ensure_ascii=False)

    return write(content, "") + "\n"


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
