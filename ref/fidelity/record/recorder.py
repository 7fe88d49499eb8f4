"""Watch the sessions of a script or a port: initial values, losses, draws, evaluations. TensorFlow 1.15.5 and 2 alike.

It runs under Python 3.7 in .venv-tf1 too (scripts/tf1/run_listing.py), so that both sides are watched by the same
lines, and imports nothing of ours.
"""

import contextlib
import hashlib

import numpy as np
import tensorflow.compat.v1 as tf

N_STEPS = 25  # whose losses are kept
KEPT_STEPS = (1, 2, 25)  # after which the variables, Adam's slots and powers among them, are summed up
RANDOM_OPS = ("RandomStandardNormal", "RandomUniform", "TruncatedNormal")


class Recorder:
    """What sessions of ``session_class`` do while ``watch()`` lasts.

    With ``losses`` the loss is evaluated before each of the first steps, which draws noise once more than the script
    does; with ``draws`` what random ops gave is fetched in the script's own runs instead. ``nudge`` moves the weights
    of the first unit by their last bit, before the first step (one weight alone may be a black pixel's).
    """

    def __init__(self, session_class, losses=True, draws=False, nudge=False):
        self._session_class, self._takes_losses, self._takes_draws, self._nudge = session_class, losses, draws, nudge
        self._graphs, self._loss_of = [], {}
        self.seen = {"random_ops": [], "ops_before": [], "initial": []}  # a graph each
        self.seen.update({"losses": {}, "after": {}, "evaluations": [], "draws": {}})
        self._fed, self._reached = {}, {}

    @contextlib.contextmanager
    def watch(self):
        minimize, run = tf.train.Optimizer.minimize, self._session_class.run

        def watched_minimize(optimizer, loss, *args, **keywords):
            training_op = minimize(optimizer, loss, *args, **keywords)
            self._loss_of[training_op] = loss
            return training_op

        def watched_run(session, fetches, feed_dict=None, options=None, run_metadata=None):
            if isinstance(fetches, str) or any(isinstance(key, str) for key in feed_dict or {}):  # a saver's
                return run(session, fetches, feed_dict, options, run_metadata)
            return self._run(run, session, fetches, feed_dict)

        tf.train.Optimizer.minimize, self._session_class.run = watched_minimize, watched_run
        try:
            yield
        finally:
            tf.train.Optimizer.minimize, self._session_class.run = minimize, run

    def result(self):
        """Return what was seen, as JSON takes it."""
        return dict(self.seen, fed_sha256={name: digest.hexdigest() for name, digest in self._fed.items()})

    def _run(self, run, session, fetches, feed_dict):
        graph = session.graph
        if graph not in self._graphs:
            self._graphs.append(graph)
            self.seen["random_ops"].append(list_random_ops(graph))
            self.seen["ops_before"].append(count_ops_before(graph))
        is_step = isinstance(fetches, tf.Operation) and fetches in self._loss_of
        if not is_step and isinstance(fetches, tf.Operation):
            result = run(session, fetches, feed_dict)
            if fetches.name.startswith("init"):
                self._keep_initial(run, session)
            return result
        if self._nudge:
            self._nudge = False
            self._move_last_bits(run, session)
        name = "{}|{}".format(self._graphs.index(graph), fetches.name) if is_step else None
        losses = self.seen["losses"].setdefault(name, []) if is_step else []
        if is_step:
            digest = self._fed.setdefault(name, hashlib.sha256())
            for _, value in sorted((tensor.name, value) for tensor, value in feed_dict.items()):
                digest.update(np.ascontiguousarray(value))
            if self._takes_losses and len(losses) < N_STEPS:
                losses.append(float(np.mean(run(session, self._loss_of[fetches], feed_dict))))
        draws = self._find_draws(fetches, feed_dict) if self._takes_draws else []
        if draws:
            result, drawn = run(session, [fetches, draws], feed_dict)
            for tensor, value in zip(draws, drawn):
                self.seen["draws"].setdefault(tensor.name, []).append(hash_array(value)[:16])
        else:
            result = run(session, fetches, feed_dict)
        if is_step and len(losses) in KEPT_STEPS and str(len(losses)) not in self.seen["after"].setdefault(name, {}):
            values = run(session, {variable.op.name: variable for variable in list_variables(graph)})
            self.seen["after"][name][str(len(losses))] = {key: summarize(value) for key, value in values.items()}
        if not is_step:
            values = result if isinstance(result, (list, tuple)) else [result]
            self.seen["evaluations"].append([summarize(value) for value in values])
        return result

    def _keep_initial(self, run, session):
        variables = list_variables(session.graph)
        values = run(session, {variable.op.name: variable for variable in variables})
        hashed = {name: dict(summarize(value), sha256=hash_array(value)) for name, value in values.items()}
        self.seen["initial"].append(hashed)

    def _move_last_bits(self, run, session):
        first = list_variables(session.graph)[0]
        value = run(session, first)
        value[..., 0] = np.nextafter(value[..., 0], np.float32(np.inf))
        first.load(value, session)

    def _find_draws(self, fetches, feed_dict):
        """Return the outputs of the random ops that this run needs, initializers and what is switched off apart."""
        key = (str(fetches), *sorted(tensor.name for tensor in feed_dict or {}))
        if key not in self._reached:
            fed = {tensor.op for tensor in feed_dict or {}}
            todo = [getattr(item, "op", item) for item in (fetches if isinstance(fetches, list) else [fetches])]
            reached = set()
            while todo:
                op = todo.pop()
                if op not in reached and op not in fed:
                    reached.add(op)
                    todo += [tensor.op for tensor in op.inputs] + list(op.control_inputs)
            is_on = any(value is True for value in (feed_dict or {}).values())
            found = [op for op in reached if op.type in RANDOM_OPS and (is_on or "/cond/" not in op.name)]
            for op in found:  # TensorFlow forbids to fetch from within a cond, which is dead or not as the feeds say
                op.graph._unfetchable_ops.discard(op)
            self._reached[key] = [op.outputs[0] for op in sorted(found, key=lambda op: op.name)]
        return self._reached[key]


def list_random_ops(graph):
    """Return [name, type, seed, seed2] of each random op of the graph, in its order."""
    ops = [op for op in graph.get_operations() if "seed2" in op.node_def.attr]
    return [[op.name, op.type, op.get_attr("seed"), op.get_attr("seed2")] for op in ops]


def count_ops_before(graph):
    """Return how many ops the graph held before each random op, in its order."""
    return [i for i, op in enumerate(graph.get_operations()) if "seed2" in op.node_def.attr]


def list_variables(graph):
    """Return the graph's variables in their order of creation."""
    with graph.as_default():
        return tf.global_variables()


def summarize(value):
    """Return shape, first and last element, sum and norm of an array, in float64."""
    flat = np.asarray(value, np.float64).ravel()
    numbers = {"first": flat[0], "last": flat[-1], "sum": flat.sum(), "norm": np.sqrt((flat**2).sum())}
    return dict({name: float("{:.9g}".format(number)) for name, number in numbers.items()}, shape=list(np.shape(value)))


def hash_array(value):
    """Return the sha256 of an array's bytes."""
    return hashlib.sha256(np.ascontiguousarray(value)).hexdigest()
