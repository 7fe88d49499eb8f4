"""What a nest of fetches holds, and what came back for it. Python 3.7, too; nothing of ours imported."""

import tensorflow.compat.v1 as tf


def list_items(fetches):
    """Return what a nest of fetches holds, in its order."""
    if isinstance(fetches, dict):
        return [item for value in fetches.values() for item in list_items(value)]
    if isinstance(fetches, (list, tuple)):
        return [item for value in fetches for item in list_items(value)]
    return [fetches]


def rebuild(fetches, replace):
    """Return the nest with each item replaced, in its order."""
    if isinstance(fetches, dict):
        return type(fetches)((key, rebuild(value, replace)) for key, value in fetches.items())
    if isinstance(fetches, tuple) and hasattr(fetches, "_fields"):
        return type(fetches)(*[rebuild(value, replace) for value in fetches])
    if isinstance(fetches, (list, tuple)):
        return type(fetches)([rebuild(value, replace) for value in fetches])
    return replace(fetches)


def as_leaf(graph, item):
    """Return the op or tensor that an item of a fetch stands for, or None."""
    try:
        return graph.as_graph_element(item)
    except (TypeError, ValueError, KeyError):
        return None


def list_leaves(graph, fetches):
    leaves = [as_leaf(graph, item) for item in list_items(fetches)]
    return [leaf for leaf in leaves if leaf is not None]


def pick_tensors(graph, fetches, result):
    """Return (tensor, value) of each tensor among the fetches."""
    pairs = zip(list_items(fetches), list_items_of_result(fetches, result))
    found = [(as_leaf(graph, item), value) for item, value in pairs]
    return [(leaf, value) for leaf, value in found if isinstance(leaf, tf.Tensor) and value is not None]


def list_items_of_result(fetches, result):
    if isinstance(fetches, dict):
        return [item for key, value in fetches.items() for item in list_items_of_result(value, result[key])]
    if isinstance(fetches, (list, tuple)):
        return [item for value, part in zip(fetches, result) for item in list_items_of_result(value, part)]
    return [result]


def pair_items(key, value):
    """Return (tensor, value) of a feed, whose key may be a nest, as an LSTM's state is."""
    return list(zip(list_items(key), list_items_of_result(key, value)))


def name_feeds(graph, feed_dict):
    """Return {name of the tensor: value} of what is fed; what is no dense tensor is left out."""
    pairs = [(item, part) for key, value in (feed_dict or {}).items() for item, part in pair_items(key, value)]
    named = [(as_leaf(graph, item), value) for item, value in pairs]
    return {leaf.name: value for leaf, value in named if isinstance(leaf, tf.Tensor)}
