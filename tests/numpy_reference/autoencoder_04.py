"""Classifier: two ELU layers, softmax. Each example's loss is its cross-entropy + 0.0005 · half the squares of W1, W2,
W3; the gradient is of their sum over the batch, so the penalty counts once an example."""

import numpy as np

from numpy_reference.primitives import affine_gradients, elu, elu_slope, half_squares, number_shapes

TEXT = {"n_outputs": 10, "learning_rate": 0.01, "l2_reg": 0.0005}
SIZES = {"n_inputs": 12, "n_hidden1": 7, "n_hidden2": 5}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "n_hidden2": 8, "n_outputs": 9, "learning_rate": 0.004, "l2_reg": 0.02}
TENSORS = {}
BATCH = 6


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(BATCH, p["n_inputs"])), "y": rnd.randint(p["n_outputs"], size=BATCH)}


def make_shapes(p):
    return number_shapes((p["n_inputs"], p["n_hidden1"], p["n_hidden2"], p["n_outputs"]))


def loss_and_gradients(v, feeds, p):
    X, y = feeds["X"], feeds["y"]
    W1, W2, W3 = v["weights1"], v["weights2"], v["weights3"]
    z1 = X @ W1 + v["biases1"]
    h1 = elu(z1)
    z2 = h1 @ W2 + v["biases2"]
    h2 = elu(z2)
    logits = h2 @ W3 + v["biases3"]
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    cross_entropy = -log_p[np.arange(len(y)), y]
    reg_loss = p["l2_reg"] * (half_squares(W1) + half_squares(W2) + half_squares(W3))
    d3 = np.exp(log_p) - np.eye(p["n_outputs"])[y]
    d_W3, d_b3, d_h2 = affine_gradients(d3, h2, W3)
    d2 = d_h2 * elu_slope(z2)
    d_W2, d_b2, d_h1 = affine_gradients(d2, h1, W2)
    d1 = d_h1 * elu_slope(z1)
    d_W1, d_b1, _ = affine_gradients(d1, X, W1)
    n = len(y)
    losses = {
        "logits": logits,
        "cross_entropy": cross_entropy,
        "reg_loss": reg_loss,
        "loss": cross_entropy + reg_loss,
        "accuracy": np.mean(np.argmax(logits, axis=1) == y),
    }
    return losses, {
        "weights1": d_W1 + n * p["l2_reg"] * W1,
        "weights2": d_W2 + n * p["l2_reg"] * W2,
        "weights3": d_W3 + n * p["l2_reg"] * W3,
        "biases1": d_b1,
        "biases2": d_b2,
        "biases3": d_b3,
    }


OPS = {"training_op": loss_and_gradients}
