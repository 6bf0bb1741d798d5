import numpy as np

from autograder.exercises.neuron.shared import (
    PAGE,
    add_cases,
    declare_activation,
    kernel_value,
    logistic,
)

tanh = declare_activation("tanh", "tanh")


add_cases(tanh)


@tanh.reference
def _(a):
    return kernel_value(a, "tanh")


@tanh.mistake(
    "shifted",
    "Your curve is shifted by ½ to the right: at a = 0 it gives −0.46. The 1 in the exponent of one lecture's formula "
    "does not belong there (erratum E05). (For very negative a the exponential overflows, too.)",
)
def _(a):
    return (1 - np.exp(1 - 2 * a)) / (1 + np.exp(1 - 2 * a))


@tanh.mistake(
    "shifted_without_overflow",
    "Your curve is shifted by ½ to the right: at a = 0 it gives −0.46. The 1 in the exponent of one lecture's formula "
    "does not belong there (erratum E05).",
)
def _(a):
    return np.tanh(a - 0.5)


@tanh.mistake(
    "overflow_below",
    "The formula is right, but exp(−2a) overflows when a is very negative, and ∞/∞ is not a number. "
    "tanh is odd: the values for a > 0 are all you need.",
    PAGE + "overflow",
)
def _(a):
    return (1 - np.exp(-2 * a)) / (1 + np.exp(-2 * a))


@tanh.mistake("overflow_below")
def _(a):
    return 2 / (1 + np.exp(-2 * a)) - 1


@tanh.mistake("overflow_below")
def _(a):
    return (1 - np.e ** (-2 * a)) / (1 + np.e ** (-2 * a))


@tanh.mistake(
    "overflow_above",
    "The formula is right, but exp(2a) overflows when a is very large, and ∞/∞ is not a number. "
    "tanh is odd: the values for a < 0 are all you need.",
    PAGE + "overflow",
)
def _(a):
    return (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)


@tanh.mistake("overflow_above")
def _(a):
    return (np.e ** (2 * a) - 1) / (np.e ** (2 * a) + 1)


@tanh.mistake(
    "overflow_at_both_ends",
    "The formula may be right, but an exponential overflows at both ends. tanh is odd: find a formula for one side in "
    "which exp gets arguments ≤ 0, and use the sign of a for the other. (np.where computes both of its branches.)",
    PAGE + "overflow",
)
def _(a):
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


@tanh.mistake("overflow_at_both_ends")
def _(a):
    return np.sinh(a) / np.cosh(a)


@tanh.mistake("overflow_at_both_ends")
def _(a):
    return (np.e**a - np.e**-a) / (np.e**a + np.e**-a)


@tanh.mistake(
    "half_the_argument",
    "You give tanh(a/2): half as steep as tanh at 0, where its slope is 1. Which argument has to stand inside the "
    "sigmoid, or in the exponents?",
)
def _(a):
    return 2 * logistic(a) - 1


@tanh.mistake("half_the_argument")
def _(a):
    return (1 - np.exp(-a)) / (1 + np.exp(-a))


@tanh.mistake("half_the_argument")
def _(a):
    return (np.exp(a) - 1) / (np.exp(a) + 1)


@tanh.mistake(
    "mirrored",
    "Your curve falls from 1 to −1. The hyperbolic tangent rises: look at the signs.",
)
def _(a):
    return -np.tanh(a)


@tanh.mistake(
    "from_0_to_2",
    "Your function runs from 0 to 2. The hyperbolic tangent runs from −1 to 1 and is 0 at a = 0.",
)
def _(a):
    return 2 * logistic(2 * a)


@tanh.mistake(
    "from_minus_1_to_0",
    "Your function runs from −1 to 0. The hyperbolic tangent runs from −1 to 1: how high is the sigmoid?",
)
def _(a):
    return logistic(2 * a) - 1


@tanh.mistake(
    "sign_lost",
    "Negative entries get the value of their absolute value: the sign has been lost on the way.",
    PAGE + "overflow",
)
def _(a):
    return np.tanh(np.abs(a))


@tanh.mistake(
    "not_centred",
    "Your function runs from 0 to 1. The hyperbolic tangent runs from −1 to 1 and is 0 at a = 0.",
)
def _(a):
    return logistic(2 * a)


@tanh.mistake("not_centred")
def _(a):
    return logistic(a)


@tanh.alternative
def with_the_absolute_value(a):
    e = np.exp(-2 * np.abs(a))
    return np.sign(a) * (1 - e) / (1 + e)


@tanh.alternative
def with_the_sigmoid(a):
    return (2 / (1 + np.exp(-np.clip(2 * a, -500, 500))) - 1).astype(np.float32)


@tanh.alternative
def with_expm1(a):
    e = np.expm1(-2 * np.abs(a))
    return np.where(a < 0, e, -e) / (2 + e)
