import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import (
    PAGE,
    SMALL,
    add_fixed_settings,
    draw_walk,
    silent,
)
from autograder.exercises.shared import LIBRARIES, as_tensors
from dlarch.plain import PlainData

sgd_step = Exercise(
    "sgd_step",
    signature=(
        "sgd_step(parameter: any shape float64, gradient: same shape, learning_rate: float)"
        " -> parameter: same shape"
    ),
    outputs=("parameter",),
    points=1,
    form="transcribe",
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "descent",
)


@sgd_step.case("a matrix, three steps")
def _(random) -> dict[str, PlainData]:
    return draw_walk(random, (4, 3), 3, 1.0, [], learning_rate=float(random.uniform(0.1, 0.4)))


@sgd_step.case("biases, small gradients, a rate above 1")
def _(random) -> dict[str, PlainData]:
    return draw_walk(random, (5,), 2, 0.01, [], learning_rate=float(random.uniform(3, 9)))


@sgd_step.case("one weight")
def _(random) -> dict[str, PlainData]:
    return draw_walk(random, (1,), 4, 0.3, [], learning_rate=0.7)


@sgd_step.case("a stack of filters")
def _(random) -> dict[str, PlainData]:
    return draw_walk(random, (2, 1, 3, 2), 2, 0.2, [], learning_rate=float(random.uniform(0.2, 1)))


@sgd_step.case("large gradients, a small rate")
def _(random) -> dict[str, PlainData]:
    return draw_walk(random, (2, 2), 2, 1e5, [], learning_rate=1e-4)


@sgd_step.case("one entry without a slope, then no slope at all")
def _(random) -> dict[str, PlainData]:
    case = silent(draw_walk(random, (3,), 2, 1.0, [], learning_rate=0.5), 1)
    case["gradient"][1][:] = 0.0
    return case


@sgd_step.case("a larger stack of filters", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_walk(random, (3, 2, 5, 4), 3, 0.2, [], learning_rate=0.3)


@sgd_step.reference
def _(parameter, gradient, learning_rate):
    from autograder.kernels.optimizers import sgd_update

    return sgd_update(*as_tensors(parameter, gradient), learning_rate).numpy()


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
    with np.errstate(invalid="ignore"):
        return parameter - learning_rate * gradient / np.linalg.norm(gradient)


@sgd_step.mistake("unit_length")
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient / max(np.linalg.norm(gradient), 1e-8)


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


@sgd_step.mistake("averaged_again")
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient / gradient.size


@sgd_step.mistake(
    "one_step_for_all_entries",
    "You move all entries by the same amount, a mean or a sum over the gradient. Each entry moves by its own slope.",
)
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient.mean()


@sgd_step.mistake("one_step_for_all_entries")
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient.sum()


@sgd_step.mistake("one_step_for_all_entries")
def _(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient.mean(axis=0)


@sgd_step.mistake(
    "rate_on_everything",
    "The learning rate multiplies the parameter, too: look at the brackets. It scales the gradient alone.",
)
def _(parameter, gradient, learning_rate):
    return learning_rate * (parameter - gradient)


@sgd_step.mistake("rate_on_everything")
def _(parameter, gradient, learning_rate):
    return (parameter - learning_rate) * gradient


@sgd_step.mistake(
    "divided_by_the_rate",
    "You divide by the learning rate. A larger rate has to make a longer step.",
)
def _(parameter, gradient, learning_rate):
    return parameter - gradient / learning_rate


add_fixed_settings(
    sgd_step,
    lambda parameter, gradient, learning_rate: parameter - learning_rate * gradient,
    *({"learning_rate": rate} for rate in (0.01, 0.001, 0.1)),
)


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
