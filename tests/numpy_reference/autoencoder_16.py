"""autoencoder_15 with γ = log σ²: codings = μ + exp(γ/2) ε, latent loss = ½ Σ (exp γ + μ² − 1 − γ)."""

import numpy as np

from numpy_reference.autoencoder_15 import OTHER, SIZES, TENSORS, TEXT, make_feeds, make_shapes, variational

__all__ = ["OPS", "OTHER", "SIZES", "TENSORS", "TEXT", "make_feeds", "make_shapes"]


def gamma_codings(mean, gamma, noise):
    """Return the codings, the latent loss, and the slopes of both for gamma."""
    sigma = np.exp(0.5 * gamma)
    latent = 0.5 * np.sum(np.exp(gamma) + mean**2 - 1.0 - gamma)
    return mean + sigma * noise, latent, 0.5 * sigma * noise, 0.5 * (np.exp(gamma) - 1.0)


def loss_and_gradients(v, feeds, p):
    return variational(v, feeds, "hidden3_gamma", gamma_codings)


OPS = {"training_op": loss_and_gradients}
