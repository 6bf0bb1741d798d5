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
        return draw_rolling(random, (2, 3), 3, 0.9)

    @exercise.case("already rolling, small gradients, one of them 0")
    def _(random) -> dict[str, PlainData]:
        momentum = float(random.uniform(0.5, 0.8))
        return silent(draw_rolling(random, (4,), 2, momentum, size=1e-3, rolling=True), 1)

    @exercise.case("the gradient turns round")
    def _(random) -> dict[str, PlainData]:
        case = draw_rolling(random, (2,), 3, 0.6)
        case["gradient"][2] = -2 * case["gradient"][0]
        return case

    @exercise.case("no momentum, three axes")
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(random, (2, 1, 3), 2, 0.0, rolling=True)

    @exercise.case("one weight, large gradients")
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(random, (1,), 2, float(random.uniform(0.3, 0.5)), size=1e4)

    @exercise.case("no momentum, more weights", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(random, (3, 2, 4), 3, 0.0)

    @exercise.case("twelve steps", secret=True)
    def _(random) -> dict[str, PlainData]:
        return draw_rolling(random, (7, 5), 12, 0.95, size=0.03)


def scaled_cases(exercise, memory, **settings):
    """Give a rule with one memory of squares its cases; `settings` are functions of the random generator."""

    def add(name, shape, steps, size, secret=False, still=None, **given):
        @exercise.case(name, secret)
        def _(random) -> dict[str, PlainData]:
            drawn = {setting: draw(random) for setting, draw in settings.items()}
            case = draw_scaled(random, shape, steps, size, memory, **drawn, **given)
            return case if still is None else silent(case, still)

    add("small gradients", (3, 4), 3, 1e-3)
    add("one entry never gets a gradient", (5,), 2, 0.1, still=2)
    add("in the middle of a training", (2, 1), 2, 2.0, filled=True)
    add("three axes, the usual epsilon", (2, 1, 3), 2, 0.5, epsilon=1e-8)
    add("one weight, large gradients", (1,), 2, 1e4)
    add("more weights, the usual epsilon", (2, 3, 5), 4, 0.5, secret=True, epsilon=1e-8)
    add("twelve steps", (7, 6), 12, 1e-4, secret=True)


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


USUAL = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def adam_cases(exercise, **settings):
    """Give a rule of Adam's kind its cases; `settings` are functions of the random generator."""

    def add(name, shape, steps, size, secret=False, still=None, **given):
        @exercise.case(name, secret)
        def _(random) -> dict[str, PlainData]:
            drawn = {setting: draw(random) for setting, draw in settings.items()}
            case = draw_moments(random, shape, steps, size, **{**drawn, **given})
            return case if still is None else silent(case, still)

    add("the first steps, small gradients", (3, 4), 3, 1e-3)
    add("one entry never gets a gradient", (5,), 2, 0.1, still=4)
    add("from iteration 12 on", (2, 1), 2, 1.0, step=12)
    add("three axes, the usual settings", (2, 1, 3), 2, 0.3, **USUAL)
    add("one weight, large gradients", (1,), 2, 1e4)
    add("more weights, the usual settings", (2, 5, 3), 5, 0.3, secret=True, **USUAL)
    add("fifteen steps", (7, 6), 15, 1e-4, secret=True)


def add_wrong_orders(exercise, right, *orders):
    """Add the mistake that a rule's results come in another order than the task asks for."""
    exercise.mistake(
        "results_exchanged",
        "Your results come in another order than the task asks for: first the parameter, then what is remembered, as the "
        "arguments do.",
    )(_in_order(right, orders[0]))
    for order in orders[1:]:
        exercise.mistake("results_exchanged")(_in_order(right, order))


def _in_order(right, order):
    def answer(**task):
        with np.errstate(all="ignore"):
            results = right(**task)
            return tuple(results[place] for place in order)

    return answer


def add_fixed_settings(exercise, right, *choices):
    """Add the mistake that a rule uses settings of its own in place of some that it is given."""
    exercise.mistake(
        "settings_of_its_own",
        "You use numbers of your own where the caller chooses: rate, decay, ε and the like are arguments, whatever is usual.",
    )(_with_fixed(right, choices[0]))
    for settings in choices[1:]:
        exercise.mistake("settings_of_its_own")(_with_fixed(right, settings))


def _with_fixed(right, settings):
    def answer(**task):
        with np.errstate(all="ignore"):
            return right(**{**task, **settings})

    return answer


def step_of_adam(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    """Adam in NumPy, for the mistakes that differ from it in one place."""
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v
