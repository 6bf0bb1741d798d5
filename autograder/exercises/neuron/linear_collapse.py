import itertools

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.neuron.shared import PAGE
from autograder.exercises.shared import LIBRARIES, as_tensor
from dlarch.plain import PlainData

linear_collapse = Exercise(
    "linear_collapse",
    signature=(
        "linear_collapse(weights: list of L arrays (D_in, D_out) float64, "
        "biases: list of L arrays (D_out,) float64) -> W: (D, K) float64, b: (K,) float64"
    ),
    outputs=("W", "b"),
    points=2,
    forbids=LIBRARIES,
    section=PAGE + "collapse",
)


def _affine_layers(random, *sizes):
    return {
        "weights": [random.normal(size=pair) for pair in itertools.pairwise(sizes)],
        "biases": [random.normal(size=size) for size in sizes[1:]],
    }


@linear_collapse.case("two layers")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 2, 4, 3)


@linear_collapse.case("three square layers")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 3, 3, 3, 3)


@linear_collapse.case("one layer")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 5, 2)


@linear_collapse.case("five layers, one output")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 3, 2, 5, 4, 2, 1)


@linear_collapse.case("one input, through one unit")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 1, 2, 1, 3)


@linear_collapse.case("two square layers")
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 2, 2, 2)


@linear_collapse.case("four layers, one output", secret=True)
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 6, 2, 5, 4, 1)


@linear_collapse.case("one input, through one unit, to two outputs", secret=True)
def _(random) -> dict[str, PlainData]:
    return _affine_layers(random, 1, 3, 1, 2)


@linear_collapse.reference
def _(weights, biases):
    from autograder.kernels.linear import linear
    from autograder.kernels.matmul import matmul

    W, b = as_tensor(weights[0]), as_tensor(biases[0])
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W = matmul(W, as_tensor(W_l))
        b = linear(b[None], as_tensor(W_l).T, as_tensor(b_l))[0]
    return W.numpy(), b.numpy()


def _product(weights):
    W = weights[0]
    for W_l in weights[1:]:
        W = W @ W_l
    return W


@linear_collapse.mistake(
    "last_bias_only",
    "W is right, but only the last layer's bias is left. The biases of the earlier layers pass through the weights of "
    "the layers after them and arrive at the output too.",
)
def _(weights, biases):
    return _product(weights), biases[-1].copy()


@linear_collapse.mistake(
    "biases_added_up",
    "You add the biases up as they are. A bias of an earlier layer is an output of that layer: it passes through all "
    "later weights before it arrives (their sizes would not even fit in general).",
)
def _(weights, biases):
    total = biases[0]
    for b_l in biases[1:]:
        total = total + b_l
    return _product(weights), total


@linear_collapse.mistake(
    "biases_multiplied_by_everything",
    "You send a bias through its own layer's weights as well. b of layer l is added after the weights of that layer, so "
    "only the weights of the layers behind it act on it.",
)
def _(weights, biases):
    b = np.zeros(len(weights[0]))
    for W_l, b_l in zip(weights, biases, strict=True):
        b = (b + b_l) @ W_l if W_l.shape[0] == len(b_l) else b @ W_l + b_l
    return _product(weights), b


@linear_collapse.mistake("biases_multiplied_by_everything")
def _(weights, biases):
    return _product(weights), sum(b_l @ _product(weights[i:]) for i, b_l in enumerate(biases))


@linear_collapse.mistake(
    "later_biases_dropped",
    "Only the first layer's bias arrives, passed through the later weights. Every layer adds its own.",
)
def _(weights, biases):
    return _product(weights), biases[0] @ _product([np.eye(len(biases[0])), *weights[1:]])


@linear_collapse.mistake(
    "first_bias_lost",
    "The first layer's bias is lost: where the loop begins, b has to hold it, as W holds the first layer's weights.",
)
def _(weights, biases):
    b = np.zeros(weights[0].shape[1])
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        b = b @ W_l + b_l
    return _product(weights), b


@linear_collapse.mistake("first_bias_lost")
def _(weights, biases):
    b = np.zeros(weights[0].shape[1])
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        b = b @ W_l + b_l
    return _product(weights), b if len(weights) > 1 else biases[0].copy()


@linear_collapse.mistake(
    "bias_not_carried_on",
    "A bias passes through the weights of the next layer only, and then it gets lost: carry the sum on, through all later "
    "layers.",
)
def _(weights, biases):
    b = biases[-1].copy()
    if len(weights) > 1:
        b = biases[-2] @ weights[-1] + b
    return _product(weights), b


@linear_collapse.mistake(
    "no_biases",
    "Your b is 0: the biases of the layers are missing.",
)
def _(weights, biases):
    return _product(weights), np.zeros(weights[-1].shape[1])


@linear_collapse.mistake(
    "product_reversed",
    "You multiply the weights in the reverse order. With rows as examples, x meets the first layer's weights first: "
    "x W⁽¹⁾ W⁽²⁾ … (the other order belongs to columns as examples).",
)
def _(weights, biases):
    W, b = weights[0], biases[0]
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W, b = W_l @ W, b @ W_l + b_l
    return W, b


@linear_collapse.mistake(
    "two_layers_only",
    "You join the first two layers and stop. Whatever number of layers there is, they collapse into one: go on to the end.",
)
def _(weights, biases):
    if len(weights) == 1:
        return weights[0].copy(), biases[0].copy()
    return weights[0] @ weights[1], biases[0] @ weights[1] + biases[1]


@linear_collapse.mistake(
    "last_layer_left_out",
    "The last layer is left out. (A range or a slice does not contain the number at which it ends.)",
)
def _(weights, biases):
    W, b = weights[0], biases[0]
    for W_l, b_l in zip(weights[1:-1], biases[1:-1], strict=True):
        W, b = W @ W_l, b @ W_l + b_l
    return W, b


@linear_collapse.mistake(
    "entries_multiplied",
    "You multiply the weights entry by entry: * is not the product of matrices.",
)
def _(weights, biases):
    W, b = weights[0], biases[0]
    for W_l, b_l in zip(weights[1:], biases[1:], strict=True):
        W, b = W * W_l, b @ W_l + b_l
    return W, b


@linear_collapse.alternative
def by_asking_the_network(weights, biases):
    def run(x):
        for W, b in zip(weights, biases, strict=True):
            x = x @ W + b
        return x

    D = len(weights[0])
    b = run(np.zeros((1, D)))[0]
    return run(np.eye(D)) - b, b


@linear_collapse.alternative
def with_a_constant_input(weights, biases):
    whole = np.eye(len(weights[0]) + 1)
    for W, b in zip(weights, biases, strict=True):
        whole = whole @ np.block([[np.ones((1, 1)), b[None]], [np.zeros((len(W), 1)), W]])
    return whole[1:, 1:], whole[0, 1:]


@linear_collapse.alternative
def from_the_output_backwards(weights, biases):
    W, b = np.eye(weights[-1].shape[1], dtype=np.float32), 0
    for W_l, b_l in zip(weights[::-1], biases[::-1], strict=True):
        b = b + np.einsum("d,dk->k", b_l, W)
        W = np.einsum("dh,hk->dk", W_l, W)
    return np.asfortranarray(W), b
