import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import (
    PAGE,
    descend,
    draw_model,
    draw_normal,
    kl_of,
    negative_elbo_of,
    nll_of,
    sample_of,
)

# vae_step

vae_step = Exercise(
    "vae_step",
    signature="vae_step(model: VariationalAutoencoder, optimizer: Optimizer, x: (N, D) tensor, noise: (N, Z) tensor) -> loss, a float",
    outputs=("losses", "parameters"),
    points=3,
    driver="vae.steps",
    uses=("reparametrize", "elbo"),
    section=f"{PAGE}training",
)


def _step_case(random, sizes, D, H, Z, optimizer):
    return {
        **draw_model(random, D, H, Z),
        "optimizer_recipe": optimizer,
        "x": [torch.from_numpy(random.random((N, D))) for N in sizes],
        "noise": [draw_normal(random, N, Z) for N in sizes],
    }


@vae_step.case("three steps of SGD")
def _(random):
    return _step_case(random, [5, 5, 4], 6, 4, 3, {"name": "SGD", "lr": 0.05})


@vae_step.case("four steps of Adam")
def _(random):
    return _step_case(random, [4, 4, 4, 4], 7, 5, 2, {"name": "Adam", "lr": 0.02})


@vae_step.case("one image, one step")
def _(random):
    return _step_case(random, [1], 5, 3, 2, {"name": "SGD", "lr": 0.1})


@vae_step.case("two steps on one image each, two latent variables, Adam")
def _(random):
    return _step_case(random, [1, 1], 4, 3, 2, {"name": "Adam", "lr": 0.05})


@vae_step.case("two steps with momentum, as many images as pixels and latent variables")
def _(random):
    return _step_case(random, [3, 3], 3, 3, 3, {"name": "SGD", "lr": 0.05, "momentum": 0.9})


@vae_step.case("six steps with momentum", secret=True)
def _(random):
    return _step_case(
        random, [9, 8, 7, 6, 5, 1], 13, 8, 4, {"name": "SGD", "lr": 0.02, "momentum": 0.8}
    )


