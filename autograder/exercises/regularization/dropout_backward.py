import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE, add_dropout_cases
from autograder.exercises.shared import LIBRARIES, as_tensor

dropout_backward = Exercise(
    "dropout_backward",
    signature=(
        "dropout_backward(dh: (N, D) or any shape float64, mask: same shape bool, p: float, training: bool)"
        " -> dh: same shape float64"
    ),
    outputs=("dh",),
    form="transcribe",
    points=1,
    uses=("dropout_forward",),
    forbids=LIBRARIES,
    section=PAGE + "dropout-backward",
)


add_dropout_cases(dropout_backward, "dh")


@dropout_backward.reference
def _(dh, mask, p, training):
    import torch

    from autograder.kernels.dropout import dropout

    if not training:
        return dh.copy()
    h = torch.ones(dh.shape, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(dropout(h, as_tensor(mask), 1 - p), h, as_tensor(dh))[0].numpy()


@dropout_backward.mistake(
    "scale_missing",
    "The gradient is dropped where the unit was, but not scaled. The forward pass multiplied by 1/(1 − p), "
    "and so does its derivative.",
)
def _(dh, mask, p, training):
    return dh * mask if training else dh.copy()


@dropout_backward.mistake(
    "mask_missing",
    "You scale the gradient but let it through everywhere. A unit that was dropped had no part in the error: its gradient is 0.",
)
def _(dh, mask, p, training):
    return dh / (1 - p) if training else dh.copy()


@dropout_backward.mistake(
    "passed_through",
    "The gradient goes back unchanged, as if dropout were not there. In training the forward pass multiplied every unit by a factor: which?",
)
def _(dh, mask, p, training):
    return dh.copy()


@dropout_backward.mistake(
    "scale_undone",
    "You multiply by 1 − p, as if the scaling had to be undone on the way back. A factor in the forward pass is "
    "the same factor in the backward pass.",
)
def _(dh, mask, p, training):
    return dh * mask * (1 - p) if training else dh.copy()


@dropout_backward.mistake(
    "scale_squared",
    "You divide by 1 − p twice. The forward pass did it once.",
)
def _(dh, mask, p, training):
    return dh * mask / (1 - p) ** 2 if training else dh.copy()


@dropout_backward.mistake(
    "keep_and_drop_swapped",
    "You divide by p. Here p is the probability to drop a unit, and 1 − p to keep it.",
    PAGE + "dropout",
)
def _(dh, mask, p, training):
    with np.errstate(divide="ignore", invalid="ignore"):
        return dh * mask / np.float64(p) if training else dh.copy()


@dropout_backward.mistake(
    "mask_upside_down",
    "You stop the gradient at the units that were kept and let it through at those that were dropped.",
)
def _(dh, mask, p, training):
    return dh * ~mask / (1 - p) if training else dh.copy()


@dropout_backward.mistake(
    "scaled_after_training",
    "Training is right, but you multiply by 1 − p when training is False. The forward pass did nothing then, so its derivative is 1.",
)
def _(dh, mask, p, training):
    return dh * mask / (1 - p) if training else dh * (1 - p)


@dropout_backward.mistake(
    "always_dropping",
    "Training is right, but you drop when training is False too. The forward pass did nothing then, so its derivative is 1.",
)
def _(dh, mask, p, training):
    return dh * mask / (1 - p)


@dropout_backward.mistake(
    "always_dropping_without_scale",
    "Two things: the factor 1/(1 − p) is missing in training, and you drop when training is False, "
    "where the forward pass did nothing.",
)
def _(dh, mask, p, training):
    return dh * mask


@dropout_backward.alternative
def with_loops(dh, mask, p, training):
    new = np.array(dh, dtype=np.float32)
    if training:
        for index in np.ndindex(dh.shape):
            new[index] = new[index] / (1 - p) if mask[index] else 0
    return new


@dropout_backward.alternative
def with_where(dh, mask, p, training):
    return np.where(mask, dh / (1 - p), 0) if training else dh


@dropout_backward.alternative
def with_einsum(dh, mask, p, training):
    factor = mask / (1 - p) if training else np.ones(dh.shape)
    return np.einsum("...,...->...", dh, factor)
