"""Draw the networks of chapter 14: `python book/images/vae_diagrams.py`."""

from pathlib import Path

FOLDER = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, GREY, DATA, PREDICTION, GRADIENT = "#1f2630", "#57606a", "#1a66a8", "#b25000", "#7636b0"


def text(x: float, y: float, words: str, colour: str = INK, size: int = 15) -> str:
    """Write a line of text around its middle."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" fill="{colour}" font-size="{size}">{words}</text>'


def layer(x: float, y: float, height: float, colour: str, name: str, size: str) -> list[str]:
    """Draw a layer as a bar, its name above it and its size below."""
    bar = f'<rect x="{x - 9:g}" y="{y - height / 2:g}" width="18" height="{height:g}" rx="5" '
    return [
        f'{bar}fill="#ffffff" stroke="{colour}" stroke-width="2"/>',
        text(x, y - height / 2 - 9, name, colour),
        text(x, y + height / 2 + 19, size, GREY, 14),
    ]


def arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    """Draw an arrow from layer to layer."""
    line = f"M{x1 + 14:g} {y1:g}L{x2 - 16:g} {y2:g}"
    return f'<path d="{line}" stroke="{GREY}" stroke-width="1.6" marker-end="url(#tip)"/>'


def networks() -> str:
    """The encoder above, with its two outputs; the decoder below."""
    tip = '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" orient="auto" markerWidth="7" '
    tip += 'markerHeight="7">'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 400" font-family="{FONT}">',
        f'<defs>{tip}<path d="M0 0L8 4L0 8z" fill="{GREY}"/></marker></defs>',
        '<rect width="480" height="400" rx="8" fill="#f6f8fa"/>',
        text(240, 26, "encode", INK, 17),
        *layer(70, 118, 110, DATA, "x", "784 pixels"),
        arrow(70, 118, 220, 118),
        *layer(220, 118, 66, INK, "ReLU", "200 units"),
        arrow(220, 118, 390, 84),
        arrow(220, 118, 390, 152),
        *layer(390, 78, 20, PREDICTION, "μ", ""),
        *layer(390, 152, 20, PREDICTION, "log σ²", "10 each"),
        '<path d="M24 206H456" stroke="#d5dae0"/>',
        text(240, 232, "decode", INK, 17),
        *layer(70, 314, 20, GRADIENT, "z", "10"),
        arrow(70, 314, 220, 314),
        *layer(220, 314, 66, INK, "ReLU", "200 units"),
        arrow(220, 314, 390, 314),
        *layer(390, 314, 110, DATA, "logits", "784"),
        "</svg>",
    ]
    return "\n".join([*parts, ""])


if __name__ == "__main__":
    (FOLDER / "vae_networks.svg").write_text(networks())
