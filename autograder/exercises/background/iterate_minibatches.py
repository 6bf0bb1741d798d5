import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import LIBRARIES, PAGE
from dlarch.plain import PlainData

iterate_minibatches = Exercise(
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


@iterate_minibatches.case("a batch as large as the data")
def _(random) -> dict[str, PlainData]:
    return _data(random, 9, 2, 9)


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


def _pieces(x, y, pieces):
    for chosen in pieces:
        yield x[chosen], y[chosen]


@iterate_minibatches.mistake(
    "batch_size_as_number_of_batches",
    "You cut the data into `batch_size` batches. It says how many examples a batch has, not how many batches there are.",
)
def _(x, y, batch_size, random):
    return _pieces(x, y, np.array_split(random.permutation(len(x)), batch_size))


@iterate_minibatches.mistake("batch_size_as_number_of_batches")
def _(x, y, batch_size, random):
    pieces = np.array_split(random.permutation(len(x)), batch_size)
    return _pieces(x, y, [piece for piece in pieces if len(piece)])


@iterate_minibatches.mistake(
    "batches_of_even_size",
    "You have the right number of batches, but spread the examples evenly over them. All batches have `batch_size` "
    "examples, and only the last one has what is left.",
)
def _(x, y, batch_size, random):
    return _pieces(x, y, np.array_split(random.permutation(len(x)), -(-len(x) // batch_size)))


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
