import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import BY_HAND, PAGE
from dlarch.compare import Tolerance
from dlarch.plain import PlainData

gradient_check = Exercise(
    "gradient_check",
    signature=(
        "gradient_check(f: function of (...) -> float, x: (...) float64, gradient: (...) float64)"
        " -> worst: tuple of int, numerical: (...) float64"
    ),
    outputs=("worst", "numerical"),
    form="mend",
    gives=("forward_difference", "sign_of_difference"),
    points=2,
    driver="backpropagation.gradient_check",
    tolerance=Tolerance(relative=1e-6),
    forbids=BY_HAND,
    section=PAGE + "check",
)


SLOPES_AND_CLAIMS = {
    "relative error": (0.05, -0.048),
    "absolute error": (5.0, 8.0),
    "claim far above": (0.2, 1.5),
    "claim far below": (1.2, 0.1),
    "largest": (9.0, 9.2),
}
"""Five entries, measured and claimed; each is the worst by another measure."""


def _form(random, shape, still=None, worst=(0.05, -0.048), sign=1):
    """Draw a function with known slopes at x, and claims of which one is the worst by relative error.

    Args:
        random: the generator.
        shape: of x, with at least five entries.
        still: what is claimed of an entry that f does not depend on; None: f depends on all.
        worst: slope and claim of the entry with the largest relative error.
        sign: of all slopes; decides which errors are positive.
    """
    size = int(np.prod(shape))
    x = random.uniform(-1, 1, size=shape)
    cubic, sine = random.uniform(0.5, 2, size=shape), random.uniform(0.2, 0.5, size=shape)
    coupling = random.uniform(0.5, 1.5, size=shape)
    pairs = {**SLOPES_AND_CLAIMS, "relative error": worst}
    right = [(slope, slope * (1 + 1e-3)) for slope in np.linspace(1, 3, size - len(pairs))]
    order = random.permutation(size)
    slopes, claims = sign * np.array([*pairs.values(), *right])[order].T
    slopes, claims = slopes.reshape(shape), claims.reshape(shape)
    if still is not None:
        place = np.unravel_index(np.argmax(order), shape)
        cubic[place] = sine[place] = coupling[place] = slopes[place] = 0.0
        claims[place] = still
    linear = slopes - 3 * cubic * x**2 - 8 * sine * np.cos(8 * x) - coupling * np.sum(coupling * x)
    if still is not None:
        linear[place] = 0.0
    terms = {"linear": linear, "cubic": cubic, "sine": sine, "coupling": coupling}
    return {"terms": terms, "x": x, "gradient": claims}


@gradient_check.case("a vector")
def _(random) -> dict[str, PlainData]:
    return _form(random, (5,))


@gradient_check.case("a matrix, the worst entry has the right sign")
def _(random) -> dict[str, PlainData]:
    return _form(random, (3, 4), worst=(0.001, 0.02), sign=-1)


@gradient_check.case("a matrix, the worst claim is 0")
def _(random) -> dict[str, PlainData]:
    return _form(random, (4, 2), worst=(0.03, 0.0))


@gradient_check.case("a matrix, f does not depend on one entry")
def _(random) -> dict[str, PlainData]:
    return _form(random, (4, 2), still=0.0, worst=(0.001, 0.02))


@gradient_check.case("a matrix, f does not depend on one entry, and its claim is next to 0")
def _(random) -> dict[str, PlainData]:
    return _form(random, (2, 4), still=-1e-9, worst=(0.02, 0.001))


@gradient_check.case("a transposed matrix")
def _(random) -> dict[str, PlainData]:
    return {**_form(random, (3, 2), sign=-1), "transposed": True}


@gradient_check.case("three axes, one of size 1")
def _(random) -> dict[str, PlainData]:
    return _form(random, (3, 1, 2), worst=(0.02, 0.001), sign=-1)


@gradient_check.case("one entry")
def _(random) -> dict[str, PlainData]:
    form = _form(random, (5,))
    return {
        "terms": {name: term[:1] for name, term in form["terms"].items()},
        "x": form["x"][:1],
        "gradient": form["gradient"][:1],
    }


