import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.optimization.shared import PAGE
from autograder.exercises.shared import LIBRARIES
from dlarch.plain import PlainData

count_iterations = Exercise(
    "count_iterations",
    signature=(
        "count_iterations(examples: int, batch_size: int, epochs: int)"
        " -> per_epoch: int, iterations: int, visits: int"
    ),
    outputs=("per_epoch", "iterations", "visits"),
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "batches",
)


def _count(examples, batch_size, epochs):
    return {"examples": examples, "batch_size": batch_size, "epochs": epochs}


@count_iterations.case("it divides")
def _(random) -> dict[str, PlainData]:
    m = int(random.integers(20, 60))
    return _count(m * int(random.integers(7, 15)), m, 5)


@count_iterations.case("a small last batch")
def _(random) -> dict[str, PlainData]:
    m, full = int(random.integers(30, 60)), int(random.integers(5, 9))
    return _count(m * full + int(random.integers(1, m // 4)), m, 3)


@count_iterations.case("a large last batch")
def _(random) -> dict[str, PlainData]:
    m, full = int(random.integers(30, 60)), int(random.integers(5, 9))
    return _count(m * full + m - int(random.integers(1, m // 4)), m, 4)


@count_iterations.case("fewer examples than a batch holds")
def _(random) -> dict[str, PlainData]:
    return _count(int(random.integers(20, 50)), 64, 6)


@count_iterations.case("one example at a time")
def _(random) -> dict[str, PlainData]:
    return _count(int(random.integers(20, 50)), 1, 7)


@count_iterations.case("all examples at once")
def _(random) -> dict[str, PlainData]:
    n = int(random.integers(20, 50))
    return _count(n, n, 9)


@count_iterations.case("one epoch")
def _(random) -> dict[str, PlainData]:
    return _count(int(random.integers(21, 25)), 5, 1)


@count_iterations.case("one example in all")
def _(random) -> dict[str, PlainData]:
    return _count(1, int(random.integers(2, 9)), 3)


@count_iterations.case("more examples, one at a time", secret=True)
def _(random) -> dict[str, PlainData]:
    return _count(int(random.integers(200, 500)), 1, 7)


@count_iterations.case("more examples, all at once", secret=True)
def _(random) -> dict[str, PlainData]:
    n = int(random.integers(200, 500))
    return _count(n, n, 9)


@count_iterations.case("a large set", secret=True)
def _(random) -> dict[str, PlainData]:
    return _count(1_281_167, 256, 90)


@count_iterations.reference
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "last_batch_dropped",
    "You round down: the examples that do not fill a batch are left out of every epoch. The last, smaller batch counts.",
)
def _(examples, batch_size, epochs):
    per_epoch = examples // batch_size
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "last_batch_dropped_from_the_visits_too",
    "You leave out the examples that do not fill a batch, in the iterations and in the visits. An epoch visits all "
    "examples: the last batch is smaller.",
)
def _(examples, batch_size, epochs):
    per_epoch = examples // batch_size
    return per_epoch, per_epoch * epochs, per_epoch * batch_size * epochs


@count_iterations.mistake(
    "batch_size_times_epochs",
    "You count batch size times epochs as the visits. That would be one batch in each epoch; an epoch visits every "
    "example once (erratum E48).",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, batch_size * epochs


@count_iterations.mistake(
    "last_batch_counted_as_full",
    "You count every batch as full. The last one of an epoch holds only what is left: each example is visited once.",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, per_epoch * epochs * batch_size


@count_iterations.mistake(
    "fractions_of_iterations",
    "An iteration is one update; there are no fractions of it. The last batch of an epoch may be small, but it is a "
    "batch.",
)
def _(examples, batch_size, epochs):
    return examples / batch_size, epochs * examples / batch_size, examples * epochs


@count_iterations.mistake("fractions_of_iterations")
def _(examples, batch_size, epochs):
    return examples / batch_size, int(epochs * examples / batch_size), examples * epochs


@count_iterations.mistake(
    "batches_across_epochs",
    "You round only once, for all epochs together, as if a batch could take its last examples from the next epoch. "
    "Every epoch ends with a batch of its own.",
)
def _(examples, batch_size, epochs):
    return -(-examples // batch_size), -(-examples * epochs // batch_size), examples * epochs


@count_iterations.mistake(
    "always_one_more",
    "You add a last batch even where nothing is left for it.",
)
def _(examples, batch_size, epochs):
    per_epoch = examples // batch_size + 1
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "rounded_to_nearest",
    "You round to the nearest number: a last batch that is less than half full gets lost.",
)
def _(examples, batch_size, epochs):
    per_epoch = round(examples / batch_size)
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "epochs_for_iterations",
    "You take an epoch for an iteration. An iteration is one update with one batch, an epoch is a pass over all "
    "examples.",
)
def _(examples, batch_size, epochs):
    return -(-examples // batch_size), epochs, examples * epochs


@count_iterations.mistake(
    "visits_of_one_epoch",
    "You count the visits of a single epoch.",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, examples


@count_iterations.mistake(
    "at_least_one_batch_only",
    "You round down, to 1 at least: the examples at the end of an epoch that do not fill a batch are left out.",
)
def _(examples, batch_size, epochs):
    per_epoch = max(examples // batch_size, 1)
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "division_upside_down",
    "You divide the size of a batch by the number of examples.",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-batch_size // examples)
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake("division_upside_down")
def _(examples, batch_size, epochs):
    per_epoch = batch_size // examples
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "batch_larger_than_the_set",
    "Your batch never holds more than there is, but then you count no iteration: a batch larger than the training set is "
    "one iteration with all examples.",
)
def _(examples, batch_size, epochs):
    per_epoch = 0 if batch_size > examples else -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, examples * epochs


@count_iterations.mistake(
    "iterations_for_visits",
    "You count one visit for each iteration. An iteration visits all examples of its batch.",
)
def _(examples, batch_size, epochs):
    per_epoch = -(-examples // batch_size)
    return per_epoch, per_epoch * epochs, per_epoch * epochs


@count_iterations.alternative
def with_a_ceiling(examples, batch_size, epochs):
    per_epoch = np.ceil(examples / batch_size)  # 12.0 counts as the whole number it is
    return per_epoch, per_epoch * epochs, np.int64(examples * epochs)


@count_iterations.alternative
def by_counting(examples, batch_size, epochs):
    starts = list(range(0, examples, batch_size))
    visits = sum(min(batch_size, examples - start) for start in starts) * epochs
    return [len(starts), len(starts) * epochs, visits]
