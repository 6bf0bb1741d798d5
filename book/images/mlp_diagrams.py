"""Draw the diagrams of chapter 03: `python book/images/mlp_diagrams.py`."""

import itertools
import math
from pathlib import Path

FOLDER = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, GREY, DATA, PREDICTION, ERROR = "#1f2630", "#57606a", "#1a66a8", "#b25000", "#b3261e"


def svg(width: int, height: int, parts: list[str]) -> str:
    """Put parts on a light ground."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}" '
    head += f'font-size="16"><rect width="{width}" height="{height}" rx="8" fill="#f6f8fa"/>'
    return "\n".join([head, *parts, "</svg>", ""])


def text(
    x: float, y: float, words: str, colour: str = INK, anchor: str = "middle", size: int = 16
) -> str:
    """Write a line of text."""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text {place} fill="{colour}" font-size="{size}">{words}</text>'


def symbol(letter: str, raised: int | str = "", colour: str = INK, size: int = 17) -> str:
    """Write a letter in italics with the number of its layer."""
    above = f'<tspan dy="-6" font-size="11" font-style="normal">({raised})</tspan>'
    return f'<tspan font-style="italic" fill="{colour}" font-size="{size}">{letter}</tspan>' + (
        f'{above}<tspan dy="6"> </tspan>' if raised != "" else ""
    )


def network() -> str:
    """Two hidden layers and an output layer, with every array's shape."""
    layers = [(90, 3, DATA), (260, 5, INK), (430, 4, INK), (600, 2, PREDICTION)]
    places = [
        [(x, 150 + 44 * (i - (units - 1) / 2)) for i in range(units)] for x, units, _ in layers
    ]
    lines = [
        f'<path d="M{x1} {y1}L{x2} {y2}"/>'
        for left, right in itertools.pairwise(places)
        for x1, y1 in left
        for x2, y2 in right
    ]
    parts = [f'<g stroke="#9aa4af" stroke-width="1">{"".join(lines)}</g>']
    for (_, _, colour), points in zip(layers, places, strict=True):
        circles = "".join(f'<circle cx="{x}" cy="{y:g}" r="14"/>' for x, y in points)
        parts.append(f'<g fill="#ffffff" stroke="{colour}" stroke-width="2">{circles}</g>')
    names = ("input", "hidden layer 1", "hidden layer 2", "output layer")
    shapes = ("(N, 3)", "(N, 5)", "(N, 4)", "(N, 2)")
    for layer, ((x, _, colour), name, shape) in enumerate(zip(layers, names, shapes, strict=True)):
        parts.append(text(x, 24, name, colour, size=15))
        first = symbol("x = h", 0, DATA) if layer == 0 else symbol("h", layer, colour)
        parts.append(f'<text x="{x}" y="283" text-anchor="middle" fill="{INK}">{first}</text>')
        parts.append(text(x, 304, shape, GREY, size=14))
    for layer, (x, shape) in enumerate(((175, "3 × 5"), (345, "5 × 4"), (515, "4 × 2")), start=1):
        parts.append(
            f'<text x="{x}" y="283" text-anchor="middle">{symbol("W", layer)}, {symbol("b", layer)}</text>'
        )
        parts.append(text(x, 304, shape, GREY, size=14))
    return svg(690, 320, parts)


def losses() -> str:
    """Three losses of one example with target 1, as functions of its logit."""
    left, right, top, bottom = 70, 610, 24, 284

    def place(a: float, E: float) -> str:
        return f"{left + (a + 6) / 12 * (right - left):.1f} {bottom - E / 5 * (bottom - top):.1f}"

    def sigmoid(a: float) -> float:
        return 1 / (1 + math.exp(-a))

    grid = [-6 + i / 10 for i in range(121)]
    curves = (
        (ERROR, "", [place(a, -math.log(sigmoid(a))) for a in grid if -math.log(sigmoid(a)) <= 5]),
        (PREDICTION, "9 5", [place(a, (1 - sigmoid(a)) ** 2) for a in grid]),
        (DATA, "2 4", [place(-6, 1.02), place(0, 1.02), place(0, 0.02), place(6, 0.02)]),
    )
    parts = [
        '<g stroke="#d5dae0" stroke-width="1">'
        + "".join(f'<path d="M{place(-6, E)}L{place(6, E)}"/>' for E in range(6))
        + "</g>",
        *(
            f'<path d="M{"L".join(points)}" fill="none" stroke="{colour}" stroke-width="2.6" '
            f'stroke-dasharray="{dash or "none"}"/>'
            for colour, dash, points in curves
        ),
    ]
    for E in range(6):
        x, y = map(float, place(-6, E).split())
        parts.append(text(x - 10, y + 5, str(E), GREY, "end", 14))
    for a in range(-6, 7, 2):
        x, y = map(float, place(a, 0).split())
        parts.append(text(x, y + 20, str(a).replace("-", "−"), GREY, size=14))
    parts += [
        text(340, 328, "logit a of one example with target 1", INK, size=15),
        f'<text transform="translate(26 154) rotate(-90)" text-anchor="middle" font-size="15" '
        f'fill="{INK}">loss of the example</text>',
        text(300, 100, "cross-entropy (nats)", ERROR, "start", 15),
        text(104, 266, "squared error of σ(a)", PREDICTION, "start", 15),
        text(350, 222, "mistake or not", DATA, "start", 15),
    ]
    return svg(640, 344, parts)


def folding() -> str:
    """One, two and three layers of two ReLUs that fold the interval from 0 to 1."""
    top, bottom, width = 40, 170, 118

    def fold(x: float) -> float:
        return 2 * max(x, 0) - 4 * max(x - 0.5, 0)

    parts = []
    for layers, left in enumerate((30, 186, 342), start=1):
        pieces = 2**layers
        points = []
        for i in range(pieces + 1):
            x = y = i / pieces
            for _ in range(layers):
                y = fold(y)
            points.append(f"{left + x * width:g} {bottom - y * (bottom - top):g}")
        parts += [
            f'<path d="M{left} {top}V{bottom}H{left + width}" fill="none" stroke="{GREY}"/>',
            f'<path d="M{"L".join(points)}" fill="none" stroke="{PREDICTION}" stroke-width="2.6" '
            'stroke-linejoin="round"/>',
            text(left - 8, bottom + 5, "0", GREY, "end"),
            text(left - 8, top + 5, "1", GREY, "end"),
            text(left, bottom + 21, "0", GREY),
            text(left + width, bottom + 21, "1", GREY),
            text(left + width / 2, bottom + 21, "x"),
            text(left + width / 2, 22, f"{layers} layer{'s' * (layers > 1)}"),
            text(left + width / 2, bottom + 46, f"{2 * layers} ReLUs"),
            text(left + width / 2, bottom + 67, f"{pieces} pieces"),
        ]
    return svg(480, 250, parts)


if __name__ == "__main__":
    (FOLDER / "mlp_folding.svg").write_text(folding())
    (FOLDER / "mlp_network.svg").write_text(network())
    (FOLDER / "mlp_losses.svg").write_text(losses())
