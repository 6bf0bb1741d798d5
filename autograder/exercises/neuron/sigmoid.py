import math

import numpy as np

from autograder.exercises.neuron.shared import (
    PAGE,
    add_cases,
    declare_activation,
    kernel_value,
    logistic,
)

sigmoid = declare_activation("sigmoid", "sigmoid")


add_cases(sigmoid)


@sigmoid.reference
def _(a):
    return kernel_value(a, "sigmoid")


@sigmoid.mistake(
    "overflow_below",
    "The formula is right, but exp(−a) overflows when a is very negative. The result happens to be right (1/∞ = 0); "
    "the warning would come in every step of a training, and the next formula that uses this exponential gives NaN. "
    "Give exp only arguments ≤ 0.",
    PAGE + "overflow",
)
def _(a):
    return 1 / (1 + np.exp(-a))


@sigmoid.mistake("overflow_below")
def _(a):
    return 1 / (1 + np.e**-a)


@sigmoid.mistake("overflow_below")
def _(a):
    return 1 / (1 + np.power(np.e, -a))


@sigmoid.mistake("overflow_below")
def _(a):
    return np.array([1 / (1 + math.exp(-a_n)) for a_n in a.reshape(-1)]).reshape(a.shape)


@sigmoid.mistake(
    "overflow_above",
    "The formula is right, but exp(a) overflows when a is very large, and ∞/∞ is not a number. "
    "Give exp only arguments ≤ 0.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(a) / (1 + np.exp(a))


@sigmoid.mistake("overflow_above")
def _(a):
    return np.e**a / (1 + np.e**a)


@sigmoid.mistake("overflow_above")
def _(a):
    return np.array([math.exp(a_n) / (1 + math.exp(a_n)) for a_n in a.reshape(-1)]).reshape(a.shape)


@sigmoid.mistake(
    "both_branches",
    "exp overflows at both ends. If you choose between two formulas with np.where: it computes both for every entry "
    "and chooses afterwards. Let the argument of exp be ≤ 0 in the first place.",
    PAGE + "overflow",
)
def _(a):
    return np.where(a >= 0, 1 / (1 + np.exp(-a)), np.exp(a) / (1 + np.exp(a)))


@sigmoid.mistake(
    "mirrored",
    "Your curve falls from 1 to 0: that is σ(−a). Look at the sign in the exponent. "
    "(And the exponential overflows when a is very large.)",
)
def _(a):
    return 1 / (1 + np.exp(a))


@sigmoid.mistake(
    "mirrored_without_overflow",
    "Your curve falls from 1 to 0: that is σ(−a). Look at the sign in the exponent.",
)
def _(a):
    return (1 - np.sign(a)) / 2 + np.sign(a) * np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a)))


@sigmoid.mistake("mirrored_without_overflow")
def _(a):
    return logistic(-a)


@sigmoid.mistake(
    "two_sided",
    "Your function runs from −1 to 1. The sigmoid runs from 0 to 1, with ½ at a = 0.",
)
def _(a):
    return np.tanh(a)


@sigmoid.mistake("two_sided")
def _(a):
    return np.tanh(a / 2)


@sigmoid.mistake(
    "always_positive_branch",
    "You use |a| and do not come back: negative entries get the value of their absolute value. "
    "What is σ(−a) when σ(a) is known?",
    PAGE + "overflow",
)
def _(a):
    return 1 / (1 + np.exp(-np.abs(a)))


@sigmoid.mistake(
    "always_negative_branch",
    "You use −|a| and do not come back: positive entries get the value of their negative. "
    "What is σ(a) when σ(−a) is known?",
    PAGE + "overflow",
)
def _(a):
    return np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a)))


@sigmoid.mistake(
    "zero_left_out",
    "You fill the entries above 0 and those below 0: an entry that is exactly 0 belongs to neither and keeps what was "
    "there before.",
)
def _(a):
    return np.where(a == 0, 0.0, logistic(a))


@sigmoid.mistake("zero_left_out")
def _(a):
    return np.where(a == 0, 1.0, logistic(a))


@sigmoid.mistake(
    "clipped_too_early",
    "You cut the entries off at a size at which the sigmoid is not yet 0 or 1: large entries come out wrong.",
    PAGE + "overflow",
)
def _(a):
    return logistic(np.clip(a, -5, 5))


for _limit in (1, 2, 3, 4, 6, 8):

    @sigmoid.mistake("clipped_too_early")
    def _(a, limit=_limit):
        return logistic(np.clip(a, -limit, limit))


@sigmoid.mistake(
    "clipped_line",
    "You give a straight line cut off at 0 and 1 (a hard sigmoid). It is close near 0, but not the sigmoid.",
)
def _(a):
    return np.clip(a / 4 + 0.5, 0, 1)


@sigmoid.mistake("clipped_line")
def _(a):
    return np.clip(0.2 * a + 0.5, 0, 1)


@sigmoid.alternative
def with_the_absolute_value(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


@sigmoid.alternative
def with_a_mask(a):
    h = np.empty(a.shape, dtype=np.float32)
    positive = a > 0
    h[positive] = 1 / (1 + np.exp(-a[positive]))
    e = np.exp(a[~positive])
    h[~positive] = e / (1 + e)
    return h


@sigmoid.alternative
def with_logaddexp(a):
    return np.exp(-np.logaddexp(0, -a))


@sigmoid.alternative
def with_clipping(a):
    return 1 / (1 + np.exp(-np.clip(np.asfortranarray(a), -500, 500)))


@sigmoid.alternative
def entry_by_entry(a):
    def one(a_n):
        return 1 / (1 + math.exp(-a_n)) if a_n >= 0 else math.exp(a_n) / (1 + math.exp(a_n))

    return np.vectorize(one)(a)
