"""What of contrib is recreated, against NumPy."""

import itertools

import numpy as np
import pytest
import scipy.special
import tensorflow.compat.v1 as tf

from ref.common.session import new_graph, open_session
from ref.originals import recreated

RND = np.random.RandomState(0)
LOGITS = RND.randn(3, 4, 5).astype(np.float32)
TARGETS = RND.randint(0, 5, (3, 4))
WEIGHTS = np.float32([[1, 1, 1, 0], [2, 1, 0, 0], [0, 0, 0, 0]])
LOSSES = -np.take_along_axis(scipy.special.log_softmax(LOGITS, -1), TARGETS[..., None], -1)[..., 0] * WEIGHTS
WAYS = ("average", "sum", "keep")


def reduce(losses, along, how):
    """Return the loss along axes: by the weights there, by how many are not 0, or as it is."""
    axes = tuple(axis for axis, name in enumerate(("batch", "timesteps")) if name in along)
    by = WEIGHTS.sum(axes) if how == "average" else np.count_nonzero(WEIGHTS, axes)
    return np.divide(losses.sum(axes), by, out=np.zeros(np.shape(by)), where=by != 0)


@pytest.mark.parametrize(("batch", "timesteps"), list(itertools.product(WAYS, WAYS)))
def test_sequence_loss(batch, timesteps):
    ways = {"batch": batch, "timesteps": timesteps}
    keywords = {f"average_across_{name}": how == "average" for name, how in ways.items()}
    keywords |= {f"sum_over_{name}": how == "sum" for name, how in ways.items()}
    with new_graph(seed=0):
        loss = recreated.sequence_loss_of_tensors(*map(tf.constant, (LOGITS, TARGETS, WEIGHTS)), **keywords)
        with open_session() as sess:
            found = sess.run(loss)
    # Where both are asked for in different ways, TensorFlow 1 averages along one, and leaves the other.
    for how in ("average", "sum"):
        if along := [name for name, way in ways.items() if way == how]:
            expected = reduce(LOSSES, along, how)
            break
    else:
        expected = LOSSES
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["batch", "timesteps"])
def test_a_loss_is_summed_or_averaged(name):
    with pytest.raises(ValueError, match=f"average_across_{name} and sum_over_{name} cannot"):
        recreated.sequence_loss_of_tensors(LOGITS, TARGETS, WEIGHTS, **{f"sum_over_{name}": True})


def test_symbols_that_are_the_same_may_be_looked_up_once():
    ids = np.int32([[1, 2, 1], [2, 2, 0]])
    with new_graph(seed=0):
        plain = recreated.embed_sequence(ids, 4, 2, scope="e")
        once = recreated.embed_sequence(ids, 4, 2, scope="e", unique=True, reuse=True)
        (table,) = tf.global_variables()
        gradients = [
            tf.convert_to_tensor(tf.gradients(tf.reduce_sum(tf.square(one)), table)[0]) for one in (plain, once)
        ]
        init = tf.global_variables_initializer()
        with open_session() as sess:
            sess.run(init)
            values, (one, other), slopes = sess.run([table, [plain, once], gradients])
    assert once.shape.as_list() == [2, 3, 2]
    np.testing.assert_array_equal(one, values[ids])
    np.testing.assert_array_equal(other, values[ids])
    np.testing.assert_allclose(*slopes, rtol=1e-6)