@gradient_check.case("three axes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _form(random, (2, 3, 4), still=0.0, worst=(0.001, 0.02))


@gradient_check.case("another transposed matrix", secret=True)
def _(random) -> dict[str, PlainData]:
    return {**_form(random, (5, 3), still=1e-9, worst=(0.02, 0.001)), "transposed": True}


H = 1e-5


def _central(f, x, h=H):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        numerical[index] = (f(x + step) - f(x - step)) / (2 * h)
    return numerical


def _relative_error(numerical, gradient):
    return np.abs(numerical - gradient) / np.maximum(np.abs(numerical) + np.abs(gradient), 1e-8)


def _place(errors):
    return tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))


@gradient_check.reference
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "forward_difference",
    "You used a one-sided difference, whose error is of order h; the central one's is of order h², some 100,000 times "
    "smaller here.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = H
        numerical[index] = (f(x + step) - f(x)) / H
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "step_not_doubled",
    "Your slopes are twice too large. How far apart are x − h and x + h?",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = 2 * _central(f, x)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "all_entries_moved",
    "You moved all entries of x at once, and got one number for all of them: the slope along the diagonal. A partial "
    "derivative moves one entry and holds the others still.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.full(x.shape, (f(x + H) - f(x - H)) / (2 * H))
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "not_restored",
    "Each entry stays moved by −h when you go on to the next one, so that every later difference is taken at another "
    "point. Put the entry back, or work on a fresh copy.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        x[index] += H
        above = f(x)
        x[index] -= 2 * H
        numerical[index] = (above - f(x)) / (2 * H)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "restored_by_arithmetic",
    "The answer is right, but x is not quite what it was: adding h, taking off 2h and adding h again leaves rounding "
    "errors. Keep the entry's old value and put it back, or work on a copy.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        x[index] += H
        above = f(x)
        x[index] -= 2 * H
        numerical[index] = (above - f(x)) / (2 * H)
        x[index] += H
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "names_for_copies",
    "All your slopes are 0, because f sees the same array both times: `above = x` makes a second name for x, not a "
    "second array. x.copy() does.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        above, below = x, x
        above[index] += H
        below[index] -= H
        numerical[index] = (f(above) - f(below)) / (2 * H)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "flat_index",
    "numerical is right. argmax gives a place in the flattened array; the task asks for one index for each axis, so "
    "that gradient[worst] is the entry.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return int(np.argmax(_relative_error(numerical, gradient))), numerical


