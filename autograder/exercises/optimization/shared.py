"""What exercises of chapter 05 share."""

import numpy as np

from dlarch.compare import Tolerance
from dlarch.plain import PlainData

PAGE = "05_optimization.html#optimization-"

SMALL = Tolerance(relative=1e-4, absolute=1e-12)
"""Squares of small gradients are far below the usual absolute tolerance."""


def draw_walk(random, shape, steps, size, returns, **arguments):
    """Draw a start and one gradient for each step, of sizes that vary by a factor of ten around `size`."""
    gradient = [
        size * np.exp(random.uniform(-1.2, 1.2, size=shape)) * random.choice([-1, 1], size=shape)
        for _ in range(steps)
    ]
    return {
        "parameter": random.normal(size=shape),
        "gradient": gradient,
        "returns": ["parameter", *returns],
        **arguments,
    }


def silent(case, index=0):
    """Give a case in which one entry, as the weight of a dead unit, never gets a gradient."""
    for slope in case["gradient"]:
        slope[index] = 0.0
    return case


def draw_rolling(random, shape, steps, momentum, size=1.0, rolling=False):
    case = draw_walk(random, shape, steps, size, ["velocity"])
    velocity = size * random.normal(size=shape) if rolling else np.zeros(shape)
    rate = float(random.uniform(0.1, 0.4)) / size
    return {**case, "velocity": velocity, "learning_rate": rate, "momentum": momentum}


def momentum_cases(exercise):
    @exercise.case("from rest")
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(random, (3, 4), 4, 0.9)

    @exercise.case("already rolling, small gradients")
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(
            random, (5,), 3, float(random.uniform(0.5, 0.8)), size=1e-3, rolling=True
        )

    @exercise.case("the gradient turns round")
    def _(random) -> dict[str, PlainData]:
        case = draw_rolling(random, (2,), 4, 0.6)
        case["gradient"][2:] = [-2 * slope for slope in case["gradient"][:2]]
        return case

    @exercise.case("no momentum", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(random, (3, 2, 4), 3, 0.0)

    @exercise.case("twelve steps", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(random, (7, 5), 12, 0.95, size=0.03)


def draw_scaled(random, shape, steps, size, memory, filled=False, **settings):
    """Draw a walk with one memory of squares, epsilon as large as the gradients."""
    case = draw_walk(random, shape, steps, size, [memory])
    squares = size**2 * random.uniform(0.5, 2, size=shape) if filled else np.zeros(shape)
    return {
        **case,
        memory: squares,
        "learning_rate": float(random.uniform(0.2, 0.5)),
        "epsilon": size * float(random.uniform(0.5, 1.0)),
        **settings,
    }


def draw_moments(random, shape, steps, size, step=1, epsilon=None, **settings):
    """Draw a walk for Adam; from a later `step` on, the moments are filled."""
    case = draw_walk(random, shape, steps, size, ["first_moment", "second_moment"])
    if step == 1:
        m, v = np.zeros(shape), np.zeros(shape)
    else:
        m = 0.3 * size * random.normal(size=shape)
        v = 0.2 * size**2 * random.uniform(0.5, 2, size=shape)
    return {
        **case,
        "first_moment": m,
        "second_moment": v,
        "step": step,
        "learning_rate": float(random.uniform(0.2, 0.5)),
        "beta1": float(random.uniform(0.7, 0.9)),
        "beta2": float(random.uniform(0.95, 0.99)),
        "epsilon": size * float(random.uniform(0.4, 0.8)) if epsilon is None else epsilon,
        **settings,
    }


def adam_cases(exercise, **settings):
    @exercise.case("the first steps, small gradients")
    def _(random) -> dict[str, PlainData]:
        return draw_moments(random, (3, 4), 4, 1e-3, **settings)

    @exercise.case("one entry never gets a gradient")
    def _(random) -> dict[str, PlainData]:
        return silent(draw_moments(random, (5,), 3, 0.1, **settings), 4)

    @exercise.case("from iteration 7 on")
    def _(random) -> dict[str, PlainData]:
        return draw_moments(random, (2, 1), 3, 1.0, step=7, **settings)

    @exercise.case("the usual settings", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_moments(
            random, (2, 5, 3), 5, 0.3, beta1=0.9, beta2=0.999, epsilon=1e-8, **settings
        )

    @exercise.case("fifteen steps", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_moments(random, (7, 6), 15, 1e-4, **settings)


def step_of_adam(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    """Adam in NumPy, for the mistakes that differ from it in one place."""
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v
