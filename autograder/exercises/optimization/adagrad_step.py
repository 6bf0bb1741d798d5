import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE, SMALL, draw_scaled, silent
from autograder.exercises.shared import LIBRARIES, as_arrays, as_tensors
from dlarch.plain import PlainData

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


@adagrad_step.case("small gradients")
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (3, 4), 4, 1e-3, "square_sum")


@adagrad_step.case("one entry never gets a gradient")
def _(random) -> dict[str, PlainData]:
    return silent(draw_scaled(random, (5,), 3, 0.1, "square_sum"), 2)


@adagrad_step.case("in the middle of a training")
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (2, 1), 3, 2.0, "square_sum", filled=True)


@adagrad_step.case("the usual epsilon", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (2, 3, 5), 4, 0.5, "square_sum", epsilon=1e-8)


@adagrad_step.case("twelve steps", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (7, 6), 12, 1e-4, "square_sum")


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
