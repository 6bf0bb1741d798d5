import numpy as np

from autograder.exercises.neuron.shared import (
    PAGE,
    add_cases,
    declare_derivative,
    kernel_slope,
    logistic,
)

tanh_derivative = declare_derivative("tanh", "tanh")


add_cases(tanh_derivative)


@tanh_derivative.reference
def _(a):
    return kernel_slope(a, "tanh")


@tanh_derivative.mistake(
    "input_for_output",
    "You compute 1 − a², with the input a. The short form of the slope is written in the output, the value of tanh at a.",
)
def _(a):
    return 1 - a**2


@tanh_derivative.mistake(
    "square_forgotten",
    "You compute 1 − tanh(a). The square is missing: the slope is the same at a and at −a, and never above 1.",
)
def _(a):
    return 1 - np.tanh(a)


@tanh_derivative.mistake(
    "slope_of_the_sigmoid",
    "You compute h (1 − h). That is the form for the sigmoid; for h = tanh(a) it is another one.",
)
def _(a):
    return np.tanh(a) * (1 - np.tanh(a))


@tanh_derivative.mistake(
    "twice_tanh",
    "You apply tanh twice: the slope is taken at tanh(a) in place of a.",
)
def _(a):
    return 1 - np.tanh(np.tanh(a)) ** 2


@tanh_derivative.mistake(
    "overflow_of_cosh",
    "Right on paper, but cosh overflows at both ends. The slope written in the output, the value of tanh, does not.",
    PAGE + "overflow",
)
def _(a):
    return 1 / np.cosh(a) ** 2


@tanh_derivative.mistake(
    "square_of_cosh_forgotten",
    "You give 1/cosh(a). The denominator of the slope is the square of cosh (which overflows at both ends; the value of tanh "
    "does not).",
)
def _(a):
    return 1 / np.cosh(a)


@tanh_derivative.mistake("square_of_cosh_forgotten")
def _(a):
    return 2 / (np.exp(a) + np.exp(-a))


@tanh_derivative.mistake("square_of_cosh_forgotten")
def _(a):
    return 2 * np.exp(-np.abs(a)) / (1 + np.exp(-2 * np.abs(a)))


@tanh_derivative.mistake(
    "overflow_of_exp",
    "Right on paper, but an exponential overflows at both ends. Your own tanh does not: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return 4 / (np.exp(a) + np.exp(-a)) ** 2


@tanh_derivative.mistake("overflow_of_exp")
def _(a):
    return 1 - ((np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))) ** 2


@tanh_derivative.mistake(
    "sign_in_the_middle",
    "Your slope is nowhere below 1: a curve between −1 and 1 has to get flat at its ends. Look at the sign.",
)
def _(a):
    return 1 + np.tanh(a) ** 2


@tanh_derivative.mistake(
    "wrong_sign",
    "Your slope is negative, but tanh rises everywhere.",
)
def _(a):
    return np.tanh(a) ** 2 - 1


@tanh_derivative.mistake(
    "square_of_the_output",
    "You give the square of tanh(a). That is 0 at a = 0, where the curve is steepest.",
)
def _(a):
    return np.tanh(a) ** 2


@tanh_derivative.mistake(
    "value_for_slope",
    "You give tanh(a) itself. How steep is the curve where it is nearly 1?",
)
def _(a):
    return np.tanh(a)


@tanh_derivative.alternative
def from_the_output(a):
    return 1 - (2 * logistic(2 * a) - 1) ** 2


@tanh_derivative.alternative
def as_a_product(a):
    h = (2 * logistic(2 * a) - 1).astype(np.float32)
    return (1 - h) * (1 + h)


@tanh_derivative.alternative
def from_one_exponential(a):
    e = np.exp(-2 * np.abs(a))
    return 4 * e / (1 + e) ** 2
