import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES, as_tensor
from autograder.exercises.start.shared import PAGE
from dlarch.names import LOOPS
from dlarch.plain import PlainData

pairwise_distances = Exercise(
    "pairwise_distances",
    signature="pairwise_distances(a: (N, D) float64, b: (M, D) float64) -> d: (N, M) float64",
    outputs=("d",),
    points=2,
    forbids=(*LIBRARIES, "vectorize", "apply_along_axis", "map", LOOPS),
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


@pairwise_distances.case("seven points and one")
def _(random) -> dict[str, PlainData]:
    return _points(random, 7, 1, 2)


@pairwise_distances.case("on a line")
def _(random) -> dict[str, PlainData]:
    return _points(random, 3, 5, 1)


@pairwise_distances.case("points that are in both sets")
def _(random) -> dict[str, PlainData]:
    a = random.permutation(np.arange(-12.0, 12.0))[:15].reshape(5, 3)
    others = np.append(random.integers(-9, 9, size=(1, 3)), np.zeros((1, 3)), axis=0)
    return {"a": a, "b": np.concatenate([a[[3, 1]], others])}


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


@pairwise_distances.case("other points on a line", secret=True)
def _(random) -> dict[str, PlainData]:
    return _points(random, 8, 3, 1)


@pairwise_distances.reference
def _(a, b):
    from autograder.kernels.matmul import matmul

    squares = (a[:, None] - b) ** 2
    N, M, D = squares.shape
    sums = matmul(as_tensor(squares.reshape(N * M, D)), as_tensor(np.ones((D, 1))))
    return np.sqrt(sums.numpy().reshape(N, M))


def _between(a, b):
    return a[:, None, :] - b[None, :, :]


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
    "swallow the small distance. Far from zero, all your distances are 0.",
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
