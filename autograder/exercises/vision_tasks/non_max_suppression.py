import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.vision_tasks.shared import PAGE, draw_boxes, draw_crowds, overlaps

non_max_suppression = Exercise(
    "non_max_suppression",
    signature=(
        "non_max_suppression(boxes: (N, 4) float64, scores: (N,) float64, threshold: float) -> kept: (K,) int64"
    ),
    outputs=("kept",),
    points=3,
    uses=("iou",),
    forbids=(*LIBRARIES, "torchvision"),
    section=f"{PAGE}nms",
)


def _crowds(random, crowds, threshold):
    boxes = draw_crowds(random, crowds)[random.permutation(sum(crowds))]
    return {
        "boxes": boxes,
        "scores": random.uniform(0.05, 1, size=len(boxes)),
        "threshold": threshold,
    }


def _row(starts, scores, threshold, length=6.0):
    """Boxes of one height in a row, each from its start on."""
    starts = np.array(starts, dtype=float)
    zeros = np.zeros_like(starts)
    boxes = np.stack([starts, zeros, starts + length, zeros + 3], axis=1)
    return {"boxes": boxes, "scores": np.array(scores, dtype=float), "threshold": threshold}


@non_max_suppression.case("three crowds")
def _(random):
    return _crowds(random, [4, 3, 5], 0.4)


@non_max_suppression.case(
    "a chain: the first drops the second, and the third is near the second alone"
)
def _(random):
    return _row([2, 0, 4, 20], [0.8, 0.9, 0.7, 0.3], 0.4)


@non_max_suppression.case("an overlap of exactly the threshold")
def _(random):
    return _row([10, 0, 2, 12], [0.2, 0.6, 0.5, 0.4], 0.5)


@non_max_suppression.case("equal scores")
def _(random):
    return _row([12, 0, 1, 13, 11, 2], [0.5, 0.7, 0.7, 0.5, 0.5, 0.7], 0.3)


@non_max_suppression.case("many boxes with few different scores")
def _(random):
    case = _crowds(random, [9, 8, 7, 6, 8], 0.4)
    return {**case, "scores": random.choice([0.3, 0.6, 0.9], size=len(case["boxes"]))}


@non_max_suppression.case("threshold 0, boxes that touch and boxes that overlap")
def _(random):
    return _row([0, 12, 6, 7], [0.3, 0.8, 0.5, 0.4], 0.0)


@non_max_suppression.case("one box")
def _(random):
    return {
        "boxes": draw_boxes(random, 1),
        "scores": random.uniform(0, 1, size=1),
        "threshold": 0.5,
    }


@non_max_suppression.case("none")
def _(random):
    return {"boxes": np.zeros((0, 4)), "scores": np.zeros(0), "threshold": 0.5}


@non_max_suppression.case("five crowds", secret=True)
def _(random):
    return _crowds(random, [5, 4, 1, 7, 3], float(random.uniform(0.35, 0.5)))


def _suppress(boxes, scores, threshold, order=None, drops=None, compare_all=False):
    """The rule, and what becomes of it with another order, another condition, or dropped boxes that drop others."""
    order = np.argsort(-scores, kind="stable") if order is None else order
    drops = drops or (lambda overlap: overlap > threshold)
    overlap, kept = overlaps(boxes, boxes), []
    for place, n in enumerate(order):
        rivals = order[:place] if compare_all else kept
        if not any(drops(overlap[n, m]) for m in rivals):
            kept.append(n)
    return np.array(kept, dtype=np.int64)


@non_max_suppression.reference
def _(boxes, scores, threshold):
    return _suppress(boxes, scores, threshold)


@non_max_suppression.alternative
def the_rest_shrinks(boxes, scores, threshold):
    order, kept = np.argsort(-scores, kind="stable"), []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[overlaps(boxes[[best]], boxes[order])[0] <= threshold]
    return np.array(kept, dtype=np.int64)