@gradient_check.mistake(
    "largest_entry",
    "numerical is right, but you point at the largest entry of the gradient. The worst one is where the two gradients "
    "disagree most.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(np.abs(numerical)), numerical


@gradient_check.mistake(
    "sign_of_difference",
    "numerical is right, but the difference keeps its sign when you look for the largest: a claim that is far too "
    "large counts as less than one slightly too small, or the other way round. Compare sizes.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(numerical - gradient), numerical


for _sign in (1, -1):

    @gradient_check.mistake("sign_of_difference")
    def _(f, x, gradient, sign=_sign):
        numerical = _central(f, x)
        scale = np.maximum(np.abs(numerical) + np.abs(gradient), 1e-8)
        return _place(sign * (numerical - gradient) / scale), numerical


@gradient_check.mistake(
    "zero_over_zero",
    "Where both gradients are 0 your relative error is 0/0 = NaN, and argmax takes NaN for the largest. Keep the "
    "denominator away from 0, as the task's formula does.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    with np.errstate(invalid="ignore"):
        errors = np.abs(numerical - gradient) / (np.abs(numerical) + np.abs(gradient))
    return _place(errors), numerical


@gradient_check.mistake("forward_difference")
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = H
        numerical[index] = (f(x) - f(x - step)) / H
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "forward_over_2h",
    "You divide f(x + h) − f(x) by 2h: the lower point is x itself, so you divide by twice the distance and the slope "
    "comes out half as large.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = H
        numerical[index] = (f(x + step) - f(x)) / (2 * H)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "brackets_missing",
    "`/ 2 * h` divides by 2 and then multiplies by h, from left to right. The whole product belongs under the fraction.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x) * H * H
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "difference_reversed",
    "Your slopes have the wrong sign: the value at the lower point is subtracted from that at the upper one.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = -_central(f, x)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "absolute_error",
    "numerical is right, but worst is where the difference itself is largest. A difference of 1 matters little between "
    "slopes of 1000 and much between slopes of 0.1: the task asks for the relative error.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(np.abs(numerical - gradient)), numerical


@gradient_check.mistake(
    "relative_to_one_alone",
    "numerical is right, but you divide the difference by one of the two slopes alone. Then the same disagreement counts "
    "differently, depending on which of the two is the small one: look at the denominator of the task's formula.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(np.abs(numerical - gradient) / np.maximum(np.abs(numerical), 1e-8)), numerical


@gradient_check.mistake("relative_to_one_alone")
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(np.abs(numerical - gradient) / np.maximum(np.abs(gradient), 1e-8)), numerical


for _of in (0, 1):

    @gradient_check.mistake("relative_to_one_alone")
    def _(f, x, gradient, of=_of):
        numerical = _central(f, x)
        size = np.abs((numerical, gradient)[of])
        return _place(np.abs(numerical - gradient) / (size + 1e-8)), numerical

    @gradient_check.mistake("relative_to_one_alone")
    def _(f, x, gradient, of=_of):
        numerical = _central(f, x)
        with np.errstate(divide="ignore", invalid="ignore"):
            errors = np.abs(numerical - gradient) / np.abs((numerical, gradient)[of])
        return _place(errors), numerical


@gradient_check.mistake(
    "tiny_slopes_count",
    "numerical is right. Where both slopes are next to 0, rounding alone decides how they compare, and you point there: "
    "the task's formula keeps such entries from counting.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    with np.errstate(invalid="ignore"):
        errors = np.abs(numerical - gradient) / (np.abs(numerical) + np.abs(gradient))
    return _place(np.nan_to_num(errors)), numerical


@gradient_check.mistake("largest_entry")
def _(f, x, gradient):
    return _place(np.abs(gradient)), _central(f, x)


@gradient_check.mistake("largest_entry")
def _(f, x, gradient):
    return _place(gradient), _central(f, x)


@gradient_check.mistake("largest_entry")
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(numerical), numerical


@gradient_check.mistake(
    "best_entry",
    "numerical is right, but you point at the entry where the two gradients agree best.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(-_relative_error(numerical, gradient)), numerical


@gradient_check.mistake(
    "flat_copy_moved",
    "Your slopes are 0 for a transposed array: reshape and ravel give a copy where the numbers do not lie in a row in "
    "memory, and f never sees what you change there.",
    PAGE + "check",
)
def _(f, x, gradient):
    flat, numerical = x.reshape(-1), np.empty(x.size)
    for i in range(x.size):
        old = flat[i]
        flat[i] = old + H
        above = f(x)
        flat[i] = old - H
        numerical[i] = (above - f(x)) / (2 * H)
        flat[i] = old
    numerical = numerical.reshape(x.shape)
    return _place(_relative_error(numerical, gradient)), numerical


@gradient_check.alternative
def with_flat_views(f, x, gradient):
    moved = x.copy().reshape(-1)
    numerical = np.zeros(x.size)
    for i in range(x.size):
        old = moved[i]
        moved[i] = old + 1e-5
        above = f(moved.reshape(x.shape))
        moved[i] = old - 1e-5
        below = f(moved.reshape(x.shape))
        moved[i] = old
        numerical[i] = (above - below) / 2e-5
    numerical = numerical.reshape(x.shape)
    error = np.abs(numerical - gradient) / np.maximum(np.abs(numerical) + np.abs(gradient), 1e-8)
    return np.unravel_index(error.argmax(), x.shape), numerical


@gradient_check.alternative
def with_identity_rows(f, x, gradient):
    steps = 1e-6 * np.eye(x.size).reshape(x.size, *x.shape)
    numerical = np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape) / 2e-6
    error = np.abs(numerical - gradient) / np.fmax(
        1e-8, np.fmax(np.abs(numerical), np.abs(gradient))
    )
    return [int(i) for i in np.argwhere(error == error.max())[0]], numerical


@gradient_check.alternative
def line_by_line(f, x, gradient):
    h = 1e-5
    numerical = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        numerical[index] = (f(above) - f(below)) / (2 * h)
    scale = np.maximum(np.abs(numerical) + np.abs(gradient), 1e-8)
    errors = np.abs(numerical - gradient) / scale
    return np.unravel_index(np.argmax(errors), x.shape), numerical


gradient_check.slip(
    "forward_difference",
    of="line_by_line",
    right="""        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        numerical[index] = (f(above) - f(below)) / (2 * h)
""",
    wrong="""        above = x.copy()
        above[index] += h
        numerical[index] = (f(above) - f(x)) / h
""",
)

gradient_check.slip(
    "sign_of_difference",
    of="line_by_line",
    right="np.abs(numerical - gradient) / scale",
    wrong="(numerical - gradient) / scale",
)
