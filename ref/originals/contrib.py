"""``tf.contrib``: what of it lives on officially, under its old names; the rest is refused by name.

Layers, framework, slim, losses, metrics and training come from tf_slim, which is contrib's own code; cells and
``static_rnn`` from ``tf.nn``; distributions, data, lookup and others from where TensorFlow moved them.
"""

import types

import tensorflow.compat.v1 as tf
import tf_slim
from tf_slim import layers, losses, metrics
from tf_slim.ops import arg_scope, framework_ops, variables  # tf_slim.ops, the attribute, is TensorFlow's
from tf_slim.training import evaluation, training

from ref.originals import eager, recreated
from ref.originals.overlay import Overlay
from ref.originals.refusals import refuse_attribute


def _pick(base, *names):
    """Return a module of these ``names`` of ``base`` alone; ``old=new`` renames."""
    pairs = (name.split("=") for name in names)
    return types.SimpleNamespace(**{pair[0]: getattr(base, pair[-1]) for pair in pairs})


def make_contrib():
    """Return ``tf.contrib``'s modules by name."""
    bases = {
        "autograph": [tf.autograph],
        "cluster_resolver": [tf.distribute.cluster_resolver],
        "data": [tf.data.experimental],
        "deprecated": [
            _pick(
                tf.summary,
                "audio_summary=audio",
                "histogram_summary=histogram",
                "image_summary=image",
                "scalar_summary=scalar",
                "merge_all_summaries=merge_all",
                "merge_summary=merge",
            )
        ],
        "distribute": [tf.distribute],
        "distributions": [tf.distributions],
        "eager": [eager],
        "framework": [
            arg_scope,  # before variables, whose own arg_scope is this module
            variables,
            framework_ops,
            _pick(tf.train, "init_from_checkpoint", "list_variables", "load_checkpoint", "load_variable"),
            _pick(tf.debugging, "assert_same_float_dtype", "assert_scalar"),
            _pick(tf, "argsort", "is_tensor", "nest", "py_func", "sort", "TensorSpec"),
            _pick(tf, "convert_to_tensor_or_sparse_tensor=convert_to_tensor_or_indexed_slices"),
        ],
        "keras": [tf.keras],
        "layers": [layers, tf_slim, _pick(recreated, "embed_sequence")],
        "legacy_seq2seq": [_pick(recreated, "rnn_decoder", "sequence_loss", "sequence_loss_by_example")],
        "lite": [tf.lite],
        "lookup": [tf.lookup, tf.lookup.experimental],
        "losses": [losses],
        "metrics": [metrics, _pick(recreated, "accuracy"), _pick(tf, "confusion_matrix")],
        "nn": [tf.nn],
        "rnn": [
            tf.nn.rnn_cell,
            _pick(tf.nn, "core_rnn_cell=rnn_cell"),
            _pick(tf.nn, "static_rnn", "static_bidirectional_rnn", "static_state_saving_rnn"),
        ],
        "saved_model": [tf.saved_model],
        "seq2seq": [_pick(recreated, "sequence_loss=sequence_loss_of_tensors")],
        "signal": [tf.signal],
        "slim": [tf_slim],
        "stateless": [tf.random],
        "tfprof": [tf.profiler],
        "tpu": [tf.tpu],
        "training": [training, evaluation, _pick(recreated, "HParams")],
        "util": [_pick(tf, "make_ndarray", "make_tensor_proto", "constant_value=get_static_value")],
    }
    modules = {
        f"tensorflow.contrib.{name}": Overlay(f"tensorflow.contrib.{name}", found, refuse_attribute)
        for name, found in bases.items()
    }
    contrib = Overlay("tensorflow.contrib", missing=refuse_attribute)
    for name, module in modules.items():
        setattr(contrib, name.rpartition(".")[2], module)
    modules["tensorflow.contrib"] = contrib
    return modules
