"""The pretrained classifier: autoencoder_4's mathematics; its lower layers start elsewhere, and may be frozen."""

from numpy_reference import autoencoder_04
from numpy_reference.autoencoder_04 import SIZES, TENSORS, make_feeds, make_shapes

__all__ = ["OPS", "OTHER", "SIZES", "TENSORS", "TEXT", "make_feeds", "make_shapes"]

TEXT = autoencoder_04.TEXT | {"freeze": False}
OTHER = autoencoder_04.OTHER | {"freeze": True}


def loss_and_gradients(v, feeds, p):
    losses, gradients = autoencoder_04.loss_and_gradients(v, feeds, p)
    moved = ("weights3", "biases3") if p["freeze"] else gradients
    return losses, {name: gradients[name] for name in moved}


OPS = {"training_op": loss_and_gradients}
