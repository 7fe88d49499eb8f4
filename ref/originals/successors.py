"""What TensorFlow 1's successors still take from TensorFlow where it has moved; scripts name it there, too. Python 3.7.

tf_slim 1.1.0 was made before TensorFlow 2.16: on TensorFlow 2.21 ``batch_norm``, ``optimize_loss``,
``learning.create_train_op`` and every layer that takes a bool tensor end in an AttributeError or a ModuleNotFoundError.
"""

import sys

import tensorflow.compat.v1 as tf


def mend():
    """Give tf_slim, and scripts that import from ``tensorflow.python``, the names where they expect them."""
    import tf_keras.src.legacy_tf_layers.normalization as normalization
    from tensorflow.python.framework import indexed_slices, ops, tensor
    from tensorflow.python.ops import array_ops, control_flow_ops, variable_scope

    sys.modules["tf_keras.legacy_tf_layers"] = sys.modules["tf_keras.src.legacy_tf_layers"]
    sys.modules["tf_keras.legacy_tf_layers.normalization"] = normalization
    moved = {
        ops: {
            "IndexedSlices": indexed_slices.IndexedSlices,
            "Tensor": tensor.Tensor,
            "convert_to_tensor_or_indexed_slices": tf.convert_to_tensor_or_indexed_slices,
        },
        control_flow_ops: {"Assert": tf.Assert, "case": tf.case, "cond": tf.cond, "while_loop": tf.while_loop},
        array_ops: {"stack": tf.stack, "unstack": tf.unstack},
        variable_scope: {"variable": tf.Variable},
    }
    for module, names in moved.items():
        for name, value in names.items():
            if not hasattr(module, name):
                setattr(module, name, value)


def alias_modules():
    """Return modules of ``tensorflow.python`` that scripts import and that have moved, by their old names."""
    return {"tensorflow.python.ops.rnn_cell": tf.nn.rnn_cell, "tensorflow.python.ops.rnn_cell_impl": tf.nn.rnn_cell}
