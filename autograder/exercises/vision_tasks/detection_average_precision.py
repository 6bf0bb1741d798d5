import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.vision_tasks.shared import PAGE

detection_average_precision = Exercise(
    "detection_average_precision",
    signature=(
        "detection_average_precision(scores: (N,) float64, correct: (N,) bool, truths: int) -> average_precision: float"
    ),
    outputs=("average_precision",),
    points=2,
    forbids=LIBRARIES,
    section=f"{PAGE}ap",
)


def _case(random, ranked, truths):
    """Detections of which the ranked ones are right or not; they come in an order that is drawn."""
    order = random.permutation(len(ranked))
    scores = np.sort(random.uniform(0.05, 1, size=len(ranked)))[::-1]
    return {
        "scores": scores[order],
        "correct": np.array(ranked, dtype=bool)[order],
        "truths": truths,
    }


@detection_average_precision.case("eight detections of five objects")
def _(random):
    return _case(random, [1, 0, 1, 0, 0, 1, 1, 0], 6)


@detection_average_precision.case("the best detection is false")
def _(random):
    return _case(random, [0, 0, 1, 1, 1, 0, 1], 7)


@detection_average_precision.case("all objects found")
def _(random):
    return _case(random, [0, 1, 0, 1, 1], 3)


@detection_average_precision.case("equal scores")
def _(random):
    correct = np.array([False, True, True, False, True, False, True])
    return {
        "scores": np.array([0.5, 0.5, 0.9, 0.9, 0.5, 0.2, 0.2]),
        "correct": correct,
        "truths": 9,
    }


@detection_average_precision.case("one detection of four objects")
def _(random):
    return {"scores": np.array([0.3]), "correct": np.array([True]), "truths": 4}


@detection_average_precision.case("no detection")
def _(random):
    return {"scores": np.zeros(0), "correct": np.zeros(0, dtype=bool), "truths": 3}


@detection_average_precision.case("many", secret=True)
def _(random):
    ranked = random.random(40) < np.linspace(0.9, 0.2, 40)
    return _case(random, ranked, int(ranked.sum()) + int(random.integers(3, 9)))


def precision_and_hits(scores, correct, order=None):
    """Precision after each rank, and whether it is a hit."""
    order = np.argsort(-scores, kind="stable") if order is None else order
    hits = correct[order].astype(float)
    return np.cumsum(hits) / np.arange(1, len(hits) + 1), hits


def envelope(precision):
    """The best precision at this rank or a later one."""
    return np.maximum.accumulate(precision[::-1])[::-1]


def _area(scores, correct, truths, order=None):
    precision, hits = precision_and_hits(scores, correct, order)
    return float((envelope(precision) * hits).sum() / truths)


@detection_average_precision.reference
def _(scores, correct, truths):
    return _area(scores, correct, truths)


@detection_average_precision.alternative
def as_rectangles(scores, correct, truths):
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(correct[order])
    recall = np.concatenate([[0.0], found / truths])
    precision = found / np.arange(1, len(found) + 1)
    for i in range(len(precision) - 2, -1, -1):
        precision[i] = max(precision[i], precision[i + 1])
    return float(np.sum(np.diff(recall) * precision))


@detection_average_precision.alternative
def object_by_object(scores, correct, truths):
    ranked = [correct[n] for n in sorted(range(len(scores)), key=lambda n: -scores[n])]
    total = 0.0
    for rank, is_right in enumerate(ranked):
        if is_right:
            total += max(sum(ranked[: k + 1]) / (k + 1) for k in range(rank, len(ranked)))
    return total / truths


@detection_average_precision.alternative
def from_the_last_hit(scores, correct, truths):
    places = np.flatnonzero(correct[np.argsort(-scores, kind="stable")])
    best = area = 0.0
    for found in range(len(places), 0, -1):
        best = max(best, found / (places[found - 1] + 1))
        area += best
    return area / truths


@detection_average_precision.mistake(
    "not_interpolated",
    "You take the precision at each hit as it is. Here it is first made so that it never rises with the recall.",
)
def _(scores, correct, truths):
    precision, hits = precision_and_hits(scores, correct)
    return float((precision * hits).sum() / truths)


@detection_average_precision.mistake(
    "eleven_points",
    "You average the precision at eleven values of the recall: that was PASCAL's rule until 2009. Take the whole area.",
)
def _(scores, correct, truths):
    return at_points(scores, correct, truths, 10)


def at_points(scores, correct, truths, steps):
    """The mean of the best precision at recalls 0, 1/steps, … 1."""
    precision, hits = precision_and_hits(scores, correct)
    found = np.cumsum(hits)
    best = [precision[found * steps >= step * truths].max(initial=0.0) for step in range(steps + 1)]
    return float(np.mean(best))


@detection_average_precision.mistake(
    "hundred_and_one_points",
    "You average the precision at 101 values of the recall, as COCO does. Take the whole area.",
)
def _(scores, correct, truths):
    return at_points(scores, correct, truths, 100)


@detection_average_precision.mistake(
    "trapezoids",
    "You join the points of the curve by straight lines. No threshold reaches what lies between two of them: the area is "
    "made of steps.",
)
def _(scores, correct, truths):
    return trapezoids(scores, correct, truths)


def trapezoids(scores, correct, truths):
    """The area below straight lines between the points of the curve."""
    precision, hits = precision_and_hits(scores, correct)
    recall = np.cumsum(hits) / truths
    return float((np.diff(recall) * (precision[1:] + precision[:-1]) / 2).sum())


@detection_average_precision.mistake(
    "over_what_was_found",
    "You divide by the objects that were found. Those that no detection found count too: recall is over all of them.",
)
def _(scores, correct, truths):
    return _area(scores, correct, max(correct.sum(), 1))


@detection_average_precision.mistake(
    "over_all_detections",
    "You divide by the number of detections. Recall is over the objects that are there.",
)
def _(scores, correct, truths):
    return _area(scores, correct, max(len(correct), 1))


@detection_average_precision.mistake(
    "order_as_given",
    "You take the detections as they come: they are ranked by score first.",
)
def _(scores, correct, truths):
    return _area(scores, correct, truths, np.arange(len(scores)))


@detection_average_precision.mistake(
    "weakest_first",
    "You rank from the lowest score to the highest.",
)
def _(scores, correct, truths):
    return _area(scores, correct, truths, np.argsort(scores, kind="stable"))


@detection_average_precision.mistake(
    "ties_reversed",
    "Detections with equal scores come in reversed order: reversing a sorted list reverses ties as well.",
)
def _(scores, correct, truths):
    return _area(scores, correct, truths, np.argsort(scores, kind="stable")[::-1])


@detection_average_precision.mistake(
    "made_to_fall_from_the_left",
    "You carry the best precision forward from the start: then the first hit decides all. A precision is replaced by the "
    "best that comes at a higher recall.",
)
def _(scores, correct, truths):
    precision, hits = precision_and_hits(scores, correct)
    return float((np.maximum.accumulate(precision) * hits).sum() / truths)
