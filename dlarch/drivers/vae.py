"""Drivers of chapter 14: a model in the hands of a function, training steps, and the training loop."""

import operator
from collections.abc import Callable

import numpy as np
import torch

from dlarch.data import mnist as load_mnist
from dlarch.models import Recipe, State, build, initialize, optimizer, rows_in_turn, state_of
from dlarch.plain import PlainData, clone


def with_model(
    function: Callable, model: Recipe, state: State, **arguments: PlainData
) -> PlainData:
    """Call `function(model=..., **arguments)` with the model that recipe and state describe."""
    return function(model=build(model, state), **arguments)


def steps(
    function: Callable,
    model: Recipe,
    state: State,
    optimizer_recipe: Recipe,
    x: list[torch.Tensor],
    noise: list[torch.Tensor],
) -> dict[str, PlainData]:
    """Call `function(model, optimizer, x, noise)` once for each batch.

    Args:
        function: the learner's optimiser step; returns the loss.
        model, state: recipe and initial state of the variational autoencoder.
        optimizer_recipe: recipe of the optimiser, which holds all the model's parameters.
        x, noise: a batch (N, D) and its noise (N, Z) for each call.

    Returns:
        What each call returned, and the model's state after the last.
    """
    network = build(model, state)
    descent = optimizer(optimizer_recipe, list(network.parameters()))
    losses = [
        clone(function(model=network, optimizer=descent, x=batch, noise=eps))
        for batch, eps in zip(x, noise, strict=True)
    ]
    return {"losses": losses, "parameters": state_of(network)}


def train(
    function: Callable,
    model: Recipe,
    optimizer_recipe: Recipe,
    epochs: int,
    batch_size: int,
    state: State | None = None,
    x: torch.Tensor | None = None,
    orders: torch.Tensor | None = None,
    noise: torch.Tensor | None = None,
    mnist: dict[str, int] | None = None,
) -> dict[str, PlainData]:
    """Call the learner's training loop with sources of order and noise that give what is passed in.

    Args:
        function: `train_vae(model, optimizer, x, epochs, batch_size, shuffle, draw_noise)`; returns
            the loss of each epoch.
        model, state: recipe and initial state of the variational autoencoder.
        optimizer_recipe: recipe of the optimiser, which holds all the model's parameters.
        epochs, batch_size: handed on.
        x: training images (N, D).
        orders: what `shuffle(N)` gives (P, N), one row for each call, then from the start again.
        noise: the rows (P, Z) that `draw_noise(n)` gives, n at a time, then from the start again.
        mnist: instead of state, x, orders and noise: `{"train", "test", "seed"}`, numbers of
            binarised digits and the seed of weights, orders and noise.

    Returns:
        What the loop returned, and the model's state after it.
    """
    if mnist:
        network, x, orders, noise = _digits(model, epochs, **mnist)
    else:
        network = build(model, state)
    calls: list[int] = []

    def shuffle(N: int) -> torch.Tensor:
        calls.append(operator.index(N))
        order = orders[(len(calls) - 1) % len(orders)]
        if len(order) != N:
            raise ValueError(f"shuffle({N}) was called, but there are {len(order)} images")
        return order.clone()

    losses = function(
        model=network,
        optimizer=optimizer(optimizer_recipe, list(network.parameters())),
        x=x,
        epochs=epochs,
        batch_size=batch_size,
        shuffle=shuffle,
        draw_noise=rows_in_turn(noise, []),
    )
    return {"losses": clone(losses), "parameters": state_of(network)}


def digits(train: int, test: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Give training and test images, (N, 784) of zeros and ones."""
    images, _, test_images, _ = load_mnist(train, test)
    binary = (
        (torch.from_numpy(x).flatten(start_dim=1) > 0.5).float() for x in (images, test_images)
    )
    return tuple(binary)


def _digits(model: Recipe, epochs: int, train: int, test: int, seed: int) -> tuple:
    random = np.random.default_rng(seed)
    orders = torch.from_numpy(np.stack([random.permutation(train) for _ in range(epochs)]))
    noise = torch.from_numpy(random.standard_normal((epochs * train, model["latent"]), np.float32))
    return initialize(model, seed), digits(train, test)[0], orders, noise
