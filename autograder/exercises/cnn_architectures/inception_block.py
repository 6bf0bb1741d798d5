import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import (
    PAGE,
    conv_relu,
    conv_relu_on_kernels,
    draw,
    draw_parameters,
)

inception_block = Exercise(
    "inception_block",
    signature=(
        "inception_block(x: (N, C, H, W) tensor, parameters: dict of tensors) -> (N, F1 + F3 + F5 + Fp, H, W) tensor"
    ),
    outputs=("value", "gradient_x", "gradient_parameters"),
    points=3,
    form="mend",
    gives=("zeros_win_at_the_edge", "one_reduction_not_activated"),
    driver="cnn_architectures.pull_back_parameters",
    section=f"{PAGE}inception",
)


def _case(random, N, C, sides, F1, R3, F3, R5, F5, Fp):
    kernels = {
        "one": (F1, C, 1, 1),
        "reduce3": (R3, C, 1, 1),
        "three": (F3, R3, 3, 3),
        "reduce5": (R5, C, 1, 1),
        "five": (F5, R5, 5, 5),
        "pool": (Fp, C, 1, 1),
    }
    shapes = {
        name: shape
        for branch, kernel in kernels.items()
        for name, shape in ((f"{branch}_weight", kernel), (f"{branch}_bias", kernel[:1]))
    }
    return {
        "x": draw(random, N, C, *sides),
        "parameters": draw_parameters(random, shapes),
        "cotangent": draw(random, N, F1 + F3 + F5 + Fp, *sides),
    }


@inception_block.case("four branches of different widths")
def _(random):
    return _case(random, 1, 3, (4, 5), 2, 4, 3, 2, 4, 3)


@inception_block.case("negative everywhere, so that zeros at the edge would win")
def _(random):
    case = _case(random, 1, 3, (3, 4), 3, 2, 5, 3, 2, 4)
    return {**case, "x": -0.5 - case["x"].abs()}


@inception_block.case("one image, a map smaller than the kernel")
def _(random):
    return _case(random, 1, 2, (3, 2), 4, 3, 2, 3, 3, 5)


@inception_block.case("equal widths")
def _(random):
    return _case(random, 2, 3, (3, 3), 3, 3, 3, 3, 3, 3)


@inception_block.case("larger", secret=True)
def _(random):
    return _case(random, 4, 6, (7, 9), 5, 4, 7, 3, 6, 8)


def _branches(x, p, *, layer=conv_relu, pooled=None):
    pooled = functional.max_pool2d(x, 3, 1, 1) if pooled is None else pooled
    return {
        "one": layer(x, p["one_weight"], p["one_bias"]),
        "three": layer(
            layer(x, p["reduce3_weight"], p["reduce3_bias"]),
            p["three_weight"],
            p["three_bias"],
            1,
            1,
        ),
        "five": layer(
            layer(x, p["reduce5_weight"], p["reduce5_bias"]), p["five_weight"], p["five_bias"], 1, 2
        ),
        "pool": layer(pooled, p["pool_weight"], p["pool_bias"]),
    }


def _join(branches, order=("one", "three", "five", "pool"), dim=1):
    return torch.cat([branches[name] for name in order], dim=dim)


@inception_block.reference
def _(x, parameters):
    from autograder.kernels.pooling import max_pool2d

    pooled = max_pool2d(functional.pad(x, (1, 1, 1, 1), value=-1e300), 3, 1)
    return _join(_branches(x, parameters, layer=conv_relu_on_kernels, pooled=pooled))


@inception_block.alternative
def four_branches(x, parameters):
    p = parameters
    one = functional.relu(functional.conv2d(x, p["one_weight"], p["one_bias"]))
    three = functional.relu(functional.conv2d(x, p["reduce3_weight"], p["reduce3_bias"]))
    three = functional.relu(functional.conv2d(three, p["three_weight"], p["three_bias"], padding=1))
    five = functional.relu(functional.conv2d(x, p["reduce5_weight"], p["reduce5_bias"]))
    five = functional.relu(functional.conv2d(five, p["five_weight"], p["five_bias"], padding=2))
    pool = functional.max_pool2d(x, 3, stride=1, padding=1)
    pool = functional.relu(functional.conv2d(pool, p["pool_weight"], p["pool_bias"]))
    return torch.cat([one, three, five, pool], dim=1)


@inception_block.alternative
def one_relu_at_the_end(x, parameters):
    def conv(h, name, **options):
        return functional.conv2d(
            h, parameters[f"{name}_weight"], parameters[f"{name}_bias"], **options
        )

    edge = functional.pad(x, (1, 1, 1, 1), value=float("-inf"))
    joined = torch.cat(
        (
            conv(x, "one"),
            conv(conv(x, "reduce3").relu(), "three", padding="same"),
            conv(conv(x, "reduce5").relu(), "five", padding="same"),
            conv(functional.max_pool2d(edge, 3, 1), "pool"),
        ),
        dim=-3,
    )
    return joined.clamp(min=0)


