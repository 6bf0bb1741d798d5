import math

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.mlp_gradients import one_example_at_a_time
from autograder.exercises.backpropagation.shared import (
    BY_HAND,
    PAGE,
    answer_with_step,
    draw_network,
    loss_of_network,
    right_step,
)
from autograder.exercises.shared import as_tensor
from dlarch.compare import Tolerance
from dlarch.plain import PlainData

gradient_norms = Exercise(
    "gradient_norms",
    signature=(
        "gradient_norms(x: (N, D) float64, labels: (N,) int64, weights: list of L (D_in, D_out) float64, "
        "biases: list of L (D_out,) float64, activation: str) -> norms: list of L float"
    ),
    outputs=("norms",),
    form="transcribe",
    points=1,
    driver="backpropagation.norms_by_layer",
    tolerance=Tolerance(absolute=1e-15),
    uses=("mlp_gradients",),
    forbids=BY_HAND,
    section=PAGE + "vanishing",
)


@gradient_norms.case("six layers, sigmoid")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 5, [4, 6, 5, 6, 5, 7, 3], "sigmoid", gain=1.0)


@gradient_norms.case("three layers, tanh, one example")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 1, [3, 5, 4, 2], "tanh")


@gradient_norms.case("four layers of one width, relu")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 8, [5, 5, 5, 5, 5], "relu")


@gradient_norms.case("no hidden layer")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 4, [3, 2], "relu")


@gradient_norms.case("layers of one unit, tanh")
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 2, [1, 1, 2], "tanh")


@gradient_norms.case("a layer that is switched off, relu")
def _(random) -> dict[str, PlainData]:
    case = draw_network(random, 3, [2, 4, 3, 3], "relu")
    case["biases"][1] -= 100
    return case


@gradient_norms.case("twenty layers, tanh", secret=True)
def _(random) -> dict[str, PlainData]:
    return draw_network(random, 6, [7] * 20 + [3], "tanh", gain=1.0)


@gradient_norms.reference
def _(x, labels, weights, biases, activation):
    import torch

    W = [as_tensor(array).requires_grad_(True) for array in weights]
    b = [as_tensor(array) for array in biases]
    loss = loss_of_network(as_tensor(x), as_tensor(labels, np.int64), W, b, activation)
    return [float(gradient.norm()) for gradient in torch.autograd.grad(loss, W)]


def _weight_gradients(x, labels, weights, biases, activation):
    return answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )[1]


@gradient_norms.mistake(
    "root_dropped",
    "You summed the squares and did not take the root.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    return [float(np.sum(g**2)) for g in _weight_gradients(x, labels, weights, biases, activation)]


@gradient_norms.mistake(
    "spectral_norm",
    "np.linalg.norm(A, 2) of a matrix is its largest singular value. The task asks for the Frobenius norm.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.linalg.norm(g, 2)) for g in gradients]


@gradient_norms.mistake(
    "last_layer_first",
    "The norms are right, but the last layer comes first. Entry l belongs to weights[l].",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.linalg.norm(g)) for g in gradients[::-1]]


@gradient_norms.mistake(
    "norms_of_weights",
    "You measured the weights themselves; the question is how large their gradients are.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    return [float(np.linalg.norm(W)) for W in weights]


@gradient_norms.mistake(
    "root_mean_square",
    "You divided by the number of entries under the root: that is the root mean square, which does not grow with the "
    "matrix.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.sqrt(np.mean(g**2))) for g in gradients]


@gradient_norms.mistake("root_mean_square")
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.linalg.norm(g) / g.size) for g in gradients]


@gradient_norms.mistake(
    "sum_of_absolute_values",
    "You added up the absolute values of the entries. That is a norm too; the Frobenius norm has squares and a root.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.abs(g).sum()) for g in gradients]


@gradient_norms.mistake(
    "mean_of_absolute_values",
    "You averaged the absolute values of the entries. The Frobenius norm has squares and a root, and no mean.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.abs(g).mean()) for g in gradients]


@gradient_norms.mistake(
    "largest_entry",
    "You give the largest entry of each gradient. The norm counts all of them.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return [float(np.abs(g).max()) for g in gradients]


@gradient_norms.mistake(
    "biases_counted",
    "You counted the gradients of the biases too. The task asks for those of the weights.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    _, dW, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return [float(np.sqrt((g**2).sum() + (d**2).sum())) for g, d in zip(dW, db, strict=True)]


@gradient_norms.mistake(
    "norms_of_biases",
    "You measured the gradients of the biases; the task asks for those of the weights.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    _, _, db = answer_with_step(
        x, labels, weights, biases, activation, right_step(weights, activation)
    )
    return [float(np.linalg.norm(d)) for d in db]


@gradient_norms.mistake(
    "sum_of_entries",
    "You added up the entries with their signs: positive and negative ones cancel.",
    PAGE + "vanishing",
)
def _(x, labels, weights, biases, activation):
    return [float(g.sum()) for g in _weight_gradients(x, labels, weights, biases, activation)]


@gradient_norms.alternative
def with_singular_values(x, labels, weights, biases, activation):
    gradients = _weight_gradients(x, labels, weights, biases, activation)
    return np.array([np.sqrt((np.linalg.svd(g)[1] ** 2).sum()) for g in gradients])


@gradient_norms.alternative
def with_flattened_gradients(x, labels, weights, biases, activation):
    _, gradients, _ = one_example_at_a_time(x, labels, weights, biases, activation)
    return tuple(math.sqrt(g.ravel() @ g.ravel()) for g in gradients)
