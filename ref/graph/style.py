"""A picture's style sheet: each kind by its shape, line and word, and by a colour besides; light, dark and print."""

LIGHT = {
    "paper": "#ffffff", "ink": "#1b1f24", "soft": "#57606a", "line": "#57606a", "frame": "#8c959f",
    "input": "#ddf4ff", "fed": "#ddf4ff", "variable": "#f6f8fa", "layer": "#ffffff", "noise": "#fff1c7",
    "penalty": "#fbe9f2", "loss": "#ffe3dc",
    "training": "#1b4d2e", "on_training": "#ffffff", "moved": "#146c2e", "moved_fill": "#d7f5de", "frozen": "#5a6169",
    "frozen_fill": "#e4e7eb", "restored": "#6639ba",
}  # fmt: skip
DARK = {
    "paper": "#14181e", "ink": "#e8ecf1", "soft": "#a9b3be", "line": "#a9b3be", "frame": "#6e7781",
    "input": "#0f3350", "fed": "#0f3350", "variable": "#22282f", "layer": "#1b2027", "noise": "#463706",
    "penalty": "#46263a", "loss": "#552419",
    "training": "#b4ecc4", "on_training": "#0d2416", "moved": "#7ee2a0", "moved_fill": "#143d23", "frozen": "#b4bcc5",
    "frozen_fill": "#343b43", "restored": "#cdb4ff",
}  # fmt: skip
SHAPES = """
{id} text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", "Noto Sans CJK SC",
  "PingFang SC", "Microsoft YaHei", monospace; }
{id} .name { font-weight: 700; }
{id} .title { font-weight: 700; font-size: 16px; }
{id} .box { stroke-width: 1.2; }
{id} .input .box { stroke-width: 1.6; }
{id} .fed .box { stroke-width: 2.4; stroke-dasharray: 9 3; }
{id} .value .box { stroke-dasharray: none; stroke-width: 0.8; }
{id} .noise .box, {id} .dropout .box { stroke-dasharray: 2 2.5; stroke-width: 1.6; }
{id} .penalty .box { stroke-dasharray: 6 2 1 2; }
{id} .loss .box { stroke-width: 2; }
{id} .line { fill: none; stroke-width: 1.4; }
{id} .by-variable .line, {id} .by-penalty .line { stroke-width: 0.9; }
{id} .by-transposed .line { stroke-width: 1.8; stroke-dasharray: 7 3; }
{id} .by-minimized .line { stroke-width: 2.6; }
{id} .by-waits .line { stroke-dasharray: 1.5 3; }
{id} .frame { fill: none; stroke-width: 1; stroke-dasharray: 4 3; }
{id} .halo { stroke-width: 4; stroke-linejoin: round; paint-order: stroke; }
{id} .is-not-run .box, {id} .is-not-run .line { stroke-dasharray: 1.5 3; stroke-width: 1; }
{id} .sign { fill: none; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
"""
COLOURS = """
{id} .paper { fill: {paper}; }
{id} text { fill: {ink}; stroke: none; }
{id} .soft, {id} .is-not-run text { fill: {soft}; }
{id} .box { fill: {layer}; stroke: {ink}; }
{id} .input .box { fill: {input}; }
{id} .fed .box { fill: {fed}; }
{id} .variable .box { fill: {variable}; }
{id} .noise .box, {id} .dropout .box { fill: {noise}; }
{id} .penalty .box { fill: {penalty}; }
{id} .loss .box { fill: {loss}; }
{id} .training .box { fill: {training}; stroke: {training}; }
{id} .training text { fill: {on_training}; }
{id} .training .sign { stroke: {on_training}; }
{id} .row { fill: none; stroke: none; }
{id} .moved .row { fill: {moved_fill}; }
{id} .frozen .row { fill: {frozen_fill}; }
{id} .moved .mark { fill: {moved}; font-weight: 700; }
{id} .frozen .mark, {id} .frozen .name { fill: {frozen}; }
{id} .restored { fill: {restored}; font-weight: 700; }
{id} .sign { stroke: {ink}; }
{id} .moved .sign { stroke: {moved}; }
{id} .frozen .sign { stroke: {frozen}; }
{id} .sign-restored { stroke: {restored}; }
{id} .is-not-run .box { fill: {paper}; stroke: {frame}; }
{id} .is-not-run .row { fill: {paper}; }
{id} .line { stroke: {line}; }
{id} .tip { fill: {line}; stroke: none; }
{id} .by-minimized .line { stroke: {ink}; }
{id} .is-not-run .line { stroke: {frame}; }
{id} .is-not-run .tip { fill: {frame}; }
{id} .frame { stroke: {frame}; }
{id} .halo { stroke: {paper}; }
"""


def make_style(identity: str) -> str:
    """Return the rules for the picture of this id: none matches anything outside of it."""
    svg = f'svg[id="{identity}"]'  # an id that begins with a digit is none for #
    light, dark = (_fill(COLOURS, palette) for palette in (LIGHT, DARK))
    rules = [
        SHAPES.replace("{id}", svg),
        light.replace("{id}", svg),
        "@media (prefers-color-scheme: dark) {" + _both(dark, svg) + "}",
        dark.replace("{id}", f":root[data-theme=dark] {svg}"),
        "@media print {" + _both(light, svg) + light.replace("{id}", f":root[data-theme] {svg}") + "}",
    ]
    return "".join(rules)


def _both(rules: str, svg: str) -> str:
    """Return rules for a picture in a page that has no theme of its own, and for one that is a document of its own."""
    return rules.replace("{id}", f":root:not([data-theme=light]) {svg}") + rules.replace("{id}", f"{svg}:root")


def _fill(rules: str, palette: dict[str, str]) -> str:
    for name, colour in palette.items():
        rules = rules.replace(f"{{{name}}}", colour)
    return rules
