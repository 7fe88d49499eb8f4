"""Denoising: X plus standard normal noise through three ReLU layers and a linear one; MSE to the clean X."""

from numpy_reference.primitives import affine_gradients, mse, name_shapes, relu, relu_slope

TEXT = {"learning_rate": 0.01, "noise_level": 1.0}
SIZES = {"n_inputs": 12, "n_hidden1": 7, "n_hidden2": 5}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "n_hidden2": 8, "learning_rate": 0.004, "noise_level": 0.4}
TENSORS = {"noise": "random_normal:0"}
LAYERS = ("hidden1", "hidden2", "hidden3", "outputs")


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"])), "noise": rnd.normal(size=(6, p["n_inputs"]))}


def make_shapes(p):
    n_inputs, n_hidden1 = p["n_inputs"], p["n_hidden1"]
    return name_shapes(LAYERS, (n_inputs, n_hidden1, p["n_hidden2"], n_hidden1, n_inputs), ("kernel", "bias"))


def denoise(v, X, X_noisy):
    """Return the loss terms and gradients of reconstructing ``X`` from ``X_noisy``."""
    inputs, zs = [X_noisy], []
    for layer in LAYERS:
        zs.append(inputs[-1] @ v[f"{layer}/kernel"] + v[f"{layer}/bias"])
        inputs.append(relu(zs[-1]) if layer != "outputs" else zs[-1])
    loss, d_z = mse(inputs[-1], X)
    gradients = {}
    for i in (3, 2, 1, 0):
        d_kernel, d_bias, d_inputs = affine_gradients(d_z, inputs[i], v[f"{LAYERS[i]}/kernel"])
        gradients[f"{LAYERS[i]}/kernel"], gradients[f"{LAYERS[i]}/bias"] = d_kernel, d_bias
        if i:
            d_z = d_inputs * relu_slope(zs[i - 1])
    return {"hidden2": inputs[2], "outputs": inputs[-1], "reconstruction_loss": loss}, gradients


def loss_and_gradients(v, feeds, p):
    X_noisy = feeds["X"] + p["noise_level"] * feeds["noise"]
    losses, gradients = denoise(v, feeds["X"], X_noisy)
    return losses | {"X_noisy": X_noisy}, gradients


OPS = {"training_op": loss_and_gradients}
