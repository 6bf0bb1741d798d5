import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import LIBRARIES, PAGE
from dlarch.plain import PlainData

confusion_matrix = Exercise(
    "confusion_matrix",
    signature=(
        "confusion_matrix(labels: (N,) int64, predictions: (N,) int64, K: int)"
        " -> confusion: (K, K) int64"
    ),
    outputs=("confusion",),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "confusion",
)


def _answers(random, N, K, right=0.6, absent=(), never=()):
    """Draw labels without the classes `absent` and predictions without the classes `never`."""
    labels = random.choice(np.setdiff1d(np.arange(K), absent), size=N)
    guesses = random.choice(np.setdiff1d(np.arange(K), never), size=N)
    sure = (random.random(N) < right) & ~np.isin(labels, never)
    return {"labels": labels, "predictions": np.where(sure, labels, guesses), "K": K}


@confusion_matrix.case("three classes")
def _(random) -> dict[str, PlainData]:
    return _answers(random, 41, 3)


@confusion_matrix.case("the last class is never predicted")
def _(random) -> dict[str, PlainData]:
    return _answers(random, 29, 4, never=(3,))


@confusion_matrix.case("two classes neither occur nor are predicted")
def _(random) -> dict[str, PlainData]:
    return _answers(random, 23, 6, absent=(1, 5), never=(1, 5))


@confusion_matrix.case("one example, wrong")
def _(random) -> dict[str, PlainData]:
    return {"labels": np.array([2]), "predictions": np.array([0]), "K": 5}


@confusion_matrix.case("yes or no")
def _(random) -> dict[str, PlainData]:
    return _answers(random, 19, 2, right=0.3)


@confusion_matrix.case("the first class never occurs")
def _(random) -> dict[str, PlainData]:
    return _answers(random, 17, 3, absent=(0,))


@confusion_matrix.case("as many examples as classes")
def _(random) -> dict[str, PlainData]:
    return _answers(random, 6, 6)


@confusion_matrix.case("one class")
def _(random) -> dict[str, PlainData]:
    return {"labels": np.zeros(4, np.int64), "predictions": np.zeros(4, np.int64), "K": 1}


@confusion_matrix.case("ten classes, many examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _answers(random, 1500, 10, absent=(7,))


@confusion_matrix.case("as many classes as examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _answers(random, 8, 8)


def _counts(labels, predictions, K):
    return np.bincount(K * labels + predictions, minlength=K * K).reshape(K, K)


@confusion_matrix.reference
def _(labels, predictions, K):
    import torch

    from autograder.kernels.matmul import matmul

    classes = np.eye(K)
    truth, said = (torch.from_numpy(classes[item]) for item in (labels, predictions))
    return matmul(truth.T, said).numpy().round().astype(np.int64)


@confusion_matrix.mistake(
    "transposed",
    "Rows and columns are swapped. Here a row is a true class and a column is a predicted one; the entry [i, j] counts "
    "examples of class i that were taken for class j. (Books differ, so always say which.)",
)
def _(labels, predictions, K):
    return _counts(predictions, labels, K)


confusion_matrix.slip(
    "repeated_pairs_counted_once",
    "No entry is larger than 1, however often a pair comes; each time it has to be added. "
    "(`C[labels, predictions] += 1` goes wrong like this: it reads, adds and writes each place once.)",
    PAGE + "counting",
    of="with_add_at",
    right="np.add.at(confusion, (labels, predictions), 1)",
    wrong="confusion[labels, predictions] += 1",
)


@confusion_matrix.mistake(
    "only_right_answers",
    "You count the right answers alone, so everything off the diagonal is 0. The matrix is there to show the "
    "confusions.",
)
def _(labels, predictions, K):
    return np.diag(np.bincount(labels[labels == predictions], minlength=K))


@confusion_matrix.mistake(
    "only_wrong_answers",
    "The diagonal is empty: right answers belong there.",
)
def _(labels, predictions, K):
    confusion = _counts(labels, predictions, K)
    return confusion - np.diag(np.diag(confusion))


@confusion_matrix.mistake(
    "classes_from_the_data",
    "Your matrix has rows and columns only for the classes that occur in this sample. Two test sets could then not be "
    "compared, and entry [3, 3] might not be class 3. It is K × K, with zeros where nothing happened.",
)
def _(labels, predictions, K):
    classes, codes = np.unique(np.concatenate([labels, predictions]), return_inverse=True)
    labels, predictions = np.split(codes, 2)
    return _counts(labels, predictions, len(classes))


@confusion_matrix.mistake(
    "shares_of_the_true_class",
    "You give shares of each row. That is a useful picture, but the task asks for counts: they say how much a share "
    "can be trusted.",
)
def _(labels, predictions, K):
    confusion = _counts(labels, predictions, K)
    return confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)


@confusion_matrix.mistake(
    "shares_of_the_predicted_class",
    "You give shares of each column. The task asks for counts: they say how much a share can be trusted.",
)
def _(labels, predictions, K):
    confusion = _counts(labels, predictions, K)
    return confusion / np.maximum(confusion.sum(axis=0), 1)


@confusion_matrix.mistake(
    "shares_of_all",
    "You divide by the number of examples. The task asks for counts.",
)
def _(labels, predictions, K):
    return _counts(labels, predictions, K) / len(labels)


@confusion_matrix.mistake(
    "classes_counted_from_one",
    "Everything is shifted by one row and one column: you count classes from 1. They are numbered from 0 to K − 1, and "
    "a negative index silently takes the last row.",
)
def _(labels, predictions, K):
    confusion = np.zeros((K, K), dtype=np.int64)
    np.add.at(confusion, (labels - 1, predictions - 1), 1)
    return confusion


@confusion_matrix.alternative
def with_a_loop(labels, predictions, K):
    confusion = [[0] * K for _ in range(K)]
    for label, prediction in zip(labels, predictions, strict=True):
        confusion[label][prediction] += 1
    return np.array(confusion)


@confusion_matrix.alternative
def with_add_at(labels, predictions, K):
    confusion = np.zeros((K, K))
    np.add.at(confusion, (labels, predictions), 1)
    return confusion


@confusion_matrix.alternative
def with_a_histogram(labels, predictions, K):
    edges = np.arange(K + 1) - 0.5
    return np.histogram2d(labels, predictions, bins=(edges, edges))[0].astype(np.int32)
