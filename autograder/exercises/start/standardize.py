import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES, as_tensor
from autograder.exercises.start.shared import PAGE
from dlarch.plain import PlainData

standardize = Exercise(
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


def _features(random, N, M, D, centre=3.0, constant=()):
    """Draw features of different means and deviations, the test set a little elsewhere."""
    mean = random.uniform(0.5, 1, size=D) * random.choice([-1, 1], size=D) * centre
    deviation = random.uniform(0.3, 4, size=D)
    train = mean + deviation * random.normal(size=(N, D))
    test = mean + deviation * random.normal(0.7, 1.5, size=(M, D))
    for column, value in constant:
        train[:, column] = test[:, column] = value
    return {"train": train, "test": test}


@standardize.case("three features")
def _(random) -> dict[str, PlainData]:
    return _features(random, 7, 4, 3)


@standardize.case("as many examples as features")
def _(random) -> dict[str, PlainData]:
    return _features(random, 5, 6, 5)


@standardize.case("a feature that is always 2.5")
def _(random) -> dict[str, PlainData]:
    return _features(random, 6, 5, 4, constant=[(1, 2.5)])


@standardize.case("two features that never vary, one of them 0")
def _(random) -> dict[str, PlainData]:
    return _features(random, 7, 3, 5, constant=[(0, 0.0), (3, -1.5)])


@standardize.case("one feature")
def _(random) -> dict[str, PlainData]:
    return _features(random, 9, 2, 1)


@standardize.case("one test example")
def _(random) -> dict[str, PlainData]:
    return _features(random, 6, 1, 3)


@standardize.case("far from zero")
def _(random) -> dict[str, PlainData]:
    return _features(random, 8, 6, 2, centre=200.0)


@standardize.case("a feature of deviation 0.01")
def _(random) -> dict[str, PlainData]:
    case = _features(random, 8, 5, 3)
    mean, deviation = case["train"][:, 1].mean(), case["train"][:, 1].std()
    for x in case.values():
        x[:, 1] = mean + 0.01 / deviation * (x[:, 1] - mean)
    return case


@standardize.case("many examples, far from zero", secret=True)
def _(random) -> dict[str, PlainData]:
    return _features(random, 83, 31, 17, centre=200.0, constant=[(5, 2.5)])


@standardize.case("one test example of many features", secret=True)
def _(random) -> dict[str, PlainData]:
    return _features(random, 4, 1, 6)


@standardize.reference
def _(train, test):
    from autograder.kernels.batch_norm import batch_norm

    features = train.shape[1]
    ones, zeros = as_tensor(np.ones(features)), as_tensor(np.zeros(features))
    _, mean, variance = (
        result.numpy() for result in batch_norm(as_tensor(train), ones, zeros, 1.0)
    )
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
    "mean_absolute_deviation",
    "You divide by the mean distance from the mean, |x − m|. The standard deviation weighs by squares, so examples that "
    "lie far out count more.",
)
def _(train, test):
    return _scaled(train, test, train.mean(axis=0), np.abs(train - train.mean(axis=0)).mean(axis=0))


@standardize.mistake(
    "one_constant_feature_stops_the_division",
    "As soon as one feature is constant, no feature is divided any more. Each feature has a deviation of its own: only the "
    "constant one is the exception.",
)
def _(train, test):
    deviation = train.std(axis=0)
    if np.any(deviation == 0):
        deviation = np.ones_like(deviation)
    return _scaled(train, test, train.mean(axis=0), deviation)


@standardize.mistake(
    "one_constant_feature_empties_the_rest",
    "As soon as one feature is constant, you give zeros for all features. Only the constant one becomes 0.",
)
def _(train, test):
    deviation = train.std(axis=0)
    if np.any(deviation == 0):
        return np.zeros_like(train), np.zeros_like(test)
    return _scaled(train, test, train.mean(axis=0), deviation)


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
