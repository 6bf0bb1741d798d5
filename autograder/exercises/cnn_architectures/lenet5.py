import torch
from torch.nn import functional

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import (
    PAGE,
    conv_on_kernels,
    draw,
    draw_parameters,
    in_single_precision,
)
from dlarch.checks_file import Part

lenet5 = Exercise(
    "lenet5",
    signature="lenet5(x: (N, 1, 28, 28) tensor, parameters: dict of tensors) -> logits, (N, 10) tensor",
    outputs=("value", "gradient_x", "gradient_parameters"),
    parts={
        "value": Part(2, outputs=("value",)),
        "gradient": Part(1, outputs=("gradient_x", "gradient_parameters")),
    },
    driver="cnn_architectures.pull_back_parameters",
    form="transcribe",
    section=f"{PAGE}lenet",
)


def _case(random, N, widths):
    F1, F2, D1, D2 = widths
    shapes = {
        "conv1_weight": (F1, 1, 5, 5),
        "conv1_bias": (F1,),
        "conv2_weight": (F2, F1, 5, 5),
        "conv2_bias": (F2,),
        "dense1_weight": (25 * F2, D1),
        "dense1_bias": (D1,),
        "dense2_weight": (D1, D2),
        "dense2_bias": (D2,),
        "dense3_weight": (D2, 10),
        "dense3_bias": (10,),
    }
    parameters = draw_parameters(random, shapes)
    for name in ("dense1_weight", "dense2_weight", "dense3_weight"):  # (D, K): inputs come first
        weight = parameters[name]
        parameters[name] = weight * (weight.shape[1] / weight.shape[0]) ** 0.5
    return in_single_precision(
        {
            "x": draw(random, N, 1, 28, 28),
            "parameters": parameters,
            "cotangent": draw(random, N, 10),
        }
    )


@lenet5.case("two images, two and three filters")
def _(random):
    return _case(random, 2, (2, 3, 5, 4))


@lenet5.case("one image, other numbers of filters and units")
def _(random):
    return _case(random, 1, (3, 2, 4, 6))


@lenet5.case("one image, large values")
def _(random):
    case = _case(random, 1, (2, 2, 3, 5))
    return {**case, "x": 3 * case["x"]}


@lenet5.case("five images", secret=True)
def _(random):
    return _case(random, 5, (4, 7, 11, 9))


@lenet5.reference
def _(x, parameters):
    from autograder.kernels.activations import activation
    from autograder.kernels.linear import linear
    from autograder.kernels.pooling import average_pool2d

    p, h = parameters, x
    for name, padding in (("conv1", 2), ("conv2", 0)):
        a = conv_on_kernels(h, p[f"{name}_weight"], p[f"{name}_bias"], 1, padding)
        h = average_pool2d(activation(a, "tanh"), 2)
    h = h.flatten(start_dim=1)
    for name, kind in (("dense1", "tanh"), ("dense2", "tanh"), ("dense3", "identity")):
        h = linear(h, p[f"{name}_weight"].T.contiguous(), p[f"{name}_bias"], kind)
    return h


@lenet5.alternative
def step_by_step(x, parameters):
    p = parameters
    h = torch.tanh(functional.conv2d(x, p["conv1_weight"], p["conv1_bias"], padding=2))
    h = functional.avg_pool2d(h, 2)
    h = torch.tanh(functional.conv2d(h, p["conv2_weight"], p["conv2_bias"]))
    h = functional.avg_pool2d(h, 2)
    h = h.flatten(start_dim=1)
    h = torch.tanh(h @ p["dense1_weight"] + p["dense1_bias"])
    h = torch.tanh(h @ p["dense2_weight"] + p["dense2_bias"])
    return h @ p["dense3_weight"] + p["dense3_bias"]


