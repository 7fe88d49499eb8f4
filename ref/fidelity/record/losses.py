"""The loss before each recorded step, computed anew from what was kept of it. Python 3.7 and TensorFlow 1.15.5 too."""

import numpy as np

from ref.fidelity.record.probe import find_terminals, open_at


def measure_losses(seen, store):
    """Return {training op: {name of the loss: [its mean before each recorded step]}}; of no loss that is known, {}."""
    found, names = {}, {}
    for event in seen.events:
        if event["kind"] != "step":
            continue
        op, graph = event["op"], seen.graphs[event["graph"]]
        if op not in names:
            names[op] = find_terminals(seen, dict(event, fetches=[]))
            found[op] = {name: [] for name in names[op]}
        if not names[op]:
            continue
        with open_at(graph, store, event) as (run, feeds):
            values = run([graph.get_tensor_by_name(name) for name in names[op]], feeds)
        for name, value in zip(names[op], values):
            found[op][name].append(float(np.mean(value)))
    return found
