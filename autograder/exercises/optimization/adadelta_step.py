import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import (
    PAGE,
    SMALL,
    add_fixed_settings,
    add_wrong_orders,
    draw_walk,
    silent,
)
from autograder.exercises.shared import LIBRARIES, as_arrays, as_tensors
from dlarch.plain import PlainData

adadelta_step = Exercise(
    "adadelta_step",
    signature=(
        "adadelta_step(parameter: any shape float64, gradient: same shape, square_average: same shape,"
        " update_average: same shape, decay: float, epsilon: float)"
        " -> parameter: same shape, square_average: same shape, update_average: same shape"
    ),
    outputs=("square_average", "update_average", "parameter"),
    points=1,
    form="transcribe",
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "adadelta",
)


def _without_rate(random, shape, steps, size, decay, filled=False, epsilon=None):
    case = draw_walk(random, shape, steps, size, ["square_average", "update_average"])
    squares = (random.uniform(0.5, 2, size=shape) for _ in range(2))
    g2, d2 = squares if filled else (np.zeros(shape), np.zeros(shape))
    return {
        **case,
        "square_average": size**2 * g2,
        "update_average": 0.04 * d2,
        "decay": decay,
        "epsilon": size**2 * float(random.uniform(0.3, 0.6)) if epsilon is None else epsilon,
    }


@adadelta_step.case("from rest")
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (3, 4), 3, 0.6, 0.9)


@adadelta_step.case("one entry never gets a gradient")
def _(random) -> dict[str, PlainData]:
    return silent(_without_rate(random, (5,), 2, 1.5, float(random.uniform(0.6, 0.8))), 3)


@adadelta_step.case("in the middle of a training, small gradients")
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (2, 1), 2, 0.01, 0.7, filled=True)


@adadelta_step.case("three axes, a small epsilon")
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (2, 1, 3), 2, 0.5, 0.8, filled=True, epsilon=1e-3)


@adadelta_step.case("one weight, large gradients")
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (1,), 2, 1e3, float(random.uniform(0.85, 0.95)))


@adadelta_step.case("twelve steps", secret=True)
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (7, 6), 12, 0.3, 0.95)


@adadelta_step.case("a small epsilon, more weights", secret=True)
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (2, 3, 4), 5, 0.5, 0.8, filled=True, epsilon=1e-3)


@adadelta_step.reference
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    from autograder.kernels.optimizers import adadelta_update

    return as_arrays(
        adadelta_update(
            *as_tensors(parameter, gradient, square_average, update_average), decay, epsilon
        )
    )


def _rms(average, epsilon):
    return np.sqrt(average + epsilon)


def _average(old, new, decay):
    return decay * old + (1 - decay) * new**2


