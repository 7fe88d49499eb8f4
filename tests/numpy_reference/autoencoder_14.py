"""autoencoder_13 with a logistic output and the mean cross-entropy in the place of the MSE."""

from numpy_reference.autoencoder_13 import (
    OTHER,
    SIZES,
    TENSORS,
    TEXT,
    encode,
    gradients_from,
    make_feeds,
    make_shapes,
    sparsity,
)
from numpy_reference.primitives import sigmoid, sigmoid_cross_entropy

__all__ = ["OPS", "OTHER", "SIZES", "TENSORS", "TEXT", "make_feeds", "make_shapes"]


def loss_and_gradients(v, feeds, p):
    X = feeds["X"]
    hidden1 = encode(v, X)
    logits = hidden1 @ v["dense_1/kernel"] + v["dense_1/bias"]
    outputs = sigmoid(logits)
    xentropy = sigmoid_cross_entropy(X, logits)
    sparsity_loss, d_sparsity = sparsity(hidden1, p)
    losses = {
        "hidden1": hidden1,
        "logits": logits,
        "outputs": outputs,
        "xentropy": xentropy,
        "reconstruction_loss": xentropy.mean(),
        "sparsity_loss": sparsity_loss,
        "loss": xentropy.mean() + p["sparsity_weight"] * sparsity_loss,
    }
    return losses, gradients_from(v, X, hidden1, (outputs - X) / X.size, d_sparsity, p)


OPS = {"training_op": loss_and_gradients}
