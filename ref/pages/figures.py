"""Matplotlib's figures as SVG that stands inline in a page and follows the page's colours and fonts."""

import io
import re
import warnings

import matplotlib
from markupsafe import Markup, escape
from matplotlib.figure import Figure

# A figure is drawn in these; the page's stylesheet says what they are, in light, dark and print.
COLORS = {
    "#010101": "var(--ink)",
    "#020202": "var(--quiet)",
    "#030303": "var(--line)",
    "#040404": "var(--blue)",
    "#050505": "var(--orange)",
    "#060606": "var(--green)",
    "#070707": "var(--red)",
    "#080808": "var(--page)",
}
INK, QUIET, LINE, BLUE, ORANGE, GREEN, RED, PAGE = COLORS
STYLE = {
    "svg.fonttype": "none",
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "legend.edgecolor": LINE,
    "legend.facecolor": PAGE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 11,
}


def drawing():
    """Return a context in which figures are made in the colours that ``write_svg`` hands over to the page."""
    return matplotlib.rc_context(STYLE)


def write_svg(fig: Figure, prefix: str, title: str) -> Markup:
    """Return ``fig`` as an inline SVG: the same bytes every time, ids beginning with ``prefix``, ``title`` for readers.

    ``fig`` was made, and is drawn here, in ``drawing()``; it has no background of its own.
    """
    file = io.StringIO()
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": prefix}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # the browser has fonts for Chinese, where Matplotlib's has none
        fig.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = re.sub("|".join(COLORS), lambda found: COLORS[found[0]], svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--font)", svg)
    svg = re.sub(r"font: ([^;\"]*?px) [^;\"]*", r"font: \1 var(--font)", svg)
    size = re.search(r' width="([0-9.]+)pt" height="[0-9.]+pt"', svg)
    attributes = (
        f' class="plot" role="img" aria-label="{escape(title)}" style="max-width: {float(size[1]) * 1.25:.0f}px"'
    )
    return Markup(svg.replace(size[0], attributes, 1))
