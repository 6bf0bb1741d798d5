import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.start.shared import PAGE
from dlarch.plain import PlainData

relative_error = Exercise(
    "relative_error",
    signature="relative_error(a: (...) float64, b: (...) float64) -> error: float",
    outputs=("error",),
    form="transcribe",
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


def _near_the_floor(random, a, b):
    pair = _pair(random, (2, 2), 0.01)
    pair["a"][1, 0], pair["b"][1, 0] = a, b
    return pair


@relative_error.case("an entry a little above the floor")
def _(random) -> dict[str, PlainData]:
    return _near_the_floor(random, 3e-8, 1.1e-8)


@relative_error.case("an entry a little below the floor")
def _(random) -> dict[str, PlainData]:
    return _near_the_floor(random, -1e-9, -5.5e-9)


@relative_error.case("zero against a number")
def _(random) -> dict[str, PlainData]:
    pair = _pair(random, (4,), 0.1)
    pair["a"][2], pair["b"][0] = 0.0, 0.0
    return pair


@relative_error.case("numbers near a million")
def _(random) -> dict[str, PlainData]:
    return {name: 1e6 * x for name, x in _pair(random, (3, 2), -0.25).items()}


@relative_error.case("equal arrays")
def _(random) -> dict[str, PlainData]:
    a = random.normal(size=5)
    return {"a": a, "b": a.copy()}


@relative_error.case("two numbers")
def _(random) -> dict[str, PlainData]:
    return {"a": np.array(-0.7), "b": np.array(-0.9)}


@relative_error.case("three axes")
def _(random) -> dict[str, PlainData]:
    return _pair(random, (2, 1, 3), 0.2)


@relative_error.case("three axes, more entries", secret=True)
def _(random) -> dict[str, PlainData]:
    return _pair(random, (4, 3, 5), -0.35)


@relative_error.case("equal arrays of two axes", secret=True)
def _(random) -> dict[str, PlainData]:
    a = random.normal(size=(2, 5))
    return {"a": a, "b": a.copy()}


def _errors(a, b, size=None):
    size = np.abs(a) + np.abs(b) if size is None else size
    return np.abs(a - b) / np.maximum(size, FLOOR)


def _without_floor(a, b, size):
    with np.errstate(invalid="ignore", divide="ignore"):
        return float((np.abs(a - b) / size).max())


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


@relative_error.mistake("one_side_only")
def _(a, b):
    return _without_floor(a, b, np.abs(b))


@relative_error.mistake("one_side_only")
def _(a, b):
    return float((np.abs(a - b) / (np.abs(b) + FLOOR)).max())


@relative_error.mistake(
    "other_side_only",
    "You divide by |a| alone. Then a and b have different roles, and where a is 0 the error has no bound. "
    "The task's formula has |a| + |b|.",
)
def _(a, b):
    return float(_errors(a, b, np.abs(a)).max())


@relative_error.mistake("other_side_only")
def _(a, b):
    return _without_floor(a, b, np.abs(a))


@relative_error.mistake("other_side_only")
def _(a, b):
    return float((np.abs(a - b) / (np.abs(a) + FLOOR)).max())


@relative_error.mistake(
    "larger_of_the_two",
    "You divide by the larger of |a| and |b|. That is a good convention too, with errors up to 2; the task's has the sum "
    "|a| + |b|, with errors up to 1.",
)
def _(a, b):
    return float(_errors(a, b, np.maximum(np.abs(a), np.abs(b))).max())


@relative_error.mistake("larger_of_the_two")
def _(a, b):
    return _without_floor(a, b, np.maximum(np.abs(a), np.abs(b)))


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


@relative_error.mistake("difference_with_sign")
def _(a, b):
    return float(((b - a) / np.maximum(np.abs(a) + np.abs(b), FLOOR)).max())


@relative_error.mistake(
    "zero_over_zero",
    "Where a and b are both 0, yours is 0/0 = NaN, and so is the maximum. The floor in the task's formula is there for "
    "this.",
)
def _(a, b):
    return _without_floor(a, b, np.abs(a) + np.abs(b))


@relative_error.mistake(
    "floor_missing",
    "Two entries of the size 1e-13 count fully in yours. Rounding alone makes such numbers: the floor in the task's "
    "formula keeps them from mattering.",
)
def _(a, b):
    size = np.abs(a) + np.abs(b)
    return float((np.abs(a - b) / np.where(size == 0, 1, size)).max())


@relative_error.mistake(
    "floor_added",
    "You add the floor to every denominator. In the task's formula it is the least that a denominator can be; sizes "
    "above it stay as they are.",
)
def _(a, b):
    return float(_errors(a, b, np.abs(a) + np.abs(b) + FLOOR).max())


@relative_error.mistake(
    "entry_by_entry",
    "You return all errors. The task asks for one number: the largest.",
)
def _(a, b):
    return _errors(a, b)


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
