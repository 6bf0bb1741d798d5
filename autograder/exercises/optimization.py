"""Exercises of chapter 05: update rules, learning rates and the training loop."""

import math

import numpy as np

from autograder.exercise import Chapter
from dlarch.compare import Tolerance
from dlarch.plain import PlainData

chapter = Chapter("05_optimization")

PAGE = "05_optimization.html#optimization-"
LIBRARIES = ("torch", "scipy", "sklearn", "tensorflow", "jax")
SMALL = Tolerance(relative=1e-4, absolute=1e-12)
"""Squares of small gradients are far below the usual absolute tolerance."""


def _tensors(*arrays):
    import torch

    return [torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64)) for array in arrays]


def _arrays(tensors):
    return tuple(tensor.numpy() for tensor in tensors)


def _walk(random, shape, steps, size, returns, **arguments):
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


def _silent(case, index=0):
    """Give a case in which one entry, as the weight of a dead unit, never gets a gradient."""
    for slope in case["gradient"]:
        slope[index] = 0.0
    return case


# ---------------------------------------------------------------------------- sgd_step

sgd_step = chapter.exercise(
    "sgd_step",
    signature=(
        "sgd_step(parameter: any shape float64, gradient: same shape, learning_rate: float)"
        " -> parameter: same shape"
    ),
    outputs=("parameter",),
    points=1,
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "descent",
)


@sgd_step.case("a matrix, three steps")
def _(random) -> dict[str, PlainData]:
    return _walk(random, (4, 3), 3, 1.0, [], learning_rate=float(random.uniform(0.1, 0.4)))


@sgd_step.case("biases, small gradients, a rate above 1")
def _(random) -> dict[str, PlainData]:
    return _walk(random, (5,), 2, 0.01, [], learning_rate=float(random.uniform(3, 9)))


@sgd_step.case("one weight")
def _(random) -> dict[str, PlainData]:
    return _walk(random, (1,), 4, 0.3, [], learning_rate=0.7)


@sgd_step.case("a stack of filters", secret=True)
def _(random) -> dict[str, PlainData]:
    return _walk(random, (3, 2, 5, 4), 3, 0.2, [], learning_rate=0.3)


@sgd_step.reference
def _(parameter, gradient, learning_rate):
    from autograder.kernels.optimizers import sgd_update

    return sgd_update(*_tensors(parameter, gradient), learning_rate).numpy()


@sgd_step.mistake(
    "uphill",
    "You go uphill: the gradient points to where the error grows, so the step is taken against it.",
)
def _(parameter, gradient, learning_rate):
    return parameter + learning_rate * gradient


@sgd_step.mistake(
    "learning_rate_missing",
    "The learning rate is not used: the step is the whole gradient, whatever rate is asked for.",
)
def _(parameter, gradient, learning_rate):
    return parameter - gradient


@sgd_step.mistake(
    "step_returned",
    "You return the change of the parameter. What is asked for is the parameter after the change.",
)
def _(parameter, gradient, learning_rate):
    return -learning_rate * gradient


@sgd_step.mistake(
    "in_place",
    "The numbers are right, but the caller's own array is changed as well: `-=` on an argument works in place. "
    "Compute a new array.",
)
def _(parameter, gradient, learning_rate):
    parameter -= learning_rate * gradient
    return parameter


@sgd_step.mistake(
    "unit_length",
    "You divide the gradient by its length, so that every step is equally long. In gradient descent a step is "
    "proportional to the gradient: steps shrink by themselves where the ground gets flat.",
)
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient / np.linalg.norm(gradient)


@sgd_step.mistake(
    "sign_only",
    "You use the sign of the gradient alone, so that every entry moves by the learning rate. In gradient descent "
    "an entry moves in proportion to its own slope.",
)
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * np.sign(gradient)


@sgd_step.mistake(
    "averaged_again",
    "You divide by the length of the first axis. The gradient that comes in is the mean over the batch already, and "
    "its first axis counts entries of the parameter, not examples.",
    PAGE + "batches",
)
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient / len(gradient)


@sgd_step.mistake(
    "divided_by_the_rate",
    "You divide by the learning rate. A larger rate has to make a longer step.",
)
def _(parameter, gradient, learning_rate):
    return parameter - gradient / learning_rate


@sgd_step.alternative
def with_a_loop(parameter, gradient, learning_rate):
    new = np.empty_like(parameter)
    for index in np.ndindex(parameter.shape):
        new[index] = parameter[index] - learning_rate * gradient[index]
    return new


@sgd_step.alternative
def on_a_copy_in_single_precision(parameter, gradient, learning_rate):
    new = parameter.astype(np.float32)
    new -= np.float32(learning_rate) * gradient.astype(np.float32)
    return new


@sgd_step.alternative
def in_another_memory_order(parameter, gradient, learning_rate):
    return np.asfortranarray(np.add(parameter, np.negative(gradient) * learning_rate))


# ---------------------------------------------------------------------------- robbins_monro

robbins_monro = chapter.exercise(
    "robbins_monro",
    signature=(
        "robbins_monro(t: (T,) int64, scale: float, offset: float, power: float)"
        " -> learning_rate: (T,) float64, sum_diverges: bool, squares_converge: bool"
    ),
    outputs=("learning_rate", "sum_diverges", "squares_converge"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "robbins-monro",
)


def _schedule(random, power, T=6, offset=None):
    return {
        "t": np.cumsum(random.integers(1, 9, size=T)),
        "scale": float(random.uniform(0.2, 0.8)),
        "offset": float(random.uniform(2, 9)) if offset is None else offset,
        "power": power,
    }


@robbins_monro.case("power 1, one over t")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 1.0, offset=0.0)


@robbins_monro.case("power 1/2")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 0.5)


@robbins_monro.case("power 0.6")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(0.55, 0.65)), T=5)


@robbins_monro.case("power 3/2")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(1.3, 1.7)), T=4)


@robbins_monro.case("power 0, a constant rate")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 0.0, T=3)


@robbins_monro.case("power 1/4")
def _(random) -> dict[str, PlainData]:
    return _schedule(random, float(random.uniform(0.2, 0.4)), T=1)


@robbins_monro.case("just above 1", secret=True)
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 1.01, T=9)


@robbins_monro.case("just above 1/2", secret=True)
def _(random) -> dict[str, PlainData]:
    return _schedule(random, 0.51, T=40)


def _rate(t, scale, offset, power):
    return scale / (offset + t) ** power


@robbins_monro.reference
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "harmonic_series_converges",
    "You let the sum of 1/t converge. It is the harmonic series: its terms go to 0, and yet it grows beyond every "
    "bound, as the logarithm does.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power < 1, power > 0.5


