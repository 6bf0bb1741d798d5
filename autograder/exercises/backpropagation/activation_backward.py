import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import ACTIVATIONS, BY_HAND, PAGE, SLOPES
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

activation_backward = Exercise(
    "activation_backward",
    signature=(
        "activation_backward(dh: (...) float64, h: (...) float64, activation: str) -> da: (...) float64"
    ),
    outputs=("da",),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "activations",
)


def _activated(random, shape, activation):
    h = ACTIVATIONS[activation](1.5 * random.normal(size=shape))
    return {"dh": random.normal(size=shape), "h": h, "activation": activation}


@activation_backward.case("sigmoid")
def _(random) -> dict[str, PlainData]:
    return _activated(random, (5, 3), "sigmoid")


@activation_backward.case("tanh, one example")
def _(random) -> dict[str, PlainData]:
    return _activated(random, (1, 6), "tanh")


@activation_backward.case("relu")
def _(random) -> dict[str, PlainData]:
    return _activated(random, (4, 7), "relu")


@activation_backward.case("tanh, three axes, some units saturated")
def _(random) -> dict[str, PlainData]:
    case = _activated(random, (3, 2, 4), "tanh")
    case["h"][0, 0] = [1.0, -1.0, 1.0, -1.0]
    return case


@activation_backward.case("sigmoid, some units saturated")
def _(random) -> dict[str, PlainData]:
    case = _activated(random, (3, 4), "sigmoid")
    case["h"][2, :3] = [0.0, 1.0, 1.0]
    return case


@activation_backward.case("relu, one axis, some errors 0")
def _(random) -> dict[str, PlainData]:
    case = _activated(random, (6,), "relu")
    return {"dh": case["dh"] * [1, 0, 1, 1, 0, 1], "h": case["h"], "activation": "relu"}


@activation_backward.case("sigmoid, one unit")
def _(random) -> dict[str, PlainData]:
    return _activated(random, (1, 1), "sigmoid")


@activation_backward.case("sigmoid, more units, some saturated", secret=True)
def _(random) -> dict[str, PlainData]:
    case = _activated(random, (9, 13), "sigmoid")
    case["h"][2, :3] = [0.0, 1.0, 1.0]
    return case


@activation_backward.reference
def _(dh, h, activation):
    from autograder.kernels.activations import activation_backward as kernel

    return kernel(as_tensor(h), as_tensor(dh), activation).numpy()


@activation_backward.mistake(
    "output_taken_for_input",
    "You treated h as the pre-activation a, and applied the activation to it once more. h is already g(a).",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * SLOPES[activation](ACTIVATIONS[activation](h))


@activation_backward.mistake(
    "slope_alone",
    "You return g′ alone. The backward step passes an error on, and dh, the error that arrives, is not used.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return SLOPES[activation](h)


@activation_backward.mistake(
    "relu_gate_always_open",
    "Your relu lets every error through: the test h ≥ 0 is true for every output of a relu, also for the units that "
    "were switched off and gave 0.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * (h >= 0) if activation == "relu" else dh * SLOPES[activation](h)


@activation_backward.mistake(
    "relu_times_output",
    "For relu you multiplied by h. The slope of relu does not depend on how large the output is.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * h if activation == "relu" else dh * SLOPES[activation](h)


@activation_backward.mistake(
    "tanh_not_squared",
    "For tanh you used 1 − h. Check it at large negative a: a slope of tanh lies between 0 and 1.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * (1 - h) if activation == "tanh" else dh * SLOPES[activation](h)


@activation_backward.mistake(
    "sigmoid_slope_for_tanh",
    "For tanh you used the slope of the sigmoid. Their outputs have different ranges, and so do the forms of g′.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * SLOPES["sigmoid" if activation == "tanh" else activation](h)


@activation_backward.mistake(
    "argument_changed",
    "The values are right, but your function writes into dh, which belongs to the caller: whoever uses dh "
    "afterwards gets something else. Make a new array.",
    PAGE + "activations",
)
def _(dh, h, activation):
    dh *= SLOPES[activation](h)
    return dh


for _one in ("sigmoid", "tanh"):

    @activation_backward.mistake("output_taken_for_input")
    def _(dh, h, activation, one=_one):
        return dh * SLOPES[activation](ACTIVATIONS[activation](h) if activation == one else h)


for _one in ("sigmoid", "tanh", "relu"):

    @activation_backward.mistake("slope_alone")
    def _(dh, h, activation, one=_one):
        return SLOPES[activation](h) * (1 if activation == one else dh)


@activation_backward.mistake(
    "output_for_slope",
    "You multiplied by h itself, where the derivative g′ belongs.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * h


@activation_backward.mistake(
    "activation_ignored",
    "The slope is always that of one activation. `activation` says which one is meant.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * SLOPES["sigmoid"](h)


for _always in ("tanh", "relu"):

    @activation_backward.mistake("activation_ignored")
    def _(dh, h, activation, always=_always):
        return dh * SLOPES[always](h)


@activation_backward.mistake(
    "relu_gate_on_the_error",
    "Your relu passes on where the error is positive. Whether a unit was on is seen from its output.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * ((dh > 0) if activation == "relu" else SLOPES[activation](h))


@activation_backward.mistake(
    "bracket_missing",
    "A bracket is missing in the slope: products bind more tightly than minus does.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return {"sigmoid": dh * h * 1 - h, "tanh": dh * 1 - h**2, "relu": dh * (h > 0)}[activation]


@activation_backward.mistake("bracket_missing")
def _(dh, h, activation):
    return dh * 1 - h**2 if activation == "tanh" else dh * SLOPES[activation](h)


@activation_backward.mistake("bracket_missing")
def _(dh, h, activation):
    return dh * h * 1 - h if activation == "sigmoid" else dh * SLOPES[activation](h)


@activation_backward.mistake("bracket_missing")
def _(dh, h, activation):
    return dh * (h * 1 - h) if activation == "sigmoid" else dh * SLOPES[activation](h)


@activation_backward.mistake(
    "square_of_the_difference",
    "For tanh you squared a difference, where the square belongs to h alone.",
    PAGE + "activations",
)
def _(dh, h, activation):
    return dh * ((1 - h) ** 2 if activation == "tanh" else SLOPES[activation](h))


@activation_backward.mistake("argument_changed")
def _(dh, h, activation):
    if activation != "relu":
        return dh * SLOPES[activation](h)
    dh[h <= 0] = 0
    return dh


@activation_backward.alternative
def with_cases(dh, h, activation):
    if activation == "relu":
        return np.where(h > 0, dh, 0.0)
    return dh * (h - h * h) if activation == "sigmoid" else dh - dh * h**2


@activation_backward.alternative
def with_copy_and_mask(dh, h, activation):
    da = dh.astype(np.float32)
    if activation == "relu":
        da[h <= 0] = 0
        return da
    return da * (h * (1 - h) if activation == "sigmoid" else (1 + h) * (1 - h)).astype(np.float32)
