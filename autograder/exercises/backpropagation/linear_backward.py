import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.backpropagation.shared import BY_HAND, PAGE
from autograder.exercises.shared import as_tensor
from dlarch.checks_file import Part
from dlarch.plain import PlainData

linear_backward = Exercise(
    "linear_backward",
    signature=(
        "linear_backward(dy: (N, K) float64, x: (N, D) float64, W: (D, K) float64)"
        " -> dx: (N, D) float64, dW: (D, K) float64, db: (K,) float64"
    ),
    outputs=("dx", "dW", "db"),
    parts={
        "dx": Part(1, outputs=("dx",)),
        "dW": Part(1, outputs=("dW",)),
        "db": Part(1, outputs=("db",)),
    },
    forbids=BY_HAND,
    section=PAGE + "layer",
)


def _linear(random, N, D, K):
    return {
        "dy": random.normal(size=(N, K)),
        "x": random.normal(size=(N, D)),
        "W": random.normal(size=(D, K)),
    }


@linear_backward.case("N = 5, D = 4, K = 3")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 5, 4, 3)


@linear_backward.case("one example")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 1, 3, 6)


@linear_backward.case("square layer")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 7, 4, 4)


@linear_backward.case("as many examples as inputs and outputs")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 3, 3, 3)


@linear_backward.case("one input, one output")
def _(random) -> dict[str, PlainData]:
    return _linear(random, 4, 1, 1)


@linear_backward.case("one example, square layer, some entries 0")
def _(random) -> dict[str, PlainData]:
    case = _linear(random, 1, 5, 5)
    case["dy"][0, :2] = case["x"][0, 2:4] = 0.0
    return case


@linear_backward.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    return _linear(random, 37, 18, 23)


@linear_backward.case("N = D = K", secret=True)
def _(random) -> dict[str, PlainData]:
    return _linear(random, 5, 5, 5)


@linear_backward.reference
def _(dy, x, W):
    import torch

    from autograder.kernels.linear import linear

    leaves = [as_tensor(x), as_tensor(W.T), torch.zeros(W.shape[1], dtype=torch.float64)]
    for leaf in leaves:
        leaf.requires_grad_(True)
    dx, dW, db = torch.autograd.grad(linear(*leaves), leaves, as_tensor(dy))
    return dx.numpy(), dW.numpy().T, db.numpy()


@linear_backward.mistake(
    "mean_again",
    "You averaged dW and db over the batch. The mean is already inside dy: the 1/N of the loss enters once, at the "
    "loss, and a layer only adds up its examples.",
    PAGE + "once",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy / len(x), dy.mean(axis=0)


@linear_backward.mistake(
    "bias_averaged",
    "db is the mean of dy over the batch. b takes part in every example, and the contributions of several paths add up.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.mean(axis=0)


@linear_backward.mistake(
    "bias_not_summed",
    "db is dy itself, one row for each example. b is shared by the whole batch: add up what the examples ask for, "
    "so that db has the shape of b.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.copy()


@linear_backward.mistake(
    "bias_summed_over_outputs",
    "You summed dy over the outputs and kept the examples: b has one entry for each output, and so has db.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=1)


@linear_backward.mistake(
    "weights_not_transposed",
    "For dx you multiplied by W as in the forward pass. dx[n, d] collects the errors of all outputs k that input d "
    "feeds. On a square layer the shapes do not tell you.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W, x.T @ dy, dy.sum(axis=0)


@linear_backward.mistake(
    "outer_product_reversed",
    "dW is transposed: its entry [d, k] belongs to the weight from input d to output k, and a gradient always has the "
    "shape of what it belongs to.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, dy.T @ x, dy.sum(axis=0)


@linear_backward.mistake("mean_again")
def _(dy, x, W):
    return dy @ W.T, x.T @ dy / len(x), dy.sum(axis=0)


@linear_backward.mistake("mean_again")
def _(dy, x, W):
    return dy @ W.T / len(x), x.T @ dy / len(x), dy.sum(axis=0) / len(x)


@linear_backward.mistake(
    "reshaped_for_transposed",
    "`reshape` gives a matrix of the right shape with the numbers in the wrong places: it fills the new rows one after "
    "another. Rows and columns have to change places.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.reshape(W.shape[::-1]), x.T @ dy, dy.sum(axis=0)


@linear_backward.mistake("reshaped_for_transposed")
def _(dy, x, W):
    return dy @ W.T, x.reshape(x.shape[::-1]) @ dy, dy.sum(axis=0)


@linear_backward.mistake("reshaped_for_transposed")
def _(dy, x, W):
    return dy @ W.reshape(W.shape[::-1]), x.reshape(x.shape[::-1]) @ dy, dy.sum(axis=0)


@linear_backward.mistake("outer_product_reversed")
def _(dy, x, W):
    return dy @ W.T, (dy.T @ x).reshape(W.shape), dy.sum(axis=0)


@linear_backward.mistake(
    "first_example_alone",
    "db is the first row of dy alone. Every example has something to say about b.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy[0]


@linear_backward.mistake(
    "bias_row_kept",
    "db is a matrix with one row. A gradient has the shape of what it belongs to: b has one axis.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=0, keepdims=True)


@linear_backward.mistake(
    "bias_all_summed",
    "db is one number: you summed over the outputs too. b has one entry for each output, and so has db.",
    PAGE + "layer",
)
def _(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum()


@linear_backward.alternative
def with_loop_over_examples(dy, x, W):
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(W.shape[1])
    for n in range(len(x)):
        dx[n] = W @ dy[n]
        dW += np.outer(x[n], dy[n])
        db += dy[n]
    return dx, dW, db


@linear_backward.alternative
def with_index_notation(dy, x, W):
    return (
        np.einsum("nk,dk->nd", dy, W),
        np.einsum("nd,nk->dk", x, dy),
        np.einsum("nk->k", dy),
    )


@linear_backward.alternative
def in_float32_list(dy, x, W):
    dy, x, W = (array.astype(np.float32) for array in (dy, x, W))
    return [(W @ dy.T).T, (dy.T @ x).T, np.ones(len(x), np.float32) @ dy]
