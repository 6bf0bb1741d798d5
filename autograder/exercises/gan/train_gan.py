from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.gan.discriminator_step import discriminator_step, two_backward_passes
from autograder.exercises.gan.generator_step import generator_step, with_frozen_discriminator
from autograder.exercises.gan.shared import (
    PAGE,
    Arguments,
    Optimizer,
    Random,
    descend,
    draw_batches,
    draw_networks,
    loss_D,
    loss_G,
)
from autograder.exercises.shared import as_tensor

train_gan = Exercise(
    "train_gan",
    signature=(
        "train_gan(generator, discriminator, optimizer_G, optimizer_D, next_batch: () -> (N, D), "
        "draw_noise: N -> (N, Z), rounds: int, k: int) -> losses_D: (rounds·k,), losses_G: (rounds,)"
    ),
    outputs=(
        "noise_draws",
        "noise_rows",
        "real_batches",
        "losses_D",
        "losses_G",
        "discriminator",
        "generator",
    ),
    points=4,
    driver="gan.train",
    uses=("discriminator_step", "generator_step"),
    section=f"{PAGE}#gan-algorithm",
)


def _training_case(
    random: Random,
    sizes: list[int],
    optimizers: tuple[Arguments, Arguments],
    rounds: int,
    k: int,
    Z: int = 2,
    hidden: int = 4,
    D: int = 3,
) -> Arguments:
    noise_rows = 2 * rounds * (k + 1) * max(sizes)
    return {
        **draw_networks(random, Z, hidden, D),
        "generator_optimizer": optimizers[0],
        "discriminator_optimizer": optimizers[1],
        "real": draw_batches(random, sizes, D, mean=1.0),
        "noise": as_tensor(random.normal(size=(noise_rows, Z))),
        "rounds": rounds,
        "k": k,
    }


_DESCENT = ({"name": "SGD", "lr": 0.4}, {"name": "SGD", "lr": 0.3})
_MOMENTUM = ({"name": "SGD", "lr": 0.2, "momentum": 0.5}, {"name": "SGD", "lr": 0.3})

_ADAM = (
    {"name": "Adam", "lr": 0.02, "betas": [0.5, 0.999]},
    {"name": "Adam", "lr": 0.04, "betas": [0.5, 0.999]},
)


@train_gan.case("one round, one step of D")
def _(random: Random) -> Arguments:
    return _training_case(random, [4, 5], _DESCENT, rounds=1, k=1)


@train_gan.case("three rounds, two steps of D, momentum")
def _(random: Random) -> Arguments:
    return _training_case(random, [5, 4, 6, 3, 5, 4], _MOMENTUM, rounds=3, k=2)


@train_gan.case("two rounds, three steps of D, Adam, batches down to one sample")
def _(random: Random) -> Arguments:
    return _training_case(random, [5, 3, 1, 4, 2, 6], _ADAM, rounds=2, k=3)


@train_gan.case("four rounds, one step of D, batches of one size")
def _(random: Random) -> Arguments:
    return _training_case(random, [4], _DESCENT, rounds=4, k=1)


@train_gan.case("eight rounds, four steps of D, wider networks", secret=True)
def _(random: Random) -> Arguments:
    sizes = [int(N) for N in random.integers(1, 9, size=32)]
    return _training_case(random, sizes, _ADAM, rounds=8, k=4, Z=5, hidden=12, D=2)


def _train(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer_G: Optimizer,
    optimizer_D: Optimizer,
    next_batch: Callable,
    draw_noise: Callable,
    rounds: int,
    k: int,
    step_D: Callable,
    step_G: Callable,
) -> tuple[list, list]:
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            losses_D.append(step_D(generator, discriminator, optimizer_D, real, noise))
        noise = draw_noise(len(real))
        losses_G.append(step_G(generator, discriminator, optimizer_G, noise))
    return losses_D, losses_G


def _step_D(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: Optimizer,
    real: torch.Tensor,
    noise: torch.Tensor,
) -> torch.Tensor:
    return descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise).detach())))


def _step_G(
    generator: nn.Module, discriminator: nn.Module, optimizer: Optimizer, noise: torch.Tensor
) -> torch.Tensor:
    return descend(optimizer, loss_G(discriminator(generator(noise))))


@train_gan.reference
def _(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer_G: Optimizer,
    optimizer_D: Optimizer,
    next_batch: Callable,
    draw_noise: Callable,
    rounds: int,
    k: int,
) -> tuple[list, list]:
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            loss = discriminator_step.reference_answer(
                generator, discriminator, optimizer_D, real, noise
            )
            losses_D.append(loss)
        noise = draw_noise(len(real))
        losses_G.append(
            generator_step.reference_answer(generator, discriminator, optimizer_G, noise)
        )
    return losses_D, losses_G


