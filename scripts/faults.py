"""Plant each fault of tests/plumbing_faults.py, and see its tests turn red: python -m scripts.faults [--sample N].

A fault is planted in a copy of the checkout. --sample plants N, drawn at random, as every kind has them; --only WORDS
those whose kind, module or name holds the words. Exits with 2 where a fault survives.
"""

import os
import random
import sys
from collections.abc import Iterable
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"

from tqdm import tqdm

from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.flags import Parser
from scripts.mutation.plant import ROOT, Trial, import_heavy_modules, run_trials

TIMEOUT_S = 300.0


def make_trial(fault) -> Trial:
    """Return the trial that plants ``fault``.

    Raises:
      BadInputError: its module does not say, exactly once, what the fault replaces.
    """
    text = (ROOT / fault.module).read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        raise BadInputError(
            f"{fault.module}: says {fault.old!r} {text.count(fault.old)} times, expected once, for {fault.name!r}; "
            "mend tests/plumbing_faults.py"
        )
    tests = [f"tests/{test}" for test in fault.tests]
    return Trial(Path(fault.module), text.replace(fault.old, fault.new), tests, (), TIMEOUT_S, fault)


def check_baseline(faults: Iterable, n_jobs: int) -> None:
    """Raise BadInputError unless the tests that ``faults`` name are green, and there, with nothing planted."""
    module = Path(__file__).relative_to(ROOT)
    tests = sorted({f"tests/{test}" for fault in faults for test in fault.tests})
    text = (ROOT / module).read_text(encoding="utf-8")
    for trial, code, _, said in run_trials([Trial(module, text, tests[i::n_jobs]) for i in range(n_jobs)], n_jobs):
        if code and trial.tests:
            raise BadInputError(
                f"{said.strip().splitlines()[-2:]}: with nothing planted, expected green; mend that before any fault"
            )


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", metavar="WORDS")
    args = parser.parse_args(argv)
    sys.path.insert(0, str(ROOT / "tests"))
    from plumbing_faults import FAULTS

    faults = [fault for fault in FAULTS if args.only in f"{fault.kind} {fault.module} {fault.name}"]
    if args.sample:
        faults = random.Random(0).sample(faults, min(args.sample, len(faults)))
    trials = [make_trial(fault) for fault in faults]
    import_heavy_modules()
    check_baseline(faults, args.jobs)
    survived = []
    for trial, code, wall_s, said in tqdm(run_trials(trials, args.jobs), total=len(trials), unit="fault", disable=None):
        fault = trial.label
        is_caught = code != 0  # red, not even collected, interrupted, or hanging
        print(f"{'caught' if is_caught else 'SURVIVED'} {wall_s:5.1f} s  {fault.kind}: {fault.name} ({fault.module})")
        if not is_caught:
            survived.append(fault)
            print("\n".join(said.splitlines()[-3:]))
        sys.stdout.flush()
    print(f"{len(faults) - len(survived)} of {len(faults)} faults caught")
    if survived:
        raise BadInputError(f"{len(survived)} faults survive, expected none; see above for each, and give it a test")


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
