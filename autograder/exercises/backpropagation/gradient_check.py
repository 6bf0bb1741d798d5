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
    form="transcribe",
    points=2,
    driver="backpropagation.gradient_check",
    tolerance=Tolerance(relative=1e-6),
    forbids=BY_HAND,
    section=PAGE + "check",
)


def _form(random, shape, zero=False, worst_sign=-1):
    """Draw a function with a known gradient, and a gradient with one badly and one slightly wrong entry."""
    size = int(np.prod(shape))
    x = random.uniform(-1, 1, size=shape)
    cubic, sine = random.uniform(0.5, 2, size=shape), random.uniform(0.2, 0.5, size=shape)
    coupling = random.uniform(0.5, 1.5, size=shape)
    magnitudes = np.linspace(1, 3, size) * random.choice([-1.0, 1.0], size=size)
    wanted = random.permutation(magnitudes).reshape(shape)
    order = np.argsort(np.abs(wanted), axis=None)[::-1]
    worst, slightly, still = (np.unravel_index(order[place], shape) for place in (1, 2, size - 1))
    wanted[worst] = worst_sign * abs(wanted[worst])
    if zero:
        cubic[still] = sine[still] = coupling[still] = wanted[still] = 0.0
    linear = wanted - 3 * cubic * x**2 - 8 * sine * np.cos(8 * x) - coupling * np.sum(coupling * x)
    if zero:
        linear[still] = 0.0
    gradient = wanted.copy()
    gradient[worst] *= -1
    gradient[slightly] += 0.1 * worst_sign
    terms = {"linear": linear, "cubic": cubic, "sine": sine, "coupling": coupling}
    return {"terms": terms, "x": x, "gradient": gradient}


@gradient_check.case("a vector")
def _(random) -> dict[str, PlainData]:
    return _form(random, (5,))


@gradient_check.case("a matrix")
def _(random) -> dict[str, PlainData]:
    return _form(random, (3, 4), worst_sign=1)


@gradient_check.case("a matrix, f does not depend on one entry")
def _(random) -> dict[str, PlainData]:
    return _form(random, (4, 2), zero=True)


@gradient_check.case("three axes", secret=True)
def _(random) -> dict[str, PlainData]:
    return _form(random, (2, 3, 4), zero=True, worst_sign=1)


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
    "You used the one-sided difference (f(x + h) − f(x))/h, whose error is of order h; the central one's is of order "
    "h², some 100,000 times smaller here.",
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
    "Your slopes are twice too large: between x − h and x + h lies a distance of 2h.",
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
    "numerical is right, but the difference keeps its sign when you look for the largest: an entry that is far too "
    "large counts as less than one slightly too small. Compare sizes.",
    PAGE + "check",
)
def _(f, x, gradient):
    numerical = _central(f, x)
    return _place(numerical - gradient), numerical


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
    worst = np.unravel_index(np.abs(numerical - gradient).argmax(), x.shape)
    return worst, numerical


@gradient_check.alternative
def with_identity_rows(f, x, gradient):
    steps = 1e-6 * np.eye(x.size).reshape(x.size, *x.shape)
    numerical = np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape) / 2e-6
    error = np.abs(numerical - gradient) / np.fmax(
        1e-8, np.fmax(np.abs(numerical), np.abs(gradient))
    )
    return list(np.argwhere(error == error.max())[0]), numerical
