"""The graphs of a TensorFlow 1 script: it is run by ref.originals as far as one step of each training op, watched."""

import contextlib
import json
import tempfile
from pathlib import Path

from ref.common.errors import BadInputError
from ref.graph.read import Graph, read_meta
from ref.graph.roles import find_training
from ref.graph.scene import Use


def read_script(spec: str, data: str | None, settings: list[str]) -> tuple[str, list[Graph], list[Use]]:
    """Return the script's name, its graphs with the names that it gives, and what its steps are fed.

    What it prints and writes goes nowhere.

    Raises:
      BadInputError: it cannot be run as far as that, or builds no graph.
    """
    from ref.originals.listing import find_scripts
    from ref.originals.run import run_original

    listings = find_scripts(spec)
    if len(listings) > 1:
        names = ", ".join(f"{listing.name}.py" for listing in listings)
        raise BadInputError(
            f"{spec}: it has {len(listings)} listings ({names}), expected one; name it: {spec}:{listings[0].name}.py"
        )
    listing = listings[0]
    with tempfile.TemporaryDirectory(prefix="graph-") as directory:
        kept = Path(directory) / "graphs"
        outcome = run_original(
            listing,
            seed=42,
            data=data,
            out=Path(directory) / "out",
            settings=settings,
            stop_after=1,
            record={"directory": str(kept), "graphs": True},
            capture=True,
        )
        found = []
        with contextlib.suppress(FileNotFoundError):
            found = json.loads((kept / "graphs.json").read_text(encoding="utf-8"))
        graphs = [read_meta(kept / f"graph-{number}.meta") for number in range(len(found))]
    uses = []
    for graph, known in zip(graphs, found):
        graph.names = known["names"]
        fed = tuple((op, tuple(name.rpartition(":")[0] for name in names)) for op, names in known["fed"].items())
        uses.append(Use(fed=fed))
    if outcome.code in (130, 141, 143):
        raise KeyboardInterrupt
    if outcome.reason and not any(find_training(graph) for graph in graphs):  # it failed before there was one to see
        raise BadInputError(outcome.reason)
    if not graphs:
        raise BadInputError(
            f"{listing.label}: it builds no graph, expected a TensorFlow 1 script that does; name another"
        )
    return listing.name, graphs, uses