@train_gan.mistake(
    "noise_reused_by_generator",
    "G's step uses the noise of D's last step again. Draw fresh noise: D has just been trained on "
    "exactly these samples, so its verdict on them is no fair estimate.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, noise))
    return losses_D, losses_G


@train_gan.mistake(
    "one_step_of_discriminator",
    "D makes one step in each round whatever k is: `k` is not used.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, 1, _step_D, _step_G
    )


@train_gan.mistake(
    "generator_in_inner_loop",
    "G makes a step after every step of D: its step stands inside the inner loop. "
    "It comes once in a round, after the k steps of D.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds * k, 1, _step_D, _step_G
    )


@train_gan.mistake(
    "k_steps_of_generator",
    "The roles in the inner loop are exchanged: D makes one step and G makes k. "
    "G needs a D that is close to its best, so it is D that makes k steps.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
        for _ in range(k):
            losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "one_batch_in_a_round",
    "All k steps of D in a round see the same batch of data. Take the next batch for every step.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        for _ in range(k):
            losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "noise_once_in_a_round",
    "Noise is drawn once in a round and serves all k steps of D and the step of G. "
    "Every step is to see fresh noise, or D learns these few samples by heart.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        noise = None
        for _ in range(k):
            real = next_batch()
            noise = draw_noise(len(real)) if noise is None else noise
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, noise))
    return losses_D, losses_G


@train_gan.mistake(
    "one_draw_in_a_round",
    "Data and noise are drawn once in a round, and D makes k steps on the same samples, then G one on the "
    "same noise. Every step is to see a fresh batch and fresh noise, or D learns these few by heart.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        noise = draw_noise(len(real))
        for _ in range(k):
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, noise))
    return losses_D, losses_G


@train_gan.mistake(
    "noise_once_in_a_round_but_for_generator",
    "The k steps of D in a round share their data and their noise; only G draws afresh. "
    "Every step is to see a fresh batch and fresh noise.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        noise = draw_noise(len(real))
        for _ in range(k):
            losses_D.append(_step_D(G, D, optimizer_D, real, noise))
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "generator_first",
    "G's step comes before D's. G learns from D alone, and at the start D knows nothing: "
    "in each round D is trained first.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        real = next_batch()
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(real))))
        for step in range(k):
            real = next_batch() if step else real
            losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
    return losses_D, losses_G


