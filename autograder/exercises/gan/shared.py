"""What exercises of chapter 15 share."""

from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional

from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

PAGE = "15_gan.html"
Random = np.random.Generator
Arguments = dict[str, PlainData]
Optimizer = torch.optim.Optimizer


def draw_distribution(random: Random, K: int) -> np.ndarray:
    weights = random.exponential(size=K)
    return weights / weights.sum()


def mlp_state(random: Random, sizes: list[int]) -> dict[str, torch.Tensor]:
    state = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        state[f"{2 * layer}.weight"] = as_tensor(
            random.normal(size=(outputs, inputs)) / np.sqrt(inputs)
        )
        state[f"{2 * layer}.bias"] = as_tensor(0.3 * random.normal(size=outputs))
    return state


def draw_networks(random: Random, Z: int, hidden: int, D: int) -> Arguments:
    """Recipes and states of a generator (Z → D) and a discriminator (D → 1)."""
    generator_sizes, discriminator_sizes = [Z, hidden, D], [D, hidden + 1, 1]
    return {
        "generator": {"factory": "mlp", "sizes": generator_sizes, "activation": "tanh"},
        "generator_state": mlp_state(random, generator_sizes),
        "discriminator": {
            "factory": "mlp", "sizes": discriminator_sizes, "activation": "leaky_relu",
        },
        "discriminator_state": mlp_state(random, discriminator_sizes),
    }  # fmt: skip


def draw_batches(random: Random, sizes: list[int], features: int, mean: float = 0.0) -> list:
    return [as_tensor(mean + random.normal(size=(N, features))) for N in sizes]


def descend(optimizer: Optimizer, loss: torch.Tensor) -> torch.Tensor:
    """Descend one step on `loss`, for mistakes and alternatives."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def loss_D(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()


def loss_G(fake_logits: torch.Tensor) -> torch.Tensor:
    return functional.softplus(-fake_logits).mean()


def draw_layers(random, sizes):
    """Weights W_1, W_2, … and biases b_1, b_2, … of a network, as a learner's function takes them."""
    parameters = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        weights = random.normal(size=(inputs, outputs)) / np.sqrt(inputs)
        parameters[f"W_{layer}"] = torch.from_numpy(weights)
        parameters[f"b_{layer}"] = torch.from_numpy(0.7 * random.normal(size=outputs))
    return parameters
