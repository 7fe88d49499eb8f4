"""A port's process, recorded: python -m ref.fidelity.ladder.port JOB.json.

The job says which port ("module", or "file", a copy of one), its flags, and what to record (fidelity/record).
"""

import argparse
import contextlib
import importlib
import importlib.util
import io
import json
import sys
from pathlib import Path

from ref.common import environment
from ref.common.cli import exit_codes
from ref.fidelity.record.recording import observe


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    with exit_codes():
        importlib.import_module("ref.common.session")  # before it is watched: its sessions are of a class of their own
        port = load_port(job)
        printed = io.StringIO()
        with observe(job["stop_after"], job["record"]), contextlib.redirect_stdout(printed):
            run = port.main(job["flags"])
            report = {"lines": printed.getvalue().splitlines(), "hyper_parameters": run.result["hyper_parameters"]}
            Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")


def load_port(job: dict):
    if not job.get("file"):
        return importlib.import_module(job["module"])
    spec = importlib.util.spec_from_file_location("compared_port", job["file"])
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    environment.shut_out()
    parser = argparse.ArgumentParser(prog="python -m ref.fidelity.ladder.port", description=__doc__)
    parser.add_argument("job", metavar="JOB.json")
    main(parser.parse_args().job)
