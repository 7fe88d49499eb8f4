"""Linear autoencoder, 3-2-3: outputs = (X W1 + b1) W2 + b2, mean squared error."""

from numpy_reference.primitives import affine_gradients, mse, name_shapes

TEXT = {"learning_rate": 0.01}
SIZES = {}
OTHER = {"learning_rate": 0.003}
TENSORS = {}


def make_feeds(rnd, p):
    return {"X": rnd.normal(size=(8, 3))}


def make_shapes(p):
    return name_shapes(("fully_connected", "fully_connected_1"), (3, 2, 3), ("weights", "biases"))


def loss_and_gradients(v, feeds, p):
    X = feeds["X"]
    W1, b1 = v["fully_connected/weights"], v["fully_connected/biases"]
    W2, b2 = v["fully_connected_1/weights"], v["fully_connected_1/biases"]
    hidden = X @ W1 + b1
    outputs = hidden @ W2 + b2
    loss, d_outputs = mse(outputs, X)
    d_W2, d_b2, d_hidden = affine_gradients(d_outputs, hidden, W2)
    d_W1, d_b1, _ = affine_gradients(d_hidden, X, W1)
    losses = {"hidden": hidden, "codings": hidden, "outputs": outputs, "reconstruction_loss": loss}
    return losses, {
        "fully_connected/weights": d_W1,
        "fully_connected/biases": d_b1,
        "fully_connected_1/weights": d_W2,
        "fully_connected_1/biases": d_b2,
    }


OPS = {"training_op": loss_and_gradients}
