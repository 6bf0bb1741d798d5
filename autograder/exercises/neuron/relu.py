import numpy as np

from autograder.exercises.neuron.shared import add_cases, declare_activation, kernel_value, logistic

relu = declare_activation("relu", "relu", "transcribe")


add_cases(relu)


@relu.reference
def _(a):
    return kernel_value(a, "relu")


@relu.mistake(
    "leaky",
    "Negative entries come out as small negative numbers: a leaky ReLU. The plain one gives exactly 0 there.",
)
def _(a):
    return np.where(a > 0, a, 0.01 * a)


for _slope in (0.1, 0.2, 0.001):

    @relu.mistake("leaky")
    def _(a, slope=_slope):
        return np.where(a > 0, a, slope * a)


@relu.mistake(
    "softplus",
    "You give log(1 + exp(a)), a smooth version of ReLU (softplus). ReLU has a kink at 0 and is exactly 0 below it.",
)
def _(a):
    return np.logaddexp(0, a)


@relu.mistake(
    "absolute_value",
    "You give |a|. Negative entries become 0, not positive.",
)
def _(a):
    return np.abs(a)


@relu.mistake(
    "upside_down",
    "You keep the negative entries and set the positive ones to 0: min(a, 0) in place of max(a, 0).",
)
def _(a):
    return np.minimum(a, 0)


@relu.mistake(
    "slope_for_value",
    "You give 1 where a is positive. That is the slope of ReLU (or a threshold); ReLU itself passes a on.",
)
def _(a):
    return (a > 0) * 1.0


@relu.mistake(
    "cut_off_above",
    "You cut large entries off as well. ReLU has a lower limit only: however large a is, it is passed on.",
)
def _(a):
    return np.clip(a, 0, 1)


@relu.mistake("cut_off_above")
def _(a):
    return np.clip(a, 0, 6)


@relu.mistake("cut_off_above")
def _(a):
    return np.clip(a, 0, 100)


@relu.mistake(
    "smooth_gate",
    "You multiply a by σ(a), a smooth gate (this is called SiLU). The gate of ReLU is either open or closed.",
)
def _(a):
    return a * logistic(a)


@relu.mistake(
    "maximum_along_an_axis",
    "np.max(a, 0) takes the largest entry along axis 0. You need the function that compares entry by entry: np.maximum.",
)
def _(a):
    return np.max(a, 0)


@relu.mistake(
    "maximum_of_python",
    "A whole array is neither positive nor negative: Python's max(a, 0) and `if a > 0` cannot decide for all entries "
    "at once. You need something that decides entry by entry, such as np.maximum.",
)
def _(a):
    return max(a, 0)


@relu.mistake("maximum_of_python")
def _(a):
    return a if a > 0 else 0


@relu.mistake("maximum_of_python")
def _(a):
    return a if a > 0 else np.zeros_like(a)


@relu.mistake(
    "in_place",
    "The values are right, but you set the negative entries of the argument itself to 0: whoever called the function "
    "has lost a. Work on a copy, or let NumPy make a new array.",
)
def _(a):
    a[a < 0] = 0
    return a


@relu.alternative
def with_maximum(a):
    return np.maximum(0, a).astype(np.float32)


@relu.alternative
def with_the_gate(a):
    return a * (a > 0)


@relu.alternative
def with_the_absolute_value(a):
    return np.asfortranarray((a + np.abs(a)) / 2)
