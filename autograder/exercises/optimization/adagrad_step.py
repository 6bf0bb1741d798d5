import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import (
    PAGE,
    SMALL,
    add_fixed_settings,
    add_wrong_orders,
    scaled_cases,
)
from autograder.exercises.shared import LIBRARIES, as_arrays, as_tensors

adagrad_step = Exercise(
    "adagrad_step",
    signature=(
        "adagrad_step(parameter: any shape float64, gradient: same shape, square_sum: same shape,"
        " learning_rate: float, epsilon: float) -> parameter: same shape, square_sum: same shape"
    ),
    outputs=("square_sum", "parameter"),
    points=1,
    form="transcribe",
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "adagrad",
)


scaled_cases(adagrad_step, "square_sum")


@adagrad_step.reference
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    from autograder.kernels.optimizers import adagrad_update

    return as_arrays(
        adagrad_update(*as_tensors(parameter, gradient, square_sum), learning_rate, epsilon)
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
    "You add up the gradients, or their sizes, and not their squares.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + np.abs(gradient)
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake("not_squared")
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient
    with np.errstate(invalid="ignore"):
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


@adagrad_step.mistake(
    "epsilon_in_both_places",
    "You add epsilon twice, inside the root and outside of it. Here it is added to the root, once.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    root = np.sqrt(square_sum + epsilon)
    return parameter - learning_rate * gradient / (root + epsilon), square_sum


@adagrad_step.mistake(
    "epsilon_remembered",
    "Your sum contains epsilon, so that it is added again in every step. It belongs to the division alone.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2 + epsilon
    return parameter - learning_rate * gradient / np.sqrt(square_sum), square_sum


@adagrad_step.mistake("epsilon_remembered")
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2 + epsilon
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake(
    "root_remembered",
    "You return the root of the sum. What is remembered is the sum itself, to which the next square is added.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    root = np.sqrt(square_sum + gradient**2)
    return parameter - learning_rate * gradient / (root + epsilon), root


@adagrad_step.mistake(
    "multiplied_by_the_root",
    "You multiply by the root: entries with large gradients then make larger steps still. It is to even them out.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    return parameter - learning_rate * gradient * (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake(
    "in_place",
    "The numbers are right, but the caller's own arrays are changed as well: `+=` and `-=` on an argument work in place. "
    "Compute new arrays.",
)
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum += gradient**2
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


@adagrad_step.mistake("in_place")
def _(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum += gradient**2
    parameter -= learning_rate * gradient / (np.sqrt(square_sum) + epsilon)
    return parameter, square_sum


def _adagrad(parameter, gradient, square_sum, learning_rate, epsilon):
    square_sum = square_sum + gradient**2
    return parameter - learning_rate * gradient / (np.sqrt(square_sum) + epsilon), square_sum


add_wrong_orders(adagrad_step, _adagrad, (1, 0))
add_fixed_settings(
    adagrad_step,
    _adagrad,
    {"epsilon": 1e-8},
    {"learning_rate": 0.01},
    {"learning_rate": 0.01, "epsilon": 1e-8},
)


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
