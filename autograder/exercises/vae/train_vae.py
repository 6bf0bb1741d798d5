import numpy as np
import torch

from autograder.exercise import Exercise
from autograder.exercises.vae.shared import (
    PAGE,
    descend,
    draw_model,
    draw_normal,
    kl_of,
    negative_elbo_of,
    nll_of,
)
from autograder.exercises.vae.vae_step import loss_as_tensor, vae_step
from dlarch.checks_file import Part
from dlarch.compare import Bound

# train_vae

MNIST = "MNIST"

STEPS = (
    "seven images in batches of three",
    "whole batches, Adam",
    "one batch for all, smaller than asked for",
    "one epoch, images one by one",
    "eleven images in batches of four",
)

train_vae = Exercise(
    "train_vae",
    signature=(
        "train_vae(model: VariationalAutoencoder, optimizer: Optimizer, x: (N, D) tensor, epochs: int, "
        "batch_size: int, shuffle: function, draw_noise: function) -> list of epochs floats"
    ),
    outputs=("losses", "parameters", "test_elbo"),
    parts={
        "steps": Part(2, outputs=("losses", "parameters"), cases=STEPS),
        "mnist": Part(2, outputs=("test_elbo",), cases=(MNIST,)),
    },
    driver="vae.train",
    uses=("vae_step",),
    bounds={"test_elbo": Bound(low=-120.5, high=-110.0)},
    section=f"{PAGE}training",
)


def _train_case(random, N, D, H, Z, epochs, batch_size, optimizer):
    return {
        **draw_model(random, D, H, Z),
        "optimizer_recipe": optimizer,
        "epochs": epochs,
        "batch_size": batch_size,
        "x": torch.from_numpy(random.random((N, D))),
        "orders": torch.from_numpy(np.stack([random.permutation(N) for _ in range(epochs)])),
        "noise": draw_normal(random, epochs * N, Z),
    }


@train_vae.case(STEPS[0])
def _(random):
    return _train_case(random, 7, 6, 5, 2, 2, 3, {"name": "SGD", "lr": 0.05})


@train_vae.case(STEPS[1])
def _(random):
    return _train_case(random, 6, 5, 4, 3, 3, 2, {"name": "Adam", "lr": 0.02})


@train_vae.case(STEPS[2])
def _(random):
    return _train_case(random, 4, 5, 3, 2, 2, 9, {"name": "SGD", "lr": 0.05})


@train_vae.case(STEPS[3])
def _(random):
    return _train_case(random, 3, 4, 3, 2, 1, 1, {"name": "SGD", "lr": 0.05, "momentum": 0.8})


@train_vae.case(STEPS[4], secret=True)
def _(random):
    return _train_case(random, 11, 9, 7, 4, 4, 4, {"name": "Adam", "lr": 0.01})


@train_vae.case(MNIST)
def _(random):
    return {
        "model": {"factory": "vae", "inputs": 784, "hidden": 200, "latent": 10},
        "optimizer_recipe": {"name": "Adam", "lr": 0.006},
        "epochs": 6,
        "batch_size": 160,
        "mnist": {"train": 8000, "test": 2000, "seed": int(random.integers(2**31))},
    }


def _batches(order, batch_size):
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


@train_vae.reference
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in _batches(shuffle(len(x)), batch_size):
            total += len(batch) * vae_step.reference_answer(
                model, optimizer, x[batch], draw_noise(len(batch))
            )
        losses.append(total / len(x))
    return losses


def _plain_step(model, optimizer, x, noise, **variant):
    return descend(optimizer, negative_elbo_of(model, x, noise, **variant).mean())


def _train(model, optimizer, x, epochs, batch_size, shuffle, draw_noise, **variant):
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in _batches(shuffle(len(x)), batch_size):
            noise = draw_noise(len(batch))
            total += len(batch) * _plain_step(model, optimizer, x[batch], noise, **variant)
        losses.append(total / len(x))
    return losses


