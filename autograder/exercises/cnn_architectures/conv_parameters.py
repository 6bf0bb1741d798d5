from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE
from dlarch.compare import Tolerance

conv_parameters = Exercise(
    "conv_parameters",
    signature=(
        "conv_parameters(kernel_size: (KH, KW), channels: int, filters: int, bias: bool, groups: int) -> int"
    ),
    outputs=("parameters",),
    points=1,
    tolerance=Tolerance(whole=True),
    section=f"{PAGE}count",
)


def _case(random, kernel_size, bias=True, groups=1, low=2, high=40):
    channels, filters = (groups * int(random.integers(low, high)) for _ in range(2))
    return {
        "kernel_size": kernel_size,
        "channels": channels,
        "filters": filters + groups * (filters == channels),
        "bias": bias,
        "groups": groups,
    }


@conv_parameters.case("3 × 5, with bias")
def _(random):
    return _case(random, (3, 5))


@conv_parameters.case("4 × 3, no bias")
def _(random):
    return _case(random, (4, 3), bias=False)


@conv_parameters.case("1 × 1")
def _(random):
    return _case(random, (1, 1))


@conv_parameters.case("AlexNet's first layer")
def _(random):
    return {"kernel_size": (11, 11), "channels": 3, "filters": 96, "bias": True, "groups": 1}


@conv_parameters.case("two groups")
def _(random):
    return _case(random, (5, 4), groups=2)


@conv_parameters.case("three groups, no bias")
def _(random):
    return _case(random, (3, 2), bias=False, groups=3)


@conv_parameters.case("depthwise: as many groups as channels")
def _(random):
    groups = int(random.integers(4, 30))
    channels = {"channels": groups, "filters": 2 * groups, "groups": groups}
    return {"kernel_size": (3, 4), **channels, "bias": True}


@conv_parameters.case("many filters, four groups", secret=True)
def _(random):
    return _case(random, (7, 5), groups=4, low=40, high=200)


@conv_parameters.reference
def _(kernel_size, channels, filters, bias, groups):
    KH, KW = kernel_size
    return (KH * KW * (channels // groups) + bias) * filters


@conv_parameters.mistake(
    "bias_once_per_layer",
    "You count a single bias for the layer: each filter has its own.",
)
def _(kernel_size, channels, filters, bias, groups):
    return kernel_size[0] * kernel_size[1] * channels // groups * filters + bias


@conv_parameters.mistake(
    "bias_for_each_channel",
    "You count a bias for every channel that a filter reads. It has one, which is added after the sum.",
)
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[0] * kernel_size[1] + bias) * (channels // groups) * filters


@conv_parameters.mistake(
    "bias_always_counted",
    "You count biases also where the layer has none.",
)
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[0] * kernel_size[1] * channels // groups + 1) * filters


@conv_parameters.mistake(
    "bias_never_counted",
    "You leave the biases out also where the layer has them.",
)
def _(kernel_size, channels, filters, bias, groups):
    return kernel_size[0] * kernel_size[1] * channels // groups * filters


@conv_parameters.mistake(
    "channels_left_out",
    "You count the area of the window alone: a filter is as deep as what it reads.",
)
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[0] * kernel_size[1] + bias) * filters


@conv_parameters.mistake(
    "square_kernel",
    "You use one side of the kernel twice: its height and its width may differ.",
)
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[0] ** 2 * channels // groups + bias) * filters


@conv_parameters.mistake("square_kernel")
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[1] ** 2 * channels // groups + bias) * filters


@conv_parameters.mistake(
    "groups_ignored",
    "You let every filter read all channels: in a grouped layer it reads those of its own group.",
)
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[0] * kernel_size[1] * channels + bias) * filters


@conv_parameters.mistake(
    "divided_twice",
    "You divide the filters by the groups as well as the channels. Each group has its share of the filters, but the groups "
    "together have all of them.",
)
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[0] * kernel_size[1] * channels // groups + bias) * (filters // groups)


@conv_parameters.mistake(
    "biases_divided_too",
    "You divide the whole count by the groups. Grouping makes filters shallower; it takes no bias away.",
)
def _(kernel_size, channels, filters, bias, groups):
    return (kernel_size[0] * kernel_size[1] * channels + bias) * filters // groups


@conv_parameters.alternative
def weights_then_biases(kernel_size, channels, filters, bias, groups):
    KH, KW = kernel_size
    weights = filters * KH * KW * channels // groups
    return weights + filters if bias else weights


@conv_parameters.alternative
def group_by_group(kernel_size, channels, filters, bias, groups):
    total = 0
    for _ in range(groups):
        one_filter = kernel_size[0] * kernel_size[1] * (channels // groups) + int(bias)
        total += (filters // groups) * one_filter
    return total


@conv_parameters.alternative
def size_of_the_array(kernel_size, channels, filters, bias, groups):
    import numpy as np

    return np.empty((filters, channels // groups, *kernel_size)).size + filters * bool(bias)
