"""The losses, initializers and models against mathematics worked by hand and by other libraries."""

import numpy as np
import pytest
import scipy.special
import sklearn.decomposition
import tensorflow.compat.v1 as tf

from ref import autoencoder_01_linear_pca as port_1
from ref import autoencoder_13_sparse as port_13
from ref import autoencoder_14_sparse_xentropy as port_14
from ref import autoencoder_15_variational as port_15
from ref import autoencoder_16_variational_digits as port_16
from ref.common import layers, losses
from ref.common.session import new_graph, open_session


def evaluate(function, *arrays):
    """Return the value of ``function`` of the arrays as constants, in a graph of its own."""
    with new_graph(seed=0):
        result = function(*(tf.constant(array) for array in arrays))
        with open_session() as sess:
            return sess.run(result)


@pytest.mark.parametrize("port", [port_13, port_14])
def test_kl_divergence(port):
    p, q = np.meshgrid(np.linspace(0.05, 0.95, 10), np.linspace(0.05, 0.95, 10))
    found = evaluate(port.kl_divergence, p, q)
    np.testing.assert_allclose(found, scipy.special.rel_entr(p, q) + scipy.special.rel_entr(1 - p, 1 - q), atol=1e-12)
    np.testing.assert_allclose(np.diag(found), 0.0, atol=1e-12)  # p = q
    np.testing.assert_allclose(found, evaluate(port.kl_divergence, 1 - p, 1 - q), atol=1e-12)  # symmetric pairs
    assert np.all(found >= -1e-12)


@pytest.mark.parametrize("port", [port_13, port_14])
def test_kl_divergence_has_no_number_at_the_ends(port):
    found = evaluate(port.kl_divergence, np.float32([0.1, 0.1]), np.float32([0.0, 1.0]))
    assert not np.any(np.isfinite(found))


P = pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
Q = np.concatenate([np.geomspace(1e-4, 0.5, 40), 1 - np.geomspace(1e-4, 0.5, 40)])


@P
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_safe_divergence_is_the_books_where_that_is_finite(p, dtype):
    q = Q.astype(dtype)
    expected = scipy.special.rel_entr(p, q.astype(float)) + scipy.special.rel_entr(1 - p, 1 - q.astype(float))
    np.testing.assert_allclose(evaluate(lambda q: losses.safe_kl_divergence(p, q), q), expected, rtol=1e-6, atol=1e-6)


@P
def test_the_safe_divergence_is_finite_at_the_ends_and_leads_back(p):
    def get_slopes(q):
        return tf.gradients(losses.safe_kl_divergence(p, q), q)[0]

    q = np.float32([0.0, 1e-30, 1 - 1e-7, 1.0])
    values, slopes = evaluate(lambda q: losses.safe_kl_divergence(p, q), q), evaluate(get_slopes, q)
    assert np.all(np.isfinite(values))
    assert np.all(np.isfinite(slopes))
    assert np.all(slopes[:2] < 0)
    assert np.all(slopes[2:] > 0)
    assert values[0] >= values[1] > 1 * p
    assert values[3] >= values[2] > 1 * (1 - p)


@P
@pytest.mark.parametrize("level", [-200.0, -20.0, -3.0, 0.0, 3.0, 20.0, 200.0])
def test_the_safe_gradient_is_the_true_one_of_units_that_saturate(p, level):
    """d KL / d logit in float64, with q and 1 - q each as a sum of its own."""
    logits = np.linspace(level - 1, level + 1, 6)[:, None]
    found = evaluate(
        lambda z: tf.gradients(losses.safe_kl_divergence(p, tf.reduce_mean(tf.sigmoid(z), axis=0)), z)[0],
        logits.astype(np.float32),
    )
    ones, zeros = scipy.special.expit(logits), scipy.special.expit(-logits)
    both = ones * zeros
    expected = (1 - p) * both / zeros.sum() - p * both / ones.sum()
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-6)
    assert np.any(found)


@pytest.mark.parametrize("limit", [20.0, 1e9])
def test_a_bound_is_the_identity_within_and_finite_and_monotone_beyond(limit):
    z = np.float32([-1e28, -4 * limit, -limit, -1.5, 0.0, 1.5, limit, 4 * limit, 1e28])
    values = evaluate(losses.bound(limit), z)
    slopes = evaluate(lambda z: tf.gradients(losses.bound(limit)(z), z)[0], z)
    np.testing.assert_array_equal(values[2:-2], z[2:-2])
    assert np.all(np.diff(values[[0, 1, 2, 6, 7, 8]]) >= 0)
    assert np.all(slopes > 0)
    assert np.all(np.isfinite(np.exp(values) if limit < 80 else values**2))