@train_vae.mistake(
    "last_batch_dropped",
    "The last images of each epoch are never used: when the batch size does not divide N, "
    "the smaller batch at the end counts too.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        full = [b for b in _batches(shuffle(len(x)), batch_size) if len(b) == batch_size]
        steps = [_plain_step(model, optimizer, x[b], draw_noise(len(b))) for b in full]
        losses.append(sum(steps) / len(steps))
    return losses


@train_vae.mistake(
    "shuffled_once",
    "You shuffled once, before the first epoch. Call shuffle in every epoch, "
    "or the same images share a batch for ever.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    order = shuffle(len(x))
    return _train(model, optimizer, x, epochs, batch_size, lambda N: order, draw_noise)


@train_vae.mistake(
    "not_shuffled",
    "The images are visited in the order in which they came. Each epoch visits them in the order of shuffle(N).",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(model, optimizer, x, epochs, batch_size, torch.arange, draw_noise)


@train_vae.mistake(
    "noise_drawn_once",
    "The noise was drawn once and used in every step. Fresh noise for each mini-batch makes the loss "
    "an unbiased estimate; fixed noise can be learnt by heart.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    kept = draw_noise(batch_size)
    return _train(model, optimizer, x, epochs, batch_size, shuffle, lambda n: kept[:n])


@train_vae.mistake(
    "one_noise_per_batch",
    "One row of noise serves the whole batch. Each image needs a row of its own: draw as many as the batch has images.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, lambda n: draw_noise(1).expand(n, -1)
    )


@train_vae.mistake(
    "one_step_per_epoch",
    "Only the last batch of each epoch is used for a step: look at the indentation, "
    "the step belongs inside the loop over the batches.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        batch = _batches(shuffle(len(x)), batch_size)[-1]
        losses.append(_plain_step(model, optimizer, x[batch], draw_noise(len(batch))))
    return losses


@train_vae.mistake(
    "mean_of_batch_means",
    "The training is right, the loss reported is not the mean over the images: the last, smaller batch "
    "counts as much as the others. Weight each batch by its number of images.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        steps = []
        for batch in _batches(shuffle(len(x)), batch_size):
            steps.append(_plain_step(model, optimizer, x[batch], draw_noise(len(batch))))
        losses.append(sum(steps) / len(steps))
    return losses


@train_vae.mistake(
    "last_batch_reported",
    "The training is right, but the loss reported is that of the last batch alone. "
    "Report the mean over all images of the epoch.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        for batch in _batches(shuffle(len(x)), batch_size):
            loss = _plain_step(model, optimizer, x[batch], draw_noise(len(batch)))
        losses.append(loss)
    return losses


@train_vae.mistake(
    "variance_for_deviation",
    "The loop is right, but the noise is stretched by the variance in place of the standard deviation.",
    f"{PAGE}reparametrization",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, draw_noise,
        sample=lambda m, v, e: m + v.exp() * e,
    )  # fmt: skip


@train_vae.mistake(
    "mean_over_latent",
    "The loop is right, but the divergence is averaged over the latent variables in place of summed.",
    f"{PAGE}kl",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, draw_noise,
        kl=lambda m, v: kl_of(m, v) / m.shape[1],
    )  # fmt: skip


@train_vae.mistake(
    "mean_over_pixels",
    "The loop is right, but the reconstruction is averaged over the pixels: the divergence outweighs it.",
    f"{PAGE}elbo",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, draw_noise,
        nll=lambda logits, x: nll_of(logits, x) / x.shape[1],
    )  # fmt: skip


@train_vae.mistake(
    "shuffled_again",
    "You bring images into a new order that an earlier epoch has shuffled already: then shuffle's order counts from another "
    "one. It is an order of the images as they came.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = []
    for _ in range(epochs):
        x = x[shuffle(len(x))]
        losses += _train(model, optimizer, x, 1, batch_size, torch.arange, draw_noise)
    return losses


@train_vae.mistake(
    "noise_for_a_full_batch",
    "For the last, smaller batch you draw as many rows of noise as for a full one and leave some unused. Draw as many as the "
    "batch has images.",
)
def _(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    return _train(
        model, optimizer, x, epochs, batch_size, shuffle, lambda n: draw_noise(batch_size)[:n]
    )


@train_vae.alternative
def noise_of_the_whole_epoch(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = torch.zeros(epochs, dtype=torch.float64)
    for epoch in range(epochs):
        order, noise = shuffle(len(x)), draw_noise(len(x))
        for rows, eps in zip(order.split(batch_size), noise.split(batch_size), strict=True):
            losses[epoch] += _plain_step(model, optimizer, x[rows], eps) * len(rows) / len(x)
    return losses


@train_vae.alternative
def with_index_select(model, optimizer, x, epochs, batch_size, shuffle, draw_noise):
    losses = [0.0] * epochs
    for epoch in range(epochs):
        images = x.index_select(0, shuffle(x.shape[0]))
        start = 0
        while start < len(images):
            part = images[start : start + batch_size]
            loss = loss_as_tensor(model, optimizer, part, draw_noise(part.shape[0]))
            losses[epoch] += loss * len(part) / len(x)
            start += batch_size
    return losses
