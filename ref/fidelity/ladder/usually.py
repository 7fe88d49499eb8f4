"""What a difference usually is: what people who migrate get wrong, told from the numbers."""

import math

import numpy as np

TRUNCATED = 0.87962566  # σ of a standard normal that is cut at two of its deviations
RATIOS = (
    (math.sqrt(1.3), "contrib's He (1.3 · 2 / fan_in) beside core's, or the other way round"),
    (1 / TRUNCATED, "contrib's He beside core's variance_scaling, or truncated and not truncated"),
    (math.sqrt(2), "He beside Glorot or Keras' VarianceScaling: √2 in σ"),
    (2.0, "a factor of 2 in the scale: fan_in beside fan_avg of other sizes"),
)
UNIFORM_KURTOSIS, NORMAL_KURTOSIS = 1.8, 3.0


OTHER_DRAWS = "the same initializer, other draws: another seed, or another number or order of ops before it"


def explain_initial_values(x: np.ndarray, y: np.ndarray) -> str:
    """Return why initial values ``x`` and ``y`` of one variable differ, as far as their spread tells."""
    sigma = float(np.std(x)), float(np.std(y))
    if min(sigma) == 0.0 < max(sigma):
        return "zeros or a constant on one side, random values on the other"
    if max(sigma) == 0.0:
        return "another constant"
    ratio = max(sigma) / min(sigma)
    tolerance = 6.0 / math.sqrt(2 * max(x.size, 2)) + 0.005
    kurtosis = [float(np.mean((v - v.mean()) ** 4) / np.var(v) ** 2) for v in (x, y)]
    if x.size >= 500 and abs(kurtosis[0] - kurtosis[1]) > 0.3:
        return (
            f"uniform on one side, normal on the other{f'; σ differs by {ratio:.2f}' if ratio > 1 + tolerance else ''}"
        )
    if ratio <= 1 + tolerance:
        return OTHER_DRAWS
    known = [words for factor, words in RATIOS if abs(ratio / factor - 1) <= tolerance]
    return known[0] if known else f"another initializer: σ differs by {ratio:.3g}"


def explain_feeds(x: np.ndarray, y: np.ndarray) -> str:
    """Return why what is fed differs."""
    if x.dtype.kind == "b" or x.size == 1:
        return "a switch or a number that is fed otherwise: training, keep_prob"
    if x.ndim == 2 and x.dtype.kind == "f":
        rows = {row.tobytes() for row in np.ascontiguousarray(x)}
        n_common = sum(row.tobytes() in rows for row in np.ascontiguousarray(y, x.dtype))
        if n_common == len(y):
            return "the same rows in another order"
        norm = np.linalg.norm(x) / (np.linalg.norm(y) or 1.0)
        if n_common == 0 and abs(norm - 1) > 0.2:
            return f"another scale of the images: {norm:.4g} times"
        if n_common == 0 and x.shape == y.shape and np.corrcoef(x.ravel(), y.ravel())[0, 1] > 0.8:
            return "the same rows, their numbers changed: rounded, clipped, standardized, noise"
    return "other rows: another shuffle or another order of draws, another split or set"


def explain_ops(type_a: str | None, type_b: str | None) -> str:
    """Return what it usually is that an op of ``type_a`` stands where the other side has one of ``type_b``."""
    activations = {"Elu", "Relu", "Sigmoid", "Tanh", "Selu", "Softplus", "LeakyRelu"}
    sums = {"Mean", "Sum"}
    if {type_a, type_b} <= activations:
        return "another activation"
    if {type_a, type_b} == sums:
        return "the mean for the sum, or the sum for the mean"
    if type_a == type_b and type_a in sums:
        return "another axis to sum over, or other terms"
    if type_b in activations or type_a in activations:
        if {"Add", "AddV2", "BiasAdd"} & {type_a, type_b}:
            return "a bias that is missing, or an activation that is"
        return "a layer's activation that is missing on one side"
    if {"Add", "AddV2", "BiasAdd"} & {type_a, type_b}:
        return "a bias or a term that is missing or tied"
    if type_a == type_b == "MatMul":
        return "weights that are not transposed, not tied, or another layer's"
    if {type_a, type_b} == {"Abs", "Square"}:
        return "the absolute error for the squared one, or the other way round"
    if "L2Loss" in (type_a, type_b) or "Abs" in (type_a, type_b):
        return "a variable that is regularized on one side only (biases?), or another regularizer"
    if type_a != type_b and {type_a, type_b} <= {"Exp", "Square", "Log", "Pow", "Sqrt", "Mul"}:
        return "σ for σ², γ for σ, or another form of the loss"
    return "the line computes something else"


def explain_update(argument: str | None) -> str:
    if argument == "op":
        return "another optimizer"
    if argument in ("lr", "alpha"):
        return "another learning rate"
    if argument:
        return f"another {argument} of the optimizer"
    return "another rule for the step: clipping, decay, a second optimizer where one is shared"
