import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import LIBRARIES, PAGE, area_under_ranking
from dlarch.plain import PlainData

mean_average_precision = Exercise(
    "mean_average_precision",
    signature=(
        "mean_average_precision(scores: (N, K) float64, labels: (N,) int64)"
        " -> mean_average_precision: float"
    ),
    outputs=("mean_average_precision",),
    form="transcribe",
    points=2,
    uses=("average_precision",),
    forbids=LIBRARIES,
    section=PAGE + "map",
)


def _scores(random, sizes):
    """Draw scores and labels of classes of these sizes; a class's own score is a little higher."""
    K = len(sizes)
    labels = random.permutation(np.repeat(np.arange(K), sizes))
    offset = random.normal(size=K)
    scores = random.normal(size=(len(labels), K)) + 1.2 * np.eye(K)[labels] + offset
    return {"scores": scores, "labels": labels}


@mean_average_precision.case("three classes")
def _(random) -> dict[str, PlainData]:
    return _scores(random, (4, 11, 6))


@mean_average_precision.case("two classes without examples, one of them the last")
def _(random) -> dict[str, PlainData]:
    return _scores(random, (7, 0, 4, 2, 5, 0))


@mean_average_precision.case("the last class without examples")
def _(random) -> dict[str, PlainData]:
    return _scores(random, (5, 8, 0))


@mean_average_precision.case("the first class without examples")
def _(random) -> dict[str, PlainData]:
    return _scores(random, (0, 6, 3, 5))


@mean_average_precision.case("one class")
def _(random) -> dict[str, PlainData]:
    return _scores(random, (5,))


@mean_average_precision.case("equal scores")
def _(random) -> dict[str, PlainData]:
    arguments = _scores(random, (9, 5, 3))
    return {**arguments, "scores": arguments["scores"].round()}


@mean_average_precision.case("two classes")
def _(random) -> dict[str, PlainData]:
    return _scores(random, (3, 8))


