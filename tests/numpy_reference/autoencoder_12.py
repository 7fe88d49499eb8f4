"""Denoising by dropout: each input is zeroed with probability 0.3, the others are divided by 0.7; MSE to all of X."""

import numpy as np

from numpy_reference.autoencoder_11 import SIZES, denoise, make_shapes

__all__ = ["OPS", "OTHER", "SIZES", "TENSORS", "TEXT", "make_feeds", "make_shapes"]

TEXT = {"learning_rate": 0.01, "dropout_rate": 0.3}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "n_hidden2": 8, "learning_rate": 0.004, "dropout_rate": 0.45}
TENSORS = {"uniform": "dropout/cond/dropout/random_uniform/RandomUniform:0"}


def make_feeds(rnd, p):
    size = (6, p["n_inputs"])
    return {"X": rnd.uniform(size=size), "uniform": rnd.uniform(size=size), "training": True}


def loss_and_gradients(v, feeds, p):
    is_kept = feeds["uniform"] >= p["dropout_rate"]
    X_drop = np.where(is_kept, feeds["X"] / (1.0 - p["dropout_rate"]), 0.0)
    losses, gradients = denoise(v, feeds["X"], X_drop)
    return losses | {"X_drop": X_drop}, gradients


OPS = {"training_op": loss_and_gradients}
