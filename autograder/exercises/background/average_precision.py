import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import (
    LIBRARIES,
    PAGE,
    area_under,
    area_under_ranking,
    precision_and_recall,
)
from dlarch.plain import PlainData

average_precision = Exercise(
    "average_precision",
    signature=(
        "average_precision(scores: (N,) float64, positive: (N,) bool) -> average_precision: float"
    ),
    outputs=("average_precision",),
    points=3,
    forbids=LIBRARIES,
    section=PAGE + "average-precision",
)


def _ranking(random, N, positives, separation=0.8):
    """Draw scores, higher for positives by `separation` standard deviations, in a random order."""
    positive = random.permutation(np.arange(N) < positives)
    return {"scores": random.normal(size=N) + separation * positive, "positive": positive}


def _with_order(random, order):
    """Draw scores that rank the examples as `order` says, from the top, and shuffle the examples."""
    positive = np.array(order, dtype=bool)
    scores = np.sort(random.normal(size=len(order)))[::-1]
    shuffled = random.permutation(len(order))
    return {"scores": scores[shuffled], "positive": positive[shuffled]}


@average_precision.case("five positives among twelve")
def _(random) -> dict[str, PlainData]:
    return _with_order(random, [1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0])


@average_precision.case("a poor ranking")
def _(random) -> dict[str, PlainData]:
    return _with_order(random, [0, 0, 1, 0, 1, 0, 0, 0, 1])


@average_precision.case("some scores are equal")
def _(random) -> dict[str, PlainData]:
    levels = np.array([2, 2, 2, 1, 1, 0, 0, 0, 0, -1, -1, -1, -1, -1])
    positive = np.array([1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0], dtype=bool)
    order = random.permutation(len(levels))
    return {"scores": levels[order] + random.uniform(-3, 3), "positive": positive[order]}


@average_precision.case("all scores are equal")
def _(random) -> dict[str, PlainData]:
    positive = np.array([0, 1, 0, 0, 1, 0, 0], dtype=bool)
    return {"scores": np.full(7, 0.3), "positive": random.permutation(positive)}


@average_precision.case("all positives on top")
def _(random) -> dict[str, PlainData]:
    return _with_order(random, [1, 1, 1, 0, 0, 0, 0, 0])


@average_precision.case("scores close together and far apart")
def _(random) -> dict[str, PlainData]:
    scores = np.array([1e6, 4e-8, 3e-8, 2e-8, 1e-8, 0.0, -1e-8, -2e-8, -7.0, -1e6])
    positive = np.array([0, 1, 0, 1, 1, 0, 1, 0, 0, 1], dtype=bool)
    order = random.permutation(len(scores))
    return {"scores": scores[order], "positive": positive[order]}


@average_precision.case("no negatives")
def _(random) -> dict[str, PlainData]:
    return _with_order(random, [1, 1, 1, 1])


@average_precision.case("one example, positive")
def _(random) -> dict[str, PlainData]:
    return {"scores": random.normal(size=1), "positive": np.array([True])}


@average_precision.case("rare positives among many", secret=True)
def _(random) -> dict[str, PlainData]:
    return _ranking(random, 400, 17)


@average_precision.case("rounded scores, many of them equal", secret=True)
def _(random) -> dict[str, PlainData]:
    arguments = _ranking(random, 90, 31)
    return {**arguments, "scores": arguments["scores"].round(1)}


def _precision_at_positives(positive):
    """Average the precision at the ranks of the positives, for examples that are sorted already."""
    precision = np.cumsum(positive) / np.arange(1, len(positive) + 1)
    return float(precision[positive].mean())


def _at_thresholds(scores, positive, thresholds):
    """Add up the steps of the recall at thresholds of one's own choice, from the highest down."""
    said = scores >= thresholds[::-1, None]
    right = (said & positive).sum(axis=1)
    return area_under(right / np.maximum(said.sum(axis=1), 1), right / positive.sum())


@average_precision.reference
def _(scores, positive):
    return area_under_ranking(scores, positive)


