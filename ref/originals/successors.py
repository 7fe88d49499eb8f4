"""What TensorFlow 1's successors still take from TensorFlow where it has moved; scripts name it there, too. Python 3.7.

tf_slim 1.1.0 was made before TensorFlow 2.16: on TensorFlow 2.21 ``batch_norm``, ``optimize_loss``,
``learning.create_train_op`` and every layer that takes a bool tensor end in an AttributeError or a ModuleNotFoundError.
"""

import functools
import sys

import tensorflow.compat.v1 as tf

KERAS = "tf_keras.api._v1.keras"
KERAS_LAYERS = "advanced_activations convolutional core embeddings merge noise normalization pooling recurrent wrappers"
# Modules and packages by the names that scripts import them by.
ALIASES = {
    "tensorflow.keras": KERAS,
    "tensorflow.contrib.keras": KERAS,
    "tensorflow.contrib.slim": "tf_slim",
    "tensorflow.contrib.slim.python": "tf_slim",
    "tensorflow.contrib.slim.python.slim": "tf_slim",
    "tensorflow.contrib.layers.python": "tf_slim",
    "tensorflow.contrib.framework.python": "tf_slim",
    "keras": KERAS,
    "keras.engine": "tf_keras.src.engine",
    "keras.utils.np_utils": "tf_keras.src.utils.np_utils",
}
ALIASES.update({f"keras.layers.{name}": KERAS + ".layers" for name in KERAS_LAYERS.split()})


def mend():
    """Give scripts, and tf_slim, the names where they expect them."""
    _mend_tensorflow()
    _mend_keras()
    mend_flags(tf)


def _mend_tensorflow():
    import tf_keras.src.legacy_tf_layers.normalization as normalization
    from tensorflow.python.framework import graph_util, indexed_slices, ops, tensor
    from tensorflow.python.ops import array_ops, control_flow_ops, shape_util, variable_scope
    from tensorflow.python.util import nest

    sys.modules["tf_keras.legacy_tf_layers"] = sys.modules["tf_keras.src.legacy_tf_layers"]
    sys.modules["tf_keras.legacy_tf_layers.normalization"] = normalization
    moved = {
        ops: {
            "IndexedSlices": indexed_slices.IndexedSlices,
            "Tensor": tensor.Tensor,
            "convert_to_tensor_or_indexed_slices": tf.convert_to_tensor_or_indexed_slices,
        },
        control_flow_ops: {"Assert": tf.Assert, "case": tf.case, "cond": tf.cond, "while_loop": tf.while_loop},
        graph_util: {"convert_variables_to_constants": tf.graph_util.convert_variables_to_constants},
        nest: {"is_sequence": nest.is_nested},
        array_ops: {"stack": tf.stack, "unstack": tf.unstack},
        variable_scope: {"variable": tf.Variable},
    }
    for module, names in moved.items():
        for name, value in names.items():
            if not hasattr(module, name):
                setattr(module, name, value)

    _take_small_integers(shape_util)


def _take_small_integers(shape_util):
    """Let a shape hold NumPy's integers of any size: since NumPy 2, ``max(labels) + 1`` is uint8 as its labels are."""
    import numpy as np

    shape_tensor = shape_util.shape_tensor

    def convert(shape):
        if isinstance(shape, (list, tuple)):
            shape = [int(length) if isinstance(length, np.integer) else length for length in shape]
        return shape_tensor(shape)

    shape_util.shape_tensor = convert


def _mend_keras():
    import tf_keras.api._v1.keras.backend as backend
    import tf_keras.api._v1.keras.utils as utils
    from tf_keras.src.utils import np_utils

    utils.np_utils = np_utils
    backend.image_dim_ordering = lambda: "tf"  # as Keras 1 called data_format
    backend.set_image_dim_ordering = lambda ordering: None


def mend_flags(tf):
    """Let a flag's default be a NumPy scalar, and flags be parsed by the name that TensorFlow had for it until 1.4."""
    import numpy as np
    from absl import flags

    def take_scalars(define):
        @functools.wraps(define)
        def defined(name, default, *args, **keywords):
            return define(name, default.item() if isinstance(default, np.generic) else default, *args, **keywords)

        return defined

    for name in ("DEFINE_integer", "DEFINE_float", "DEFINE_boolean", "DEFINE_bool"):
        setattr(tf.flags, name, take_scalars(getattr(tf.flags, name)))
        setattr(tf.app.flags, name, getattr(tf.flags, name))
    flags.FlagValues._parse_flags = lambda self, args=None: self(args or sys.argv)


def alias_modules():
    """Return modules of ``tensorflow.python`` that scripts import and that have moved, by their old names."""
    return {"tensorflow.python.ops.rnn_cell": tf.nn.rnn_cell, "tensorflow.python.ops.rnn_cell_impl": tf.nn.rnn_cell}
