"""Record a run, watched, with what it computed at some steps; or hold it against a record at once.

Python 3.7 and TensorFlow 1.15.5 too, unless it is held against another.
"""

import contextlib
import importlib
import os

from ref.fidelity.record.store import Store
from ref.fidelity.record.watch import TrainingStopped, watching, write_record


@contextlib.contextmanager
def recording(directory, steps, stop_after=None, nudge=False, against=None, renamed=None, losses=False):
    """Watch what runs within, yield a Seen, and write ``directory``/record.json in the end, however it ends.

    At each of the ``steps`` of every training op, and where something is evaluated for the first time, all forward
    tensors and gradients are computed again: "points" in the record. With ``against``, the directory of another
    record, they are held against that one's instead: "held". With ``losses`` the loss before every recorded step is
    computed: "step_losses".
    """
    store = Store(os.path.join(directory, "arrays"))
    with contextlib.ExitStack() as stack:
        seen = stack.enter_context(watching(stop_after, store, nudge))
        try:
            yield seen
        except TrainingStopped:
            seen.was_cut = True
        finally:
            stack.close()  # before looking again, in sessions that are nobody's
            if against:
                hold = importlib.import_module("ref.fidelity.ladder.hold")
                found = {"held": hold.hold_against(seen, store, against, steps, renamed or {})}
            else:
                probe = importlib.import_module("ref.fidelity.record.probe")
                found = {"points": probe.probe(seen, store, steps)}
            if losses:
                found["step_losses"] = importlib.import_module("ref.fidelity.record.losses").measure_losses(seen, store)
            write_record(seen, directory, found)


def observe(stop_after=None, record=None):
    """Watch, or where ``record`` gives the arguments of ``recording``, record; with "graphs" keep the graphs alone."""
    if record and record.get("graphs"):
        return importlib.import_module("ref.fidelity.record.built").keeping_graphs(record["directory"], stop_after)
    return recording(stop_after=stop_after, **record) if record else watching(stop_after)