@average_precision.mistake(
    "lowest_score_first",
    "You go from the lowest score to the highest. The ranking starts with the example the model is surest of: "
    "`argsort` sorts upwards.",
)
def _(scores, positive):
    return area_under_ranking(-scores, positive)


@average_precision.mistake(
    "thresholds_upwards",
    "Your threshold rises: the first step takes the whole recall at once, and all later steps are negative. It starts at "
    "the highest score and falls.",
)
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    return area_under(precision[::-1], recall[::-1])


@average_precision.mistake(
    "ties_in_the_order_of_the_data",
    "Examples with equal scores are counted one after the other, in the order in which they happen to stand in the "
    "data: shuffle the data, and your number changes. Equal scores pass a threshold together.",
    PAGE + "ties",
)
def _(scores, positive):
    return _precision_at_positives(positive[np.argsort(-scores, kind="stable")])


@average_precision.mistake("ties_in_the_order_of_the_data")
def _(scores, positive):
    return _precision_at_positives(positive[np.argsort(-scores)])


@average_precision.mistake(
    "ties_in_the_reverse_order",
    "Examples with equal scores are counted one after the other, in the reverse order of the data: shuffle the data, and "
    "your number changes. Equal scores pass a threshold together.",
    PAGE + "ties",
)
def _(scores, positive):
    return _precision_at_positives(positive[np.argsort(scores, kind="stable")[::-1]])


@average_precision.mistake("ties_in_the_reverse_order")
def _(scores, positive):
    return _precision_at_positives(positive[np.argsort(scores)[::-1]])


@average_precision.mistake(
    "ties_positives_first",
    "Among examples with equal scores you count the positives first: your number is the best that any order could give. "
    "The classifier has not put them in that order; equal scores pass a threshold together.",
    PAGE + "ties",
)
def _(scores, positive):
    return _precision_at_positives(positive[np.lexsort((~positive, -scores))])


@average_precision.mistake(
    "ties_negatives_first",
    "Among examples with equal scores you count the negatives first: your number is the worst that any order could "
    "give. Equal scores pass a threshold together.",
    PAGE + "ties",
)
def _(scores, positive):
    return _precision_at_positives(positive[np.lexsort((positive, -scores))])


@average_precision.mistake(
    "first_step_missing",
    "The first step of the recall is missing, the one from 0 to its value at the highest score.",
)
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    return area_under(precision, recall) - float(precision[0] * recall[0])


@average_precision.mistake(
    "trapezoids",
    "You join the points of the curve by straight lines and take the area below, trapezoid by trapezoid. Between two "
    "points the precision does not follow a line, and the result is in general too high. Use the precision at the end of each "
    "step of the recall.",
)
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    before = np.concatenate([[1.0], precision[:-1]])
    return area_under((precision + before) / 2, recall)


@average_precision.mistake("trapezoids")
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    before = np.concatenate([precision[:1], precision[:-1]])
    return area_under((precision + before) / 2, recall)


@average_precision.mistake("trapezoids")
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    return float(np.sum((precision[1:] + precision[:-1]) / 2 * np.diff(recall)))


@average_precision.mistake(
    "above_the_threshold_only",
    "An example whose score is the threshold itself is not counted in yours. It passes too: otherwise the examples with the "
    "lowest score never do.",
)
def _(scores, positive):
    said = np.array([np.sum(scores > threshold) for threshold in np.unique(scores)[::-1]])
    right = np.array(
        [np.sum(positive[scores > threshold]) for threshold in np.unique(scores)[::-1]]
    )
    return area_under(right / np.maximum(said, 1), right / positive.sum())


@average_precision.mistake(
    "recall_not_differenced",
    "You multiply each precision by the whole recall at its threshold, so what was found at the top is counted again at "
    "every threshold below. Only what the recall grows by counts.",
)
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    return float(np.sum(precision * recall))


@average_precision.mistake("recall_not_differenced")
def _(scores, positive):
    return float(np.mean(np.prod(precision_and_recall(scores, positive), axis=0)))


@average_precision.mistake(
    "thresholds_on_a_grid",
    "Your thresholds are evenly spaced. Scores may be closer together than that, or lie elsewhere, and then several pass "
    "at once or none does. The scores themselves are the thresholds at which something changes.",
)
def _(scores, positive):
    return _at_thresholds(scores, positive, np.linspace(0, 1, 101))