@inception_block.alternative
def one_by_one_as_a_product(x, parameters):
    def mix(h, name):
        weight, bias = parameters[f"{name}_weight"][:, :, 0, 0], parameters[f"{name}_bias"]
        return torch.relu(torch.einsum("fc,nchw->nfhw", weight, h) + bias[:, None, None])

    branches = _branches(x, parameters)
    branches["one"] = mix(x, "one")
    branches["pool"] = mix(functional.max_pool2d(x, 3, 1, 1), "pool")
    return _join(branches)


inception_block.slip(
    "reductions_not_activated",
    "No ReLU follows the 1 × 1 reductions: reduction and convolution then are one linear layer of low rank.",
    of="one_relu_at_the_end",
    right='conv(conv(x, "reduce3").relu(), "three", padding="same"),\n            conv(conv(x, "reduce5").relu()',
    wrong='conv(conv(x, "reduce3"), "three", padding="same"),\n            conv(conv(x, "reduce5")',
)


@inception_block.mistake(
    "branches_not_activated",
    "No ReLU follows the last convolution of your branches.",
)
def _(x, parameters):
    p = parameters
    plain = {
        "one": functional.conv2d(x, p["one_weight"], p["one_bias"]),
        "three": functional.conv2d(
            conv_relu(x, p["reduce3_weight"], p["reduce3_bias"]),
            p["three_weight"],
            p["three_bias"],
            1,
            1,
        ),
        "five": functional.conv2d(
            conv_relu(x, p["reduce5_weight"], p["reduce5_bias"]),
            p["five_weight"],
            p["five_bias"],
            1,
            2,
        ),
        "pool": functional.conv2d(
            functional.max_pool2d(x, 3, 1, 1), p["pool_weight"], p["pool_bias"]
        ),
    }
    return _join(plain)


inception_block.slip(
    "zeros_win_at_the_edge",
    "You pad with zeros before the maximum: where all pixels are negative, a zero that is not in the image wins.",
    of="four_branches",
    right="functional.max_pool2d(x, 3, stride=1, padding=1)",
    wrong="functional.max_pool2d(functional.pad(x, (1, 1, 1, 1)), 3, stride=1)",
)

inception_block.slip(
    "one_reduction_not_activated",
    "No ReLU follows one of the two 1 × 1 reductions: with the convolution behind it, it is one linear layer of low rank.",
    of="four_branches",
    right='five = functional.relu(functional.conv2d(x, p["reduce5_weight"], p["reduce5_bias"]))',
    wrong='five = functional.conv2d(x, p["reduce5_weight"], p["reduce5_bias"])',
)


@inception_block.mistake(
    "average_in_the_pooling_branch",
    "The pooling branch takes a mean: it takes the maximum of each window.",
)
def _(x, parameters):
    return _join(_branches(x, parameters, pooled=functional.avg_pool2d(x, 3, 1, 1)))


@inception_block.mistake("average_in_the_pooling_branch")
def _(x, parameters):
    pooled = functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    return _join(_branches(x, parameters, pooled=pooled))


@inception_block.mistake(
    "pooling_left_out",
    "The last branch is a 1 × 1 convolution of the input itself: its pooling is missing.",
)
def _(x, parameters):
    return _join(_branches(x, parameters, pooled=x))


@inception_block.mistake(
    "other_order",
    "Your branches are joined in another order than the task's: the next layer would read channels that are not those it "
    "was made for.",
)
def _(x, parameters):
    return _join(_branches(x, parameters), ("pool", "one", "three", "five"))


@inception_block.mistake("other_order")
def _(x, parameters):
    return _join(_branches(x, parameters), ("one", "five", "three", "pool"))


@inception_block.mistake("other_order")
def _(x, parameters):
    return _join(_branches(x, parameters), ("pool", "five", "three", "one"))


@inception_block.mistake("other_order")
def _(x, parameters):
    return _join(_branches(x, parameters), ("one", "three", "pool", "five"))


@inception_block.mistake(
    "joined_along_another_axis",
    "You join the branches along another axis than that of the channels.",
)
def _(x, parameters):
    return _join(_branches(x, parameters), dim=0)


@inception_block.mistake("joined_along_another_axis")
def _(x, parameters):
    return _join(_branches(x, parameters), dim=2)


@inception_block.mistake("joined_along_another_axis")
def _(x, parameters):
    return _join(_branches(x, parameters), dim=3)


@inception_block.mistake(
    "cut_off",
    "No gradient arrives: the result was cut off from the graph (detach, no_grad, .data or NumPy on the way).",
    f"{PAGE}autograd",
)
def _(x, parameters):
    return _join(_branches(x, parameters)).detach()
