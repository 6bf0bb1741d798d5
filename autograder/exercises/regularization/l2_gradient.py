import itertools

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.regularization.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

l2_gradient = Exercise(
    "l2_gradient",
    signature=(
        "l2_gradient(weights: L arrays (D, K), biases: L arrays (K,), dW: L arrays (D, K),"
        " db: L arrays (K,), strength: float) -> dW: L arrays (D, K), db: L arrays (K,)"
    ),
    outputs=("dW", "db"),
    form="transcribe",
    points=1,
    forbids=LIBRARIES,
    section=PAGE + "l2",
)


def _network(random, sizes, strength):
    shapes = list(itertools.pairwise(sizes))
    return {
        "weights": [random.normal(size=shape) for shape in shapes],
        "biases": [random.normal(size=K) for _, K in shapes],
        "dW": [random.normal(size=shape) for shape in shapes],
        "db": [random.normal(size=K) for _, K in shapes],
        "strength": strength,
    }


@l2_gradient.case("two layers")
def _(random) -> dict[str, PlainData]:
    return _network(random, (4, 3, 2), float(random.uniform(0.1, 0.4)))


@l2_gradient.case("one layer")
def _(random) -> dict[str, PlainData]:
    return _network(random, (3, 5), float(random.uniform(0.6, 0.9)))


@l2_gradient.case("four layers, one unit in the last")
def _(random) -> dict[str, PlainData]:
    return _network(random, (2, 6, 3, 4, 1), float(random.uniform(1.2, 1.7)))


@l2_gradient.case("no penalty")
def _(random) -> dict[str, PlainData]:
    return _network(random, (5, 4, 3), 0.0)


@l2_gradient.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _network(random, (40, 33, 17, 9), float(random.uniform(0.02, 0.05)))


def _penalised(weights, biases, dW, db, weight_slope, bias_slope=lambda b: 0 * b):
    """Add the slopes of some penalty of weights and biases to the gradients."""
    return (
        [d + weight_slope(W) for W, d in zip(weights, dW, strict=True)],
        [d + bias_slope(b) for b, d in zip(biases, db, strict=True)],
    )


@l2_gradient.reference
def _(weights, biases, dW, db, strength):
    import torch

    from autograder.kernels.matmul import matmul

    leaves = [as_tensor(W).requires_grad_(True) for W in weights]
    rows = [W.reshape(1, -1) for W in leaves]
    penalty = strength * sum(matmul(row, row.T).sum() for row in rows)
    slopes = torch.autograd.grad(penalty, leaves)
    return [d + slope.numpy() for d, slope in zip(dW, slopes, strict=True)], [d.copy() for d in db]


@l2_gradient.mistake(
    "factor_two_missing",
    "You add λW. That belongs to the penalty (λ/2)‖W‖², which many books use; here the penalty is λ‖W‖², "
    "as in the lectures. What is the derivative of w²?",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * W)


@l2_gradient.mistake(
    "biases_penalised",
    "The weights are right, but you shrink the biases too. The penalty does not contain them: "
    "their gradients stay as they are.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(
        weights, biases, dW, db, lambda W: 2 * strength * W, lambda b: 2 * strength * b
    )


@l2_gradient.mistake(
    "factor_two_missing_and_biases_penalised",
    "Two things: you add λW, the derivative of (λ/2)‖W‖², while the penalty here is λ‖W‖²; "
    "and you shrink the biases, which the penalty does not contain.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * W, lambda b: strength * b)


@l2_gradient.mistake(
    "last_layer_only",
    "Only the last layer's weights are penalised in your answer. The penalty is a sum over the weights of all layers.",
)
def _(weights, biases, dW, db, strength):
    last = dW[-1] + 2 * strength * weights[-1]
    return [*[d.copy() for d in dW[:-1]], last], [d.copy() for d in db]


@l2_gradient.mistake(
    "penalty_alone",
    "You return the gradient of the penalty alone. The gradient of a sum is the sum of the gradients: "
    "the loss has its share too, dW and db.",
)
def _(weights, biases, dW, db, strength):
    return [2 * strength * W for W in weights], [0 * b for b in biases]


@l2_gradient.mistake(
    "penalty_alone_for_weights",
    "For the weights you return the gradient of the penalty alone. The gradient of a sum is the sum of the gradients: "
    "the loss has its share too, dW.",
)
def _(weights, biases, dW, db, strength):
    return [2 * strength * W for W in weights], [d.copy() for d in db]


@l2_gradient.mistake(
    "biases_left_out",
    "You return the gradients of the weights alone. The result has two lists: those of the biases belong to it too.",
)
def _(weights, biases, dW, db, strength):
    return [d + 2 * strength * W for W, d in zip(weights, dW, strict=True)]


@l2_gradient.mistake(
    "sign",
    "You subtract the penalty's gradient. Both gradients are of things to be made small, so both are added here; "
    "the minus comes later, when a step goes against the sum.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: -2 * strength * W)


@l2_gradient.mistake(
    "norm_not_squared",
    "You differentiate λ‖W‖, whose gradient λW/‖W‖ has the same length however large the weights are. "
    "The penalty is the square of the norm, λ‖W‖².",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * W / np.linalg.norm(W))


@l2_gradient.mistake(
    "l1_in_place_of_l2",
    "You add λ sign(W), the slope of an L1 penalty. The L2 penalty pulls large weights harder than small ones.",
    PAGE + "l1",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * np.sign(W))


@l2_gradient.mistake(
    "mean_of_squares",
    "You divide the penalty's gradient by the number of weights of the layer, as for a mean of squares. "
    "The Frobenius norm is a sum over all entries.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: 2 * strength * W / W.size)


@l2_gradient.mistake(
    "divided_by_layers",
    "You divide the penalty's gradient by the number of layers. The penalty is a sum over the layers, not a mean.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: 2 * strength * W / len(weights))


@l2_gradient.mistake(
    "scales_the_gradient",
    "You add 2λ times the gradient to the gradient. What the penalty pulls on are the weights: its slope is made of W, not of dW.",
)
def _(weights, biases, dW, db, strength):
    return [(1 + 2 * strength) * d for d in dW], [d.copy() for d in db]


@l2_gradient.mistake(
    "value_for_slope",
    "To every gradient of a layer you add the value λ‖W‖² of its penalty, one number. "
    "A gradient says how this number changes with each weight.",
)
def _(weights, biases, dW, db, strength):
    return _penalised(weights, biases, dW, db, lambda W: strength * (W**2).sum())


@l2_gradient.alternative
def with_loops(weights, biases, dW, db, strength):
    total = []
    for W, d in zip(weights, dW, strict=True):
        new = d.copy()
        for i in range(W.shape[0]):
            for j in range(W.shape[1]):
                new[i, j] += 2 * strength * W[i, j]
        total.append(new)
    return total, db


@l2_gradient.alternative
def with_single_precision(weights, biases, dW, db, strength):
    factor = np.float32(2 * strength)
    return [(d + factor * W).astype(np.float32) for W, d in zip(weights, dW, strict=True)], [
        np.array(d) for d in db
    ]


@l2_gradient.alternative
def with_indices(weights, biases, dW, db, strength):
    return [dW[i] + strength * weights[i] + strength * weights[i] for i in range(len(dW))], list(db)
