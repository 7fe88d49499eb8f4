"""autoencoder_7's two phases; phase 2 is fed the frozen layer's outputs in the place of X."""

from numpy_reference.autoencoder_07 import OTHER, SIZES, TENSORS, TEXT, make_shapes, phase1, phase2_from
from numpy_reference.primitives import elu

__all__ = ["OPS", "OTHER", "SIZES", "TENSORS", "TEXT", "make_feeds", "make_shapes"]


def make_feeds(rnd, p):
    return {"X": rnd.uniform(size=(6, p["n_inputs"])), "hidden1": elu(rnd.normal(size=(6, p["n_hidden1"])))}


def phase2(v, feeds, p):
    return phase2_from(v, feeds["hidden1"], p)


OPS = {"phase1_training_op": phase1, "phase2_training_op": phase2}
