"""Measure how far the goldens spread over numeric environments, and derive the tolerances from that.

    python -m scripts.measure_spread                  measure in 13 environments, write spread.json and its table
    python -m scripts.measure_spread --record FILE    what each environment's process runs: record all ports in FILE

An environment is oneDNN on or off, the instruction sets oneDNN may use, the number of threads, and whether XLA compiles
what it can. What is kept is the widest difference from the committed goldens in any of them, for each group of values:
a step's losses, a variable.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ref.chapter import SCRIPTS
from ref.common.cli import exit_codes
from ref.common.files import open_atomically
from ref.common.flags import Parser
from ref.fidelity.golden.ports import record
from ref.fidelity.golden.provenance import describe_environment
from ref.fidelity.golden.small_data import find_sets, write_small_data
from ref.fidelity.golden.spread import FLOOR, list_values, measure_spread
from scripts.golden import GOLDEN, read_golden
from scripts.markdown import make_table, replace_between

INSTRUCTION_SETS = ("SSE41", "AVX2", "AVX512_CORE")
THREADS = (1, 2, 4)
ENVIRONMENTS = [
    {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": isa, "TF_NUM_INTRAOP_THREADS": str(n)}
    for isa in INSTRUCTION_SETS
    for n in THREADS
] + [{"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": str(n)} for n in THREADS]
ENVIRONMENTS.append(
    {
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "TF_NUM_INTRAOP_THREADS": "2",
        "TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit",
    }
)


BEGIN, END = "<!-- table: spread (python -m scripts.measure_spread) -->", "<!-- end of table -->"


def record_all(path: Path) -> None:
    """Record every port on every data set that is here, in this process's environment."""
    with tempfile.TemporaryDirectory() as directory:
        recorded = {}
        for name in find_sets():
            data = write_small_data(name, Path(directory) / name)
            recorded[name] = {
                str(script.number): record(script.number, data, Path(directory) / f"out-{name}") for script in SCRIPTS
            }
        path.write_text(json.dumps(recorded))


def record_in(environment: dict[str, str]) -> dict:
    """Return what a fresh process records in ``environment``."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "recorded.json"
        command = [sys.executable, "-m", "scripts.measure_spread", "--record", str(path)]
        subprocess.run(command, env=os.environ | environment, check=True, stderr=subprocess.DEVNULL)
        return json.loads(path.read_text())


def main(argv: list[str]) -> None:
    parser = Parser(prog="python -m scripts.measure_spread", description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=Path, metavar="FILE", help="record all ports in this environment alone")
    args = parser.parse_args(argv)
    if args.record:
        record_all(args.record)
    else:
        measure_all()


def measure_all() -> None:
    """Measure in every environment; write spread.json and the page's table."""
    recorded = []
    for environment in ENVIRONMENTS:
        recorded.append(record_in(environment))
        print(f"{len(recorded)} of {len(ENVIRONMENTS)}: {describe(environment)}", file=sys.stderr)
    by_tier = [dict.fromkeys(("exact", *FLOOR), 0.0) for _ in ENVIRONMENTS]
    spread = {str(script.number): {} for script in SCRIPTS}
    for number, by_group in spread.items():
        base = read_golden(int(number))
        for tiers, one in zip(by_tier, recorded):
            for name in one:
                for (tier, group), difference in measure_spread(
                    list_values(base[name]), list_values(one[name][number])
                ).items():
                    tiers[tier] = max(tiers[tier], difference)
                    if tier != "exact":
                        by_group[group] = float(f"{max(by_group.get(group, 0.0), difference):.1e}")
    result = {"provenance": describe_environment(), "spread": spread}
    with open_atomically(GOLDEN / "spread.json") as file:
        file.write((json.dumps(result, indent=1) + "\n").encode())
    page = GOLDEN / "README.md"
    text = replace_between(page.read_text(encoding="utf-8"), BEGIN, END, render(by_tier, spread))
    with open_atomically(page) as file:
        file.write(text.encode())


def render(by_tier: list[dict[str, float]], spread: dict[str, dict[str, float]]) -> str:
    """Return two tables: the widest difference in each environment and tier; the tightest and widest of each port."""
    environments = [
        [describe(environment), *(f"{value:.1e}" for value in tiers.values())]
        for environment, tiers in zip(ENVIRONMENTS, by_tier)
    ]
    ports = []
    for number, groups in spread.items():
        steps = [max((v for g, v in groups.items() if g.startswith(f"step {i} of")), default=0.0) for i in (1, 5, 20)]
        where = max(groups, key=groups.get)
        ports.append([number, *(f"{value:.1e}" for value in steps), f"{groups[where]:.1e}, {where}"])
    return (
        make_table(["environment", *by_tier[0]], environments)
        + "\n\n"
        + make_table(["port", "first step", "step 5", "step 20", "widest of all, and where"], ports)
    )


def describe(environment: dict[str, str]) -> str:
    onednn = environment["TF_ENABLE_ONEDNN_OPTS"]
    isa = environment.get("ONEDNN_MAX_CPU_ISA", "-")
    xla = ", XLA" if "TF_XLA_FLAGS" in environment else ""
    return f"oneDNN {'on' if onednn == '1' else 'off'}, {isa}, {environment['TF_NUM_INTRAOP_THREADS']} threads{xla}"


if __name__ == "__main__":
    with exit_codes():
        main(sys.argv[1:])
