"""Mutation testing of the ports and of what surrounds them: python -m scripts.mutants [--sample N] [--jobs N].

cosmic-ray makes the mutants and keeps the session ([cosmic-ray] in pyproject.toml); an interrupted run goes on where it
stopped. A mutant is planted in a copy of the checkout (scripts/mutation/plant.py), and what is run is what belongs to
its module (scripts/mutation/selection.py). --sample tests N mutants drawn at random, others with another --seed, in a
session of its own, --only PART those of modules whose path or group holds PART; both exit with 2 where fewer are killed
than TARGETS say, or, of a sample, so few that it is no chance.
"""

from __future__ import annotations

import collections
import math
import os
import random
import re
import sys
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"

from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser
from scripts.mutation.equivalent import explain
from scripts.mutation.plant import ROOT, Trial, import_heavy_modules, run_trials
from scripts.mutation.selection import TESTS, find_tests

MISSING = ""
try:
    import cosmic_ray.commands
    import cosmic_ray.config
    import cosmic_ray.plugins
    from cosmic_ray.mutating import MutationVisitor
    from cosmic_ray.work_db import WorkDB
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult
    from tqdm import tqdm
except ImportError as error:  # --help does without
    MISSING = str(error)

SESSION = ROOT / "data" / "mutants.sqlite"
TIMEOUT_S, N_TIMES_BASELINE = 60.0, 10  # a mutant that takes longer than both hangs, and is killed by that
TARGETS = {"ports and layers": 0.95, "what surrounds them": 0.97}


def find_group(module: Path) -> str:
    return "what surrounds them" if module.as_posix() in TESTS else "ports and layers"


def is_meant(module: Path, part: str) -> bool:
    return part in f"{module.as_posix()} {find_group(module)}"


def make_trial(item: WorkItem, baseline_s: dict[Path, float]) -> Trial | None:
    """Return the trial of a mutant, or None where its operator finds nothing to change there."""
    (mutation,) = item.mutations
    operator = cosmic_ray.plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    source = (ROOT / mutation.module_path).read_text(encoding="utf-8")
    text = MutationVisitor.mutate_code(source, operator, mutation.occurrence)
    if text is None:
        return None
    timeout_s = TIMEOUT_S + N_TIMES_BASELINE * baseline_s[mutation.module_path]
    return Trial(mutation.module_path, text, *find_tests(mutation.module_path), timeout_s, item)


def run(items: list[WorkItem], database: WorkDB, n_jobs: int, baseline_s: dict[Path, float]) -> None:
    """Test ``items``, ``n_jobs`` at a time, and put each result in ``database``."""
    trials = []
    for item in items:
        if trial := make_trial(item, baseline_s):
            trials.append(trial)
        else:
            database.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.NO_TEST))
    for trial, code, _, said in tqdm(run_trials(trials, n_jobs), total=len(trials), unit="mutant", disable=None):
        outcome = TestOutcome.SURVIVED if code == 0 else TestOutcome.KILLED
        diff = make_diff(trial)
        database.set_result(trial.label.job_id, WorkResult(WorkerOutcome.NORMAL, said, outcome, diff))


def make_diff(trial: Trial) -> str:
    """Return ``line: old -> new`` of the lines that the mutation changed."""
    old, new = (ROOT / trial.module).read_text(encoding="utf-8").splitlines(), trial.text.splitlines()
    changed = [(i, a, b) for i, (a, b) in enumerate(zip(old, new), 1) if a != b] or [(len(old), "", "(lines removed)")]
    return "; ".join(f"{i}: {a.strip()} -> {b.strip()}" for i, a, b in changed[:2])


def open_session(config: dict, path: Path) -> WorkDB:
    """Open the session, and fill it with all mutants the configuration wants, unless it has them."""
    path.parent.mkdir(exist_ok=True)
    is_new = not path.exists()
    database = WorkDB(str(path), WorkDB.Mode.create)
    if is_new:
        modules = sorted(p.relative_to(ROOT) for pattern in config["module-path"] for p in ROOT.glob(pattern))
        cosmic_ray.commands.init(modules, database, {})
        excluded = config["filters"]["operators-filter"]["exclude-operators"]
        for item in list(database.pending_work_items):
            if any(re.match(pattern, item.mutations[0].operator_name) for pattern in excluded):
                database.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))
    return database


