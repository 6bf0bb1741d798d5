import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.background.shared import LIBRARIES, PAGE
from dlarch.plain import PlainData

split_indices = Exercise(
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


@split_indices.case("nothing for testing")
def _(random) -> dict[str, PlainData]:
    return _labels(random, (88, 130), 0.4, 0.0)


@split_indices.case("a class of one example")
def _(random) -> dict[str, PlainData]:
    return _labels(random, (120, 1, 77), 0.2, 0.25)


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
