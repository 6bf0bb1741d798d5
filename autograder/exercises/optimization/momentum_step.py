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

momentum_step = Exercise(
    "momentum_step",
    signature=(
        "momentum_step(parameter: any shape float64, gradient: same shape, velocity: same shape,"
        " learning_rate: float, momentum: float) -> parameter: same shape, velocity: same shape"
    ),
    outputs=("velocity", "parameter"),
    points=2,
    form="derive",
    reveals=(r"v \leftarrow \mu\, v + g",),
    driver="optimization.several_steps",
    tolerance=SMALL,
    forbids=LIBRARIES,
    section=PAGE + "momentum",
)


momentum_cases(momentum_step)


@momentum_step.reference
def _(parameter, gradient, velocity, learning_rate, momentum):
    from autograder.kernels.optimizers import momentum_update

    return as_arrays(
        momentum_update(*as_tensors(parameter, gradient, velocity), learning_rate, momentum)
    )


momentum_step.slip(
    "learning_rate_twice",
    "The learning rate is used twice, in the velocity and again in the step, so that steps are too short by this factor.",
    of="with_a_loop",
    right="+ gradient[index]",
    wrong="+ learning_rate * gradient[index]",
)


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
    "momentum_exchanged",
    "You multiply the old velocity by 1 − μ: with a momentum of 0.9 it would forget nine tenths in every step. "
    "The momentum is what is kept.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = (1 - momentum) * velocity + gradient
    return parameter - learning_rate * velocity, velocity


@momentum_step.mistake("momentum_exchanged")
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = (1 - momentum) * velocity + momentum * gradient
    return parameter - learning_rate * velocity, velocity


@momentum_step.mistake(
    "gradient_added_again",
    "You move by the velocity and by the gradient: the new gradient is in the velocity already, and counts twice.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * (velocity + gradient), velocity


@momentum_step.mistake(
    "rate_on_the_gradient_alone",
    "The learning rate multiplies the new gradient and not the old velocity in your step: look at the brackets.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    step = learning_rate * gradient + momentum * velocity
    return parameter - step, momentum * velocity + gradient


@momentum_step.mistake(
    "rate_missing",
    "The learning rate is not used: you subtract the whole velocity.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - velocity, velocity


@momentum_step.mistake(
    "in_place",
    "The numbers are right, but the caller's own arrays are changed as well: `*=`, `+=` and `-=` on an argument work in "
    "place. Compute new arrays.",
)
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity *= momentum
    velocity += gradient
    return parameter - learning_rate * velocity, velocity


@momentum_step.mistake("in_place")
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity *= momentum
    velocity += gradient
    parameter -= learning_rate * velocity
    return parameter, velocity


@momentum_step.mistake("in_place")
def _(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    parameter -= learning_rate * velocity
    return parameter, velocity


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


def _momentum(parameter, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    return parameter - learning_rate * velocity, velocity


add_wrong_orders(momentum_step, _momentum, (1, 0))
add_fixed_settings(
    momentum_step,
    _momentum,
    {"momentum": 0.9},
    {"learning_rate": 0.01},
    {"learning_rate": 0.1},
    {"learning_rate": 0.01, "momentum": 0.9},
)


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