@vae_step.reference
def _(model, optimizer, x, noise):
    from autograder.kernels.negative_elbo import negative_elbo
    from autograder.kernels.reparametrize import reparametrize as sample

    mean, log_variance = model.encode(x)
    logits = model.decode(sample(mean, log_variance, noise))
    loss = negative_elbo(logits, x, mean, log_variance).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@vae_step.mistake(
    "gradients_not_zeroed",
    "The gradients of earlier steps are still there when the new ones arrive: backward() adds to .grad. "
    "They have to be cleared once in each step.",
)
def _(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


@vae_step.mistake(
    "nothing_moves",
    "No parameter moved. The optimiser's step is not called, or there are no gradients when it is, because they were "
    "cleared or are computed only later.",
)
def _(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@vae_step.mistake(
    "ascends_the_loss",
    "The parameters moved uphill: the optimiser minimises what you call backward() on, "
    "and the ELBO is to be made larger.",
)
def _(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    return -descend(optimizer, -loss)


@vae_step.mistake(
    "bound_for_loss",
    "The step is right, the number returned is not: it is the ELBO, and the loss is its negative.",
)
def _(model, optimizer, x, noise):
    return -descend(optimizer, negative_elbo_of(model, x, noise).mean())


@vae_step.mistake(
    "divergence_sign",
    "The divergence enters the loss with a minus: the step drives the posteriors away from the prior.",
)
def _(model, optimizer, x, noise):
    return descend(
        optimizer, negative_elbo_of(model, x, noise, kl=lambda m, v: -kl_of(m, v)).mean()
    )


@vae_step.mistake(
    "divergence_missing",
    "The divergence is missing in the loss: this trains an autoencoder with noise, "
    "and nothing keeps its codes where the prior will look for them.",
)
def _(model, optimizer, x, noise):
    return descend(optimizer, negative_elbo_of(model, x, noise, kl=lambda m, v: 0.0).mean())


@vae_step.mistake(
    "mean_decoded",
    "You decoded the mean of the posterior. The expectation in the ELBO is over q(z|x): "
    "decode a sample, made with the noise you are given.",
)
def _(model, optimizer, x, noise):
    return descend(optimizer, negative_elbo_of(model, x, noise, sample=lambda m, v, e: m).mean())


@vae_step.mistake(
    "sample_cut_off",
    "The sample was cut off from the encoder (detach, no_grad or .data): "
    "the reconstruction no longer teaches it anything, only the divergence does.",
)
def _(model, optimizer, x, noise):
    cut = negative_elbo_of(model, x, noise, sample=lambda m, v, e: sample_of(m, v, e).detach())
    return descend(optimizer, cut.mean())


@vae_step.mistake(
    "sum_over_batch",
    "The loss is summed over the batch: the step grows with the number of images. Take the mean.",
)
def _(model, optimizer, x, noise):
    return descend(optimizer, negative_elbo_of(model, x, noise).sum())


@vae_step.mistake(
    "variance_for_deviation",
    "The noise is stretched by the variance in place of the standard deviation.",
    f"{PAGE}reparametrization",
)
def _(model, optimizer, x, noise):
    stretched = negative_elbo_of(model, x, noise, sample=lambda m, v, e: m + v.exp() * e)
    return descend(optimizer, stretched.mean())


@vae_step.mistake(
    "loss_after_the_step",
    "You returned the loss of the updated model. The loss asked for is the one whose gradient was used, "
    "from before the step.",
)
def _(model, optimizer, x, noise):
    descend(optimizer, negative_elbo_of(model, x, noise).mean())
    return negative_elbo_of(model, x, noise).mean().item()


@vae_step.mistake(
    "step_before_backward",
    "The optimiser steps before backward() has computed this batch's gradient: it moves by what was left from before.",
)
def _(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@vae_step.mistake("step_before_backward")
def _(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    optimizer.step()
    loss.backward()
    return loss.item()


@vae_step.mistake(
    "encoder_frozen",
    "The encoder never moves: it runs without a graph (no_grad or detach), and nothing reaches its parameters.",
)
def _(model, optimizer, x, noise):
    with torch.no_grad():
        mean, log_variance = model.encode(x)
    logits = model.decode(sample_of(mean, log_variance, noise))
    return descend(optimizer, (nll_of(logits, x) + kl_of(mean, log_variance)).mean())


@vae_step.mistake(
    "decoder_frozen",
    "The decoder never moves: it runs without a graph (no_grad or detach), and the reconstruction teaches nothing.",
)
def _(model, optimizer, x, noise):
    mean, log_variance = model.encode(x)
    with torch.no_grad():
        logits = model.decode(sample_of(mean, log_variance, noise))
    return descend(optimizer, (nll_of(logits, x) + kl_of(mean, log_variance)).mean())


@vae_step.mistake(
    "half_outside",
    "The noise is stretched by half the variance: the ½ belongs to the logarithm.",
    f"{PAGE}reparametrization",
)
def _(model, optimizer, x, noise):
    halved = negative_elbo_of(model, x, noise, sample=lambda m, v, e: m + v.exp() / 2 * e)
    return descend(optimizer, halved.mean())


@vae_step.mistake(
    "deviation_forgotten",
    "The noise is added as it comes: σ is missing in the sample.",
    f"{PAGE}reparametrization",
)
def _(model, optimizer, x, noise):
    return descend(
        optimizer, negative_elbo_of(model, x, noise, sample=lambda m, v, e: m + e).mean()
    )


@vae_step.mistake(
    "mean_over_pixels",
    "The reconstruction is averaged over the pixels: the divergence outweighs it.",
    f"{PAGE}elbo",
)
def _(model, optimizer, x, noise):
    averaged = negative_elbo_of(
        model, x, noise, nll=lambda logits, x: nll_of(logits, x) / x.shape[1]
    )
    return descend(optimizer, averaged.mean())


@vae_step.mistake(
    "mean_over_latent",
    "The divergence is averaged over the latent variables in place of summed.",
    f"{PAGE}kl",
)
def _(model, optimizer, x, noise):
    averaged = negative_elbo_of(model, x, noise, kl=lambda m, v: kl_of(m, v) / m.shape[1])
    return descend(optimizer, averaged.mean())


@vae_step.mistake(
    "reconstruction_missing",
    "The reconstruction is missing in the loss: the decoder is never told what to paint.",
)
def _(model, optimizer, x, noise):
    mean, log_variance = model.encode(x)
    return descend(optimizer, kl_of(mean, log_variance).mean())


@vae_step.mistake(
    "two_updates",
    "The optimiser steps twice in one call.",
)
def _(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    optimizer.step()
    return loss.item()


@vae_step.alternative
def cleared_at_the_end(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.item()


@vae_step.alternative
def loss_as_tensor(model, optimizer, x, noise):
    mean, log_variance = model.encode(x)
    z = mean + log_variance.exp().sqrt() * noise
    reconstruction = binary_cross_entropy_with_logits(model.decode(z), x, reduction="sum")
    loss = (reconstruction + kl_of(mean, log_variance).sum()) / x.shape[0]
    model.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@vae_step.alternative
def gradients_by_hand(model, optimizer, x, noise):
    loss = negative_elbo_of(model, x, noise).mean()
    parameters = list(model.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.item()
