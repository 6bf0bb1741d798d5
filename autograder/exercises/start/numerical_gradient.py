import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.shared import LIBRARIES
from autograder.exercises.start.shared import PAGE
from dlarch.compare import Tolerance
from dlarch.plain import PlainData

numerical_gradient = Exercise(
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


@numerical_gradient.case("zero, negative, large and equal entries")
def _(random) -> dict[str, PlainData]:
    case = _form(random, (5,), 0.01)
    low, high = random.uniform(10, 30, size=2)
    return {**case, "x": random.permutation([0.0, -low, high, high, 1e-8])}


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


@numerical_gradient.mistake("forward_difference")
def _(f, x, h):
    x = x.astype(np.float64)
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x)) / h)


@numerical_gradient.mistake(
    "backward_difference",
    "This is the one-sided difference (f(x) − f(x − h))/h. Its error shrinks like h, that of the central difference like "
    "h², for one more evaluation.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x) - f(x - h * step)) / h)


@numerical_gradient.mistake("backward_difference")
def _(f, x, h):
    x = x.astype(np.float64)
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
    "You divide f(x + h) − f(x) by 2h: the lower point is x itself, so you divide by twice the distance and the "
    "slope comes out half as large.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x)) / (2 * h))


@numerical_gradient.mistake("forward_over_2h")
def _(f, x, h):
    x = x.astype(np.float64)
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x)) / (2 * h))


@numerical_gradient.mistake(
    "step_not_doubled",
    "Your slopes are twice too large: you divide by h. How far apart are x − h and x + h?",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + h * step) - f(x - h * step)) / h)


numerical_gradient.slip(
    "brackets_missing",
    "`/ 2 * h` divides by 2 and then multiplies by h, from left to right. The whole product belongs under the fraction.",
    of="with_one_entry_moved_and_put_back",
    right="/ (2 * h)",
    wrong="/ 2 * h",
)


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
    "Your step is always the same, whatever h says. The caller chooses it: use the argument.",
)
def _(f, x, h):
    return _slopes(f, x, lambda step: (f(x + 1e-5 * step) - f(x - 1e-5 * step)) / 2e-5)


for _step in (1e-3, 1e-4, 1e-6):

    @numerical_gradient.mistake("step_of_its_own")
    def _(f, x, h, own=_step):
        return _slopes(f, x, lambda step: (f(x + own * step) - f(x - own * step)) / (2 * own))


@numerical_gradient.mistake(
    "step_grows_with_the_entry",
    "Your step depends on the size of the entry. The same h is meant for every entry.",
)
def _(f, x, h):
    size = np.maximum(np.abs(x.astype(np.float64)), 1)
    slopes = _slopes(f, x, lambda step: f(x + h * size * step) - f(x - h * size * step))
    return slopes / (2 * h * size)


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
