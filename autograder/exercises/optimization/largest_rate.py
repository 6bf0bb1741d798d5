import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.compare import Tolerance
from dlarch.plain import PlainData

largest_rate = Exercise(
    "largest_rate",
    signature="largest_rate(curvature: (D,) float64, momentum: float) -> learning_rate: float",
    outputs=("learning_rate",),
    points=2,
    form="design",
    tolerance=Tolerance(relative=1e-2, absolute=0.0),
    uses=("momentum_step",),
    forbids=LIBRARIES,
    section=PAGE + "largest-rate",
)


def draw_bowl(random, directions, momentum):
    curvature = np.exp(random.uniform(-2, 3, size=directions))
    return {"curvature": curvature, "momentum": momentum}


@largest_rate.case("a valley")
def _(random) -> dict[str, PlainData]:
    return {"curvature": random.uniform(1, 2, size=2) * [0.3, 40], "momentum": 0.9}


@largest_rate.case("one direction")
def _(random) -> dict[str, PlainData]:
    return draw_bowl(random, 1, 0.6)


@largest_rate.case("seven directions")
def _(random) -> dict[str, PlainData]:
    return draw_bowl(random, 7, float(random.uniform(0.2, 0.4)))


@largest_rate.case("no momentum")
def _(random) -> dict[str, PlainData]:
    return draw_bowl(random, 3, 0.0)


@largest_rate.case("thirty directions", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_bowl(random, 30, float(random.uniform(0.7, 0.97)))


@largest_rate.reference
def _(curvature, momentum):
    return float(2 * (1 + momentum) / curvature.max())


@largest_rate.mistake(
    "of_plain_descent",
    "This is the limit of plain descent. The old velocity points back from where the last step has led, and brakes one "
    "that jumps from side to side: the limit is another one.",
)
def _(curvature, momentum):
    return float(2 / curvature.max())


@largest_rate.mistake(
    "for_a_constant_gradient",
    "You make the rate smaller by 1 − μ, because a gradient that stays adds up to so much. At the limit the gradient "
    "changes its sign in every step: what does the velocity add up to then?",
)
def _(curvature, momentum):
    return float(2 * (1 - momentum) / curvature.max())


@largest_rate.mistake(
    "flattest_direction",
    "This rate suits the flattest direction. One rate serves all: which direction leaves first?",
)
def _(curvature, momentum):
    return float(2 * (1 + momentum) / curvature.min())


@largest_rate.mistake(
    "mean_curvature",
    "You take the mean of the curvatures. A single direction that diverges is enough.",
)
def _(curvature, momentum):
    return float(2 * (1 + momentum) / curvature.mean())


@largest_rate.mistake(
    "too_cautious",
    "With this rate all converges, and with twice as much it still does.",
)
def _(curvature, momentum):
    return float((1 + momentum) / curvature.max())


@largest_rate.alternative
def with_eigenvalues(curvature, momentum):
    def diverges(rate):
        factors = [
            np.abs(np.linalg.eigvals([[1 - rate * c, -rate * momentum], [c, momentum]])).max()
            for c in curvature
        ]
        return max(factors) > 1

    low, high = 0.0, 10 / curvature.min()
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if diverges(middle) else (middle, high)
    return low


@largest_rate.alternative
def by_trying(curvature, momentum):
    def diverges(rate):
        theta, velocity = np.ones_like(curvature), np.zeros_like(curvature)
        with np.errstate(all="ignore"):
            for _ in range(4000):
                velocity = momentum * velocity + curvature * theta
                theta = theta - rate * velocity
        return not np.abs(theta).max() < 100

    low, high = 0.0, 10 / curvature.max()
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if diverges(middle) else (middle, high)
    return middle
