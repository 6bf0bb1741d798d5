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

rmsprop_step = Exercise(
    "rmsprop_step",
    signature=(
        "rmsprop_step(parameter: any shape float64, gradient: same shape, square_average: same shape,"
        " learning_rate: float, decay: float, epsilon: float)"
        " -> parameter: same shape, square_average: same shape"
    ),
    outputs=("square_average", "parameter"),
    points=1,
    form="transcribe",
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "rmsprop",
)


scaled_cases(rmsprop_step, "square_average", decay=lambda random: float(random.uniform(0.6, 0.97)))


@rmsprop_step.reference
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    from autograder.kernels.optimizers import rmsprop_update

    return as_arrays(
        rmsprop_update(
            *as_tensors(parameter, gradient, square_average), learning_rate, decay, epsilon
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
    "You average the gradients, or their sizes, and not their squares.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient
    with np.errstate(invalid="ignore"):
        return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


@rmsprop_step.mistake("not_squared")
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * np.abs(gradient)
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


@rmsprop_step.mistake(
    "epsilon_in_both_places",
    "You add epsilon twice, inside the root and outside of it. Here it is added to the root, once.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    root = np.sqrt(average + epsilon)
    return parameter - learning_rate * gradient / (root + epsilon), average


@rmsprop_step.mistake(
    "root_remembered",
    "You return the root of the average. What is remembered is the average of the squares itself.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    root = np.sqrt(decay * square_average + (1 - decay) * gradient**2)
    return parameter - learning_rate * gradient / (root + epsilon), root


@rmsprop_step.mistake(
    "squared_gradient_in_the_step",
    "Your step contains the square of the gradient, which has lost its sign: half of the entries go uphill. "
    "The square goes into the average only.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    return parameter - learning_rate * gradient**2 / (np.sqrt(average) + epsilon), average


@rmsprop_step.mistake(
    "one_scale_for_all",
    "You divide all entries by the same number, a mean or a sum over the whole gradient. Every entry has a scale of its "
    "own.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * np.mean(gradient**2)
    return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


@rmsprop_step.mistake("one_scale_for_all")
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * np.sum(gradient**2)
    return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


@rmsprop_step.mistake(
    "in_place",
    "The numbers are right, but the caller's own arrays are changed as well: `*=`, `+=` and `-=` on an argument work in "
    "place. Compute new arrays.",
)
def _(parameter, gradient, square_average, learning_rate, decay, epsilon):
    square_average *= decay
    square_average += (1 - decay) * gradient**2
    return _rmsprop(parameter, gradient, square_average, learning_rate, epsilon)


def _right(parameter, gradient, square_average, learning_rate, decay, epsilon):
    average = decay * square_average + (1 - decay) * gradient**2
    return _rmsprop(parameter, gradient, average, learning_rate, epsilon)


add_wrong_orders(rmsprop_step, _right, (1, 0))
add_fixed_settings(
    rmsprop_step,
    _right,
    {"epsilon": 1e-8},
    {"decay": 0.9},
    {"decay": 0.99},
    {"decay": 0.9, "epsilon": 1e-8},
    {"decay": 0.99, "epsilon": 1e-8},
    {"learning_rate": 0.001},
)


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
