import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE, SMALL, draw_scaled, silent
from autograder.exercises.shared import LIBRARIES, as_arrays, as_tensors
from dlarch.plain import PlainData

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


@rmsprop_step.case("small gradients")
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (4, 3), 4, 1e-3, "square_average", decay=0.9)


@rmsprop_step.case("one entry never gets a gradient")
def _(random) -> dict[str, PlainData]:
    decay = float(random.uniform(0.6, 0.8))
    return silent(draw_scaled(random, (5,), 3, 0.1, "square_average", decay=decay), 1)


@rmsprop_step.case("in the middle of a training")
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (1, 2), 3, 2.0, "square_average", filled=True, decay=0.7)


@rmsprop_step.case("the usual epsilon", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (2, 5, 3), 4, 0.5, "square_average", decay=0.99, epsilon=1e-8)


@rmsprop_step.case("twelve steps", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_scaled(random, (6, 7), 12, 1e-4, "square_average", decay=0.95)


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
