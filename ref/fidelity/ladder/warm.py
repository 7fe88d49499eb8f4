"""A process that has imported TensorFlow, and forks for every job: each has a process of its own that starts at once.

    with Warm() as warm: code, stdout, stderr = warm.run("port", "JOB.json", {"TMPDIR": …})

No session is opened before a fork, so that no thread of TensorFlow's is lost by it. One job at a time.
"""

import argparse
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("tensorflow.compat.v1", "tf_keras", "tf_slim", "matplotlib.pyplot", "sklearn.preprocessing", "ref.common.runs")
MAINS = {"port": "ref.fidelity.ladder.port", "original": "ref.originals.child"}
ENVIRONMENT = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg"}


class Warm:
    """The process; it is started when the first job comes, and ended, with what it runs, by ``close``.

    ``environment`` is what it finds beside the user's: TensorFlow's own switches, say.
    """

    def __init__(self, environment: dict[str, str] | None = None):
        self._environment = ENVIRONMENT | (environment or {})
        self._process: subprocess.Popen | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, kind: str, job: str, environment: dict[str, str]) -> tuple[int, str, str]:
        """Run the job file ``job`` by the main of ``kind``; return exit code, standard output and error.

        Raises:
          EOFError: the process is not there any more.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ref.fidelity.ladder.warm"], cwd=ROOT, text=True,
                env=os.environ | self._environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        process = self._process
        with tempfile.TemporaryDirectory(prefix="warm-") as directory:
            files = [os.path.join(directory, name) for name in ("stdout", "stderr")]
            answer = ""
            with contextlib.suppress(OSError, ValueError):  # it was closed meanwhile, by another thread
                process.stdin.write(json.dumps([kind, job, environment, *files]) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            if not answer:
                raise EOFError("the process that runs jobs has ended")
            return int(answer), *(Path(file).read_text(encoding="utf-8", errors="replace") for file in files)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()  # who reads from it in another thread sees its end


def serve() -> None:
    """Fork for each line of standard input, and answer with the exit code."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for name in HEAVY:
        importlib.import_module(name)
    for line in sys.stdin:
        kind, job, environment, stdout, stderr = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run_and_exit(kind, job, environment, stdout, stderr)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def run_and_exit(kind: str, job: str, environment: dict[str, str], stdout: str, stderr: str) -> None:
    """In the forked process: run the job, and end."""
    code = 1
    try:
        for descriptor, path in ((0, os.devnull), (1, stdout), (2, stderr)):
            os.dup2(os.open(path, os.O_RDONLY if descriptor == 0 else os.O_CREAT | os.O_WRONLY, 0o600), descriptor)
        os.environ.update(environment)
        tempfile.tempdir = None
        importlib.import_module(MAINS[kind]).main(job)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m ref.fidelity.ladder.warm", description=__doc__).parse_args()
    serve()
