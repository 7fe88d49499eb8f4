"""Variational: codings = μ + σ ε. Loss = Σ cross-entropy + ½ Σ (σ² + μ² − 1 − log(1e-10 + σ²)), sums over the batch."""

import numpy as np

from numpy_reference.primitives import affine_gradients, elu, elu_slope, name_shapes, sigmoid, sigmoid_cross_entropy

TEXT = {"learning_rate": 0.001}
EPS = 1e-10
SIZES = {"n_inputs": 12, "n_hidden1": 7, "n_hidden2": 6, "n_hidden3": 3}
OTHER = {"n_inputs": 11, "n_hidden1": 6, "n_hidden2": 8, "n_hidden3": 4, "learning_rate": 0.004}
TENSORS = {"noise": "random_normal:0"}
START = {"dense_3/bias": 3.0}  # keeps sigma away from 0, where the latent loss has a pole and float32 no digits
# In the order of creation: two hidden layers, mean, sigma (or gamma), two hidden layers, logits.
H1, H2, MEAN, SPREAD, H4, H5, LOGITS = ("dense", "dense_1", "dense_2", "dense_3", "dense_4", "dense_5", "dense_6")


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"])), "noise": rnd.normal(size=(6, p["n_hidden3"]))}


def make_shapes(p):
    n_inputs, n_hidden1, n_hidden2, n_hidden3 = (
        p[name] for name in ("n_inputs", "n_hidden1", "n_hidden2", "n_hidden3")
    )
    kinds = ("kernel", "bias")
    encoder = name_shapes((H1, H2, MEAN), (n_inputs, n_hidden1, n_hidden2, n_hidden3), kinds)
    decoder = name_shapes((H4, H5, LOGITS), (n_hidden3, n_hidden2, n_hidden1, n_inputs), kinds)
    return encoder | name_shapes((SPREAD,), (n_hidden2, n_hidden3), kinds) | decoder


def affine(v, layer, inputs):
    return inputs @ v[f"{layer}/kernel"] + v[f"{layer}/bias"]


def sigma_codings(mean, sigma, noise):
    """Return the codings, the latent loss, and the slopes of both for sigma."""
    latent = 0.5 * np.sum(sigma**2 + mean**2 - 1.0 - np.log(EPS + sigma**2))
    d_sigma = sigma - sigma / (EPS + sigma**2)
    return mean + sigma * noise, latent, noise, d_sigma


def variational(v, feeds, spread_name, make_codings):
    X, noise = feeds["X"], feeds["noise"]
    z1 = affine(v, H1, X)
    h1 = elu(z1)
    z2 = affine(v, H2, h1)
    h2 = elu(z2)
    mean, spread = affine(v, MEAN, h2), affine(v, SPREAD, h2)
    codings, latent_loss, codings_by_spread, latent_by_spread = make_codings(mean, spread, noise)
    z4 = affine(v, H4, codings)
    h4 = elu(z4)
    z5 = affine(v, H5, h4)
    h5 = elu(z5)
    logits = affine(v, LOGITS, h5)
    outputs = sigmoid(logits)
    reconstruction_loss = sigmoid_cross_entropy(X, logits).sum()
    gradients = {}

    def back(layer, d_outputs, inputs):
        d_kernel, d_bias, d_inputs = affine_gradients(d_outputs, inputs, v[f"{layer}/kernel"])
        gradients[f"{layer}/kernel"], gradients[f"{layer}/bias"] = d_kernel, d_bias
        return d_inputs

    d_h5 = back(LOGITS, outputs - X, h5)
    d_h4 = back(H5, d_h5 * elu_slope(z5), h4)
    d_codings = back(H4, d_h4 * elu_slope(z4), codings)
    d_h2 = back(MEAN, d_codings + mean, h2)
    d_h2 = d_h2 + back(SPREAD, d_codings * codings_by_spread + latent_by_spread, h2)
    d_h1 = back(H2, d_h2 * elu_slope(z2), h1)
    back(H1, d_h1 * elu_slope(z1), X)
    losses = {
        "hidden3_mean": mean,
        spread_name: spread,
        "hidden3": codings,
        "outputs": outputs,
        "reconstruction_loss": reconstruction_loss,
        "latent_loss": latent_loss,
        "loss": reconstruction_loss + latent_loss,
    }
    return losses, gradients


def loss_and_gradients(v, feeds, p):
    return variational(v, feeds, "hidden3_sigma", sigma_codings)


OPS = {"training_op": loss_and_gradients}
