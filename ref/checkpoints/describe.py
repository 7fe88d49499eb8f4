"""What is in a checkpoint, and how two differ: lines for a person."""

import re
from collections.abc import Iterator, Mapping

import numpy as np

Values = Mapping[str, np.ndarray]


def describe(values: Values) -> list[tuple[str, ...]]:
    """Return a table: a heading, and a row of each variable with shape, type, mean, standard deviation and role."""
    rows = [("variable", "shape", "dtype", "mean", "deviation", "what")]
    for name, value in values.items():
        role, odd = find_role(name, values), _count_not_finite(value)
        what = ", ".join(filter(None, (role, odd)))
        rows.append((name, _name_shape(value), _name_type(value), *_measure(value), what))
    return rows


def count(values: Values) -> str:
    """Return the line that counts variables, numbers, and what of them an optimizer keeps."""
    roles = [find_role(name, values) for name in values]
    n_numbers, n_kept = sum(value.size for value in values.values()), sum(map(bool, roles))
    n_adam = sum(role.startswith("Adam") for role in roles)
    kept = f"{n_adam} Adam's" + (f", {n_kept - n_adam} other slots" if n_kept > n_adam else "")
    return f"{len(values)} variables, {n_numbers:,} numbers: {len(values) - n_kept} of the graph, {kept}"


def find_role(name: str, names: Values) -> str:
    """Return what an optimizer keeps under ``name``, nothing where it is a variable of the graph itself.

    A slot is called by the variable it belongs to, in whose shape it is, then by its optimizer, ``weights1/Adam``;
    Adam's second moment has the next number, ``weights1/Adam_1``.
    """
    if re.search(r"(^|/)beta[12]_power(_\d+)?$", name):
        return "Adam's power"
    owner, _, word = name.rpartition("/")
    parts = owner.split("/")  # a variable_scope around minimize stands before the owner's name
    tails = ("/".join(parts[n:]) for n in range(len(parts)))
    owner = next((tail for tail in tails if tail in names and names[tail].shape == names[name].shape), None)
    if owner is None:
        return ""
    adam = re.fullmatch(r"Adam(?:_(\d+))?", word)
    return f"Adam's {'mv'[int(adam[1] or 0) % 2]}" if adam else f"{word} of {owner}"


def compare(a: Values, b: Values) -> Iterator[str]:
    """Yield a line for each variable that is not the same in both, bit for bit."""
    for name in sorted(a.keys() | b.keys()):
        if name not in b:
            yield f"{name}: only in A, {_name_shape(a[name])} {_name_type(a[name])}"
        elif name not in a:
            yield f"{name}: only in B, {_name_shape(b[name])} {_name_type(b[name])}"
        elif (a[name].shape, _name_type(a[name])) != (b[name].shape, _name_type(b[name])):
            both = (f"{_name_shape(value)} {_name_type(value)}" for value in (a[name], b[name]))
            yield f"{name}: {' | '.join(both)}"
        elif a[name].dtype.hasobject and not np.array_equal(a[name], b[name]):
            yield f"{name}: other text"
        elif not a[name].dtype.hasobject and a[name].tobytes() != b[name].tobytes():
            yield f"{name}: {_describe_difference(a[name], b[name])}"


def _describe_difference(a: np.ndarray, b: np.ndarray) -> str:
    wide_a, wide_b = _widen(a), _widen(b)
    if wide_a is None or wide_b is None:
        return "other bytes"
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.where((wide_a == wide_b) | (np.isnan(wide_a) & np.isnan(wide_b)), 0.0, np.abs(wide_a - wide_b))
    apart = np.where(np.isnan(apart), np.inf, apart)  # a NaN on one side alone
    n_apart, place = int(np.count_nonzero(apart)), np.unravel_index(apart.argmax(), apart.shape)
    if not n_apart:
        return "equal numbers, other bits: a zero's sign, or another NaN"
    where = f" at {[int(n) for n in place]}" if place else ""
    return f"{n_apart:,} of {a.size:,} differ, by {apart[place]:.2g} at most,{where} {a[place]} | {b[place]}"


def _widen(value: np.ndarray) -> np.ndarray | None:
    """Return numbers as float64 or complex128, None where they are none."""
    try:
        return value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    except (TypeError, ValueError):
        return None


def _measure(value: np.ndarray) -> tuple[str, str]:
    wide = None if value.dtype.kind in "OSU" else _widen(value)
    if wide is None or not wide.size:
        return "-", "-"
    with np.errstate(all="ignore"):
        return f"{wide.mean():.6g}", f"{wide.std():.6g}"


def _count_not_finite(value: np.ndarray) -> str:
    wide = None if value.dtype.kind in "OSU" else _widen(value)
    if wide is None or np.isfinite(wide).all():
        return ""
    return f"{np.isnan(wide).sum()} NaN and {np.isinf(wide).sum()} infinite"


def _name_shape(value: np.ndarray) -> str:
    return f"({', '.join(map(str, value.shape))})"


def _name_type(value: np.ndarray) -> str:
    return "text" if value.dtype.kind in "OSU" else value.dtype.name
