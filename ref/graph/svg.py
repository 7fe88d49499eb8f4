"""A scene and its layout as SVG: shapes, words, a style sheet of its own; the same bytes for the same scene."""

from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from ref.graph.layout import Layout
from ref.graph.legend import Legend
from ref.graph.measure import CHARACTER, LINE, MARK, NAME, PADDING, SIZE, list_lines, list_marks, measure, wrap
from ref.graph.picture import Arrow, Box, Scene
from ref.graph.shapes import draw_shape, draw_sign, number
from ref.graph.style import make_style

MARGIN = 14


def write_svg(scene: Scene, layout: Layout, wrap_at: float, say: Callable[..., str], prefix: str, least: float) -> str:
    """Return the picture: title, notes, the graph, the legend; at least ``least`` wide."""
    width = max(layout.width + 2 * MARGIN, least)
    identity = f"{prefix}graph"
    notes = [line for note in scene.notes for line in wrap(note, width - 2 * MARGIN)]
    top = MARGIN + 20 + len(notes) * LINE + 10
    legend = Legend(scene, say, width - 2 * MARGIN)
    left = (width - layout.width) / 2
    height = top + layout.height + 18 + legend.height + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id={quoteattr(identity)} role="img" viewBox="0 0 {number(width)} '
        f'{number(height)}" width="{number(width)}" height="{number(height)}" '
        f'aria-labelledby="{identity}-title {identity}-desc" style="max-width: 100%; height: auto">',
        f'<title id="{identity}-title">{escape(scene.title)}</title>',
        f'<desc id="{identity}-desc">{escape(scene.description)}</desc>',
        f"<style>{make_style(identity)}</style>",
        f'<rect class="paper" width="{number(width)}" height="{number(height)}"/>',
        write_text(MARGIN, MARGIN + 13, scene.title, "title"),
        *(write_text(MARGIN, MARGIN + 20 + (line + 1) * LINE, text, "") for line, text in enumerate(notes)),
        f'<g transform="translate({number(left)} {number(top)})">',
    ]
    for scope, x, y, w, h in layout.frames:
        parts.append(
            f'<rect class="frame" x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}" rx="6"/>'
        )
    for arrow, points in zip(scene.arrows, layout.curves):
        parts.append(write_arrow(arrow, points))
    for scope, x, y, *_ in layout.frames:
        parts.append(write_text(x + 8, y + 15, "/".join(scope[_count_outer(scope, layout) :]), "soft halo"))
    for arrow, place in zip(scene.arrows, layout.labels):
        if place:
            x, y = place[0] - measure(arrow.label) / 2 + 2, place[1] + SIZE * 0.35
            parts.append(write_text(x, y, arrow.label, "soft halo"))
    for box in scene.boxes:
        parts.append(write_box(box, layout.boxes[box.id], wrap_at, say))
    parts.append("</g>")
    parts.append(f'<g transform="translate({MARGIN} {number(top + layout.height + 18)})">')
    parts += legend.write()
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _count_outer(scope: tuple[str, ...], layout: Layout) -> int:
    """Return how many parts of a scope's name the frame around its own says already."""
    outer = [len(other) for other, *_ in layout.frames if len(other) < len(scope) and scope[: len(other)] == other]
    return max(outer, default=0)


def write_text(x: float, y: float, text: str, classes: str) -> str:
    attribute = f' class="{classes}"' if classes else ""
    return f'<text{attribute} x="{number(x)}" y="{number(y)}">{escape(text)}</text>'


def write_arrow(arrow: Arrow, points: list[tuple[float, float]]) -> str:
    """Return a curve and its tip."""
    (x, y), *rest = points[:-1]
    tip = points[-1]
    path = f"M{number(x)} {number(y)}C" + " ".join(f"{number(a)} {number(b)}" for a, b in rest)
    end_x, end_y = rest[-1]
    length = max(((tip[0] - end_x) ** 2 + (tip[1] - end_y) ** 2) ** 0.5, 0.1)
    across_x, across_y = -(tip[1] - end_y) / length * 3.6, (tip[0] - end_x) / length * 3.6
    corners = ((end_x + across_x, end_y + across_y), tip, (end_x - across_x, end_y - across_y))
    head = "M" + "L".join(f"{number(a)} {number(b)}" for a, b in corners) + "Z"
    classes = f"by-{arrow.kind}" + ("" if arrow.is_run else " is-not-run")
    return f'<g class="{classes}"><path class="line" d="{path}"/><path class="tip" d="{head}"/></g>'


def write_box(box: Box, place: tuple[float, float, float, float], wrap_at: float, say: Callable[..., str]) -> str:
    """Return a box with its words."""
    x, y, width, height = place
    parts = [draw_shape(box.kind, x, y, width, height)]
    for line, row in enumerate(box.rows):
        row_y = y + 4.5 + line * LINE
        parts.append(f'<g class="{row.mark}">')
        parts.append(
            f'<rect class="row" x="{number(x + 3)}" y="{number(row_y)}" width="{number(width - 6)}" height="{LINE}"/>'
        )
        at = x + PADDING + 2
        parts.append(write_text(at, row_y + 13, row.name, "name"))
        at += measure(row.name) + CHARACTER
        if row.shape:
            parts.append(write_text(at, row_y + 13, row.shape, ""))
            at += measure(row.shape) + CHARACTER
        for text in list_marks(row, say):
            is_restored = row.is_restored and text == say("is_restored")
            sign = "restored" if is_restored else row.mark
            parts.append(draw_sign(sign, at, row_y + 3))
            if text:
                parts.append(write_text(at + MARK, row_y + 13, text, "restored" if is_restored else "mark"))
            at += MARK + measure(text) + CHARACTER
        parts.append("</g>")
    if not box.rows:
        parts += _write_words(box, place, wrap_at)
    classes = box.kind + ("" if box.is_run else " is-not-run")
    return f'<g class="{classes}">{"".join(parts)}</g>'


def _write_words(box: Box, place, wrap_at: float) -> list[str]:
    x, y, width, _ = place
    names, lines = wrap(box.name, max(wrap_at, NAME)), list_lines(box, wrap_at)
    parts, at = [], y + 18
    has_sign = box.kind in ("noise", "dropout", "training", "fed")
    for line, text in enumerate([*names, *lines]):
        is_name = line < len(names)
        left = x + (width - measure(text)) / 2
        if has_sign and line == 0:
            left += 9
            parts.append(draw_sign(str(box.number) if box.number else box.kind, left - 19, at - 11))
        parts.append(write_text(left, at, text, "name" if is_name else ""))
        at += LINE
    return parts