def is_missed(n_killed: int, n: int, target: float, is_sample: bool) -> bool:
    """Return whether ``n_killed`` of ``n`` miss the share ``target``; of a sample, whether that is no chance.

    No chance is what happens to one sample in a thousand where the target is met.
    """
    if not is_sample:
        return n_killed < target * n
    chances = (math.comb(n, k) * target**k * (1 - target) ** (n - k) for k in range(n_killed + 1))
    return sum(chances) < 1e-3


def report(database: WorkDB, is_sample: bool) -> list[str]:
    """Print the score, by module, the equivalent ones and the survivors; return of which group too few were killed."""
    counts, survivors, equivalent = collections.defaultdict(collections.Counter), [], []
    results = dict(database.results)
    for item in database.work_items:
        result = results.get(item.job_id)
        if result is not None and result.worker_outcome == WorkerOutcome.NORMAL:
            (mutation,) = item.mutations
            survivor = f"{mutation.module_path}:{result.diff} ({mutation.operator_name.split('/')[-1]})"
            reason = explain(mutation.module_path.as_posix(), result.diff)
            if result.test_outcome == TestOutcome.SURVIVED and reason:
                equivalent.append(f"{survivor}: {reason}")
                continue
            for name in (str(mutation.module_path), find_group(mutation.module_path)):
                counts[name][result.test_outcome] += 1
            if result.test_outcome == TestOutcome.SURVIVED:
                survivors.append(survivor)
    missed = []
    for name in sorted(counts, key=lambda name: (name in TARGETS, name)):
        n_killed, n = counts[name][TestOutcome.KILLED], counts[name].total()
        print(f"{name:<45}{n_killed:>5} of {n:>4} killed {n_killed / n:>7.1%}")
        if name in TARGETS and is_missed(n_killed, n, TARGETS[name], is_sample):
            missed.append(f"{n_killed / n:.1%} of {name}, expected {TARGETS[name]:.0%}")
    for words, found in (("equivalent:", equivalent), ("survived:", survivors)):
        for one in sorted(found):
            print(words, one)
    return missed


def find_reason(said: str) -> str:
    """Return the first error that pytest told of, and its last line."""
    lines = said.strip().splitlines()
    return "; ".join([*[line.strip() for line in lines if line.startswith("E  ")][:1], *lines[-1:]])


def measure_baseline(modules: set[Path], n_jobs: int) -> dict[Path, float]:
    """Return how long the tests of each module take unmutated.

    Raises:
      BadInputError: they are not green, or there are none.
    """
    texts = {module: (ROOT / module).read_text(encoding="utf-8") for module in sorted(modules)}
    trials = [Trial(module, text, *find_tests(module)) for module, text in texts.items()]
    walls_s = {}
    for trial, code, wall_s, said in run_trials(trials, n_jobs):
        if code:
            raise BadInputError(
                f"{trial.module}: its tests exit with {code} unmutated ({find_reason(said)}), expected "
                "green, and at least one; see scripts/mutation/selection.py"
            )
        walls_s[trial.module] = wall_s
    return walls_s


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--only", default="", metavar="PART", help="only modules whose path or group holds PART")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args(argv)
    if MISSING:
        raise BadInputError(f"{MISSING}, expected the packages of requirements-mutants.txt; run 'make mutants'")
    config = cosmic_ray.config.load_config(str(ROOT / "pyproject.toml"))
    os.chdir(ROOT)
    import_heavy_modules()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "sample.sqlite" if args.sample or args.only else SESSION
        database = open_session(config, path)
        items = sorted(database.pending_work_items, key=lambda item: (str(item.mutations[0]), item.job_id))
        items = [item for item in items if is_meant(item.mutations[0].module_path, args.only)]
        if args.sample:
            items = random.Random(args.seed).sample(items, min(args.sample, len(items)))
        baseline_s = measure_baseline({item.mutations[0].module_path for item in items}, args.jobs)
        run(items, database, args.jobs, baseline_s)
        missed = report(database, bool(args.sample))
        database.close()
    if missed:
        raise BadInputError(f"killed were {' and '.join(missed)}; see the survivors above")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
