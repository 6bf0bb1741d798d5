import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import (
    PAGE,
    SMALL,
    adam_cases,
    add_fixed_settings,
    add_wrong_orders,
    draw_moments,
    step_of_adam,
)
from autograder.exercises.shared import LIBRARIES, as_arrays, as_tensors
from dlarch.plain import PlainData

adamw_step = Exercise(
    "adamw_step",
    signature=(
        "adamw_step(parameter: any shape float64, gradient: same shape, first_moment: same shape,"
        " second_moment: same shape, step: int, learning_rate: float, beta1: float, beta2: float,"
        " epsilon: float, weight_decay: float)"
        " -> parameter: same shape, first_moment: same shape, second_moment: same shape"
    ),
    outputs=("first_moment", "second_moment", "parameter"),
    points=1,
    form="transcribe",
    driver="optimization.several_steps",
    tolerance=SMALL,
    uses=("adam_step",),
    forbids=LIBRARIES,
    section=PAGE + "adamw",
)


adam_cases(adamw_step, weight_decay=lambda random: float(random.uniform(0.2, 0.6)))


@adamw_step.case("no decay")
def _(random) -> dict[str, PlainData]:
    return draw_moments(random, (3,), 2, 0.5, weight_decay=0.0)


@adamw_step.reference
def _(
    parameter, gradient, first_moment, second_moment,
    step, learning_rate, beta1, beta2, epsilon, weight_decay,
):  # fmt: skip
    from autograder.kernels.optimizers import adamw_update

    return as_arrays(
        adamw_update(
            *as_tensors(parameter, gradient, first_moment, second_moment),
            step, learning_rate, beta1, beta2, epsilon, weight_decay,
        )
    )  # fmt: skip


@adamw_step.mistake(
    "penalty_in_the_gradient",
    "You add the decay to the gradient, so that it goes through both moments and is divided by the root: a weight with "
    "large gradients then hardly decays. That is Adam with an L2 penalty; the W stands for keeping the two apart.",
)
def _(parameter, gradient, weight_decay, **settings):
    return step_of_adam(parameter, gradient + weight_decay * parameter, **settings)


@adamw_step.mistake(
    "penalty_in_the_gradient_doubled",
    "You add 2 · decay · parameter to the gradient: that is Adam with the gradient of an L2 penalty, which the moments "
    "then rescale. In AdamW the decay stays outside of the gradient, and there is no 2.",
)
def _(parameter, gradient, weight_decay, **settings):
    return step_of_adam(parameter, gradient + 2 * weight_decay * parameter, **settings)


@adamw_step.mistake(
    "rate_missing_in_the_decay",
    "The decay is not multiplied by the learning rate. It has to follow the schedule as the step does.",
)
def _(parameter, gradient, weight_decay, **settings):
    return step_of_adam(parameter * (1 - weight_decay), gradient, **settings)


@adamw_step.mistake(
    "decays_the_new_parameter",
    "You make Adam's step first and let the result decay, so that a part of the step decays at once. "
    "What decays is the parameter from before the step.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = step_of_adam(parameter, gradient, **settings)
    return new * (1 - settings["learning_rate"] * weight_decay), m, v


@adamw_step.mistake(
    "no_decay",
    "This is Adam: the weights do not decay.",
)
def _(parameter, gradient, weight_decay, **settings):
    return step_of_adam(parameter, gradient, **settings)


@adamw_step.mistake(
    "decay_doubled",
    "Your weights decay twice as fast as asked for: that is the gradient of a penalty without ½. Here the fraction is "
    "rate · decay.",
)
def _(parameter, gradient, weight_decay, **settings):
    decayed = parameter * (1 - 2 * settings["learning_rate"] * weight_decay)
    return step_of_adam(decayed, gradient, **settings)


@adamw_step.mistake(
    "weights_grow",
    "The sign of the decay is wrong: your weights grow away from 0.",
)
def _(parameter, gradient, weight_decay, **settings):
    grown = parameter * (1 + settings["learning_rate"] * weight_decay)
    return step_of_adam(grown, gradient, **settings)


@adamw_step.mistake(
    "decay_divided_by_the_root",
    "You add the decay to the corrected first moment, before the division by the root: each weight then decays at a "
    "speed that depends on its gradients.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = step_of_adam(parameter, gradient, **settings)
    v_hat = v / (1 - settings["beta2"] ** settings["step"])
    scale = settings["learning_rate"] / (np.sqrt(v_hat) + settings["epsilon"])
    return new - scale * weight_decay * parameter, m, v


@adamw_step.mistake(
    "all_weights_alike",
    "You subtract the same amount from every weight. Weight decay takes away a fraction of it: "
    "rate · decay · the weight itself.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = step_of_adam(parameter, gradient, **settings)
    return new - settings["learning_rate"] * weight_decay, m, v


@adamw_step.mistake(
    "decays_by_the_sign",
    "You subtract rate · decay · sign of the weight, which is the pull of an L1 penalty. Weight decay is proportional to "
    "the weight.",
)
def _(parameter, gradient, weight_decay, **settings):
    new, m, v = step_of_adam(parameter, gradient, **settings)
    return new - settings["learning_rate"] * weight_decay * np.sign(parameter), m, v


@adamw_step.mistake(
    "decay_without_adam",
    "You take the fraction rate · decay away from the weight and leave Adam's step out.",
)
def _(parameter, gradient, weight_decay, **settings):
    _, m, v = step_of_adam(parameter, gradient, **settings)
    return parameter * (1 - settings["learning_rate"] * weight_decay), m, v


@adamw_step.mistake(
    "no_bias_correction",
    "The bias correction is missing: AdamW's step is that of Adam, with both moments corrected.",
)
def _(parameter, gradient, weight_decay, **settings):
    return _decayed(parameter, gradient, weight_decay, **{**settings, "step": 10**6})


@adamw_step.mistake(
    "decay_multiplies",
    "You multiply the weight by rate · decay: nearly all of it is gone at once. This fraction is what is taken away.",
)
def _(parameter, gradient, weight_decay, **settings):
    return step_of_adam(parameter * settings["learning_rate"] * weight_decay, gradient, **settings)


@adamw_step.mistake(
    "decays_by_half",
    "Your weights decay half as fast as asked for: the ½ belongs to a penalty, before its gradient is taken.",
)
def _(parameter, gradient, weight_decay, **settings):
    return _decayed(parameter, gradient, weight_decay / 2, **settings)


def _decayed(parameter, gradient, weight_decay, **settings):
    decayed = parameter * (1 - settings["learning_rate"] * weight_decay)
    return step_of_adam(decayed, gradient, **settings)


add_wrong_orders(adamw_step, _decayed, (1, 2, 0), (0, 2, 1))
add_fixed_settings(
    adamw_step,
    _decayed,
    {"weight_decay": 0.01},
    {"beta1": 0.9, "beta2": 0.999},
    {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
)


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
    new, m, v = step_of_adam(parameter, gradient, **settings)
    return new - settings["learning_rate"] * weight_decay * parameter, m, v


@adamw_step.alternative
def in_single_precision(parameter, gradient, weight_decay, **settings):
    p, g = parameter.astype(np.float32), gradient.astype(np.float32)
    p *= np.float32(1 - settings["learning_rate"] * weight_decay)
    return step_of_adam(p, g, **settings)
