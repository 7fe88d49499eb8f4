"""Features: the weights from every pixel to each of the first five neurons of the first hidden layer."""

from numpy_reference.autoencoder_07 import SIZES, make_feeds

__all__ = ["SIZES", "make_feeds", "show"]


def show(v, feeds):
    return {"features": v["weights1"].T[:5]}
