import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

hard_threshold = Exercise(
    "hard_threshold",
    signature="hard_threshold(a: any shape float64, beta: float) -> h: shape of a float64",
    outputs=("h",),
    form="transcribe",
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "threshold",
)


def _with_threshold(random, *shape):
    """Draw whole numbers, several on either side of the threshold and exactly on it."""
    beta = float(random.integers(2, 4) * random.choice([-1, 1]))
    a = random.integers(-5, 6, size=shape).astype(float)
    a.flat[: min(3, a.size)] = (beta, beta - 0.25, -beta)[: a.size]
    return {"a": a, "beta": beta}


@hard_threshold.case("a vector, some entries at the threshold")
def _(random) -> dict[str, PlainData]:
    return {**_with_threshold(random, 9), "beta": 2.0}


@hard_threshold.case("a batch, negative threshold")
def _(random) -> dict[str, PlainData]:
    a = random.integers(-5, 6, size=(4, 3)).astype(float)
    a[0] = (-3.0, -3.5, 0.0)
    return {"a": a, "beta": -3.0}


@hard_threshold.case("±1000, threshold 0")
def _(random) -> dict[str, PlainData]:
    return {"a": np.array([1000.0, -1000.0, 0.0, 0.5, -0.5]), "beta": 0.0}


@hard_threshold.case("three axes")
def _(random) -> dict[str, PlainData]:
    return _with_threshold(random, 2, 1, 4)


@hard_threshold.case("one value, at the threshold")
def _(random) -> dict[str, PlainData]:
    return {"a": np.array([0.75]), "beta": 0.75}


@hard_threshold.case("a threshold that is no whole number")
def _(random) -> dict[str, PlainData]:
    return {"a": random.permutation([0.5, 0.3, 0.7, -0.5, 1.0, 0.0, 0.5 - 1e-9]), "beta": 0.5}


@hard_threshold.case("more values", secret=True)
def _(random) -> dict[str, PlainData]:
    return _with_threshold(random, 2, 3, 5)


@hard_threshold.reference
def _(a, beta):
    import torch

    return torch.heaviside(as_tensor(a) - beta, torch.ones((), dtype=torch.float64)).numpy()


hard_threshold.slip(
    "strict_inequality",
    "At a = β itself your function gives 0. The task, like the lecture, has a ≥ β: at the threshold the unit is on.",
    of="with_where",
    right="a < beta",
    wrong="a <= beta",
)


@hard_threshold.mistake(
    "sign",
    "You give −1 and +1. That is the sign of a − β; the hard threshold gives 0 and 1.",
)
def _(a, beta):
    return np.where(a >= beta, 1.0, -1.0)


@hard_threshold.mistake("sign")
def _(a, beta):
    return np.where(a > beta, 1.0, -1.0)


@hard_threshold.mistake(
    "sign_with_zero",
    "You give −1, 0 and 1, the sign of a − β. The hard threshold gives 0 below β, and 1 at β and above.",
)
def _(a, beta):
    return np.sign(a - beta)


@hard_threshold.mistake(
    "threshold_ignored",
    "You compare with 0 in place of β.",
)
def _(a, beta):
    return (a >= 0) * 1.0


@hard_threshold.mistake(
    "threshold_added",
    "You switch at −β: β was added to a where it should be subtracted. A threshold β acts like a bias of −β.",
)
def _(a, beta):
    return (a + beta >= 0) * 1.0


@hard_threshold.mistake(
    "upside_down",
    "Your unit is on below the threshold and off above it.",
)
def _(a, beta):
    return (a <= beta) * 1.0


@hard_threshold.mistake("upside_down")
def _(a, beta):
    return (a < beta) * 1.0


@hard_threshold.mistake(
    "passes_the_value",
    "Where the unit is on you give a itself. That is a kind of ReLU; the hard threshold says only yes (1) or no (0).",
)
def _(a, beta):
    return np.where(a >= beta, a, 0.0)


@hard_threshold.mistake(
    "distance_passed_on",
    "Where the unit is on you give a − β. That is a shifted ReLU; the hard threshold says only yes (1) or no (0).",
)
def _(a, beta):
    return np.maximum(a - beta, 0)


@hard_threshold.mistake(
    "result_compared_again",
    "You write zeros or ones into an array and compare the same array with β again: by then some of its entries are "
    "no longer those of a. Compare a itself, once.",
)
def _(a, beta):
    h = a.copy()
    h[h < beta] = 0
    h[h >= beta] = 1
    return h


@hard_threshold.mistake("result_compared_again")
def _(a, beta):
    h = a.copy()
    h[h >= beta] = 1
    h[h < beta] = 0
    return h


@hard_threshold.mistake("result_compared_again")
def _(a, beta):
    a[a < beta] = 0
    a[a >= beta] = 1
    return a


@hard_threshold.mistake("result_compared_again")
def _(a, beta):
    a[a >= beta] = 1
    a[a < beta] = 0
    return a


@hard_threshold.mistake(
    "one_answer_for_all",
    "A whole array is neither below nor above β: Python's `if a >= beta` cannot decide for all entries at once. "
    "You need something that decides entry by entry.",
)
def _(a, beta):
    return 1 if a >= beta else 0


@hard_threshold.alternative
def with_where(a, beta):
    return np.where(a < beta, 0.0, 1.0)


@hard_threshold.alternative
def with_booleans(a, beta):
    return a >= beta


@hard_threshold.alternative
def with_heaviside(a, beta):
    return np.heaviside(np.asfortranarray(a) - beta, 1).astype(np.float32)
