"""Exercises of chapter 00: arrays without loops, and gradients by differences."""

import numpy as np

from autograder.exercise import Chapter
from dlarch.compare import Tolerance
from dlarch.plain import PlainData

chapter = Chapter("00_start")

PAGE = "00_start.html#start-"
LIBRARIES = ("torch", "scipy", "sklearn", "tensorflow", "jax")


def _tensor(array):
    import torch

    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))


# ---------------------------------------------------------------------------- standardize

standardize = chapter.exercise(
    "standardize",
    signature=(
        "standardize(train: (N, D) float64, test: (M, D) float64)"
        " -> train: (N, D) float64, test: (M, D) float64"
    ),
    outputs=("train", "test"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "standardize",
)


def _features(random, N, M, D, centre=3.0, constant=None):
    """Draw features of different means and deviations, the test set a little elsewhere."""
    mean = random.uniform(0.5, 1, size=D) * random.choice([-1, 1], size=D) * centre
    deviation = random.uniform(0.3, 4, size=D)
    train = mean + deviation * random.normal(size=(N, D))
    test = mean + deviation * random.normal(0.7, 1.5, size=(M, D))
    if constant is not None:
        train[:, constant] = test[:, constant] = 2.5
    return {"train": train, "test": test}


@standardize.case("three features")
def _(random) -> dict[str, PlainData]:
    return _features(random, 7, 4, 3)


@standardize.case("as many examples as features")
def _(random) -> dict[str, PlainData]:
    return _features(random, 5, 6, 5)


@standardize.case("a feature that is always 2.5")
def _(random) -> dict[str, PlainData]:
    return _features(random, 6, 5, 4, constant=1)


@standardize.case("one feature")
def _(random) -> dict[str, PlainData]:
    return _features(random, 9, 2, 1)


@standardize.case("a feature of deviation 0.01")
def _(random) -> dict[str, PlainData]:
    case = _features(random, 8, 5, 3)
    mean, deviation = case["train"][:, 1].mean(), case["train"][:, 1].std()
    for x in case.values():
        x[:, 1] = mean + 0.01 / deviation * (x[:, 1] - mean)
    return case


@standardize.case("many examples, far from zero", secret=True)
def _(random) -> dict[str, PlainData]:
    return _features(random, 83, 31, 17, centre=200.0, constant=5)


@standardize.case("one test example", secret=True)
def _(random) -> dict[str, PlainData]:
    return _features(random, 4, 1, 6)


@standardize.reference
def _(train, test):
    from autograder.kernels.batch_norm import batch_norm

    features = train.shape[1]
    ones, zeros = _tensor(np.ones(features)), _tensor(np.zeros(features))
    _, mean, variance = (result.numpy() for result in batch_norm(_tensor(train), ones, zeros, 1.0))
    return _scaled(train, test, mean, np.sqrt(variance))


def _scaled(train, test, mean, deviation):
    deviation = np.where(deviation == 0, 1.0, deviation)
    return (train - mean) / deviation, (test - mean) / deviation


@standardize.mistake(
    "statistics_of_rows",
    "You take mean and deviation along the rows, one pair for each example. A feature is a column: its statistics run "
    "over the examples, axis 0.",
    PAGE + "axes",
)
def _(train, test):
    rows = [
        (x - x.mean(axis=1, keepdims=True), x.std(axis=1, keepdims=True)) for x in (train, test)
    ]
    return tuple(x / np.where(deviation == 0, 1.0, deviation) for x, deviation in rows)


@standardize.mistake(
    "one_mean_for_all",
    "You take one mean and one deviation over the whole array. Without an axis, mean() averages metres and "
    "kilograms together; each feature needs its own.",
    PAGE + "axes",
)
def _(train, test):
    return _scaled(train, test, train.mean(), train.std())


@standardize.mistake(
    "test_by_its_own_statistics",
    "The test set is standardised by its own mean and deviation. The same measurement would then mean one thing in the "
    "training set and another in the test set: use the training set's statistics for both.",
)
def _(train, test):
    first, _ = _scaled(train, test, train.mean(axis=0), train.std(axis=0))
    second, _ = _scaled(test, train, test.mean(axis=0), test.std(axis=0))
    return first, second


@standardize.mistake(
    "statistics_of_everything",
    "Your statistics are those of both sets together. So the test set has a part in the preparation of the training "
    "data; take them from the training set alone.",
)
def _(train, test):
    both = np.concatenate([train, test])
    return _scaled(train, test, both.mean(axis=0), both.std(axis=0))


@standardize.mistake(
    "test_forgotten",
    "The training set is right; the test set came back as it was. It needs the same treatment, by the same numbers.",
)
def _(train, test):
    return _scaled(train, test, train.mean(axis=0), train.std(axis=0))[0], test


@standardize.mistake(
    "divided_by_the_variance",
    "You divide by the variance. That is the square of the deviation, and has the square of the feature's unit.",
)
def _(train, test):
    return _scaled(train, test, train.mean(axis=0), train.var(axis=0))


@standardize.mistake(
    "divided_by_n_minus_1",
    "Your deviation divides by N − 1 (ddof=1, as pandas and R do). The task divides by N, which is what np.std does "
    "unless told otherwise.",
)
def _(train, test):
    return _scaled(train, test, train.mean(axis=0), train.std(axis=0, ddof=1))


@standardize.mistake(
    "only_centred",
    "The means are 0, but the deviations are what they were: the division is missing.",
)
def _(train, test):
    return _scaled(train, test, train.mean(axis=0), np.ones(train.shape[1]))


@standardize.mistake(
    "only_divided",
    "The deviations are 1, but the means are not 0: subtract the mean first, then divide.",
)
def _(train, test):
    return _scaled(train, test, np.zeros(train.shape[1]), train.std(axis=0))


@standardize.mistake(
    "mean_not_divided",
    "You compute x/s − m. Both, x and the mean, have to be divided: (x − m)/s. Python divides before it subtracts; "
    "brackets change that.",
)
def _(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(deviation == 0, 1.0, deviation)
    return train / deviation - mean, test / deviation - mean


@standardize.mistake(
    "zero_over_zero",
    "A feature that is always the same has deviation 0, and yours becomes 0/0 = NaN there. One NaN spoils every sum it "
    "enters: find such features and give them zeros.",
)
def _(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    with np.errstate(invalid="ignore"):
        return (train - mean) / deviation, (test - mean) / deviation


@standardize.mistake(
    "constant_feature_kept",
    "A feature that is always the same stays as it is in your result. Its mean has to be subtracted like any other's, and "
    "then it is 0.",
)
def _(train, test):
    constant = train.std(axis=0) == 0
    scaled = _scaled(train, test, train.mean(axis=0), train.std(axis=0))
    return tuple(np.where(constant, x, z) for x, z in zip((train, test), scaled, strict=True))


@standardize.mistake(
    "constant_feature_dropped",
    "You leave out a feature that is always the same, and the features after it move to other columns. Keep the shape, "
    "and give such a feature zeros.",
)
def _(train, test):
    varies = train.std(axis=0) > 0
    scaled = _scaled(train, test, train.mean(axis=0), train.std(axis=0))
    return tuple(z[:, varies] for z in scaled)


@standardize.mistake(
    "test_by_its_own_mean",
    "The test set is divided by the training set's deviation, but its own mean is subtracted. Both numbers come from the "
    "training set.",
)
def _(train, test):
    deviation = train.std(axis=0)
    first, _ = _scaled(train, test, train.mean(axis=0), deviation)
    return first, _scaled(train, test, test.mean(axis=0), deviation)[1]


for _place, _number in (
    ("variance", 1e-5),
    ("variance", 1e-3),
    ("deviation", 1e-5),
    ("deviation", 1e-4),
    ("deviation", 1e-3),
):

    @standardize.mistake(
        f"{_number:.0e}_added_to_the_{_place}",
        f"You add {_number:g} to the {_place}, against 0/0. Beside a feature that hardly varies this is not small. Treat "
        "the deviation 0 by itself, or add something much smaller, like 1e-8 to the deviation.",
    )
    def _(train, test, place=_place, number=_number):
        deviation = train.std(axis=0)
        deviation = np.sqrt(deviation**2 + number) if place == "variance" else deviation + number
        return _scaled(train, test, train.mean(axis=0), deviation)


@standardize.mistake(
    "range_in_place_of_deviation",
    "You scale every feature to the interval from 0 to 1, by its smallest and largest value. The task asks for mean 0 "
    "and deviation 1; a single outlier would squeeze your values together.",
)
def _(train, test):
    low, high = train.min(axis=0), train.max(axis=0)
    return _scaled(train, test, low, high - low)


@standardize.mistake(
    "in_place",
    "The numbers are right, but train and test themselves were changed: `x -= m` writes into the caller's array, who may "
    "still need it. `x = x - m` makes a new one.",
    PAGE + "copies",
)
def _(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[deviation == 0] = 1
    train -= mean
    test -= mean
    train /= deviation
    test /= deviation
    return train, test


@standardize.alternative
def with_a_loop_over_features(train, test):
    first, second = np.zeros(train.shape), np.zeros(test.shape, dtype=np.float32)
    for d in range(train.shape[1]):
        mean = sum(train[:, d]) / len(train)
        deviation = (sum((value - mean) ** 2 for value in train[:, d]) / len(train)) ** 0.5
        if deviation > 0:
            first[:, d] = (train[:, d] - mean) / deviation
            second[:, d] = (test[:, d] - mean) / deviation
    return first, second


@standardize.alternative
def with_a_small_number_added(train, test):
    mean, deviation = np.mean(train, 0), np.std(train, 0) + 1e-8
    return (train - mean) / deviation, (test - mean) / deviation


@standardize.alternative
def with_nan_removed(train, test):
    with np.errstate(invalid="ignore"):
        z = (np.vstack([train, test]) - train.mean(0)) / np.sqrt(train.var(0))
    z = np.nan_to_num(z)
    return [z[: len(train)], z[len(train) :]]


# ---------------------------------------------------------------------------- one_hot

one_hot = chapter.exercise(
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


@one_hot.case("many examples", secret=True)
def _(random) -> dict[str, PlainData]:
    return _labels(random, 90, 11, [0, 2, 3, 4, 7, 9])


@one_hot.case("one class", secret=True)
def _(random) -> dict[str, PlainData]:
    return _labels(random, 4, 1, [0])


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
    "batch_of_one_squeezed",
    "With one example your result has shape (K,). A batch of one is still a batch, (1, K): do not squeeze.",
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


# ---------------------------------------------------------------------------- pairwise_distances

pairwise_distances = chapter.exercise(
    "pairwise_distances",
    signature="pairwise_distances(a: (N, D) float64, b: (M, D) float64) -> d: (N, M) float64",
    outputs=("d",),
    points=2,
    driver="start.without_loops",
    forbids=(*LIBRARIES, "vectorize", "apply_along_axis", "map"),
    section=PAGE + "distances",
)


def _points(random, N, M, D):
    return {"a": random.normal(size=(N, D)), "b": random.normal(size=(M, D))}


@pairwise_distances.case("points in space")
def _(random) -> dict[str, PlainData]:
    return _points(random, 4, 5, 3)


@pairwise_distances.case("one point and seven")
def _(random) -> dict[str, PlainData]:
    return _points(random, 1, 7, 2)


@pairwise_distances.case("as many points here as there")
def _(random) -> dict[str, PlainData]:
    return _points(random, 6, 6, 4)


def _far(random, N, M, D):
    """Draw points with whole coordinates, close to each other and 2⁴⁰ from zero: their squares lose them."""
    numbers = random.permutation(np.arange(-40, 60))[: (N + M) * D].reshape(N + M, D)
    points = 2.0**40 + numbers
    return {"a": points[:N], "b": points[N:]}


@pairwise_distances.case("close together, far from zero")
def _(random) -> dict[str, PlainData]:
    return _far(random, 3, 4, 5)


@pairwise_distances.case("whole numbers near 2²⁴")
def _(random) -> dict[str, PlainData]:
    return {name: x - 2.0**40 + 2.0**24 for name, x in _far(random, 4, 3, 2).items()}


@pairwise_distances.case("many points", secret=True)
def _(random) -> dict[str, PlainData]:
    return _points(random, 41, 29, 13)


@pairwise_distances.case("on a line", secret=True)
def _(random) -> dict[str, PlainData]:
    return _points(random, 8, 3, 1)


@pairwise_distances.reference
def _(a, b):
    from autograder.kernels.matmul import matmul

    squares = (a[:, None] - b) ** 2
    N, M, D = squares.shape
    sums = matmul(_tensor(squares.reshape(N * M, D)), _tensor(np.ones((D, 1))))
    return np.sqrt(sums.numpy().reshape(N, M))


def _between(a, b):
    return a[:, None, :] - b[None, :, :]


@pairwise_distances.mistake(
    "with_a_loop",
    "There is a loop in your answer. Python would go through the pairs one after the other. Broadcasting makes all of them "
    "at once: which shapes must a and b have for that?",
    PAGE + "broadcasting",
)
def _(a, b):
    d = np.zeros((len(a), len(b)))
    for n in range(len(a)):
        for m in range(len(b)):
            d[n, m] = np.sqrt(np.sum((a[n] - b[m]) ** 2))
    return d


@pairwise_distances.mistake(
    "rows_paired",
    "You subtract b from a as they are, so that row n meets row n alone, and there is an error where the numbers of rows "
    "differ. Every row of a has to meet every row of b: that needs a third axis.",
    PAGE + "broadcasting",
)
def _(a, b):
    return np.sqrt(np.sum((a - b) ** 2, axis=1))


@pairwise_distances.mistake(
    "square_root_missing",
    "These are the squared distances; the square root is missing.",
)
def _(a, b):
    return np.sum(_between(a, b) ** 2, axis=-1)


@pairwise_distances.mistake(
    "summed_over_the_points_of_b",
    "You sum over the points of b, and the coordinates stay. Write the three sizes beside the array of differences: "
    "(N, M, D), and D is the one to go.",
    PAGE + "axes",
)
def _(a, b):
    return np.sqrt(np.sum(_between(a, b) ** 2, axis=1))


@pairwise_distances.mistake(
    "summed_over_the_points_of_a",
    "You sum over the points of a, and the coordinates stay. Write the three sizes beside the array of differences: "
    "(N, M, D), and D is the one to go.",
    PAGE + "axes",
)
def _(a, b):
    return np.sqrt(np.sum(_between(a, b) ** 2, axis=0))


@pairwise_distances.mistake(
    "single_precision",
    "You compute in float32, which keeps 24 binary digits. Points that lie far from zero and close together differ in the "
    "digits behind those: stay in float64.",
    PAGE + "dtypes",
)
def _(a, b):
    return np.sqrt(np.sum(_between(a.astype(np.float32), b.astype(np.float32)) ** 2, axis=-1))


@pairwise_distances.mistake(
    "transposed",
    "Your array has a row for each point of b. Row n is to belong to a[n].",
    PAGE + "shapes",
)
def _(a, b):
    return np.sqrt(np.sum(_between(b, a) ** 2, axis=-1))


@pairwise_distances.mistake(
    "city_block",
    "You add the absolute differences, which is the way along the streets of Manhattan. The task asks for the straight "
    "line: squares, sum, root.",
)
def _(a, b):
    return np.sum(np.abs(_between(a, b)), axis=-1)


@pairwise_distances.mistake(
    "summed_before_squaring",
    "You sum the differences and square the sum, so that +1 and −1 cancel. Each difference is squared first.",
)
def _(a, b):
    return np.abs(np.sum(_between(a, b), axis=-1))


@pairwise_distances.mistake(
    "mean_of_squares",
    "You average the squares over the D coordinates. A distance adds them: yours is too small by the factor √D.",
)
def _(a, b):
    return np.sqrt(np.mean(_between(a, b) ** 2, axis=-1))


@pairwise_distances.mistake(
    "product_multiplied_out",
    "You multiply |a − b|² out to |a|² + |b|² − 2 a·b. On paper it is the same; in floating point the large squares "
    "swallow the small distance. Far from zero, all your distances are 0: subtract first, then square.",
    PAGE + "cancellation",
)
def _(a, b):
    squares = (
        np.sum(a**2, axis=1, keepdims=True)
        + np.sum(b**2, axis=1)
        - 2 * np.einsum("nd,md->nm", a, b)
    )
    return np.sqrt(np.maximum(squares, 0))


@pairwise_distances.alternative
def with_norm(a, b):
    return np.linalg.norm(np.expand_dims(a, 1) - b, axis=2)


@pairwise_distances.alternative
def with_einsum(a, b):
    difference = a[:, np.newaxis] - b[np.newaxis]
    return np.sqrt(np.einsum("nmd,nmd->nm", difference, difference)).astype(np.float32)


@pairwise_distances.alternative
def with_repeated_rows(a, b):
    rows = np.repeat(a, len(b), axis=0) - np.tile(b, (len(a), 1))
    return np.hypot.reduce(rows, axis=1).reshape(len(a), len(b))


@pairwise_distances.alternative
def with_points_as_columns(a, b):
    return np.sqrt(((a.T[:, :, None] - b.T[:, None, :]) ** 2).sum(0))


# ---------------------------------------------------------------------------- numerical_gradient

numerical_gradient = chapter.exercise(
    "numerical_gradient",
    signature=(
        "numerical_gradient(f: function of (...) -> float, x: (...) float64 or float32, h: float)"
        " -> gradient: (...) float64"
    ),
    outputs=("gradient",),
    points=3,
    driver="start.gradient_of",
    tolerance=Tolerance(relative=1e-6),
    forbids=LIBRARIES,
    section=PAGE + "gradient",
)


def _form(random, shape, h, sine=True):
    x = random.uniform(-1, 1, size=shape)
    terms = {
        "square": random.uniform(0.5, 2, size=shape) * random.choice([-1, 1], size=shape),
        "sine": random.uniform(0.5, 1, size=shape) * sine,
        "coupling": random.uniform(0.5, 1.5, size=shape),
    }
    return {"terms": terms, "x": x, "h": h}


@numerical_gradient.case("a vector, h = 1e-5")
def _(random) -> dict[str, PlainData]:
    return _form(random, (4,), 1e-5)


@numerical_gradient.case("a matrix, h = 0.1")
def _(random) -> dict[str, PlainData]:
    return _form(random, (2, 3), 0.1)


@numerical_gradient.case("x in float32, near 1500")
def _(random) -> dict[str, PlainData]:
    case = _form(random, (3,), 1e-5, sine=False)
    return {**case, "x": (1500 + 100 * case["x"]).astype(np.float32)}


@numerical_gradient.case("one number in three axes")
def _(random) -> dict[str, PlainData]:
    return _form(random, (1, 1, 1), 0.01)


@numerical_gradient.case("three axes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _form(random, (2, 3, 4), 0.01)


@numerical_gradient.case("a column", secret=True)
def _(random) -> dict[str, PlainData]:
    return _form(random, (5, 1), 0.03)


def _slopes(f, x, slope, dtype=np.float64):
    """Give slope(step) for the step to each entry in turn, in the shape of x."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape, dtype=dtype)
        step[index] = 1
        gradient[index] = slope(step)
    return gradient


@numerical_gradient.reference
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x - h * step)) / (2 * h))


@numerical_gradient.mistake(
    "forward_difference",
    "This is the one-sided difference (f(x + h) − f(x))/h. Its error shrinks like h, that of the central difference like "
    "h², for one more evaluation.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x)) / h)


@numerical_gradient.mistake(
    "backward_difference",
    "This is the one-sided difference (f(x) − f(x − h))/h. Its error shrinks like h, that of the central difference like "
    "h², for one more evaluation.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x) - f(x - h * step)) / h)


@numerical_gradient.mistake(
    "half_a_step",
    "You go h/2 to each side. That is a central difference too, of half the step; the task goes h to each side and divides "
    "by 2h.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h / 2 * step) - f(x - h / 2 * step)) / h)


@numerical_gradient.mistake(
    "forward_over_2h",
    "You divide f(x + h) − f(x) by 2h: the lower point is x itself, so the slope comes out half as large. The central "
    "difference takes f(x − h) in its place.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x)) / (2 * h))


@numerical_gradient.mistake(
    "step_not_doubled",
    "Your slopes are twice too large: between x − h and x + h lies a distance of 2h. (`/ 2 * h` divides by 2 and "
    "then multiplies; brackets!)",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x - h * step)) / h)


@numerical_gradient.mistake(
    "brackets_missing",
    "`/ 2 * h` divides by 2 and then multiplies by h. The whole product belongs under the fraction: / (2 * h).",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x - h * step)) / 2 * h)


@numerical_gradient.mistake(
    "sign_reversed",
    "All signs are reversed: you take f(x − h) − f(x + h). A slope is positive where f grows.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x - h * step) - f(x + h * step)) / (2 * h))


@numerical_gradient.mistake(
    "all_entries_moved",
    "You move all entries of x at once, and get one number for all of them: the slope along the diagonal. A partial "
    "derivative moves one entry and holds the others still.",
)
def _(f, x, h):
    x = x.astype(np.float64)
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@numerical_gradient.mistake(
    "rows_moved",
    "You go through the first axis, and `x[i]` is a whole row where x has several axes: all its entries are moved at once. "
    "A partial derivative moves a single entry; np.ndindex gives the index of each.",
)
def _(f, x, h):
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.astype(np.float64), x.astype(np.float64)
        above[i] += h
        below[i] -= h
        gradient[i] = (f(above) - f(below)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "not_put_back",
    "An entry stays moved when you go on to the next one, so every later difference is taken at another point. Put its "
    "old value back, or work on a fresh copy.",
    PAGE + "copies",
)
def _(f, x, h):
    moved = x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        moved[index] += h
        above = f(moved)
        moved[index] -= 2 * h
        gradient[index] = (above - f(moved)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "zero_everywhere",
    "All your slopes are 0. Either they never reach the array that you return, or both values of f come from the same "
    "point: `above = x` makes a second name for x, not a second array, and what you do to one the other shows too "
    "(x.copy() makes an array).",
    PAGE + "copies",
)
def _(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        above, below = x, x
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "step_lost_in_float32",
    "For x in float32 all your slopes are 0. Its numbers have 7 digits: next to 1500, a step of 0.00001 is rounded away. "
    "Turn x into float64 first.",
    PAGE + "dtypes",
)
def _(f, x, h):
    return _slopes(
        f,
        x,
        lambda step: (f(x + x.dtype.type(h) * step) - f(x - x.dtype.type(h) * step)) / (2 * h),
        dtype=x.dtype,
    )


@numerical_gradient.mistake(
    "step_of_its_own",
    "Your step is always 1e-5, whatever h says. The caller chooses it: use the argument.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + 1e-5 * step) - f(x - 1e-5 * step)) / 2e-5)


@numerical_gradient.mistake(
    "flattened",
    "The numbers are right, but they come as one row. A gradient has the shape of what it is taken with respect to: "
    "that of x.",
    PAGE + "shapes",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x - h * step)) / (2 * h)).reshape(-1)


@numerical_gradient.alternative
def with_one_entry_moved_and_put_back(f, x, h):
    moved = np.array(x, dtype=np.float64)
    gradient = np.empty_like(moved)
    for index in np.ndindex(moved.shape):
        old = moved[index]
        moved[index] = old + h
        above = f(moved)
        moved[index] = old - h
        below = f(moved)
        moved[index] = old
        gradient[index] = (above - below) / (2 * h)
    return gradient


@numerical_gradient.alternative
def with_a_flat_copy(f, x, h):
    flat = x.astype(float).ravel()
    slopes = []
    for i in range(flat.size):
        above, below = flat.copy(), flat.copy()
        above[i] += h
        below[i] -= h
        slopes.append((f(above.reshape(x.shape)) - f(below.reshape(x.shape))) * 0.5 / h)
    return np.reshape(slopes, x.shape)


@numerical_gradient.alternative
def with_rows_of_the_identity(f, x, h):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape) / (2 * h)


# ---------------------------------------------------------------------------- relative_error

relative_error = chapter.exercise(
    "relative_error",
    signature="relative_error(a: (...) float64, b: (...) float64) -> error: float",
    outputs=("error",),
    points=1,
    forbids=(*LIBRARIES, "isclose", "allclose"),
    section=PAGE + "relative-error",
)

FLOOR = 1e-8


def _pair(random, shape, worst):
    """Draw an array and another that lies near it, worst where it is too small."""
    size = int(np.prod(shape))
    signs = random.choice([-1.0, 1.0], size=size)
    a = random.permutation(np.geomspace(0.02, 8, size))
    b = a * (1 + random.uniform(0.01, 0.03, size=size) * random.choice([-1, 1], size=size))
    place = int(np.argmin(a))
    signs[place] = 1.0
    b[place] = a[place] * (1 + worst)
    return {"a": (signs * a).reshape(shape), "b": (signs * b).reshape(shape)}


@relative_error.case("a matrix, one entry too large")
def _(random) -> dict[str, PlainData]:
    return _pair(random, (3, 4), 0.4)


@relative_error.case("a vector, one entry too small")
def _(random) -> dict[str, PlainData]:
    return _pair(random, (5,), -0.3)


@relative_error.case("a wrong sign")
def _(random) -> dict[str, PlainData]:
    pair = _pair(random, (2, 3), 0.2)
    return {**pair, "b": pair["b"] * np.array([[1, 1, 1], [1, -1, 1]])}


@relative_error.case("zeros and next to nothing")
def _(random) -> dict[str, PlainData]:
    pair = _pair(random, (6,), 0.1)
    pair["a"][:2], pair["b"][:2] = (0.0, 1e-13), (0.0, 4e-13)
    return pair


@relative_error.case("two numbers")
def _(random) -> dict[str, PlainData]:
    return {"a": np.array(-0.7), "b": np.array(-0.9)}


@relative_error.case("three axes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _pair(random, (4, 3, 5), -0.35)


@relative_error.case("equal", secret=True)
def _(random) -> dict[str, PlainData]:
    a = random.normal(size=(2, 5))
    return {"a": a, "b": a.copy()}


def _errors(a, b, size=None):
    size = np.abs(a) + np.abs(b) if size is None else size
    return np.abs(a - b) / np.maximum(size, FLOOR)


@relative_error.reference
def _(a, b):
    return float(_errors(a, b).max())


@relative_error.mistake(
    "absolute_error",
    "This is the largest difference itself. 0.01 is much beside 0.02 and nothing beside 1000: divide each difference by "
    "the size of its numbers.",
)
def _(a, b):
    return float(np.abs(a - b).max())


@relative_error.mistake(
    "average",
    "You average over the entries. A single wrong entry among thousands would hardly show: the worst one counts.",
)
def _(a, b):
    return float(_errors(a, b).mean())


@relative_error.mistake(
    "norms_compared",
    "You compare the lengths of whole arrays, so a small entry that is all wrong hides behind a large one that is right. "
    "Divide entry by entry, then take the largest.",
)
def _(a, b):
    size = max(np.linalg.norm(a) + np.linalg.norm(b), FLOOR)
    return float(np.linalg.norm(a - b) / size)


@relative_error.mistake(
    "maxima_divided",
    "You divide the largest difference by the largest size, which may belong to different entries. First divide, entry "
    "by entry; then take the largest.",
)
def _(a, b):
    return float(np.abs(a - b).max() / max((np.abs(a) + np.abs(b)).max(), FLOOR))


@relative_error.mistake(
    "one_side_only",
    "You divide by |b| alone. Then a and b have different roles, and where b is 0 the error has no bound. "
    "The task's formula has |a| + |b|.",
)
def _(a, b):
    return float(_errors(a, b, np.abs(b)).max())


@relative_error.mistake(
    "other_side_only",
    "You divide by |a| alone. Then a and b have different roles, and where a is 0 the error has no bound. "
    "The task's formula has |a| + |b|.",
)
def _(a, b):
    return float(_errors(a, b, np.abs(a)).max())


@relative_error.mistake(
    "larger_of_the_two",
    "You divide by the larger of |a| and |b|. That is a good convention too, with errors up to 2; the task's has the sum "
    "|a| + |b|, with errors up to 1.",
)
def _(a, b):
    return float(_errors(a, b, np.maximum(np.abs(a), np.abs(b))).max())


@relative_error.mistake(
    "size_of_the_sum",
    "You divide by |a + b|. Where the signs differ, that is next to 0. Take the absolute values first, then add.",
)
def _(a, b):
    return float(_errors(a, b, np.abs(a + b)).max())


@relative_error.mistake(
    "difference_with_sign",
    "The difference keeps its sign, and the largest one is looked for: an entry where a is far below b counts as less "
    "than nothing. Take the absolute value of the difference.",
)
def _(a, b):
    return float(((a - b) / np.maximum(np.abs(a) + np.abs(b), FLOOR)).max())


@relative_error.mistake(
    "zero_over_zero",
    "Where a and b are both 0, yours is 0/0 = NaN, and so is the maximum. The floor of 1e-8 in the task's formula is "
    "there for this.",
)
def _(a, b):
    with np.errstate(invalid="ignore"):
        return float((np.abs(a - b) / (np.abs(a) + np.abs(b))).max())


@relative_error.mistake(
    "floor_missing",
    "Two entries of the size 1e-13 count fully in yours. Rounding alone makes such numbers: with the floor of 1e-8 "
    "in the denominator they do not matter.",
)
def _(a, b):
    size = np.abs(a) + np.abs(b)
    return float((np.abs(a - b) / np.where(size == 0, 1, size)).max())


@relative_error.mistake(
    "entry_by_entry",
    "You return all errors. The task asks for one number: the largest.",
)
def _(a, b):
    return _errors(a, b)


@relative_error.alternative
def with_floor_added(a, b):
    return np.max(np.abs(b - a) / (np.abs(a) + np.abs(b) + 1e-8))


@relative_error.alternative
def with_a_loop(a, b):
    worst = 0.0
    for u, v in zip(np.ravel(a), np.ravel(b), strict=True):
        worst = max(worst, abs(u - v) / max(abs(u) + abs(v), 1e-8))
    return float(worst)


@relative_error.alternative
def with_a_mask(a, b):
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    size = np.abs(a) + np.abs(b)
    size[size < 1e-8] = 1e-8
    return np.float32(np.amax(np.abs(a - b) / size))
