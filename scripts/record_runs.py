"""Keep a finished chapter as the recorded one: python -m scripts.record_runs DIR.

DIR is the ``--out`` of ``python -m ref chapter --data mnist``. Its sixteen ``result.json`` and figures are copied to
ref/recorded, where the tables and the picture of the README come from.
"""

import json
import shutil
import sys
from pathlib import Path

from ref.chapter import SCRIPTS
from ref.common.cli import exit_codes
from ref.common.errors import BadInputError
from ref.common.mnist import MNIST_SHA256

RECORDED = Path(__file__).resolve().parents[1] / "ref" / "recorded"


def record(directory: Path) -> None:
    for script in SCRIPTS:
        path = directory / script.name / "result.json"
        if not path.exists():
            raise BadInputError(f"{path}: missing, expected all sixteen; run 'make chapter DATA=mnist OUT={directory}'")
        result = json.loads(path.read_text(encoding="utf-8"))
        data = result["data"]["sha256"] if result["data"] else None
        if result["seed"] != 42 or (script.reads_data and data != MNIST_SHA256):
            raise BadInputError(f"{path}: recorded with seed {result['seed']}, expected seed 42 on the real MNIST")
    for script in SCRIPTS:
        target = RECORDED / script.name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file in ("result.json", *(f"{name}.png" for name in script.figures)):
            shutil.copyfile(directory / script.name / file, target / file)


if __name__ == "__main__":
    with exit_codes():
        record(Path(sys.argv[1]))
