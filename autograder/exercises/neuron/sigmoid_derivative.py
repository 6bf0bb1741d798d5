import numpy as np

from autograder.exercises.neuron.shared import (
    PAGE,
    add_cases,
    declare_derivative,
    kernel_slope,
    logistic,
)

sigmoid_derivative = declare_derivative("sigmoid", "sigmoid")


add_cases(sigmoid_derivative)


@sigmoid_derivative.reference
def _(a):
    return kernel_slope(a, "sigmoid")


@sigmoid_derivative.mistake(
    "input_for_output",
    "You compute a (1 − a). The short form of the slope is written in the output: h (1 − h) with h = σ(a).",
)
def _(a):
    return a * (1 - a)


@sigmoid_derivative.mistake(
    "twice_the_sigmoid",
    "You apply the sigmoid twice: the slope is taken at σ(a) in place of a.",
)
def _(a):
    h = logistic(logistic(a))
    return h * (1 - h)


@sigmoid_derivative.mistake(
    "overflow_below",
    "Right on paper, but an exponential overflows when a is very negative (in exp(−a)/(1 + exp(−a))² that gives ∞/∞, "
    "not a number). Your own sigmoid does not overflow: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(-a) / (1 + np.exp(-a)) ** 2


@sigmoid_derivative.mistake(
    "value_for_slope",
    "You give σ(a) itself. How steep is the curve where it is nearly 1?",
)
def _(a):
    return logistic(a)


@sigmoid_derivative.mistake(
    "slope_of_tanh",
    "You compute 1 − h². That is the form for the hyperbolic tangent; with h = σ(a) the slope is another product.",
)
def _(a):
    return 1 - logistic(a) ** 2


@sigmoid_derivative.mistake(
    "wrong_sign",
    "Your slope is negative, but the sigmoid rises everywhere. Differentiating exp(−a) gives one minus sign, 1/(…) "
    "gives another.",
)
def _(a):
    return logistic(a) * (logistic(a) - 1)


@sigmoid_derivative.alternative
def from_the_output(a):
    h = logistic(a)
    return h * (1 - h)


@sigmoid_derivative.alternative
def from_one_exponential(a):
    e = np.exp(-np.abs(a))
    return (e / (1 + e) ** 2).astype(np.float32)


@sigmoid_derivative.alternative
def from_tanh(a):
    return (1 - np.tanh(a / 2) ** 2) / 4
