import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import LIBRARIES, PAGE, draw_confusion
from dlarch.plain import PlainData

accuracy = Exercise(
    "accuracy",
    signature="accuracy(confusion: (K, K) int64) -> accuracy: float",
    outputs=("accuracy",),
    form="transcribe",
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


@accuracy.case("a class that neither occurs nor is predicted")
def _(random) -> dict[str, PlainData]:
    confusion = draw_confusion(random, 4)
    confusion[2], confusion[:, 2] = 0, 0
    return {"confusion": confusion}


@accuracy.case("one class")
def _(random) -> dict[str, PlainData]:
    return {"confusion": np.array([[12]])}


@accuracy.case("ten classes", secret=True)
def _(random) -> dict[str, PlainData]:
    return {
        "confusion": draw_confusion(random, 10, right=0.9, sizes=random.integers(20, 90, size=10))
    }


@accuracy.reference
def _(confusion):
    return float(np.trace(confusion) / confusion.sum())


def _shares(confusion, axis):
    """Give the share of right answers of each row or column; of an empty one it is nan."""
    with np.errstate(invalid="ignore"):
        return np.diag(confusion) / confusion.sum(axis=axis)


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
    return float(np.mean(_shares(confusion, axis=1)))


@accuracy.mistake("mean_over_classes")
def _(confusion):
    return float(np.nanmean(_shares(confusion, axis=1)))


@accuracy.mistake("mean_over_classes")
def _(confusion):
    return float(np.mean(np.nan_to_num(_shares(confusion, axis=1))))


@accuracy.mistake(
    "mean_of_the_diagonal",
    "You average the diagonal: the number of right answers divided by the number of classes. The classes are not "
    "what is counted: divide by the number of all examples.",
)
def _(confusion):
    return float(np.mean(np.diag(confusion)))


@accuracy.mistake(
    "mean_of_precisions",
    "You average over the columns: the precision of each class, not the share of right answers among all.",
)
def _(confusion):
    return float(np.mean(_shares(confusion, axis=0)))


@accuracy.mistake("mean_of_precisions")
def _(confusion):
    return float(np.nanmean(_shares(confusion, axis=0)))


@accuracy.mistake("mean_of_precisions")
def _(confusion):
    return float(np.mean(np.nan_to_num(_shares(confusion, axis=0))))


@accuracy.mistake(
    "one_number_per_class",
    "You give a number for each class. The accuracy is one number: how many of all answers are right, whatever their class.",
)
def _(confusion):
    return _shares(confusion, axis=1)


@accuracy.mistake("one_number_per_class")
def _(confusion):
    return np.nan_to_num(_shares(confusion, axis=1))


@accuracy.mistake("one_number_per_class")
def _(confusion):
    return _shares(confusion, axis=0)


@accuracy.mistake("one_number_per_class")
def _(confusion):
    return np.nan_to_num(_shares(confusion, axis=0))


@accuracy.mistake("one_number_per_class")
def _(confusion):
    return np.diag(confusion) / confusion.sum()


@accuracy.mistake(
    "error_rate", "You give the share of wrong answers; the accuracy is the share of right ones."
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
    with np.errstate(divide="ignore"):
        return float(right / (confusion.sum() - right))


@accuracy.alternative
def with_loops(confusion):
    right = sum(confusion[k][k] for k in range(len(confusion)))
    return np.float32(right / sum(sum(row) for row in confusion))


@accuracy.alternative
def with_einsum(confusion):
    return np.einsum("kk->", confusion) / np.einsum("ij->", confusion)