@mean_average_precision.case("ten classes, one without examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _scores(random, (12, 30, 7, 0, 19, 22, 5, 41, 9, 16))


@mean_average_precision.case("as many classes as examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _scores(random, (2, 3, 0, 1, 1, 1, 2, 2))


def _each_class(scores, labels):
    """Give the average precision and the number of examples of each class that occurs."""
    present = np.unique(labels)
    values = [area_under_ranking(scores[:, k], labels == k) for k in present]
    return np.array(values), np.array([np.sum(labels == k) for k in present])


@mean_average_precision.reference
def _(scores, labels):
    return float(_each_class(scores, labels)[0].mean())


@mean_average_precision.mistake(
    "absent_class_counts_as_zero",
    "A class without examples enters your mean as 0. There was nothing to find, so nothing was missed: leave it out.",
)
def _(scores, labels):
    return float(_each_class(scores, labels)[0].sum() / scores.shape[1])


@mean_average_precision.mistake("absent_class_counts_as_zero")
def _(scores, labels):
    return float(_each_class(scores, labels)[0].sum() / (labels.max() + 1))


@mean_average_precision.mistake(
    "absent_class_counts_as_one",
    "A class without examples enters your mean as 1. There was nothing to find, so nothing was found: leave it out.",
)
def _(scores, labels):
    values, _ = _each_class(scores, labels)
    return float((values.sum() + scores.shape[1] - len(values)) / scores.shape[1])


@mean_average_precision.mistake(
    "absent_class_gives_nan",
    "A class without examples has no recall, and its nan spoils your mean. Leave such classes out.",
)
def _(scores, labels):
    values, _ = _each_class(scores, labels)
    return float(values.mean()) if len(values) == scores.shape[1] else np.nan


@mean_average_precision.mistake("absent_class_gives_nan")
def _(scores, labels):
    values, _ = _each_class(scores, labels)
    return float(values.mean()) if len(values) == labels.max() + 1 else np.nan


def _first_classes(scores, labels, absent):
    """Average over the first classes, as many as occur; one without examples counts as `absent`."""
    values = []
    for k in range(len(np.unique(labels))):
        positive = labels == k
        values.append(area_under_ranking(scores[:, k], positive) if positive.any() else absent)
    return float(np.mean([value for value in values if value is not None]))


@mean_average_precision.mistake(
    "only_the_first_classes",
    "You count how many classes occur and then take the first so many: 0, 1, 2, … Where a class is missing, its number is "
    "taken all the same, and the last classes are never looked at.",
)
def _(scores, labels):
    return _first_classes(scores, labels, None)


@mean_average_precision.mistake("only_the_first_classes")
def _(scores, labels):
    return _first_classes(scores, labels, 0.0)


@mean_average_precision.mistake(
    "softmax_first",
    "You turn the scores of each example into probabilities first. Each example is then divided by a sum of its own, which "
    "changes the order of the examples within a class. Rank by the scores as they come.",
)
def _(scores, labels):
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return float(
        _each_class(exponentials / exponentials.sum(axis=1, keepdims=True), labels)[0].mean()
    )


@mean_average_precision.mistake(
    "mean_of_the_classes_accuracies",
    "You take the class with the largest score, and average over the classes how often it is right. mAP needs the whole "
    "ranking of each class.",
)
def _(scores, labels):
    right = scores.argmax(axis=1) == labels
    return float(np.mean([right[labels == k].mean() for k in np.unique(labels)]))


@mean_average_precision.mistake(
    "weighted_by_class_size",
    "You weight the classes by their number of examples. In mAP every class counts the same, however rare.",
)
def _(scores, labels):
    values, sizes = _each_class(scores, labels)
    return float(np.sum(values * sizes) / sizes.sum())


@mean_average_precision.mistake(
    "all_in_one_ranking",
    "You put the scores of all classes in one ranking. Scores of different classes need not be comparable: rank the "
    "examples once per class, and average afterwards.",
)
def _(scores, labels):
    truth = np.eye(scores.shape[1], dtype=bool)[labels]
    return area_under_ranking(scores.reshape(-1), truth.reshape(-1))


@mean_average_precision.mistake(
    "classes_ranked_within_each_example",
    "You rank the classes within each example. mAP ranks the examples within each class: go through the columns of "
    "`scores`, not through its rows.",
)
def _(scores, labels):
    truth = np.eye(scores.shape[1], dtype=bool)[labels]
    return float(np.mean([area_under_ranking(s, t) for s, t in zip(scores, truth, strict=True)]))


@mean_average_precision.mistake(
    "ranks_the_decisions",
    "You rank by the decision (1 for the class with the largest score, else 0), not by the score. All thresholds but "
    "one are lost.",
)
def _(scores, labels):
    decisions = np.eye(scores.shape[1])[scores.argmax(axis=1)]
    return float(_each_class(decisions, labels)[0].mean())


@mean_average_precision.mistake(
    "mean_accuracy",
    "This is the accuracy of the class with the largest score. mAP needs the whole ranking of each class.",
)
def _(scores, labels):
    return float(np.mean(scores.argmax(axis=1) == labels))


@mean_average_precision.mistake(
    "sum_over_classes",
    "You sum over the classes and do not divide: mean average precision is a mean.",
)
def _(scores, labels):
    return float(_each_class(scores, labels)[0].sum())


@mean_average_precision.alternative
def with_a_loop(scores, labels):
    values = []
    for k, column in enumerate(scores.T):
        positive = labels == k
        if positive.any():
            above = column >= column[positive][:, None]
            values.append(np.mean((above & positive).sum(1) / above.sum(1)))
    return sum(values) / len(values)


@mean_average_precision.alternative
def with_a_nan_mean(scores, labels):
    values = np.full(scores.shape[1], np.nan, dtype=np.float32)
    for k in set(labels.tolist()):
        values[k] = area_under_ranking(scores[:, k].astype(np.float32), labels == k)
    return np.nanmean(values)