@pytest.mark.parametrize(("port", "name"), [(port_15, "hidden3_sigma"), (port_16, "hidden3_gamma")])
def test_the_safe_latent_loss_is_finite_where_the_books_is_not(port, name):
    found = {}
    for safe_latent in (False, True):
        with new_graph(seed=1):
            g = port.build(n_hidden1=5, n_hidden2=4, n_hidden3=3, safe_latent=safe_latent)
            weights = g.hidden1.graph.get_tensor_by_name("dense_3/kernel:0")  # of sigma, or gamma
            slope = tf.gradients(g.latent_loss, weights)[0]
            with open_session() as sess:
                sess.run(g.init)
                before = sess.run([g.latent_loss, slope], {g.X: np.ones((2, 784), np.float32)})
                large = np.full((4, 3), 1e25, np.float32) * np.sign(sess.run(g.hidden2, {g.X: np.ones((1, 784))})).T
                found[safe_latent] = before, sess.run([g.latent_loss, slope], {g.X: np.ones((2, 784)), weights: large})
    (ordinary, far), (safe_ordinary, safe_far) = found[False], found[True]
    np.testing.assert_array_equal(ordinary[0], safe_ordinary[0])
    np.testing.assert_array_equal(ordinary[1], safe_ordinary[1])
    assert not np.isfinite(far[0])
    assert np.isfinite(safe_far[0])
    assert np.all(np.isfinite(safe_far[1]))


def test_the_two_latent_losses_agree_where_gamma_is_log_sigma_squared():
    rnd = np.random.RandomState(0)
    X, noise = rnd.uniform(size=(5, 784)).astype(np.float32), rnd.normal(size=(5, 20)).astype(np.float32)
    mean, sigma = rnd.normal(size=(5, 20)).astype(np.float32), rnd.uniform(0.3, 2.0, (5, 20)).astype(np.float32)
    results = []
    for port, spread, name in ((port_15, sigma, "hidden3_sigma"), (port_16, np.log(sigma**2), "hidden3_gamma")):
        with new_graph(seed=1) as graph:
            g = port.build()
            feeds = {g.X: X, g.hidden3_mean: mean, getattr(g, name): spread}
            feeds[graph.get_tensor_by_name("random_normal:0")] = noise
            with open_session() as sess:
                sess.run(g.init)
                results.append(sess.run([g.hidden3, g.latent_loss], feeds))
    (codings_15, latent_15), (codings_16, latent_16) = results
    codings = mean.astype(float) + sigma.astype(float) * noise
    for found in (codings_15, codings_16):  # mean and noise can cancel: what rounds are the terms, of about 3
        np.testing.assert_allclose(found, codings, rtol=1e-5, atol=1e-6)
    expected = 0.5 * np.sum(sigma.astype(float) ** 2 + mean.astype(float) ** 2 - 1 - 2 * np.log(sigma.astype(float)))
    assert latent_15 == pytest.approx(expected, rel=1e-5)
    assert latent_16 == pytest.approx(expected, rel=1e-5)


def test_l2_is_half_the_sum_of_squares():
    weights = np.float32([[3.0, -4.0], [0.0, 2.0]])
    assert evaluate(layers.l2_regularizer(0.01), weights) == pytest.approx(0.01 * 0.5 * (9 + 16 + 4))


def test_hes_initializer_has_its_sigma():
    """A normal cut at two of its sigmas has 0.8796 of the sigma: contrib's 1.3 gives sqrt(2.6 / n) times that."""
    n = 1000
    drawn = evaluate(lambda: layers.variance_scaling_initializer()([n, 1000]))
    cut = np.sqrt(1.3 * 2.0 / n)
    assert np.abs(drawn).max() <= 2 * cut
    assert drawn.std() == pytest.approx(0.87962566 * cut, rel=5e-3)
    assert abs(drawn.mean()) < 5 * cut / np.sqrt(drawn.size)


def test_the_linear_autoencoder_spans_the_plane_of_pca():
    X_train, _ = port_1.make_data()
    with new_graph(seed=42):
        g = port_1.build()
        with open_session() as sess:
            sess.run(g.init)
            for _ in range(3000):
                sess.run(g.training_op, {g.X: X_train})
            outputs = sess.run(g.outputs, {g.X: X_train})
            decoder = sess.run("fully_connected_1/weights:0")  # (2, 3): its rows span the plane
    pca = sklearn.decomposition.PCA(n_components=2).fit(X_train)
    best = pca.inverse_transform(pca.transform(X_train))
    assert np.mean((outputs - X_train) ** 2) <= 1.001 * np.mean((best - X_train) ** 2)
    normal = np.cross(*decoder) / np.linalg.norm(np.cross(*decoder))
    np.testing.assert_allclose(pca.components_ @ normal, 0.0, atol=0.01)


@pytest.mark.parametrize("z", [-30.0, -2.0, 0.5, 30.0])
def test_the_safe_divergence_of_logits_has_the_value_of_that_of_activations(z):
    """Of one unit and one example: KL(p, q) at q = sigmoid(z), and nearer than EDGE to 0 and 1 the tangent there."""
    p, q = 0.1, scipy.special.expit(np.float64(z))
    inside = np.clip(q, losses.EDGE, 1 - losses.EDGE)
    slope = (1 - p) / (1 - inside) - p / inside
    expected = scipy.special.rel_entr(p, inside) + scipy.special.rel_entr(1 - p, 1 - inside) + slope * (q - inside)
    found = evaluate(lambda z: losses.safe_kl_divergence(p, tf.reduce_mean(tf.sigmoid(z), axis=0)), np.float64([[z]]))
    np.testing.assert_allclose(found, [expected], rtol=1e-9)
