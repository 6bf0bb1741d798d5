from itertools import pairwise

import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import (
    PAGE,
    conv_relu,
    conv_relu_on_kernels,
    draw,
)

vgg_block = Exercise(
    "vgg_block",
    signature=(
        "vgg_block(x: (N, C, H, W) tensor, weights: list of (F, C, 3, 3) tensors, biases: list of (F,) tensors) "
        "-> (N, F, H // 2, W // 2) tensor"
    ),
    outputs=("y",),
    points=1,
    form="transcribe",
    section=f"{PAGE}vgg",
)


def _case(random, N, sides, channels):
    pairs = list(pairwise(channels))
    return {
        "x": draw(random, N, channels[0], *sides),
        "weights": [draw(random, F, C, 3, 3, scale=(4.5 * C) ** -0.5) for C, F in pairs],
        "biases": [draw(random, F, scale=0.4) for _, F in pairs],
    }


@vgg_block.case("two convolutions, odd sides")
def _(random):
    return _case(random, 2, (5, 7), (3, 4, 6))


@vgg_block.case("one convolution, one image")
def _(random):
    return _case(random, 1, (4, 6), (2, 5))


@vgg_block.case("three convolutions, fewer filters than channels")
def _(random):
    return _case(random, 3, (6, 3), (5, 4, 3, 2))


@vgg_block.case("a map of two pixels by two")
def _(random):
    return _case(random, 2, (2, 2), (2, 3, 4))


@vgg_block.case("four convolutions", secret=True)
def _(random):
    return _case(random, 4, (9, 12), (3, 6, 5, 7, 4))


@vgg_block.reference
def _(x, weights, biases):
    from autograder.kernels.pooling import max_pool2d

    for weight, bias in zip(weights, biases, strict=True):
        x = conv_relu_on_kernels(x, weight, bias, 1, 1)
    return max_pool2d(x, 2)


def _chain(x, weights, biases, layer=lambda x, w, b: conv_relu(x, w, b, 1, 1)):
    for weight, bias in zip(weights, biases, strict=True):
        x = layer(x, weight, bias)
    return x


@vgg_block.mistake(
    "average_pooling",
    "You pool by the mean: VGG takes the maximum of each window.",
)
def _(x, weights, biases):
    return functional.avg_pool2d(_chain(x, weights, biases), 2)


@vgg_block.mistake(
    "no_padding",
    "Your convolutions make the map smaller: with 3 × 3 kernels, how many rows of zeros keep its size?",
)
def _(x, weights, biases):
    return functional.max_pool2d(_chain(x, weights, biases, lambda x, w, b: conv_relu(x, w, b)), 2)


@vgg_block.mistake(
    "activated_once",
    "You apply ReLU once, at the end: without it between them, the convolutions together are one linear map.",
)
def _(x, weights, biases):
    return functional.max_pool2d(
        torch.relu(_chain(x, weights, biases, lambda x, w, b: functional.conv2d(x, w, b, 1, 1))), 2
    )


@vgg_block.mistake(
    "last_not_activated",
    "No ReLU follows the last convolution: every convolution of the block has one.",
)
def _(x, weights, biases):
    h = _chain(x, weights[:-1], biases[:-1])
    return functional.max_pool2d(functional.conv2d(h, weights[-1], biases[-1], 1, 1), 2)


@vgg_block.mistake(
    "never_activated",
    "There is no ReLU in your block: its convolutions together are one linear map.",
)
def _(x, weights, biases):
    return functional.max_pool2d(
        _chain(x, weights, biases, lambda x, w, b: functional.conv2d(x, w, b, 1, 1)), 2
    )


@vgg_block.mistake(
    "biases_left_out",
    "The biases are missing.",
)
def _(x, weights, biases):
    return functional.max_pool2d(
        _chain(x, weights, biases, lambda x, w, b: conv_relu(x, w, None, 1, 1)), 2
    )


@vgg_block.mistake(
    "pooling_missing",
    "The block ends with its last convolution: pooling halves the map.",
)
def _(x, weights, biases):
    return _chain(x, weights, biases)


@vgg_block.mistake(
    "pooling_moves_by_one",
    "Your pooling window moves by one pixel: with stride 2 the windows lie side by side.",
)
def _(x, weights, biases):
    return functional.max_pool2d(_chain(x, weights, biases), 2, stride=1)


@vgg_block.mistake(
    "last_convolution_left_out",
    "Your block stops one convolution too early.",
)
def _(x, weights, biases):
    return functional.max_pool2d(_chain(x, weights[:-1], biases[:-1]), 2)


@vgg_block.alternative
def in_a_loop(x, weights, biases):
    for w, b in zip(weights, biases, strict=True):
        x = functional.relu(functional.conv2d(x, w, b, padding=1))
    return functional.max_pool2d(x, kernel_size=2, stride=2)


@vgg_block.alternative
def last_relu_after_pooling(x, weights, biases):
    for i, weight in enumerate(weights):
        x = functional.conv2d(x, weight, padding="same") + biases[i][:, None, None]
        x = x.clamp(min=0) if i + 1 < len(weights) else x
    return torch.relu(functional.max_pool2d(x, 2))


@vgg_block.alternative
def pooled_by_slices(x, weights, biases):
    for weight, bias in zip(weights, biases, strict=True):
        x = torch.relu(functional.conv2d(functional.pad(x, (1, 1, 1, 1)), weight, bias))
    H, W = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    corners = [x[:, :, i:H:2, j:W:2] for i in (0, 1) for j in (0, 1)]
    return torch.stack(corners).amax(dim=0)
