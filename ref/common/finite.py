"""Numbers that are not finite, named."""

from collections.abc import Mapping

import numpy as np


def describe_not_finite(values: Mapping[str, np.ndarray]) -> str | None:
    """Return which of ``values`` is the first that is not finite throughout, and how, or None."""
    for name, value in values.items():
        value = np.asarray(value)
        if value.dtype.kind in "fc" and not np.isfinite(value).all():
            n_nan, n_infinite = int(np.isnan(value).sum()), int(np.isinf(value).sum())
            if value.ndim == 0:
                return f"{name} is {value}"
            return f"{name} has {n_nan} NaN and {n_infinite} infinite of {value.size} values"
    return None
