"""Mutation testing of every port and ref/common/layers.py: python -m scripts.mutants [--sample N] [--jobs N].

cosmic-ray makes the mutants and keeps the session ([cosmic-ray] in pyproject.toml); an interrupted run goes on where it
stopped. Each mutant is tested in a forked process of one that has imported TensorFlow already, and the mutated text
never touches the disk. What is run is what belongs to the mutated module: its structure, its oracle, its golden on the
embedded digits, its losses, its small runs. --sample tests N mutants drawn at random, in a session of its own, and
exits with 2 where fewer than 95 % of them are killed.
"""

from __future__ import annotations

import collections
import importlib
import os
import random
import re
import sys
import tempfile
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"

from ref.common.cli import Parser, exit_codes
from ref.common.errors import BadInputError

MISSING = ""
try:
    import cosmic_ray.commands
    import cosmic_ray.config
    import cosmic_ray.plugins
    import pytest
    from cosmic_ray.mutating import MutationVisitor
    from cosmic_ray.work_db import WorkDB
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult
    from tqdm import tqdm
except ImportError as error:  # --help does without
    MISSING = str(error)

ROOT = Path(__file__).resolve().parents[1]
SESSION = ROOT / "data" / "mutants.sqlite"
TIMEOUT_S = 120.0
TARGET = 0.95
TESTS = (
    *("test_structure.py", "test_layers.py", "test_oracle.py", "test_golden.py", "test_losses.py", "test_ports.py"),
    "test_engines.py",
    "test_loops.py",
    "test_full_size.py",
)

# Tests that are of certain ports, but have no parameter that says so.
WITHOUT_NUMBER = {
    "test_kl_divergence": (13, 14),
    "test_kl_divergence_has_no_number_at_the_ends": (13, 14),
    "test_the_two_latent_losses_agree_where_gamma_is_log_sigma_squared": (15, 16),
    "test_the_linear_autoencoder_spans_the_plane_of_pca": (1,),
    "test_codings_are_drawn_as_the_listing_does": (1,),
    "test_an_epoch_of_1_is_an_iteration": (1,),
    "test_sparsity_loss_is_drawn_as_the_book_does": (13,),
    "test_freeze_moves_the_top_layer_alone": (5,),
    "test_fix_output_changes_the_second_autoencoder_alone": (6,),
    "test_the_stack_of_6_is_made_of_both_autoencoders": (6,),
    "test_adam_shares_its_step_count_between_phases": (7,),
    "test_the_cached_step_is_the_uncached_one": (8,),
    "test_port_runs_each_engine": (8,),
    "test_nothing_to_map_is_refused": (8,),
    "test_the_books_engine_is_the_listing": (8,),
    "test_freeze_moves_the_whole_top_layer_and_nothing_else": (5,),
    "test_pretrained_layers_are_those_of_eight": (5,),
    "test_output_of_the_second_autoencoder_is_under_elu_only_with_fix_output": (6,),
    "test_sparsity_loss_is_drawn_for_the_target_that_is_given": (13,),
}


class Selection:
    """A pytest plugin that keeps the tests that belong to a module: a port's, by its number, or the layers'."""

    def __init__(self, module: Path):
        match = re.search(r"autoencoder_(\d+)", module.name)
        self.number = int(match.group(1)) if match else None

    def pytest_collection_modifyitems(self, items: list) -> None:
        items[:] = [item for item in items if self.is_chosen(item)]

    def is_chosen(self, item) -> bool:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if parameters.get("name", "digits") != "digits":
            return False
        number = parameters.get("number", getattr(parameters.get("script"), "number", None))
        if self.number is None:  # layers
            return item.path.name == "test_layers.py" or (number in (1, 2, 6, 12) and item.path.name != "test_ports.py")
        if number is None:
            return self.number in WITHOUT_NUMBER.get(item.originalname, ())
        return number == self.number


