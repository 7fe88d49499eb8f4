"""Numbers that are not finite, wherever in an array, named with how many there are."""

import numpy as np
import pytest

from ref.common.finite import describe_not_finite

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("at", [(0, 0), (1, 2), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
def test_one_among_many(dtype, at):
    values = {"first": np.ones(3, dtype), "second": np.zeros((3, 4), dtype)}
    assert describe_not_finite(values) is None
    values["second"][at] = NAN
    assert describe_not_finite(values) == "second has 1 NaN and 0 infinite of 12 values"
    values["second"][at] = -INF
    assert describe_not_finite(values) == "second has 0 NaN and 1 infinite of 12 values"
    values["second"][1, 1] = NAN
    assert describe_not_finite(values) == "second has 1 NaN and 1 infinite of 12 values"
    values["first"][1] = INF
    assert describe_not_finite(values) == "first has 0 NaN and 1 infinite of 3 values"


@pytest.mark.parametrize(
    ("value", "says"), [(NAN, "loss is nan"), (INF, "loss is inf"), (np.float32(-INF), "loss is -inf")]
)
def test_a_single_number(value, says):
    assert describe_not_finite({"loss": value}) == says


@pytest.mark.parametrize("value", [0, 3.0, True, "nan", np.arange(3), np.array(["nan"]), np.zeros(0)])
def test_what_is_fine(value):
    assert describe_not_finite({"value": value}) is None
