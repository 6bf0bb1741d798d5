import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import (
    PAGE,
    SMALL,
    adam_cases,
    add_fixed_settings,
    add_wrong_orders,
    step_of_adam,
)
from autograder.exercises.shared import LIBRARIES, as_arrays, as_tensors

adam_step = Exercise(
    "adam_step",
    signature=(
        "adam_step(parameter: any shape float64, gradient: same shape, first_moment: same shape,"
        " second_moment: same shape, step: int, learning_rate: float, beta1: float, beta2: float,"
        " epsilon: float) -> parameter: same shape, first_moment: same shape, second_moment: same shape"
    ),
    outputs=("first_moment", "second_moment", "parameter"),
    points=3,
    form="mend",
    gives=("correction_without_the_step", "epsilon_inside_the_root"),
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "adam",
)


adam_cases(adam_step)


@adam_step.reference
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    from autograder.kernels.optimizers import adam_update

    return as_arrays(
        adam_update(
            *as_tensors(parameter, gradient, first_moment, second_moment),
            step, learning_rate, beta1, beta2, epsilon,
        )
    )  # fmt: skip


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
    return step_of_adam(
        parameter, gradient, first_moment, second_moment, step + 1, learning_rate, beta1, beta2, epsilon
    )  # fmt: skip


@adam_step.mistake(
    "correction_without_the_step",
    "You always divide by 1 − β, which is right at the first step alone. The zeros at the start are forgotten little by "
    "little: the correction has to fade with the step.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    new, _, _ = step_of_adam(
        parameter, gradient, first_moment, second_moment, 1, learning_rate, beta1, beta2, epsilon
    )
    _, m, v = step_of_adam(
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
    return step_of_adam(
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
    _, m, v = step_of_adam(
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
    _, m, v = step_of_adam(
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
    _, m, v = step_of_adam(
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
        return step_of_adam(
            parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, 0.0
        )


@adam_step.mistake(
    "uphill",
    "You go uphill: the step is taken against the mean of the gradients.",
)
def _(parameter, gradient, learning_rate, **settings):
    return step_of_adam(parameter, gradient, learning_rate=-learning_rate, **settings)


@adam_step.mistake(
    "moments_not_kept",
    "You return the moments that you were given. The new ones have to go out, or nothing is ever remembered.",
)
def _(first_moment, second_moment, **task):
    new, _, _ = step_of_adam(first_moment=first_moment, second_moment=second_moment, **task)
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
        new, m, v = step_of_adam(**task)
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
        new, m, v = step_of_adam(epsilon=0.0, **task)
    return new + epsilon, m, v


@adam_step.mistake(
    "old_moments_used",
    "Your step uses a moment from before this gradient came in. Both moments are brought up to date first; then the step "
    "is made with the new ones.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    return _with_old_moments(**locals())


@adam_step.mistake("old_moments_used")
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    return _with_old_moments(**locals(), old=("first",))


@adam_step.mistake("old_moments_used")
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    return _with_old_moments(**locals(), old=("second",))


def _with_old_moments(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon,
    old=("first", "second"),
):  # fmt: skip
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient**2
    m_hat = (first_moment if "first" in old else m) / (1 - beta1**step)
    v_hat = (second_moment if "second" in old else v) / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "correction_stops",
    "Your bias correction stops after some steps. Its factor goes to 1 by itself, and has to be there until it does: with a "
    "β near 1 that takes a thousand steps.",
)
def _(step, **task):
    return _corrected_before(10, step, **task)


for _last in (2, 5):

    @adam_step.mistake("correction_stops")
    def _(step, last=_last, **task):
        return _corrected_before(last, step, **task)


def _corrected_before(last, step, **task):
    return step_of_adam(step=step if step < last else 10**6, **task)


@adam_step.mistake(
    "not_squared",
    "Your second moment takes in the gradients themselves, without the square.",
)
def _(parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon):
    m = beta1 * first_moment + (1 - beta1) * gradient
    v = beta2 * second_moment + (1 - beta2) * gradient
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    with np.errstate(invalid="ignore"):
        return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "weights_exchanged",
    "The weights of old and new are exchanged: β is what the old moment is multiplied by.",
)
def _(beta1, beta2, **task):
    return _weights_exchanged(beta1, beta2, **task)


def _weights_exchanged(
    beta1, beta2, parameter, gradient, first_moment, second_moment, step, learning_rate, epsilon
):
    m = (1 - beta1) * first_moment + beta1 * gradient
    v = (1 - beta2) * second_moment + beta2 * gradient**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


@adam_step.mistake(
    "in_place",
    "The numbers are right, but the caller's own arrays are changed as well: `*=`, `+=` and `-=` on an argument work in "
    "place. Compute new arrays.",
)
def _(first_moment, second_moment, **task):
    new, m, v = step_of_adam(first_moment=first_moment, second_moment=second_moment, **task)
    first_moment[...], second_moment[...] = m, v
    return new, first_moment, second_moment


@adam_step.mistake("in_place")
def _(parameter, **task):
    new, m, v = step_of_adam(parameter, **task)
    parameter[...] = new
    return parameter, m, v


add_wrong_orders(adam_step, step_of_adam, (1, 2, 0), (1, 0, 2))
add_fixed_settings(
    adam_step,
    step_of_adam,
    {"beta1": 0.9, "beta2": 0.999},
    {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    {"epsilon": 1e-8},
    {"learning_rate": 0.001},
    {"learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
)


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
    return step_of_adam(p, g, m, v, step, learning_rate, beta1, beta2, epsilon)


@adam_step.alternative
def line_by_line(
    parameter, gradient, first_moment, second_moment, step, learning_rate, beta1, beta2, epsilon
):
    first_moment = beta1 * first_moment + (1 - beta1) * gradient
    second_moment = beta2 * second_moment + (1 - beta2) * gradient**2
    mean = first_moment / (1 - beta1**step)
    mean_square = second_moment / (1 - beta2**step)
    update = learning_rate * mean / (np.sqrt(mean_square) + epsilon)
    return parameter - update, first_moment, second_moment


adam_step.slip(
    "correction_without_the_step",
    of="line_by_line",
    right="(1 - beta1**step)\n    mean_square = second_moment / (1 - beta2**step)",
    wrong="(1 - beta1)\n    mean_square = second_moment / (1 - beta2)",
)

adam_step.slip(
    "epsilon_inside_the_root",
    of="line_by_line",
    right="(np.sqrt(mean_square) + epsilon)",
    wrong="np.sqrt(mean_square + epsilon)",
)
