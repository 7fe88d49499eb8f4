"""The words of a comparison: a line for each value that is further off than its tolerance."""

from ref.fidelity.spread import TIERS, get_tolerance, list_values, measure_difference

N_SHOWN = 12


def find_failures(number: int, expected: dict, found: dict, spread: dict[str, float]) -> list[str]:
    """Return a line for each value that is further from its golden than its tolerance; what comes first, first."""
    old, new = list_values(expected), list_values(found)
    failures = [f"autoencoder_{number}: {name}: missing or new" for name in sorted(old.keys() ^ new.keys())]
    for name in sorted(old, key=lambda name: TIERS.index(old[name][1])):
        if name not in new:
            continue
        value, tier, scale = old[name]
        difference = measure_difference(value, new[name][0], scale)
        tolerance = get_tolerance(name, tier, spread)
        if not difference <= tolerance:
            failures.append(
                f"autoencoder_{number}: {name}: expected {value}, got {new[name][0]}, {difference:.1e} apart, "
                f"tolerance {tolerance:.1e} ({tier})"
            )
    return failures


def describe_failures(number: int, name: str, failures: list[str]) -> str:
    """Return what a person is to read of the failures on the data set ``name``: how many, the first, where to look."""
    n_rest = len(failures) - N_SHOWN
    head = f"autoencoder_{number} on {name}: {len(failures)} values are off; look closer: make golden PORT={number}"
    return "\n".join([head, *failures[:N_SHOWN], *([f"… and {n_rest} more"] if n_rest > 0 else [])])
