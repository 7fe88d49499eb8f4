"""What share of the machine's peak a port's step reaches, for the table of the ports."""


def tabulate_share(row: dict, peak_gflop_per_s: float | None) -> dict[str, str]:
    """Return the cells of a port's ``row``: its products a step, and what they are of what the machine multiplies.

    Each has a value a phase. Without a peak, of a result that none was measured in, there is no share.
    """
    if "mflop_per_step" not in row:
        return {}
    cells = {"products, MFLOP/step": ", ".join(f"{mflop:,.1f}" for mflop in row["mflop_per_step"])}
    if peak_gflop_per_s:
        shares = [mflop / ms / peak_gflop_per_s for mflop, ms in zip(row["mflop_per_step"], row["ms_per_step"])]
        cells["of the peak"] = ", ".join(f"{share:.0%}" for share in shares)
    return cells
