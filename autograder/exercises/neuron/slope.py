import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import HIDING, PAGE, add_cases, kernel_slope, logistic
from autograder.exercises.shared import LIBRARIES
from dlarch.checks_file import Part

ZERO_ASKED = {"threshold": False, "sigmoid": True, "tanh": True, "relu": False}
"""Activations, and whether the slope at 0 is asked for: at a kink any slope from 0 to 1 is right."""

slope = Exercise(
    "slope",
    signature="slope(a: any shape float64, activation: str) -> slope: shape of a float64",
    outputs=("slope",),
    parts={"kinked": Part(2), "sigmoid": Part(1), "tanh": Part(1)},
    driver="neuron.without_overflow",
    uses=("sigmoid", "tanh"),
    forbids=(*LIBRARIES, "tanh", "arctanh", *HIDING),
    section=PAGE + "activations",
)

for _activation, _zero in ZERO_ASKED.items():
    add_cases(slope, _zero, activation=_activation)

for _part, _activations in {
    "kinked": ("threshold", "relu"),  # the threshold's slope alone is known without work
    "sigmoid": ("sigmoid",),
    "tanh": ("tanh",),
}.items():
    slope.parts[_part].cases = tuple(
        case.name for case in slope.cases if case.name.startswith(_activations)
    )


@slope.reference
def _(a, activation):
    return np.zeros(a.shape) if activation == "threshold" else kernel_slope(a, activation)


RIGHT = {
    "threshold": lambda a: np.zeros(a.shape),
    "sigmoid": lambda a: logistic(a) * (1 - logistic(a)),
    "tanh": lambda a: 1 - np.tanh(a) ** 2,
    "relu": lambda a: (a > 0) * 1.0,
}


def mistake_about(wrong_activation, name, message="", section=""):
    """Add a mistake about one activation; the slopes of the others are right."""

    def add(wrong):
        @slope.mistake(f"{wrong_activation}_{name}", message, section)
        def _(a, activation):
            return wrong(a) if activation == wrong_activation else RIGHT[activation](a)

        return wrong

    return add


@mistake_about(
    "threshold",
    "the_threshold_itself",
    "You give the threshold's value (or ReLU's slope): 1 where the unit is on. But there its output is constant, "
    "however much a moves: look at the curve, how steep is it?",
)
def _(a):
    return (a >= 0) * 1.0


@mistake_about(
    "threshold",
    "straight_through",
    "You give 1 everywhere. That is a trick to train such units all the same (the straight-through estimator), "
    "not the derivative.",
)
def _(a):
    return np.ones(a.shape)


@mistake_about(
    "threshold",
    "slope_of_the_sigmoid",
    "You give the slope of a sigmoid at a. The sigmoid is a soft version of the threshold; the threshold "
    "itself is flat beside its jump.",
)
def _(a):
    return logistic(a - 0) * (1 - logistic(a - 0))


@mistake_about(
    "threshold",
    "coarse_difference",
    "You measure the slope with a step that is not small, and so the jump gets into entries that are only near it. "
    "A derivative is the limit of small steps: beside the jump nothing changes.",
)
def _(a):
    return (a + 0.5 >= 0) * 1.0 - (a - 0.5 >= 0) * 1.0


def _difference(h):
    return lambda a: ((a + h >= 0) * 1.0 - (a - h >= 0) * 1.0) / (2 * h)


def _one_sided(h):
    return lambda a: ((a + h >= 0) * 1.0 - (a >= 0) * 1.0) / h


for _h in (1.0, 0.1, 0.01, 0.001):
    mistake_about("threshold", "coarse_difference")(_difference(_h))
    mistake_about("threshold", "coarse_difference")(_one_sided(_h))


@mistake_about(
    "threshold",
    "one_number",
    "You give one number. The slope has an entry for each entry of a, so that it can be multiplied with what comes from "
    "the next layer.",
)
def _(a):
    return 0.0


@mistake_about(
    "threshold",
    "threshold_upside_down",
    "You give 1 where the unit is off. But there its output is constant, however much a moves: how steep is the curve?",
)
def _(a):
    return (a < 0) * 1.0


@mistake_about(
    "threshold",
    "passes_the_value",
    "Where the unit is on you give a itself. What is asked for is how fast the output changes there.",
)
def _(a):
    return np.where(a >= 0, a, 0.0)


@mistake_about(
    "sigmoid",
    "input_for_output",
    "You compute a (1 − a), with the input a. The short form of the slope is written in the output, the value of the "
    "sigmoid at a.",
)
def _(a):
    return a * (1 - a)


