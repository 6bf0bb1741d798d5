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
    loss_D,
    mlp_state,
)
from dlarch.checks_file import Part

SIDE_EFFECTS = (
    "generator",
    "generator_gradient",
    "generator_requires_grad",
    "generator_mode",
    "discriminator_mode",
    "trained",
    "first_loss",
)
"""All but the losses and the discriminator; without a loss that is right, noise would have them too."""

discriminator_step = Exercise(
    "discriminator_step",
    signature=(
        "discriminator_step(generator: Module, discriminator: Module, optimizer: Optimizer, "
        "real: (N, D) tensor, noise: (N, Z) tensor) -> loss: 0-d tensor or float"
    ),
    outputs=(
        "loss",
        "discriminator",
        "generator",
        "generator_gradient",
        "generator_requires_grad",
        "generator_mode",
        "discriminator_mode",
        "trained",
        "first_loss",
    ),
    parts={
        "update": Part(2, outputs=("loss", "discriminator")),
        "side_effects": Part(1, outputs=SIDE_EFFECTS),
    },
    driver="gan.discriminator_steps",
    uses=("discriminator_loss",),
    section=f"{PAGE}#gan-discriminator-step",
)


def _discriminator_case(
    random: Random,
    sizes: list[int],
    optimizer: Arguments,
    left_over: bool,
    Z: int = 3,
    hidden: int = 4,
    D: int = 2,
) -> Arguments:
    networks = draw_networks(random, Z, hidden, D)
    gradient = mlp_state(random, networks["discriminator"]["sizes"]) if left_over else None
    return {
        **networks,
        "discriminator_gradient": gradient,
        "optimizer_recipe": optimizer,
        "real": draw_batches(random, sizes, D, mean=1.0),
        "noise": draw_batches(random, sizes, Z),
    }


@discriminator_step.case("one step of gradient descent, as much noise as features")
def _(random: Random) -> Arguments:
    return _discriminator_case(random, [5], {"name": "SGD", "lr": 0.5}, left_over=False, Z=2)


@discriminator_step.case("gradients left by the generator's step")
def _(random: Random) -> Arguments:
    return _discriminator_case(random, [7], {"name": "SGD", "lr": 0.3}, left_over=True)


@discriminator_step.case("three steps, momentum, batches of 6, 4 and 1")
def _(random: Random) -> Arguments:
    optimizer = {"name": "SGD", "lr": 0.2, "momentum": 0.8}
    return _discriminator_case(random, [6, 4, 1], optimizer, left_over=False)


@discriminator_step.case("two steps of Adam")
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.05, "betas": [0.5, 0.999]}
    return _discriminator_case(random, [5, 3], optimizer, left_over=True)


@discriminator_step.case("five steps of Adam, wider networks", secret=True)
def _(random: Random) -> Arguments:
    optimizer = {"name": "Adam", "lr": 0.02, "betas": [0.5, 0.999]}
    return _discriminator_case(
        random, [16, 33, 8, 5, 1], optimizer, left_over=True, Z=5, hidden=17, D=3
    )


@discriminator_step.reference
def _(
    generator: nn.Module,
    discriminator: nn.Module,
    optimizer: Optimizer,
    real: torch.Tensor,
    noise: torch.Tensor,
) -> torch.Tensor:
    from autograder.kernels.gan_losses import discriminator_loss

    with torch.no_grad():
        fake = generator(noise)
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@discriminator_step.mistake(
    "gradient_left_in_generator",
    "D is updated rightly, but the backward pass also went through G and left gradients there, "
    "which the generator's step would take for its own. Cut the graph at the generated samples.",
)
def _(generator, discriminator, optimizer, real, noise):
    return descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise))))


@discriminator_step.mistake(
    "not_zeroed",
    "Gradients are never set to zero: what the generator's step, or the step before, left in D "
    "is added to this one.",
)
def _(generator, discriminator, optimizer, real, noise):
    loss = loss_D(discriminator(real), discriminator(generator(noise).detach()))
    loss.backward()
    optimizer.step()
    return loss.detach()


@discriminator_step.mistake(
    "not_zeroed_not_detached",
    "Two things: gradients are never set to zero, so what was left in D is added to this step; and "
    "the backward pass runs on into G and leaves gradients there.",
)
def _(generator, discriminator, optimizer, real, noise):
    loss = loss_D(discriminator(real), discriminator(generator(noise)))
    loss.backward()
    optimizer.step()
    return loss.detach()


@discriminator_step.mistake(
    "logits_detached",
    "The generated samples teach D nothing: the gradient of their term is lost. Either the graph is cut after D in place "
    "of between G and D, or gradients are set to zero between two backward passes.",
)
def _(generator, discriminator, optimizer, real, noise):
    return descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise)).detach()))


@discriminator_step.mistake(
    "did_not_move",
    "The loss is right, but D's parameters are the same after the call: `optimizer.step()` is missing, or there are "
    "no gradients when it is called, because they were set to zero or are computed only later.",
)
def _(generator, discriminator, optimizer, real, noise):
    loss = loss_D(discriminator(real), discriminator(generator(noise).detach()))
    loss.backward()
    optimizer.zero_grad()
    return loss.detach()


@discriminator_step.mistake(
    "two_updates",
    "D makes two steps in one call, one for the data and one for the generated samples. "
    "The task asks for one step on the sum of both terms.",
)
def _(generator, discriminator, optimizer, real, noise):
    real_loss = descend(optimizer, functional.softplus(-discriminator(real)).mean())
    fake = generator(noise).detach()
    return real_loss + descend(optimizer, functional.softplus(discriminator(fake)).mean())