@non_max_suppression.alternative
def with_a_mask(boxes, scores, threshold):
    alive = np.ones(len(boxes), dtype=bool)
    overlap = overlaps(boxes, boxes)
    kept = []
    while alive.any():
        best = int(np.argmax(np.where(alive, scores, -np.inf)))
        kept.append(best)
        alive &= overlap[best] <= threshold
        alive[best] = False
    return np.array(kept, dtype=int)


@non_max_suppression.alternative
def against_those_kept(boxes, scores, threshold):
    kept = []
    for n in sorted(range(len(boxes)), key=lambda n: (-scores[n], n)):
        if all(overlaps(boxes[n : n + 1], boxes[m : m + 1])[0, 0] <= threshold for m in kept):
            kept.append(n)
    return np.asarray(kept, dtype=np.int64).reshape(-1)


@non_max_suppression.mistake(
    "order_as_given",
    "You go through the boxes in the order in which they come: the best one has to speak first.",
)
def _(boxes, scores, threshold):
    return _suppress(boxes, scores, threshold, np.arange(len(boxes)))


@non_max_suppression.mistake(
    "weakest_first",
    "You begin with the lowest score, so that weak boxes drop good ones.",
)
def _(boxes, scores, threshold):
    return _suppress(boxes, scores, threshold, np.argsort(scores, kind="stable"))


@non_max_suppression.mistake(
    "dropped_boxes_drop_others",
    "A box that was dropped drops others in its turn. Only what was kept may drop something: in a chain of three, the last "
    "is not near the first.",
)
def _(boxes, scores, threshold):
    return _suppress(boxes, scores, threshold, compare_all=True)


@non_max_suppression.mistake(
    "far_boxes_dropped",
    "You drop what hardly overlaps and keep what does: it is the other way round.",
)
def _(boxes, scores, threshold):
    return _suppress(boxes, scores, threshold, drops=lambda overlap: overlap < threshold)


@non_max_suppression.mistake(
    "dropped_at_the_threshold",
    "You drop a box whose overlap is exactly the threshold. A box goes where the overlap is larger.",
)
def _(boxes, scores, threshold):
    return _suppress(boxes, scores, threshold, drops=lambda overlap: overlap >= threshold)


@non_max_suppression.mistake(
    "only_the_best",
    "You keep one box alone: after the best one, go on with what is left.",
)
def _(boxes, scores, threshold):
    return np.argsort(-scores, kind="stable")[:1]


@non_max_suppression.mistake(
    "a_mask",
    "You return a mask. What is wanted are the numbers of the boxes that are kept, best first.",
)
def _(boxes, scores, threshold):
    mask = np.zeros(len(boxes), dtype=bool)
    mask[_suppress(boxes, scores, threshold)] = True
    return mask


@non_max_suppression.mistake(
    "boxes_returned",
    "You return the boxes themselves: their numbers are wanted, with which scores and classes can be looked up too.",
)
def _(boxes, scores, threshold):
    return boxes[_suppress(boxes, scores, threshold)]


@non_max_suppression.mistake(
    "numbers_in_the_sorted_list",
    "Your numbers are places in the list sorted by score: those in the arrays as they were given are wanted.",
)
def _(boxes, scores, threshold):
    order = np.argsort(-scores, kind="stable")
    kept = _suppress(boxes, scores, threshold)
    return np.argsort(order, kind="stable")[kept]


@non_max_suppression.mistake(
    "numbers_ascending",
    "The right boxes are kept, in the order of their numbers. Give them by falling score.",
)
def _(boxes, scores, threshold):
    return np.sort(_suppress(boxes, scores, threshold))


@non_max_suppression.mistake(
    "ties_reversed",
    "Of boxes with equal scores you take the last first: reversing a sorted list reverses ties as well.",
)
def _(boxes, scores, threshold):
    return _suppress(boxes, scores, threshold, np.argsort(scores, kind="stable")[::-1])
