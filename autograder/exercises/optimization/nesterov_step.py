import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import (
    PAGE,
    SMALL,
    add_fixed_settings,
    add_wrong_orders,
    momentum_cases,
)
from autograder.exercises.shared import LIBRARIES, as_arrays, as_tensors

nesterov_step = Exercise(
    "nesterov_step",
    signature=(
        "nesterov_step(parameter: any shape float64, gradient: same shape, velocity: same shape,"
        " learning_rate: float, momentum: float) -> parameter: same shape, velocity: same shape"
    ),
    outputs=("velocity", "parameter"),
    points=2,
    form="derive",
    reveals=(r"\theta - \eta\, (g + \mu\, v",),
    driver="optimization.several_steps",
    tolerance=SMALL,
    uses=("momentum_step",),
    forbids=LIBRARIES,
    section=PAGE + "nesterov",
)


momentum_cases(nesterov_step)


@nesterov_step.reference
def _(parameter, gradient, velocity, learning_rate, momentum):
    from autograder.kernels.optimizers import nesterov_update

    return as_arrays(
        nesterov_update(*as_tensors(parameter, gradient, velocity), learning_rate, momentum)
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
    "rate_on_the_gradient_alone",
    "The learning rate multiplies the new gradient, but not the look ahead: look at the brackets.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - (learning_rate * gradient + momentum * velocity), velocity


@nesterov_step.mistake(
    "rate_on_the_look_ahead_alone",
    "The learning rate multiplies the look ahead, but not the new gradient.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - (gradient + learning_rate * momentum * velocity), velocity


@nesterov_step.mistake(
    "look_ahead_added",
    "The look ahead goes the other way: you add it where gradient and look ahead are both subtracted.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (gradient - momentum * velocity), velocity


@nesterov_step.mistake(
    "momentum_exchanged",
    "You multiply the old velocity by 1 − μ: with a momentum of 0.9 it would forget nine tenths in every step. "
    "The momentum is what is kept.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = (1 - momentum) * velocity + gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.mistake("momentum_exchanged")
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = (1 - momentum) * velocity + momentum * gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.mistake("momentum_exchanged")
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = (1 - momentum) * velocity + gradient
    return parameter - learning_rate * (gradient + (1 - momentum) * velocity), velocity


@nesterov_step.mistake(
    "averaged_gradients",
    "You mix velocity and gradient with weights that sum to 1. Such an average is what Adam keeps; here the new "
    "gradient counts in full.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + (1 - momentum) * gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.mistake(
    "nothing_forgotten",
    "Your velocity is the plain sum of all gradients: the old velocity has to be multiplied by the momentum first, "
    "which makes it forget.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = velocity + gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity


@nesterov_step.mistake(
    "velocity_with_the_other_sign",
    "Your velocity points downhill and is added; the parameter takes the right steps. Here the velocity is a sum of "
    "gradients, points uphill, and is subtracted.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity - gradient
    return parameter + learning_rate * (momentum * velocity - gradient), velocity


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


def _nesterov(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (gradient + momentum * velocity), velocity


add_wrong_orders(nesterov_step, _nesterov, (1, 0))
add_fixed_settings(
    nesterov_step,
    _nesterov,
    {"momentum": 0.9},
    {"learning_rate": 0.01},
    {"learning_rate": 0.01, "momentum": 0.9},
)


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
