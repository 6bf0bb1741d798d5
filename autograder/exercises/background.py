"""Exercises of chapter 01: splitting data, mini-batches, and the measures of a classifier."""

import numpy as np

from autograder.exercise import Chapter
from dlarch.checks_file import Part
from dlarch.plain import PlainData

chapter = Chapter("01_background")

PAGE = "01_background.html#background-"
LIBRARIES = ("torch", "scipy", "sklearn", "pandas", "tensorflow", "jax")


# ---------------------------------------------------------------------------- split_indices

split_indices = chapter.exercise(
    "split_indices",
    signature=(
        "split_indices(y: (N,) int64, validation_fraction: float, test_fraction: float,"
        " random: numpy Generator) -> train, validation, test: three 1-D arrays of indices"
    ),
    outputs=("examples", "sizes", "classes", "draw"),
    points=3,
    driver="background.split_facts",
    forbids=LIBRARIES,
    section=PAGE + "split",
)


def _labels(random, counts, validation, test):
    return {
        "y": random.permutation(np.repeat(np.arange(len(counts)), counts)),
        "validation_fraction": validation,
        "test_fraction": test,
        "seeds": [int(seed) for seed in random.integers(2**31, size=3)],
    }


@split_indices.case("three classes, one of them rare")
def _(random) -> dict[str, PlainData]:
    return _labels(random, (223, 150, 41), 0.15, 0.3)


@split_indices.case("sorted by class, one class absent")
def _(random) -> dict[str, PlainData]:
    arguments = _labels(random, (90, 0, 127, 101), 0.25, 0.1)
    return {**arguments, "y": np.sort(arguments["y"])}


@split_indices.case("shares that leave a remainder, two classes")
def _(random) -> dict[str, PlainData]:
    return _labels(random, (157, 118), 0.29, 0.17)


@split_indices.case("nothing for validation")
def _(random) -> dict[str, PlainData]:
    return _labels(random, (61, 140, 83), 0.0, 0.35)


