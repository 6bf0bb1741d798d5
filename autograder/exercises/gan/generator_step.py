import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.gan.shared import (
    PAGE,
    Arguments,
    Optimizer,
    Random,
    descend,
    draw_batches,
    draw_networks,
    loss_G,
    mlp_state,
)
from dlarch.checks_file import Part

SIDE_EFFECTS = (
    "discriminator",
    "discriminator_requires_grad",
    "generator_mode",
    "discriminator_mode",
    "trained",
    "first_loss",
)
"""All but the losses and the generator; without a loss that is right, noise would have them too."""

generator_step = Exercise(
    "generator_step",
    signature=(
        "generator_step(generator: Module, discriminator: Module, optimizer: Optimizer, "
        "noise: (N, Z) tensor) -> loss: 0-d tensor or float"
    ),
    outputs=(
        "loss",
        "generator",
        "discriminator",
        "discriminator_requires_grad",
        "generator_mode",
        "discriminator_mode",
        "trained",
        "first_loss",
    ),
    parts={
        "update": Part(2, outputs=("loss", "generator")),
        "side_effects": Part(1, outputs=SIDE_EFFECTS),
    },
    driver="gan.generator_steps",
    uses=("generator_loss",),
    section=f"{PAGE}#gan-generator-step",
)


def _generator_case(
    random: Random,
    sizes: list[int],
    optimizer: Arguments,
    left_over: bool,
    Z: int = 2,
    hidden: int = 5,
    D: int = 3,
) -> Arguments:
    networks = draw_networks(random, Z, hidden, D)
    gradient = mlp_state(random, networks["generator"]["sizes"]) if left_over else None
    return {
        **networks,
        "generator_gradient": gradient,
        "optimizer_recipe": optimizer,
        "noise": draw_batches(random, sizes, Z),
    }


@generator_step.case("one step of gradient descent")
def _(random: Random) -> Arguments:
    return _generator_case(random, [5], {"name": "SGD", "lr": 0.5}, left_over=False)


@generator_step.case("gradients left by the discriminator's step")
def _(random: Random) -> Arguments:
    return _generator_case(random, [7], {"name": "SGD", "lr": 0.3}, left_over=True)


@generator_step.case("three steps, momentum, batches of 6, 4 and 1")
def _(random: Random) -> Arguments:
    optimizer = {"name": "SGD", "lr": 0.2, "momentum": 0.8}
    return _generator_case(random, [6, 4, 1], optimizer, left_over=False)


@generator_step.case("two steps of Adam")
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.05, "betas": [0.5, 0.999]}
    return _generator_case(random, [5, 3], optimizer, left_over=True)


@generator_step.case("five steps of Adam, wider networks", secret=True)
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.02, "betas": [0.5, 0.999]}
    return _generator_case(
        random, [16, 33, 8, 7, 1], optimizer, left_over=True, Z=5, hidden=17, D=4
    )


@generator_step.reference
def _(
    generator: nn.Module, discriminator: nn.Module, optimizer: Optimizer, noise: torch.Tensor
) -> torch.Tensor:
    from autograder.kernels.gan_losses import generator_loss

    loss = generator_loss(discriminator(generator(noise)), "non-saturating")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@generator_step.mistake(
    "did_not_move",
    "The loss is right, but G's parameters are the same after the call: `optimizer.step()` is missing, or there are no "
    "gradients when it is called, because they were set to zero, are computed only later, or do not reach G (`detach` and "
    "`no_grad` belong to D's step, not here).",
)
def _(generator, discriminator, optimizer, noise):
    return descend(optimizer, loss_G(discriminator(generator(noise).detach())))


@generator_step.mistake(
    "not_zeroed",
    "Gradients are never set to zero: what D's step, or the step before, left in G is added to this one.",
)
def _(generator, discriminator, optimizer, noise):
    loss = loss_G(discriminator(generator(noise)))
    loss.backward()
    optimizer.step()
    return loss.detach()


@generator_step.mistake(
    "saturating",
    "G descends on mean log(1 − D(G(z))), the saturating loss. At the beginning D is sure, "
    "and this loss has almost no slope there; the task asks for the non-saturating one.",
    f"{PAGE}#gan-saturation",
)
def _(generator, discriminator, optimizer, noise):
    return descend(optimizer, -functional.softplus(discriminator(generator(noise))).mean())


