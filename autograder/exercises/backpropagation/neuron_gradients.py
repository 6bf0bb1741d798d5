import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import ACTIVATIONS, BY_HAND, PAGE
from autograder.exercises.shared import as_tensor
from dlarch.plain import PlainData

neuron_gradients = Exercise(
    "neuron_gradients",
    signature=(
        "neuron_gradients(x: (D,) float64, w: (D,) float64, b: float, t: float)"
        " -> E: float, dw: (D,) float64, db: float"
    ),
    outputs=("E", "dw", "db"),
    points=2,
    forbids=BY_HAND,
    section=PAGE + "neuron",
)


def _neuron(random, D, above):
    """Draw a neuron whose output lies above or below its target."""
    x, w, b = random.normal(size=D), random.normal(size=D), float(random.normal())
    o = float(ACTIVATIONS["sigmoid"](w @ x + b))
    part = random.uniform(0.2, 0.6)
    t = o * (1 - part) if above else o + (1 - o) * part
    return {"x": x, "w": w, "b": b, "t": float(t)}


@neuron_gradients.case("output above the target")
def _(random) -> dict[str, PlainData]:
    return _neuron(random, 3, above=True)


@neuron_gradients.case("output below the target")
def _(random) -> dict[str, PlainData]:
    return _neuron(random, 5, above=False)


@neuron_gradients.case("one input")
def _(random) -> dict[str, PlainData]:
    return _neuron(random, 1, above=False)


@neuron_gradients.case("an input is 0, the target lies outside [0, 1]")
def _(random) -> dict[str, PlainData]:
    case = _neuron(random, 4, above=True)
    case["x"][2] = 0.0
    return {**case, "t": float(random.uniform(-1.5, -0.5))}


@neuron_gradients.case("the output is the target, with all weights 0")
def _(random) -> dict[str, PlainData]:
    return {"x": random.normal(size=2), "w": np.zeros(2), "b": 0.0, "t": 0.5}


@neuron_gradients.case("saturated, on the wrong side")
def _(random) -> dict[str, PlainData]:
    x = random.uniform(1, 2, size=3)
    return {"x": x, "w": -3 * x, "b": float(random.uniform(-1, 0)), "t": 1.0}


