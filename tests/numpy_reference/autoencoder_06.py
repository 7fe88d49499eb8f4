"""One shallow autoencoder: an ELU layer and a linear one, MSE + 0.0005 · half the squares of both weight matrices;
with ``output_activation`` the output is ELU, too."""

from numpy_reference.primitives import affine_gradients, elu, elu_slope, half_squares, mse, name_shapes

TEXT = {"learning_rate": 0.01, "l2_reg": 0.0005, "output_activation": None}
SIZES = {"n_inputs": 12, "n_neurons": 7}
OTHER = {"n_inputs": 11, "n_neurons": 6, "learning_rate": 0.004, "l2_reg": 0.02, "output_activation": "elu"}
TENSORS = {}


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"]))}


def make_shapes(p):
    return name_shapes(("hidden", "outputs"), (p["n_inputs"], p["n_neurons"], p["n_inputs"]), ("kernel", "bias"))


def loss_and_gradients(v, feeds, p):
    X, W1, W2 = feeds["X"], v["hidden/kernel"], v["outputs/kernel"]
    z = X @ W1 + v["hidden/bias"]
    hidden = elu(z)
    z_outputs = hidden @ W2 + v["outputs/bias"]
    outputs = elu(z_outputs) if p["output_activation"] else z_outputs
    reconstruction_loss, d_outputs = mse(outputs, X)
    if p["output_activation"]:
        d_outputs = d_outputs * elu_slope(z_outputs)
    reg_losses = [p["l2_reg"] * half_squares(W1), p["l2_reg"] * half_squares(W2)]
    d_W2, d_b2, d_hidden = affine_gradients(d_outputs, hidden, W2)
    d_W1, d_b1, _ = affine_gradients(d_hidden * elu_slope(z), X, W1)
    losses = {
        "hidden": hidden,
        "outputs": outputs,
        "reconstruction_loss": reconstruction_loss,
        "reg_losses": reg_losses,
        "loss": reconstruction_loss + sum(reg_losses),
    }
    return losses, {
        "hidden/kernel": d_W1 + p["l2_reg"] * W1,
        "hidden/bias": d_b1,
        "outputs/kernel": d_W2 + p["l2_reg"] * W2,
        "outputs/bias": d_b2,
    }


OPS = {"training_op": loss_and_gradients}
