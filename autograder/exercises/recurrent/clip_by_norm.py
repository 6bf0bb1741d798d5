import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.recurrent.shared import BY_HAND, PAGE
from dlarch.plain import PlainData

clip_by_norm = Exercise(
    "clip_by_norm",
    signature=(
        "clip_by_norm(gradients: list of arrays float64, maximum: float) -> clipped: list of arrays float64"
    ),
    outputs=("clipped",),
    points=1,
    form="transcribe",
    forbids=BY_HAND,
    section=PAGE + "clipping",
)


def _gradients(random, factor, maximum):
    """Draw gradients whose common norm is `factor` times the maximum."""
    arrays = [random.normal(size=shape) for shape in ((3, 4), (4, 4), (4,))]
    norm = np.sqrt(sum(np.sum(array**2) for array in arrays))
    return {"gradients": [factor * maximum / norm * array for array in arrays], "maximum": maximum}


@clip_by_norm.case("three times too long")
def _(random) -> dict[str, PlainData]:
    return _gradients(random, 3.0, 1.0)


@clip_by_norm.case("longer by a fifth: each array alone is short enough")
def _(random) -> dict[str, PlainData]:
    return _gradients(random, 1.2, 5.0)


@clip_by_norm.case("short enough, though longer than 1")
def _(random) -> dict[str, PlainData]:
    return _gradients(random, 0.4, 4.0)


@clip_by_norm.case("too long, though shorter than 1")
def _(random) -> dict[str, PlainData]:
    return _gradients(random, 2.0, 0.4)


@clip_by_norm.case("all zero")
def _(random) -> dict[str, PlainData]:
    return _gradients(random, 0.0, float(random.uniform(0.5, 2)))


@clip_by_norm.case("exploded, a maximum below 1")
def _(random) -> dict[str, PlainData]:
    return _gradients(random, 1e9, 0.25)


@clip_by_norm.case("one array")
def _(random) -> dict[str, PlainData]:
    return {"gradients": [random.normal(size=7)], "maximum": 0.7}


@clip_by_norm.case("another maximum", secret=True)
def _(random) -> dict[str, PlainData]:
    return _gradients(random, 7.5, 0.6)


@clip_by_norm.reference
def _(gradients, maximum):
    norm = np.sqrt(sum(np.sum(array**2) for array in gradients))
    scale = min(1.0, maximum / norm) if norm else 1.0
    return [scale * array for array in gradients]


@clip_by_norm.alternative
def in_one_vector(gradients, maximum):
    norm = np.linalg.norm(np.concatenate([array.ravel() for array in gradients]))
    return [array * maximum / max(norm, maximum) for array in gradients]


@clip_by_norm.alternative
def with_a_small_number(gradients, maximum):
    norm = np.sqrt(sum((array * array).sum() for array in gradients))
    if norm <= maximum:
        return [array.copy() for array in gradients]
    return [array * (maximum / (norm + 1e-6)) for array in gradients]


@clip_by_norm.alternative
def with_a_norm_of_norms(gradients, maximum):
    norm = np.linalg.norm([np.linalg.norm(array) for array in gradients])
    scale = 1.0 if norm < maximum else maximum / norm
    return tuple((scale * array).astype(np.float32) for array in gradients)


@clip_by_norm.mistake(
    "each_array_by_itself",
    "You measured and clipped every array by itself. One norm over all arrays keeps the direction of the whole step; "
    "yours bends it.",
)
def _(gradients, maximum):
    return [array * maximum / max(np.linalg.norm(array), maximum) for array in gradients]


@clip_by_norm.mistake(
    "entry_by_entry",
    "You clipped every entry at the maximum. That changes the direction of the step; asked for is one factor for all.",
)
def _(gradients, maximum):
    return [np.clip(array, -maximum, maximum) for array in gradients]


@clip_by_norm.mistake(
    "norm_not_rooted",
    "You compared the sum of squares with the maximum. The norm is its root.",
)
def _(gradients, maximum):
    square = sum(np.sum(array**2) for array in gradients)
    return [array * maximum / max(square, maximum) for array in gradients]


@clip_by_norm.mistake("norm_not_rooted")
def _(gradients, maximum):
    square = sum(np.sum(array**2) for array in gradients)
    return [array * (maximum / square if square > maximum else 1) for array in gradients]


@clip_by_norm.mistake("norm_not_rooted")
def _(gradients, maximum):
    square = sum(np.sum(array**2) for array in gradients)
    return [array * (maximum / square if np.sqrt(square) > maximum else 1) for array in gradients]


@clip_by_norm.mistake(
    "short_ones_stretched",
    "You bring every gradient to the maximum, short ones too. Clipping never makes a gradient longer: near a minimum "
    "the steps have to become small.",
)
def _(gradients, maximum):
    norm = np.sqrt(sum(np.sum(array**2) for array in gradients))
    return [array * maximum / norm if norm else array for array in gradients]


@clip_by_norm.mistake("short_ones_stretched")
def _(gradients, maximum):
    norm = np.sqrt(sum(np.sum(array**2) for array in gradients))
    return [array * maximum / (norm + 1e-6) for array in gradients]


@clip_by_norm.mistake("short_ones_stretched")
def _(gradients, maximum):
    norm = np.sqrt(sum(np.sum(array**2) for array in gradients))
    with np.errstate(invalid="ignore"):
        return [array * (maximum / norm if norm else np.nan) for array in gradients]


@clip_by_norm.mistake(
    "divided_by_the_norm",
    "Long gradients come out with norm 1, whatever the maximum is.",
)
def _(gradients, maximum):
    norm = np.sqrt(sum(np.sum(array**2) for array in gradients))
    return [array / norm if norm > maximum else array.copy() for array in gradients]


@clip_by_norm.mistake(
    "compared_with_one",
    "Whether you clip does not depend on the maximum: you compare the norm with 1.",
)
def _(gradients, maximum):
    norm = np.sqrt(sum(np.sum(array**2) for array in gradients))
    return [array * maximum / norm if norm > 1 else array.copy() for array in gradients]


@clip_by_norm.mistake(
    "sum_of_norms",
    "You added the norms of the arrays. Lengths of perpendicular parts do not add up; their squares do.",
)
def _(gradients, maximum):
    norm = sum(np.linalg.norm(array) for array in gradients)
    return [array * maximum / max(norm, maximum) for array in gradients]


@clip_by_norm.mistake(
    "never_clipped",
    "Your gradients come back as they were, even the longest.",
)
def _(gradients, maximum):
    return [array.copy() for array in gradients]
