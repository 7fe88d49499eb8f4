"""Keep the graphs that a script builds, each as a MetaGraphDef, with the script's own names and what its steps are fed.

TensorFlow 1.15.5 in Python 3.7 and TensorFlow 2 alike; nothing is computed again.
"""

import contextlib
import json
import os
import sys

import tensorflow.compat.v1 as tf

from ref.fidelity.record.watch import TrainingStopped, watching


@contextlib.contextmanager
def keeping_graphs(directory, stop_after=None):
    """Watch what runs within, yield a Seen; in the end, however it ends, write graph-N.meta and graphs.json there.

    graphs.json holds of each graph {tensor or op: the script's name}, and {training op: tensors that its first step is
    fed}.
    """
    with watching(stop_after) as seen:
        try:
            yield seen
        except TrainingStopped:
            seen.was_cut = True
        finally:
            write_graphs(seen, directory)


def write_graphs(seen, directory):
    graphs, last = list(seen.graphs), tf.get_default_graph()
    if last.get_operations() and not any(graph is last for graph in graphs):
        graphs.append(last)
    own = vars(sys.modules["__main__"])
    found = []
    for number, graph in enumerate(graphs):
        meta = tf.train.export_meta_graph(graph=graph)
        with open(os.path.join(directory, "graph-{}.meta".format(number)), "wb") as file:
            file.write(meta.SerializeToString())
        prefix = "{}|".format(number)
        fed = {name[len(prefix) :]: tensors for name, tensors in seen.fed.items() if name.startswith(prefix)}
        found.append({"names": name_tensors(own, graph), "fed": fed})
    with open(os.path.join(directory, "graphs.json"), "w") as file:
        json.dump(found, file)


def name_tensors(values, graph):
    """Return {tensor, or op that gives none: the name it was given first} of those of the graph among ``values``."""
    names = {}
    for name, value in values.items():
        if name.startswith("_"):
            continue
        if isinstance(value, tf.Variable):
            value = value.op
        if isinstance(value, (tf.Tensor, tf.Operation)) and value.graph is graph:
            names.setdefault(value.name, name)
    return names
