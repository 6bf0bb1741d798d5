import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.vision_tasks.shared import PAGE

dice = Exercise(
    "dice",
    signature="dice(probability: (N, H, W) float64, target: (N, H, W) float64, smooth: float) -> score: float",
    outputs=("score",),
    points=1,
    form="transcribe",
    forbids=LIBRARIES,
    section=f"{PAGE}dice",
)


def _case(random, N, H, W, smooth, shares):
    """Objects of different sizes, and a network that is half sure of them."""
    share = np.resize(shares, N)[:, None, None]
    target = (random.random((N, H, W)) < share).astype(float)
    probability = np.clip(0.75 * target + random.uniform(0, 0.4, size=target.shape), 0, 1)
    return {"probability": probability, "target": target, "smooth": smooth}


@dice.case("a large object and a small one")
def _(random):
    return _case(random, 2, 6, 5, 1.0, [0.8, 0.07])


@dice.case("one image, nothing smoothed")
def _(random):
    return _case(random, 1, 4, 7, 0.0, [0.4])


@dice.case("an image without an object, rightly seen empty")
def _(random):
    case = _case(random, 3, 5, 4, 0.5, [0.5, 0.3, 0.6])
    for name in ("probability", "target"):
        case[name][1] = 0
    return case


@dice.case("as many images as rows")
def _(random):
    return _case(random, 3, 3, 3, 2.0, [0.7, 0.2, 0.4])


@dice.case("more", secret=True)
def _(random):
    return _case(random, 5, 9, 7, float(random.uniform(0.3, 3)), [0.7, 0.1, 0.4, 0.05])


@dice.reference
def _(probability, target, smooth):
    shared = (probability * target).sum(axis=(1, 2))
    size = probability.sum(axis=(1, 2)) + target.sum(axis=(1, 2))
    return float(np.mean((2 * shared + smooth) / (size + smooth)))


@dice.alternative
def with_einsum(probability, target, smooth):
    shared = np.einsum("nhw,nhw->n", probability, target)
    size = (probability + target).reshape(len(target), -1).sum(axis=1)
    return ((2 * shared + smooth) / (size + smooth)).mean()


@dice.alternative
def image_by_image(probability, target, smooth):
    scores = []
    for p, t in zip(probability, target, strict=True):
        scores.append((2 * (p * t).sum() + smooth) / (p.sum() + t.sum() + smooth))
    return sum(scores) / len(scores)


@dice.alternative
def one_minus_the_difference(probability, target, smooth):
    p, t = (a.reshape(len(a), -1) for a in (probability, target))
    size = p.sum(1) + t.sum(1)
    return float(np.mean(1 - (size - 2 * (p * t).sum(1)) / (size + smooth)))


def _sums(probability, target, axis=(1, 2)):
    return (probability * target).sum(axis), probability.sum(axis), target.sum(axis)


@dice.mistake(
    "over_the_batch",
    "You add up all images before you divide: a large object then hides what became of a small one. Take each image's "
    "score, and then their mean.",
)
def _(probability, target, smooth):
    shared, p, t = _sums(probability, target, None)
    return float((2 * shared + smooth) / (p + t + smooth))


@dice.mistake(
    "shared_counted_once",
    "A perfect answer would not reach 1: what is shared stands in both sums below, and counts twice above.",
)
def _(probability, target, smooth):
    shared, p, t = _sums(probability, target)
    return float(np.mean((shared + smooth) / (p + t + smooth)))


@dice.mistake(
    "union_below",
    "You divide by the union: that is the overlap of the detection sections, not Dice's.",
)
def _(probability, target, smooth):
    shared, p, t = _sums(probability, target)
    return float(np.mean((shared + smooth) / (p + t - shared + smooth)))


@dice.mistake(
    "smoothed_below_alone",
    "You smooth below alone: an image without an object that is rightly seen empty then scores 0.",
)
def _(probability, target, smooth):
    shared, p, t = _sums(probability, target)
    size = p + t + smooth
    return float(np.mean(np.divide(2 * shared, size, out=np.zeros_like(size), where=size > 0)))


@dice.mistake(
    "smooth_doubled_above",
    "Your smoothing stands inside the factor of 2: an empty image would score 2.",
)
def _(probability, target, smooth):
    shared, p, t = _sums(probability, target)
    return float(np.mean(2 * (shared + smooth) / (p + t + smooth)))


@dice.mistake(
    "thresholded",
    "You round the probabilities first: the score is made to be trained with, and a step has no slope.",
)
def _(probability, target, smooth):
    shared, p, t = _sums((probability > 0.5).astype(float), target)
    return float(np.mean((2 * shared + smooth) / (p + t + smooth)))


@dice.mistake(
    "loss_returned",
    "You return the loss, 1 minus the score: here the score is asked for, 1 for a perfect answer.",
)
def _(probability, target, smooth):
    return 1 - image_by_image(probability, target, smooth)


@dice.mistake(
    "row_by_row",
    "You take a score of each row, or of each column: an image has one.",
)
def _(probability, target, smooth):
    shared, p, t = _sums(probability, target, 2)
    with np.errstate(invalid="ignore"):
        return float(np.nanmean((2 * shared + smooth) / (p + t + smooth)))


@dice.mistake("row_by_row")
def _(probability, target, smooth):
    shared, p, t = _sums(probability, target, 1)
    with np.errstate(invalid="ignore"):
        return float(np.nanmean((2 * shared + smooth) / (p + t + smooth)))


@dice.mistake(
    "summed_over_images",
    "You add up the images' scores: take their mean.",
)
def _(probability, target, smooth):
    return len(target) * image_by_image(probability, target, smooth)
