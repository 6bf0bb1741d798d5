import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE, add_dropout_cases
from autograder.exercises.shared import LIBRARIES, as_tensor

dropout_forward = Exercise(
    "dropout_forward",
    signature=(
        "dropout_forward(h: (N, D) or any shape float64, mask: same shape bool, p: float, training: bool)"
        " -> h: same shape float64"
    ),
    outputs=("h",),
    form="transcribe",
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "dropout",
)


add_dropout_cases(dropout_forward, "h")


def _drop(x, mask, p):
    from autograder.kernels.dropout import dropout

    return dropout(as_tensor(x), as_tensor(mask), 1 - p).numpy()


@dropout_forward.reference
def _(h, mask, p, training):
    return _drop(h, mask, p) if training else h.copy()


dropout_forward.slip(
    "scale_missing",
    "Units are dropped, but those that stay are not scaled up. The next layer then gets 1 − p of what it will get after training, "
    "when nothing is dropped (erratum E20).",
    of="with_where",
    right="h / (1 - p)",
    wrong="h",
)


@dropout_forward.mistake(
    "dropped_units_stay",
    "What is kept is scaled up, but what should be dropped stays as it was. A dropped unit gives 0.",
)
def _(h, mask, p, training):
    return np.where(mask, h / (1 - p), h) if training else h.copy()


@dropout_forward.mistake(
    "keep_and_drop_swapped",
    "You divide by p, as if p were the probability to keep a unit (in the original paper it is). "
    "Here p is the probability to drop one, so what is kept is a share of 1 − p.",
)
def _(h, mask, p, training):
    with np.errstate(divide="ignore", invalid="ignore"):
        return h * mask / np.float64(p) if training else h.copy()


@dropout_forward.mistake(
    "scaled_down",
    "You multiply by 1 − p where you should divide: units that stay have to make up for those that are gone.",
)
def _(h, mask, p, training):
    return h * mask * (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "scaled_after_training",
    "This is the first form of dropout: no scaling in training, a factor 1 − p afterwards. The means agree, but the task asks for "
    "inverted dropout, where nothing at all happens after training.",
)
def _(h, mask, p, training):
    return h * mask if training else h * (1 - p)


@dropout_forward.mistake(
    "scaled_twice",
    "In training you divide by 1 − p, and after training you multiply by it too. One of the two is enough: "
    "with inverted dropout h stays as it is after training.",
)
def _(h, mask, p, training):
    return h * mask / (1 - p) if training else h * (1 - p)


@dropout_forward.mistake(
    "scaled_up_after_training",
    "Training is right, but you divide by 1 − p afterwards too. There is nothing to make up for then: all units are there.",
)
def _(h, mask, p, training):
    return h * mask / (1 - p) if training else h / (1 - p)


@dropout_forward.mistake(
    "always_dropping",
    "Training is right, but you go on dropping when training is False. Predictions would then depend on chance: "
    "after training all units work.",
)
def _(h, mask, p, training):
    return h * mask / (1 - p)


@dropout_forward.mistake(
    "always_dropping_without_scale",
    "Two things: what is kept is not scaled up, and you go on dropping when training is False, where all units should work.",
)
def _(h, mask, p, training):
    return h * mask


@dropout_forward.mistake(
    "training_and_test_swapped",
    "You drop when training is False and do nothing when it is True.",
)
def _(h, mask, p, training):
    return h.copy() if training else h * mask / (1 - p)


@dropout_forward.mistake(
    "mask_upside_down",
    "You drop where the mask is True. True means that the unit is kept.",
)
def _(h, mask, p, training):
    return h * ~mask / (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "share_of_the_mask",
    "You divide by the share of units that this mask happens to keep. The factor is 1/(1 − p), the same for every mask: "
    "the mean is right over many masks, and one unit does not depend on the luck of the others.",
)
def _(h, mask, p, training):
    return h * mask / mask.mean() if training else h.copy()


@dropout_forward.mistake(
    "one_mask_for_all",
    "You use the mask of the first example for the whole batch. Every example has its own sub-network: use the mask as it is.",
)
def _(h, mask, p, training):
    return h * mask[:1] / (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "scaled_but_not_dropped",
    "You scale by 1/(1 − p) but drop nothing: where is the mask?",
)
def _(h, mask, p, training):
    return h / (1 - p) if training else h.copy()


@dropout_forward.mistake(
    "dropped_in_place",
    "You write zeros into the argument: whoever called the function has lost the activations. Work on a copy.",
)
def _(h, mask, p, training):
    if not training:
        return h
    h[~mask] = 0
    return h / (1 - p)


@dropout_forward.alternative
def with_loops(h, mask, p, training):
    if not training:
        return h
    new = np.zeros(h.shape, dtype=np.float32)
    for index in np.ndindex(h.shape):
        if mask[index]:
            new[index] = h[index] / (1 - p)
    return new


@dropout_forward.alternative
def with_where(h, mask, p, training):
    return np.where(mask, h / (1 - p), 0) if training else h


@dropout_forward.alternative
def with_a_scaled_mask(h, mask, p, training):
    scale = mask.astype(float) / (1 - p) if training else np.ones_like(h)
    return np.asfortranarray(h * scale)
