"""One shallow autoencoder: an ELU layer and a linear one, MSE + 0.0005 · half the squares of both weight matrices."""

from numpy_reference.primitives import affine_gradients, elu, elu_slope, half_squares, mse

LEARNING_RATE = 0.01
L2_REG = 0.0005
SIZES = {"n_inputs": 12, "n_neurons": 7}
TENSORS = {}


def make_feeds(rnd):
    return {"X": rnd.uniform(size=(6, 12))}


def loss_and_gradients(v, feeds):
    X, W1, W2 = feeds["X"], v["hidden/kernel"], v["outputs/kernel"]
    z = X @ W1 + v["hidden/bias"]
    hidden = elu(z)
    outputs = hidden @ W2 + v["outputs/bias"]
    reconstruction_loss, d_outputs = mse(outputs, X)
    reg_losses = [L2_REG * half_squares(W1), L2_REG * half_squares(W2)]
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
        "hidden/kernel": d_W1 + L2_REG * W1,
        "hidden/bias": d_b1,
        "outputs/kernel": d_W2 + L2_REG * W2,
        "outputs/bias": d_b2,
    }


OPS = {"training_op": loss_and_gradients}
