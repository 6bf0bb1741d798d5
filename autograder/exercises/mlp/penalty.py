import itertools

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.mlp.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

penalty = Exercise(
    "penalty",
    signature=(
        "penalty(weights: list of L (D_in, D_out) float64, biases: list of L (D_out,) float64, "
        'kind: "l1" or "l2", strength: float) -> value: float'
    ),
    outputs=("value",),
    form="transcribe",
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "penalty",
)


def _parameters(random, sizes, kind, strength):
    pairs = list(itertools.pairwise(sizes))
    return {
        "weights": [random.normal(size=pair) for pair in pairs],
        "biases": [random.uniform(0.5, 1.5, size=K) for _, K in pairs],
        "kind": kind,
        "strength": strength,
    }


@penalty.case("L2, three layers")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [3, 5, 4, 2], "l2", 0.3)


@penalty.case("L1, three layers")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [4, 2, 6, 3], "l1", 0.7)


@penalty.case("L2, one layer")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [6, 4], "l2", 1.6)


@penalty.case("L1, one layer")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [3, 7], "l1", 0.05)


@penalty.case("no penalty")
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [5, 3, 2], "l2", 0.0)


@penalty.case("L1, deep", secret=True)
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [7, 9, 3, 8, 5, 2], "l1", 2.4)


@penalty.case("L2, deep", secret=True)
def _(random) -> dict[str, PlainData]:
    return _parameters(random, [2, 11, 6, 13, 4], "l2", 0.02)


@penalty.reference
def _(weights, biases, kind, strength):
    from autograder.kernels.matmul import matmul

    w = as_tensor(np.concatenate([W.reshape(-1) for W in weights]))[None]
    return strength * matmul(w.sign() if kind == "l1" else w, w.T).item()


def _l1(array):
    return np.abs(array).sum()


def _l2(array):
    return (array**2).sum()


def _penalty(weights, kind, strength, l1=_l1, l2=_l2):
    """Answer with another measure of one matrix."""
    return strength * sum((l1 if kind == "l1" else l2)(W) for W in weights)


@penalty.mistake(
    "biases_penalised",
    "You penalise the biases too. Only weights are penalised: a bias does not make the network wilder, it moves a unit's "
    "threshold, and pulling it to 0 costs fit for nothing.",
)
def _(weights, biases, kind, strength):
    return _penalty([*weights, *biases], kind, strength)


