"""Drivers of chapter 15: adversarial steps and the training loop, recorded by what they leave behind."""

from collections.abc import Callable

import torch
from torch import nn

from dlarch.models import Recipe, State, build, optimizer, rows_in_turn, state_of
from dlarch.plain import PlainData, clone


def discriminator_steps(
    function: Callable,
    generator: Recipe,
    generator_state: State,
    discriminator: Recipe,
    discriminator_state: State,
    discriminator_gradient: State | None,
    optimizer_recipe: Recipe,
    real: list[torch.Tensor],
    noise: list[torch.Tensor],
) -> dict[str, PlainData]:
    """Call `function(generator, discriminator, optimizer, real, noise)` once for each batch.

    Args:
        function: the learner's discriminator step; returns the loss.
        generator, discriminator: recipes of the networks, with their states.
        discriminator_gradient: what an earlier backward pass left in the discriminator, or None.
        optimizer_recipe: recipe of the optimiser, which holds the discriminator's parameters.
        real, noise: a batch of data (N, D) and of noise (N, Z) for each call.

    Returns:
        What the calls returned, both networks' states, the gradients that the last call left in the
        generator (none counts as zero), whether its parameters still require gradients, and the modes in
        which the networks are left, `train` or `eval`.
    """
    G, D = build(generator, generator_state), build(discriminator, discriminator_state)
    _leave_gradient(D, discriminator_gradient)
    optimizer_D = optimizer(optimizer_recipe, list(D.parameters()))
    loss = []
    for batch, z in zip(real, noise, strict=True):
        _leave_gradient(G, None)
        loss.append(clone(function(G, D, optimizer_D, batch, z)))
    return {
        "loss": loss,
        "discriminator": state_of(D),
        "generator": state_of(G),
        "generator_gradient": _gradient_left(G),
        "generator_requires_grad": _requires_grad(G),
        "generator_mode": _mode(G),
        "discriminator_mode": _mode(D),
    }


def generator_steps(
    function: Callable,
    generator: Recipe,
    generator_state: State,
    generator_gradient: State | None,
    discriminator: Recipe,
    discriminator_state: State,
    optimizer_recipe: Recipe,
    noise: list[torch.Tensor],
) -> dict[str, PlainData]:
    """Call `function(generator, discriminator, optimizer, noise)` once for each batch of noise.

    Args:
        function: the learner's generator step; returns the loss.
        generator, discriminator: recipes of the networks, with their states.
        generator_gradient: what an earlier backward pass left in the generator, or None.
        optimizer_recipe: recipe of the optimiser, which holds the generator's parameters.
        noise: a batch of noise (N, Z) for each call.

    Returns:
        What the calls returned, both networks' states, and whether the discriminator's parameters still
        require gradients, and the modes in which the networks are left. Gradients left in the discriminator
        are its own step's business: it zeroes them.
    """
    G, D = build(generator, generator_state), build(discriminator, discriminator_state)
    _leave_gradient(G, generator_gradient)
    optimizer_G = optimizer(optimizer_recipe, list(G.parameters()))
    loss = [clone(function(G, D, optimizer_G, z)) for z in noise]
    return {
        "loss": loss,
        "generator": state_of(G),
        "discriminator": state_of(D),
        "discriminator_requires_grad": _requires_grad(D),
        "generator_mode": _mode(G),
        "discriminator_mode": _mode(D),
    }


def train(
    function: Callable,
    generator: Recipe,
    generator_state: State,
    discriminator: Recipe,
    discriminator_state: State,
    generator_optimizer: Recipe,
    discriminator_optimizer: Recipe,
    real: list[torch.Tensor],
    noise: torch.Tensor,
    rounds: int,
    k: int,
) -> dict[str, PlainData]:
    """Call the learner's training loop with sources of data and noise that count what is taken.

    Args:
        function: `train_gan(generator, discriminator, optimizer_G, optimizer_D, next_batch,
            draw_noise, rounds, k)`, returns the discriminator's and the generator's losses.
        generator, discriminator: recipes of the networks, with their states.
        generator_optimizer, discriminator_optimizer: recipes of the optimisers.
        real: what `next_batch()` gives, one call after the other, then from the start again.
        noise: the rows (P, Z) that `draw_noise(N)` gives, N at a time, then from the start again.
        rounds, k: how many rounds, and how many discriminator steps in each.

    Returns:
        The rows of each draw of noise, how many batches were taken, what the loop returned, the states.
    """
    G, D = build(generator, generator_state), build(discriminator, discriminator_state)
    draws: list[int] = []
    taken: list[int] = []

    def next_batch() -> torch.Tensor:
        taken.append(1)
        return real[(len(taken) - 1) % len(real)].clone()

    history = function(
        G,
        D,
        optimizer(generator_optimizer, list(G.parameters())),
        optimizer(discriminator_optimizer, list(D.parameters())),
        next_batch,
        rows_in_turn(noise, draws),
        rounds,
        k,
    )
    return {
        "noise_draws": draws,
        "real_batches": len(taken),
        "losses": clone(history),
        "discriminator": state_of(D),
        "generator": state_of(G),
    }


def _leave_gradient(network: nn.Module, gradient: State | None) -> None:
    for name, parameter in network.named_parameters():
        parameter.grad = None if gradient is None else gradient[name].clone()


def _gradient_left(network: nn.Module) -> State:
    return {
        name: torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()
        for name, parameter in network.named_parameters()
    }


def _requires_grad(network: nn.Module) -> bool:
    return all(parameter.requires_grad for parameter in network.parameters())


def _mode(network: nn.Module) -> str:
    return "train" if network.training else "eval"
