"""Watch a script or a port while it trains: its sessions, savers and figures. TensorFlow 1.15.5 and 2 alike.

    with watching(stop_after=20) as seen: …
    seen.steps    # {"0|Adam": 20}: of each training op, graph|name, how often it was run

Nothing is added to a graph, since a random op's seed is the number of ops before it; nothing is run that draws. With
``stop_after`` a training op is run so often and no more: the script's loops run out without it. With a store what is
fed, drawn, fetched, saved and drawn as a picture is kept there: see recording.py. It runs in Python 3.7
too, and imports nothing of ours but its neighbours.
"""

import contextlib
import json
import os
import threading

import numpy as np
import tensorflow.compat.v1 as tf

from ref.fidelity.record import graphs
from ref.fidelity.record.fetches import as_leaf, list_items, list_leaves, name_feeds, pick_tensors, rebuild
from ref.fidelity.record.state import (
    find_draws,
    find_session_classes,
    is_training,
    move_last_bits,
    nudge_feeds,
    read_state,
)

N_RECORDED = 25  # steps of each training op; of those after, what is fed is not kept
N_EVALUATIONS = 400  # of all, whose results are kept
N_LEFT_OUT = 50_000  # steps that a script's loops may go on for once training has stopped


class TrainingStopped(BaseException):
    """The script's loops did not end after its last step; it is ended there."""


class Seen:
    """What was seen: ``steps`` of each training op, ``calls`` with those left out; whether the script ``was_cut``.

    ``fed`` are the tensors that the first step of each is fed.
    """

    def __init__(self):
        self.steps, self.calls, self.fed, self.was_cut = {}, {}, {}, False
        self.events, self.graphs, self.losses, self.figures = [], [], [], []


@contextlib.contextmanager
def watching(stop_after=None, store=None, is_nudged=False):
    """Watch all sessions of this process; yield a Seen.

    ``is_nudged`` moves by their last bit the weights of the first unit, before the first step, and what steps are fed.
    """
    seen = Seen()
    watch = _Watch(seen, stop_after, store, is_nudged)
    with contextlib.ExitStack() as stack:
        for owner, name, make in watch.list_patches():
            original = owner.__dict__[name]
            setattr(owner, name, make(original))
            stack.callback(setattr, owner, name, original)
        try:
            yield seen
        except TrainingStopped:
            seen.was_cut = True


def write_record(seen, directory, found):
    """Write ``directory``/record.json: what was seen, and what was ``found`` by looking again."""
    described = {
        "versions": {"tensorflow": tf.__version__, "numpy": np.__version__},
        "graphs": [graphs.describe_graph(graph) for graph in seen.graphs],
    }
    described.update(
        (name, getattr(seen, name)) for name in ("steps", "calls", "events", "losses", "figures", "was_cut")
    )
    described.update(found)
    path = os.path.join(directory, "record.json")
    with open(path + ".part", "w") as file:
        json.dump(described, file)
    os.replace(path + ".part", path)  # who waits for it finds it whole


