import numpy as np

from autograder.exercises.neuron.shared import add_cases, declare_derivative, kernel_slope, logistic

relu_derivative = declare_derivative("relu", "relu")


add_cases(relu_derivative, zero=False)  # at the kink any slope from 0 to 1 is right


@relu_derivative.reference
def _(a):
    return kernel_slope(a, "relu")


@relu_derivative.mistake(
    "value_for_slope",
    "You give ReLU itself. Its slope does not grow with a: it is the same wherever the unit is on.",
)
def _(a):
    return np.maximum(a, 0)


@relu_derivative.mistake(
    "always_open",
    "You give 1 everywhere. If you compare the output with ≥ 0: every output of a ReLU is ≥ 0. "
    "Where a < 0 the curve is flat.",
)
def _(a):
    return np.ones(a.shape)


@relu_derivative.mistake(
    "sign",
    "You give −1 where a is negative. That is the slope of |a|; ReLU is flat there.",
)
def _(a):
    return np.sign(a)


@relu_derivative.mistake(
    "leaky",
    "Negative entries get a small slope, as a leaky ReLU has it. The plain one is flat there.",
)
def _(a):
    return np.where(a > 0, 1.0, 0.01)


for _slope in (0.1, 0.2, 0.001):

    @relu_derivative.mistake("leaky")
    def _(a, slope=_slope):
        return np.where(a > 0, 1.0, slope)


@relu_derivative.mistake(
    "closed_where_open",
    "You give 1 where a is negative and 0 where it is positive: the other way round.",
)
def _(a):
    return (a < 0) * 1.0


@relu_derivative.mistake(
    "one_answer_for_all",
    "A whole array is neither positive nor negative: Python's `if a > 0` cannot decide for all entries at once. "
    "You need something that decides entry by entry.",
)
def _(a):
    return 1 if a > 0 else 0


@relu_derivative.mistake("one_answer_for_all")
def _(a):
    return np.ones_like(a) if a > 0 else np.zeros_like(a)


@relu_derivative.mistake(
    "slope_of_softplus",
    "You give σ(a), the slope of softplus. ReLU's slope changes at once, from 0 to 1.",
)
def _(a):
    return logistic(a)


@relu_derivative.alternative
def with_comparison(a):
    return a > 0


@relu_derivative.alternative
def with_the_other_convention(a):
    return np.where(a >= 0, 1.0, 0.0).astype(np.float32)


@relu_derivative.alternative
def with_heaviside(a):
    return np.heaviside(a, 0.5)