@generator_step.mistake(
    "helps_discriminator",
    "G descends on the discriminator's loss: it learns to be told apart. "
    "In its own step G wants its samples to be taken for data.",
)
def _(generator, discriminator, optimizer, noise):
    return descend(optimizer, functional.softplus(discriminator(generator(noise))).mean())


@generator_step.mistake(
    "ascent",
    "G moves uphill on its loss. The optimiser descends on what you give it, "
    "and `generator_loss` has its minus sign already.",
)
def _(generator, discriminator, optimizer, noise):
    return descend(optimizer, -loss_G(discriminator(generator(noise))))


@generator_step.mistake(
    "discriminator_left_frozen",
    "G is updated rightly, but D's parameters no longer require gradients afterwards: "
    "D's next step cannot train them. Undo `requires_grad_(False)`, or do without it.",
)
def _(generator, discriminator, optimizer, noise):
    discriminator.requires_grad_(False)
    return descend(optimizer, loss_G(discriminator(generator(noise))))


@generator_step.mistake(
    "discriminator_trained_too",
    "D's parameters changed during G's step. In this step D is only the judge: "
    "the gradient passes through it to G, and the optimiser moves G alone.",
)
def _(generator, discriminator, optimizer, noise):
    discriminator.zero_grad()
    loss = descend(optimizer, loss_G(discriminator(generator(noise))))
    with torch.no_grad():
        for parameter in discriminator.parameters():
            parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
    return loss


@generator_step.mistake(
    "mode_left_changed",
    "A network is left in evaluation mode: whoever trains it next finds dropout and batch normalisation switched to "
    "another behaviour. A step leaves the modes as it found them.",
)
def _(generator, discriminator, optimizer, noise):
    generator.eval()
    return descend(optimizer, loss_G(discriminator(generator(noise))))


@generator_step.mistake("mode_left_changed")
def _(generator, discriminator, optimizer, noise):
    discriminator.eval()
    return descend(optimizer, loss_G(discriminator(generator(noise))))


@generator_step.mistake("mode_left_changed")
def _(generator, discriminator, optimizer, noise):
    generator.eval()
    discriminator.eval()
    return descend(optimizer, loss_G(discriminator(generator(noise))))


@generator_step.mistake(
    "loss_after_the_step",
    "The step is right, but the loss returned is that of the network after it. The task asks for the loss before the step, "
    "the one whose gradient was used.",
)
def _(generator, discriminator, optimizer, noise):
    descend(optimizer, loss_G(discriminator(generator(noise))))
    return loss_G(discriminator(generator(noise))).detach()


@generator_step.mistake(
    "step_before_backward",
    "The optimiser steps before backward() has computed this batch's gradient: it moves by what was left from before.",
)
def _(generator, discriminator, optimizer, noise):
    loss = loss_G(discriminator(generator(noise)))
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.detach()


@generator_step.mistake("step_before_backward")
def _(generator, discriminator, optimizer, noise):
    loss = loss_G(discriminator(generator(noise)))
    optimizer.step()
    loss.backward()
    return loss.detach()


@generator_step.mistake(
    "loss_negated",
    "The step is right, but the number returned has the wrong sign: this loss is never negative.",
)
def _(generator, discriminator, optimizer, noise):
    return -descend(optimizer, loss_G(discriminator(generator(noise))))


@generator_step.mistake(
    "mean_of_logits",
    "G descends on the mean of the logits: that is the loss of the Wasserstein GAN. The task asks for the non-saturating "
    "`generator_loss`.",
    f"{PAGE}#gan-saturation",
)
def _(generator, discriminator, optimizer, noise):
    return descend(optimizer, -discriminator(generator(noise)).mean())


@generator_step.alternative
def with_frozen_discriminator(generator, discriminator, optimizer, noise):
    discriminator.requires_grad_(False)
    loss = descend(optimizer, loss_G(discriminator(generator(noise))))
    discriminator.requires_grad_(True)
    return loss.item()


@generator_step.alternative
def zeroing_both(generator, discriminator, optimizer, noise):
    generator.zero_grad(set_to_none=False)
    discriminator.zero_grad()
    loss = -functional.logsigmoid(discriminator(generator(noise))).mean()
    loss.backward()
    optimizer.step()
    return loss


@generator_step.alternative
def explicit_gradients(generator, discriminator, optimizer, noise):
    loss = loss_G(discriminator(generator(noise)))
    parameters = list(generator.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss
