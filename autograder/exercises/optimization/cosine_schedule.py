import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

cosine_schedule = Exercise(
    "cosine_schedule",
    signature=(
        "cosine_schedule(t: int, iterations: int, maximum: float, minimum: float, warmup: int)"
        " -> learning_rate: float"
    ),
    outputs=("learning_rate",),
    points=1,
    form="transcribe",
    driver="optimization.every_iteration",
    forbids=LIBRARIES,
    section=PAGE + "schedule",
)


def _plan(random, iterations, warmup, minimum=None):
    return {
        "iterations": iterations,
        "maximum": float(random.uniform(0.4, 0.9)),
        "minimum": float(random.uniform(0.02, 0.1)) if minimum is None else minimum,
        "warmup": warmup,
    }


@cosine_schedule.case("ten iterations, three of them warm-up")
def _(random) -> dict[str, PlainData]:
    return _plan(random, 10, 3)


@cosine_schedule.case("no warm-up")
def _(random) -> dict[str, PlainData]:
    return _plan(random, 7, 0)


@cosine_schedule.case("down to 0")
def _(random) -> dict[str, PlainData]:
    return _plan(random, 12, 5, minimum=0.0)


@cosine_schedule.case("one iteration of warm-up")
def _(random) -> dict[str, PlainData]:
    return _plan(random, 6, 1)


@cosine_schedule.case("all but one iteration of warm-up")
def _(random) -> dict[str, PlainData]:
    return _plan(random, 5, 4)


@cosine_schedule.case("one iteration in all")
def _(random) -> dict[str, PlainData]:
    return _plan(random, 1, 0)


@cosine_schedule.case("rates below a thousandth")
def _(random) -> dict[str, PlainData]:
    case = _plan(random, 8, 2)
    return {**case, **{name: case[name] / 1000 for name in ("maximum", "minimum")}}


@cosine_schedule.case("maximum and minimum are equal")
def _(random) -> dict[str, PlainData]:
    case = _plan(random, 4, 2)
    return {**case, "minimum": case["maximum"]}


@cosine_schedule.case("one iteration of warm-up, many in all", secret=True)
def _(random) -> dict[str, PlainData]:
    return _plan(random, 101, 1)


@cosine_schedule.case("long warm-up", secret=True)
def _(random) -> dict[str, PlainData]:
    return _plan(random, 60, 43)


def _cosine(progress, maximum, minimum):
    return minimum + (maximum - minimum) * (1 + np.cos(np.pi * progress)) / 2


@cosine_schedule.reference
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake(
    "one_iteration_late",
    "Your cosine is one iteration late, so that the last iteration does not reach the minimum. (Counting from 0 it "
    "would be right; here the first iteration has t = 1, and the warm-up ends at t = warmup.)",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - 1 - warmup) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake(
    "warmup_not_left_out",
    "Your cosine counts from the very first iteration, so that the rate jumps down where the warm-up ends. "
    "It has to start at its top there: count both numbers from the end of the warm-up.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine(t / iterations, maximum, minimum))


@cosine_schedule.mistake(
    "too_long_by_the_warmup",
    "You count from the end of the warm-up, but divide by all iterations: at the end the rate is still above the "
    "minimum. How many iterations are left after the warm-up?",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - warmup) / iterations, maximum, minimum))


@cosine_schedule.mistake(
    "whole_period",
    "Your cosine runs through a whole period and comes back to the maximum. Half a period leads from top to bottom.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine(2 * (t - warmup) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake(
    "half_missing",
    "1 + cos runs from 2 to 0: without the ½ the rate starts its descent above the maximum.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    progress = (t - warmup) / (iterations - warmup)
    return float(minimum + (maximum - minimum) * (1 + np.cos(np.pi * progress)))


@cosine_schedule.mistake(
    "minimum_added_on_top",
    "You add the minimum to a cosine that starts at the maximum, so the rate starts above it. "
    "What is scaled is the way from maximum to minimum.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(minimum + _cosine((t - warmup) / (iterations - warmup), maximum, 0.0))


@cosine_schedule.mistake(
    "minimum_not_used",
    "Your cosine falls to 0. The last rate is the minimum: what is scaled is the way from maximum to minimum.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, 0.0))


@cosine_schedule.mistake(
    "pi_missing",
    "Your cosine runs from angle 0 to angle 1, so that the rate stays high to the end. Half a period is the angle π.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - warmup) / (iterations - warmup) / np.pi, maximum, minimum))


@cosine_schedule.mistake(
    "straight_line",
    "Your rate falls along a straight line. The cosine stays high at first, and levels out at the end.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return maximum + (minimum - maximum) * (t - warmup) / (iterations - warmup)


@cosine_schedule.mistake(
    "upside_down",
    "Your rate rises from minimum to maximum after the warm-up: look at the sign of the cosine.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - warmup) / (iterations - warmup), minimum, maximum))


@cosine_schedule.mistake(
    "warmup_from_nothing",
    "Your warm-up starts at 0, so that the first iteration does nothing, and it does not reach the maximum at "
    "t = warmup. Iterations count from 1.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * (t - 1) / warmup
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake(
    "no_warmup",
    "There is no warm-up: in the first iterations the rate should rise along a straight line.",
)
def _(t, iterations, maximum, minimum, warmup):
    return float(_cosine(t / iterations, maximum, minimum))


@cosine_schedule.mistake("no_warmup")
def _(t, iterations, maximum, minimum, warmup):
    return float(_cosine(max(t - warmup, 0) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake("no_warmup")
def _(t, iterations, maximum, minimum, warmup):
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake(
    "warmup_from_the_minimum",
    "Your warm-up rises from the minimum. It rises from 0, where it would be at t = 0.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return minimum + (maximum - minimum) * t / warmup
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, minimum))


def _warm(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake(
    "whole_numbers",
    "Your rate stays where it is and jumps at the end: `//` leaves only the whole part of a fraction.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    return float(_cosine((t - warmup) // (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake("whole_numbers")
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * (t // warmup)
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake("whole_numbers")
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * (t // warmup)
    return float(_cosine((t - warmup) // (iterations - warmup), maximum, minimum))


@cosine_schedule.mistake(
    "degrees",
    "You give the cosine an angle in degrees. NumPy's takes radians.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    progress = (t - warmup) / (iterations - warmup)
    return float(_cosine(180 / np.pi * progress, maximum, minimum))


@cosine_schedule.mistake(
    "quarter_of_a_period",
    "Your cosine runs through a quarter of a period: 1 + cos then falls from 2 to 1, and the rate only half of its way.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    progress = (t - warmup) / (iterations - warmup)
    return float(_cosine(progress / 2, maximum, minimum))


@cosine_schedule.mistake(
    "one_missing_before_the_cosine",
    "The cosine itself runs from 1 to −1, so that your rate falls below the minimum (or below 0).",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    progress = (t - warmup) / (iterations - warmup)
    return float(minimum + (maximum - minimum) * np.cos(np.pi * progress) / 2)


@cosine_schedule.mistake("one_missing_before_the_cosine")
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    progress = (t - warmup) / (iterations - warmup)
    return float(minimum + (maximum - minimum) * np.cos(np.pi * progress))


@cosine_schedule.mistake(
    "difference_forgotten",
    "What you scale is the maximum, and not the way from maximum to minimum.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / warmup
    progress = (t - warmup) / (iterations - warmup)
    return float((maximum + minimum) * (1 + np.cos(np.pi * progress)) / 2)


@cosine_schedule.mistake(
    "divided_by_no_warmup",
    "Without a warm-up you divide by 0: `warmup` may be 0, and then the formula of the warm-up must not even be computed.",
)
def _(t, iterations, maximum, minimum, warmup):
    rising = maximum * t / warmup
    return rising if t <= warmup else _warm(t, iterations, maximum, minimum, warmup)


@cosine_schedule.mistake("divided_by_no_warmup")
def _(t, iterations, maximum, minimum, warmup):
    rising = t / warmup * maximum
    return rising if t <= warmup else _warm(t, iterations, maximum, minimum, warmup)


@cosine_schedule.mistake("divided_by_no_warmup")
def _(t, iterations, maximum, minimum, warmup):
    if not warmup:
        return np.nan
    return _warm(t, iterations, maximum, minimum, warmup)


@cosine_schedule.mistake(
    "warmup_one_early",
    "Your warm-up is one iteration early, as if t counted from 0: it is at the maximum before t = warmup.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t < warmup:
        return maximum * (t + 1) / warmup
    return _warm(t, iterations, maximum, minimum, warmup)


@cosine_schedule.mistake("warmup_one_early")
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * (t + 1) / warmup
    return _warm(t, iterations, maximum, minimum, warmup)


@cosine_schedule.mistake(
    "warmup_not_completed",
    "Your warm-up does not reach the maximum at t = warmup.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return maximum * t / (warmup + 1)
    return _warm(t, iterations, maximum, minimum, warmup)


@cosine_schedule.mistake(
    "warmup_along_a_cosine",
    "Your rate warms up along a cosine. It rises along a straight line.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return float(maximum * (1 - np.cos(np.pi * t / warmup)) / 2)
    return _warm(t, iterations, maximum, minimum, warmup)


@cosine_schedule.alternative
def with_a_squared_cosine(t, iterations, maximum, minimum, warmup):
    if t < warmup:
        return t / warmup * maximum
    angle = math.pi / 2 * (t - warmup) / (iterations - warmup)
    return maximum * math.cos(angle) ** 2 + minimum * math.sin(angle) ** 2


@cosine_schedule.alternative
def with_arrays_in_single_precision(t, iterations, maximum, minimum, warmup):
    rising = np.float32(maximum) * np.float32(t) / np.float32(max(warmup, 1))
    progress = np.float32(t - warmup) / np.float32(iterations - warmup)
    falling = minimum + 0.5 * (maximum - minimum) * (1 + np.cos(np.float32(np.pi) * progress))
    return np.where(t <= warmup, rising, falling)
