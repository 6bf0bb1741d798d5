"""What sharing weights is worth: a small convolutional network and two dense ones on few digits.

`python benchmarks/shared_weights.py` prints the table of chapter 07: right answers on 2,000 test digits, as
they are and shifted, after training on 500 others with several seeds.
"""

import argparse
import statistics

import numpy as np
import torch
from torch import nn

from dlarch.data import mnist

EPOCHS, BATCH, LEARNING_RATE, SHIFT = 60, 32, 1e-3, 2


def networks() -> dict[str, nn.Sequential]:
    """Build the three networks; the first is the one of the notebook."""
    convolutional = nn.Sequential(
        nn.Conv2d(1, 8, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 10),
    )
    dense = {
        f"dense, {hidden} hidden units": nn.Sequential(
            nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10)
        )
        for hidden in (128, 7)
    }
    return {"convolutional": convolutional, **dense}


def train(network: nn.Sequential, images: torch.Tensor, labels: torch.Tensor) -> None:
    """Train by Adam on shuffled mini-batches; nothing is chosen on the way."""
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()


def shifted(images: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Shift each image by SHIFT pixels in one of the four directions; zeros come in."""
    padded = nn.functional.pad(images, [SHIFT] * 4)
    starts = np.array([[0, 1], [1, 0], [2, 1], [1, 2]])[random.integers(0, 4, len(images))] * SHIFT
    size = images.shape[-1]
    return torch.stack(
        [image[:, i : i + size, j : j + size] for image, (i, j) in zip(padded, starts, strict=True)]
    )


@torch.no_grad()
def right(network: nn.Sequential, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of right answers in per cent."""
    return 100 * (network(images).argmax(dim=1) == labels).float().mean().item()


def main() -> None:
    """Train every network with every seed and print means and standard deviations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    images, labels, test_images, test_labels = (torch.from_numpy(part) for part in mnist(500, 2000))
    images, test_images = images[:, None], test_images[:, None]
    moved = shifted(test_images, np.random.default_rng(0))
    found: dict[str, list[tuple[float, float]]] = {}
    for seed in range(seeds):
        torch.manual_seed(seed)
        for name, network in networks().items():
            size = sum(parameter.numel() for parameter in network.parameters())
            train(network, images, labels)
            scores = right(network, test_images, test_labels), right(network, moved, test_labels)
            found.setdefault(f"{name}, {size:,} parameters", []).append(scores)
    for name, scores in found.items():
        cells = (
            f"{statistics.mean(s):.1f} ± {statistics.stdev(s):.1f}"
            for s in zip(*scores, strict=True)
        )
        print(f"{name}: {' | '.join(cells)}")


if __name__ == "__main__":
    main()
