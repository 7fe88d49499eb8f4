"""Finite forms of what a listing's loss overflows in: --safe-kl of 13 and 14, --safe-latent of 15 and 16."""

import math
from collections.abc import Callable

import tensorflow.compat.v1 as tf

EDGE = 1e-6  # nearer than this to 0 and 1 the divergence goes on as a straight line


def safe_kl_divergence(p: float, q: tf.Tensor) -> tf.Tensor:
    """Return the KL divergence of Bernoulli(p) from Bernoulli(q), elementwise, finite for every q from 0 to 1.

    Nearer than ``EDGE`` to 0 and 1 it is the tangent. Where ``q`` is the mean of ``tf.sigmoid`` over the batch, as in
    the listings, its gradient is taken at the logits instead: of a unit that saturates the logistic function's own
    gradient is 0 in float32, and nothing would ever bring it back.
    """
    inside = tf.clip_by_value(q, EDGE, 1 - EDGE)
    slope = tf.stop_gradient((1 - p) / (1 - inside) - p / inside)
    value = p * tf.log(p / inside) + (1 - p) * tf.log((1 - p) / (1 - inside)) + slope * (q - inside)
    hidden = q.op.inputs[0] if q.op.type == "Mean" else q
    if hidden.op.type != "Sigmoid":
        return value
    logits = hidden.op.inputs[0]  # (batch, units)
    log_n = tf.log(tf.cast(tf.shape(logits)[0], logits.dtype))
    log_q = tf.reduce_logsumexp(tf.log_sigmoid(logits), axis=0) - log_n
    log_not_q = tf.reduce_logsumexp(tf.log_sigmoid(-logits), axis=0) - log_n
    of_logits = p * (math.log(p) - log_q) + (1 - p) * (math.log(1 - p) - log_not_q)
    return of_logits + tf.stop_gradient(value - of_logits)


def bound(limit: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return an activation that is the identity up to ``±limit``, and beyond grows like the logarithm.

    Its slope is continuous and never 0, so that what has gone too far finds back; its exponential, or its square, is
    finite as long as its input is.
    """

    def bounded(z: tf.Tensor) -> tf.Tensor:
        excess = tf.nn.relu(tf.abs(z) - limit)
        return tf.clip_by_value(z, -limit, limit) + tf.sign(z) * tf.log1p(excess)

    return bounded
