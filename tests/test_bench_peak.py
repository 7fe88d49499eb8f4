"""What a step multiplies is what the floor multiplies; the peak is a speed that was reached."""

import numpy as np
import pytest

from bench import peak


@pytest.mark.parametrize(("cached", "expected"), [(True, 67_500_000), (False, 138_060_000)])
def test_the_listings_step(cached, expected):
    """Five products of 150 · 300 · 150, and 150 · 784 · 300."""
    assert peak.count_step_flop(cached, batch=150) == expected


@pytest.mark.parametrize(("width", "n_frozen"), [(6, 1), (10, 3)])
def test_a_steps_products_are_counted(width, n_frozen):
    counted, rnd = [], np.random.RandomState(0)

    def multiply(a, b):
        counted.append(2 * a.shape[0] * a.shape[1] * b.shape[1])
        return a @ b

    batch, weights2 = rnd.normal(size=(4, 784)), rnd.normal(size=(width, width // 2))
    weights3 = weights2.T.copy()
    hidden1 = multiply(batch, np.ones((784, width)))
    for _ in range(n_frozen - 1):
        hidden1 = multiply(hidden1, np.ones((width, width)))
    n_recomputed = sum(counted)
    hidden2 = multiply(hidden1, weights2)
    hidden3 = multiply(hidden2, weights3)
    multiply(hidden2.T, hidden3)
    multiply(hidden1.T, multiply(hidden3, weights3.T))
    assert peak.count_step_flop(False, 4, width, 784, n_frozen) == sum(counted)
    assert peak.count_step_flop(True, 4, width, 784, n_frozen) == sum(counted) - n_recomputed


def test_both_libraries_multiply():
    speeds = peak.measure_products(size=64)
    assert set(speeds) == {"numpy", "tensorflow"}
    assert all(speed > 0 for speed in speeds.values())
