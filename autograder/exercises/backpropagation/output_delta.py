import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import ACTIVATIONS, BY_HAND, PAGE, SLOPES
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

output_delta = Exercise(
    "output_delta",
    signature=(
        "output_delta(h: (N, K) float64, t: (N, K) float64, activation: str) -> delta: (N, K) float64"
    ),
    outputs=("delta",),
    form="transcribe",
    points=1,
    forbids=BY_HAND,
    section=PAGE + "output-delta",
)


def _outputs(random, N, K, activation):
    h = ACTIVATIONS[activation](random.normal(size=(N, K)))
    return {"h": h, "t": random.uniform(-1, 1, size=(N, K)), "activation": activation}


@output_delta.case("sigmoid")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 5, 3, "sigmoid")


@output_delta.case("tanh")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 4, 7, "tanh")


@output_delta.case("identity, one example")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 1, 4, "identity")


@output_delta.case("tanh, one output")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 3, 1, "tanh")


@output_delta.case("identity, as many examples as outputs")
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 4, 4, "identity")


@output_delta.case("sigmoid, some units on target")
def _(random) -> dict[str, PlainData]:
    case = _outputs(random, 4, 5, "sigmoid")
    case["t"][2, 1:3] = case["h"][2, 1:3]
    return case


@output_delta.case("tanh, some outputs 0")
def _(random) -> dict[str, PlainData]:
    case = _outputs(random, 3, 4, "tanh")
    case["h"][1, 1:3] = 0.0
    return case


@output_delta.case("sigmoid, large batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _outputs(random, 65, 11, "sigmoid")


@output_delta.reference
def _(h, t, activation):
    from autograder.kernels.activations import activation_backward

    return activation_backward(as_tensor(h), as_tensor((h - t) / len(h)), activation).numpy()


@output_delta.mistake(
    "mean_dropped",
    "You left out the mean over the batch: E carries 1/N, so every δ of the output layer carries it too.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](h)


@output_delta.mistake(
    "mean_over_all",
    "You divided by N·K. E is the mean over the N examples, but the sum over the K outputs of each.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](h) / h.size


output_delta.slip(
    "absolute_error",
    "You took |h − t|: the sign is lost, and every output that is too low would be pushed further down "
    "(erratum E07).",
    PAGE + "output-delta",
    of="with_loops",
    right="(h[n, k] - t[n, k])",
    wrong="abs(h[n, k] - t[n, k])",
)


@output_delta.mistake(
    "wrong_sign",
    "The sign is reversed: that is the direction to go. δ = ∂E/∂a is the gradient, which points uphill.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (t - h) * SLOPES[activation](h) / len(h)


@output_delta.mistake(
    "slope_dropped",
    "You stopped at ∂E/∂h. δ is the derivative with respect to the pre-activation a, one step further back.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) / len(h)


@output_delta.mistake(
    "slope_of_output",
    "You applied the activation once more to h before taking its derivative: that is g′(h), not g′(a). "
    "h is already g(a), and g′(a) can be written in h directly.",
    PAGE + "activations",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](ACTIVATIONS[activation](h)) / len(h)


@output_delta.mistake(
    "factor_two",
    "Twice too large: you differentiated the square and left out the ½ in front of E.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return 2 * (h - t) * SLOPES[activation](h) / len(h)


@output_delta.mistake(
    "mean_over_outputs",
    "You divided by K, the number of outputs. E is the mean over the N examples, and the sum over the outputs of each.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](h) / h.shape[1]


@output_delta.mistake(
    "halved",
    "Half too small: the ½ in front of E is meant for the 2 that the square gives, and you used it once more.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    return (h - t) * SLOPES[activation](h) / (2 * len(h))


@output_delta.mistake(
    "activation_ignored",
    "The slope is always that of one activation. `activation` says which one the layer has.",
    PAGE + "activations",
)
def _(h, t, activation):
    return (h - t) * SLOPES["sigmoid"](h) / len(h)


@output_delta.mistake("activation_ignored")
def _(h, t, activation):
    return (h - t) * SLOPES["tanh"](h) / len(h)


@output_delta.mistake(
    "sigmoid_slope_for_tanh",
    "For tanh you used the slope of the sigmoid. Their outputs have different ranges, and so do the forms of g′.",
    PAGE + "activations",
)
def _(h, t, activation):
    return (h - t) * SLOPES["sigmoid" if activation == "tanh" else activation](h) / len(h)


@output_delta.mistake(
    "tanh_not_squared",
    "For tanh you used 1 − h. Check it at large negative a: a slope of tanh lies between 0 and 1.",
    PAGE + "activations",
)
def _(h, t, activation):
    return (h - t) * (1 - h if activation == "tanh" else SLOPES[activation](h)) / len(h)


@output_delta.mistake(
    "identity_slope_of_output",
    "For the identity you multiplied by h itself. How fast does its output grow with a?",
    PAGE + "activations",
)
def _(h, t, activation):
    return (h - t) * (h if activation == "identity" else SLOPES[activation](h)) / len(h)


@output_delta.mistake(
    "identity_slope_zero",
    "For the identity your δ is 0 everywhere: a straight line has a slope, and the error passes through it.",
    PAGE + "activations",
)
def _(h, t, activation):
    return (h - t) * (0 if activation == "identity" else SLOPES[activation](h)) / len(h)


@output_delta.mistake(
    "bracket_missing",
    "A bracket is missing around a difference: products and quotients bind more tightly than minus does.",
    PAGE + "output-delta",
)
def _(h, t, activation):
    slopes = {
        "sigmoid": (h - t) * h * 1 - h,
        "tanh": (h - t) * 1 - h**2,
        "identity": h - t,
    }
    return slopes[activation] / len(h)


@output_delta.mistake("bracket_missing")
def _(h, t, activation):
    return (h - t) * (h * 1 - h if activation == "sigmoid" else SLOPES[activation](h)) / len(h)


@output_delta.mistake("bracket_missing")
def _(h, t, activation):
    delta = (h - t) * 1 - h**2 if activation == "tanh" else (h - t) * SLOPES[activation](h)
    return delta / len(h)


@output_delta.mistake("bracket_missing")
def _(h, t, activation):
    delta = (h - t) * h * 1 - h if activation == "sigmoid" else (h - t) * SLOPES[activation](h)
    return delta / len(h)


@output_delta.mistake("bracket_missing")
def _(h, t, activation):
    return h - t * SLOPES[activation](h) / len(h)


@output_delta.alternative
def with_loops(h, t, activation):
    delta = np.empty((len(h), h.shape[1]), dtype=np.float32)
    slopes = {
        "sigmoid": lambda o: o - o * o,
        "tanh": lambda o: (1 - o) * (1 + o),
        "identity": lambda o: 1,
    }
    for n in range(h.shape[0]):
        for k in range(h.shape[1]):
            delta[n, k] = (h[n, k] - t[n, k]) * slopes[activation](h[n, k]) / h.shape[0]
    return delta


@output_delta.alternative
def from_the_preactivation(h, t, activation):
    if activation == "identity":
        slope = 1.0
    elif activation == "tanh":
        slope = 1 / np.cosh(np.arctanh(h)) ** 2
    else:
        e = np.exp(-np.log(h / (1 - h)))
        slope = e / (1 + e) ** 2
    return np.asfortranarray((h - t) / len(t) * slope)