@train_gan.mistake(
    "optimizers_exchanged",
    "The optimisers are exchanged: D's step gets the one that moves G, and G's step the one that moves D.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G, D, optimizer_D, optimizer_G, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )


@train_gan.mistake(
    "both_optimizers_step",
    "After D's backward pass both optimisers make a step, so G is trained to help D. "
    "One step, one optimiser: D's loss moves D alone.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_D(G, D, optimizer, real, noise):
        optimizer_G.zero_grad()
        loss = descend(optimizer, loss_D(D(real), D(G(noise))))
        optimizer_G.step()
        return loss

    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, step_D, _step_G
    )


@train_gan.mistake(
    "discriminator_not_zeroed",
    "D's steps add to gradients that are still there: those of its step before, and those that G's step "
    "sent through D. Zero D's gradients before each of its backward passes.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_D(G, D, optimizer, real, noise):
        loss = loss_D(D(real), D(G(noise).detach()))
        loss.backward()
        optimizer.step()
        return loss.detach()

    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, step_D, _step_G
    )


@train_gan.mistake(
    "generator_trained_on_both_losses",
    "G's steps add to the gradients that D's steps left in G: G follows D's loss as much as its own. "
    "Cut the graph between G and D in D's step, or zero G's gradients before G's backward pass.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_D(G, D, optimizer, real, noise):
        return descend(optimizer, loss_D(D(real), D(G(noise))))

    def step_G(G, D, optimizer, noise):
        loss = loss_G(D(G(noise)))
        loss.backward()
        optimizer.step()
        return loss.detach()

    return _train(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, step_D, step_G)


@train_gan.mistake(
    "saturating",
    "G descends on the saturating loss. The task asks for the non-saturating one, as in your "
    "`generator_step`.",
    f"{PAGE}#gan-saturation",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_G(G, D, optimizer, noise):
        return descend(optimizer, -functional.softplus(D(G(noise))).mean())

    return _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, step_G
    )


@train_gan.mistake(
    "losses_of_last_step",
    "The networks are right, but of D's k losses in a round you kept the last one alone. "
    "The task asks for the loss of every step.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return losses_D[k - 1 :: k], losses_G


@train_gan.mistake(
    "losses_exchanged",
    "The networks are right; the two lists of losses come in the wrong order. "
    "D's losses first, then G's.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return losses_G, losses_D


@train_gan.mistake(
    "simultaneous_update",
    "G's step uses D as it was before D's last step. The task's rounds take turns: first D moves, then G follows the slope "
    "of the new D.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for step in range(k):
            real = next_batch()
            noise = draw_noise(len(real))
            loss = loss_D(D(real), D(G(noise).detach()))
            if step < k - 1:
                losses_D.append(descend(optimizer_D, loss))
        fake_loss = loss_G(D(G(draw_noise(len(real)))))
        gradients = torch.autograd.grad(fake_loss, list(G.parameters()))
        losses_D.append(descend(optimizer_D, loss))
        for parameter, gradient in zip(G.parameters(), gradients, strict=True):
            parameter.grad = gradient
        optimizer_G.step()
        losses_G.append(fake_loss.detach())
    return losses_D, losses_G


@train_gan.mistake(
    "noise_fixed",
    "Noise is drawn once, before the first round, and serves all steps. Every step is to see fresh noise, or both networks "
    "learn these few samples by heart.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    first = next_batch()
    noise = draw_noise(len(first))
    kept = [first]

    def batch():
        return kept.pop() if kept else next_batch()

    return _train(
        G, D, optimizer_G, optimizer_D, batch, lambda N: noise[torch.arange(N) % len(noise)],
        rounds, k, _step_D, _step_G,
    )  # fmt: skip


@train_gan.mistake(
    "batch_for_the_generator",
    "You take a batch of data for G's step too. G sees no data: its noise has the size of the round's last batch.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        for _ in range(k):
            real = next_batch()
            losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(len(next_batch()))))
    return losses_D, losses_G


@train_gan.mistake(
    "losses_averaged",
    "The networks are right, but you return the mean of D's k losses of a round. The task asks for the loss of every step.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return np.reshape([loss.item() for loss in losses_D], (rounds, k)).mean(axis=1), losses_G


@train_gan.mistake(
    "losses_after_the_steps",
    "The networks are right, but the losses are those after each step. The task asks for the loss before it.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    def step_D(G, D, optimizer, real, noise):
        fake = G(noise).detach()
        descend(optimizer, loss_D(D(real), D(fake)))
        return loss_D(D(real), D(fake)).detach()

    def step_G(G, D, optimizer, noise):
        descend(optimizer, loss_G(D(G(noise))))
        return loss_G(D(G(noise))).detach()

    return _train(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, step_D, step_G)


@train_gan.mistake(
    "losses_summed",
    "You return two sums. The task asks for the loss of every step, in two lists.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return [sum(losses_D)], [sum(losses_G)]


@train_gan.mistake(
    "last_losses_alone",
    "The networks are right, but you return the last two losses alone. The task asks for the loss of every step.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return losses_D[-1:], losses_G[-1:]


@train_gan.mistake("last_losses_alone")
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = _train(
        G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k, _step_D, _step_G
    )
    return losses_D[-1], losses_G[-1]


@train_gan.mistake(
    "one_round",
    "You return inside the loop: one round is played, whatever `rounds` is.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, 1, k, _step_D, _step_G)


@train_gan.mistake(
    "noise_of_the_first_size",
    "The noise of G's step has the size of the round's first batch. Its size is that of the last one.",
)
def _(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = [], []
    for _ in range(rounds):
        sizes = []
        for _ in range(k):
            real = next_batch()
            sizes.append(len(real))
            losses_D.append(_step_D(G, D, optimizer_D, real, draw_noise(len(real))))
        losses_G.append(_step_G(G, D, optimizer_G, draw_noise(sizes[0])))
    return losses_D, losses_G


@train_gan.alternative
def nothing_detached(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    """Each optimiser has one network and zeroes its gradients before its backward pass."""
    losses_D, losses_G = [], []
    for step in range(rounds * (k + 1)):
        if step % (k + 1) < k:
            real = next_batch()
            fake = G(draw_noise(real.shape[0]))
            losses_D.append(descend(optimizer_D, loss_D(D(real), D(fake))))
        else:
            fake = G(draw_noise(real.shape[0]))
            losses_G.append(descend(optimizer_G, loss_G(D(fake))))
    return losses_D, losses_G


@train_gan.alternative
def drawn_ahead_and_arrays_back(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    losses_D, losses_G = np.zeros((rounds, k)), torch.zeros(rounds, dtype=torch.float64)
    for i in range(rounds):
        batches = [next_batch() for _ in range(k)]
        noises = [draw_noise(len(real)) for real in [*batches, batches[-1]]]
        for j, real in enumerate(batches):
            losses_D[i, j] = _step_D(G, D, optimizer_D, real, noises[j]).item()
        D.requires_grad_(False)
        losses_G[i] = _step_G(G, D, optimizer_G, noises[k])
        D.requires_grad_(True)
    return losses_D.reshape(-1), losses_G


@train_gan.alternative
def with_the_other_alternatives(G, D, optimizer_G, optimizer_D, next_batch, draw_noise, rounds, k):
    return _train(
        G,
        D,
        optimizer_G,
        optimizer_D,
        next_batch,
        draw_noise,
        rounds,
        k,
        two_backward_passes,
        with_frozen_discriminator,
    )