@mistake_about(
    "sigmoid",
    "twice_the_sigmoid",
    "You apply the sigmoid twice: the slope is taken at σ(a) in place of a.",
)
def _(a):
    h = logistic(logistic(a))
    return h * (1 - h)


@mistake_about(
    "sigmoid",
    "overflow_below",
    "Right on paper, but an exponential overflows when a is very negative (in exp(−a)/(1 + exp(−a))² that gives ∞/∞, "
    "not a number). Your own sigmoid does not overflow: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(-a) / (1 + np.exp(-a)) ** 2


@mistake_about("sigmoid", "overflow_below")
def _(a):
    h = 1 / (1 + np.exp(-a))
    return h - h**2


@mistake_about("sigmoid", "overflow_below")
def _(a):
    return np.e**-a / (1 + np.e**-a) ** 2


@mistake_about(
    "sigmoid",
    "overflow_above",
    "Right on paper, but an exponential overflows when a is very large. "
    "Your own sigmoid does not overflow: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return np.exp(a) / (1 + np.exp(a)) ** 2


@mistake_about(
    "sigmoid",
    "square_of_the_output",
    "You give the square of σ(a). Far to the right the sigmoid is flat, and yours is 1 there.",
)
def _(a):
    return logistic(a) ** 2


@mistake_about(
    "sigmoid",
    "what_is_missing_to_1",
    "You give 1 − σ(a), what is missing to 1. Far to the left the sigmoid is flat, and yours is 1 there.",
)
def _(a):
    return 1 - logistic(a)


@mistake_about(
    "sigmoid",
    "square_missing",
    "Where you have one exponential over 1 + the same exponential, the denominator has lost its square: differentiating "
    "1/u gives −1/u² times the slope of u.",
)
def _(a):
    return np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a)))


@mistake_about("sigmoid", "square_missing")
def _(a):
    return np.exp(-a) / (1 + np.exp(-a))


@mistake_about(
    "sigmoid",
    "output_plus_one",
    "You compute h (1 + h). At a large a the curve is flat, and yours is 2 there: look at the sign in the bracket.",
)
def _(a):
    return logistic(a) * (1 + logistic(a))


@mistake_about(
    "sigmoid",
    "value_for_slope",
    "You give σ(a) itself. How steep is the curve where it is nearly 1?",
)
def _(a):
    return logistic(a)


@mistake_about(
    "sigmoid",
    "slope_of_tanh",
    "You use the form for the hyperbolic tangent; the sigmoid has another one.",
)
def _(a):
    return 1 - logistic(a) ** 2


@mistake_about(
    "sigmoid",
    "wrong_sign",
    "Your slope is negative, but the sigmoid rises everywhere. Differentiating exp(−a) gives one minus sign, 1/(…) "
    "gives another.",
)
def _(a):
    return logistic(a) * (logistic(a) - 1)


@mistake_about(
    "tanh",
    "input_for_output",
    "You compute 1 − a², with the input a. The short form of the slope is written in the output, the value of tanh at a.",
)
def _(a):
    return 1 - a**2


@mistake_about(
    "tanh",
    "square_forgotten",
    "You compute 1 − tanh(a). The square is missing: the slope is the same at a and at −a, and never above 1.",
)
def _(a):
    return 1 - np.tanh(a)


@mistake_about(
    "tanh",
    "slope_of_the_sigmoid",
    "You use the form for the sigmoid; tanh has another one.",
)
def _(a):
    return np.tanh(a) * (1 - np.tanh(a))


@mistake_about(
    "tanh",
    "twice_tanh",
    "You apply tanh twice: the slope is taken at tanh(a) in place of a.",
)
def _(a):
    return 1 - np.tanh(np.tanh(a)) ** 2


@mistake_about(
    "tanh",
    "overflow_of_cosh",
    "Right on paper, but cosh overflows at both ends. The slope written in the output, the value of tanh, does not.",
    PAGE + "overflow",
)
def _(a):
    return 1 / np.cosh(a) ** 2


@mistake_about(
    "tanh",
    "square_of_cosh_forgotten",
    "You give 1/cosh(a). The denominator of the slope is the square of cosh (which overflows at both ends; the value of tanh "
    "does not).",
)
def _(a):
    return 1 / np.cosh(a)


@mistake_about("tanh", "square_of_cosh_forgotten")
def _(a):
    return 2 / (np.exp(a) + np.exp(-a))


