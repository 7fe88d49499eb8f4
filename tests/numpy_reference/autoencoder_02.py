"""Stacked autoencoder: three ELU layers and one linear, MSE + 0.001 · half the squares of all four weight matrices."""

from numpy_reference.primitives import affine_gradients, elu, elu_slope, half_squares, mse, name_shapes

TEXT = {"learning_rate": 0.001, "l2_reg": 0.001}
SIZES = {"n_inputs": 12, "n_hidden1": 7, "n_hidden2": 5}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "n_hidden2": 8, "learning_rate": 0.004, "l2_reg": 0.03}
TENSORS = {}
LAYERS = ("fully_connected", "fully_connected_1", "fully_connected_2", "fully_connected_3")


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"]))}


def make_shapes(p):
    n_inputs, n_hidden1 = p["n_inputs"], p["n_hidden1"]
    return name_shapes(LAYERS, (n_inputs, n_hidden1, p["n_hidden2"], n_hidden1, n_inputs), ("weights", "biases"))


def loss_and_gradients(v, feeds, p):
    inputs, zs = [feeds["X"]], []
    for i, layer in enumerate(LAYERS):
        zs.append(inputs[-1] @ v[f"{layer}/weights"] + v[f"{layer}/biases"])
        inputs.append(elu(zs[-1]) if i < 3 else zs[-1])
    outputs = inputs[-1]
    reconstruction_loss, d_z = mse(outputs, feeds["X"])
    reg_losses = [p["l2_reg"] * half_squares(v[f"{layer}/weights"]) for layer in LAYERS]
    gradients = {}
    for i in (3, 2, 1, 0):
        weights = v[f"{LAYERS[i]}/weights"]
        d_weights, d_biases, d_inputs = affine_gradients(d_z, inputs[i], weights)
        gradients[f"{LAYERS[i]}/weights"] = d_weights + p["l2_reg"] * weights
        gradients[f"{LAYERS[i]}/biases"] = d_biases
        if i:
            d_z = d_inputs * elu_slope(zs[i - 1])
    losses = {
        "hidden2": inputs[2],
        "outputs": outputs,
        "reconstruction_loss": reconstruction_loss,
        "reg_losses": reg_losses,
        "loss": reconstruction_loss + sum(reg_losses),
    }
    return losses, gradients


OPS = {"training_op": loss_and_gradients}
