import numpy as np
import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.vision_tasks.shared import PAGE, draw
from dlarch.checks_file import Part

unet_forward = Exercise(
    "unet_forward",
    signature="unet_forward(x: (N, 1, H, W) tensor, parameters: dict of tensors) -> (N, K, H, W) tensor",
    outputs=("value", "gradient_x", "gradient_parameters"),
    parts={
        "value": Part(2, outputs=("value",)),
        "gradient": Part(1, outputs=("gradient_x", "gradient_parameters")),
    },
    driver="cnn_architectures.pull_back_parameters",
    section=f"{PAGE}unet",
)


def _case(random, N, sides, C1, C2, C3, U2, U1, K):
    shapes = {
        "down1": (C1, 1, 3, 3),
        "down2": (C2, C1, 3, 3),
        "bottom": (C3, C2, 3, 3),
        "up2": (C3, U2, 2, 2),
        "merge2": (C2, C2 + U2, 3, 3),
        "up1": (C2, U1, 2, 2),
        "merge1": (C1, C1 + U1, 3, 3),
        "head": (K, C1, 1, 1),
    }
    parameters = {}
    for name, shape in shapes.items():
        up = name.startswith("up")
        fan_in = shape[0] if up else np.prod(shape[1:])
        parameters[f"{name}_weight"] = draw(random, *shape, scale=1.5 * fan_in**-0.5).float()
        parameters[f"{name}_bias"] = draw(random, shape[1 if up else 0], scale=0.3).float()
    return {
        "x": draw(random, N, 1, *sides).float(),
        "parameters": parameters,
        "cotangent": draw(random, N, K, *sides).float(),
    }


@unet_forward.case("sides that can be halved twice")
def _(random):
    return _case(random, 2, (8, 4), 3, 4, 5, 2, 3, 2)


@unet_forward.case("odd sides")
def _(random):
    return _case(random, 1, (7, 9), 2, 3, 4, 4, 2, 3)


@unet_forward.case("one side odd after the first halving")
def _(random):
    return _case(random, 2, (6, 5), 3, 2, 4, 3, 2, 1)


@unet_forward.case("equal numbers of channels")
def _(random):
    return _case(random, 1, (5, 8), 3, 3, 3, 3, 3, 3)


@unet_forward.case("larger", secret=True)
def _(random):
    return _case(random, 3, (11, 14), 4, 5, 6, 3, 2, 3)


def _conv(h, p, name, relu=True):
    h = functional.conv2d(h, p[f"{name}_weight"], p[f"{name}_bias"], padding="same")
    return functional.relu(h) if relu else h


