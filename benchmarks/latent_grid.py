"""Make the latent explorer's picture for where there is no kernel: digits decoded over a latent plane.

A small variational autoencoder (784-256-64-2-64-256-784, Bernoulli, Adam) is trained once on MNIST.
Its decoder is asked for `STEPS`×`STEPS` points z in [-EXTENT, EXTENT]², and the images are written as one
sprite of 16 grey levels: rows from z₂ = +EXTENT (top) to −EXTENT, columns from z₁ = −EXTENT to +EXTENT.

    python benchmarks/latent_grid.py [--epochs 80]

writes dlarch/figures/latent_explorer.png and prints the test ELBO in nats.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

EXTENT = 2.5
STEPS = 21
PACKAGE = Path(__file__).parent.parent / "dlarch"
MNIST = PACKAGE / "datasets" / "mnist10k.npz"
SPRITE = PACKAGE / "figures" / "latent_explorer.png"


class Vae(nn.Module):
    """A variational autoencoder with a latent plane."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 4)
        )
        self.decoder = nn.Sequential(
            nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 784)
        )

    def negative_elbo(self, x: torch.Tensor) -> torch.Tensor:
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        reconstruction = binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (reconstruction + kl) / len(x)


def train(images: torch.Tensor, epochs: int) -> Vae:
    torch.manual_seed(0)
    order = torch.randperm(len(images))
    test, training = images[order[:1000]], images[order[1000:]]
    vae = Vae()
    optimizer = torch.optim.Adam(vae.parameters(), lr=2e-3)
    steps = epochs * (len(training) // 128)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for epoch in range(epochs):
        for batch in training[torch.randperm(len(training))].split(128)[:-1]:
            optimizer.zero_grad()
            vae.negative_elbo(batch).backward()
            optimizer.step()
            schedule.step()
        if epoch % 10 == 9:
            with torch.no_grad():
                print(f"epoch {epoch + 1}: test ELBO {-vae.negative_elbo(test).item():.1f} nats")
    return vae


def sprite(vae: Vae) -> Image.Image:
    axis = torch.linspace(-EXTENT, EXTENT, STEPS)
    z = torch.stack(torch.meshgrid(axis, axis.flip(0), indexing="xy"), dim=-1)
    with torch.no_grad():
        decoded = vae.decoder(z).sigmoid().reshape(STEPS, STEPS, 28, 28)
    levels = (decoded * 15).round().to(torch.uint8).numpy() * 17
    return Image.fromarray(levels.transpose(0, 2, 1, 3).reshape(STEPS * 28, STEPS * 28))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=80)
    arguments = parser.parse_args()
    images = np.load(MNIST)["images"].reshape(-1, 784).astype(np.float32) / 255
    sprite(train(torch.from_numpy(images), arguments.epochs)).save(SPRITE, optimize=True)
    print(f"{SPRITE} {SPRITE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