@neuron_gradients.case("many inputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return {**_neuron(random, 40, above=True), "t": -0.5}


@neuron_gradients.reference
def _(x, w, b, t):
    import torch

    from autograder.kernels.linear import linear

    weight = as_tensor(w)[None].requires_grad_(True)
    bias = torch.tensor([b], dtype=torch.float64, requires_grad=True)
    o = linear(as_tensor(x)[None], weight, bias, activation="sigmoid")
    E = ((o - t) ** 2 / 2).sum()
    dw, db = torch.autograd.grad(E, (weight, bias))
    return E.item(), dw[0].numpy(), float(db)


def _right_neuron_delta(a, o, t):
    return (o - t) * o * (1 - o)


def _neuron_answer(
    x, w, b, t, delta=_right_neuron_delta, bias_factor=1.0, E=lambda error: error**2 / 2
):
    """Answer with another δ, a function of a, o and t."""
    a = float(w @ x + b)
    o = 1 / (1 + math.exp(-a))
    d = delta(a, o, t)
    return E(o - t), d * x, d * bias_factor


@neuron_gradients.mistake(
    "absolute_error",
    "You go back from |o − t|: that is right when the output is too high, and has the wrong sign when it is "
    "too low. The derivative of a square keeps the sign of what was squared (erratum E07).",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: abs(o - t) * o * (1 - o))


@neuron_gradients.mistake(
    "descent_direction",
    "You return −∂E/∂w, the direction in which the weights should move. The gradient itself points uphill; "
    "the minus sign belongs to the update, not to the gradient.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: (t - o) * o * (1 - o))


@neuron_gradients.mistake(
    "slope_dropped",
    "You left out the derivative of the sigmoid: o − t is ∂E/∂o, and on its way to w and b it has to pass through "
    "o = σ(a).",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: o - t)


@neuron_gradients.mistake(
    "slope_at_output",
    "You took the derivative of the sigmoid at o, by applying the sigmoid once more. It has to be taken at a: it can be "
    "written with o = σ(a), but it is not σ′(o).",
    PAGE + "neuron",
)
def _(x, w, b, t):
    s = ACTIVATIONS["sigmoid"]
    return _neuron_answer(x, w, b, t, lambda a, o, t: (o - t) * float(s(o) * (1 - s(o))))


@neuron_gradients.mistake(
    "slope_of_net_input",
    "You computed σ′ as a(1 − a), with the net input a where the output o belongs. "
    "The short form of σ′ is written in the output of the neuron, not in its net input.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: (o - t) * a * (1 - a))


@neuron_gradients.mistake(
    "factor_two",
    "Your gradients are twice too large: you differentiated the square, but E here carries a factor ½ that "
    "cancels the 2.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: 2 * (o - t) * o * (1 - o))


@neuron_gradients.mistake(
    "half_dropped",
    "E and its gradients are all twice too large: the factor ½ of this task is missing.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(
        x, w, b, t, lambda a, o, t: 2 * (o - t) * o * (1 - o), E=lambda error: error**2
    )


@neuron_gradients.mistake(
    "bias_times_delta",
    "dw is right, but you multiplied db by b. The bias acts like the weight of an input that is always 1.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, bias_factor=b)


@neuron_gradients.mistake(
    "weights_for_inputs",
    "E and db are right, but for dw you multiplied δ by the weights. The last factor is ∂a/∂w: how fast the weighted "
    "sum grows with a weight.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    E, _, db = _neuron_answer(x, w, b, t)
    return E, db * w, db


@neuron_gradients.mistake(
    "bias_forgotten",
    "Your neuron has no bias: the weighted sum is computed without b, and everything after it belongs to another neuron.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, 0.0, t)


@neuron_gradients.mistake(
    "bias_without_slope",
    "dw is right, but db stops at the output. The bias lies behind the sigmoid, as the weights do: on the way to it the "
    "error takes the same steps.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    a = float(w @ x + b)
    o = 1 / (1 + math.exp(-a))
    E, dw, _ = _neuron_answer(x, w, b, t)
    return E, dw, o - t


@neuron_gradients.mistake(
    "weights_without_slope",
    "db is right, but dw lacks the derivative of the sigmoid: the weights lie behind it, as the bias does.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    a = float(w @ x + b)
    o = 1 / (1 + math.exp(-a))
    E, _, db = _neuron_answer(x, w, b, t)
    return E, (o - t) * x, db


@neuron_gradients.mistake(
    "bracket_missing",
    "A bracket is missing in σ′: without it Python multiplies by 1 and then subtracts the output from everything.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: (o - t) * o * 1 - o)


@neuron_gradients.mistake("bracket_missing")
def _(x, w, b, t):
    return _neuron_answer(x, w, b, t, lambda a, o, t: o - t * o * (1 - o))


@neuron_gradients.mistake("descent_direction")
def _(x, w, b, t):
    E, dw, db = _neuron_answer(x, w, b, t)
    return E, -dw, db


@neuron_gradients.mistake(
    "tanh_for_sigmoid",
    "Your neuron answers with tanh: its outputs lie between −1 and 1. The task's σ is the sigmoid, from 0 to 1.",
    PAGE + "activations",
)
def _(x, w, b, t):
    o = math.tanh(w @ x + b)
    delta = (o - t) * (1 - o * o)
    return (o - t) ** 2 / 2, delta * x, delta


@neuron_gradients.mistake("tanh_for_sigmoid")
def _(x, w, b, t):
    o = math.tanh(w @ x + b)
    delta = (o - t) * o * (1 - o)
    return (o - t) ** 2 / 2, delta * x, delta


@neuron_gradients.mistake(
    "exponent_sign",
    "Your σ falls where it should rise: the sign in the exponent is reversed, so that your o is 1 − o of the task.",
    PAGE + "neuron",
)
def _(x, w, b, t):
    o = 1 / (1 + math.exp(w @ x + b))
    delta = (o - t) * o * (1 - o)
    return (o - t) ** 2 / 2, delta * x, delta


@neuron_gradients.alternative
def with_exponentials(x, w, b, t):
    e = np.exp(-(np.dot(w, x) + b))
    o = 1 / (1 + e)
    delta = (o - t) * e / (1 + e) ** 2
    return 0.5 * (o - t) ** 2, delta * x, delta


@neuron_gradients.alternative
def with_loop(x, w, b, t):
    a = b
    for i in range(len(x)):
        a += w[i] * x[i]
    o = 1 / (1 + math.exp(-a))
    db = (o - t) * o * (1 - o)
    return (o - t) * (o - t) / 2, np.array([db * x_i for x_i in x], dtype=np.float32), db
