"""Whose checkpoint hangs on whose: two columns of boxes, arrows from who writes to who restores."""

from markupsafe import Markup

from ref.chapter import BY_NAME, SCRIPTS

ROW, BOX, GAP = 44, (140, 30), 280  # height of a row, size of a box, width between the columns: in pixels
STYLE = "fill: none; stroke: var(--ink); stroke-width: 1.2"
TEXT = "fill: var(--ink); font: 14px var(--font); text-anchor: middle"
SMALL = "fill: var(--quiet); font: 12px var(--mono); text-anchor: middle"


def draw(language: str) -> Markup:
    """Return the scripts that need or give a checkpoint, as an inline SVG."""
    needing = sorted((script for script in SCRIPTS if script.needs), key=lambda script: (script.needs, script.number))
    rows = {script: 4 + i * ROW for i, script in enumerate(needing)}
    parts = []
    for writer in dict.fromkeys(BY_NAME[f"autoencoder_{script.needs}"] for script in needing):
        tops = [top for script, top in rows.items() if script.needs == writer.number]
        top = sum(tops) / len(tops)
        parts.append(draw_box(writer.name, 4, top))
        for script, other in rows.items():
            if script.needs == writer.number:
                parts += [draw_box(script.name, 4 + BOX[0] + GAP, other), draw_arrow(writer.checkpoint, top, other)]
    restores = "恢复自" if language == "zh" else "restores the checkpoint of"
    title = "; ".join(f"{one.name} {restores} autoencoder_{one.needs}" for one in needing)
    width, height = 8 + 2 * BOX[0] + GAP, ROW * len(needing)
    return Markup(
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" '
        f'style="max-width: {width}px">{"".join(parts)}</svg>'
    )


def draw_box(name: str, left: float, top: float) -> str:
    width, height = BOX
    return (
        f'<rect x="{left}" y="{top:g}" width="{width}" height="{height}" rx="6" style="{STYLE}"/>'
        f'<text x="{left + width / 2:g}" y="{top + 20:g}" style="{TEXT}">{name}</text>'
    )


def draw_arrow(label: str, start: float, end: float) -> str:
    """Return the arrow between the columns, the middles of whose boxes are below ``start`` and ``end``."""
    left, right = 4 + BOX[0], 4 + BOX[0] + GAP
    y, y_end = start + BOX[1] / 2, end + BOX[1] / 2
    return (
        f'<path d="M{left},{y:g} L{left + 40},{y_end:g} H{right - 2} m-8,-5 l8,5 l-8,5" style="{STYLE}"/>'
        f'<text x="{(left + 40 + right) / 2:g}" y="{y_end - 5:g}" style="{SMALL}">{label}</text>'
    )
