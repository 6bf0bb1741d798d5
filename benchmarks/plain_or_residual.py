"""Measure what depth does to plain and to residual networks, for the figure of that name.

Each network has a 3 × 3 convolution, (depth − 2)/2 blocks of two 3 × 3 convolutions with batch
normalisation after each, a global mean and a dense layer; all maps have 8 channels. The blocks of the
residual network have identity shortcuts, those of the plain one none; all else is the same.
3,000 digits of 14 × 14, Adam, 4 epochs.

    python benchmarks/plain_or_residual.py [--seeds 3]

writes into dlarch/figures/plain_or_residual.mjs: training loss, validation accuracy, and the norm of the
loss's gradient at the input of every block before the first step.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dlarch.data import mnist

DEPTHS = (6, 10, 14, 18, 22, 26, 30, 34)
CHANNELS, EPOCHS, BATCH = 8, 4, 50
FIGURE = Path(__file__).parent.parent / "dlarch" / "figures" / "plain_or_residual.mjs"


class Block(nn.Module):
    """Two convolutions with batch normalisation, and a shortcut or none."""

    def __init__(self, shortcut: bool) -> None:
        super().__init__()
        self.shortcut = shortcut
        self.conv1, self.conv2 = (
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False) for _ in range(2)
        )
        self.norm1, self.norm2 = nn.BatchNorm2d(CHANNELS), nn.BatchNorm2d(CHANNELS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        return torch.relu(h + x if self.shortcut else h)


class Network(nn.Module):
    """`depth` layers with weights; keeps the inputs of its blocks."""

    def __init__(self, depth: int, shortcut: bool) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, CHANNELS, 3, padding=1, bias=False), nn.BatchNorm2d(CHANNELS), nn.ReLU()
        )
        self.blocks = nn.ModuleList(Block(shortcut) for _ in range((depth - 2) // 2))
        self.head = nn.Linear(CHANNELS, 10)
        self.inputs: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h, self.inputs = self.stem(x), []
        for block in self.blocks:
            self.inputs.append(h)
            h = block(h)
        return self.head(h.mean(dim=(2, 3)))


def digits() -> tuple[torch.Tensor, ...]:
    x, y, x_validation, y_validation = mnist(train=3000, test=1000)
    images = (
        functional.avg_pool2d(torch.from_numpy(part)[:, None].float(), 2) - 0.13
        for part in (x, x_validation)
    )
    x, x_validation = (part / 0.3 for part in images)
    return x, torch.from_numpy(y).long(), x_validation, torch.from_numpy(y_validation).long()


def gradient_norms(network: Network, x: torch.Tensor, y: torch.Tensor) -> list[float]:
    """Norm of the gradient at the input of each block, from the first to the last."""
    loss = functional.cross_entropy(network(x), y)
    return [float(g.norm()) for g in torch.autograd.grad(loss, network.inputs)]


def measure(depth: int, shortcut: bool, seed: int, data: tuple[torch.Tensor, ...]) -> dict:
    x, y, x_validation, y_validation = data
    torch.manual_seed(seed)
    network = Network(depth, shortcut)
    norms = gradient_norms(network, x[:BATCH], y[:BATCH])
    adam = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(EPOCHS):
        total = 0.0
        for batch in torch.randperm(len(x)).split(BATCH):
            adam.zero_grad()
            loss = functional.cross_entropy(network(x[batch]), y[batch])
            loss.backward()
            adam.step()
            total += len(batch) * loss.item()
        losses.append(total / len(x))
    network.eval()
    with torch.no_grad():
        right = (network(x_validation).argmax(1) == y_validation).float().mean().item()
    return {"losses": losses, "accuracy": right, "norms": norms}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    torch.set_num_threads(1)
    data = digits()
    results: dict[str, dict[str, dict]] = {"plain": {}, "residual": {}}
    for depth in DEPTHS:
        for kind in results:
            runs = [measure(depth, kind == "residual", seed, data) for seed in seeds]
            losses = np.array([run["losses"] for run in runs])
            norms = np.exp(np.mean(np.log([run["norms"] for run in runs]), axis=0))
            results[kind][str(depth)] = {
                "losses": np.round(losses, 3).tolist(),
                "accuracies": [round(run["accuracy"], 3) for run in runs],
                "norms": [float(f"{norm:.3g}") for norm in norms],
            }
            last, right = losses[:, -1], results[kind][str(depth)]["accuracies"]
            print(
                f"{kind} {depth}: training loss {last.mean():.2f} ({last.min():.2f}–{last.max():.2f}), "
                f"validation {np.mean(right):.1%}; "
                f"gradient at first and last block {norms[0]:.3g}, {norms[-1]:.3g}",
                flush=True,
            )
    line = f"const MEASURED = {json.dumps(results, separators=(',', ':'))};"
    lines = FIGURE.read_text(encoding="utf-8").splitlines()
    kept = [line if old.startswith("const MEASURED = ") else old for old in lines]
    FIGURE.write_text("\n".join(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