@lenet5.alternative
def padded_before(x, parameters):
    h = functional.pad(x, (2, 2, 2, 2))
    for name in ("conv1", "conv2"):
        h = functional.conv2d(h, parameters[f"{name}_weight"], parameters[f"{name}_bias"]).tanh()
        N, C, H, W = h.shape
        h = h.reshape(N, C, H // 2, 2, W // 2, 2).mean(dim=(3, 5))
    h = h.reshape(len(x), -1)
    for i in (1, 2, 3):
        h = functional.linear(h, parameters[f"dense{i}_weight"].T, parameters[f"dense{i}_bias"])
        h = h.tanh() if i < 3 else h
    return h


@lenet5.alternative
def first_dense_layer_as_a_convolution(x, parameters):
    p = parameters
    h = functional.adaptive_avg_pool2d(
        functional.conv2d(x, p["conv1_weight"], p["conv1_bias"], padding=2).tanh(), 14
    )
    h = functional.adaptive_avg_pool2d(
        functional.conv2d(h, p["conv2_weight"], p["conv2_bias"]).tanh(), 5
    )
    filters = p["dense1_weight"].T.reshape(-1, h.shape[1], 5, 5)
    h = functional.conv2d(h, filters, p["dense1_bias"]).tanh()[:, :, 0, 0]
    h = torch.addmm(p["dense2_bias"], h, p["dense2_weight"]).tanh()
    return torch.einsum("nd,dk->nk", h, p["dense3_weight"]) + p["dense3_bias"]


def _slip(id, message, right, wrong, section=""):
    lenet5.slip(id, message, section, of="step_by_step", right=right, wrong=wrong)


_slip(
    "padding_missing",
    "The image is not padded: without its margin the last map has 4 × 4 places, and the dense layer's inputs no longer fit.",
    ", padding=2))",
    "))",
)


@lenet5.mistake(
    "relu_for_tanh",
    "Your activation is ReLU: this network of 1998 has tanh, and its weights were made for it.",
)
def _(x, parameters):
    return _variant(x, parameters, g=torch.relu)


@lenet5.mistake(
    "sigmoid_for_tanh",
    "Your activation is the sigmoid: the task asks for tanh.",
)
def _(x, parameters):
    return _variant(x, parameters, g=torch.sigmoid)


@lenet5.mistake(
    "max_for_average",
    "You take the maximum of each window: LeNet-5 pools by the mean.",
)
def _(x, parameters):
    return _variant(x, parameters, pool=functional.max_pool2d)


@lenet5.mistake(
    "summed_pooling",
    "You sum over the pooling windows where their mean is asked for.",
)
def _(x, parameters):
    return _variant(x, parameters, pool=lambda h, size: size**2 * functional.avg_pool2d(h, size))


@lenet5.mistake(
    "activation_at_the_end",
    "An activation follows the last layer: logits may be any real numbers, and the loss brings its own softmax.",
)
def _(x, parameters):
    return torch.tanh(_variant(x, parameters))


@lenet5.mistake("activation_at_the_end")
def _(x, parameters):
    return torch.softmax(_variant(x, parameters), dim=1)


@lenet5.mistake("activation_at_the_end")
def _(x, parameters):
    return torch.log_softmax(_variant(x, parameters), dim=1)


@lenet5.mistake(
    "channels_flattened_last",
    "You flatten with the channels last: a dense layer's weights belong to one order of its inputs, here (C, H, W) as it is.",
)
def _(x, parameters):
    return _variant(x, parameters, flatten=lambda h: h.permute(0, 2, 3, 1).flatten(start_dim=1))


@lenet5.mistake(
    "size_written_down",
    "You write the size of LeNet-5's last map into the program. It follows from the parameters, which may be others.",
)
def _(x, parameters):
    return _variant(x, parameters, flatten=lambda h: h.view(-1, 400))


@lenet5.mistake("size_written_down")
def _(x, parameters):
    return _variant(x, parameters, flatten=lambda h: h.reshape(len(h), 16 * 5 * 5))


@lenet5.mistake(
    "pooled_before_the_activation",
    "You pool first and activate then. A mean of tanh is not the tanh of a mean: the activation follows the convolution.",
)
def _(x, parameters):
    return _variant(x, parameters, activate_after_pooling=True)


@lenet5.mistake(
    "convolutions_not_activated",
    "No activation stands between convolution and pooling: both are linear, and together they are one linear layer.",
)
def _(x, parameters):
    return _variant(x, parameters, conv_g=lambda a: a)


@lenet5.mistake(
    "dense_layers_not_activated",
    "No activation stands between the dense layers: three linear layers in a row are one.",
)
def _(x, parameters):
    return _variant(x, parameters, dense_g=lambda a: a)


@lenet5.mistake(
    "cut_off",
    "No gradient arrives: the result was cut off from the graph (detach, no_grad, .data, torch.tensor or NumPy on the way).",
    f"{PAGE}autograd",
)
def _(x, parameters):
    return _variant(x, parameters).detach()


def _variant(
    x,
    parameters,
    g=torch.tanh,
    conv_g=None,
    dense_g=None,
    pool=functional.avg_pool2d,
    flatten=lambda h: h.flatten(start_dim=1),
    activate_after_pooling=False,
):
    p, h = parameters, x
    conv_g, dense_g = conv_g or g, dense_g or g
    for name, padding in (("conv1", 2), ("conv2", 0)):
        a = functional.conv2d(h, p[f"{name}_weight"], p[f"{name}_bias"], padding=padding)
        h = conv_g(pool(a, 2)) if activate_after_pooling else pool(conv_g(a), 2)
    h = flatten(h)
    for i in (1, 2):
        h = dense_g(h @ p[f"dense{i}_weight"] + p[f"dense{i}_bias"])
    return h @ p["dense3_weight"] + p["dense3_bias"]
