"""A logistic and a linear layer. Loss = MSE + 0.2 · Σ over units of KL(0.1 ‖ the unit's mean over the batch)."""

import numpy as np

from numpy_reference.primitives import affine_gradients, mse, name_shapes, sigmoid

TEXT = {"learning_rate": 0.01, "sparsity_target": 0.1, "sparsity_weight": 0.2}
SIZES = {"n_inputs": 12, "n_hidden1": 7}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "learning_rate": 0.004, "sparsity_target": 0.3, "sparsity_weight": 0.7}
TENSORS = {}


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"]))}


def make_shapes(p):
    return name_shapes(("dense", "dense_1"), (p["n_inputs"], p["n_hidden1"], p["n_inputs"]), ("kernel", "bias"))


def sparsity(hidden1, p):
    """Return the sum over units of KL(target ‖ q), q the unit's mean over the batch, and its slope for ``hidden1``."""
    target, q = p["sparsity_target"], hidden1.mean(axis=0)
    kl = target * np.log(target / q) + (1.0 - target) * np.log((1.0 - target) / (1.0 - q))
    d_q = (1.0 - target) / (1.0 - q) - target / q
    return kl.sum(), np.broadcast_to(d_q / len(hidden1), hidden1.shape)


def encode(v, X):
    return sigmoid(X @ v["dense/kernel"] + v["dense/bias"])


def gradients_from(v, X, hidden1, d_outputs, d_sparsity, p):
    d_W2, d_b2, d_hidden1 = affine_gradients(d_outputs, hidden1, v["dense_1/kernel"])
    d_z1 = (d_hidden1 + p["sparsity_weight"] * d_sparsity) * hidden1 * (1.0 - hidden1)
    d_W1, d_b1, _ = affine_gradients(d_z1, X, v["dense/kernel"])
    return {"dense/kernel": d_W1, "dense/bias": d_b1, "dense_1/kernel": d_W2, "dense_1/bias": d_b2}


def loss_and_gradients(v, feeds, p):
    X = feeds["X"]
    hidden1 = encode(v, X)
    outputs = hidden1 @ v["dense_1/kernel"] + v["dense_1/bias"]
    reconstruction_loss, d_outputs = mse(outputs, X)
    sparsity_loss, d_sparsity = sparsity(hidden1, p)
    losses = {
        "hidden1": hidden1,
        "hidden1_mean": hidden1.mean(axis=0),
        "outputs": outputs,
        "reconstruction_loss": reconstruction_loss,
        "sparsity_loss": sparsity_loss,
        "loss": reconstruction_loss + p["sparsity_weight"] * sparsity_loss,
    }
    return losses, gradients_from(v, X, hidden1, d_outputs, d_sparsity, p)


OPS = {"training_op": loss_and_gradients}
