"""Drivers of chapter 14: a model in the hands of a function, training steps, and the training loop."""

from collections.abc import Callable

import numpy as np
import torch
from torch.distributions import Bernoulli, Normal

from dlarch.data import mnist as load_mnist
from dlarch.models import Recipe, State, build, initialize, optimizer, state_of
from dlarch.plain import PlainData


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
    images: list[torch.Tensor],
    noise: list[torch.Tensor],
) -> dict[str, PlainData]:
    """Call `function(model, optimizer, x, noise)` once for each batch.

    Args:
        function: the learner's optimiser step; returns the loss.
        model, state: recipe and initial state of the variational autoencoder.
        optimizer_recipe: recipe of the optimiser, which holds all the model's parameters.
        images, noise: a batch (N, D) and its noise (N, Z) for each call.

    Returns:
        The losses, one for each call, and the model's state after the last.
    """
    network = build(model, state)
    descent = optimizer(optimizer_recipe, list(network.parameters()))
    losses = [
        _number(function(model=network, optimizer=descent, x=x.clone(), noise=eps.clone()))
        for x, eps in zip(images, noise, strict=True)
    ]
    return {"losses": losses, "parameters": state_of(network)}


def train(
    function: Callable,
    model: Recipe,
    optimizer_recipe: Recipe,
    epochs: int,
    batch_size: int,
    state: State | None = None,
    images: torch.Tensor | None = None,
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
        images: training images (N, D).
        orders: what `shuffle(N)` gives (P, N), one row for each call, then from the start again.
        noise: the rows (P, Z) that `draw_noise(n)` gives, n at a time, then from the start again.
        mnist: instead of state, images, orders and noise: `{"train", "test", "seed"}`, numbers of
            binarised digits and the seed of weights, orders and noise.

    Returns:
        The losses; for MNIST the bound on log p(x) of the test images in nats, else the state.
    """
    if mnist:
        network, images, test_images, orders, noise = _digits(model, epochs, **mnist)
    else:
        network = build(model, state)
    calls: list[int] = []
    rows: list[int] = []

    def shuffle(N: int) -> torch.Tensor:
        calls.append(N)
        return orders[(len(calls) - 1) % len(orders)].clone()

    def draw_noise(n: int) -> torch.Tensor:
        start = sum(rows)
        rows.append(int(n))
        return noise[torch.arange(start, start + int(n)) % len(noise)]

    losses = function(
        model=network,
        optimizer=optimizer(optimizer_recipe, list(network.parameters())),
        x=images.clone(),
        epochs=epochs,
        batch_size=batch_size,
        shuffle=shuffle,
        draw_noise=draw_noise,
    )
    return {
        "losses": _numbers(losses),
        "parameters": {} if mnist else state_of(network),
        "test_elbo": _test_elbo(network, test_images, mnist["seed"]) if mnist else None,
    }


def _digits(model: Recipe, epochs: int, train: int, test: int, seed: int) -> tuple:
    images, _, test_images, _ = (torch.from_numpy(array) for array in load_mnist(train, test))
    random = np.random.default_rng(seed)
    orders = torch.from_numpy(np.stack([random.permutation(train) for _ in range(epochs)]))
    noise = torch.from_numpy(random.standard_normal((epochs * train, model["latent"]), np.float32))
    binary, test_binary = ((x.flatten(start_dim=1) > 0.5).float() for x in (images, test_images))
    return initialize(model, seed), binary, test_binary, orders, noise


@torch.no_grad()
def _test_elbo(network: torch.nn.Module, images: torch.Tensor, seed: int) -> float:
    """Estimate the evidence lower bound in nats per image, with one code for each image."""
    mean, log_variance = network.encode(images)
    posterior = Normal(mean, log_variance.exp().sqrt(), validate_args=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        z = posterior.sample()
    pixels = Bernoulli(logits=network.decode(z), validate_args=False)
    log_weight = pixels.log_prob(images).sum(1) + (
        Normal(0.0, 1.0).log_prob(z) - posterior.log_prob(z)
    ).sum(1)
    return log_weight.mean().item()


def _number(loss: PlainData) -> PlainData:
    """Give a loss as a number, be it a tensor with one element or a number already."""
    return loss.item() if isinstance(loss, torch.Tensor) and loss.numel() == 1 else loss


def _numbers(losses: PlainData) -> PlainData:
    """Give a list or tensor of losses as an array; what is neither stays as it is."""
    if isinstance(losses, torch.Tensor):
        return losses.detach().numpy()
    if isinstance(losses, list | tuple):
        return np.array([_number(loss) for loss in losses], dtype=np.float64)
    return losses
