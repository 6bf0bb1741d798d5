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
    "You compute a (1 − a), with the input a. The short form of the slope is written in the output, the value of the "
    "sigmoid at a.",
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


@sigmoid_derivative.mistake("overflow_below")
def _(a):
    h = 1 / (1 + np.exp(-a))
    return h - h**2


@sigmoid_derivative.mistake("overflow_below")
def _(a):
    return np.e**-a / (1 + np.e**-a) ** 2


@sigmoid_derivative.mistake(
    "overflow_above",
    "Right on paper, but an exponential overflows when a is very large. "
    "Your own sigmoid does not overflow: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(a) / (1 + np.exp(a)) ** 2


@sigmoid_derivative.mistake(
    "square_of_the_output",
    "You give the square of σ(a). Far to the right the sigmoid is flat, and yours is 1 there.",
)
def _(a):
    return logistic(a) ** 2


@sigmoid_derivative.mistake(
    "what_is_missing_to_1",
    "You give 1 − σ(a), what is missing to 1. Far to the left the sigmoid is flat, and yours is 1 there.",
)
def _(a):
    return 1 - logistic(a)


@sigmoid_derivative.mistake(
    "square_missing",
    "Where you have one exponential over 1 + the same exponential, the denominator has lost its square: differentiating "
    "1/u gives −1/u² times the slope of u.",
)
def _(a):
    return np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a)))


@sigmoid_derivative.mistake("square_missing")
def _(a):
    return np.exp(-a) / (1 + np.exp(-a))


@sigmoid_derivative.mistake(
    "output_plus_one",
    "You compute h (1 + h). At a large a the curve is flat, and yours is 2 there: look at the sign in the bracket.",
)
def _(a):
    return logistic(a) * (1 + logistic(a))


@sigmoid_derivative.mistake(
    "value_for_slope",
    "You give σ(a) itself. How steep is the curve where it is nearly 1?",
)
def _(a):
    return logistic(a)


@sigmoid_derivative.mistake(
    "slope_of_tanh",
    "You compute 1 − h². That is the form for the hyperbolic tangent; the sigmoid has another one.",
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
