"""Draw the two diagrams of chapter 01: `python book/images/background_diagrams.py`."""

from pathlib import Path

import numpy as np
import torch

from dlarch.data import mnist

FOLDER = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, GREY, BLUE, ORANGE, GREEN = "#1f2630", "#5b6673", "#1a66a8", "#b25000", "#007a5a"
EPOCHS = 40


def svg(width: int, height: int, parts: list[str]) -> str:
    """Put parts on a light ground."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}" '
    head += f'font-size="16"><rect width="{width}" height="{height}" fill="#f6f8fa"/>'
    return "\n".join([head, *parts, "</svg>", ""])


def label(x: float, y: float, text: str, colour: str = INK, anchor: str = "middle") -> str:
    """Write a line of text."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def split() -> str:
    """The three parts of the data, and who looks at them when."""
    parts, left = [], 30
    columns = (
        (396, "training", "60 %", BLUE, "learn", "in every epoch,", "shuffled anew"),
        (132, "validation", "20 %", ORANGE, "choose", "after every epoch", "or candidate"),
        (132, "test", "20 %", GREEN, "judge", "once,", "at the end"),
    )
    for width, name, share, colour, verb, *when in columns:
        middle = left + width / 2
        parts.append(
            f'<rect x="{left}" y="52" width="{width - 6}" height="58" rx="4" fill="{colour}"/>'
        )
        parts += [label(middle - 3, y, words, "#ffffff") for y, words in ((77, name), (99, share))]
        parts.append(
            f'<path d="M{middle - 3} 114v26m-6 -8 6 8 6 -8" stroke="{colour}" stroke-width="2" fill="none"/>'
        )
        parts.append(label(middle - 3, 165, f'<tspan font-weight="700">{verb}</tspan>', colour))
        parts += [label(middle - 3, 189 + 21 * i, words, GREY) for i, words in enumerate(when)]
        left += width
    parts.append(label(357, 32, "all examples, split once, class by class"))
    return svg(720, 228, parts)


def accuracy(network: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Give the share of right answers."""
    with torch.no_grad():
        return (network(x).argmax(dim=1) == y).double().mean().item()


def validate_on_dice(rebuild: bool) -> list[float]:
    """Train on 500 digits with random labels; give the accuracy on 100 validation images after each epoch."""
    torch.manual_seed(0)
    random = np.random.default_rng(3)
    x = torch.from_numpy(mnist(500, 0)[0].reshape(500, -1))
    y = torch.from_numpy(random.integers(10, size=500))
    network = torch.nn.Sequential(
        torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10)
    )
    optimizer = torch.optim.Adam(network.parameters(), 0.002)
    order, values = torch.from_numpy(random.permutation(500)), []
    for _ in range(EPOCHS):
        if rebuild:
            order = torch.from_numpy(random.permutation(500))
        train, validation = order[:400], order[400:]
        for chosen in train[torch.from_numpy(random.permutation(400))].split(32):
            loss = torch.nn.functional.cross_entropy(network(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        values.append(accuracy(network, x[validation], y[validation]))
    return values


def resplit() -> str:
    """What validation says about labels that were thrown with dice."""
    left, bottom, width, height = 76, 262, 600, 220
    across = [left + width * epoch / EPOCHS for epoch in range(1, EPOCHS + 1)]
    parts = []
    for percent in (0, 20, 40, 60, 80, 100):
        y = bottom - height * percent / 100
        parts.append(f'<path d="M{left} {y}H{left + width}" stroke="#d5dbe1"/>')
        parts.append(label(left - 10, y + 5, str(percent), GREY, "end"))
    for epoch in range(0, EPOCHS + 1, 10):
        parts.append(label(left + width * epoch / EPOCHS, bottom + 24, str(epoch), GREY))
    parts.append(label(left + width / 2, bottom + 48, "epoch", GREY))
    parts.append(label(left - 52, 24, "right answers on validation (%)", GREY, "start"))
    chance = bottom - height * 0.1
    parts.append(
        f'<path d="M{left} {chance}H{left + width}" stroke="{INK}" stroke-dasharray="2 5"/>'
    )
    for rebuild, colour, dashes, words, row in (
        (True, ORANGE, "", "split rebuilt at every epoch", 0.62),
        (False, BLUE, "9 4", "split once (dotted: chance, 10 %)", 0.2),
    ):
        values = validate_on_dice(rebuild)
        points = " ".join(
            f"{x:.1f},{bottom - height * value:.1f}"
            for x, value in zip(across, values, strict=True)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.4" '
            f'stroke-dasharray="{dashes or "none"}"/>'
        )
        parts.append(label(left + width - 8, bottom - height * row, words, colour, "end"))
        print(words, [round(100 * value) for value in values[-5:]])
    return svg(720, 326, parts)


if __name__ == "__main__":
    torch.set_num_threads(1)
    (FOLDER / "background_split.svg").write_text(split())
    (FOLDER / "background_resplit.svg").write_text(resplit())
