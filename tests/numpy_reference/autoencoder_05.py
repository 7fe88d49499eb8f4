"""The pretrained classifier: autoencoder_4's mathematics; its lower layers only start elsewhere."""

from numpy_reference.autoencoder_04 import LEARNING_RATE, SIZES, TENSORS, loss_and_gradients, make_feeds

__all__ = ["LEARNING_RATE", "OPS", "SIZES", "TENSORS", "make_feeds"]

OPS = {"training_op": loss_and_gradients}