@mistake_about("tanh", "square_of_cosh_forgotten")
def _(a):
    return 2 * np.exp(-np.abs(a)) / (1 + np.exp(-2 * np.abs(a)))


@mistake_about(
    "tanh",
    "overflow_of_exp",
    "Right on paper, but an exponential overflows at both ends. Your own tanh does not: write the slope in its output.",
    PAGE + "overflow",
)
def _(a):
    return 4 / (np.exp(a) + np.exp(-a)) ** 2


@mistake_about("tanh", "overflow_of_exp")
def _(a):
    return 1 - ((np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))) ** 2


@mistake_about(
    "tanh",
    "sign_in_the_middle",
    "Your slope is nowhere below 1: a curve between −1 and 1 has to get flat at its ends. Look at the sign.",
)
def _(a):
    return 1 + np.tanh(a) ** 2


@mistake_about(
    "tanh",
    "wrong_sign",
    "Your slope is negative, but tanh rises everywhere.",
)
def _(a):
    return np.tanh(a) ** 2 - 1


@mistake_about(
    "tanh",
    "square_of_the_output",
    "You give the square of tanh(a). That is 0 at a = 0, where the curve is steepest.",
)
def _(a):
    return np.tanh(a) ** 2


@mistake_about(
    "tanh",
    "value_for_slope",
    "You give tanh(a) itself. How steep is the curve where it is nearly 1?",
)
def _(a):
    return np.tanh(a)


@mistake_about(
    "relu",
    "value_for_slope",
    "You give ReLU itself. Its slope does not grow with a: it is the same wherever the unit is on.",
)
def _(a):
    return np.maximum(a, 0)


@mistake_about(
    "relu",
    "always_open",
    "You give 1 everywhere. If you compare the output with ≥ 0: every output of a ReLU is ≥ 0. "
    "Where a < 0 the curve is flat.",
)
def _(a):
    return np.ones(a.shape)


@mistake_about(
    "relu",
    "sign",
    "You give −1 where a is negative. That is the slope of |a|; ReLU is flat there.",
)
def _(a):
    return np.sign(a)


@mistake_about(
    "relu",
    "leaky",
    "Negative entries get a small slope, as a leaky ReLU has it. The plain one is flat there.",
)
def _(a):
    return np.where(a > 0, 1.0, 0.01)


for _slope in (0.1, 0.2, 0.001):

    @mistake_about("relu", "leaky")
    def _(a, slope=_slope):
        return np.where(a > 0, 1.0, slope)


@mistake_about(
    "relu",
    "closed_where_open",
    "You give 1 where a is negative and 0 where it is positive: the other way round.",
)
def _(a):
    return (a < 0) * 1.0


@mistake_about(
    "relu",
    "one_answer_for_all",
    "A whole array is neither positive nor negative: Python's `if a > 0` cannot decide for all entries at once. "
    "You need something that decides entry by entry.",
)
def _(a):
    return 1 if a > 0 else 0


@mistake_about("relu", "one_answer_for_all")
def _(a):
    return np.ones_like(a) if a > 0 else np.zeros_like(a)


@mistake_about(
    "relu",
    "slope_of_softplus",
    "You give σ(a), the slope of softplus. ReLU's slope changes at once, from 0 to 1.",
)
def _(a):
    return logistic(a)


@slope.alternative
def in_the_outputs(a, activation):
    if activation == "threshold":
        return np.zeros_like(a, dtype=np.float32)
    if activation == "relu":
        return a > 0
    h = logistic(a) if activation == "sigmoid" else 2 * logistic(2 * a) - 1
    return h * (1 - h) if activation == "sigmoid" else (1 - h) * (1 + h)


@slope.alternative
def from_one_exponential(a, activation):
    e = np.exp(-np.abs(a))
    match activation:
        case "sigmoid":
            return e / (1 + e) ** 2
        case "tanh":
            return 4 * e**2 / (1 + e**2) ** 2
        case "relu":
            return np.where(a >= 0, 1.0, 0.0).astype(np.float32)
    return np.where(a == 0, np.inf, 0.0)


@slope.alternative
def from_a_table(a, activation):
    h = 1e-9
    formulas = {
        "threshold": lambda: ((a + h >= 0).astype(float) - (a - h >= 0)) / (2 * h),
        "sigmoid": lambda: (1 - (2 * logistic(a) - 1) ** 2) / 4,
        "tanh": lambda: 4 * logistic(2 * a) * logistic(-2 * a),
        "relu": lambda: np.heaviside(a, 0.5),
    }
    return formulas[activation]()
