import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

predict_descent = Exercise(
    "predict_descent",
    signature="predict_descent(curvature: float, learning_rate: float) -> motion: str",
    outputs=("motion",),
    points=1,
    form="predict",
    driver="for_each",
    forbids=LIBRARIES,
    section=PAGE + "descent",
)


def draw_bowls(random, number) -> dict[str, PlainData]:
    """Draw bowls and rates; each of the three motions is there three times at least, none near a limit."""
    ranges = ((0.1, 0.9), (1.1, 1.9), (2.2, 3.8))
    kinds = [*(3 * [0, 1, 2]), *random.integers(0, 3, size=number - 9)]
    samples = []
    for kind in random.permutation(kinds):
        curvature = float(10 ** random.uniform(-2, 2))
        product = float(random.uniform(*ranges[kind]))
        samples.append({"curvature": curvature, "learning_rate": product / curvature})
    return {"samples": samples}


@predict_descent.case("twelve bowls")
def _(random) -> dict[str, PlainData]:
    return draw_bowls(random, 12)


@predict_descent.case("fifteen bowls")
def _(random) -> dict[str, PlainData]:
    return draw_bowls(random, 15)


@predict_descent.case("twenty others", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_bowls(random, 20)


def motion_of(factor):
    if factor > 0:
        return "straight"
    return "zigzag" if factor > -1 else "away"


@predict_descent.reference
def _(curvature, learning_rate):
    return motion_of(1 - learning_rate * curvature)


@predict_descent.mistake(
    "crossing_is_leaving",
    "You call every step that is longer than the distance a divergence. It ends on the other side of the "
    "minimum: is it farther from it there, or nearer?",
)
def _(curvature, learning_rate):
    return "straight" if learning_rate * curvature < 1 else "away"


@predict_descent.mistake(
    "never_across",
    "You say that descent is straight as long as it converges. Between straight descent and divergence there is a range "
    "in which every step crosses the minimum and gets nearer all the same.",
)
def _(curvature, learning_rate):
    return "straight" if learning_rate * curvature < 2 else "away"


@predict_descent.mistake(
    "rate_alone",
    "You judge by the learning rate alone, whatever the curvature is. The gradient grows with the curvature, and the step with the gradient.",
)
def _(curvature, learning_rate):
    return motion_of(1 - learning_rate)


@predict_descent.mistake(
    "gradient_halved",
    "Your limits are twice too large, as if the gradient were half of what it is: the ½ of the error cancels with the 2 "
    "of the derivative.",
)
def _(curvature, learning_rate):
    return motion_of(1 - learning_rate * curvature / 2)


@predict_descent.mistake(
    "gradient_doubled",
    "Your limits are half of what they should be, as if the gradient were twice what it is: the 2 of the derivative "
    "cancels with the ½ of the error.",
)
def _(curvature, learning_rate):
    return motion_of(1 - 2 * learning_rate * curvature)


@predict_descent.alternative
def by_the_limits(curvature, learning_rate):
    limit = 2 / curvature
    if learning_rate > limit:
        return "away"
    return "zigzag" if learning_rate > limit / 2 else "straight"


@predict_descent.alternative
def by_one_step(curvature, learning_rate):
    start = np.float64(3.0)
    end = start - learning_rate * curvature * start
    if abs(end) > start:
        return "away"
    return "straight" if end > 0 else "zigzag"
