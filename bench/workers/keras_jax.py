"""Keras 3 on JAX, tuned: ``fit`` on arrays as in keras.py, the step compiled, many steps in one execution."""

from bench.workers import keras as on_tensorflow

KIND = "tuned"
VENV = ".venv-peers"


class Worker(on_tensorflow.Worker):
    backend, compile_options = "jax", {"jit_compile": True, "steps_per_execution": 61}