@discriminator_step.mistake(
    "labels_swapped",
    "D is trained towards the wrong labels: data as generated, generated samples as data. "
    "Which argument of `discriminator_loss` comes first?",
)
def _(generator, discriminator, optimizer, real, noise):
    return descend(optimizer, loss_D(discriminator(generator(noise).detach()), discriminator(real)))


@discriminator_step.mistake(
    "ascent",
    "D moves uphill on its loss. The optimiser descends on what you give it, "
    "and `discriminator_loss` is −V already: no further minus sign.",
)
def _(generator, discriminator, optimizer, real, noise):
    return descend(
        optimizer, -loss_D(discriminator(real), discriminator(generator(noise).detach()))
    )


@discriminator_step.mistake(
    "noise_as_fake",
    "The noise itself goes into D. The generated samples are G(z).",
)
def _(generator, discriminator, optimizer, real, noise):
    return descend(optimizer, loss_D(discriminator(real), discriminator(noise)))


@discriminator_step.mistake(
    "generator_left_frozen",
    "D is updated rightly, but G's parameters no longer require gradients afterwards: "
    "the next generator step cannot train them. Undo `requires_grad_(False)`, or do without it.",
)
def _(generator, discriminator, optimizer, real, noise):
    generator.requires_grad_(False)
    return descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise))))


@discriminator_step.mistake(
    "mode_left_changed",
    "A network is left in evaluation mode: whoever trains it next finds dropout and batch normalisation switched to "
    "another behaviour. A step leaves the modes as it found them.",
)
def _(generator, discriminator, optimizer, real, noise):
    generator.eval()
    return descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise).detach())))


@discriminator_step.mistake("mode_left_changed")
def _(generator, discriminator, optimizer, real, noise):
    discriminator.eval()
    return descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise).detach())))


@discriminator_step.mistake("mode_left_changed")
def _(generator, discriminator, optimizer, real, noise):
    generator.eval()
    discriminator.eval()
    return descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise).detach())))


@discriminator_step.mistake(
    "loss_after_the_step",
    "The step is right, but the loss returned is that of the network after it. The task asks for the loss before the step, "
    "the one whose gradient was used.",
)
def _(generator, discriminator, optimizer, real, noise):
    descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise).detach())))
    return loss_D(discriminator(real), discriminator(generator(noise).detach())).detach()


@discriminator_step.mistake(
    "step_before_backward",
    "The optimiser steps before backward() has computed this batch's gradient: it moves by what was left from before.",
)
def _(generator, discriminator, optimizer, real, noise):
    loss = loss_D(discriminator(real), discriminator(generator(noise).detach()))
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.detach()


@discriminator_step.mistake("step_before_backward")
def _(generator, discriminator, optimizer, real, noise):
    loss = loss_D(discriminator(real), discriminator(generator(noise).detach()))
    optimizer.step()
    loss.backward()
    return loss.detach()


@discriminator_step.mistake(
    "data_term_lost",
    "The data teach D nothing: the gradient of their term is lost, cut off or set to zero between two backward passes that "
    "belong to one step.",
)
def _(generator, discriminator, optimizer, real, noise):
    real_loss = functional.softplus(-discriminator(real)).mean()
    real_loss.backward()
    fake = generator(noise).detach()
    return real_loss.detach() + descend(optimizer, functional.softplus(discriminator(fake)).mean())


@discriminator_step.mistake("logits_detached")
def _(generator, discriminator, optimizer, real, noise):
    fake_loss = functional.softplus(discriminator(generator(noise).detach())).mean()
    fake_loss.backward()
    return fake_loss.detach() + descend(optimizer, functional.softplus(-discriminator(real)).mean())


@discriminator_step.mistake(
    "generator_steps_too",
    "G's parameters changed during D's step. D's loss moves D alone.",
)
def _(generator, discriminator, optimizer, real, noise):
    generator.zero_grad()
    loss = descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise))))
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
            parameter.grad = None
    return loss


@discriminator_step.mistake(
    "halved",
    "D descends on half the sum of the two terms. `discriminator_loss` is their sum.",
)
def _(generator, discriminator, optimizer, real, noise):
    return descend(
        optimizer, loss_D(discriminator(real), discriminator(generator(noise).detach())) / 2
    )


@discriminator_step.mistake(
    "loss_negated",
    "The step is right, but the number returned is V: the loss is −V.",
)
def _(generator, discriminator, optimizer, real, noise):
    return -descend(
        optimizer, loss_D(discriminator(real), discriminator(generator(noise).detach()))
    )


@discriminator_step.alternative
def detached(generator, discriminator, optimizer, real, noise):
    discriminator.zero_grad(set_to_none=False)
    loss = loss_D(discriminator(real), discriminator(generator(noise).detach()))
    loss.backward()
    optimizer.step()
    return loss


@discriminator_step.alternative
def not_detached_but_zeroed(generator, discriminator, optimizer, real, noise):
    loss = descend(optimizer, loss_D(discriminator(real), discriminator(generator(noise))))
    generator.zero_grad(set_to_none=False)
    return loss.item()


@discriminator_step.alternative
def two_backward_passes(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    fake_loss = functional.softplus(discriminator(generator(noise).detach())).mean()
    fake_loss.backward()
    real_loss = functional.softplus(-discriminator(real)).mean()
    real_loss.backward()
    optimizer.step()
    return real_loss + fake_loss


@discriminator_step.alternative
def one_pass_over_both(generator, discriminator, optimizer, real, noise):
    generator.requires_grad_(False)
    logits = discriminator(torch.cat([real, generator(noise)]))
    generator.requires_grad_(True)
    return descend(optimizer, loss_D(logits[: len(real)], logits[len(real) :]))


@discriminator_step.alternative
def with_explicit_gradients(generator, discriminator, optimizer, real, noise):
    loss = loss_D(discriminator(real), discriminator(generator(noise)))
    parameters = list(discriminator.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss
