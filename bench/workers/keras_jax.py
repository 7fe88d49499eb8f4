"""Keras 3 on JAX, tuned: ``fit`` on arrays as in keras.py, the step compiled, many steps in one execution."""

from bench.work import Work
from bench.workers import keras as on_tensorflow

KIND = "tuned"
VENV = ".venv-peers"


class Worker(on_tensorflow.Worker):
    backend = "jax"

    def __init__(self, work: Work, cached: bool, device: str):
        # a sixth of MNIST's epoch in one execution
        super().__init__(work, cached, device, jit_compile=True, steps_per_execution=61)