def test_mutated(module: Path, text: str, output: Path) -> int:
    """Fork; in the child, run the tests with ``text`` in the place of ``module``'s; return the child's process id."""
    pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)
    descriptor = os.open(output, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    get_code = SourceFileLoader.get_code

    def get_mutated(self, fullname):
        path = self.get_filename(fullname)
        return (
            compile(text, path, "exec", dont_inherit=True) if Path(path) == ROOT / module else get_code(self, fullname)
        )

    SourceFileLoader.get_code = get_mutated
    code = 3
    try:
        paths = [str(ROOT / "tests" / name) for name in TESTS]
        options = ["-x", "-q", "--rootdir", str(ROOT), "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
        code = int(pytest.main([*options, *paths], plugins=[Selection(module)]))
    finally:
        os._exit(code)


def run(items: list[WorkItem], database: WorkDB, n_jobs: int) -> None:
    """Test ``items``, ``n_jobs`` at a time, and put each result in ``database``."""
    with tempfile.TemporaryDirectory() as directory, tqdm(total=len(items), unit="mutant", disable=None) as bar:
        waiting, running = list(items), {}
        while waiting or running:
            while waiting and len(running) < n_jobs:
                item = waiting.pop(0)
                (mutation,) = item.mutations
                operator = cosmic_ray.plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
                source = (ROOT / mutation.module_path).read_text(encoding="utf-8")
                text = MutationVisitor.mutate_code(source, operator, mutation.occurrence)
                if text is None:
                    database.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.NO_TEST))
                    bar.update()
                    continue
                output = Path(directory) / item.job_id
                pid = test_mutated(mutation.module_path, text, output)
                running[pid] = (item, text, output, time.monotonic() + TIMEOUT_S)
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                for late in [p for p, (*_, deadline) in running.items() if time.monotonic() > deadline]:
                    os.killpg(late, 9)
                time.sleep(0.02)
                continue
            item, text, output, _ = running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if code == pytest.ExitCode.NO_TESTS_COLLECTED:
                raise BadInputError(f"{item.mutations[0].module_path}: no test belongs to it, expected some; see TESTS")
            outcome = TestOutcome.SURVIVED if code == 0 else TestOutcome.KILLED
            said = output.read_text(errors="replace")[-2000:]
            diff = make_diff(item, text)
            database.set_result(item.job_id, WorkResult(WorkerOutcome.NORMAL, said, outcome, diff))
            bar.update()


def make_diff(item: WorkItem, text: str) -> str:
    """Return ``line: old -> new`` of the lines that the mutation changed."""
    (mutation,) = item.mutations
    old, new = (ROOT / mutation.module_path).read_text(encoding="utf-8").splitlines(), text.splitlines()
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


def report(database: WorkDB) -> float:
    """Print the score, by module, and the survivors; return the share that was killed."""
    counts, survivors = collections.defaultdict(collections.Counter), []
    results = dict(database.results)
    for item in database.work_items:
        result = results.get(item.job_id)
        if result is not None and result.worker_outcome == WorkerOutcome.NORMAL:
            (mutation,) = item.mutations
            counts[str(mutation.module_path)][result.test_outcome] += 1
            if result.test_outcome == TestOutcome.SURVIVED:
                survivors.append(f"{mutation.module_path}:{result.diff} ({mutation.operator_name.split('/')[-1]})")
    total = sum(counts.values(), collections.Counter())
    for module in sorted(counts):
        n_killed, n = counts[module][TestOutcome.KILLED], counts[module].total()
        print(f"{module:<45}{n_killed:>5} of {n:>4} killed {n_killed / n:>7.1%}")
    score = total[TestOutcome.KILLED] / max(1, total.total())
    print(f"{'all':<45}{total[TestOutcome.KILLED]:>5} of {total.total():>4} killed {score:>7.1%}")
    for survivor in sorted(survivors):
        print("survived:", survivor)
    return score


def check_baseline(modules: set[Path]) -> None:
    """Raise BadInputError unless the tests are green, and there are some, for every module unmutated."""
    with tempfile.TemporaryDirectory() as directory:
        for module in sorted(modules):
            output = Path(directory) / "output"
            pid = test_mutated(module, (ROOT / module).read_text(encoding="utf-8"), output)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if code:
                last = output.read_text(errors="replace").strip().splitlines()[-1:]
                raise BadInputError(f"{module}: its tests exit with {code} unmutated ({last}), expected green")


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args(argv)
    if MISSING:
        raise BadInputError(f"{MISSING}, expected the packages of requirements-mutants.txt; run 'make mutants'")
    config = cosmic_ray.config.load_config(str(ROOT / "pyproject.toml"))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "tests"))
    import_heavy_modules()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "sample.sqlite" if args.sample else SESSION
        database = open_session(config, path)
        items = sorted(database.pending_work_items, key=lambda item: (str(item.mutations[0]), item.job_id))
        if args.sample:
            items = random.Random(0).sample(items, min(args.sample, len(items)))
        check_baseline({item.mutations[0].module_path for item in items})
        run(items, database, args.jobs)
        score = report(database)
        database.close()
    if args.sample and score < TARGET:
        raise BadInputError(
            f"{score:.1%} of {len(items)} mutants killed, expected {TARGET:.0%}; see the survivors above"
        )


def import_heavy_modules() -> None:
    """Import once, before forking, what every mutant's tests import; none starts a thread before a session does."""
    for name in (
        "tensorflow.compat.v1",
        "tf_keras",
        "tf_slim",
        "matplotlib.figure",
        "scipy.special",
        "sklearn.datasets",
    ):
        importlib.import_module(name)


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
