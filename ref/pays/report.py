"""What was measured and estimated, in words: one screen of 80 columns and 24 lines."""

import math
import statistics
import textwrap

from ref.pays.estimate import Estimate, Interval, estimate
from ref.pays.measure import Measured
from ref.pays.sizes import Room, Sizes

NAMES = {
    "memory": "cache in memory",
    "file": "cache in a file",
    "blocks": "file, read in blocks",
}


def describe(sizes: Sizes, engine: str, device: str, measured: Measured, room: Room) -> str:
    """Return the answer: a table, what room the cache takes, and the verdict."""
    estimates = make_estimates(sizes, measured)
    chosen = choose(sizes, estimates, room)
    n_rounds = len(measured.steps_s["inputs"])
    frozen, trained = map(_list_widths, (sizes.frozen, sizes.trained))
    asked = (
        f"{sizes.rows:,} rows of {sizes.inputs:,} · frozen {frozen} · trained {trained} · batch {sizes.batch:,} · "
        f"epochs {sizes.epochs:,} · {engine} on the {device.upper()}"
    )
    table = [
        f"{'':<24}{'ms/step':>12}{'an epoch':>14}{'to fill':>14}{'in all':>14}",
        _make_row("frozen layers each step", measured.steps_s["inputs"], next(iter(estimates.values())), False),
        *(_make_row(NAMES[name], measured.steps_s[name], found, True) for name, found in estimates.items()),
    ]
    how = (
        f"Measured on {measured.n_rows:,} rows of noise, the steps in {n_rounds} rounds in turn, and taken times."
        f" Not in it: {measured.first_use_s:.1f} s of first use, start-up, checkpoints; and that the machine may be "
        "faster or slower later."
    )
    has_room = chosen != "memory" or room.holds_cache(sizes)
    verdict = _describe_verdict(sizes, estimates[chosen], chosen, has_room)
    said = (_describe_room(sizes, measured, room, chosen), verdict, how)
    paragraphs = [_wrap(asked), table, *map(_wrap, said)]
    return "\n\n".join("\n".join(lines) for lines in paragraphs)


def _list_widths(widths: tuple[int, ...]) -> str:
    more = f", … ({len(widths)} layers)" if len(widths) > 6 else ""
    return ", ".join(map(str, widths[:6])) + more


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, 79, break_long_words=False, break_on_hyphens=False)


def make_estimates(sizes: Sizes, measured: Measured) -> dict[str, Estimate]:
    """Return an estimate for each kind of cache that was measured."""
    estimates = {}
    for name in ("memory", "file", "blocks"):
        if name not in measured.steps_s:
            continue
        fills_s = measured.fills_s["file" if name == "blocks" else name]
        load_s = statistics.median(measured.fills_s["inputs"])  # what an engine does with the inputs themselves
        estimates[name] = estimate(
            sizes.epochs,
            sizes.n_batches,
            measured.sampler_epoch_s,
            measured.steps_s["inputs"],
            measured.steps_s[name],
            [fill_s - load_s for fill_s in fills_s],
        )
    return estimates


def choose(sizes: Sizes, estimates: dict[str, Estimate], room: Room) -> str:
    """Return which cache the verdict is about: in memory where it fits, else in a file, as it would be read."""
    if room.holds_cache(sizes) or "file" not in estimates:
        return "memory"
    return "blocks" if "blocks" in estimates else "file"


def _make_row(name: str, steps_s: list[float], found: Estimate, is_cached: bool) -> str:
    epoch_s = found.cached_epoch_s if is_cached else found.recomputed_epoch_s
    all_s = found.with_cache_s if is_cached else found.without_s
    fill = format_s(found.fill.middle) if is_cached else "-"
    ms = statistics.median(steps_s) * 1e3
    ms = f"{ms:,.3f}" if ms < 1e4 else f"{ms:,.0f}"
    return f"{name:<24}{ms:>12}{format_s(epoch_s):>14}{fill:>14}{format_s(all_s):>14}"


def _describe_room(sizes: Sizes, measured: Measured, room: Room, chosen: str) -> str:
    cache, inputs, memory, disk = map(format_bytes, (sizes.cache_bytes, sizes.input_bytes, room.memory, room.disk))
    fits = room.holds_cache(sizes)
    said = f"Memory: the cache takes {cache} beside the inputs' {inputs}; {memory} free: "
    said += "it fits." if fits else "it does not fit."
    if chosen == "blocks":
        times = statistics.median(measured.steps_s["single"]) / statistics.median(measured.steps_s["blocks"])
        said += (
            " So its file is read from the disk again in every epoch, in blocks (autoencoder_8's --engine "
            f"block-shuffle --memmap); row by row a step takes {times:,.0f} times as long."
        )
    if sizes.input_bytes > room.memory:
        said += " The inputs do not fit either: that they are read, too, is not in the times."
    if not fits and not room.holds_file(sizes):
        said += f" Disk: {disk} free: its file does not fit either."
    return said


def _describe_verdict(sizes: Sizes, found: Estimate, chosen: str, has_room: bool) -> str:
    gain = found.gain
    heading = {"pays": "It pays", "does not pay": "It does not pay", "not sure": "Not sure"}[found.verdict]
    if not has_room:
        heading = "It does not pay: there is no room for it here. If there were"
    where = {"memory": "in memory", "file": "in a file", "blocks": "in a file, read in blocks,"}[chosen]
    said = f"{format_s(abs(gain.middle))} {'less' if gain.middle > 0 else 'more'}"
    break_even = found.break_even_epoch
    after = f"It has paid for its filling after epoch {break_even:,}." if break_even else "It never pays."
    return (
        f"{heading}: over {sizes.epochs:,} epochs the cache {where} takes {said} "
        f"({found.without_s / found.with_cache_s:.2f} times as fast); {_describe_spread(gain)}. {after}"
    )


def _describe_spread(gain: Interval) -> str:
    """Return between what the gain lies, in words that leave out its sign where both ends have the same."""
    if gain.low < 0 < gain.high:
        return f"by the rounds' spread anything from {format_s(-gain.low)} more to {format_s(gain.high)} less"
    low_s, high_s = sorted((abs(gain.low), abs(gain.high)))
    return f"by the rounds' spread between {format_s(low_s)} and {format_s(high_s)}"


def format_s(seconds: float) -> str:
    """Return a time in the unit that a person would say it in."""
    if seconds < 0.0995:
        return f"{seconds * 1e3:.1f} ms"
    if seconds < 99.5:
        return f"{seconds:.3g} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.3g} min"
    if seconds < 99.5 * 3600:
        return f"{seconds / 3600:.3g} h"
    days = seconds / 86400
    return f"{days:,.0f} days" if days < 999.5 else f"{min(days / 365.25, 999_999):,.0f} years"


def format_bytes(n_bytes: float) -> str:
    if math.isinf(n_bytes):
        return "an unknown amount"
    return f"{n_bytes / 1e6:,.0f} MB" if n_bytes < 1e9 else f"{n_bytes / 1e9:,.1f} GB"
