import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE, logistic
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

hard_threshold_derivative = Exercise(
    "hard_threshold_derivative",
    signature=(
        "hard_threshold_derivative(a: any shape float64, beta: float) -> slope: shape of a float64"
    ),
    outputs=("slope",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "threshold",
)


def _off_the_jump(random, *shape):
    return {"a": random.normal(scale=2, size=shape), "beta": float(random.normal())}


@hard_threshold_derivative.case("a vector")
def _(random) -> dict[str, PlainData]:
    return {
        "a": np.append(
            random.normal(scale=2, size=int(random.integers(5, 50))),
            [0.35, 0.25, 0.301, 0.299, 0.3 + 1e-4, 0.3 - 1e-4],
        ),
        "beta": 0.3,
    }


@hard_threshold_derivative.case("a batch")
def _(random) -> dict[str, PlainData]:
    return _off_the_jump(random, 3, int(random.integers(4, 90)))


@hard_threshold_derivative.case("±1000, threshold 0")
def _(random) -> dict[str, PlainData]:
    return {"a": np.array([-1000.0, 1000.0, 0.5, -0.5]), "beta": 0.0}


@hard_threshold_derivative.case("three axes")
def _(random) -> dict[str, PlainData]:
    return _off_the_jump(random, 2, int(random.integers(2, 30)), 3)


@hard_threshold_derivative.case("another batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _off_the_jump(random, 7, int(random.integers(8, 90)))


@hard_threshold_derivative.reference
def _(a, beta):
    return np.zeros(a.shape)


@hard_threshold_derivative.mistake(
    "the_threshold_itself",
    "You give the threshold's value (or ReLU's slope): 1 where the unit is on. But there its output is constant, "
    "however much a moves: look at the curve, how steep is it?",
)
def _(a, beta):
    return (a >= beta) * 1.0


@hard_threshold_derivative.mistake(
    "straight_through",
    "You give 1 everywhere. That is a trick to train such units all the same (the straight-through estimator), "
    "not the derivative.",
)
def _(a, beta):
    return np.ones(a.shape)


@hard_threshold_derivative.mistake(
    "slope_of_the_sigmoid",
    "You give the slope of a sigmoid at a − β. The sigmoid is a soft version of the threshold; the threshold "
    "itself is flat beside its jump.",
)
def _(a, beta):
    return logistic(a - beta) * (1 - logistic(a - beta))


@hard_threshold_derivative.mistake(
    "coarse_difference",
    "You measure the slope with a step that is not small, and so the jump gets into entries that are only near it. "
    "A derivative is the limit of small steps: beside the jump nothing changes.",
)
def _(a, beta):
    return (a + 0.5 >= beta) * 1.0 - (a - 0.5 >= beta) * 1.0


def _difference(h):
    return lambda a, beta: ((a + h >= beta) * 1.0 - (a - h >= beta) * 1.0) / (2 * h)


def _one_sided(h):
    return lambda a, beta: ((a + h >= beta) * 1.0 - (a >= beta) * 1.0) / h


for _h in (1.0, 0.1, 0.01, 0.001):
    hard_threshold_derivative.mistake("coarse_difference")(_difference(_h))
    hard_threshold_derivative.mistake("coarse_difference")(_one_sided(_h))


@hard_threshold_derivative.mistake(
    "one_number",
    "You give one number. The slope has an entry for each entry of a, so that it can be multiplied with what comes from "
    "the next layer.",
)
def _(a, beta):
    return 0.0


@hard_threshold_derivative.mistake(
    "threshold_upside_down",
    "You give 1 where the unit is off. But there its output is constant, however much a moves: how steep is the curve?",
)
def _(a, beta):
    return (a < beta) * 1.0


@hard_threshold_derivative.mistake(
    "passes_the_value",
    "Where the unit is on you give a itself. What is asked for is how fast the output changes there.",
)
def _(a, beta):
    return np.where(a >= beta, a, 0.0)


@hard_threshold_derivative.alternative
def with_zeros_like(a, beta):
    return np.zeros_like(a, dtype=np.float32)


@hard_threshold_derivative.alternative
def infinite_at_the_jump(a, beta):
    return np.where(a == beta, np.inf, 0.0)


@hard_threshold_derivative.alternative
def by_a_small_difference(a, beta):
    h = 1e-9
    return ((a + h >= beta).astype(float) - (a - h >= beta)) / (2 * h)
