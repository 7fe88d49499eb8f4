"""A script's process: python child.py JOB.json. Python 3.7, with nothing of ours but what runs there too.

ref.originals.run says what a job holds. What it found is written to the job's ``report`` as JSON; standard output is
the script's own.
"""

import argparse
import ast
import atexit
import contextlib
import json
import linecache
import os
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[0] = ROOT

from ref.common import cuda  # noqa: E402
from ref.originals import changed, failures, figures, places, process, redirect, settings, streams  # noqa: E402


def main(path):
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    process.die_with_parent()
    report = {"status": "ended", "line": None, "code": 0, "steps": {}, "lines": [], "figures": [], "was_cut": False}
    stdout, stderr = streams.LineStream(sys.stdout, keeps=True), streams.LineStream(sys.stderr)
    try:
        run(job, report, stdout, stderr)
    except KeyboardInterrupt:
        report.update(status="interrupted", code=130)
    except BrokenPipeError:
        report.update(status="pipe", code=141)
    report["lines"] = stdout.lines
    with open(job["report"], "w", encoding="utf-8") as file:
        json.dump(report, file)
    with contextlib.suppress(Exception):
        atexit._run_exitfuncs()
        sys.__stdout__.flush()
    os._exit(report["code"])  # daemons, a queue's threads say, have no say in when a script ends


def run(job, report, stdout, stderr):
    """Run the job's script, and note in ``report`` how it went."""
    cuda.preload()
    tf = process.import_tensorflow()
    report.update(process.describe_process(tf))
    from ref.fidelity.record import recording
    from ref.originals import tensorflow1

    label = job["label"]
    linecache.cache[label] = (len(job["text"]), None, job["text"].splitlines(True), label)
    where = places.Places(job["home"], job["read_from"], places.list_untouched() + job["untouched"], job["places"])
    redirection = redirect.Redirection(where)
    redirection.redirect_tensorflow(tf)
    shower = figures.Shower(job["home"])
    shower.install()
    report["figures"] = shower.names
    tensorflow1.install(job["data"], job["validation_size"], job["seeds"])
    with contextlib.suppress(ImportError):
        import h5py  # of Keras

        redirection.redirect_hdf5(h5py)
    if job["seed"] is not None:
        process.seed_everything(tf, job["seed"])
    os.chdir(job["home"])
    redirection.redirect_python()
    module = process.prepare_main(job["file"], job["argv"])
    sys.stdout, sys.stderr = stdout, stderr
    start_s = time.perf_counter()
    try:
        with recording.observe(job["stop_after"], job["record"]) as seen:
            report["steps"] = seen.steps
            tree = settings.apply_settings(ast.parse(job["text"], label), job["settings"])
            tree = changed.scalars_stand_for_numbers(tree, module.__dict__)
            exec(compile(tree, label, "exec"), module.__dict__)
            wait_for_threads()
        report["was_cut"] = seen.was_cut
    except SystemExit as error:
        report.update(status="exited", code=process.get_exit_code(error.code))
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except BaseException as error:
        report.update(status="failed", code=2, line=failures.describe_failure(error, label))
        report["traceback"] = failures.format_traceback(error, label)
    finally:
        report["places"] = {said: os.path.relpath(place, where.home) for said, place in where.directories.items()}
        report["wall_time_s"] = round(time.perf_counter() - start_s, 3)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        stdout.finish()
        stderr.finish()


def wait_for_threads():
    """Wait for what the script started, as Python does at its end."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", metavar="JOB.json")
    main(parser.parse_args().job)
