"""Who is measured by bench/peers.py: one file a candidate, found by its name (torch_fused.py is torch-fused).

A file holds what a candidate does in a step and nothing else; it imports its library when its ``Worker`` is made:

    KIND = "idiomatic"     # as its users write it; "tuned": as fast as its own means allow here; "floor": no training
    VENV = ".venv-peers"   # whose Python runs it

    class Worker:
        def __init__(self, work, cached, device)   # bench.work.Work; whether the frozen layer is cached; cpu or gpu
        def fill(self)                             # compute the cache from work.images, or put them where they are used
        def reset(self)                            # work.initial's weights again, Adam at rest
        def train(self, batches)                   # a step for each row of indices, int32 (n, batch); then it is done
        def get_weights(self)                      # {name: float32 array} of bench.work.TRAINED, or {}: trains nothing

A step looks up its batch, goes through both layers, forward and back, and through Adam. bench/work.py says what it must
come to; who does other work is refused. ``__init__`` fills and resets.

Where it depends on the machine how a candidate is fastest, its file says so, and ``Worker`` is given one of them:

    FORMS = {True: […], False: […]}                # names, cached and recomputed; all are timed, the fastest stays
    def __init__(self, work, cached, device, form)
"""

from pathlib import Path

# A file that candidates share starts with an underscore.
NAMES = sorted(path.stem.replace("_", "-") for path in Path(__file__).parent.glob("[!_]*.py"))
