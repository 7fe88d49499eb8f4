"""Who is measured by bench/peers.py: one file a candidate, found by its name (torch_fused.py is torch-fused).

A file holds what a candidate does in a step and nothing else; it imports its library when its ``Worker`` is made:

    FORM = "idiomatic"                            # as its users write it; "tuned": as fast as its own means allow here
    VENV = ".venv-peers"                          # whose Python runs it

    class Worker:
        def __init__(self, work, cached, device)  # bench.work.Work; train on work.cache, or on work.images; cpu or gpu
        def reset(self)                           # work.initial's weights again, Adam at rest
        def train(self, batches)                  # a step for each row of indices, int32 (n, batch); returns when done
        def get_weights(self)                     # {name: float32 array} of bench.work.TRAINED, or {}: trains nothing

A step looks up its batch, goes through both layers, forward and back, and through Adam. bench/work.py says what it must
come to; who does other work is refused.
"""

from pathlib import Path

DIRECTORY = Path(__file__).parent
# Files that more than one candidate imports start with an underscore.
NAMES = sorted(path.stem.replace("_", "-") for path in DIRECTORY.glob("[!_]*.py"))
