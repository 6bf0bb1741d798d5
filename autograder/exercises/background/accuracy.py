import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import LIBRARIES, PAGE, draw_confusion
from dlarch.plain import PlainData

accuracy = Exercise(
    "accuracy",
    signature="accuracy(confusion: (K, K) int64) -> accuracy: float",
    outputs=("accuracy",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "accuracy",
)


@accuracy.case("three classes")
def _(random) -> dict[str, PlainData]:
    return {"confusion": draw_confusion(random, 3)}


@accuracy.case("two classes, one of them rare")
def _(random) -> dict[str, PlainData]:
    return {"confusion": draw_confusion(random, 2, sizes=(95, 4))}


@accuracy.case("mostly wrong")
def _(random) -> dict[str, PlainData]:
    return {"confusion": draw_confusion(random, 5, right=0.05)}


@accuracy.case("nothing right")
def _(random) -> dict[str, PlainData]:
    return {"confusion": np.array([[0, 3, 2], [4, 0, 1], [5, 6, 0]])}


@accuracy.case("ten classes", secret=True)
def _(random) -> dict[str, PlainData]:
    return {
        "confusion": draw_confusion(random, 10, right=0.9, sizes=random.integers(20, 90, size=10))
    }


@accuracy.reference
def _(confusion):
    return float(np.trace(confusion) / confusion.sum())


@accuracy.mistake(
    "number_of_right_answers",
    "You give the number of right answers; the accuracy is their share of all answers.",
)
def _(confusion):
    return float(np.trace(confusion))


@accuracy.mistake(
    "mean_over_classes",
    "You average the shares of right answers of the classes. This is the balanced accuracy: a rare class weighs as "
    "much as a frequent one. It is often the better number, but it is another one.",
)
def _(confusion):
    return float(np.mean(np.diag(confusion) / confusion.sum(axis=1)))


@accuracy.mistake(
    "mean_of_the_diagonal",
    "You average the diagonal: the number of right answers divided by the number of classes. Divide by the number of "
    "all examples, which is the sum of the whole matrix.",
)
def _(confusion):
    return float(np.mean(np.diag(confusion)))


@accuracy.mistake(
    "mean_of_precisions",
    "You average over the columns: the precision of each class, not the share of right answers among all.",
)
def _(confusion):
    return float(np.mean(np.diag(confusion) / confusion.sum(axis=0)))


@accuracy.mistake(
    "error_rate", "You give the share of wrong answers, which is 1 minus the accuracy."
)
def _(confusion):
    return float(1 - np.trace(confusion) / confusion.sum())


@accuracy.mistake("per_cent", "You give per cent; the accuracy is a number from 0 to 1.")
def _(confusion):
    return float(100 * np.trace(confusion) / confusion.sum())


@accuracy.mistake(
    "right_against_wrong",
    "You divide the right answers by the wrong ones; divide them by all answers.",
)
def _(confusion):
    right = np.trace(confusion)
    return float(right / (confusion.sum() - right))


@accuracy.alternative
def with_loops(confusion):
    right = sum(confusion[k][k] for k in range(len(confusion)))
    return np.float32(right / sum(sum(row) for row in confusion))


@accuracy.alternative
def with_einsum(confusion):
    return np.einsum("kk->", confusion) / np.einsum("ij->", confusion)
