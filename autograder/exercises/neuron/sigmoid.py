import numpy as np

from autograder.exercises.neuron.shared import PAGE, add_cases, declare_activation, kernel_value

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


@sigmoid.mistake(
    "overflow_above",
    "The formula is right, but exp(a) overflows when a is very large, and ∞/∞ is not a number. "
    "Give exp only arguments ≤ 0.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(a) / (1 + np.exp(a))


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


@sigmoid.mistake(
    "two_sided",
    "Your function runs from −1 to 1. The sigmoid runs from 0 to 1, with ½ at a = 0.",
)
def _(a):
    return np.tanh(a)


@sigmoid.mistake(
    "always_positive_branch",
    "You use |a| and do not come back: negative entries get the value of their absolute value. "
    "What is σ(−a) when σ(a) is known?",
    PAGE + "overflow",
)
def _(a):
    return 1 / (1 + np.exp(-np.abs(a)))


@sigmoid.mistake(
    "clipped_line",
    "You give a straight line cut off at 0 and 1 (a hard sigmoid). It is close near 0, but not the sigmoid.",
)
def _(a):
    return np.clip(a / 4 + 0.5, 0, 1)


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
