"""Draw how penalties shrink a weight, for chapter 06: `python book/images/regularization_diagrams.py`."""

from pathlib import Path

FOLDER = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, GREY, BLUE, ORANGE = "#1f2328", "#8c959f", "#0072b2", "#b25000"
UNIT = 44
"""Pixels for 1 on both axes."""


def text(x: float, y: float, words: str, colour: str = INK, anchor: str = "middle") -> str:
    """Write a line of text."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def panel(left: float, title: str, formula: str, colour: str, points: list[tuple]) -> list[str]:
    """Draw one curve of the shrunk weight over the unshrunk one, beside the diagonal."""
    x, y = left + 110, 150

    def path(corners: list[tuple]) -> str:
        return "M" + "L".join(f"{x + UNIT * z:.1f} {y - UNIT * w:.1f}" for z, w in corners)

    return [
        f'<rect x="{left}" y="40" width="220" height="220" fill="#ffffff"/>',
        f'<path d="M{left} {y}H{left + 220}M{x} 40V260" stroke="{GREY}" stroke-width="1.2"/>',
        f'<path d="{path([(-2.4, -2.4), (2.4, 2.4)])}" stroke="{GREY}" stroke-dasharray="5 5"/>',
        f'<path d="{path(points)}" fill="none" stroke="{colour}" stroke-width="3"/>',
        text(left + 110, 28, title),
        text(left + 110, 284, formula, colour),
        text(left + 214, y + 20, "before", "#57606a", "end"),
        text(x + 8, 56, "after", "#57606a", "start"),
    ]


def shrinkage() -> str:
    """Draw the minimiser of ½ (w − z)² + penalty as a function of z."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 304" '
        f'font-family="{FONT}" font-size="15">',
        "<title>What a weight becomes under an L2 and under an L1 penalty</title>",
        '<rect width="560" height="304" rx="8" fill="#f6f8fa"/>',
        *panel(40, "L2: by a factor", "z / (1 + 2λ)", BLUE, [(-2.4, -1.2), (2.4, 1.2)]),
        *panel(
            300,
            "L1: by an amount",
            "sign(z) max(|z| − λ, 0)",
            ORANGE,
            [(-2.4, -1.6), (-0.8, 0), (0.8, 0), (2.4, 1.6)],
        ),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    (FOLDER / "regularization_shrinkage.svg").write_text(shrinkage())
