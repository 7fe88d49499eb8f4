"""Tied weights: W3 = W2ᵀ, W4 = W1ᵀ, so each matrix collects two gradients; MSE + 0.001 · half the squares of W1, W2."""

from numpy_reference.primitives import elu, elu_slope, half_squares, mse, number_shapes

TEXT = {"learning_rate": 0.01, "l2_reg": 0.001}
SIZES = {"n_inputs": 12, "n_hidden1": 7, "n_hidden2": 5}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "n_hidden2": 8, "learning_rate": 0.004, "l2_reg": 0.03}
TENSORS = {}


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"]))}


def make_shapes(p):
    n_inputs, n_hidden1 = p["n_inputs"], p["n_hidden1"]
    shapes = number_shapes((n_inputs, n_hidden1, p["n_hidden2"], n_hidden1, n_inputs))
    return {name: shape for name, shape in shapes.items() if name not in ("weights3", "weights4")}


def loss_and_gradients(v, feeds, p):
    X, W1, W2 = feeds["X"], v["weights1"], v["weights2"]
    z1 = X @ W1 + v["biases1"]
    h1 = elu(z1)
    z2 = h1 @ W2 + v["biases2"]
    h2 = elu(z2)
    z3 = h2 @ W2.T + v["biases3"]
    h3 = elu(z3)
    outputs = h3 @ W1.T + v["biases4"]
    reconstruction_loss, d4 = mse(outputs, X)
    reg_loss = p["l2_reg"] * (half_squares(W1) + half_squares(W2))
    d3 = (d4 @ W1) * elu_slope(z3)
    d2 = (d3 @ W2) * elu_slope(z2)
    d1 = (d2 @ W2.T) * elu_slope(z1)
    losses = {
        "hidden1": h1,
        "hidden2": h2,
        "hidden3": h3,
        "outputs": outputs,
        "reconstruction_loss": reconstruction_loss,
        "reg_loss": reg_loss,
        "loss": reconstruction_loss + reg_loss,
    }
    return losses, {
        "weights1": X.T @ d1 + d4.T @ h3 + p["l2_reg"] * W1,
        "weights2": h1.T @ d2 + d3.T @ h2 + p["l2_reg"] * W2,
        "biases1": d1.sum(axis=0),
        "biases2": d2.sum(axis=0),
        "biases3": d3.sum(axis=0),
        "biases4": d4.sum(axis=0),
    }


OPS = {"training_op": loss_and_gradients}