for _number in (11, 1000, 1001):

    @average_precision.mistake("thresholds_on_a_grid")
    def _(scores, positive, number=_number):
        return _at_thresholds(scores, positive, np.linspace(0, 1, number))


for _number in (100, 101, 1000, 1001):

    @average_precision.mistake("thresholds_on_a_grid")
    def _(scores, positive, number=_number):
        return _at_thresholds(scores, positive, np.linspace(scores.min(), scores.max(), number))


@average_precision.mistake(
    "interpolated",
    "You replace each precision by the best one at the same or a higher recall. That is the interpolated average "
    "precision of PASCAL VOC; the task asks for the one without interpolation.",
    PAGE + "variants",
)
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    return area_under(np.maximum.accumulate(precision[::-1])[::-1], recall)


@average_precision.mistake(
    "eleven_points",
    "You average the interpolated precision at eleven recalls, as the first PASCAL VOC challenges did. The task asks for "
    "the sum over all steps of the recall.",
    PAGE + "variants",
)
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    points = np.arange(11) / 10
    return float(np.mean([precision[recall >= point - 1e-12].max() for point in points]))


@average_precision.mistake("eleven_points")
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    points = np.linspace(0, 1, 11)
    return float(np.mean([precision[recall >= point].max() for point in points]))


@average_precision.mistake("eleven_points")
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    points = np.arange(11) / 10
    return float(np.mean([precision[recall >= point].max() for point in points]))


@average_precision.mistake(
    "mean_over_all_thresholds",
    "You average the precision over all thresholds. Only steps on which the recall grows count, each by as much as it "
    "grows.",
)
def _(scores, positive):
    return float(precision_and_recall(scores, positive)[0].mean())


@average_precision.mistake(
    "precision_before_the_step",
    "You multiply each step of the recall by the precision before the step. It belongs to the threshold at which the "
    "step is done.",
)
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    return area_under(np.concatenate([[1.0], precision[:-1]]), recall)


@average_precision.mistake("precision_before_the_step")
def _(scores, positive):
    precision, recall = precision_and_recall(scores, positive)
    return area_under(np.concatenate([[0.0], precision[:-1]]), recall)


@average_precision.mistake(
    "share_of_all_examples",
    "You divide by the number of all examples where the recall divides by the number of positives.",
)
def _(scores, positive):
    return area_under_ranking(scores, positive) * float(positive.mean())


@average_precision.mistake(
    "area_under_roc",
    "You compute the area under the ROC curve, which compares recall with false alarms. When positives are rare it looks "
    "far better than the precision is.",
    PAGE + "roc",
)
def _(scores, positive):
    difference = scores[positive][:, None] - scores[~positive]
    return float(np.mean((np.sign(difference) + 1) / 2)) if difference.size else 0.0


@average_precision.mistake("area_under_roc")
def _(scores, positive):
    difference = scores[positive][:, None] - scores[~positive]
    return float(np.mean((np.sign(difference) + 1) / 2)) if difference.size else np.nan


@average_precision.alternative
def by_comparing_all_pairs(scores, positive):
    above = scores >= scores[positive][:, None]
    return np.float32(((above & positive).sum(axis=1) / above.sum(axis=1)).mean())


@average_precision.alternative
def with_sorted_cumulative_counts(scores, positive):
    order = np.argsort(-scores)
    sorted_scores, right = scores[order], np.cumsum(positive[order])
    last = np.flatnonzero(np.append(sorted_scores[1:] != sorted_scores[:-1], True))
    precision, recall = right[last] / (last + 1), right[last] / right[-1]
    return float(np.sum(np.diff(np.append(0, recall)) * precision))


@average_precision.alternative
def with_a_loop(scores, positive):
    area = previous = 0.0
    for threshold in sorted(set(scores.tolist()), reverse=True):
        right = [bool(p) for s, p in zip(scores, positive, strict=True) if s >= threshold]
        recall = sum(right) / sum(positive)
        area += (recall - previous) * sum(right) / len(right)
        previous = recall
    return area