@adadelta_step.mistake(
    "ratio_upside_down",
    "Your ratio of the two root mean squares is upside down: small gradients would make small steps smaller still. "
    "Check the units: what is left must be a change of the parameter.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -_rms(g2, epsilon) / _rms(update_average, epsilon) * gradient
    return parameter + update, g2, _average(update_average, update, decay)


@adadelta_step.mistake(
    "epsilon_outside_the_root",
    "You add epsilon outside the roots. For Adadelta it is inside, as Zeiler has it: here it is more than a guard "
    "against 0, because the root of epsilon sets the size of the first steps.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    ratio = (np.sqrt(update_average) + epsilon) / (np.sqrt(g2) + epsilon)
    update = -ratio * gradient
    return parameter + update, g2, _average(update_average, update, decay)


@adadelta_step.mistake(
    "no_epsilon_above",
    "There is no epsilon in the numerator: the average of the updates starts at 0, so that the first step is 0, and "
    "the next, and every one after it.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -np.sqrt(update_average) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, _average(update_average, update, decay)


@adadelta_step.mistake(
    "roots_missing",
    "You take the ratio of the two averages of squares. Their roots are needed, for a ratio of squares has not the "
    "unit of the parameter.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -(update_average + epsilon) / (g2 + epsilon) * gradient
    return parameter + update, g2, _average(update_average, update, decay)


@adadelta_step.mistake(
    "updates_not_averaged",
    "The average of the updates is returned as it came: without it, Adadelta never learns how large its steps may be.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, update_average


@adadelta_step.mistake(
    "updates_not_squared",
    "You average the updates themselves; the average is of their squares.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    with np.errstate(invalid="ignore"):
        update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, decay * update_average + (1 - decay) * update


@adadelta_step.mistake(
    "gradients_averaged_twice",
    "Your second average takes in the square of the gradient again. It belongs to the update.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, _average(update_average, gradient, decay)


@adadelta_step.mistake(
    "old_average_of_the_gradient",
    "You divide by the average from before this gradient came in. The average of squared gradients is brought up to "
    "date first; only that of the updates has to wait for the update.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    update = -_rms(update_average, epsilon) / _rms(square_average, epsilon) * gradient
    g2 = _average(square_average, gradient, decay)
    return parameter + update, g2, _average(update_average, update, decay)


@adadelta_step.mistake(
    "decay_exchanged",
    "The weights of old and new are exchanged: the decay is what the old averages are multiplied by.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, 1 - decay)
    update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, _average(update_average, update, 1 - decay)


@adadelta_step.mistake(
    "uphill",
    "You go uphill: the update is taken against the gradient.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = _rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, _average(update_average, update, decay)


@adadelta_step.mistake(
    "averages_exchanged",
    "You return the two averages in the wrong order: first that of the squared gradients, then that of the squared updates.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, _average(update_average, update, decay), g2


@adadelta_step.mistake(
    "new_average_of_the_updates",
    "You bring the average of the updates up to date and then use it for the step itself. The step has to use the old one: "
    "only what was done before counts as a past step.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    d2 = _average(update_average, update, decay)
    return parameter - _rms(d2, epsilon) / _rms(g2, epsilon) * gradient, g2, d2


@adadelta_step.mistake(
    "no_numerator",
    "Your step is not scaled by past updates: this is RMSProp with a rate of 1. The numerator of Adadelta is the root mean square of what "
    "was done before.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -gradient / _rms(g2, epsilon)
    return parameter + update, g2, _average(update_average, update, decay)


@adadelta_step.mistake(
    "sums_for_averages",
    "The factors 1 − ρ are missing: your averages let the old values decay and add the new squares in full.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = decay * square_average + gradient**2
    update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, decay * update_average + update**2


@adadelta_step.mistake(
    "no_epsilon_below",
    "There is no epsilon in the denominator: an entry that never got a gradient divides by 0.",
)
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    with np.errstate(all="ignore"):
        update = -_rms(update_average, epsilon) / np.sqrt(g2) * gradient
        return parameter + update, g2, _average(update_average, update, decay)


def _adadelta(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = _average(square_average, gradient, decay)
    update = -_rms(update_average, epsilon) / _rms(g2, epsilon) * gradient
    return parameter + update, g2, _average(update_average, update, decay)


add_wrong_orders(adadelta_step, _adadelta, (1, 2, 0), (1, 0, 2))
add_fixed_settings(
    adadelta_step,
    _adadelta,
    {"epsilon": 1e-6},
    {"decay": 0.9},
    {"decay": 0.95},
    {"decay": 0.9, "epsilon": 1e-6},
)


@adadelta_step.alternative
def with_one_root(parameter, gradient, square_average, update_average, decay, epsilon):
    g2 = decay * square_average + (1 - decay) * gradient * gradient
    step = gradient * np.sqrt((update_average + epsilon) / (g2 + epsilon))
    return parameter - step, g2, decay * update_average + (1 - decay) * step * step


@adadelta_step.alternative
def with_a_loop(parameter, gradient, square_average, update_average, decay, epsilon):
    new, g2, d2 = parameter.copy(), square_average.copy(), update_average.copy()
    for index in np.ndindex(parameter.shape):
        g2[index] = decay * g2[index] + (1 - decay) * gradient[index] ** 2
        update = -math.sqrt((d2[index] + epsilon) / (g2[index] + epsilon)) * gradient[index]
        d2[index] = decay * d2[index] + (1 - decay) * update**2
        new[index] += update
    return [new, g2, d2]


@adadelta_step.alternative
def in_single_precision(parameter, gradient, square_average, update_average, decay, epsilon):
    p, g, g2, d2 = (
        array.astype(np.float32) for array in (parameter, gradient, square_average, update_average)
    )
    g2 = decay * g2 + (1 - decay) * g**2
    update = -np.sqrt(d2 + np.float32(epsilon)) / np.sqrt(g2 + np.float32(epsilon)) * g
    return p + update, g2, decay * d2 + (1 - decay) * update**2