@penalty.mistake(
    "halved",
    "Your L2 penalty has a factor ½, which the task does not have. Both conventions exist; with ½ the gradient is λW, "
    "without it 2λW.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: _l2(W) / 2)


@penalty.mistake(
    "norm_not_squared",
    "Your L2 penalty adds up the norms ‖W‖. The penalty is the sum of their squares, ‖W‖², without a root.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=np.linalg.norm)


@penalty.mistake(
    "root_of_the_sum",
    "You take a square root of the sum of all squares. The penalty is that sum itself.",
)
def _(weights, biases, kind, strength):
    if kind == "l1":
        return _penalty(weights, kind, strength)
    return strength * np.sqrt(sum(_l2(W) for W in weights))


@penalty.mistake(
    "matrix_norms",
    "np.linalg.norm(W, 1) of a *matrix* is its largest column sum, and np.linalg.norm(W, 2) its largest singular value. "
    "The penalty treats all entries alike: sums of |w| and of w² over the whole matrix.",
)
def _(weights, biases, kind, strength):
    return _penalty(
        weights, kind, strength, lambda W: np.linalg.norm(W, 1), lambda W: np.linalg.norm(W, 2) ** 2
    )


@penalty.mistake(
    "matrix_norms_not_squared",
    "np.linalg.norm(W, 1) of a *matrix* is its largest column sum, and np.linalg.norm(W, 2) its largest singular value. "
    "The penalty treats all entries alike: sums of |w| and of w² over the whole matrix, and the latter without a root.",
)
def _(weights, biases, kind, strength):
    return _penalty(
        weights, kind, strength, lambda W: np.linalg.norm(W, 1), lambda W: np.linalg.norm(W, 2)
    )


@penalty.mistake(
    "largest_column_sum",
    "Your L2 penalty is right. Your L1 penalty is the largest column sum: that is what np.linalg.norm(W, 1) means for a "
    "matrix. The penalty is the sum of |w| over all entries.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=lambda W: np.linalg.norm(W, 1))


@penalty.mistake(
    "largest_singular_value",
    "Your L1 penalty is right. Your L2 penalty has the square of the largest singular value: that is what "
    "np.linalg.norm(W, 2) means for a matrix. The Frobenius norm adds up the squares of all entries.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: np.linalg.norm(W, 2) ** 2)


@penalty.mistake(
    "largest_singular_value_not_squared",
    "Your L1 penalty is right. Your L2 penalty adds up the largest singular values: that is what np.linalg.norm(W, 2) "
    "means for a matrix. The penalty adds up the squares of all entries.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: np.linalg.norm(W, 2))


@penalty.mistake(
    "signs_kept",
    "Your L1 penalty adds up the weights with their signs, so that they cancel. It is a sum of absolute values.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=np.sum)


@penalty.mistake(
    "absolute_value_of_the_sum",
    "Your L1 penalty sums first and takes the absolute value then, so that weights of opposite signs cancel. Take the "
    "absolute value of each weight first.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=lambda W: abs(W.sum()))


@penalty.mistake(
    "square_of_the_sum",
    "Your L2 penalty sums first and squares then, so that weights of opposite signs cancel. Square each weight first.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l2=lambda W: W.sum() ** 2)


@penalty.mistake(
    "mean_of_the_weights",
    "You take a mean over each matrix. The penalty is a sum over all weights; otherwise a large layer would pay no more "
    "than a small one.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, lambda W: np.abs(W).mean(), lambda W: (W**2).mean())


@penalty.mistake(
    "kinds_swapped",
    "The two kinds are swapped: L1 is the sum of |w|, L2 the sum of w².",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength, l1=_l2, l2=_l1)


@penalty.mistake(
    "always_l2",
    'You give the L2 penalty for both kinds. The kinds are spelled "l1" and "l2", with a small letter.',
)
def _(weights, biases, kind, strength):
    return _penalty(weights, "l2", strength)


@penalty.mistake(
    "always_l1",
    'You give the L1 penalty for both kinds. The kinds are spelled "l1" and "l2", with a small letter.',
)
def _(weights, biases, kind, strength):
    return _penalty(weights, "l1", strength)


@penalty.mistake(
    "both_kinds",
    "You add the L1 and the L2 penalty. `kind` says which of them is asked for.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, "l1", strength) + _penalty(weights, "l2", strength)


@penalty.mistake(
    "strength_squared_too",
    "For L2 you square λ as well. It stands outside the sum: λ Σ w².",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, strength) * (strength if kind == "l2" else 1)


@penalty.mistake(
    "strength_missing",
    "λ is missing: the penalty is strength times the sum.",
)
def _(weights, biases, kind, strength):
    return _penalty(weights, kind, 1.0)


@penalty.mistake(
    "last_layer_only",
    "Only the last layer's weights count in your sum. If you collect it in a loop: add to what is there (+=).",
)
def _(weights, biases, kind, strength):
    return _penalty(weights[-1:], kind, strength)


@penalty.mistake(
    "first_layer_only",
    "Only the first layer's weights count in your sum. If there is a loop: does it return in its first round?",
)
def _(weights, biases, kind, strength):
    return _penalty(weights[:1], kind, strength)


@penalty.alternative
def with_frobenius_norms(weights, biases, kind, strength):
    total = 0
    for W in weights:
        total += np.linalg.norm(W) ** 2 if kind == "l2" else np.linalg.norm(W.ravel(), 1)
    return strength * total


@penalty.alternative
def with_one_long_vector(weights, biases, kind, strength):
    w = np.concatenate([W.ravel() for W in weights]).astype(np.float32)
    return strength * (w @ w if kind == "l2" else w @ np.sign(w))


@penalty.alternative
def with_traces(weights, biases, kind, strength):
    power = {"l1": 1, "l2": 2}[kind]
    return float(sum(strength * abs(w) ** power for W in weights for w in W.flat))
