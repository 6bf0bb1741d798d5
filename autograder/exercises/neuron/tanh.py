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


@tanh.mistake(
    "overflow_above",
    "The formula is right, but exp(2a) overflows when a is very large, and ∞/∞ is not a number. "
    "tanh is odd: the values for a < 0 are all you need.",
    PAGE + "overflow",
)
def _(a):
    return (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)


@tanh.mistake(
    "overflow_at_both_ends",
    "The formula may be right, but an exponential overflows at both ends. tanh is odd: find a formula for one side in "
    "which exp gets arguments ≤ 0, and use the sign of a for the other. (np.where computes both of its branches.)",
    PAGE + "overflow",
)
def _(a):
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


@tanh.mistake(
    "half_the_argument",
    "You give 2σ(a) − 1, which is tanh(a/2): half as steep. Inside the sigmoid stands 2a.",
)
def _(a):
    return 2 * logistic(a) - 1


@tanh.mistake(
    "sign_lost",
    "Negative entries get the value of their absolute value: multiply by the sign of a at the end.",
    PAGE + "overflow",
)
def _(a):
    return np.tanh(np.abs(a))


@tanh.mistake(
    "not_centred",
    "Your function runs from 0 to 1: that is σ(2a). The hyperbolic tangent runs from −1 to 1 and is 0 at a = 0.",
)
def _(a):
    return logistic(2 * a)


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
