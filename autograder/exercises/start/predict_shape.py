from itertools import zip_longest

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.start.shared import PAGE
from dlarch.plain import PlainData

predict_shape = Exercise(
    "predict_shape",
    signature="predict_shape(a: tuple of int, b: tuple of int) -> shape: tuple of int or None",
    outputs=("shape",),
    points=2,
    form="predict",
    driver="for_each",
    forbids=("numpy", *LIBRARIES),
    section=PAGE + "broadcasting",
)


def draw_pairs(random, number) -> dict[str, PlainData]:
    """Draw pairs of shapes that fit, some with axes of size 1 or without the first ones, and some that do not."""
    pairs = []
    for index in range(number):
        full = [int(size) for size in random.integers(2, 9, size=random.integers(2, 5))]
        a = [size if random.random() < 0.6 else 1 for size in full]
        b = [size if kept == 1 or random.random() < 0.6 else 1 for size, kept in zip(full, a, strict=True)]  # fmt: skip
        short = b[int(random.integers(1, len(b))) :] if index % 2 else b
        if index % 3 == 2:
            place = int(random.integers(1, len(short) + 1))
            a[-place], short[-place] = full[-place], 2 * full[-place]
        pair = (tuple(a), tuple(short))
        pairs.append(pair if random.random() < 0.5 else pair[::-1])
    pairs += [((4, 3), (4,)), ((5, 1), (5,)), ((), (3, 2))]
    order = random.permutation(len(pairs))
    return {"samples": [{"a": pairs[i][0], "b": pairs[i][1]} for i in order]}


@predict_shape.case("twelve pairs")
def _(random) -> dict[str, PlainData]:
    return draw_pairs(random, 9)


@predict_shape.case("fifteen pairs")
def _(random) -> dict[str, PlainData]:
    return draw_pairs(random, 12)


@predict_shape.case("thirty others", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_pairs(random, 27)


def combined(pairs, fits=lambda s, t: s == t or 1 in (s, t), result=max):
    """Give the shape of pairs of sizes, from the right; None where a pair does not fit."""
    pairs = list(pairs)
    if not all(fits(s, t) for s, t in pairs):
        return None
    return tuple(result(s, t) for s, t in pairs)[::-1]


def from_the_right(a, b):
    return zip_longest(a[::-1], b[::-1], fillvalue=1)


@predict_shape.reference
def _(a, b):
    return combined(from_the_right(a, b))


@predict_shape.mistake(
    "from_the_left",
    "You compare the shapes from the left. They are aligned at their last axes.",
)
def _(a, b):
    shape = combined(zip_longest(a, b, fillvalue=1))
    return None if shape is None else shape[::-1]


@predict_shape.mistake(
    "one_refused",
    "You refuse an axis of size 1 against a longer one: it is the one that is repeated.",
)
def _(a, b):
    pairs = zip_longest(a[::-1], b[::-1])
    return combined(
        pairs, lambda s, t: s == t or None in (s, t), lambda s, t: t if s is None else s
    )


@predict_shape.mistake(
    "missing_axes_refused",
    "You refuse shapes of different lengths: an axis that is missing at the front counts as one of size 1.",
)
def _(a, b):
    return combined(from_the_right(a, b)) if len(a) == len(b) else None


@predict_shape.mistake(
    "nothing_refused",
    "You take the larger size everywhere. Two sizes that differ fit only where one of them is 1.",
)
def _(a, b):
    return combined(from_the_right(a, b), lambda s, t: True)


@predict_shape.mistake(
    "multiples_stretched",
    "You repeat a size until it fills a multiple of it. Only an axis of size 1 is repeated.",
)
def _(a, b):
    return combined(from_the_right(a, b), lambda s, t: max(s, t) % min(s, t) == 0)


@predict_shape.mistake(
    "smaller_size_taken",
    "Where an axis of size 1 meets a longer one, the result has the longer one's size.",
)
def _(a, b):
    return combined(from_the_right(a, b), result=min)


@predict_shape.mistake(
    "missing_axes_dropped",
    "Your result has the axes of the shorter shape alone: those that only one array has stay.",
)
def _(a, b):
    shape = combined(from_the_right(a, b))
    kept = min(len(a), len(b))
    return None if shape is None else shape[len(shape) - kept :]


@predict_shape.alternative
def with_ones_in_front(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + tuple(a), (1,) * (length - len(b)) + tuple(b)
    for s, t in zip(a, b, strict=True):
        if s != t and s != 1 and t != 1:
            return None
    return tuple(max(s, t) for s, t in zip(a, b, strict=True))


@predict_shape.alternative
def axis_by_axis(a, b):
    shape = []
    for place in range(1, max(len(a), len(b)) + 1):
        s = a[-place] if place <= len(a) else 1
        t = b[-place] if place <= len(b) else 1
        if s == 1:
            shape.insert(0, t)
        elif t in (1, s):
            shape.insert(0, s)
        else:
            return None
    return shape