class _Watch:
    def __init__(self, seen, stop_after, store, is_nudged):
        self.seen, self._stop_after, self._store, self._is_nudged = seen, stop_after, store, is_nudged
        self._here = threading.local()  # .is_inside: whether this thread is in a call that is watched already
        self._trains, self._evaluated, self._last, self._n_left_out = {}, {}, {}, 0

    def list_patches(self):
        """Return (class, name of a method, what makes the watched one of it)."""
        patches = [(owner, "run", self._watch_run) for owner in find_session_classes() if "run" in owner.__dict__]
        patches.append((tf.train.Optimizer, "compute_gradients", self._watch_gradients))
        patches += [(tf.train.Saver, "save", self._watch_save), (tf.train.Saver, "restore", self._watch_restore)]
        if self._store:
            from matplotlib.axes import Axes

            patches += [(Axes, name, self._watch_drawing) for name in ("imshow", "plot") if name in Axes.__dict__]
        return patches

    @contextlib.contextmanager
    def _inside(self):
        self._here.is_inside = True
        try:
            yield
        finally:
            self._here.is_inside = False

    def _is_inside(self):
        return getattr(self._here, "is_inside", False)

    def _watch_run(self, run):
        def watched_run(session, fetches, feed_dict=None, options=None, run_metadata=None):
            if self._is_inside():
                return run(session, fetches, feed_dict, options, run_metadata)
            with self._inside():
                return self._run(run, session, fetches, feed_dict, options, run_metadata)

        return watched_run

    def _watch_gradients(self, compute):
        def watched_compute(optimizer, loss, *args, **keywords):
            pairs = compute(optimizer, loss, *args, **keywords)
            names = [getattr(gradient, "name", None) for gradient, _ in pairs]
            self.seen.losses.append([self._number(loss.graph), loss.name, names])
            return pairs

        return watched_compute

    def _watch_save(self, save):
        def watched_save(saver, sess, save_path, *args, **keywords):
            if self._is_inside():
                return save(saver, sess, save_path, *args, **keywords)
            with self._inside():
                path = save(saver, sess, save_path, *args, **keywords)
                self._note_file("save", saver, sess, path or save_path)
            return path

        return watched_save

    def _watch_restore(self, restore):
        def watched_restore(saver, sess, save_path):
            with self._inside():
                restore(saver, sess, save_path)
                self._note_file("restore", saver, sess, save_path)

        return watched_restore

    def _watch_drawing(self, draw):
        name = draw.__name__

        def watched_draw(axes, *args, **keywords):
            arrays = []
            for value in args:
                with contextlib.suppress(TypeError, ValueError):
                    array = graphs.as_array(value)
                    arrays += [self._store.add(array)] if array.dtype.kind in "fiub" else []
            self.seen.figures.append([name, arrays])
            return draw(axes, *args, **keywords)

        return watched_draw

    def _number(self, graph):
        if graph not in self.seen.graphs:
            self.seen.graphs.append(graph)
        return self.seen.graphs.index(graph)

    def _note_file(self, kind, saver, sess, path):
        if not self._store:
            return
        tensors = graphs.list_saved(sess.graph, saver.saver_def.save_tensor_name)
        values = {name: self._store.add(value) for name, value in sess.run(tensors).items()}
        name = os.path.basename(str(path))
        event = {"kind": kind, "graph": self._number(sess.graph), "name": name, "values": values}
        self.seen.events.append(dict(event, calls=dict(self.seen.calls)))

    def _run(self, run, session, fetches, feed_dict, options, run_metadata):
        graph = session.graph
        number = self._number(graph)
        leaves = list_leaves(graph, fetches)
        training = [leaf for leaf in leaves if self._is_training(leaf)]
        if not training:
            return self._run_other(run, session, leaves, fetches, feed_dict, options, run_metadata)
        names = ["{}|{}".format(number, leaf.name) for leaf in training]
        n_steps = self.seen.steps.get(names[0], 0)
        for name in names:
            self.seen.calls[name] = self.seen.calls.get(name, 0) + 1
            if name not in self.seen.fed:
                self.seen.fed[name] = sorted(name_feeds(graph, feed_dict))
        if self._stop_after is not None and n_steps >= self._stop_after:
            return self._leave_out(run, session, fetches, feed_dict, training)
        for name in names:
            self.seen.steps[name] = n_steps + 1
        if self._is_nudged:
            if not self._last:
                move_last_bits(run, session)
                self._last[None] = None
            run = nudge_feeds(run, n_steps + 1)
        if self._store and n_steps < N_RECORDED:
            event = {"kind": "step", "op": names[0], "step": n_steps + 1}
            result = self._run_recorded(run, session, leaves, fetches, feed_dict, event, True)
        else:
            result = run(session, fetches, feed_dict, options, run_metadata)
        self._last.update((leaf.name, value) for leaf, value in pick_tensors(graph, fetches, result))
        return result

    def _run_other(self, run, session, leaves, fetches, feed_dict, options, run_metadata):
        tensors = [leaf.name for leaf in leaves if not isinstance(leaf, tf.Operation)]
        if not self._store or len(self._evaluated) > N_EVALUATIONS:
            return run(session, fetches, feed_dict, options, run_metadata)
        if not tensors:
            result = run(session, fetches, feed_dict, options, run_metadata)
            self._note_after({"kind": "op", "ops": [leaf.name for leaf in leaves]}, run, session)
            return result
        key = (self._number(session.graph), tuple(tensors), tuple(sorted(name_feeds(session.graph, feed_dict))))
        self._evaluated[key] = self._evaluated.get(key, 0) + 1
        event = {"kind": "evaluation", "count": self._evaluated[key]}
        return self._run_recorded(run, session, leaves, fetches, feed_dict, event, self._evaluated[key] == 1)

    def _run_recorded(self, run, session, leaves, fetches, feed_dict, event, with_state):
        """Run what was asked for, and what its random ops drew with it; note what went in and came out."""
        graph, feeds = session.graph, name_feeds(session.graph, feed_dict)
        event.update(graph=self._number(graph), fetches=[leaf.name for leaf in leaves], calls=dict(self.seen.calls))
        event["feeds"] = {name: self._store.add(graphs.as_array(value)) for name, value in feeds.items()}
        if with_state:
            event["before"] = self._keep_state(run, session)
        draws = find_draws(run, session, leaves, feed_dict)
        result, drawn = run(session, [fetches, draws], feed_dict) if draws else (run(session, fetches, feed_dict), [])
        event["draws"] = {tensor.name: self._store.add(value) for tensor, value in zip(draws, drawn)}
        event["results"] = {leaf.name: self._store.add(value) for leaf, value in pick_tensors(graph, fetches, result)}
        if event["kind"] == "step":
            event["after"] = self._keep_state(run, session)
        self.seen.events.append(event)
        return result

    def _note_after(self, event, run, session):
        event.update(graph=self._number(session.graph), after=self._keep_state(run, session))
        self.seen.events.append(event)

    def _keep_state(self, run, session):
        return {name: self._store.add(value) for name, value in read_state(run, session).items()}

    def _is_training(self, leaf):
        key = (leaf.graph, leaf.name)
        if key not in self._trains:
            self._trains[key] = is_training(leaf)
        return self._trains[key]

    def _leave_out(self, run, session, fetches, feed_dict, training):
        """Run what else was fetched; a training op gives None, a tensor that trains what it gave last."""
        self._n_left_out += 1
        if self._n_left_out > N_LEFT_OUT:
            raise TrainingStopped
        graph = session.graph

        def is_left_out(item):
            leaf = as_leaf(graph, item)
            return leaf is not None and any(leaf is one for one in training)

        rest = [item for item in list_items(fetches) if not is_left_out(item)]
        values = iter(run(session, rest, feed_dict) if rest else [])
        last = self._last
        return rebuild(fetches, lambda item: last.get(as_leaf(graph, item).name) if is_left_out(item) else next(values))
