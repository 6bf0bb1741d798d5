import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.start.shared import PAGE
from dlarch.plain import PlainData

one_hot = Exercise(
    "one_hot",
    signature="one_hot(labels: (N,) int64, K: int) -> y: (N, K) float64",
    outputs=("y",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "one-hot",
)


def _labels(random, N, K, present):
    """Draw labels that use the given classes alone, each at least once, in no order."""
    rest = random.choice(present, size=N - len(present))
    return {"labels": random.permutation(np.concatenate([present, rest])).astype(np.int64), "K": K}


@one_hot.case("some classes have no example")
def _(random) -> dict[str, PlainData]:
    return _labels(random, 8, 6, [0, 1, 4])


@one_hot.case("more classes than examples")
def _(random) -> dict[str, PlainData]:
    return _labels(random, 3, 7, [5, 2])


@one_hot.case("one example")
def _(random) -> dict[str, PlainData]:
    return _labels(random, 1, 4, [2])


@one_hot.case("as many classes as examples")
def _(random) -> dict[str, PlainData]:
    return _labels(random, 5, 5, [0, 1, 3, 4])


@one_hot.case("one class")
def _(random) -> dict[str, PlainData]:
    return _labels(random, 3, 1, [0])


@one_hot.case("many examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _labels(random, 90, 11, [0, 2, 3, 4, 7, 9])


@one_hot.case("one class, more examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _labels(random, 6, 1, [0])


@one_hot.reference
def _(labels, K):
    return (labels[:, None] == np.arange(K)).astype(np.float64)


@one_hot.mistake(
    "classes_counted_from_labels",
    "The number of columns is taken from the largest label. A batch need not hold every class: K says how many there "
    "are, and every batch must give the same width.",
)
def _(labels, K):
    return np.eye(labels.max() + 1)[labels]


@one_hot.mistake(
    "only_the_classes_present",
    "You make a column for each class that occurs in this batch. So column 3 means another class in the next batch: "
    "there are always K columns, and column k is class k.",
)
def _(labels, K):
    return (labels[:, None] == np.unique(labels)).astype(np.float64)


@one_hot.mistake(
    "transposed",
    "Your array has a row for each class. Here, as everywhere in the course, a row is an example: (N, K).",
    PAGE + "shapes",
)
def _(labels, K):
    return np.eye(K)[labels].T


@one_hot.mistake(
    "counted_from_one",
    "Every 1 stands one column too far to the left: you count the classes from 1. They are 0, …, K − 1. (Index −1 is the "
    "last column, so there is no error message.)",
)
def _(labels, K):
    return np.eye(K)[labels - 1]


@one_hot.mistake(
    "columns_counted_from_one",
    "Your columns stand for the classes 1, …, K, so class 0 has none, and its rows are empty. The classes are 0, …, K − 1.",
)
def _(labels, K):
    return (labels[:, None] == np.arange(1, K + 1)).astype(np.float64)


@one_hot.mistake(
    "one_column_too_many",
    "You have K + 1 columns. Counting from 0, the last of K classes is K − 1.",
)
def _(labels, K):
    return np.eye(K + 1)[labels]


@one_hot.mistake(
    "whole_columns",
    "`y[:, labels] = 1` fills whole columns: every row gets the ones of all labels. Each row has one label of its own: "
    "say for every 1 in which row and in which column it stands.",
)
def _(labels, K):
    y = np.zeros((len(labels), K))
    y[:, labels] = 1
    return y


@one_hot.mistake(
    "whole_rows",
    "`y[labels] = 1` uses the labels as row numbers and fills whole rows. They are columns: say for "
    "every 1 in which row and in which column it stands.",
)
def _(labels, K):
    y = np.zeros((len(labels), K))
    y[labels] = 1
    return y


@one_hot.mistake(
    "label_in_place_of_one",
    "You write the label itself where a 1 belongs. Class 4 would count four times as much as class 1, and class 0 not at "
    "all.",
)
def _(labels, K):
    return np.eye(K)[labels] * labels[:, None]


@one_hot.mistake(
    "cold_ones",
    "Zeros and ones are exchanged: the 1 belongs where the label is.",
)
def _(labels, K):
    return 1 - np.eye(K)[labels]


@one_hot.mistake(
    "minus_ones",
    "You write −1 where the label is not. That is another code, ±1: here it is 0, so that products with y pick out what "
    "belongs to a class and leave the rest.",
)
def _(labels, K):
    return 2 * np.eye(K)[labels] - 1


@one_hot.mistake(
    "batch_of_one_squeezed",
    "You drop axes of size one. A batch of one is still a batch, and one class is still a column: do not squeeze.",
    PAGE + "shapes",
)
def _(labels, K):
    return np.squeeze(np.eye(K)[labels])


@one_hot.alternative
def with_rows_of_the_identity(labels, K):
    return np.eye(K)[labels]


@one_hot.alternative
def with_paired_indices(labels, K):
    y = np.zeros((len(labels), K), dtype=np.float32)
    y[np.arange(len(labels)), labels] = 1
    return y


@one_hot.alternative
def with_a_loop(labels, K):
    return np.array([[1 if k == label else 0 for k in range(K)] for label in labels])