@robbins_monro.mistake(
    "squares_at_one_half",
    "You let the squares converge for power 1/2. Square the rate: which series is it then?",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, power >= 0.5


@robbins_monro.mistake(
    "conditions_exchanged",
    "Your two answers are exchanged: the sum of the rates has to diverge, the sum of their squares to converge.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power > 0.5, power <= 1


@robbins_monro.mistake(
    "convergence_asked_of_both",
    "Your first answer says whether the sum of the rates converges. What is asked is whether it diverges: that is the "
    "first of the two conditions.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power > 1, power > 0.5


@robbins_monro.mistake(
    "finite_sums",
    "You judge by a sum over finitely many terms, which is always finite. Whether a series converges is decided by "
    "how fast its terms fall, here by the power.",
)
def _(t, scale, offset, power):
    rate = _rate(t, scale, offset, power)
    return rate, bool(np.isinf(rate.sum())), bool(np.isfinite((rate**2).sum()))


@robbins_monro.mistake(
    "terms_to_zero",
    "You take a series to converge as soon as its terms go to 0. That is needed, but it is not enough: "
    "the terms have to fall fast enough.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 0, power > 0


@robbins_monro.mistake(
    "squares_as_the_sum",
    "Your squares converge only for powers above 1. That is the threshold for the rates themselves: squaring a rate "
    "doubles its exponent, and the doubled exponent is what has to be above 1.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, power > 1


@robbins_monro.mistake(
    "offset_missing",
    "The offset is not used: it holds the rate back from falling too fast in the first iterations.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, 0.0, power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "scale_inside_the_power",
    "You raise the scale to the power, too. Only offset + t is raised: the scale is a plain factor.",
)
def _(t, scale, offset, power):
    return (scale / (offset + t)) ** power, power <= 1, power > 0.5


@robbins_monro.mistake(
    "power_as_a_factor",
    "You multiply by the power where offset + t has to be raised to it.",
)
def _(t, scale, offset, power):
    with np.errstate(divide="ignore"):
        return scale / ((offset + t) * power), power <= 1, power > 0.5


@robbins_monro.mistake(
    "both_conditions_in_one",
    "Your last answer asks for both conditions at once. For powers above 1 the squares converge as well: the two answers "
    "are about two sums.",
)
def _(t, scale, offset, power):
    return _rate(t, scale, offset, power), power <= 1, 0.5 < power <= 1


@robbins_monro.alternative
def with_a_loop_and_powers(t, scale, offset, power):
    rates = [scale * math.pow(offset + int(n), -power) for n in t]
    return rates_as_array(rates), not power > 1, 2 * power > 1


def rates_as_array(rates):
    return np.array(rates, dtype=np.float32)


@robbins_monro.alternative
def with_logarithms(t, scale, offset, power):
    rate = np.exp(np.log(scale) - power * np.log(offset + t))
    return [rate, np.bool_(power <= 1), int(power * 2 > 1)]


# ---------------------------------------------------------------------------- cosine_schedule

cosine_schedule = chapter.exercise(
    "cosine_schedule",
    signature=(
        "cosine_schedule(t: int, iterations: int, maximum: float, minimum: float, warmup: int)"
        " -> learning_rate: float"
    ),
    outputs=("learning_rate",),
    points=2,
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


@cosine_schedule.mistake(
    "warmup_from_the_minimum",
    "Your warm-up rises from the minimum. It rises from 0: in iteration t it is the fraction t / warmup of the maximum.",
)
def _(t, iterations, maximum, minimum, warmup):
    if t <= warmup:
        return minimum + (maximum - minimum) * t / warmup
    return float(_cosine((t - warmup) / (iterations - warmup), maximum, minimum))


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


# ---------------------------------------------------------------------------- momentum_step

momentum_step = chapter.exercise(
    "momentum_step",
    signature=(
        "momentum_step(parameter: any shape float64, gradient: same shape, velocity: same shape,"
        " learning_rate: float, momentum: float) -> parameter: same shape, velocity: same shape"
    ),
    outputs=("velocity", "parameter"),
    points=2,
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "momentum",
)


def _rolling(random, shape, steps, momentum, size=1.0, rolling=False):
    case = _walk(random, shape, steps, size, ["velocity"])
    velocity = size * random.normal(size=shape) if rolling else np.zeros(shape)
    rate = float(random.uniform(0.1, 0.4)) / size
    return {**case, "velocity": velocity, "learning_rate": rate, "momentum": momentum}


def _momentum_cases(exercise):
    @exercise.case("from rest")
    def _(random) -> dict[str, PlainData]:
        return _rolling(random, (3, 4), 4, 0.9)

    @exercise.case("already rolling, small gradients")
    def _(random) -> dict[str, PlainData]:
        return _rolling(random, (5,), 3, float(random.uniform(0.5, 0.8)), size=1e-3, rolling=True)

    @exercise.case("the gradient turns round")
    def _(random) -> dict[str, PlainData]:
        case = _rolling(random, (2,), 4, 0.6)
        case["gradient"][2:] = [-2 * slope for slope in case["gradient"][:2]]
        return case

    @exercise.case("no momentum", secret=True)
    def _(random) -> dict[str, PlainData]:
        return _rolling(random, (3, 2, 4), 3, 0.0)

    @exercise.case("twelve steps", secret=True)
    def _(random) -> dict[str, PlainData]:
        return _rolling(random, (7, 5), 12, 0.95, size=0.03)


_momentum_cases(momentum_step)


@momentum_step.reference
def _(parameter, gradient, velocity, learning_rate, momentum):
    from autograder.kernels.optimizers import momentum_update

    return _arrays(
        momentum_update(*_tensors(parameter, gradient, velocity), learning_rate, momentum)
    )


@momentum_step.mistake(
    "learning_rate_twice",
    "The learning rate is used twice, in the velocity and again in the step, so that steps are too short by this factor.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient
    return parameter - learning_rate * velocity, velocity


@momentum_step.mistake(
    "learning_rate_in_the_velocity",
    "Your parameter takes the right steps when it starts from rest, but your velocity contains the learning rate. "
    "Many texts write it so; here the velocity is a sum of gradients, so that changing the rate changes all of a step.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient
    return parameter - velocity, velocity


@momentum_step.mistake(
    "downhill_velocity",
    "Your velocity points downhill and contains the learning rate, and is added to the parameter. Many texts write it "
    "so; here the velocity is a sum of gradients, points uphill, and is subtracted.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return parameter + velocity, velocity


@momentum_step.mistake(
    "averaged_gradients",
    "You mix velocity and gradient with weights that sum to 1. Such an average is what Adam keeps; here the new "
    "gradient counts in full, which is why momentum takes longer steps.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + (1 - momentum) * gradient
    return parameter - learning_rate * velocity, velocity


@momentum_step.mistake(
    "old_velocity_used",
    "You move with the velocity from before this gradient was added: every step comes one iteration too late.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    return parameter - learning_rate * velocity, momentum * velocity + gradient


@momentum_step.mistake(
    "velocity_not_used",
    "Your parameter moves by the newest gradient alone, as in SGD: the velocity is computed, but it does not take part.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    return parameter - learning_rate * gradient, momentum * velocity + gradient


@momentum_step.mistake(
    "velocity_not_kept",
    "You return the velocity that you were given. The new one has to go out, or nothing is ever remembered.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    return parameter - learning_rate * (momentum * velocity + gradient), velocity


@momentum_step.mistake(
    "nothing_forgotten",
    "Your velocity is the plain sum of all gradients: the old velocity has to be multiplied by the momentum first, "
    "which makes it forget.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = velocity + gradient
    return parameter - learning_rate * velocity, velocity


@momentum_step.mistake(
    "gradient_damped",
    "You multiply the new gradient by the momentum as well. Only the old velocity is.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * (velocity + gradient)
    return parameter - learning_rate * velocity, velocity


@momentum_step.mistake(
    "look_ahead",
    "This is Nesterov's step: it adds a look ahead along the velocity. Plain momentum moves by the velocity itself.",
    PAGE + "nesterov",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity


@momentum_step.mistake(
    "uphill",
    "You go uphill: the velocity is a sum of gradients, and gradients point to where the error grows.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter + learning_rate * velocity, velocity


@momentum_step.mistake(
    "velocity_with_the_other_sign",
    "Your velocity points downhill and is added; the parameter takes the right steps. Here the velocity is a sum of "
    "gradients, points uphill, and is subtracted.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity - gradient
    return parameter + learning_rate * velocity, velocity


@momentum_step.mistake(
    "results_exchanged",
    "You return the velocity first. The task asks for the parameter, then the velocity.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return velocity, parameter - learning_rate * velocity


@momentum_step.alternative
def with_a_loop(parameter, gradient, velocity, learning_rate, momentum):
    new_parameter, new_velocity = parameter.copy(), velocity.copy()
    for index in np.ndindex(parameter.shape):
        new_velocity[index] = momentum * velocity[index] + gradient[index]
        new_parameter[index] -= learning_rate * new_velocity[index]
    return new_parameter, new_velocity


@momentum_step.alternative
def with_separate_terms(parameter, gradient, velocity, learning_rate, momentum):
    step = learning_rate * gradient + learning_rate * momentum * velocity
    return [parameter - step, step / learning_rate]


@momentum_step.alternative
def in_single_precision(parameter, gradient, velocity, learning_rate, momentum):
    p, g, v = (array.astype(np.float32) for array in (parameter, gradient, velocity))
    v *= momentum
    v += g
    return p - np.float32(learning_rate) * v, v


# ---------------------------------------------------------------------------- nesterov_step

nesterov_step = chapter.exercise(
    "nesterov_step",
    signature=(
        "nesterov_step(parameter: any shape float64, gradient: same shape, velocity: same shape,"
        " learning_rate: float, momentum: float) -> parameter: same shape, velocity: same shape"
    ),
    outputs=("velocity", "parameter"),
    points=2,
    driver="optimization.several_steps",
    tolerance=SMALL,
    uses=("momentum_step",),
    forbids=LIBRARIES,
    section=PAGE + "nesterov",
)

_momentum_cases(nesterov_step)


@nesterov_step.reference
def _(parameter, gradient, velocity, learning_rate, momentum):
    from autograder.kernels.optimizers import nesterov_update

    return _arrays(
        nesterov_update(*_tensors(parameter, gradient, velocity), learning_rate, momentum)
    )


@nesterov_step.mistake(
    "no_look_ahead",
    "This is plain momentum: the step is the velocity. The look ahead is missing. (Looking ahead along the old velocity, "
    "from before the new gradient was added, leads to the same.)",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * velocity, velocity


@nesterov_step.mistake(
    "no_look_ahead_rate_in_the_velocity",
    "This is plain momentum, with the learning rate inside the velocity: the look ahead is missing, and here the "
    "velocity is a sum of gradients without the rate.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient
    return parameter - velocity, velocity


@nesterov_step.mistake(
    "velocity_before_the_gradient",
    "Your velocity has been multiplied by the momentum, but does not contain the new gradient when you look ahead along "
    "it.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    return (
        parameter - learning_rate * (gradient + momentum**2 * velocity),
        momentum * velocity + gradient,
    )


@nesterov_step.mistake(
    "velocity_and_look_ahead",
    "You move by the velocity and by the look ahead: the old gradients are counted twice. The step is the new gradient "
    "plus the look ahead.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (velocity + momentum * velocity), velocity


@nesterov_step.mistake(
    "gradient_and_whole_velocity",
    "You add the whole velocity to the gradient. Looking ahead means to go where the velocity will carry you in the "
    "next step, and by then it has been multiplied by the momentum once more.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (gradient + velocity), velocity


@nesterov_step.mistake(
    "look_ahead_only",
    "You move by the look ahead alone: the new gradient itself is missing in the step.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * momentum * velocity, velocity


@nesterov_step.mistake(
    "step_kept_as_velocity",
    "You return the step, look ahead included, as the velocity, so that the next step looks ahead from there again. "
    "What is remembered is the velocity of plain momentum.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    step = gradient + momentum * (momentum * velocity + gradient)
    return parameter - learning_rate * step, step


@nesterov_step.mistake(
    "learning_rate_in_the_velocity",
    "Your velocity contains the learning rate. Many texts write it so; here it is a sum of gradients, and the rate "
    "enters once, in the step.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + learning_rate * gradient
    return parameter - (learning_rate * gradient + momentum * velocity), velocity


@nesterov_step.mistake(
    "downhill_velocity",
    "Your velocity points downhill and contains the learning rate. Many texts write it so; here it is a sum of "
    "gradients, points uphill, and the step is subtracted.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return parameter + momentum * velocity - learning_rate * gradient, velocity


@nesterov_step.mistake(
    "velocity_not_kept",
    "You return the velocity that you were given. The new one has to go out, or nothing is ever remembered.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    step = gradient + momentum * (momentum * velocity + gradient)
    return parameter - learning_rate * step, velocity


@nesterov_step.mistake(
    "uphill",
    "You go uphill: the velocity is a sum of gradients, and gradients point to where the error grows.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter + learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.alternative
def multiplied_out(parameter, gradient, velocity, learning_rate, momentum):
    step = (1 + momentum) * gradient + momentum**2 * velocity
    return parameter - learning_rate * step, gradient + velocity * momentum


@nesterov_step.alternative
def as_two_steps(parameter, gradient, velocity, learning_rate, momentum):
    new = momentum * velocity + gradient
    return [(parameter - learning_rate * gradient) - learning_rate * momentum * new, new]


@nesterov_step.alternative
def in_single_precision(parameter, gradient, velocity, learning_rate, momentum):
    p, g, v = (array.astype(np.float32) for array in (parameter, gradient, velocity))
    v = np.float32(momentum) * v + g
    return p - np.float32(learning_rate) * (g + np.float32(momentum) * v), v


# ---------------------------------------------------------------------------- adagrad_step

adagrad_step = chapter.exercise(
    "adagrad_step",
    signature=(
        "adagrad_step(parameter: any shape float64, gradient: same shape, square_sum: same shape,"
        " learning_rate: float, epsilon: float) -> parameter: same shape, square_sum: same shape"
    ),
    outputs=("square_sum", "parameter"),
    points=2,
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "adagrad",
)


def _scaled(random, shape, steps, size, memory, filled=False, **settings):
    """Draw a walk with one memory of squares, epsilon as large as the gradients."""
    case = _walk(random, shape, steps, size, [memory])
    squares = size**2 * random.uniform(0.5, 2, size=shape) if filled else np.zeros(shape)
    return {
        **case,
        memory: squares,
        "learning_rate": float(random.uniform(0.2, 0.5)),
        "epsilon": size * float(random.uniform(0.5, 1.0)),
        **settings,
    }


@adagrad_step.case("small gradients")
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (3, 4), 4, 1e-3, "square_sum")


@adagrad_step.case("one entry never gets a gradient")
def _(random) -> dict[str, PlainData]:
    return _silent(_scaled(random, (5,), 3, 0.1, "square_sum"), 2)


@adagrad_step.case("in the middle of a training")
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (2, 1), 3, 2.0, "square_sum", filled=True)


@adagrad_step.case("the usual epsilon", secret=True)
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (2, 3, 5), 4, 0.5, "square_sum", epsilon=1e-8)


@adagrad_step.case("twelve steps", secret=True)
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (7, 6), 12, 1e-4, "square_sum")


@adagrad_step.reference
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    from autograder.kernels.optimizers import adagrad_update

    return _arrays(
        adagrad_update(*_tensors(parameter, gradient, square_sum), learning_rate, epsilon)
    )


@adagrad_step.mistake(
    "overwritten",
    "You keep only the newest square: it has to be added to those before. Without the sum every entry moves by about "
    "the learning rate, for ever.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = gradient**2
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake(
    "root_missing",
    "You divide by the sum of squares without taking the root. A gradient divided by a root of squares has no unit; "
    "without the root, small gradients make huge steps.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    return parameter - learning_rate * gradient / (square_sum + epsilon), square_sum


@adagrad_step.mistake(
    "epsilon_inside_the_root",
    "You add epsilon to the sum before the root. Both are in use, but they differ: for small gradients the root of "
    "epsilon is far larger than epsilon. Here it is added to the root.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    return parameter - learning_rate * gradient / np.sqrt(square_sum + epsilon), square_sum


@adagrad_step.mistake(
    "epsilon_missing",
    "Epsilon is not used: an entry that never got a gradient divides 0 by 0, and every step is a little too long.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return parameter - learning_rate * gradient / np.sqrt(square_sum), square_sum


@adagrad_step.mistake(
    "not_squared",
    "You add up sizes of gradients, not their squares.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + np.abs(gradient)
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake(
    "old_sum_used",
    "You divide by the sum from before this gradient was added. At the first step that is 0, and the step explodes.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    new = parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon)
    return new, square_sum + gradient**2


@adagrad_step.mistake(
    "one_scale_for_all",
    "You divide all entries by the same number, the length of the whole gradient. The point of AdaGrad is that every "
    "entry has a scale of its own.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + np.sum(gradient**2)
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake(
    "not_kept",
    "You return the sum that you were given. The new one has to go out, or nothing is ever added up.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    root = np.sqrt(square_sum + gradient**2)
    return parameter - learning_rate * gradient / (root + epsilon), square_sum


@adagrad_step.mistake(
    "squared_gradient_in_the_step",
    "Your step contains the square of the gradient, which has lost its sign: half of the entries go uphill. "
    "The square goes into the sum only.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    return parameter - learning_rate * gradient**2 / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake(
    "uphill",
    "You go uphill: the step is taken against the gradient.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    return parameter + learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake(
    "bracket_missing",
    "The bracket around the denominator is missing: as it is written, ε is added to the parameter and not to the root.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return parameter - learning_rate * gradient / np.sqrt(square_sum) + epsilon, square_sum


@adagrad_step.alternative
def with_a_loop(parameter, gradient, square_sum, learning_rate, epsilon):
    new, squares = parameter.copy(), square_sum.copy()
    for index in np.ndindex(parameter.shape):
        squares[index] += gradient[index] ** 2
        new[index] -= learning_rate * gradient[index] / (math.sqrt(squares[index]) + epsilon)
    return new, squares


@adagrad_step.alternative
def with_a_rate_for_every_entry(parameter, gradient, square_sum, learning_rate, epsilon):
    squares = np.add(square_sum, np.square(gradient))
    rates = np.float64(learning_rate) / (squares**0.5 + epsilon)
    return [parameter - rates * gradient, squares]


@adagrad_step.alternative
def in_single_precision(parameter, gradient, square_sum, learning_rate, epsilon):
    p, g, s = (array.astype(np.float32) for array in (parameter, gradient, square_sum))
    s = s + g * g
    return p - learning_rate * g / (np.sqrt(s) + np.float32(epsilon)), s


# ---------------------------------------------------------------------------- rmsprop_step

rmsprop_step = chapter.exercise(
    "rmsprop_step",
    signature=(
        "rmsprop_step(parameter: any shape float64, gradient: same shape, square_average: same shape,"
        " learning_rate: float, decay: float, epsilon: float)"
        " -> parameter: same shape, square_average: same shape"
    ),
    outputs=("square_average", "parameter"),
    points=2,
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "rmsprop",
)


@rmsprop_step.case("small gradients")
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (4, 3), 4, 1e-3, "square_average", decay=0.9)


@rmsprop_step.case("one entry never gets a gradient")
def _(random) -> dict[str, PlainData]:
    decay = float(random.uniform(0.6, 0.8))
    return _silent(_scaled(random, (5,), 3, 0.1, "square_average", decay=decay), 1)


@rmsprop_step.case("in the middle of a training")
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (1, 2), 3, 2.0, "square_average", filled=True, decay=0.7)


@rmsprop_step.case("the usual epsilon", secret=True)
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (2, 5, 3), 4, 0.5, "square_average", decay=0.99, epsilon=1e-8)


@rmsprop_step.case("twelve steps", secret=True)
def _(random) -> dict[str, PlainData]:
    return _scaled(random, (6, 7), 12, 1e-4, "square_average", decay=0.95)


@rmsprop_step.reference
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    from autograder.kernels.optimizers import rmsprop_update

    return _arrays(
        rmsprop_update(
            *_tensors(parameter, gradient, square_average), learning_rate, decay, epsilon
        )
    )


def _rmsprop(parameter, gradient, average, learning_rate, epsilon):
    return parameter - learning_rate * gradient / (np.sqrt(average) + epsilon), average


@rmsprop_step.mistake(
    "decay_exchanged",
    "The weights of old and new are exchanged: with a decay of 0.9 you forget nine tenths at every step. "
    "The decay is what the old average is multiplied by.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = (1 - decay) * square_average + decay * gradient**2
    return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


@rmsprop_step.mistake(
    "weights_do_not_sum_to_one",
    "You let the old average decay but add the new square in full. For an average the two weights sum to 1; as it is, "
    "steps come out too short.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + gradient**2
    return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


@rmsprop_step.mistake(
    "nothing_forgotten",
    "Your old average does not decay. This is a sum, as in AdaGrad, whose steps get shorter and shorter.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = square_average + (1 - decay) * gradient**2
    return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


@rmsprop_step.mistake(
    "adagrad",
    "This is AdaGrad: you add up the squares and the decay is not used.",
    PAGE + "adagrad",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    return _rmsprop(parameter, gradient, square_average + gradient**2, learning_rate, epsilon)


@rmsprop_step.mistake(
    "root_missing",
    "You divide by the average of the squares without taking the root, the R in RMS.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    return parameter - learning_rate * gradient / (average + epsilon), average


@rmsprop_step.mistake(
    "epsilon_inside_the_root",
    "You add epsilon to the average before the root. Both are in use, but they differ: for small gradients the root of "
    "epsilon is far larger than epsilon. Here it is added to the root.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    return parameter - learning_rate * gradient / np.sqrt(average + epsilon), average


@rmsprop_step.mistake(
    "epsilon_missing",
    "Epsilon is not used: an entry that never got a gradient divides 0 by 0, and every step is a little too long.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return parameter - learning_rate * gradient / np.sqrt(average), average


@rmsprop_step.mistake(
    "old_average_used",
    "You divide by the average from before this gradient came in. At the first step that is 0, and the step explodes.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    new = parameter - learning_rate * gradient / (np.sqrt(square_average) + epsilon)
    return new, decay * square_average + (1 - decay) * gradient**2


@rmsprop_step.mistake(
    "not_squared",
    "You average the gradients themselves, without the square: gradients of both signs cancel there.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient
    with np.errstate(invalid="ignore"):
        return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


@rmsprop_step.mistake(
    "not_kept",
    "You return the average that you were given. The new one has to go out, or nothing is ever remembered.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    new, _ = _rmsprop(parameter, gradient, average, learning_rate, epsilon)
    return new, square_average


@rmsprop_step.mistake(
    "uphill",
    "You go uphill: the step is taken against the gradient.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    return parameter + learning_rate * gradient / (np.sqrt(average) + epsilon), average


@rmsprop_step.mistake(
    "bracket_missing",
    "The bracket around the denominator is missing: as it is written, ε is added to the parameter and not to the root.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return parameter - learning_rate * gradient / np.sqrt(average) + epsilon, average


@rmsprop_step.alternative
def with_a_correction_term(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = square_average + (1 - decay) * (gradient * gradient - square_average)
    return parameter - gradient * (learning_rate / (epsilon + average**0.5)), average


@rmsprop_step.alternative
def with_a_loop(parameter, gradient, square_average, learning_rate, decay, epsilon):
    new, average = parameter.copy(), square_average.copy()
    for index in np.ndindex(parameter.shape):
        average[index] = decay * average[index] + (1 - decay) * gradient[index] ** 2
        new[index] -= learning_rate * gradient[index] / (math.sqrt(average[index]) + epsilon)
    return [new, average]


@rmsprop_step.alternative
def in_single_precision(parameter, gradient, square_average, learning_rate, decay, epsilon):
    p, g, s = (array.astype(np.float32) for array in (parameter, gradient, square_average))
    s = decay * s + (1 - decay) * np.square(g)
    return p - learning_rate * g / (np.sqrt(s) + epsilon), s


# ---------------------------------------------------------------------------- adadelta_step

adadelta_step = chapter.exercise(
    "adadelta_step",
    signature=(
        "adadelta_step(parameter: any shape float64, gradient: same shape, square_average: same shape,"
        " update_average: same shape, decay: float, epsilon: float)"
        " -> parameter: same shape, square_average: same shape, update_average: same shape"
    ),
    outputs=("square_average", "update_average", "parameter"),
    points=2,
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "adadelta",
)


def _without_rate(random, shape, steps, size, decay, filled=False, epsilon=None):
    case = _walk(random, shape, steps, size, ["square_average", "update_average"])
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
    return _without_rate(random, (3, 4), 4, 0.6, 0.9)


@adadelta_step.case("one entry never gets a gradient")
def _(random) -> dict[str, PlainData]:
    return _silent(_without_rate(random, (5,), 3, 1.5, float(random.uniform(0.6, 0.8))), 3)


@adadelta_step.case("in the middle of a training, small gradients")
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (2, 1), 3, 0.01, 0.7, filled=True)


@adadelta_step.case("twelve steps", secret=True)
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (7, 6), 12, 0.3, 0.95)


@adadelta_step.case("a small epsilon", secret=True)
def _(random) -> dict[str, PlainData]:
    return _without_rate(random, (2, 3, 4), 5, 0.5, 0.8, filled=True, epsilon=1e-3)


@adadelta_step.reference
def _(parameter, gradient, square_average, update_average, decay, epsilon):
    from autograder.kernels.optimizers import adadelta_update

    return _arrays(
        adadelta_update(
            *_tensors(parameter, gradient, square_average, update_average), decay, epsilon
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


# ---------------------------------------------------------------------------- adam_step

adam_step = chapter.exercise(
    "adam_step",
    signature=(
        "adam_step(parameter: any shape float64, gradient: same shape, first_moment: same shape,"
        " second_moment: same shape, step: int, learning_rate: float, beta1: float, beta2: float,"
        " epsilon: float) -> parameter: same shape, first_moment: same shape, second_moment: same shape"
    ),
    outputs=("first_moment", "second_moment", "parameter"),
    points=3,
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "adam",
)


def _moments(random, shape, steps, size, step=1, epsilon=None, **settings):
    """Draw a walk for Adam; from a later `step` on, the moments are filled."""
    case = _walk(random, shape, steps, size, ["first_moment", "second_moment"])
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


def _adam_cases(exercise, **settings):
    @exercise.case("the first steps, small gradients")
    def _(random) -> dict[str, PlainData]:
        return _moments(random, (3, 4), 4, 1e-3, **settings)

    @exercise.case("one entry never gets a gradient")
    def _(random) -> dict[str, PlainData]:
        return _silent(_moments(random, (5,), 3, 0.1, **settings), 4)

    @exercise.case("from iteration 7 on")
    def _(random) -> dict[str, PlainData]:
        return _moments(random, (2, 1), 3, 1.0, step=7, **settings)

    @exercise.case("the usual settings", secret=True)
    def _(random) -> dict[str, PlainData]:
        return _moments(random, (2, 5, 3), 5, 0.3, beta1=0.9, beta2=0.999, epsilon=1e-8, **settings)

    @exercise.case("fifteen steps", secret=True)
    def _(random) -> dict[str, PlainData]:
        return _moments(random, (7, 6), 15, 1e-4, **settings)


_adam_cases(adam_step)


@adam_step.reference
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    from autograder.kernels.optimizers import adam_update

    return _arrays(
        adam_update(
            *_tensors(parameter, gradient, first_moment, second_moment),
            step, learning_rate, beta1, beta2, epsilon,
        )
    )  # fmt: skip


def _adam(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    """Adam in NumPy, for the mistakes that differ from it in one place."""
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "no_bias_correction",
    "The bias correction is missing. Both moments start at 0 and are too small at first, and not by the same factor, "
    "so that the first steps have the wrong length.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    return parameter - learning_rate * m / (np.sqrt(v) + epsilon), m, v


@adam_step.mistake(
    "step_counted_from_0",
    "You correct as if the first step had number 0, or as if every step were one earlier than it is. "
    "The first step has number 1: after it, the weights in the moment sum to 1 − β.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    with np.errstate(divide="ignore", invalid="ignore"):
        m_hat = m / np.float64(1 - beta1 ** (step - 1))
        v_hat = v / np.float64(1 - beta2 ** (step - 1))
        return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "step_counted_twice",
    "You correct with step + 1. The first step has number 1 already.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    return _adam(
        parameter, gradient, first_moment, second_moment, step + 1, learning_rate, beta1, beta2, epsilon
    )  # fmt: skip


@adam_step.mistake(
    "correction_without_the_step",
    "You always divide by 1 − β, which is right at the first step alone. The zeros at the start are forgotten little by "
    "little: the correction has to fade with the step.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    new, _, _ = _adam(
        parameter, gradient, first_moment, second_moment, 1, learning_rate, beta1, beta2, epsilon
    )
    _, m, v = _adam(
        parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
    )
    return new, m, v


@adam_step.mistake(
    "step_as_a_factor",
    "You multiply β by the step where it has to be raised to it.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    with np.errstate(divide="ignore", invalid="ignore"):
        m_hat = m / np.float64(1 - beta1 * step)
        v_hat = v / np.float64(1 - beta2 * step)
        return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "corrected_moments_kept",
    "You return the corrected moments, so that the next step corrects them again. The correction is for the step alone; "
    "what is remembered are the moments without it.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = (beta1 * first_moment + (1 - beta1) * gradient) / (1 - beta1**step)
    v = (beta2 * second_moment + (1 - beta2) * gradient**2) / (1 - beta2**step)
    return parameter - learning_rate * m / (np.sqrt(v) + epsilon), m, v


@adam_step.mistake(
    "betas_exchanged",
    "The two βs are exchanged: β₁ belongs to the mean of the gradients, β₂ to that of their squares.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    return _adam(
        parameter, gradient, first_moment, second_moment, step, learning_rate, beta2, beta1, epsilon
    )


@adam_step.mistake(
    "square_of_the_mean",
    "Your second moment takes in the square of the first moment. It is the mean of the squared gradients, not the "
    "square of their mean: only so does a gradient that keeps changing its sign make small steps.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * m**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "epsilon_inside_the_root",
    "You add epsilon before the root. For small gradients the root of epsilon is far larger than epsilon. "
    "Here, as in the paper, it is added to the root.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / np.sqrt(v_hat + epsilon), m, v


@adam_step.mistake(
    "epsilon_before_the_correction",
    "You add epsilon to the root of the second moment before it is corrected, which makes epsilon larger than asked "
    "for in the first steps. (The short form that moves both corrections into the learning rate does this.) "
    "Here it is added after the correction.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    rate = learning_rate * np.sqrt(1 - beta2**step) / (1 - beta1**step)
    return parameter - rate * m / (np.sqrt(v) + epsilon), m, v


@adam_step.mistake(
    "root_missing",
    "You divide by the second moment without taking its root.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (v_hat + epsilon), m, v


@adam_step.mistake(
    "gradient_for_the_first_moment",
    "Your step uses the newest gradient; the corrected first moment is computed, but it does not take part.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    _, m, v = _adam(
        parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
    )
    v_hat = v / (1 - beta2**step)
    return parameter - learning_rate * gradient / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "first_moment_not_corrected",
    "Only the second moment is corrected. The first one starts at 0 as well: without its correction the first step is "
    "too short by the factor 1 − β₁.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    _, m, v = _adam(
        parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
    )
    v_hat = v / (1 - beta2**step)
    return parameter - learning_rate * m / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "second_moment_not_corrected",
    "Only the first moment is corrected. The second one starts at 0 as well: without its correction the first step is "
    "too long.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    _, m, v = _adam(
        parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
    )
    m_hat = m / (1 - beta1**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v) + epsilon), m, v


@adam_step.mistake(
    "epsilon_missing",
    "Epsilon is not used: an entry that never got a gradient divides 0 by 0.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    with np.errstate(invalid="ignore", divide="ignore"):
        return _adam(
            parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, 0.0
        )


@adam_step.mistake(
    "uphill",
    "You go uphill: the step is taken against the mean of the gradients.",
)
def _(parameter, gradient, learning_rate, **settings):
    return _adam(parameter, gradient, learning_rate=-learning_rate, **settings)


@adam_step.mistake(
    "moments_not_kept",
    "You return the moments that you were given. The new ones have to go out, or nothing is ever remembered.",
)
def _(first_moment, second_moment, **task):
    new, _, _ = _adam(first_moment=first_moment, second_moment=second_moment, **task)
    return new, first_moment, second_moment


@adam_step.mistake(
    "correction_multiplied",
    "You multiply by 1 − βᵗ. The moments are too small at first, because their weights sum to no more than that: which "
    "operation makes them larger?",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    m_hat, v_hat = m * (1 - beta1**step), v * (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "moments_exchanged",
    "You return the two moments in the wrong order: first that of the gradients, then that of their squares.",
)
def _(**task):
    with np.errstate(invalid="ignore"):
        new, m, v = _adam(**task)
    return new, v, m


@adam_step.mistake(
    "sums_for_means",
    "The factors 1 − β are missing: your moments add up what came in. With the correction that divides by 1 − βᵗ they "
    "have to be averages.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + gradient
    v = beta2 * second_moment + gradient**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "bracket_missing",
    "The bracket around the denominator is missing: as it is written, ε is added to the parameter and not to the root.",
)
def _(epsilon, **task):
    with np.errstate(invalid="ignore", divide="ignore"):
        new, m, v = _adam(epsilon=0.0, **task)
    return new + epsilon, m, v


@adam_step.alternative
def with_scaled_epsilon(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    m = first_moment + (1 - beta1) * (gradient - first_moment)
    v = second_moment + (1 - beta2) * (gradient * gradient - second_moment)
    root = math.sqrt(1 - beta2**step)
    rate = learning_rate * root / (1 - beta1**step)
    return parameter - rate * m / (np.sqrt(v) + epsilon * root), m, v


@adam_step.alternative
def with_a_loop(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    new, m, v = parameter.copy(), first_moment.copy(), second_moment.copy()
    for index in np.ndindex(parameter.shape):
        g = gradient[index]
        m[index] = beta1 * m[index] + (1 - beta1) * g
        v[index] = beta2 * v[index] + (1 - beta2) * g**2
        root = math.sqrt(v[index] / (1 - math.pow(beta2, step)))
        new[index] -= learning_rate * m[index] / (1 - math.pow(beta1, step)) / (root + epsilon)
    return [new, m, v]


@adam_step.alternative
def in_single_precision(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    p, g, m, v = (
        array.astype(np.float32) for array in (parameter, gradient, first_moment, second_moment)
    )
    return _adam(p, g, m, v, step, learning_rate, beta1, beta2, epsilon)


# ---------------------------------------------------------------------------- adamw_step

adamw_step = chapter.exercise(
    "adamw_step",
    signature=(
        "adamw_step(parameter: any shape float64, gradient: same shape, first_moment: same shape,"
        " second_moment: same shape, step: int, learning_rate: float, beta1: float, beta2: float,"
        " epsilon: float, weight_decay: float)"
        " -> parameter: same shape, first_moment: same shape, second_moment: same shape"
    ),
    outputs=("first_moment", "second_moment", "parameter"),
    points=2,
    driver="optimization.several_steps",
    tolerance=SMALL,
    uses=("adam_step",),
    forbids=LIBRARIES,
    section=PAGE + "adamw",
)

_adam_cases(adamw_step, weight_decay=0.4)


@adamw_step.reference
def _(
    parameter, gradient, first_moment, second_moment,
    step, learning_rate, beta1, beta2, epsilon, weight_decay,
):  # fmt: skip
    from autograder.kernels.optimizers import adamw_update

    return _arrays(
        adamw_update(
            *_tensors(parameter, gradient, first_moment, second_moment),
            step, learning_rate, beta1, beta2, epsilon, weight_decay,
        )
    )  # fmt: skip


@adamw_step.mistake(
    "penalty_in_the_gradient",
    "You add the decay to the gradient, so that it goes through both moments and is divided by the root: a weight with "
    "large gradients then hardly decays. That is Adam with an L2 penalty; the W stands for keeping the two apart.",
)
def _(parameter, gradient, weight_decay, **settings):
    return _adam(parameter, gradient + weight_decay * parameter, **settings)


@adamw_step.mistake(
    "penalty_in_the_gradient_doubled",
    "You add 2 · decay · parameter to the gradient: that is Adam with the gradient of an L2 penalty, which the moments "
    "then rescale. In AdamW the decay stays outside of the gradient, and there is no 2.",
)
def _(parameter, gradient, weight_decay, **settings):
    return _adam(parameter, gradient + 2 * weight_decay * parameter, **settings)


@adamw_step.mistake(
    "rate_missing_in_the_decay",
    "The decay is not multiplied by the learning rate. It has to follow the schedule as the step does.",
)
def _(parameter, gradient, weight_decay, **settings):
    return _adam(parameter * (1 - weight_decay), gradient, **settings)


@adamw_step.mistake(
    "decays_the_new_parameter",
    "You make Adam's step first and let the result decay, so that a part of the step decays at once. "
    "What decays is the parameter from before the step.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = _adam(parameter, gradient, **settings)
    return new * (1 - settings["learning_rate"] * weight_decay), m, v


@adamw_step.mistake(
    "no_decay",
    "This is Adam: the weights do not decay.",
)
def _(parameter, gradient, weight_decay, **settings):
    return _adam(parameter, gradient, **settings)


@adamw_step.mistake(
    "decay_doubled",
    "Your weights decay twice as fast as asked for: that is the gradient of a penalty without ½. Here the fraction is "
    "rate · decay.",
)
def _(parameter, gradient, weight_decay, **settings):
    decayed = parameter * (1 - 2 * settings["learning_rate"] * weight_decay)
    return _adam(decayed, gradient, **settings)


@adamw_step.mistake(
    "weights_grow",
    "The sign of the decay is wrong: your weights grow away from 0.",
)
def _(parameter, gradient, weight_decay, **settings):
    grown = parameter * (1 + settings["learning_rate"] * weight_decay)
    return _adam(grown, gradient, **settings)


@adamw_step.mistake(
    "decay_divided_by_the_root",
    "You add the decay to the corrected first moment, before the division by the root: each weight then decays at a "
    "speed that depends on its gradients.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = _adam(parameter, gradient, **settings)
    v_hat = v / (1 - settings["beta2"] ** settings["step"])
    scale = settings["learning_rate"] / (np.sqrt(v_hat) + settings["epsilon"])
    return new - scale * weight_decay * parameter, m, v


@adamw_step.mistake(
    "all_weights_alike",
    "You subtract the same amount from every weight. Weight decay takes away a fraction of it: "
    "rate · decay · the weight itself.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = _adam(parameter, gradient, **settings)
    return new - settings["learning_rate"] * weight_decay, m, v


@adamw_step.mistake(
    "decays_by_the_sign",
    "You subtract rate · decay · sign of the weight, which is the pull of an L1 penalty. Weight decay is proportional to "
    "the weight.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = _adam(parameter, gradient, **settings)
    return new - settings["learning_rate"] * weight_decay * np.sign(parameter), m, v


@adamw_step.alternative
def with_a_loop(
    parameter, gradient, first_moment, second_moment,
    step, learning_rate, beta1, beta2, epsilon, weight_decay,
):  # fmt: skip
    new, m, v = parameter.copy(), first_moment.copy(), second_moment.copy()
    for index in np.ndindex(parameter.shape):
        g = gradient[index]
        m[index] = beta1 * m[index] + (1 - beta1) * g
        v[index] = beta2 * v[index] + (1 - beta2) * g**2
        root = math.sqrt(v[index] / (1 - beta2**step))
        update = m[index] / (1 - beta1**step) / (root + epsilon)
        new[index] -= learning_rate * (update + weight_decay * parameter[index])
    return [new, m, v]


@adamw_step.alternative
def decayed_after_adam_by_the_old_weight(parameter, gradient, weight_decay, **settings):
    new, m, v = _adam(parameter, gradient, **settings)
    return new - settings["learning_rate"] * weight_decay * parameter, m, v


@adamw_step.alternative
def in_single_precision(parameter, gradient, weight_decay, **settings):
    p, g = parameter.astype(np.float32), gradient.astype(np.float32)
    p *= np.float32(1 - settings["learning_rate"] * weight_decay)
    return _adam(p, g, **settings)


# ---------------------------------------------------------------------------- count_iterations

count_iterations = chapter.exercise(
    "count_iterations",
    signature=(
        "count_iterations(examples: int, batch_size: int, epochs: int)"
        " -> per_epoch: int, iterations: int, visits: int"
    ),
    outputs=("per_epoch", "iterations", "visits"),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "batches",
)


def _count(examples, batch_size, epochs):
    return {"examples": examples, "batch_size": batch_size, "epochs": epochs}


@count_iterations.case("it divides")
def _(random) -> dict[str, PlainData]:
    m = int(random.integers(20, 60))
    return _count(m * int(random.integers(7, 15)), m, 5)


@count_iterations.case("a small last batch")
def _(random) -> dict[str, PlainData]:
    m, full = int(random.integers(30, 60)), int(random.integers(5, 9))
    return _count(m * full + int(random.integers(1, m // 4)), m, 3)


@count_iterations.case("a large last batch")
def _(random) -> dict[str, PlainData]:
    m, full = int(random.integers(30, 60)), int(random.integers(5, 9))
    return _count(m * full + m - int(random.integers(1, m // 4)), m, 4)


@count_iterations.case("fewer examples than a batch holds")
def _(random) -> dict[str, PlainData]:
    return _count(int(random.integers(20, 50)), 64, 6)


@count_iterations.case("one example at a time", secret=True)
def _(random) -> dict[str, PlainData]:
    return _count(int(random.integers(200, 500)), 1, 7)


@count_iterations.case("all examples at once", secret=True)
def _(random) -> dict[str, PlainData]:
    n = int(random.integers(200, 500))
    return _count(n, n, 9)


@count_iterations.case("a large set", secret=True)
def _(random) -> dict[str, PlainData]:
    return _count(1_281_167, 256, 90)


@count_iterations.reference
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "last_batch_dropped",
    "You round down: the examples that do not fill a batch are left out of every epoch. The last, smaller batch counts.",
)
def _(examples, batch_size, epochs):
    per_epoch = examples // batch_size
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "last_batch_dropped_from_the_visits_too",
    "You leave out the examples that do not fill a batch, in the iterations and in the visits. An epoch visits all "
    "examples: the last batch is smaller.",
)
def _(examples, batch_size, epochs):
    per_epoch = examples // batch_size
    return per_epoch, per_epoch * epochs, per_epoch * batch_size * epochs


@count_iterations.mistake(
    "batch_size_times_epochs",
    "You count batch size times epochs as the visits. That would be one batch in each epoch; an epoch visits every "
    "example once (erratum E48).",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, batch_size * epochs


@count_iterations.mistake(
    "last_batch_counted_as_full",
    "You count every batch as full. The last one of an epoch holds only what is left: each example is visited once.",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, per_epoch * epochs * batch_size


@count_iterations.mistake(
    "fractions_of_iterations",
    "An iteration is one update; there are no fractions of it. The last batch of an epoch may be small, but it is a "
    "batch.",
)
def _(examples, batch_size, epochs):
    return examples / batch_size, epochs * examples / batch_size, examples * epochs


@count_iterations.mistake(
    "batches_across_epochs",
    "You round only once, for all epochs together, as if a batch could take its last examples from the next epoch. "
    "Every epoch ends with a batch of its own.",
)
def _(examples, batch_size, epochs):
    return -(-examples // batch_size), -(-examples * epochs // batch_size), examples * epochs


@count_iterations.mistake(
    "always_one_more",
    "You add a last batch even where nothing is left for it.",
)
def _(examples, batch_size, epochs):
    per_epoch = examples // batch_size + 1
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "rounded_to_nearest",
    "You round to the nearest number: a last batch that is less than half full gets lost.",
)
def _(examples, batch_size, epochs):
    per_epoch = round(examples / batch_size)
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "epochs_for_iterations",
    "You take an epoch for an iteration. An iteration is one update with one batch, an epoch is a pass over all "
    "examples.",
)
def _(examples, batch_size, epochs):
    return -(-examples // batch_size), epochs, examples * epochs


@count_iterations.mistake(
    "visits_of_one_epoch",
    "You count the visits of a single epoch.",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, examples


@count_iterations.mistake(
    "iterations_for_visits",
    "You count one visit for each iteration. An iteration visits all examples of its batch.",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, per_epoch * epochs


@count_iterations.alternative
def with_a_ceiling(examples, batch_size, epochs):
    per_epoch = np.ceil(examples / batch_size)
    return per_epoch, per_epoch * epochs, np.int64(examples * epochs)


@count_iterations.alternative
def by_counting(examples, batch_size, epochs):
    starts = list(range(0, examples, batch_size))
    visits = sum(min(batch_size, examples - start) for start in starts) * epochs
    return [len(starts), len(starts) * epochs, visits]


# ---------------------------------------------------------------------------- train

train = chapter.exercise(
    "train",
    signature=(
        "train(parameters: list of arrays, x: (N, D) float64, y: (N,) float64,"
        " loss_and_gradients: function, step: function, schedule: function, batch_size: int,"
        " orders: (epochs, N) int64) -> parameters: list of arrays, losses: (iterations,) float64"
    ),
    outputs=("examples", "t", "learning_rates", "losses", "parameters"),
    points=4,
    driver="optimization.train",
    forbids=LIBRARIES,
    section=PAGE + "loop",
)


def _training(random, N, D, batch_size, epochs):
    return {
        "parameters": [random.normal(size=D), random.normal(size=D)],
        "x": random.normal(size=(N, D)),
        "y": random.normal(size=N),
        "batch_size": batch_size,
        "orders": np.array([random.permutation(N) for _ in range(epochs)]),
        "first_rate": float(random.uniform(0.2, 0.4)),
        "rate_factor": float(random.uniform(0.85, 0.95)),
    }


@train.case("two epochs, a smaller last batch")
def _(random) -> dict[str, PlainData]:
    return _training(random, 8, 3, 3, 2)


@train.case("three epochs, equal batches")
def _(random) -> dict[str, PlainData]:
    return _training(random, 6, 2, 2, 3)


@train.case("all examples fit in one batch")
def _(random) -> dict[str, PlainData]:
    return _training(random, 5, 4, 7, 3)


@train.case("one example at a time", secret=True)
def _(random) -> dict[str, PlainData]:
    return _training(random, 7, 1, 1, 4)


@train.case("many epochs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _training(random, 29, 5, 8, 6)


def _loop(
    parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders,
    shuffled=True, labels_shuffled=True, last_batch=True, first_order=False,
    count="iterations", rate="iterations", first=1,
    memory="kept", sequential=False, loss="before", in_place=False, descend=True,
):  # fmt: skip
    """Run the loop with one part of it done otherwise."""
    if not in_place:
        parameters = list(parameters)
    states, losses, t = [None] * len(parameters), [], 0
    for epoch, order in enumerate(orders):
        if not shuffled:
            order = np.arange(len(x))
        elif first_order:
            order = orders[0]
        if memory == "lost every epoch":
            states = [None] * len(parameters)
        starts = range(0, len(x), batch_size)
        if not last_batch:
            starts = range(0, len(x) - batch_size + 1, batch_size)
        for number, start in enumerate(starts):
            rows = order[start : start + batch_size]
            targets = y[rows] if labels_shuffled else y[start : start + batch_size]
            numbers = {"iterations": t, "epochs": epoch, "batches": number}
            at, rate_at = numbers[count] + first, numbers[rate] + first
            value, gradients = loss_and_gradients(parameters, x[rows], targets)
            if loss != "after":
                losses.append(value)
            if memory == "lost every iteration":
                states = [None] * len(parameters)
            for index in range(len(parameters)):
                if sequential and index:
                    _, gradients = loss_and_gradients(parameters, x[rows], targets)
                memory_at = 0 if memory == "shared" else index
                new, states[memory_at] = step(
                    parameters[index], gradients[index], states[memory_at], at, schedule(rate_at)
                )
                if descend:
                    parameters[index] = new
            if loss == "after":
                losses.append(loss_and_gradients(parameters, x[rows], targets)[0])
            t += 1
    if loss == "epoch":
        losses = np.array(losses).reshape(len(orders), -1).mean(axis=1)
    return parameters, losses


@train.reference
def _(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders):
    return _loop(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders)


@train.mistake(
    "order_not_used",
    "You take the examples in the order of the rows in every epoch. Each epoch has its own row of `orders`.",
)
def _(**task):
    return _loop(**task, shuffled=False)


@train.mistake(
    "first_order_for_all_epochs",
    "You use the first row of `orders` in every epoch. Shuffling once is not enough: the batches of all epochs would be "
    "the same.",
)
def _(**task):
    return _loop(**task, first_order=True)


@train.mistake(
    "labels_left_behind",
    "You shuffle the inputs, but not the targets with them: each example gets the target of another one.",
)
def _(**task):
    return _loop(**task, labels_shuffled=False)


@train.mistake(
    "last_batch_dropped",
    "The examples at the end of an epoch that do not fill a batch are never used. The last batch may be smaller.",
    PAGE + "batches",
)
def _(**task):
    return _loop(**task, last_batch=False)


@train.mistake(
    "epochs_counted",
    "Your t counts epochs. It counts iterations, that is updates, through all epochs: bias correction and schedule "
    "depend on it.",
)
def _(**task):
    return _loop(**task, count="epochs", rate="epochs")


@train.mistake(
    "count_restarts_every_epoch",
    "Your t starts again at 1 in every epoch. It counts the iterations of the whole training.",
)
def _(**task):
    return _loop(**task, count="batches", rate="batches")


@train.mistake(
    "counted_from_0",
    "Your t starts at 0. The first iteration has number 1.",
)
def _(**task):
    return _loop(**task, first=0)


@train.mistake(
    "schedule_by_epoch",
    "You ask the schedule with the number of the epoch. It wants the number t of the iteration, as `step` does.",
    PAGE + "schedule",
)
def _(**task):
    return _loop(**task, rate="epochs")


@train.mistake(
    "memory_lost_every_iteration",
    "You give `step` the state None in every iteration, so that it never remembers anything. Keep what it returns, and "
    "hand it in the next time.",
)
def _(**task):
    return _loop(**task, memory="lost every iteration")


@train.mistake(
    "memory_lost_every_epoch",
    "You forget all states at the start of every epoch. They are None once, before the first iteration.",
)
def _(**task):
    return _loop(**task, memory="lost every epoch")


@train.mistake(
    "memory_shared",
    "All your parameters share one state: the memory of one array is used for the next. Each needs a state of its own.",
)
def _(**task):
    return _loop(**task, memory="shared")


@train.mistake(
    "gradients_computed_again",
    "You compute the gradients anew after each parameter's step, some of them at parameters that are half old, half "
    "new. One call of `loss_and_gradients` gives the gradients of all parameters at one point; then all take their step.",
)
def _(**task):
    return _loop(**task, sequential=True)


@train.mistake(
    "loss_after_the_step",
    "You call `loss_and_gradients` a second time for the loss after the step. What is recorded is the loss that comes "
    "with the gradients: it costs nothing.",
)
def _(**task):
    return _loop(**task, loss="after")


@train.mistake(
    "in_place",
    "The numbers are right, but the caller's list of parameters is changed, too: `parameters[i] = …` works in place. "
    "Start with a copy of the list.",
)
def _(**task):
    return _loop(**task, in_place=True)


@train.mistake(
    "steps_not_kept",
    "The parameters stay as they were at the start: what `step` returns has to take the old parameter's place.",
)
def _(**task):
    return _loop(**task, descend=False)


@train.mistake(
    "first_epoch_only",
    "You stop after one epoch. There is an epoch for each row of `orders`.",
)
def _(orders, **task):
    return _loop(orders=orders[:1], **task)


@train.mistake(
    "all_examples_in_every_iteration",
    "You use all examples in every update: that is batch gradient descent, with one iteration in each epoch. "
    "Cut the order into batches.",
    PAGE + "batches",
)
def _(batch_size, x, **task):
    return _loop(batch_size=len(x), x=x, **task)


@train.alternative
def with_zip_and_split(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders):
    states, losses = [None for _ in parameters], []
    for order in orders:
        for rows in np.split(order, range(batch_size, len(order), batch_size)):
            loss, gradients = loss_and_gradients(parameters, x[rows], y[rows])
            losses.append(loss)
            results = [
                step(parameter, gradient, state, len(losses), schedule(len(losses)))
                for parameter, gradient, state in zip(parameters, gradients, states, strict=True)
            ]
            parameters = [parameter for parameter, _ in results]
            states = [state for _, state in results]
    return tuple(parameters), np.array(losses)


@train.alternative
def with_shuffled_copies(parameters, x, y, loss_and_gradients, step, schedule, batch_size, orders):
    arrays, memory = dict(enumerate(parameters)), {}
    losses = np.empty(0, dtype=np.float32)
    t = 0
    for order in orders:
        x_epoch, y_epoch = x[order], y[order]
        start = 0
        while start < len(x):
            t += 1
            stop = min(start + batch_size, len(x))
            loss, gradients = loss_and_gradients(
                list(arrays.values()), x_epoch[start:stop], y_epoch[start:stop]
            )
            losses = np.append(losses, loss)
            rate = schedule(t)
            for index in reversed(range(len(gradients))):
                arrays[index], memory[index] = step(
                    arrays[index], gradients[index], memory.get(index), t, rate
                )
            start = stop
    return [arrays[index] for index in sorted(arrays)], losses
