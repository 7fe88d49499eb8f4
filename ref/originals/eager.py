"""``tf.contrib.eager`` and ``tf.enable_eager_execution``, for scripts that turn eager. Python 3.7."""

import tensorflow.compat.v1 as tf
from tensorflow.python.eager import backprop, context
from tensorflow.python.framework import ops
from tensorflow.python.ops import resource_variable_ops

Variable = resource_variable_ops.ResourceVariable
GradientTape = tf.GradientTape
executing_eagerly = tf.executing_eagerly
gradients_function = backprop.gradients_function
implicit_gradients = backprop.implicit_grad
implicit_value_and_gradients = backprop.implicit_val_and_grad
value_and_gradients_function = backprop.val_and_grad_function
py_func = tf.py_function
Iterator = iter


def enable_eager_execution(config=None, device_policy=None, execution_mode=None):
    """Do as ``tf.enable_eager_execution``, after the seeding that a run's graph has had."""
    seed = ops.get_default_graph().seed
    ops._default_graph_stack._global_default_graph = None
    tf.enable_eager_execution(config)
    if seed is not None:
        tf.set_random_seed(seed)


def num_gpus():
    """Return how many GPUs eager code sees."""
    return context.num_gpus()
