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


def advise(hyper_parameters: Mapping, checks_numerics: bool) -> str:
    """Return what usually helps a run whose numbers are not finite."""
    rate = hyper_parameters.get("learning_rate")
    advice = [f"a smaller --learning-rate than {rate:g} usually helps"] if rate else []
    safe = [f"--{name.replace('_', '-')}" for name in ("safe_kl", "safe_latent") if name in hyper_parameters]
    advice += [f"{flag} too" for flag in safe]
    advice += [] if checks_numerics else ["--check-numerics names the op where it begins"]
    return ", ".join(advice)
