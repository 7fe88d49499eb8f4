"""A logistic and a linear layer. Loss = MSE + 0.2 · Σ over units of KL(0.1 ‖ the unit's mean over the batch)."""

import numpy as np

from numpy_reference.primitives import affine_gradients, mse, sigmoid

LEARNING_RATE = 0.01
SPARSITY_TARGET, SPARSITY_WEIGHT = 0.1, 0.2
SIZES = {"n_inputs": 12, "n_hidden1": 7}
TENSORS = {}


def make_feeds(rnd):
    return {"X": rnd.uniform(size=(6, 12))}


def sparsity(hidden1):
    """Return the sum over units of KL(p ‖ q), q the unit's mean over the batch, and its gradient for ``hidden1``."""
    p, q = SPARSITY_TARGET, hidden1.mean(axis=0)
    kl = p * np.log(p / q) + (1.0 - p) * np.log((1.0 - p) / (1.0 - q))
    d_q = (1.0 - p) / (1.0 - q) - p / q
    return kl.sum(), np.broadcast_to(d_q / len(hidden1), hidden1.shape)


def encode(v, X):
    return sigmoid(X @ v["dense/kernel"] + v["dense/bias"])


def gradients_from(v, X, hidden1, d_outputs, d_sparsity):
    d_W2, d_b2, d_hidden1 = affine_gradients(d_outputs, hidden1, v["dense_1/kernel"])
    d_z1 = (d_hidden1 + SPARSITY_WEIGHT * d_sparsity) * hidden1 * (1.0 - hidden1)
    d_W1, d_b1, _ = affine_gradients(d_z1, X, v["dense/kernel"])
    return {"dense/kernel": d_W1, "dense/bias": d_b1, "dense_1/kernel": d_W2, "dense_1/bias": d_b2}


def loss_and_gradients(v, feeds):
    X = feeds["X"]
    hidden1 = encode(v, X)
    outputs = hidden1 @ v["dense_1/kernel"] + v["dense_1/bias"]
    reconstruction_loss, d_outputs = mse(outputs, X)
    sparsity_loss, d_sparsity = sparsity(hidden1)
    losses = {
        "hidden1": hidden1,
        "hidden1_mean": hidden1.mean(axis=0),
        "outputs": outputs,
        "reconstruction_loss": reconstruction_loss,
        "sparsity_loss": sparsity_loss,
        "loss": reconstruction_loss + SPARSITY_WEIGHT * sparsity_loss,
    }
    return losses, gradients_from(v, X, hidden1, d_outputs, d_sparsity)


OPS = {"training_op": loss_and_gradients}
