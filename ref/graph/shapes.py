"""Outlines of boxes and small signs, as paths: none of them is a character that a font may lack."""

SIGNS = {  # in a square of 11
    "moved": "M1 10L5.5 1L10 10Z",
    "frozen": "M1.5 5H9.5V10H1.5ZM3.2 5V3.2A2.3 2.3 0 0 1 7.8 3.2V5",
    "restored": "M5.5 0.5V7M2.5 4.5L5.5 7.5L8.5 4.5M1 10H10",
    "noise": "M0.5 6L2 2L4 9.5L6 1.5L8 9L10.5 4",
    "dropout": "M1 1L4 4M4 1L1 4M7 7L10 10M10 7L7 10M7.5 2.5H9.5M1.5 8.5H3.5",
    "training": "M1 10L5.5 1L10 10Z",
    "fed": "M0.5 5.5H9M6 2L9.5 5.5L6 9",
}


def number(value: float) -> str:
    """Return a length to a tenth, as short as it can be written."""
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0", 1)
        if abs(value) < 0.05
        else f"{value:.1f}".removesuffix(".0")
    )


def draw_sign(name: str, x: float, y: float) -> str:
    """Return a sign at (x, y); a number stands in a ring."""
    at = f'transform="translate({number(x)} {number(y)})"'
    if name.isdigit():
        return (
            f'<g {at}><circle class="sign" cx="5.5" cy="6" r="7"/><text class="name" x="1.9" y="10.2">{name}</text></g>'
        )
    classes = "sign sign-restored" if name == "restored" else "sign"
    return f'<path class="{classes}" {at} d="{SIGNS[name]}"/>' if name in SIGNS else ""


def draw_shape(kind: str, x: float, y: float, width: float, height: float) -> str:
    """Return a box's outline: round ends for what is fed, corners cut for a loss, two edges for variables."""
    if kind == "loss":
        cut = 8
        points = ((x + cut, y), (x + width - cut, y), (x + width, y + cut), (x + width, y + height - cut),
                  (x + width - cut, y + height), (x + cut, y + height), (x, y + height - cut),
                  (x, y + cut))  # fmt: skip
        return '<path class="box" d="M' + "L".join(f"{number(a)} {number(b)}" for a, b in points) + 'Z"/>'
    radius = {"input": min(height / 2, 16), "fed": min(height / 2, 16), "value": 9, "layer": 4, "training": 2}.get(
        kind, 0
    )
    rectangle = (
        f'<rect class="box" x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        + (f' rx="{number(radius)}"' if radius else "")
        + "/>"
    )
    if kind == "variable":
        edges = "".join(f"M{number(at)} {number(y)}V{number(y + height)}" for at in (x + 3, x + width - 3))
        return f'{rectangle}<path class="box" d="{edges}"/>'
    return rectangle
