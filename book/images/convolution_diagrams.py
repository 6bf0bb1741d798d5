"""Draw the two diagrams of chapter 07: `python book/images/convolution_diagrams.py`."""

from pathlib import Path

FOLDER = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
KERNEL = (("#0072b2", ""), ("#b25000", "7 4"), ("#007a5a", "2 4"))
"""Colour and dashes of a kernel's three parameters."""
GREY = "#8a94a0"


def svg(width: int, height: int, parts: list[str]) -> str:
    """Put parts on a light ground."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}" '
    head += f'font-size="16"><rect width="{width}" height="{height}" fill="#f6f8fa"/>'
    return "\n".join([head, *parts, "</svg>", ""])


def unit(x: float, y: float, text: str, marked: bool = False) -> str:
    """Draw one unit with its name."""
    fill, stroke = ("#f3d9c2", "#b25000") if marked else ("#ffffff", "#39424e")
    circle = (
        f'<circle cx="{x}" cy="{y}" r="17" fill="{fill}" stroke="{stroke}" stroke-width="1.6"/>'
    )
    return (
        f'{circle}<text x="{x}" y="{y + 5}" text-anchor="middle" fill="#1f2630" '
        f'font-size="14">{text}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "") -> str:
    """Draw one connection."""
    return (
        f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dashes or "none"}"/>'
    )


def label(x: float, y: float, text: str) -> str:
    """Write a line of text, centred."""
    return f'<text x="{x}" y="{y}" text-anchor="middle" fill="#1f2630">{text}</text>'


def connections() -> str:
    """Five inputs to five outputs: by a kernel of three, and fully connected."""
    parts = []
    for left, dense in ((40, False), (440, True)):
        places = [left + 70 * i + 20 for i in range(5)]
        for i in range(5):
            for j in range(5):
                if dense:
                    parts.append(line(places[j], 172, places[i], 78, GREY))
                elif abs(i - j) <= 1:
                    parts.append(line(places[j], 172, places[i], 78, *KERNEL[j - i + 1]))
        for i, x in enumerate(places):
            parts.append(unit(x, 60, f"y{i}", marked=dense or abs(i - 2) <= 1))
            parts.append(unit(x, 190, f"x{i}", marked=i == 2))
        words = "fully connected: 25 parameters" if dense else "a kernel of 3: 3 parameters"
        parts.append(label(places[2], 26, words))
        reached = "x2 reaches all five outputs" if dense else "x2 reaches three outputs"
        parts.append(label(places[2], 238, reached))
    return svg(800, 256, parts)


def receptive_field() -> str:
    """Three layers with kernels of three: seven inputs reach one output."""
    parts, rows = [], (240, 175, 110, 45)
    for depth in range(3):
        reach = 3 - depth
        for i in range(-(reach - 1), reach):
            for offset in (-1, 0, 1):
                parts.append(
                    line(
                        400 + 70 * (i + offset),
                        rows[depth] - 17,
                        400 + 70 * i,
                        rows[depth + 1] + 17,
                        GREY,
                    )
                )
    for depth, y in enumerate(rows):
        for i in range(-(4 - depth), 5 - depth):
            parts.append(unit(400 + 70 * i, y, "", marked=abs(i) <= 3 - depth))
        name = "input" if depth == 0 else f"layer {depth}"
        size = 2 * (3 - depth) + 1
        parts.append(f'<text x="20" y="{y + 5}" fill="#1f2630">{name}</text>')
        parts.append(f'<text x="715" y="{y + 5}" fill="#1f2630">{size} seen</text>')
    return svg(800, 280, parts)


if __name__ == "__main__":
    (FOLDER / "convolution_connections.svg").write_text(connections())
    (FOLDER / "convolution_receptive_field.svg").write_text(receptive_field())
