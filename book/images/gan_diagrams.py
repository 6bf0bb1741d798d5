"""Draw the two diagrams of chapter 15: `python book/images/gan_diagrams.py`."""

import math
from pathlib import Path

FOLDER = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, DATA, GENERATOR, GRADIENT, GREY = "#1f2630", "#1a66a8", "#b25000", "#7636b0", "#8a94a0"


def svg(width: int, height: int, parts: list[str]) -> str:
    """Put parts on a light ground."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}" '
    head += f'font-size="16"><rect width="{width}" height="{height}" fill="#f6f8fa"/>'
    markers = "".join(
        f'<marker id="gan-{name}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="6" markerHeight="6" '
        f'orient="auto"><path d="M0 0 10 5 0 10z" fill="{colour}"/></marker>'
        for name, colour in (("data", DATA), ("gradient", GRADIENT))
    )
    return "\n".join([head, f"<defs>{markers}</defs>", *parts, "</svg>", ""])


def text(x: float, y: float, words: str, colour: str = INK, anchor: str = "middle") -> str:
    """Write a line of text."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def box(x: float, y: float, words: str, colour: str, changes: bool) -> str:
    """Draw a network; one that the step changes is filled."""
    fill, ink = (colour, "#ffffff") if changes else ("#ffffff", colour)
    return (
        f'<rect x="{x}" y="{y}" width="58" height="44" rx="8" fill="{fill}" stroke="{colour}" '
        f'stroke-width="2"/>{text(x + 29, y + 28, words, ink)}'
    )


def arrow(path: str, kind: str) -> str:
    """Draw values going forward or gradients coming back."""
    colour, dashes = (DATA, "none") if kind == "data" else (GRADIENT, "5 4")
    return (
        f'<path d="{path}" stroke="{colour}" stroke-width="2.2" fill="none" '
        f'stroke-dasharray="{dashes}" marker-end="url(#gan-{kind})"/>'
    )


def steps() -> str:
    """Both steps: what goes forward, where the gradient goes, which network changes."""
    parts = []
    for left, title, trains_g in (
        (0, "discriminator's step", False),
        (400, "generator's step", True),
    ):
        forward = 150
        parts += [
            text(left + 200, 30, title),
            text(left + 26, forward + 6, "z"),
            arrow(f"M{left + 38} {forward}H{left + 62}", "data"),
            box(left + 68, forward - 22, "G", GENERATOR, trains_g),
            arrow(f"M{left + 126} {forward}H{left + 222}", "data"),
            text(left + 172, forward - 10, "G(z)"),
            box(left + 230, forward - 22, "D", DATA, not trains_g),
            arrow(f"M{left + 288} {forward}H{left + 318}", "data"),
            text(left + 324, forward + 6, "loss", anchor="start"),
            arrow(
                f"M{left + 336} {forward + 18}C{left + 330} 200 {left + 300} 204 {left + 276} 180",
                "gradient",
            ),
        ]
        if trains_g:
            parts.append(
                arrow(
                    f"M{left + 244} 180C{left + 210} 212 {left + 140} 212 {left + 108} 180",
                    "gradient",
                )
            )
            parts.append(text(left + 200, 240, "the gradient passes through D"))
        else:
            parts += [
                text(left + 172, 78, "data"),
                arrow(f"M{left + 194} 74C{left + 230} 74 {left + 250} 90 {left + 256} 122", "data"),
                f'<path d="M{left + 204} 168V196" stroke="{GRADIENT}" stroke-width="4"/>',
                arrow(f"M{left + 246} 182H{left + 212}", "gradient"),
                text(left + 200, 240, "the gradient stops before G"),
            ]
    parts.append(f'<path d="M400 20V250" stroke="{GREY}" stroke-width="1"/>')
    return svg(800, 264, parts)


def slopes() -> str:
    """The slope of both losses of the generator over the logit."""
    left, top, width, height, low, high = 74, 24, 600, 210, -12.0, 6.0

    def place(s: float, slope: float) -> tuple[float, float]:
        return left + width * (s - low) / (high - low), top - height * slope

    def curve(slope: object, colour: str, dashes: str) -> str:
        points = (place(low + 0.25 * i, slope(low + 0.25 * i)) for i in range(73))
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        style = f'fill="none" stroke="{colour}" stroke-width="3" stroke-dasharray="{dashes}"'
        return f'<path d="{path}" {style}/>'

    def sigmoid(s: float) -> float:
        return 1 / (1 + math.exp(-s))

    parts = []
    for slope in (0.0, -0.5, -1.0):
        _, y = place(0, slope)
        parts.append(f'<path d="M{left} {y:g}H{left + width}" stroke="{GREY}" stroke-width="0.7"/>')
        parts.append(text(left - 10, y + 5, f"{slope:g}".replace("-", "−"), anchor="end"))
    for s in (-10, -5, 0, 5):
        x, _ = place(s, 0)
        parts.append(f'<path d="M{x:g} {top}V{top + height}" stroke="{GREY}" stroke-width="0.7"/>')
        parts.append(text(x, top + height + 22, f"{s}".replace("-", "−")))
    parts += [
        curve(lambda s: -sigmoid(s), GENERATOR, "8 5"),
        curve(lambda s: sigmoid(s) - 1, DATA, "none"),
        text(190, 56, "saturating: −D", GENERATOR),
        text(210, 222, "non-saturating: −(1 − D)", DATA),
        text(
            left + width / 2,
            top + height + 48,
            "logit s of a generated sample: D is sure on the left, fooled on the right",
        ),
        f'<g transform="translate(22 {top + height / 2:g}) rotate(-90)">'
        f"{text(0, 0, 'slope of the loss')}</g>",
    ]
    return svg(700, 300, parts)


def networks() -> str:
    """Both players with the sizes of their layers."""
    parts = []
    for top, title, colour, ends, hidden in (
        (0, "generator", GENERATOR, ("z", "x"), "ReLU"),
        (170, "discriminator", DATA, ("x", "logit"), "leaky ReLU"),
    ):
        sizes = (2, 64, 64, 2) if top == 0 else (2, 64, 64, 1)
        middle = top + 92
        parts.append(text(240, top + 26, title, colour))
        for i, (size, left) in enumerate(zip(sizes, (60, 180, 300, 420), strict=True)):
            height = 66 if size == 64 else 22
            name = hidden if size == 64 else ends[i > 0]
            parts += [
                f'<rect x="{left - 9}" y="{middle - height / 2:g}" width="18" height="{height}" rx="5" '
                f'fill="#ffffff" stroke="{colour if size == 64 else INK}" stroke-width="2"/>',
                text(left, middle - height / 2 - 8, name),
                text(left, middle + height / 2 + 19, str(size), GREY),
            ]
            if i:
                parts.append(arrow(f"M{left - 106} {middle}H{left - 14}", "data"))
    return svg(480, 330, parts)


if __name__ == "__main__":
    (FOLDER / "gan_networks.svg").write_text(networks(), encoding="utf-8")
    (FOLDER / "gan_steps.svg").write_text(steps(), encoding="utf-8")
    (FOLDER / "gan_slopes.svg").write_text(slopes(), encoding="utf-8")
