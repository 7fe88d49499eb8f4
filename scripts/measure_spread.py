"""Measure how far the goldens spread over numeric environments, and derive the tolerances from that.

    python -m scripts.measure_spread                  measure in 15 environments, write spread.json and its table
    python -m scripts.measure_spread --record FILE    what each environment's process runs: record all ports in FILE

An environment is oneDNN on or off, the instruction sets oneDNN may use, and the number of threads. The tolerance of a
tier is MARGIN times the widest spread any environment shows there, for each port on its own, and never below FLOOR:
machines that were not measured differ by more than those that were, and a fault differs by far more than either.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ref.chapter import SCRIPTS
from ref.common.files import open_atomically

MARGIN = 20.0
FLOOR = {"initial": 1e-6, "step": 1e-5, "steps": 1e-4, "epoch": 1e-4}
TIERS = ("exact", *FLOOR)
INSTRUCTION_SETS = ("SSE41", "AVX2", "AVX512_CORE", "DEFAULT")
THREADS = (1, 2, 4)
ENVIRONMENTS = [
    {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": isa, "TF_NUM_INTRAOP_THREADS": str(n)}
    for isa in INSTRUCTION_SETS
    for n in THREADS
] + [{"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": str(n)} for n in THREADS]


BEGIN, END = "<!-- table: spread (python -m scripts.measure_spread) -->", "<!-- end of table -->"


def record_all(path: Path) -> None:
    """Record every port on every data set that is here, in this process's environment."""
    from scripts import golden

    with tempfile.TemporaryDirectory() as directory:
        recorded = {}
        for name in golden.find_sets():
            data = golden.write_small_data(name, Path(directory) / name)
            recorded[name] = {
                str(script.number): golden.record(script.number, data, Path(directory) / f"out-{name}")
                for script in SCRIPTS
            }
        path.write_text(json.dumps(recorded))


def record_in(environment: dict[str, str]) -> dict:
    """Return what a fresh process records in ``environment``."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "recorded.json"
        command = [sys.executable, "-m", "scripts.measure_spread", "--record", str(path)]
        subprocess.run(command, env=os.environ | environment, check=True, stderr=subprocess.DEVNULL)
        return json.loads(path.read_text())


def measure(expected: dict, found: dict) -> dict[str, float]:
    """Return the widest difference of each tier."""
    from scripts import golden

    widest = dict.fromkeys(TIERS, 0.0)
    old, new = golden.list_values(expected), golden.list_values(found)
    for name in old.keys() | new.keys():
        value, tier, scale = old[name]
        widest[tier] = max(widest[tier], golden.measure_difference(value, new[name][0], scale))
    return widest


def main() -> None:
    from scripts import golden

    recorded = []
    for environment in ENVIRONMENTS:
        recorded.append(record_in(environment))
        print(f"{len(recorded)} of {len(ENVIRONMENTS)}: {describe(environment)}", file=sys.stderr)
    spread = {}
    for script in SCRIPTS:
        base, number = golden.read_golden(script.number), str(script.number)
        spread[number] = []
        for one in recorded:
            by_set = [measure(base[name], one[name][number]) for name in one]
            spread[number].append({tier: max(widest[tier] for widest in by_set) for tier in TIERS})
    tolerances = {
        number: {tier: max(FLOOR[tier], round_up(MARGIN * max(row[tier] for row in rows))) for tier in FLOOR}
        for number, rows in spread.items()
    }
    result = {
        "provenance": golden.describe_environment(),
        "environments": [describe(environment) for environment in ENVIRONMENTS],
        "tolerances": tolerances,
        "spread": spread,
    }
    with open_atomically(golden.GOLDEN / "spread.json") as file:
        file.write(golden.dump(result).encode())
    page = golden.GOLDEN / "README.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    with open_atomically(page) as file:
        file.write(f"{before}{BEGIN}\n{render(result)}{END}{rest.split(END)[1]}".encode())


def render(result: dict) -> str:
    """Return the tables of the spread, the widest of all ports, and of the tolerances."""
    worst = {
        tier: [max(rows[i][tier] for rows in result["spread"].values()) for i in range(len(result["environments"]))]
        for tier in TIERS
    }
    lines = ["| environment | " + " | ".join(TIERS) + " |", "| --- " * (1 + len(TIERS)) + "|"]
    for i, name in enumerate(result["environments"]):
        lines.append(f"| {name} | " + " | ".join(f"{worst[tier][i]:.1e}" for tier in TIERS) + " |")
    lines += ["", "Tolerances:", "", "| port | " + " | ".join(FLOOR) + " |", "| --- " * (1 + len(FLOOR)) + "|"]
    for number, tiers in result["tolerances"].items():
        lines.append(f"| {number} | " + " | ".join(f"{tiers[tier]:.1e}" for tier in FLOOR) + " |")
    where = ", ".join(f"{key} {value}" for key, value in result["provenance"].items() if key != "cpu_flags")
    return "\n".join([*lines, "", f"Measured with: {where}.", ""])


def describe(environment: dict[str, str]) -> str:
    onednn = environment["TF_ENABLE_ONEDNN_OPTS"]
    isa = environment.get("ONEDNN_MAX_CPU_ISA", "-")
    return f"oneDNN {'on' if onednn == '1' else 'off'}, {isa}, {environment['TF_NUM_INTRAOP_THREADS']} threads"


def round_up(value: float) -> float:
    return float(f"{value * 1.05:.1e}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--record"]:
        record_all(Path(sys.argv[2]))
    else:
        main()
