"""Draw the diagram of chapter 05: `python book/images/optimization_diagrams.py`."""

import math
from pathlib import Path

FOLDER = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, GREY = "#1f2630", "#8a94a0"
POWERS = (
    (0.0, "#39424e", "8 4", "p = 0"),
    (0.5, "#b25000", "8 4", "p = 1/2"),
    (0.75, "#007a5a", "", "p = 3/4"),
    (1.0, "#0072b2", "", "p = 1"),
    (1.5, "#8c4577", "8 4", "p = 3/2"),
)
"""Power, colour, dashes (where a condition fails) and name of each schedule."""
LEFT, RIGHT, TOP, BOTTOM = 84, 600, 24, 300
LAST, LOWEST, HIGHEST = 10_000, 0.01, 10.0


def distances(power: float) -> list[float]:
    """Give the root mean square distance from the mean after 0, 1, 2, … steps with η = 1 / (9 + t)^p.

    Each step keeps the fraction 1 − η of the distance and adds η times a number of variance 1.
    """
    squares = [100.0]
    for t in range(1, LAST + 1):
        rate = (9 + t) ** -power
        squares.append((1 - rate) ** 2 * squares[-1] + rate**2)
    return [math.sqrt(square) for square in squares]


def place(t: float, distance: float) -> tuple[float, float]:
    """Give the place of a point on logarithmic axes."""
    x = LEFT + (RIGHT - LEFT) * math.log(t) / math.log(LAST)
    y = BOTTOM - (BOTTOM - TOP) * math.log(distance / LOWEST) / math.log(HIGHEST / LOWEST)
    return x, y


def text(x: float, y: float, words: str, anchor: str = "middle", colour: str = INK) -> str:
    """Write a line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def robbins_monro() -> str:
    """Distance from the mean against the iteration, for five powers of the schedule."""
    parts = []
    for decade in range(5):
        x, _ = place(10**decade, 1)
        parts.append(f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="{GREY}" stroke-opacity="0.35"/>')
        parts.append(text(x, BOTTOM + 20, f"{10**decade:,}"))
    for distance in (0.01, 0.1, 1, 10):
        _, y = place(1, distance)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="{GREY}" stroke-opacity="0.35"/>')
        parts.append(text(LEFT - 8, y + 5, f"{distance:g}", "end"))
    for power, colour, dashes, name in POWERS:
        path = distances(power)
        times = sorted({round(10 ** (4 * i / 120)) for i in range(121)})
        points = " ".join("{:.1f},{:.1f}".format(*place(t, path[t])) for t in times)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.4" '
            f'stroke-dasharray="{dashes or "none"}"/>'
        )
        _, y = place(LAST, path[-1])
        shift = {0.75: 12, 1.0: 8}.get(power, 5)
        parts.append(text(RIGHT + 8, y + shift, name, "start", colour))
    parts.append(text((LEFT + RIGHT) / 2, BOTTOM + 46, "iteration t"))
    middle = (TOP + BOTTOM) / 2
    parts.append(
        f'<g transform="rotate(-90 26 {middle})">{text(26, middle, "distance from the mean")}</g>'
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 690 356" font-family="{FONT}" '
    head += 'font-size="16"><rect width="690" height="356" fill="#f6f8fa"/>'
    return "\n".join([head, *parts, "</svg>", ""])


if __name__ == "__main__":
    (FOLDER / "optimization_robbins_monro.svg").write_text(robbins_monro())