@split_indices.case("ten classes of many sizes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _labels(random, tuple(random.integers(31, 260, size=10)), 0.2, 0.12)


@split_indices.case("half of each for validation", secret=True)
def _(random) -> dict[str, PlainData]:
    return _labels(random, (99, 203, 54), 0.5, 0.2)


def _split(y, validation_fraction, test_fraction, cut, arrange=lambda own: own):
    """Cut each class, arranged, in pieces and put the pieces of all classes together."""
    pieces = [
        cut(arrange(np.flatnonzero(y == k)), validation_fraction, test_fraction)
        for k in np.unique(y)
    ]
    return tuple(np.concatenate(part) for part in zip(*pieces, strict=True))


def _cut(own, validation_fraction, test_fraction):
    first = int(validation_fraction * len(own))
    second = first + int(test_fraction * len(own))
    return own[second:], own[:first], own[first:second]


@split_indices.reference
def _(y, validation_fraction, test_fraction, random):
    return _split(y, validation_fraction, test_fraction, _cut, random.permutation)


@split_indices.mistake(
    "not_stratified",
    "You shuffle all examples and cut, so chance decides how many of each class a part gets. A rare class may be "
    "nearly missing in the test set. Give every class its share: cut class by class.",
)
def _(y, validation_fraction, test_fraction, random):
    return _cut(random.permutation(len(y)), validation_fraction, test_fraction)


@split_indices.mistake(
    "cut_in_the_order_of_the_data",
    "You cut the data where they stand, without shuffling and without regard to the classes. Data often come sorted, "
    "by class, by person, by day: then some classes are never seen in training.",
)
def _(y, validation_fraction, test_fraction, random):
    return _cut(np.arange(len(y)), validation_fraction, test_fraction)


@split_indices.mistake(
    "not_shuffled",
    "Each class has its share, but always its first examples go to one part and its last ones to another. Whatever "
    "order the data came in is now a difference between the parts. Shuffle each class with `random` before you cut.",
)
def _(y, validation_fraction, test_fraction, random):
    return _split(y, validation_fraction, test_fraction, _cut)


@split_indices.mistake(
    "seed_fixed_inside",
    "The draw does not depend on `random`: every generator gives the same split, as if the seed were fixed inside the "
    "function. Use the generator that is passed in, so that the caller decides about chance.",
)
def _(y, validation_fraction, test_fraction, random):
    random = np.random.default_rng(0)
    return _split(y, validation_fraction, test_fraction, _cut, random.permutation)


@split_indices.mistake(
    "global_generator",
    "Called twice with the same generator, you give two different splits: chance comes from elsewhere, such as "
    "`np.random`. A split is drawn once and must be repeatable; use `random`.",
)
def _(y, validation_fraction, test_fraction, random):
    random = np.random.default_rng()
    return _split(y, validation_fraction, test_fraction, _cut, random.permutation)


@split_indices.mistake(
    "drawn_with_replacement",
    "Some examples are several times in a part: `choice` draws with replacement unless told otherwise. Shuffle and cut, "
    "then nothing can come twice.",
)
def _(y, validation_fraction, test_fraction, random):
    def cut(own, validation_fraction, test_fraction):
        test = random.choice(own, int(test_fraction * len(own)))
        rest = np.setdiff1d(own, test)
        validation = random.choice(rest, int(validation_fraction * len(own)))
        return np.setdiff1d(rest, validation), validation, test

    return _split(y, validation_fraction, test_fraction, cut)


@split_indices.mistake(
    "validation_and_test_overlap",
    "You draw validation and test independently of each other, so they share examples: the model is chosen with the "
    "help of examples that are supposed to judge it.",
)
def _(y, validation_fraction, test_fraction, random):
    def cut(own, validation_fraction, test_fraction):
        test = random.permutation(own)[: int(test_fraction * len(own))]
        validation = random.permutation(own)[: int(validation_fraction * len(own))]
        return np.setdiff1d(own, np.union1d(validation, test)), validation, test

    return _split(y, validation_fraction, test_fraction, cut)


@split_indices.mistake(
    "training_keeps_everything",
    "The training part still holds all examples, those of validation and test too. A model that learns its examples by "
    "heart would look perfect in your test.",
    PAGE + "leakage",
)
def _(y, validation_fraction, test_fraction, random):
    def cut(own, validation_fraction, test_fraction):
        return own, *_cut(own, validation_fraction, test_fraction)[1:]

    return _split(y, validation_fraction, test_fraction, cut, random.permutation)


@split_indices.mistake(
    "positions_within_the_class",
    "You return positions within a class (third of the fives, fourth of the fives …) where positions in `y` are asked "
    "for. The numbers of different classes collide. Permute the indices of a class, not their count.",
)
def _(y, validation_fraction, test_fraction, random):
    return _split(
        y, validation_fraction, test_fraction, _cut, lambda own: random.permutation(len(own))
    )


@split_indices.mistake(
    "remainder_lost",
    "You round the size of all three parts down, so a few examples of each class are in no part. Round two of them; "
    "the third takes what is left.",
)
def _(y, validation_fraction, test_fraction, random):
    def cut(own, validation_fraction, test_fraction):
        size = int((1 - validation_fraction - test_fraction) * len(own))
        train, *others = _cut(own, validation_fraction, test_fraction)
        return train[:size], *others

    return _split(y, validation_fraction, test_fraction, cut, random.permutation)


@split_indices.mistake(
    "fraction_of_the_rest",
    "You cut the test part first and then take the validation fraction of what is left, which is less than asked for. "
    "Both fractions are of all examples.",
)
def _(y, validation_fraction, test_fraction, random):
    return _split(
        y,
        validation_fraction * (1 - test_fraction),
        test_fraction,
        _cut,
        random.permutation,
    )


@split_indices.mistake(
    "test_fraction_of_the_rest",
    "You cut the validation part first and then take the test fraction of what is left, which is less than asked for. "
    "Both fractions are of all examples.",
)
def _(y, validation_fraction, test_fraction, random):
    return _split(
        y,
        validation_fraction,
        test_fraction * (1 - validation_fraction),
        _cut,
        random.permutation,
    )


@split_indices.mistake(
    "order_of_the_results",
    "Validation and test are swapped: the order is train, validation, test.",
)
def _(y, validation_fraction, test_fraction, random):
    return _split(y, test_fraction, validation_fraction, _cut, random.permutation)


@split_indices.alternative
def in_rank_order(y, validation_fraction, test_fraction, random):
    """Deal the examples by their rank within their class, after one shuffle of all."""
    order = random.permutation(len(y))
    rank = np.empty(len(y))
    for k in set(y.tolist()):
        own = order[y[order] == k]
        rank[own] = (np.arange(len(own)) + 0.5) / len(own)
    test = rank < test_fraction
    validation = ~test & (rank < test_fraction + validation_fraction)
    return np.where(~test & ~validation)[0], np.where(validation)[0], np.where(test)[0]


@split_indices.alternative
def with_lists_rounded_up(y, validation_fraction, test_fraction, random):
    train, validation, test = [], [], []
    for k in range(max(y) + 1):
        own = [n for n in range(len(y)) if y[n] == k]
        random.shuffle(own)
        first = int(np.ceil(test_fraction * len(own)))
        second = first + round(validation_fraction * len(own))
        test += own[:first]
        validation += own[first:second]
        train += own[second:]
    return [train, validation, test]


@split_indices.alternative
def drawn_without_replacement(y, validation_fraction, test_fraction, random):
    def cut(own, validation_fraction, test_fraction):
        test = random.choice(own, round(test_fraction * len(own)), replace=False)
        rest = np.setdiff1d(own, test)
        size = round(validation_fraction * len(own))
        validation = random.choice(rest, size, replace=False)
        return np.setdiff1d(rest, validation), validation, test

    return _split(y, validation_fraction, test_fraction, cut)


# ---------------------------------------------------------------------------- iterate_minibatches

iterate_minibatches = chapter.exercise(
    "iterate_minibatches",
    signature=(
        "iterate_minibatches(x: (N, D) float64, y: (N,) float64, batch_size: int,"
        " random: numpy Generator) -> pairs x: (n, D), y: (n,), n = batch_size but for the last"
    ),
    outputs=("batch_sizes", "examples", "pairs", "order"),
    points=3,
    driver="background.minibatch_facts",
    forbids=LIBRARIES,
    section=PAGE + "minibatches",
)


def _data(random, N, D, batch_size):
    return {
        "x": random.normal(size=(N, D)),
        "y": random.permutation(N) + random.uniform(0.1, 0.9),
        "batch_size": batch_size,
        "seeds": [int(seed) for seed in random.integers(2**31, size=2)],
    }


@iterate_minibatches.case("a last batch that is smaller")
def _(random) -> dict[str, PlainData]:
    return _data(random, 23, 3, 5)


@iterate_minibatches.case("batches that fit")
def _(random) -> dict[str, PlainData]:
    return _data(random, 24, 2, 6)


@iterate_minibatches.case("a batch larger than the data")
def _(random) -> dict[str, PlainData]:
    return _data(random, 13, 4, 50)


@iterate_minibatches.case("one example at a time")
def _(random) -> dict[str, PlainData]:
    return _data(random, 11, 1, 1)


@iterate_minibatches.case("a single example")
def _(random) -> dict[str, PlainData]:
    return _data(random, 1, 3, 4)


@iterate_minibatches.case("many batches, one example left over", secret=True)
def _(random) -> dict[str, PlainData]:
    return _data(random, 161, 7, 8)


@iterate_minibatches.case("as many inputs as examples in a batch", secret=True)
def _(random) -> dict[str, PlainData]:
    return _data(random, 58, 9, 9)


def _batches(x, y, batch_size, order, target_order=None):
    target_order = order if target_order is None else target_order
    for start in range(0, len(order), batch_size):
        chosen = slice(start, start + batch_size)
        yield x[order[chosen]], y[target_order[chosen]]


@iterate_minibatches.reference
def _(x, y, batch_size, random):
    return _batches(x, y, batch_size, random.permutation(len(x)))


@iterate_minibatches.mistake(
    "last_batch_dropped",
    "The last batch is missing when it is smaller than the others, so some examples are skipped in every epoch, and a "
    "data set smaller than one batch is never used at all. A smaller last batch is no problem: give it too.",
)
def _(x, y, batch_size, random):
    whole = len(x) // batch_size * batch_size
    return _batches(x, y, batch_size, random.permutation(len(x))[:whole])


@iterate_minibatches.mistake(
    "last_batch_filled_up",
    "You fill the last batch up with examples that have been there already. They count twice in this epoch; the last "
    "batch should be smaller instead.",
)
def _(x, y, batch_size, random):
    order = random.permutation(len(x))
    return _batches(x, y, batch_size, np.resize(order, -(-len(x) // batch_size) * batch_size))


@iterate_minibatches.mistake(
    "empty_batch_at_the_end",
    "When the batches fit exactly, an empty one follows. The mean of nothing is not a number, and one such loss spoils "
    "the training. Look at how you count the batches.",
)
def _(x, y, batch_size, random):
    order = random.permutation(len(x))
    for i in range(len(x) // batch_size + 1):
        chosen = order[i * batch_size : (i + 1) * batch_size]
        yield x[chosen], y[chosen]


@iterate_minibatches.mistake(
    "drawn_with_replacement",
    "Each batch is drawn from all examples again, so in an epoch some come several times and others never. Shuffle "
    "once at the start of the epoch, then cut the order in pieces.",
)
def _(x, y, batch_size, random):
    for start in range(0, len(x), batch_size):
        n = min(batch_size, len(x) - start)
        chosen = random.choice(len(x), size=n, replace=n > 1)
        yield x[chosen], y[chosen]


@iterate_minibatches.mistake(
    "not_shuffled",
    "The examples always come in the order of the data. If they are sorted, whole batches hold one class, and the "
    "same batches come again in every epoch.",
)
def _(x, y, batch_size, random):
    return _batches(x, y, batch_size, np.arange(len(x)))


@iterate_minibatches.mistake(
    "same_order_every_epoch",
    "The order is the same in every epoch, as if it were drawn from a fixed seed at each call. Draw it from `random`, "
    "which goes on from where it was.",
)
def _(x, y, batch_size, random):
    return _batches(x, y, batch_size, np.random.default_rng(0).permutation(len(x)))


@iterate_minibatches.mistake(
    "global_generator",
    "The order changes, but not by the generator that is passed in: with the same `random` the training could not be "
    "repeated.",
)
def _(x, y, batch_size, random):
    return _batches(x, y, batch_size, np.random.default_rng().permutation(len(x)))


@iterate_minibatches.mistake(
    "shuffled_within_the_batches",
    "You cut first and shuffle inside each batch: the batches hold the same examples in every epoch, and since a loss "
    "is a mean over its batch, nothing has changed. Shuffle all examples, then cut.",
)
def _(x, y, batch_size, random):
    for start in range(0, len(x), batch_size):
        chosen = start + random.permutation(min(batch_size, len(x) - start))
        yield x[chosen], y[chosen]


@iterate_minibatches.mistake(
    "order_of_batches_shuffled",
    "You cut first and shuffle the batches: the order of the batches changes, but the same examples are together in "
    "every epoch. Shuffle all examples, then cut.",
)
def _(x, y, batch_size, random):
    batches = list(_batches(x, y, batch_size, np.arange(len(x))))
    return [batches[i] for i in random.permutation(len(batches))]


@iterate_minibatches.mistake(
    "shuffled_apart",
    "x and y are shuffled each on its own, so the examples have lost their labels. One order for both.",
)
def _(x, y, batch_size, random):
    return _batches(x, y, batch_size, random.permutation(len(x)), random.permutation(len(x)))


@iterate_minibatches.mistake(
    "targets_not_shuffled",
    "x is shuffled and y is not, so the examples have got the labels of others. One order for both.",
)
def _(x, y, batch_size, random):
    return _batches(x, y, batch_size, random.permutation(len(x)), np.arange(len(x)))


@iterate_minibatches.mistake(
    "shuffled_in_place",
    "You shuffle the caller's own arrays. The rows of x and y then no longer agree with whatever else the caller knows "
    "about them, such as the indices of a split. Shuffle indices, and let x and y stay as they are.",
)
def _(x, y, batch_size, random):
    order = random.permutation(len(x))
    x[:], y[:] = x[order], y[order]
    return list(_batches(x.copy(), y.copy(), batch_size, np.arange(len(x))))


@iterate_minibatches.mistake(
    "never_ends",
    "One call should give one epoch and then end; yours goes on for ever, and `for x, y in …` would never leave the "
    "loop.",
)
def _(x, y, batch_size, random):
    while True:
        yield from _batches(x, y, batch_size, random.permutation(len(x)))


@iterate_minibatches.mistake(
    "only_the_first_batch",
    "You return the first batch and are done. `yield` gives one batch and goes on with the loop; or collect all pairs "
    "in a list and return the list.",
)
def _(x, y, batch_size, random):
    return next(_batches(x, y, batch_size, random.permutation(len(x))))


@iterate_minibatches.alternative
def as_a_list(x, y, batch_size, random):
    order = list(range(len(x)))
    random.shuffle(order)
    return [
        (x[order[i : i + batch_size]], y[order[i : i + batch_size]])
        for i in range(0, len(x), batch_size)
    ]


@iterate_minibatches.alternative
def sorted_by_random_keys(x, y, batch_size, random):
    order = np.argsort(random.random(len(y)))
    x, y = x[order].astype(np.float32), y[order].astype(np.float32)
    while len(y):
        yield [x[:batch_size], y[:batch_size]]
        x, y = x[batch_size:], y[batch_size:]


@iterate_minibatches.alternative
def with_array_split(x, y, batch_size, random):
    order = random.choice(len(x), len(x), replace=False)
    for chosen in np.split(order, np.arange(batch_size, len(x), batch_size)):
        yield x.take(chosen, axis=0), y.take(chosen)


# ---------------------------------------------------------------------------- confusion_matrix

confusion_matrix = chapter.exercise(
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


@confusion_matrix.mistake(
    "repeated_pairs_counted_once",
    "No entry is larger than 1, however often a pair comes; each time it has to be added. "
    "(`C[labels, predictions] += 1` goes wrong like this: it reads, adds and writes each place once.)",
    PAGE + "counting",
)
def _(labels, predictions, K):
    confusion = np.zeros((K, K), dtype=np.int64)
    confusion[labels, predictions] += 1
    return confusion


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


# ---------------------------------------------------------------------------- accuracy

accuracy = chapter.exercise(
    "accuracy",
    signature="accuracy(confusion: (K, K) int64) -> accuracy: float",
    outputs=("accuracy",),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "accuracy",
)


def _confusion(random, K, right=0.6, sizes=None):
    """Draw a matrix in which every class occurs and is predicted, all of them differently often."""
    sizes = random.permutation(np.arange(K) * 13 + 9) if sizes is None else sizes
    rows = []
    for k, size in enumerate(sizes):
        probability = random.dirichlet(np.full(K, 2.0)) * (1 - right)
        probability[k] += 1 - probability.sum()
        rows.append(1 + random.multinomial(size, probability))
    return np.array(rows)


@accuracy.case("three classes")
def _(random) -> dict[str, PlainData]:
    return {"confusion": _confusion(random, 3)}


@accuracy.case("two classes, one of them rare")
def _(random) -> dict[str, PlainData]:
    return {"confusion": _confusion(random, 2, sizes=(95, 4))}


@accuracy.case("mostly wrong")
def _(random) -> dict[str, PlainData]:
    return {"confusion": _confusion(random, 5, right=0.05)}


@accuracy.case("nothing right")
def _(random) -> dict[str, PlainData]:
    return {"confusion": np.array([[0, 3, 2], [4, 0, 1], [5, 6, 0]])}


@accuracy.case("ten classes", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"confusion": _confusion(random, 10, right=0.9, sizes=random.integers(20, 90, size=10))}


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


# ---------------------------------------------------------------------------- precision_recall_f1

precision_recall_f1 = chapter.exercise(
    "precision_recall_f1",
    signature=(
        "precision_recall_f1(confusion: (K, K) int64)"
        " -> precision: (K,) float64, recall: (K,) float64, f1: (K,) float64"
    ),
    outputs=("precision", "recall", "f1"),
    parts={
        "rates": Part(2, outputs=("precision", "recall")),
        "f1": Part(1, outputs=("f1",)),
    },
    forbids=LIBRARIES,
    section=PAGE + "precision",
)


@precision_recall_f1.case("four classes")
def _(random) -> dict[str, PlainData]:
    return {"confusion": _confusion(random, 4)}


@precision_recall_f1.case("two classes, one of them rare")
def _(random) -> dict[str, PlainData]:
    return {"confusion": _confusion(random, 2, sizes=(85, 6))}


@precision_recall_f1.case("a class that is never predicted")
def _(random) -> dict[str, PlainData]:
    confusion = _confusion(random, 3)
    confusion[:, 1] = 0
    return {"confusion": confusion}


@precision_recall_f1.case("a class that does not occur but is predicted")
def _(random) -> dict[str, PlainData]:
    confusion = _confusion(random, 5)
    confusion[4] = 0
    return {"confusion": confusion}


@precision_recall_f1.case("a class that is always taken for others")
def _(random) -> dict[str, PlainData]:
    confusion = _confusion(random, 3)
    confusion[0, 0] = 0
    return {"confusion": confusion}


@precision_recall_f1.case("a class that neither occurs nor is predicted", secret=True)
def _(random) -> dict[str, PlainData]:
    confusion = _confusion(random, 6)
    confusion[2], confusion[:, 2] = 0, 0
    return {"confusion": confusion}


@precision_recall_f1.case("ten classes", secret=True)
def _(random) -> dict[str, PlainData]:
    return {"confusion": _confusion(random, 10, right=0.8)}


def _share(part, whole, otherwise=0.0):
    """Divide, with `otherwise` where the whole is 0."""
    part, whole = part.astype(np.float64), whole.astype(np.float64)
    return np.divide(part, whole, out=np.full(whole.shape, otherwise), where=whole > 0)


def _rates(confusion, otherwise=0.0):
    right = np.diag(confusion)
    return (
        _share(right, confusion.sum(axis=0), otherwise),
        _share(right, confusion.sum(axis=1), otherwise),
    )


def _harmonic(precision, recall, otherwise=0.0):
    return _share(2 * precision * recall, precision + recall, otherwise)


@precision_recall_f1.reference
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.mistake(
    "precision_and_recall_swapped",
    "Precision and recall are swapped. Precision looks at a column: of all that were called k, how many are? Recall "
    "looks at a row: of all that are k, how many were called so?",
)
def _(confusion):
    recall, precision = _rates(confusion)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.mistake(
    "arithmetic_mean",
    "Your f1 is the arithmetic mean of precision and recall. F1 is the harmonic mean, which stays near the smaller of "
    "the two: with precision 1 and recall 0.1 it is 0.18 and not 0.55 (erratum E43).",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, (precision + recall) / 2


@precision_recall_f1.mistake(
    "geometric_mean",
    "Your f1 is the geometric mean of precision and recall, the root of their product. F1 is the harmonic mean.",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, np.sqrt(precision * recall)


@precision_recall_f1.mistake(
    "factor_two_missing",
    "The 2 is missing in f1: with precision = recall = 1 yours is ½, and a mean of two equal numbers should be that "
    "number.",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, _harmonic(precision, recall) / 2


@precision_recall_f1.mistake(
    "nothing_by_nothing",
    "Where nothing is divided by nothing you give nan. The task asks for 0 there; one nan would spoil every mean over "
    "the classes.",
)
def _(confusion):
    precision, recall = _rates(confusion, np.nan)
    return precision, recall, _harmonic(precision, recall, np.nan)


@precision_recall_f1.mistake(
    "f1_of_two_zeros",
    "A class with precision 0 and recall 0 gets the f1 nan from you. The task asks for 0 where nothing is divided by "
    "nothing.",
    PAGE + "f1",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision, recall, _harmonic(precision, recall, np.nan)


@precision_recall_f1.mistake(
    "one_by_convention",
    "Where nothing is divided by nothing you give 1. The task asks for 0: a class that is never predicted should not "
    "get a perfect precision for that.",
)
def _(confusion):
    precision, recall = _rates(confusion, 1.0)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.mistake(
    "mean_over_classes",
    "You average over the classes. The task asks for one number per class, (K,): the mean hides the class that goes "
    "wrong.",
)
def _(confusion):
    precision, recall = _rates(confusion)
    return precision.mean(), recall.mean(), _harmonic(precision, recall).mean()


@precision_recall_f1.mistake(
    "share_of_all_examples",
    "You divide by the number of all examples. Precision divides by how often the class was predicted, recall by how "
    "often it occurs.",
)
def _(confusion):
    share = np.diag(confusion) / confusion.sum()
    return share, share, share


@precision_recall_f1.mistake(
    "right_by_wrong",
    "You divide by the false alarms and by the missed ones alone. The right answers belong to the denominator too: "
    "what was called k, and what is k.",
)
def _(confusion):
    right = np.diag(confusion)
    precision = _share(right, confusion.sum(axis=0) - right)
    recall = _share(right, confusion.sum(axis=1) - right)
    return precision, recall, _harmonic(precision, recall)


@precision_recall_f1.alternative
def with_loops(confusion):
    K = len(confusion)
    precision, recall, f1 = (np.zeros(K, dtype=np.float32) for _ in range(3))
    for k in range(K):
        right = confusion[k, k]
        said, true = sum(confusion[:, k]), sum(confusion[k])
        precision[k] = right / said if said else 0
        recall[k] = right / true if true else 0
        f1[k] = 2 * right / (said + true) if said + true else 0
    return precision, recall, f1


@precision_recall_f1.alternative
def with_a_tiny_denominator(confusion):
    right = np.diag(confusion)
    precision = right / (confusion.sum(axis=0) + 1e-12)
    recall = right / (confusion.sum(axis=1) + 1e-12)
    return precision, recall, 2 * precision * recall / (precision + recall + 1e-12)


@precision_recall_f1.alternative
def from_false_alarms_and_misses(confusion):
    right = np.einsum("kk->k", confusion)
    alarms, missed = confusion.sum(0) - right, confusion.sum(1) - right
    return (
        right / np.maximum(right + alarms, 1),
        right / np.maximum(right + missed, 1),
        right / np.maximum(right + (alarms + missed) / 2, 0.5),
    )


# ---------------------------------------------------------------------------- average_precision

average_precision = chapter.exercise(
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


def _curve(scores, positive):
    """Give precision and recall at every threshold, from the highest to the lowest score."""
    thresholds = np.unique(scores)[::-1]
    said = np.array([np.sum(scores >= threshold) for threshold in thresholds])
    right = np.array([np.sum(positive[scores >= threshold]) for threshold in thresholds])
    return right / said, right / positive.sum()


def _area(precision, recall):
    return float(np.sum(precision * np.diff(recall, prepend=0.0)))


def _average_precision(scores, positive):
    return _area(*_curve(scores, positive))


def _precision_at_positives(positive):
    """Average the precision at the ranks of the positives, for examples that are sorted already."""
    precision = np.cumsum(positive) / np.arange(1, len(positive) + 1)
    return float(precision[positive].mean())


@average_precision.reference
def _(scores, positive):
    return _average_precision(scores, positive)


@average_precision.mistake(
    "lowest_score_first",
    "You go from the lowest score to the highest. The ranking starts with the example the model is surest of: "
    "`argsort` sorts upwards.",
)
def _(scores, positive):
    return _average_precision(-scores, positive)


@average_precision.mistake(
    "thresholds_upwards",
    "Your threshold rises: the first step takes the whole recall at once, and all later steps are negative. It starts at "
    "the highest score and falls.",
)
def _(scores, positive):
    precision, recall = _curve(scores, positive)
    return _area(precision[::-1], recall[::-1])


@average_precision.mistake(
    "ties_in_the_order_of_the_data",
    "Examples with equal scores are counted one after the other, in the order in which they happen to stand in the "
    "data: shuffle the data, and your number changes. Equal scores pass a threshold together.",
    PAGE + "ties",
)
def _(scores, positive):
    return _precision_at_positives(positive[np.argsort(-scores, kind="stable")])


@average_precision.mistake(
    "ties_in_the_reverse_order",
    "Examples with equal scores are counted one after the other, in the reverse order of the data: shuffle the data, and "
    "your number changes. Equal scores pass a threshold together.",
    PAGE + "ties",
)
def _(scores, positive):
    return _precision_at_positives(positive[np.argsort(scores, kind="stable")[::-1]])


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
    precision, recall = _curve(scores, positive)
    return _area(precision, recall) - float(precision[0] * recall[0])


@average_precision.mistake(
    "trapezoids",
    "You join the points of the curve by straight lines and take the area below, trapezoid by trapezoid. Between two "
    "points the precision does not follow a line, and the result is in general too high. Use the precision at the end of each "
    "step of the recall.",
)
def _(scores, positive):
    precision, recall = _curve(scores, positive)
    before = np.concatenate([[1.0], precision[:-1]])
    return _area((precision + before) / 2, recall)


@average_precision.mistake(
    "interpolated",
    "You replace each precision by the best one at the same or a higher recall. That is the interpolated average "
    "precision of PASCAL VOC; the task asks for the one without interpolation.",
    PAGE + "variants",
)
def _(scores, positive):
    precision, recall = _curve(scores, positive)
    return _area(np.maximum.accumulate(precision[::-1])[::-1], recall)


@average_precision.mistake(
    "eleven_points",
    "You average the interpolated precision at eleven recalls, as the first PASCAL VOC challenges did. The task asks for "
    "the sum over all steps of the recall.",
    PAGE + "variants",
)
def _(scores, positive):
    precision, recall = _curve(scores, positive)
    points = np.arange(11) / 10
    return float(np.mean([precision[recall >= point - 1e-12].max() for point in points]))


@average_precision.mistake(
    "mean_over_all_thresholds",
    "You average the precision over all thresholds. Only steps on which the recall grows count, each by as much as it "
    "grows.",
)
def _(scores, positive):
    return float(_curve(scores, positive)[0].mean())


@average_precision.mistake(
    "precision_before_the_step",
    "You multiply each step of the recall by the precision before the step. It belongs to the threshold at which the "
    "step is done.",
)
def _(scores, positive):
    precision, recall = _curve(scores, positive)
    return _area(np.concatenate([[1.0], precision[:-1]]), recall)


@average_precision.mistake(
    "share_of_all_examples",
    "You divide by the number of all examples where the recall divides by the number of positives.",
)
def _(scores, positive):
    return _average_precision(scores, positive) * float(positive.mean())


@average_precision.mistake(
    "area_under_roc",
    "You compute the area under the ROC curve, which compares recall with false alarms. When positives are rare it looks "
    "far better than the precision is.",
    PAGE + "roc",
)
def _(scores, positive):
    difference = scores[positive][:, None] - scores[~positive]
    return float(np.mean((np.sign(difference) + 1) / 2)) if difference.size else 0.0


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


# ---------------------------------------------------------------------------- mean_average_precision

mean_average_precision = chapter.exercise(
    "mean_average_precision",
    signature=(
        "mean_average_precision(scores: (N, K) float64, labels: (N,) int64)"
        " -> mean_average_precision: float"
    ),
    outputs=("mean_average_precision",),
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


@mean_average_precision.case("a class without examples")
def _(random) -> dict[str, PlainData]:
    return _scores(random, (7, 0, 4, 2, 5))


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
    values = [_average_precision(scores[:, k], labels == k) for k in present]
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
    return _average_precision(scores.reshape(-1), truth.reshape(-1))


@mean_average_precision.mistake(
    "classes_ranked_within_each_example",
    "You rank the classes within each example. mAP ranks the examples within each class: go through the columns of "
    "`scores`, not through its rows.",
)
def _(scores, labels):
    truth = np.eye(scores.shape[1], dtype=bool)[labels]
    return float(np.mean([_average_precision(s, t) for s, t in zip(scores, truth, strict=True)]))


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
        values[k] = _average_precision(scores[:, k].astype(np.float32), labels == k)
    return np.nanmean(values)
