import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import (
    PAGE,
    conv_on_kernels,
    conv_relu,
    conv_relu_on_kernels,
    draw,
    draw_parameters,
    in_single_precision,
)
from dlarch.checks_file import Part

residual_block = Exercise(
    "residual_block",
    signature=(
        "residual_block(x: (N, C, H, W) tensor, parameters: dict of tensors, stride: int) "
        "-> (N, F, OH, OW) tensor"
    ),
    outputs=("value", "gradient_x", "gradient_parameters"),
    parts={
        "value": Part(2, outputs=("value",)),
        "gradient": Part(1, outputs=("gradient_x", "gradient_parameters")),
    },
    driver="cnn_architectures.pull_back_parameters",
    form="transcribe",
    section=f"{PAGE}residual",
)


def _case(random, N, C, sides, filters, stride=1, projection=True):
    shapes = {
        "weight1": (filters, C, 3, 3),
        "bias1": (filters,),
        "weight2": (filters, filters, 3, 3),
        "bias2": (filters,),
    }
    if projection:
        shapes["projection"] = (filters, C, 1, 1)
    out = [(side - 1) // stride + 1 for side in sides]
    return in_single_precision(
        {
            "x": draw(random, N, C, *sides),
            "parameters": draw_parameters(random, shapes),
            "stride": stride,
            "cotangent": draw(random, N, filters, *out),
        }
    )


@residual_block.case("identity")
def _(random):
    return _case(random, 2, 3, (5, 6), 3, projection=False)


@residual_block.case("the branch pulls the shortcut below zero")
def _(random):
    case = _case(random, 2, 2, (4, 5), 2, projection=False)
    case["x"] = case["x"].abs()
    case["parameters"]["bias2"] = case["parameters"]["bias2"] - 2
    return case


@residual_block.case("branch of zeros, an input with both signs")
def _(random):
    case = _case(random, 2, 4, (3, 4), 4, projection=False)
    for name in ("weight2", "bias2"):
        case["parameters"][name] = 0 * case["parameters"][name]
    return case


@residual_block.case("projection, stride 2, odd sides")
def _(random):
    return _case(random, 2, 3, (7, 6), 5, stride=2)


@residual_block.case("projection, stride 1, fewer filters than channels")
def _(random):
    return _case(random, 1, 4, (4, 3), 2)


@residual_block.case("projection though the shapes agree")
def _(random):
    return _case(random, 2, 3, (4, 4), 3)


@residual_block.case("projection, stride 3", secret=True)
def _(random):
    return _case(random, 3, 4, (11, 10), 6, stride=3)


@residual_block.case("identity, larger", secret=True)
def _(random):
    return _case(random, 3, 5, (8, 9), 5, projection=False)


@residual_block.reference
def _(x, parameters, stride):
    p = parameters
    h = conv_relu_on_kernels(x, p["weight1"], p["bias1"], stride, 1)
    shortcut = conv_on_kernels(x, p["projection"], None, stride) if "projection" in p else x
    return conv_relu_on_kernels(h, p["weight2"], p["bias2"], 1, 1, residual=shortcut)


def _shortcut(x, p, stride):
    return functional.conv2d(x, p["projection"], stride=stride) if "projection" in p else x


def _branch(x, p, stride):
    return functional.conv2d(
        conv_relu(x, p["weight1"], p["bias1"], stride, 1), p["weight2"], p["bias2"], 1, 1
    )


@residual_block.alternative
def line_by_line(x, parameters, stride):
    p = parameters
    h = functional.relu(functional.conv2d(x, p["weight1"], p["bias1"], stride=stride, padding=1))
    h = functional.conv2d(h, p["weight2"], p["bias2"], padding=1)
    shortcut = x
    if "projection" in p:
        shortcut = functional.conv2d(x, p["projection"], stride=stride)
    return functional.relu(h + shortcut)


@residual_block.alternative
def in_place_where_nothing_is_lost(x, parameters, stride):
    p = parameters
    h = functional.conv2d(x, p["weight1"], p["bias1"], (stride, stride), (1, 1)).relu_()
    h = functional.conv2d(h, p["weight2"], p["bias2"], padding="same")
    h += _shortcut(x, p, stride)
    return h.relu_()


@residual_block.alternative
def projection_of_every_sth_pixel(x, parameters, stride):
    shortcut = x
    projection = parameters.get("projection")
    if projection is not None:
        shortcut = torch.einsum(
            "fc,nchw->nfhw", projection[:, :, 0, 0], x[:, :, ::stride, ::stride]
        )
    return (_branch(x, parameters, stride) + shortcut).clamp(min=0)


@residual_block.mistake(
    "activated_before_the_sum",
    "Your ReLU ends before the shortcut is added: a negative branch could then never take anything away from it (E14).",
)
def _(x, parameters, stride):
    return functional.relu(_branch(x, parameters, stride)) + _shortcut(x, parameters, stride)


@residual_block.mistake(
    "branch_activated_too",
    "Your branch passes a ReLU of its own before the sum, and the sum another: the branch can then only add, never take away.",
)
def _(x, parameters, stride):
    return functional.relu(
        functional.relu(_branch(x, parameters, stride)) + _shortcut(x, parameters, stride)
    )


@residual_block.mistake(
    "sum_not_activated",
    "No activation follows the sum of branch and shortcut.",
)
def _(x, parameters, stride):
    return _branch(x, parameters, stride) + _shortcut(x, parameters, stride)


@residual_block.mistake(
    "shortcut_missing",
    "There is no shortcut in your result: this is a plain block of two convolutions.",
)
def _(x, parameters, stride):
    return functional.relu(_branch(x, parameters, stride))


@residual_block.mistake(
    "first_convolution_not_activated",
    "No ReLU stands between your two convolutions: together they are one linear map.",
)
def _(x, parameters, stride):
    p = parameters
    h = functional.conv2d(x, p["weight1"], p["bias1"], stride, 1)
    h = functional.conv2d(h, p["weight2"], p["bias2"], 1, 1)
    return functional.relu(h + _shortcut(x, p, stride))


@residual_block.mistake(
    "projection_ignored_where_shapes_agree",
    "You take the projection only where the shapes ask for one. Where one is given, it belongs to the block.",
)
def _(x, parameters, stride):
    branch = _branch(x, parameters, stride)
    shortcut = x if x.shape == branch.shape else _shortcut(x, parameters, stride)
    return functional.relu(branch + shortcut)


@residual_block.mistake(
    "stride_on_the_second_convolution",
    "Your stride is that of the second convolution. The shapes are the same, the values are not: the first one has it here.",
)
def _(x, parameters, stride):
    p = parameters
    h = conv_relu(x, p["weight1"], p["bias1"], 1, 1)
    h = functional.conv2d(h, p["weight2"], p["bias2"], stride, 1)
    return functional.relu(h + _shortcut(x, p, stride))


@residual_block.mistake(
    "projection_without_stride",
    "Your projection reads every place of the map, where the branch has left places out: their shapes then differ.",
)
def _(x, parameters, stride):
    return functional.relu(_branch(x, parameters, stride) + _shortcut(x, parameters, 1))


@residual_block.mistake(
    "shortcut_activated",
    "Your shortcut passes a ReLU before the sum: it should carry its values as they are, negative ones too.",
)
def _(x, parameters, stride):
    return functional.relu(
        _branch(x, parameters, stride) + functional.relu(_shortcut(x, parameters, stride))
    )


@residual_block.mistake("shortcut_activated")
def _(x, parameters, stride):
    return functional.relu(
        _branch(x, parameters, stride) + _shortcut(functional.relu(x), parameters, stride)
    )


@residual_block.mistake("shortcut_activated")
def _(x, parameters, stride):
    x = functional.relu(x)
    return functional.relu(_branch(x, parameters, stride) + _shortcut(x, parameters, stride))


@residual_block.mistake(
    "joined",
    "You join branch and shortcut as channels: they are added, place by place.",
)
def _(x, parameters, stride):
    return functional.relu(
        torch.cat([_branch(x, parameters, stride), _shortcut(x, parameters, stride)], dim=1)
    )


@residual_block.mistake(
    "averaged_projection",
    "You pool before the projection. Here the projection itself has the stride: it reads one place of each step.",
)
def _(x, parameters, stride):
    p, pooled = parameters, functional.avg_pool2d(x, stride, ceil_mode=True)
    return functional.relu(_branch(x, p, stride) + _shortcut(pooled, p, 1))


@residual_block.mistake("averaged_projection")
def _(x, parameters, stride):
    p, pooled = parameters, functional.max_pool2d(x, stride, ceil_mode=True)
    return functional.relu(_branch(x, p, stride) + _shortcut(pooled, p, 1))


@residual_block.mistake(
    "cut_off",
    "No gradient arrives: the result was cut off from the graph (detach, no_grad, .data or NumPy on the way).",
    f"{PAGE}autograd",
)
def _(x, parameters, stride):
    return line_by_line(x, parameters, stride).detach()


@residual_block.mistake(
    "shortcut_cut_off",
    "The values are right, but no gradient comes back along the shortcut: it was cut off, and the path that the block "
    "was made for is closed.",
    f"{PAGE}skip-gradient",
)
def _(x, parameters, stride):
    return functional.relu(
        _branch(x, parameters, stride) + _shortcut(x, parameters, stride).detach()
    )


@residual_block.mistake("shortcut_cut_off")
def _(x, parameters, stride):
    return functional.relu(
        _branch(x, parameters, stride) + _shortcut(x.detach(), parameters, stride)
    )
