"""Two phases in one graph.

Phase 1: X -> h1 -> output, MSE to X + 0.0001 · half the squares of W1 and W4. Phase 2: h1 -> h2 -> h3, MSE to h1 +
0.0001 · half the squares of W2 and W3, in which h1 is a constant: only W2, W3, b2 and b3 move.
"""

from numpy_reference.primitives import affine_gradients, elu, elu_slope, half_squares, mse, number_shapes

TEXT = {"learning_rate": 0.01, "l2_reg": 0.0001}
SIZES = {"n_inputs": 12, "n_hidden1": 7, "n_hidden2": 5}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "n_hidden2": 8, "learning_rate": 0.004, "l2_reg": 0.03}
TENSORS = {}


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"]))}


def make_shapes(p):
    n_inputs, n_hidden1 = p["n_inputs"], p["n_hidden1"]
    return number_shapes((n_inputs, n_hidden1, p["n_hidden2"], n_hidden1, n_inputs))


def forward(v, X):
    z1 = X @ v["weights1"] + v["biases1"]
    h1 = elu(z1)
    z2 = h1 @ v["weights2"] + v["biases2"]
    h2 = elu(z2)
    z3 = h2 @ v["weights3"] + v["biases3"]
    h3 = elu(z3)
    outputs = h3 @ v["weights4"] + v["biases4"]
    return z1, h1, z2, h2, z3, h3, outputs


def phase1(v, feeds, p):
    X, W1, W4 = feeds["X"], v["weights1"], v["weights4"]
    z1, h1, *_, h3, outputs = forward(v, X)
    phase1_outputs = h1 @ W4 + v["biases4"]
    loss, d_outputs = mse(phase1_outputs, X)
    reg_loss = p["l2_reg"] * (half_squares(W1) + half_squares(W4))
    d_W4, d_b4, d_h1 = affine_gradients(d_outputs, h1, W4)
    d_W1, d_b1, _ = affine_gradients(d_h1 * elu_slope(z1), X, W1)
    losses = {
        "hidden1": h1,
        "hidden3": h3,
        "outputs": outputs,
        "reconstruction_loss": mse(outputs, X)[0],
        "phase1_outputs": phase1_outputs,
        "phase1_reconstruction_loss": loss,
        "phase1_reg_loss": reg_loss,
        "phase1_loss": loss + reg_loss,
    }
    return losses, {
        "weights1": d_W1 + p["l2_reg"] * W1,
        "weights4": d_W4 + p["l2_reg"] * W4,
        "biases1": d_b1,
        "biases4": d_b4,
    }


def phase2_from(v, h1, p=TEXT):
    """Return phase 2's loss terms and gradients, given the frozen layer's outputs."""
    W2, W3 = v["weights2"], v["weights3"]
    z2 = h1 @ W2 + v["biases2"]
    h2 = elu(z2)
    z3 = h2 @ W3 + v["biases3"]
    h3 = elu(z3)
    loss, d_h3 = mse(h3, h1)
    reg_loss = p["l2_reg"] * (half_squares(W2) + half_squares(W3))
    d_W3, d_b3, d_h2 = affine_gradients(d_h3 * elu_slope(z3), h2, W3)
    d_W2, d_b2, _ = affine_gradients(d_h2 * elu_slope(z2), h1, W2)
    losses = {
        "hidden2": h2,
        "hidden3": h3,
        "phase2_reconstruction_loss": loss,
        "phase2_reg_loss": reg_loss,
        "phase2_loss": loss + reg_loss,
    }
    return losses, {
        "weights2": d_W2 + p["l2_reg"] * W2,
        "weights3": d_W3 + p["l2_reg"] * W3,
        "biases2": d_b2,
        "biases3": d_b3,
    }


def phase2(v, feeds, p):
    return phase2_from(v, elu(feeds["X"] @ v["weights1"] + v["biases1"]), p)


OPS = {"phase1_training_op": phase1, "phase2_training_op": phase2}
