"""Denoising by dropout: each input is zeroed with probability 0.3, the others are divided by 0.7; MSE to all of X."""

import numpy as np

from numpy_reference.autoencoder_11 import LEARNING_RATE, SIZES, denoise

__all__ = ["LEARNING_RATE", "OPS", "SIZES", "TENSORS", "make_feeds"]

DROPOUT_RATE = 0.3
TENSORS = {"uniform": "dropout/cond/dropout/random_uniform/RandomUniform:0"}


def make_feeds(rnd):
    return {"X": rnd.uniform(size=(6, 12)), "uniform": rnd.uniform(size=(6, 12)), "training": True}


def loss_and_gradients(v, feeds):
    is_kept = feeds["uniform"] >= DROPOUT_RATE
    X_drop = np.where(is_kept, feeds["X"] / (1.0 - DROPOUT_RATE), 0.0)
    losses, gradients = denoise(v, feeds["X"], X_drop)
    return losses | {"X_drop": X_drop}, gradients


OPS = {"training_op": loss_and_gradients}
