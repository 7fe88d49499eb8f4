"""Which variable, feed and draw of one run is which of another. Works on what records hold; no TensorFlow."""


def pair_variables(a, b, renamed=None):
    """Return {name in A: name in B} of two graphs' variables: as told, by name, else in order by shape."""
    of_b = {variable["name"]: variable for variable in b["variables"]}
    pairs = {old: new for old, new in (renamed or {}).items() if new in of_b}
    for variable in a["variables"]:
        if variable["name"] in of_b and variable["name"] not in pairs:
            pairs[variable["name"]] = variable["name"]
    left = [variable for variable in b["variables"] if variable["name"] not in pairs.values()]
    for variable in a["variables"]:
        if variable["name"] not in pairs:
            alike = [one for one in left if is_alike(one, variable)]
            if alike:
                pairs[variable["name"]] = alike[0]["name"]
                left.remove(alike[0])
    return pairs


def is_alike(one, other):
    return one["shape"] == other["shape"] and one["trainable"] == other["trainable"]


def pair_slots(pairs, optimizer_a, optimizer_b):
    """Add to ``pairs`` the slots of variables that are pairs, whatever they are called."""
    found = dict(pairs)
    for name, update in optimizer_a.items():
        other = optimizer_b.get(pairs.get(name), {"slots": {}})["slots"]
        found.update({slot: other[key] for key, slot in update["slots"].items() if key in other})
    return found


def pair_tensors(a, b, outputs_a, outputs_b):
    """Return {tensor of A: tensor of B} of two sets of tensors with the hash of a value each: feeds, or draws.

    By equal values, then by name, then by shape in the graphs' order; ``outputs`` give each graph's tensors in order.
    """
    pairs, left = {}, [name for name in outputs_b if name in b]
    names = [name for name in outputs_a if name in a]
    rules = (
        lambda x, y: a[x] == b[y],
        lambda x, y: x == y,
        lambda x, y: outputs_a[x] == outputs_b[y],
        lambda x, y: len(outputs_a[x] or ()) == len(outputs_b[y] or ()),
    )
    for is_pair in rules:
        for name in names:
            other = next((one for one in left if is_pair(name, one)), None) if name not in pairs else None
            if other:
                pairs[name] = other
                left.remove(other)
    return pairs


def list_outputs(graph):
    """Return {tensor: [dtype, shape]} of a recorded graph, in its order."""
    return {name: shape for op in graph["ops"] for name, _, shape in op["outputs"]}