def _conv_on_kernels(h, p, name, relu=True):
    from autograder.kernels.convolution import conv2d, conv2d_relu

    weight, bias = p[f"{name}_weight"], p[f"{name}_bias"]
    if not relu:
        return conv2d(h, weight, bias, 1, weight.shape[-1] // 2)
    return conv2d_relu(h, weight, bias, None, 1, weight.shape[-1] // 2)


def _up(h, p, name):
    return functional.conv_transpose2d(h, p[f"{name}_weight"], p[f"{name}_bias"], stride=2)


def _fit(h, skip):
    return functional.pad(h, (0, skip.shape[3] - h.shape[3], 0, skip.shape[2] - h.shape[2]))


def _concatenate(skip, up):
    return torch.cat([skip, up], dim=1)


def _unet(x, p, conv=_conv, up=_up, fit=_fit, join=_concatenate, relu_at_the_end=False):
    skip1 = conv(x, p, "down1")
    skip2 = conv(functional.max_pool2d(skip1, 2), p, "down2")
    h = conv(functional.max_pool2d(skip2, 2), p, "bottom")
    h = conv(join(skip2, fit(up(h, p, "up2"), skip2)), p, "merge2")
    h = conv(join(skip1, fit(up(h, p, "up1"), skip1)), p, "merge1")
    return conv(h, p, "head", relu_at_the_end)


@unet_forward.reference
def _(x, parameters):
    return _unet(x, parameters, conv=_conv_on_kernels)


@unet_forward.alternative
def down_and_up(x, parameters):
    p = parameters
    skip1 = functional.relu(functional.conv2d(x, p["down1_weight"], p["down1_bias"], padding=1))
    h = functional.max_pool2d(skip1, 2)
    skip2 = functional.relu(functional.conv2d(h, p["down2_weight"], p["down2_bias"], padding=1))
    h = functional.max_pool2d(skip2, 2)
    h = functional.relu(functional.conv2d(h, p["bottom_weight"], p["bottom_bias"], padding=1))
    for level, skip in ((2, skip2), (1, skip1)):
        h = functional.conv_transpose2d(h, p[f"up{level}_weight"], p[f"up{level}_bias"], stride=2)
        missing = [skip.shape[axis] - h.shape[axis] for axis in (3, 2)]
        h = torch.cat([skip, functional.pad(h, (0, missing[0], 0, missing[1]))], dim=1)
        weight, bias = p[f"merge{level}_weight"], p[f"merge{level}_bias"]
        h = functional.relu(functional.conv2d(h, weight, bias, padding=1))
    return functional.conv2d(h, p["head_weight"], p["head_bias"])


@unet_forward.alternative
def with_a_recursion(x, parameters):
    def level(h, number):
        if number == 3:
            return _conv(h, parameters, "bottom")
        skip = _conv(h, parameters, f"down{number}")
        below = level(functional.max_pool2d(skip, kernel_size=2, stride=2), number + 1)
        larger = skip.new_zeros(len(skip), parameters[f"up{number}_bias"].numel(), *skip.shape[2:])
        up = _up(below, parameters, f"up{number}")
        larger[:, :, : up.shape[2], : up.shape[3]] = up
        return _conv(torch.cat((skip, larger), 1), parameters, f"merge{number}")

    return _conv(level(x, 1), parameters, "head", relu=False)


@unet_forward.alternative
def up_by_an_outer_product(x, parameters):
    def up(h, p, name):
        weight, bias = p[f"{name}_weight"], p[f"{name}_bias"]
        blocks = torch.einsum("nchw,cfuv->nfhuwv", h, weight)
        N, F, H, _, W, _ = blocks.shape
        return blocks.reshape(N, F, 2 * H, 2 * W) + bias[:, None, None]

    return _unet(x, parameters, up=up)


@unet_forward.mistake(
    "up_before_skip",
    "You join what comes from below before the skip: the channels of the skip come first here. Both orders work, and "
    "weights learnt in one are noise in the other.",
)
def _(x, parameters):
    return _unet(x, parameters, join=lambda skip, up: torch.cat([up, skip], dim=1))


@unet_forward.mistake(
    "skips_added",
    "You add the skip to what comes from below, as a residual block does. A U-Net puts them beside each other as channels.",
)
def _(x, parameters):
    return _unet(x, parameters, join=lambda skip, up: skip + up)


@unet_forward.mistake(
    "no_skip",
    "What the skips should bring has become zeros: without them the fine details are lost.",
)
def _(x, parameters):
    return _unet(x, parameters, join=lambda skip, up: torch.cat([0 * skip, up], dim=1))


@unet_forward.mistake(
    "skip_behind_the_pooling",
    "Your skip is taken behind the pooling, where half of the places are gone: take it before.",
)
def _(x, parameters):
    p = parameters

    def widened(pooled, skip):
        wide = functional.interpolate(pooled, scale_factor=2)
        return _fit(wide, skip)

    skip1 = _conv(x, p, "down1")
    pool1 = functional.max_pool2d(skip1, 2)
    skip2 = _conv(pool1, p, "down2")
    pool2 = functional.max_pool2d(skip2, 2)
    h = _conv(pool2, p, "bottom")
    joined = torch.cat([widened(pool2, skip2), _fit(_up(h, p, "up2"), skip2)], dim=1)
    h = _conv(joined, p, "merge2")
    joined = torch.cat([widened(pool1, skip1), _fit(_up(h, p, "up1"), skip1)], dim=1)
    return _conv(_conv(joined, p, "merge1"), p, "head", relu=False)


@unet_forward.mistake(
    "logits_activated",
    "A ReLU follows the last convolution: its results are logits, and half of them should be negative.",
)
def _(x, parameters):
    return _unet(x, parameters, relu_at_the_end=True)


@unet_forward.mistake(
    "probabilities_returned",
    "You return probabilities: logits are asked for, and the loss makes what it needs of them.",
)
def _(x, parameters):
    return _unet(x, parameters).sigmoid()


@unet_forward.mistake(
    "up_activated",
    "A ReLU follows your transposed convolutions: here the next convolution has it.",
)
def _(x, parameters):
    return _unet(x, parameters, up=lambda h, p, name: functional.relu(_up(h, p, name)))


@unet_forward.mistake(
    "convolutions_not_activated",
    "No ReLU follows your convolutions.",
)
def _(x, parameters):
    return _unet(x, parameters, conv=lambda h, p, name, relu=True: _conv(h, p, name, relu=False))


@unet_forward.mistake(
    "filled_at_the_top",
    "Where the skip is larger by a row or a column, you put the zeros at the top or on the left: everything is then shifted "
    "against the skip by a pixel.",
)
def _(x, parameters):
    def fit(h, skip):
        return functional.pad(h, (skip.shape[3] - h.shape[3], 0, skip.shape[2] - h.shape[2], 0))

    return _unet(x, parameters, fit=fit)


@unet_forward.mistake(
    "height_for_width",
    "You fill up the width by what is missing in the height.",
)
def _(x, parameters):
    def fit(h, skip):
        rows, columns = (skip.shape[axis] - h.shape[axis] for axis in (2, 3))
        return functional.pad(h, (0, rows, 0, columns))

    return _unet(x, parameters, fit=fit)


@unet_forward.mistake(
    "stretched_to_fit",
    "You stretch what comes from below to the size of the skip. Here the missing row or column is filled with zeros.",
)
def _(x, parameters):
    return _unet(
        x, parameters, fit=lambda h, skip: functional.interpolate(h, size=tuple(skip.shape[2:]))
    )


@unet_forward.mistake(
    "average_pooling",
    "You pool by the mean: the maximum of each 2 × 2 window is asked for.",
)
def _(x, parameters):
    p = parameters
    skip1 = _conv(x, p, "down1")
    skip2 = _conv(functional.avg_pool2d(skip1, 2), p, "down2")
    h = _conv(functional.avg_pool2d(skip2, 2), p, "bottom")
    h = _conv(_concatenate(skip2, _fit(_up(h, p, "up2"), skip2)), p, "merge2")
    h = _conv(_concatenate(skip1, _fit(_up(h, p, "up1"), skip1)), p, "merge1")
    return _conv(h, p, "head", relu=False)


@unet_forward.mistake(
    "skips_cut_off",
    "The values are right, but no gradient comes back along the skips: they were cut off from the graph.",
)
def _(x, parameters):
    return _unet(x, parameters, join=lambda skip, up: torch.cat([skip.detach(), up], dim=1))


@unet_forward.mistake(
    "cut_off",
    "No gradient arrives: the result was cut off from the graph (detach, no_grad, .data or NumPy on the way).",
)
def _(x, parameters):
    return _unet(x, parameters).detach()
